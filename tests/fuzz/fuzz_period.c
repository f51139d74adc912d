/* SPDX-License-Identifier: MIT */
/* Rows of the ledger: arbitrary bytes as a value, and as what is compressed in one. What decodes
 * encodes and decodes to the same again, also with less detail. */
#include "store/detail.h"
#include "store/period.h"

#include <stdlib.h>
#include <zstd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct sums_rules all = {.since_ms = INT64_MIN, .tags = true};

static void require(bool good)
{
    if (!good)
        abort();
}

static uint64_t calls_of(const struct rows *rows)
{
    uint64_t calls = 0;
    for (size_t i = 0; i < rows->count; i++)
        calls += rows_at(rows, i)->calls;
    return calls;
}

static void check_again(const struct sums *sums, unsigned span)
{
    struct sums again = {.tags = true};
    struct buffer value = {0};
    unsigned same;
    require(period_encode(sums, span, &value) == STORE_OK);
    require(period_span(buffer_span(&value)) == span);
    require(period_decode(buffer_span(&value), &all, &again, &same) == STORE_OK);
    require(same == span && again.calls.count == sums->calls.count &&
            again.tagged.count == sums->tagged.count);
    for (size_t i = 0; i < sums->calls.count; i++) {
        const struct sums_row *row = rows_at(&sums->calls, i);
        const struct sums_row *copy = rows_get(&again.calls, &row->key);
        require(copy->calls == row->calls && copy->saved_us == row->saved_us &&
                memcmp(copy->last_bytes, row->last_bytes, sizeof(row->last_bytes)) == 0);
    }
    require(again.calls.count == sums->calls.count);
    buffer_free(&value);
    tally_clear(&again);
}

static void check_value(struct span value)
{
    struct sums sums = {.tags = true};
    unsigned span = 0;
    if (period_decode(value, &all, &sums, &span) == STORE_OK) {
        check_again(&sums, span);
        uint64_t calls = calls_of(&sums.calls), tagged = calls_of(&sums.tagged);
        require(detail_fit(&sums, value.size, &span) == STORE_OK);
        require(calls_of(&sums.calls) == calls && calls_of(&sums.tagged) == tagged);
        check_again(&sums, span);
    }
    tally_clear(&sums);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer value = {0};
    size_t bound = ZSTD_compressBound(size);
    check_value(span_of(data, size));
    buffer_append_u16(&value, 2);
    buffer_append_u16(&value, size % 2 ? PERIOD_HOUR : PERIOD_DAY);
    buffer_append_u32(&value, (uint32_t)size);
    uint8_t *room = buffer_room(&value, bound);
    require(room);
    value.size += ZSTD_compress(room, bound, data, size, 1);
    check_value(buffer_span(&value));
    buffer_free(&value);
    return 0;
}
