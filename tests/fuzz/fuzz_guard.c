/* SPDX-License-Identifier: MIT */
/* Two texts of arbitrary bytes: the guards find a reason or none, and a text is always like
 * itself unless it is too long, empty, or no text. */
#include "shim/core/api/guard.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
    if (!good)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t first = size ? data[0] * (size - 1) / 255 : 0;
    struct span a = span_of(data + (size != 0), first);
    struct span b = span_of(data + (size != 0) + first, size ? size - 1 - first : 0);
    enum guard there = guard_between(a, b), back = guard_between(b, a),
               self = guard_between(a, a);
    require(there < GUARD_VERDICTS && guard_text(there) != NULL);
    require(back < GUARD_VERDICTS);
    require(self == GUARD_NONE || self == GUARD_LIMIT || self == GUARD_TEXT);
    require(there != GUARD_NONE || self == GUARD_NONE);
    return 0;
}
