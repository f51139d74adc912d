/* SPDX-License-Identifier: MIT */
/* Two texts of arbitrary bytes: the guards find a reason or none, and a text is always like
 * itself unless it is too long or empty. */
#include "shim/core/api/likeness.h"

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
    enum likeness there = likeness(a, b), back = likeness(b, a), self = likeness(a, a);
    require(there < LIKENESS_VERDICTS && likeness_text(there) != NULL);
    require((there == LIKENESS_LIMIT) == (back == LIKENESS_LIMIT));
    require(self == LIKENESS_NONE || self == LIKENESS_LIMIT);
    return 0;
}
