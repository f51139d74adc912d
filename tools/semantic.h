/* SPDX-License-Identifier: MIT */
/* The parts of `preecho semantic`, one function each, as command_function, and what they print alike.
 * One thread. */
#ifndef TOOLS_SEMANTIC_H
#define TOOLS_SEMANTIC_H

#include "standing.h"

#include <jansson.h>

int semantic_certify(int count, char **arguments);
int semantic_review(int count, char **arguments);
int semantic_shadow(int count, char **arguments);
int semantic_status(int count, char **arguments);

/* "openai gpt-4o, embedded by MODEL (guards 1), tenant LABEL" on stdout, and a new line. */
void semantic_print_scope(const struct certificate_scope *scope, const char *label,
                          const uint8_t tenant[TENANT_ID_SIZE]);
/* "  NAME      N hits, N wrong, N unknown: at most N % wrong". */
void semantic_print_counts(const char *name, const struct answer_counts *counts,
                           double bound);
/* What the journal knows; nothing where that is nothing. */
void semantic_print_journal(const struct standings *standings);

/* The same as objects; new references, NULL when memory is short. */
json_t *semantic_scope_json(const struct certificate_scope *scope, const char *label,
                            const uint8_t tenant[TENANT_ID_SIZE]);
json_t *semantic_counts_json(const struct shadow_counts *counts);
json_t *semantic_journal_json(const struct standings *standings);

#endif
