/* SPDX-License-Identifier: MIT */
/* Two texts side by side, as lines of a terminal. Pure. */
#ifndef TOOLS_SIDES_H
#define TOOLS_SIDES_H

#include "store/bytes.h"

#define SIDES_LINES 40 /* of each text at most; what is longer ends with "..." */

/* Appends lines of |width| characters at most, |left| and |right| with " | " between. Words are kept
 * whole where they fit; characters that could drive a terminal, and bytes that are no UTF-8, become
 * '?'. */
void sides_append(struct span left, struct span right, unsigned width,
                  struct buffer *out);

#endif
