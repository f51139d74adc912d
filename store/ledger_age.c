/* SPDX-License-Identifier: MIT */
/* What old pages of the ledger give up, see ledger.h. */
#include "ledger_page.h"
#include "pages.h"
#include "period.h"

#include "calendar.h"

/* A page as it stands in the database. */
struct stored {
    struct page_name name;
    unsigned span;
    uint64_t size;
};

struct stored_list {
    struct buffer list; /* struct stored, ascending */
    uint64_t size;      /* of all */
};

static bool list_page(void *context, struct span key, struct span value, uint64_t size)
{
    struct stored_list *pages = context;
    struct stored stored = {.size = size};
    if (!page_name_decode(key, &stored.name))
        return true;
    stored.span = period_span(value);
    pages->size += size;
    buffer_append(&pages->list, &stored, sizeof(stored));
    return true;
}

static int pages_list(const char *data, struct stored_list *out)
{
    static const uint8_t prefix = RECORD_TOTALS;
    int result = pages_scan(data, span_of(&prefix, 1), PERIOD_HEAD, list_page, out);
    if (result == STORE_MISS)
        result = STORE_OK;
    return result == STORE_OK && !buffer_ok(&out->list) ? STORE_NO_MEMORY : result;
}

/* What is to be done with pages. */
struct ageing {
    struct writer *writer;
    uint32_t today;
    uint64_t most;
    uint64_t size; /* what the ledger takes */
};

static bool is_old(const struct ageing *ageing, const struct stored *stored)
{
    return stored->name.kind != PAGE_MONTH && stored->name.day != ageing->today &&
           (page_is_old(stored->name.day, ageing->today) || ageing->size > ageing->most);
}

static bool has_hours(const struct ageing *ageing, const struct stored *stored)
{
    struct page page;
    page_init(&page, &stored->name, ageing->today, ageing->most);
    return stored->span < page.span;
}

/* Writes a page once more, which leaves out the hours. */
static int page_shorten(const struct ageing *ageing, const struct page_name *name)
{
    struct page page;
    page_init(&page, name, ageing->today, ageing->most);
    int result = page_add_stored(&page, ageing->writer->layout->data, name);
    if (result == STORE_OK)
        result = page_write(&page, ageing->writer);
    tally_clear(&page.sums);
    return result;
}

static void page_remove(struct ageing *ageing, const struct stored *stored)
{
    uint8_t key[LEDGER_NAME_SIZE];
    writer_delete(ageing->writer, page_name_encode(&stored->name, key));
    ageing->size -= stored->size;
}

/* Moves |stored| and the old days after it that are of the same month; |*moved| says how
 * many. */
static int month_write(struct ageing *ageing, const struct stored *stored, size_t count,
                       size_t *moved)
{
    struct page_name name = {PAGE_MONTH, calendar_month(stored->name.day)};
    const char *data = ageing->writer->layout->data;
    struct page page;
    page_init(&page, &name, ageing->today, ageing->most);
    int result = page_add_stored(&page, data, &name);
    for (*moved = 0; result == STORE_OK && *moved < count; ++*moved) {
        const struct stored *day = &stored[*moved];
        if (!is_old(ageing, day) || calendar_month(day->name.day) != name.day)
            break;
        result = page_add_stored(&page, data, &day->name);
        page_remove(ageing, day);
    }
    if (result == STORE_OK)
        result = page_write(&page, ageing->writer);
    tally_clear(&page.sums);
    return result;
}

int ledger_age(struct writer *writer, int64_t now_s, uint64_t most, bool *changed)
{
    struct stored_list pages = {0};
    struct ageing ageing = {
        .writer = writer, .today = page_today(now_s), .most = most ? most : LEDGER_MOST};
    int result = pages_list(writer->layout->data, &pages);
    const struct stored *stored = (const void *)pages.list.at;
    size_t count = pages.list.size / sizeof(*stored), step;
    ageing.size = pages.size;
    for (size_t i = 0; result == STORE_OK && i < count; i += step) {
        step = 1;
        if (is_old(&ageing, &stored[i]) && stored[i].name.kind == PAGE_TAGS)
            page_remove(&ageing, &stored[i]);
        else if (is_old(&ageing, &stored[i]))
            result = month_write(&ageing, &stored[i], count - i, &step);
        else if (has_hours(&ageing, &stored[i]))
            result = page_shorten(&ageing, &stored[i].name);
        else
            continue;
        *changed = true;
    }
    buffer_free(&pages.list);
    return result;
}

int ledger_clear(struct writer *writer)
{
    struct stored_list pages = {0};
    uint8_t key[LEDGER_NAME_SIZE];
    int result = pages_list(writer->layout->data, &pages);
    const struct stored *stored = (const void *)pages.list.at;
    for (size_t i = 0; result == STORE_OK && i < pages.list.size / sizeof(*stored); i++)
        writer_delete(writer, page_name_encode(&stored[i].name, key));
    buffer_free(&pages.list);
    return result;
}
