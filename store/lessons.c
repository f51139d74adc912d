/* SPDX-License-Identifier: MIT */
/* Learning, see lessons.h. */
#include "lessons.h"

#include "filing.h"
#include "memory.h"
#include "partition.h"
#include "vocabulary_cache.h"

#include <sodium.h>

#define LESSON_KEY_SIZE (1 + TENANT_ID_SIZE + STORE_KEY_SIZE)
#define LESSONS_MOST    4096 /* in one transaction */

struct lesson_key {
    uint8_t bytes[LESSON_KEY_SIZE];
};

static struct span lesson_key(struct lesson_key *out, const uint8_t *tenant,
                              const uint8_t *key)
{
    out->bytes[0] = RECORD_LESSON;
    memcpy(out->bytes + 1, tenant, TENANT_ID_SIZE);
    memcpy(out->bytes + 1 + TENANT_ID_SIZE, key, STORE_KEY_SIZE);
    return span_of(out->bytes, LESSON_KEY_SIZE);
}

/* An entry that is recorded again teaches nothing new. */
static bool is_known(const struct writer *writer, const uint8_t key[STORE_KEY_SIZE])
{
    struct record_key name;
    struct buffer value = {0};
    const char *data = writer->layout->data;
    int result = pages_find(NULL, data, record_key(&name, RECORD_CARD, key),
                            PARTITION_VALUE, &value);
    buffer_free(&value);
    return result == STORE_OK && filing_is_complete(data);
}

int lessons_come(struct writer *writer, const struct tenant *tenant,
                 const uint8_t key[STORE_KEY_SIZE], struct span words)
{
    struct lesson_key name;
    struct buffer box = {0};
    if (words.size == 0 || is_known(writer, key))
        return STORE_OK;
    struct span whole = lesson_key(&name, tenant->id, key);
    box_seal(tenant, whole, words, &box);
    int result = buffer_ok(&box) ? STORE_OK : STORE_NO_MEMORY;
    if (result == STORE_OK)
        writer_put(writer, whole, buffer_span(&box));
    buffer_free(&box);
    return result;
}

/* -- learning ----------------------------------------------------------------------------- */

/* One tenant's lessons. */
struct learning {
    struct writer *writer;
    struct keyring *keyring;
    size_t most, count;
    struct tenant tenant;
    bool known; /* the tenant's keys are */
    struct vocabulary *vocabulary;
    int result;
};

/* The vocabulary as it is. One that cannot be read begins anew. */
static int vocabulary_find(struct learning *learning)
{
    struct vocabulary_key name;
    struct buffer value = {0};
    int result =
        pages_find(NULL, learning->writer->layout->data,
                   vocabulary_key(&name, learning->tenant.id), PARTITION_VALUE, &value);
    if (result == STORE_OK)
        result = vocabulary_open(&learning->tenant, buffer_span(&value),
                                 &learning->vocabulary);
    buffer_free(&value);
    if (result == STORE_MISS || result == STORE_CORRUPT) {
        learning->vocabulary = vocabulary_new();
        result = learning->vocabulary ? STORE_OK : STORE_NO_MEMORY;
    }
    return result;
}

/* Of the tenant |id|: without its keys the lessons are only taken away. */
static int begin(struct learning *learning, const uint8_t *id)
{
    int result = keyring_tenant_by_id(learning->keyring, learning->writer->layout->config,
                                      id, &learning->tenant);
    learning->known = result == STORE_OK;
    memcpy(learning->tenant.id, id, TENANT_ID_SIZE);
    if (learning->known)
        return vocabulary_find(learning);
    return result == STORE_NO_MEMORY ? result : STORE_OK;
}

/* One that cannot be opened teaches nothing. */
static int teach(struct learning *learning, struct span key, struct span value)
{
    struct buffer words = {0};
    bool good = true;
    if (learning->known && box_open(&learning->tenant, key, value, &words))
        good = vocabulary_add(learning->vocabulary, buffer_span(&words));
    good = good && buffer_ok(&words);
    buffer_free(&words);
    return good ? STORE_OK : STORE_NO_MEMORY;
}

/* They come in the order of tenants. */
static bool lesson_take(void *context, struct span key, struct span value, uint64_t size)
{
    struct learning *learning = context;
    (void)size;
    if (key.size != LESSON_KEY_SIZE)
        return true;
    if (learning->count == 0)
        learning->result = begin(learning, key.at + 1);
    else if (memcmp(learning->tenant.id, key.at + 1, TENANT_ID_SIZE) != 0)
        return false;
    if (learning->result == STORE_OK)
        learning->result = teach(learning, key, value);
    if (learning->result == STORE_OK)
        writer_delete(learning->writer, key);
    learning->count++;
    return learning->result == STORE_OK && learning->count < learning->most;
}

static int vocabulary_put(struct learning *learning)
{
    struct vocabulary_key name;
    struct buffer plain = {0}, box = {0};
    struct span key = vocabulary_key(&name, learning->tenant.id);
    vocabulary_encode(learning->vocabulary, &plain);
    if (buffer_ok(&plain))
        box_seal(&learning->tenant, key, buffer_span(&plain), &box);
    int result = buffer_ok(&plain) && buffer_ok(&box) ? STORE_OK : STORE_NO_MEMORY;
    if (result == STORE_OK)
        writer_put(learning->writer, key, buffer_span(&box));
    buffer_free(&plain);
    buffer_free(&box);
    return result;
}

/* One tenant's, or some of them, in one transaction. */
static int learn_some(struct learning *learning)
{
    static const uint8_t prefix = RECORD_LESSON;
    learning->count = 0;
    learning->vocabulary = NULL;
    int result = pages_scan(learning->writer->layout->data, span_of(&prefix, 1),
                            PARTITION_VALUE, lesson_take, learning);
    if (result == STORE_MISS || result == STORE_CORRUPT)
        result = STORE_OK;
    if (result == STORE_OK)
        result = learning->result;
    if (result == STORE_OK && learning->vocabulary)
        result = vocabulary_put(learning);
    vocabulary_free(learning->vocabulary);
    return result == STORE_OK && learning->count ? writer_flush(learning->writer)
                                                 : result;
}

int lessons_update(struct writer *writer, struct keyring *keyring)
{
    struct learning *learning = memory_new(sizeof(*learning));
    if (!learning)
        return STORE_NO_MEMORY;
    learning->writer = writer;
    learning->keyring = keyring;
    learning->most =
        writer->queue_changes < LESSONS_MOST ? writer->queue_changes : LESSONS_MOST;
    int result;
    do
        result = learn_some(learning);
    while (result == STORE_OK && learning->count);
    sodium_memzero(&learning->tenant, sizeof(learning->tenant));
    memory_free(learning);
    return result;
}
