/* SPDX-License-Identifier: MIT */
/* Days of the store's history, see history.h. Under RECORD_HISTORY and the day (4 bytes,
 * big-endian): version 1, then 8 bytes each, little-endian: entries, bytes, and how many
 * entries were evicted and asked for again up to that day's last merge. What happened on a day
 * is the difference from the one before: so a merger that is killed before it writes this loses
 * nothing. One day more than is told is kept, to begin with. */
#include "history.h"

#include "evicted.h"
#include "limit.h"
#include "pages.h"

#define HISTORY_VERSION 1
#define NAME_SIZE       5
#define VALUE_SIZE      33
#define DAY_S           86400

static struct span name_of(uint32_t day, uint8_t out[NAME_SIZE])
{
    out[0] = RECORD_HISTORY;
    for (size_t i = 0; i < sizeof(day); i++)
        out[1 + i] = (uint8_t)(day >> (24 - 8 * i));
    return span_of(out, NAME_SIZE);
}

/* |out| gets what had been evicted until then. */
static bool day_decode(struct span key, struct span value, struct history_day *out)
{
    struct cursor cursor = cursor_of(value);
    if (key.size != NAME_SIZE || value.size != VALUE_SIZE ||
        cursor_u8(&cursor) != HISTORY_VERSION)
        return false;
    *out = (struct history_day){0};
    for (size_t i = 1; i < NAME_SIZE; i++)
        out->day = out->day << 8 | key.at[i];
    out->entries = cursor_u64(&cursor);
    out->bytes = cursor_u64(&cursor);
    out->evicted = cursor_u64(&cursor);
    out->asked_again = cursor_u64(&cursor);
    return true;
}

static void day_put(struct writer *writer, const struct history_day *day)
{
    uint8_t name[NAME_SIZE];
    struct buffer value = {0};
    buffer_append_byte(&value, HISTORY_VERSION);
    buffer_append_u64(&value, day->entries);
    buffer_append_u64(&value, day->bytes);
    buffer_append_u64(&value, day->evicted);
    buffer_append_u64(&value, day->asked_again);
    writer->queue.failed = writer->queue.failed || !buffer_ok(&value);
    writer_put(writer, name_of(day->day, name), buffer_span(&value));
    buffer_free(&value);
}

/* -- the merger's part --------------------------------------------------------------- */

struct noting {
    struct writer *writer;
    uint32_t day; /* today */
};

static bool forget_old(void *context, struct span key, struct span value, uint64_t size)
{
    struct noting *noting = context;
    struct history_day day;
    (void)size;
    if (!day_decode(key, value, &day))
        return true;
    if (noting->day > HISTORY_DAYS && day.day < noting->day - HISTORY_DAYS)
        writer_delete(noting->writer, key);
    return day.day < noting->day;
}

int history_note(struct writer *writer, const struct evicted_counts *evicted,
                 int64_t now_s)
{
    static const uint8_t prefix = RECORD_HISTORY;
    struct limit_sizes sizes;
    int64_t today = now_s / DAY_S;
    struct noting noting = {.writer = writer};
    noting.day = today < 0 ? 0 : today > UINT32_MAX ? UINT32_MAX : (uint32_t)today;
    int result = pages_scan(writer->layout->data, span_of(&prefix, 1), VALUE_SIZE,
                            forget_old, &noting);
    if (result == STORE_NO_MEMORY)
        return result;
    limit_measure(writer->layout, &sizes);
    struct history_day day = {.day = noting.day,
                              .entries = writer->counts.entries,
                              .bytes = sizes.data + sizes.spool + sizes.journal,
                              .evicted = evicted->evicted,
                              .asked_again = evicted->asked_again};
    day_put(writer, &day);
    return writer_flush(writer);
}

/* -- reading ------------------------------------------------------------------------- */

static bool list_day(void *context, struct span key, struct span value, uint64_t size)
{
    struct history_day day;
    (void)size;
    if (day_decode(key, value, &day))
        buffer_append(context, &day, sizeof(day));
    return true;
}

/* Counts never go down but when the store was begun anew. */
static uint64_t more_than(uint64_t now, uint64_t before)
{
    return now >= before ? now - before : now;
}

static void tell(struct span list, history_visit visit, void *context)
{
    struct history_day before = {0}, day, told;
    size_t count = list.size / sizeof(day);
    for (size_t i = 0; i < count; i++, before = day) {
        memcpy(&day, list.at + i * sizeof(day), sizeof(day));
        told = day;
        told.evicted = more_than(day.evicted, before.evicted);
        told.asked_again = more_than(day.asked_again, before.asked_again);
        if (count - i <= HISTORY_DAYS && !visit(context, &told))
            return;
    }
}

int store_history(struct store *store, history_visit visit, void *context)
{
    static const uint8_t prefix = RECORD_HISTORY;
    struct buffer list = {0};
    int result =
        pages_scan(store->layout.data, span_of(&prefix, 1), VALUE_SIZE, list_day, &list);
    if (result == STORE_MISS || result == STORE_CORRUPT)
        result = STORE_OK; /* nothing yet; what can be read */
    if (!buffer_ok(&list))
        result = STORE_NO_MEMORY;
    if (result == STORE_OK)
        tell(buffer_span(&list), visit, context);
    buffer_free(&list);
    return result;
}
