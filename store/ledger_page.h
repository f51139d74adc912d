/* SPDX-License-Identifier: MIT */
/* One record of the ledger (ledger.h) on its way: the rows of a day, or of a month, or those with
 * tags of a day. Private to store/.
 *
 * Thread class: one thread. */
#ifndef STORE_LEDGER_PAGE_H
#define STORE_LEDGER_PAGE_H

#include "ledger.h"

#define LEDGER_VALUE_LIMIT ((size_t)64 << 20)
#define LEDGER_NAME_SIZE   6

/* In the order in which they are given up. */
enum page_kind { PAGE_TAGS = 'T', PAGE_DAY = 'd', PAGE_MONTH = 'm' };

struct page_name {
    enum page_kind kind;
    uint32_t day; /* a month's first */
};

struct span page_name_encode(const struct page_name *name, uint8_t out[LEDGER_NAME_SIZE]);
/* False when |key| names no page. */
MUST_USE bool page_name_decode(struct span key, struct page_name *out);
/* Negative, 0, positive. */
int page_name_order(const struct page_name *left, const struct page_name *right);

uint32_t page_today(int64_t now_s);
/* True when |day| is so old that it has no page of its own. */
bool page_is_old(uint32_t day, uint32_t today);
/* The page that has a row. Old rows with tags have none, whatever is answered. */
struct page_name page_name_of(const struct sums_key *key, uint32_t today);

struct page {
    struct page_name name;
    struct sums sums;
    unsigned span; /* of a row, in hours */
    size_t limit;  /* bytes of rows */
};

/* An empty one. |most| as in ledger_add(). Free with tally_clear(&page->sums). */
void page_init(struct page *page, const struct page_name *name, uint32_t today,
               uint64_t most);
/* Adds |row| with as much detail as the page has. What fails shows in page_write(). */
void page_add(struct page *page, const struct sums_row *row);
/* Adds what |name| has in the database |data|: this page, or a day of this month. STORE_OK
 * (also when it has nothing), STORE_NO_MEMORY, STORE_CORRUPT, STORE_UNAVAILABLE. */
MUST_USE int page_add_stored(struct page *page, const char *data,
                             const struct page_name *name);
/* Queues it. STORE_OK, STORE_NO_MEMORY. */
MUST_USE int page_write(struct page *page, struct writer *writer);

#endif
