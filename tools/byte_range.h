/* SPDX-License-Identifier: MIT */
/* A part of a body (RFC 9110, 14). Pure; any thread. */
#ifndef TOOLS_BYTE_RANGE_H
#define TOOLS_BYTE_RANGE_H

#include "store/bytes.h"

enum byte_range {
    BYTE_RANGE_WHOLE, /* not a range of bytes, several, or none that is well formed */
    BYTE_RANGE_PART,  /* |*from| and |*count|, which is not 0 */
    BYTE_RANGE_OUT_OF_REACH /* none of its bytes is there */
};

/* Reads the value of a Range field about a body of |size| bytes. */
enum byte_range byte_range_read(struct span value, uint64_t size, uint64_t *from,
                                uint64_t *count);

#endif
