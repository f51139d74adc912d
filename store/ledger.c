/* SPDX-License-Identifier: MIT */
/* The ledger, see ledger.h. The value under RECORD_TOTALS alone, little-endian: version 2,
 * generation 8, torn 8, the identities. */
#include "ledger.h"

#include "ledger_page.h"
#include "pages.h"
#include "period.h"

#include <stdlib.h>

#define LEDGER_VERSION 2
#define LEDGER_LIMIT   ((size_t)1 << 20)

int ledger_load(struct ledger *ledger, const char *data)
{
    static const uint8_t name = RECORD_TOTALS;
    struct buffer value = {0};
    *ledger = (struct ledger){0};
    int result = pages_find(NULL, data, span_of(&name, 1), LEDGER_LIMIT, &value);
    struct cursor cursor = cursor_of(buffer_span(&value));
    if (result == STORE_OK && cursor_u16(&cursor) == LEDGER_VERSION) {
        ledger->generation = cursor_u64(&cursor);
        ledger->torn = cursor_u64(&cursor);
        buffer_append(&ledger->identities, cursor.at, cursor.left);
    }
    buffer_free(&value);
    return result == STORE_NO_MEMORY || !buffer_ok(&ledger->identities) ? STORE_NO_MEMORY
                                                                        : STORE_OK;
}

void ledger_save(struct ledger *ledger, struct writer *writer)
{
    static const uint8_t name = RECORD_TOTALS;
    struct buffer value = {0};
    buffer_append_u16(&value, LEDGER_VERSION);
    buffer_append_u64(&value, ++ledger->generation);
    buffer_append_u64(&value, ledger->torn);
    buffer_append_span(&value, buffer_span(&ledger->identities));
    writer->queue.failed = writer->queue.failed || !buffer_ok(&value);
    writer_put(writer, span_of(&name, 1), buffer_span(&value));
    buffer_free(&value);
}

void ledger_free(struct ledger *ledger)
{
    buffer_free(&ledger->identities);
}

bool ledger_has(const struct ledger *ledger, uint64_t identity)
{
    struct cursor cursor = cursor_of(buffer_span(&ledger->identities));
    while (cursor.left >= sizeof(uint64_t)) {
        uint64_t known;
        memcpy(&known, cursor_bytes(&cursor, sizeof(known)).at, sizeof(known));
        if (known == identity)
            return true;
    }
    return false;
}

struct rows_reading {
    const struct sums_rules *rules;
    struct sums *sums;
    int result;
};

static bool read_page(void *context, struct span key, struct span value, uint64_t size)
{
    struct rows_reading *reading = context;
    struct page_name name;
    unsigned span;
    if (value.size != size || !page_name_decode(key, &name))
        return true;
    int result = period_decode(value, reading->rules, reading->sums, &span);
    if (result == STORE_NO_MEMORY)
        reading->result = result;
    return reading->result == STORE_OK;
}

int ledger_read(const char *data, const struct sums_rules *rules, struct sums *sums)
{
    static const uint8_t kinds[] = {PAGE_DAY, PAGE_MONTH, PAGE_TAGS};
    struct rows_reading reading = {.rules = rules, .sums = sums};
    size_t count = sizeof(kinds) - !rules->tags;
    int result = STORE_OK;
    for (size_t i = 0; i < count && result != STORE_NO_MEMORY; i++) {
        const uint8_t prefix[] = {RECORD_TOTALS, kinds[i]};
        result = pages_scan(data, span_of(prefix, sizeof(prefix)), LEDGER_VALUE_LIMIT,
                            read_page, &reading);
        if (reading.result != STORE_OK)
            result = reading.result;
    }
    return result == STORE_NO_MEMORY ? result : STORE_OK;
}

/* A row with its page, for sorting. */
struct placed {
    struct page_name name;
    const struct sums_row *row;
};

static int placed_order(const void *a, const void *b)
{
    const struct placed *left = a, *right = b;
    return page_name_order(&left->name, &right->name);
}

static void rows_place(const struct rows *rows, uint32_t today, struct buffer *out)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct sums_row *row = rows_at(rows, i);
        struct placed placed = {page_name_of(&row->key, today), row};
        buffer_append(out, &placed, sizeof(placed));
    }
}

/* The rows of one page, from |first| on; |*end| becomes how many those are. */
static int placed_write(struct writer *writer, const struct placed *first, size_t count,
                        uint32_t today, uint64_t most, size_t *end)
{
    struct page page;
    int result = STORE_OK;
    bool lost = first->name.kind == PAGE_TAGS && page_is_old(first->name.day, today);
    page_init(&page, &first->name, today, most);
    if (!lost)
        result = page_add_stored(&page, writer->layout->data, &page.name);
    for (*end = 0; *end < count && page_name_order(&first[*end].name, &page.name) == 0;
         ++*end)
        if (!lost)
            page_add(&page, first[*end].row);
    if (result == STORE_OK && !lost)
        result = page_write(&page, writer);
    tally_clear(&page.sums);
    return result;
}

int ledger_add(struct writer *writer, const struct sums *sums, int64_t now_s,
               uint64_t most)
{
    struct buffer list = {0};
    uint32_t today = page_today(now_s);
    rows_place(&sums->calls, today, &list);
    rows_place(&sums->tagged, today, &list);
    struct placed *placed = (void *)list.at;
    size_t count = list.size / sizeof(*placed);
    int result = buffer_ok(&list) ? STORE_OK : STORE_NO_MEMORY;
    if (result == STORE_OK && count)
        qsort(placed, count, sizeof(*placed), placed_order);
    for (size_t i = 0, end; result == STORE_OK && i < count; i += end)
        result = placed_write(writer, placed + i, count - i, today, most, &end);
    buffer_free(&list);
    return result;
}
