/* SPDX-License-Identifier: MIT */
/* See hot.h. */
#include "hot.h"

#include "figures.h"
#include "print.h"

#include <stdlib.h>

static bool is_zero(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

/* What the journal has to tell equal requests by: hashes, so any part of them is as good. */
static bool identify(const struct journal_record *record, uint8_t request[8])
{
    if (!is_zero(record->request, sizeof(record->request)))
        memcpy(request, record->request, 8);
    else
        memcpy(request, record->key, 8);
    return !is_zero(request, 8);
}

static bool is_same(const struct hot *place, const struct journal_record *record,
                    const uint8_t request[8])
{
    return place->reason == record->reason && memcmp(place->request, request, 8) == 0 &&
           memcmp(place->tenant, record->tenant, sizeof(place->tenant)) == 0;
}

/* Where it is, or may be put. */
static struct hot *place_for(const struct hot_search *search,
                             const struct journal_record *record,
                             const uint8_t request[8])
{
    uint64_t hash;
    memcpy(&hash, request, sizeof(hash));
    hash = (hash ^ record->reason) * 0x9e3779b97f4a7c15u; /* Fibonacci hashing */
    size_t mask = search->capacity - 1;
    for (size_t at = (size_t)(hash >> 32) & mask;; at = (at + 1) & mask) {
        struct hot *place = &search->places[at];
        if (!place->calls || is_same(place, record, request))
            return place;
    }
}

static void put_again(struct hot_search *search, const struct hot *hot)
{
    struct journal_record like = {.reason = hot->reason};
    memcpy(like.tenant, hot->tenant, sizeof(like.tenant));
    *place_for(search, &like, hot->request) = *hot;
}

/* At least a third of the places stay free. */
static void make_room(struct hot_search *search)
{
    struct hot_search old = *search;
    if (search->used * 3 < search->capacity * 2)
        return;
    search->capacity = old.capacity ? 2 * old.capacity : 1024;
    search->places = print_grown(NULL, search->capacity * sizeof(*search->places));
    memset(search->places, 0, search->capacity * sizeof(*search->places));
    for (size_t i = 0; i < old.capacity; i++)
        if (old.places[i].calls)
            put_again(search, &old.places[i]);
    free(old.places);
}

static const struct quote *quote_for(struct quotes *quotes,
                                     const struct journal_record *record)
{
    struct sums_key key = {0};
    span_copy_text(span_text(record->dialect), key.dialect, sizeof(key.dialect));
    span_copy_text(span_text(record->host), key.host, sizeof(key.host));
    span_copy_text(span_text(record->model), key.model, sizeof(key.model));
    return quote_of(quotes, &key);
}

static void begin(struct hot_search *search, struct hot *place,
                  const struct journal_record *record)
{
    search->used++;
    place->reason = record->reason;
    memcpy(place->tenant, record->tenant, sizeof(place->tenant));
    memcpy(place->program, record->program, sizeof(place->program));
    place->quote = quote_for(search->quotes, record);
}

static void count_call(struct hot *place, const struct journal_record *record)
{
    struct price_tokens tokens = {record->tokens_in, record->tokens_cached,
                                  record->tokens_cache_write, record->tokens_out};
    const struct quote *quote = place->quote;
    place->calls++;
    place->tokens = figures_sum(place->tokens, tokens.in + tokens.out);
    if (quote->known)
        place->cost =
            figures_sum(place->cost, price_of(&quote->price,
                                              price_embeds(record->operation), &tokens));
    place->estimated |= record->usage_estimated;
}

static bool is_wanted(const struct hot_search *search,
                      const struct journal_record *record)
{
    if (record->time_ms < search->since_ms ||
        (search->until_ms && record->time_ms >= search->until_ms))
        return false;
    return record->verdict == VERDICT_BYPASS ||
           (record->verdict == VERDICT_MISS && !record->recorded);
}

bool hot_add(void *context, const struct journal_record *record)
{
    struct hot_search *search = context;
    uint8_t request[8];
    if (!search->oldest_ms || record->time_ms < search->oldest_ms)
        search->oldest_ms = record->time_ms;
    if (!is_wanted(search, record))
        return true;
    search->calls++;
    if (!identify(record, request)) {
        search->nameless++;
        return true;
    }
    make_room(search);
    struct hot *place = place_for(search, record, request);
    if (!place->calls) {
        memcpy(place->request, request, sizeof(place->request));
        begin(search, place, record);
    }
    count_call(place, record);
    return true;
}

static int dearest_first(const void *left, const void *right)
{
    const struct hot *a = left, *b = right;
    if (a->cost != b->cost)
        return a->cost < b->cost ? 1 : -1;
    if (a->tokens != b->tokens)
        return a->tokens < b->tokens ? 1 : -1;
    if (a->calls != b->calls)
        return a->calls < b->calls ? 1 : -1;
    return memcmp(a->request, b->request, sizeof(a->request));
}

size_t hot_sort(struct hot_search *search)
{
    size_t count = 0;
    for (size_t i = 0; i < search->capacity; i++)
        if (search->places[i].calls > 1)
            search->places[count++] = search->places[i];
    if (count)
        qsort(search->places, count, sizeof(*search->places), dearest_first);
    return count;
}

void hot_free(struct hot_search *search)
{
    free(search->places);
    search->places = NULL;
    search->capacity = 0;
}
