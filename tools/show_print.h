/* SPDX-License-Identifier: MIT */
/* An entry as text, for `preecho show`. Writes to stdout. One thread. */
#ifndef TOOLS_SHOW_PRINT_H
#define TOOLS_SHOW_PRINT_H

#include "shim/core/api/record.h"
#include "store/each.h"

/* What the label says. */
void show_label(const uint8_t key[STORE_KEY_SIZE], const struct entry_label *label);
/* Whose it is, its tags, what its key leaves out. */
void show_notes(const struct each_entry *about);
void show_request(const struct request *request);
/* The body that the program has sent: in place of a GET's the record keeps its address' epoch. */
struct span show_request_body(const struct request *request);
void show_response(const struct response *response);

#endif
