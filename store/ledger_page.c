/* SPDX-License-Identifier: MIT */
/* A page of the ledger, see ledger_page.h. */
#include "ledger_page.h"

#include "calendar.h"
#include "detail.h"
#include "pages.h"
#include "period.h"

static const struct sums_rules everything = {.since_ms = INT64_MIN, .tags = true};

struct span page_name_encode(const struct page_name *name, uint8_t out[LEDGER_NAME_SIZE])
{
    out[0] = RECORD_TOTALS;
    out[1] = (uint8_t)name->kind;
    for (size_t i = 0; i < sizeof(name->day); i++)
        out[2 + i] = (uint8_t)(name->day >> (24 - 8 * i));
    return span_of(out, LEDGER_NAME_SIZE);
}

bool page_name_decode(struct span key, struct page_name *out)
{
    if (key.size != LEDGER_NAME_SIZE ||
        (key.at[1] != PAGE_TAGS && key.at[1] != PAGE_DAY && key.at[1] != PAGE_MONTH))
        return false;
    *out = (struct page_name){.kind = key.at[1]};
    for (size_t i = 2; i < LEDGER_NAME_SIZE; i++)
        out->day = out->day << 8 | key.at[i];
    return true;
}

int page_name_order(const struct page_name *left, const struct page_name *right)
{
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    return left->day < right->day ? -1 : left->day > right->day;
}

uint32_t page_today(int64_t now_s)
{
    return tally_hour(now_s * 1000) / 24;
}

bool page_is_old(uint32_t day, uint32_t today)
{
    return today > LEDGER_DAYS && day < today - LEDGER_DAYS;
}

struct page_name page_name_of(const struct sums_key *key, uint32_t today)
{
    uint32_t day = key->hour / 24;
    if (key->tag[0])
        return (struct page_name){PAGE_TAGS, day};
    if (page_is_old(day, today))
        return (struct page_name){PAGE_MONTH, calendar_month(day)};
    return (struct page_name){PAGE_DAY, day};
}

void page_init(struct page *page, const struct page_name *name, uint32_t today,
               uint64_t most)
{
    uint64_t limit = (most ? most : LEDGER_MOST) / 2;
    *page = (struct page){.name = *name, .sums.tags = true, .span = PERIOD_HOUR};
    if (name->kind == PAGE_MONTH)
        page->span = 24 * (calendar_next_month(name->day) - name->day);
    else if (name->kind == PAGE_TAGS ||
             (today > LEDGER_HOURS_DAYS && name->day < today - LEDGER_HOURS_DAYS))
        page->span = PERIOD_DAY;
    page->limit = limit < PERIOD_ROWS_LIMIT ? (size_t)limit : PERIOD_ROWS_LIMIT;
}

void page_add(struct page *page, const struct sums_row *row)
{
    struct sums_row copy;
    memcpy(&copy, row, sizeof(copy));
    if (page->span > PERIOD_HOUR)
        detail_drop(&copy.key, DETAIL_NO_HOUR);
    if (page->name.kind == PAGE_MONTH) {
        detail_drop(&copy.key, DETAIL_NO_WHO);
        copy.key.hour = page->name.day * 24;
    }
    tally_row(&page->sums, &copy);
}

static void page_add_sums(struct page *page, const struct sums *sums)
{
    for (size_t i = 0; i < sums->calls.count; i++)
        page_add(page, rows_at(&sums->calls, i));
    for (size_t i = 0; i < sums->tagged.count; i++)
        page_add(page, rows_at(&sums->tagged, i));
}

/* Adds what |name| has in the database. What cannot be read must not be written over; what
 * cannot be understood is lost anyway. */
int page_add_stored(struct page *page, const char *data, const struct page_name *name)
{
    uint8_t key[LEDGER_NAME_SIZE];
    struct buffer value = {0};
    struct sums stored = {.tags = true};
    unsigned span = page->span;
    int result =
        pages_find(NULL, data, page_name_encode(name, key), LEDGER_VALUE_LIMIT, &value);
    if (result == STORE_OK) {
        result = period_decode(buffer_span(&value), &everything, &stored, &span);
        if (result == STORE_CORRUPT || result == STORE_UNAVAILABLE)
            result = STORE_OK;
    }
    if (span > page->span && name->kind == page->name.kind)
        page->span = span; /* hours were given up earlier */
    page_add_sums(page, &stored);
    tally_clear(&stored);
    buffer_free(&value);
    return result == STORE_MISS ? STORE_OK : result;
}

int page_write(struct page *page, struct writer *writer)
{
    uint8_t key[LEDGER_NAME_SIZE];
    struct buffer value = {0};
    int result = tally_ok(&page->sums) ? STORE_OK : STORE_NO_MEMORY;
    if (result == STORE_OK)
        result = detail_fit(&page->sums, page->limit, &page->span);
    if (result == STORE_OK)
        result = period_encode(&page->sums, page->span, &value);
    if (result == STORE_OK)
        writer_put(writer, page_name_encode(&page->name, key), buffer_span(&value));
    buffer_free(&value);
    return result;
}
