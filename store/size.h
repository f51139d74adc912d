/* SPDX-License-Identifier: MIT */
/* A number of bytes as people write it: `0`, `4096`, `64K`, `500M`, `2G`, `1T`. */
#ifndef STORE_SIZE_H
#define STORE_SIZE_H

#include "bytes.h"

/* Parses all of |text|: no sign, no blanks; K, M, G and T are powers of 1024. |*bytes| is at most
 * INT64_MAX. False, and no change, when it is none. */
MUST_USE bool size_parse(struct span text, uint64_t *bytes);

#endif
