/* SPDX-License-Identifier: MIT */
/* Rows that tell less, see detail.h. */
#include "detail.h"

#include "period.h"

#define OTHERS      "(others)"
#define CALLS_LIMIT ((uint64_t)1 << 40) /* a tag used more often is never seldom */
#define BLANK(text) memset(text, 0, sizeof(text))

void detail_drop(struct sums_key *key, enum detail detail)
{
    if (detail >= DETAIL_NO_HOUR)
        key->hour -= key->hour % 24;
    if (detail >= DETAIL_NO_WHO) {
        BLANK(key->tenant);
        BLANK(key->program);
        key->level = 0;
    }
    if (detail >= DETAIL_NO_WHAT) {
        BLANK(key->operation);
        BLANK(key->dialect);
        BLANK(key->model);
        BLANK(key->host);
    }
}

/* "test:a.py::b" becomes "test:(others)". */
static void tag_blur(struct sums_key *key)
{
    char *colon = strchr(key->tag, ':');
    size_t kept = colon ? (size_t)(colon - key->tag) + 1 : 0;
    if (kept > sizeof(key->tag) - sizeof(OTHERS))
        kept = 0;
    memset(key->tag + kept, 0, sizeof(key->tag) - kept);
    memcpy(key->tag + kept, OTHERS, sizeof(OTHERS));
}

static void rows_copy(const struct rows *rows, enum detail detail, uint64_t least_calls,
                      struct sums *out)
{
    for (size_t i = 0; i < rows->count; i++) {
        struct sums_row row;
        memcpy(&row, rows_at(rows, i), sizeof(row));
        detail_drop(&row.key, detail);
        if (row.key.tag[0] && row.calls < least_calls)
            tag_blur(&row.key);
        tally_row(out, &row);
    }
}

/* Rows that are equal now become one. */
static void reduce(struct sums *sums, enum detail detail, uint64_t least_calls)
{
    struct sums reduced = {.tags = true};
    rows_copy(&sums->calls, detail, least_calls, &reduced);
    rows_copy(&sums->tagged, detail, least_calls, &reduced);
    tally_clear(sums);
    *sums = reduced;
}

int detail_fit(struct sums *sums, size_t most, unsigned *span)
{
    if (period_rows_size(sums) > most && *span < PERIOD_DAY) {
        *span = PERIOD_DAY;
        reduce(sums, DETAIL_NO_HOUR, 0);
    }
    for (uint64_t least = 2; tally_ok(sums) && period_rows_size(sums) > most &&
                             sums->tagged.count && least <= CALLS_LIMIT;
         least *= 2)
        reduce(sums, DETAIL_ALL, least);
    if (period_rows_size(sums) > most)
        reduce(sums, DETAIL_NO_WHO, 0);
    if (period_rows_size(sums) > most)
        reduce(sums, DETAIL_NO_WHAT, 0);
    return tally_ok(sums) ? STORE_OK : STORE_NO_MEMORY;
}
