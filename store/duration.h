/* SPDX-License-Identifier: MIT */
/* A length of time as people write it: `90s`, `15m`, `6h`, `7d`, `2w`, `0` or `forever`. */
#ifndef STORE_DURATION_H
#define STORE_DURATION_H

#include "bytes.h"

#define DURATION_FOREVER UINT64_MAX

/* Parses all of |text|: no sign, no blanks, one unit. |*seconds| is DURATION_FOREVER, or small
 * enough to be counted in milliseconds by an int64_t. False, and no change, when it is none. */
MUST_USE bool duration_parse(struct span text, uint64_t *seconds);

#endif
