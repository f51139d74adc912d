/* SPDX-License-Identifier: MIT */
/* See byte_range.h. */
#include "byte_range.h"

/* Cuts the digits off that |text| begins with; a number that is too large counts as the largest.
 * False when there are none. */
static bool take_number(struct span *text, uint64_t *number)
{
    size_t digits = 0;
    *number = 0;
    for (; digits < text->size; digits++) {
        uint8_t byte = text->at[digits];
        if (byte < '0' || byte > '9')
            break;
        *number = *number > (UINT64_MAX - 9) / 10 ? UINT64_MAX / 10
                                                  : *number * 10 + (byte - '0');
    }
    *text = span_skip(*text, digits);
    return digits > 0;
}

static enum byte_range part(uint64_t first, uint64_t last, uint64_t size, uint64_t *from,
                            uint64_t *count)
{
    if (first >= size)
        return BYTE_RANGE_OUT_OF_REACH;
    if (last >= size)
        last = size - 1;
    *from = first;
    *count = last - first + 1;
    return BYTE_RANGE_PART;
}

/* "-N": the last N bytes. */
static enum byte_range read_suffix(struct span text, uint64_t size, uint64_t *from,
                                   uint64_t *count)
{
    uint64_t wanted;
    if (!take_number(&text, &wanted) || text.size)
        return BYTE_RANGE_WHOLE;
    if (wanted == 0)
        return BYTE_RANGE_OUT_OF_REACH;
    return part(wanted < size ? size - wanted : 0, UINT64_MAX, size, from, count);
}

enum byte_range byte_range_read(struct span value, uint64_t size, uint64_t *from,
                                uint64_t *count)
{
    uint64_t first, last = UINT64_MAX;
    value = span_trim(value);
    if (value.size < 6 || !span_equal_nocase(span_of(value.at, 6), span_text("bytes=")))
        return BYTE_RANGE_WHOLE;
    value = span_trim(span_skip(value, 6));
    if (span_starts(value, "-"))
        return read_suffix(span_skip(value, 1), size, from, count);
    if (!take_number(&value, &first) || !span_starts(value, "-"))
        return BYTE_RANGE_WHOLE;
    value = span_skip(value, 1);
    if (value.size && (!take_number(&value, &last) || value.size || last < first))
        return BYTE_RANGE_WHOLE;
    return part(first, last, size, from, count);
}
