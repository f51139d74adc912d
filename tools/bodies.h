/* SPDX-License-Identifier: MIT */
/* Recordings that are being sent, each once however many clients it goes to. One thread. */
#ifndef TOOLS_BODIES_H
#define TOOLS_BODIES_H

#include "store/label.h"

#define BODIES_LIMIT ((uint64_t)256 << 20) /* bytes of all, unless there is only one */

struct body {
    struct bodies *bodies;
    struct body *next;
    unsigned holders;
    uint8_t key[STORE_KEY_SIZE];
    int64_t created_ms;
    struct buffer payload;
};

struct bodies {
    struct body *first;
    uint64_t bytes;
};

/* Takes |payload|, of the entry |key| of that time, over, or gives it back to memory if it is there
 * already. NULL: there is no room, and |payload| stays the caller's. body_release() otherwise. */
MUST_USE struct body *bodies_hold(struct bodies *bodies,
                                  const uint8_t key[STORE_KEY_SIZE], int64_t created_ms,
                                  struct buffer *payload);
void body_release(struct body *body);

#endif
