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

/* Calls by tag, whatever else they are. */
static void tags_count(const struct sums *sums, struct rows *out)
{
    for (size_t i = 0; i < sums->tagged.count; i++) {
        const struct sums_row *row = rows_at(&sums->tagged, i);
        struct sums_key key;
        memset(&key, 0, sizeof(key));
        memcpy(key.tag, row->key.tag, sizeof(key.tag));
        struct sums_row *tag = rows_get(out, &key);
        if (tag)
            tag->calls += row->calls;
    }
}

static bool is_seldom(struct rows *tags, const struct sums_row *row, uint64_t least_calls)
{
    struct sums_key key;
    memset(&key, 0, sizeof(key));
    memcpy(key.tag, row->key.tag, sizeof(key.tag));
    const struct sums_row *tag = rows_get(tags, &key);
    return tag && tag->calls < least_calls;
}

/* Tags with fewer calls become others. */
static void tags_reduce(struct sums *sums, uint64_t least_calls)
{
    struct sums reduced = {.tags = true, .calls = sums->calls};
    struct rows tags = {0};
    tags_count(sums, &tags);
    for (size_t i = 0; i < sums->tagged.count; i++) {
        struct sums_row row;
        memcpy(&row, rows_at(&sums->tagged, i), sizeof(row));
        if (is_seldom(&tags, &row, least_calls))
            tag_blur(&row.key);
        tally_row(&reduced, &row);
    }
    reduced.tagged.failed = reduced.tagged.failed || !rows_ok(&tags);
    rows_free(&tags);
    rows_free(&sums->tagged);
    *sums = reduced;
}

static void rows_reduce(const struct rows *rows, enum detail detail, struct sums *out)
{
    for (size_t i = 0; i < rows->count; i++) {
        struct sums_row row;
        memcpy(&row, rows_at(rows, i), sizeof(row));
        detail_drop(&row.key, detail);
        tally_row(out, &row);
    }
}

/* Rows that are equal without |detail| become one. */
static void reduce(struct sums *sums, enum detail detail)
{
    struct sums reduced = {.tags = true};
    rows_reduce(&sums->calls, detail, &reduced);
    rows_reduce(&sums->tagged, detail, &reduced);
    reduced.calls.failed = reduced.calls.failed || !tally_ok(sums);
    tally_clear(sums);
    *sums = reduced;
}

static bool fits(const struct sums *sums, size_t most)
{
    return period_rows_size(&sums->calls) + period_rows_size(&sums->tagged) <= most;
}

int detail_fit(struct sums *sums, size_t most, unsigned *span)
{
    if (!fits(sums, most) && *span < PERIOD_DAY) {
        *span = PERIOD_DAY;
        reduce(sums, DETAIL_NO_HOUR);
    }
    for (uint64_t least = 2; !fits(sums, most) && least <= CALLS_LIMIT &&
                             period_rows_size(&sums->tagged) > most / 2;
         least *= 2)
        tags_reduce(sums, least);
    if (!fits(sums, most))
        reduce(sums, DETAIL_NO_WHO);
    if (!fits(sums, most))
        reduce(sums, DETAIL_NO_WHAT);
    return tally_ok(sums) ? STORE_OK : STORE_NO_MEMORY;
}
