/* SPDX-License-Identifier: MIT */
/* See shadow.h. */
#include "shadow.h"

#include "print.h"
#include "store/layout.h"
#include "store/reviews.h"

#include <stdlib.h>

#define BUCKET        (CERTIFICATE_ONE / 20) /* 0.05 */
#define BUCKETS_BELOW 10                     /* that are one */

static int order_scope(const struct certificate_scope *a,
                       const struct certificate_scope *b)
{
    int order = strcmp(a->class, b->class);
    if (order == 0)
        order = strcmp(a->model, b->model);
    return order ? order : (a->guards > b->guards) - (a->guards < b->guards);
}

static int order_group(const struct shadow_sample *a, const struct shadow_sample *b)
{
    int order = memcmp(a->tenant, b->tenant, TENANT_ID_SIZE);
    return order ? order : order_scope(&a->sample.scope, &b->sample.scope);
}

static int order(const void *a, const void *b)
{
    const struct shadow_sample *left = a, *right = b;
    int group = order_group(left, right);
    if (group)
        return group;
    if (left->sample.time_ms != right->sample.time_ms)
        return left->sample.time_ms < right->sample.time_ms ? -1 : 1;
    return memcmp(left->key, right->key, STORE_KEY_SIZE);
}

struct reading {
    struct shadow *out;
    size_t room;
};

static bool take(void *context, const struct each_entry *entry)
{
    struct reading *reading = context;
    struct shadow *out = reading->out;
    struct sample sample;
    if (entry->state != EACH_OK || entry->notes.sample.size == 0 ||
        !sample_decode(entry->notes.sample, &sample))
        return true;
    if (out->count == reading->room) {
        reading->room = reading->room ? reading->room * 2 : 64;
        out->list = print_grown(out->list, reading->room * sizeof(*out->list));
    }
    struct shadow_sample *one = &out->list[out->count++];
    *one = (struct shadow_sample){.sample = sample};
    memcpy(one->key, entry->key, STORE_KEY_SIZE);
    memcpy(one->tenant, entry->tenant, TENANT_ID_SIZE);
    memcpy(one->label, entry->label.tenant, sizeof(one->label));
    return true;
}

static void add_reviews(struct store *store, struct shadow *shadow)
{
    struct tenant tenant;
    for (size_t i = 0; i < shadow->count; i++) {
        struct shadow_sample *one = &shadow->list[i];
        if (store_tenant_by_id(store, one->tenant, &tenant) == STORE_OK)
            one->review = store_review(store, &tenant, one->key, one->sample.candidate);
    }
}

int shadow_read(struct store *store, struct shadow *out)
{
    struct reading reading = {.out = out};
    *out = (struct shadow){0};
    int result = store_each(store, false, take, &reading);
    if (out->count)
        qsort(out->list, out->count, sizeof(*out->list), order);
    add_reviews(store, out);
    return result;
}

void shadow_free(struct shadow *shadow)
{
    free(shadow->list);
    *shadow = (struct shadow){0};
}

static int by_similarity(const void *a, const void *b)
{
    const struct shadow_sample *left = a, *right = b;
    if (left->sample.similarity != right->sample.similarity)
        return left->sample.similarity > right->sample.similarity ? -1 : 1;
    return memcmp(left->key, right->key, STORE_KEY_SIZE);
}

void shadow_sort_riskiest(struct shadow *shadow)
{
    if (shadow->count)
        qsort(shadow->list, shadow->count, sizeof(*shadow->list), by_similarity);
}

size_t shadow_group(const struct shadow *shadow, size_t first)
{
    size_t end = first + 1;
    while (end < shadow->count &&
           order_group(&shadow->list[first], &shadow->list[end]) == 0)
        end++;
    return end - first;
}

bool shadow_counts(const struct shadow_sample *sample)
{
    return sample->sample.guard == 0 && !sample->sample.canary;
}

static unsigned bucket_of(uint32_t similarity)
{
    unsigned step = similarity / BUCKET;
    unsigned bucket = step < BUCKETS_BELOW ? 0 : step - BUCKETS_BELOW + 1;
    return bucket < SHADOW_BUCKETS ? bucket : SHADOW_BUCKETS - 1;
}

double shadow_bucket_start(unsigned bucket)
{
    return bucket ? (bucket - 1 + BUCKETS_BELOW) * 0.05 : 0;
}

static void count_one(struct shadow_counts *counts, const struct shadow_sample *one)
{
    counts->samples++;
    counts->by_comparison[one->sample.comparison]++;
}

static void count_allowed(struct shadow_sums *sums, const struct shadow_sample *one)
{
    bool said = one->review != REVIEW_NONE;
    count_one(&sums->allowed, one);
    count_one(&sums->buckets[bucket_of(one->sample.similarity)], one);
    sums->reviewed += said;
    sums->open += !said && one->sample.comparison == COMPARISON_UNKNOWN;
}

static void count_forbidden(struct shadow_sums *sums, const struct shadow_sample *one)
{
    unsigned guard = one->sample.guard;
    count_one(&sums->forbidden, one);
    count_one(&sums->by_guard[guard < GUARD_VERDICTS ? guard : GUARD_VERDICTS], one);
}

void shadow_sum(const struct shadow_sample *list, size_t count, struct shadow_sums *out)
{
    *out = (struct shadow_sums){0};
    for (size_t i = 0; i < count; i++) {
        const struct shadow_sample *one = &list[i];
        if (shadow_counts(one))
            count_allowed(out, one);
        else if (one->sample.canary)
            count_one(&out->canaries, one);
        else
            count_forbidden(out, one);
    }
}

bool shadow_share(const char *text, double *out)
{
    char *end;
    if (text[0] < '0' || text[0] > '9')
        return false;
    double percent = strtod(text, &end);
    while (*end == ' ')
        end++;
    if (strcmp(end, "%") != 0 || !(percent > 0 && percent < 100))
        return false;
    *out = percent / 100;
    return true;
}
