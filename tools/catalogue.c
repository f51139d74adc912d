/* SPDX-License-Identifier: MIT */
/* See catalogue.h. */
#include "catalogue.h"

#include "filter.h"
#include "publication.h"
#include "store/each.h"
#include "store/memory.h"

#include <pthread.h>
#include <stdlib.h>

#define UNREAD INT64_MIN

struct item {
    struct catalogue_place place; /* first: items are compared by its key */
    int64_t created_ms;
    bool listed; /* it is public, and |digest| is its resource's */
    uint8_t digest[RESOURCE_DIGEST];
};

struct catalogue {
    struct store *store;
    struct buffer known; /* items by key, whether listed or not */
    uint64_t edition;
    struct store_stamp stamp; /* of the store before it was looked through, at */
    int64_t stamp_ms;
    pthread_mutex_t lock;
    struct buffer listed; /* items by digest, the latest first; under |lock| */
};

struct catalogue *catalogue_new(struct store *store)
{
    struct catalogue *catalogue = memory_new(sizeof *catalogue);
    if (!catalogue)
        return NULL;
    catalogue->store = store;
    pthread_mutex_init(&catalogue->lock, NULL);
    return catalogue;
}

void catalogue_free(struct catalogue *catalogue)
{
    if (!catalogue)
        return;
    buffer_free(&catalogue->known);
    buffer_free(&catalogue->listed);
    pthread_mutex_destroy(&catalogue->lock);
    memory_free(catalogue);
}

static struct item *items_of(const struct buffer *items)
{
    return (struct item *)(void *)items->at;
}

static size_t count_of(const struct buffer *items)
{
    return items->size / sizeof(struct item);
}

static int compare_keys(const void *a, const void *b)
{
    return memcmp(a, b, STORE_KEY_SIZE);
}

static int compare_digests(const void *a, const void *b)
{
    const struct item *one = a, *other = b;
    int order = memcmp(one->digest, other->digest, RESOURCE_DIGEST);
    if (order)
        return order;
    return (one->created_ms < other->created_ms) - (one->created_ms > other->created_ms);
}

static void sort(struct buffer *items, int (*compare)(const void *, const void *))
{
    if (items->size)
        qsort(items->at, count_of(items), sizeof(struct item), compare);
}

/* -- looking through the store --------------------------------------------------------- */

struct survey {
    const struct config *config;
    struct buffer found;
};

static bool add_found(void *context, const struct each_entry *entry)
{
    struct survey *survey = context;
    const struct entry_label *label = &entry->label;
    struct policy_facts facts = {.host = span_text(label->host),
                                 .port = label->port,
                                 .program = span_text(label->program),
                                 .tenant = span_text(label->tenant),
                                 .dialect = span_text(label->dialect),
                                 .operation = span_text(label->operation),
                                 .model = span_text(label->model)};
    struct item item = {.created_ms = entry->created_ms};
    if (entry->state != EACH_OK ||
        !span_is(span_text(label->operation), PUBLICATION_OPERATION) ||
        !policy_may_publish(survey->config, &facts))
        return true;
    memcpy(item.place.key, entry->key, sizeof item.place.key);
    memcpy(item.place.tenant, entry->tenant, sizeof item.place.tenant);
    buffer_append(&survey->found, &item, sizeof item);
    return buffer_ok(&survey->found);
}

/* Opens the entry, unless that was done before. What cannot be read now is tried again when the
 * store has changed. What is not public is not listed, so that a request for it takes no longer than
 * one for what was never recorded. */
static void identify(struct catalogue *catalogue, const struct config *config,
                     struct item *item)
{
    const struct buffer *known = &catalogue->known;
    const struct item *before = known->size ? bsearch(item, known->at, count_of(known),
                                                      sizeof *item, compare_keys)
                                            : NULL;
    struct publication publication;
    struct resource resource;
    if (before && before->created_ms == item->created_ms) {
        *item = *before;
        return;
    }
    int result = publication_read(catalogue->store, &item->place, &publication);
    if (result != STORE_OK && result != STORE_MISS)
        item->created_ms = UNREAD;
    if (result != STORE_OK)
        return;
    item->listed = publication_is_public(config, &publication) &&
                   resource_recorded(&publication.record.request, &resource);
    if (item->listed)
        resource_digest(&resource, item->digest);
    publication_free(&publication);
}

static void swap(struct buffer *a, struct buffer *b)
{
    struct buffer kept = *a;
    *a = *b;
    *b = kept;
}

/* Puts |found| in place of what was known. */
static int take_over(struct catalogue *catalogue, const struct config *config,
                     struct buffer *found)
{
    struct buffer listed = {0};
    struct item *items = items_of(found);
    for (size_t i = 0; i < count_of(found); i++) {
        identify(catalogue, config, &items[i]);
        if (items[i].listed)
            buffer_append(&listed, &items[i], sizeof *items);
    }
    if (!buffer_ok(&listed)) {
        buffer_free(&listed);
        return STORE_NO_MEMORY;
    }
    sort(&listed, compare_digests);
    swap(&catalogue->known, found);
    pthread_mutex_lock(&catalogue->lock);
    swap(&catalogue->listed, &listed);
    pthread_mutex_unlock(&catalogue->lock);
    buffer_free(&listed);
    return STORE_OK;
}

static int look_through(struct catalogue *catalogue, const struct config *config)
{
    struct survey survey = {.config = config};
    int result = store_each(catalogue->store, false, add_found, &survey);
    if (result == STORE_OK && !buffer_ok(&survey.found))
        result = STORE_NO_MEMORY;
    if (result == STORE_OK) {
        sort(&survey.found, compare_keys);
        result = take_over(catalogue, config, &survey.found);
    }
    buffer_free(&survey.found);
    return result;
}

int catalogue_refresh(struct catalogue *catalogue, const struct config *config,
                      uint64_t edition)
{
    int64_t now_ms = filter_now_ms();
    struct store_stamp stamp = store_stamp_now(catalogue->store);
    if (edition == catalogue->edition &&
        store_stamp_holds(&catalogue->stamp, catalogue->stamp_ms, &stamp))
        return STORE_OK;
    if (edition != catalogue->edition)
        buffer_free(&catalogue->known); /* others may be public now */
    int result = look_through(catalogue, config);
    if (result != STORE_OK)
        return result;
    catalogue->edition = edition;
    catalogue->stamp = stamp;
    catalogue->stamp_ms = now_ms;
    return STORE_OK;
}

/* -- finding --------------------------------------------------------------------------- */

/* The first item that is not below |digest|. */
static size_t first_of(const struct buffer *listed, const uint8_t digest[RESOURCE_DIGEST])
{
    const struct item *items = items_of(listed);
    size_t from = 0, until = count_of(listed);
    while (from < until) {
        size_t middle = from + (until - from) / 2;
        if (memcmp(items[middle].digest, digest, RESOURCE_DIGEST) < 0)
            from = middle + 1;
        else
            until = middle;
    }
    return from;
}

size_t catalogue_find(struct catalogue *catalogue, const struct resource *resource,
                      struct catalogue_place out[CATALOGUE_FOUND])
{
    uint8_t digest[RESOURCE_DIGEST];
    size_t count = 0;
    resource_digest(resource, digest);
    pthread_mutex_lock(&catalogue->lock);
    const struct item *items = items_of(&catalogue->listed);
    size_t at = first_of(&catalogue->listed, digest);
    for (; at < count_of(&catalogue->listed) && count < CATALOGUE_FOUND; at++) {
        if (memcmp(items[at].digest, digest, RESOURCE_DIGEST) != 0)
            break;
        out[count++] = items[at].place;
    }
    pthread_mutex_unlock(&catalogue->lock);
    return count;
}
