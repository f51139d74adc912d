/* SPDX-License-Identifier: MIT */
/* The memory of what was evicted, see evicted.h. */
#include "evicted.h"

#include "pages.h"

#include <stdlib.h>

#define EVICTED_VERSION 1
#define COUNTS_SIZE     17
#define CHUNK_SIZE      (EVICTED_CHUNK * sizeof(uint64_t))

static uint64_t *ring_of(const struct evicted *evicted)
{
    return (uint64_t *)(void *)evicted->ring.at;
}

/* Big-endian, so that numbers are ordered as keys are. */
static uint64_t number_of(const uint8_t key[STORE_KEY_SIZE])
{
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof(number); i++)
        number = number << 8 | key[i];
    return number ? number : 1;
}

int evicted_count(const char *data, struct evicted_counts *out)
{
    static const uint8_t name = RECORD_EVICTED;
    struct buffer value = {0};
    *out = (struct evicted_counts){0};
    int result = pages_find(NULL, data, span_of(&name, 1), COUNTS_SIZE, &value);
    struct cursor cursor = cursor_of(buffer_span(&value));
    if (result == STORE_OK && cursor_u8(&cursor) == EVICTED_VERSION) {
        out->evicted = cursor_u64(&cursor);
        out->asked_again = cursor_u64(&cursor);
    }
    buffer_free(&value);
    return result == STORE_NO_MEMORY ? result : STORE_OK;
}

static int chunk_load(struct evicted *evicted, const char *data, size_t number)
{
    uint8_t name[2] = {RECORD_EVICTED, (uint8_t)number};
    struct buffer value = {0};
    int result = pages_find(NULL, data, span_of(name, sizeof(name)), CHUNK_SIZE, &value);
    if (result == STORE_OK && value.size == CHUNK_SIZE)
        memcpy(evicted->ring.at + number * CHUNK_SIZE, value.at, CHUNK_SIZE);
    buffer_free(&value);
    return result == STORE_NO_MEMORY ? result : STORE_OK;
}

int evicted_load(struct evicted *evicted, const char *data)
{
    *evicted = (struct evicted){0};
    int result = evicted_count(data, &evicted->counts);
    uint8_t *room = buffer_room(&evicted->ring, EVICTED_CHUNKS * CHUNK_SIZE);
    if (!room)
        return STORE_NO_MEMORY;
    memset(room, 0, EVICTED_CHUNKS * CHUNK_SIZE);
    evicted->ring.size = EVICTED_CHUNKS * CHUNK_SIZE;
    size_t chunks = (evicted->counts.evicted + EVICTED_CHUNK - 1) / EVICTED_CHUNK;
    if (chunks > EVICTED_CHUNKS)
        chunks = EVICTED_CHUNKS;
    for (size_t i = 0; result == STORE_OK && i < chunks; i++)
        result = chunk_load(evicted, data, i);
    return result;
}

void evicted_add(struct evicted *evicted, const uint8_t key[STORE_KEY_SIZE])
{
    size_t at = evicted->counts.evicted++ % EVICTED_KEPT;
    ring_of(evicted)[at] = number_of(key);
    evicted->touched |= 1U << (at / EVICTED_CHUNK);
    evicted->changed = true;
}

static int number_order(const void *number, const void *key)
{
    uint64_t left = *(const uint64_t *)number, right = number_of(key);
    return left < right ? -1 : left > right;
}

/* Each counts once: it is forgotten then. */
void evicted_ask(struct evicted *evicted, struct span keys)
{
    uint64_t *ring = ring_of(evicted);
    if (evicted->counts.evicted == 0 || keys.size == 0)
        return;
    for (size_t i = 0; i < EVICTED_KEPT; i++) {
        if (ring[i] == 0 || !bsearch(&ring[i], keys.at, keys.size / STORE_KEY_SIZE,
                                     STORE_KEY_SIZE, number_order))
            continue;
        ring[i] = 0;
        evicted->counts.asked_again++;
        evicted->touched |= 1U << (i / EVICTED_CHUNK);
        evicted->changed = true;
    }
}

void evicted_save(struct evicted *evicted, struct writer *writer)
{
    uint8_t name[2] = {RECORD_EVICTED};
    struct buffer value = {0};
    if (!evicted->changed)
        return;
    buffer_append_byte(&value, EVICTED_VERSION);
    buffer_append_u64(&value, evicted->counts.evicted);
    buffer_append_u64(&value, evicted->counts.asked_again);
    if (buffer_ok(&value))
        writer_put(writer, span_of(name, 1), buffer_span(&value));
    buffer_free(&value);
    for (size_t i = 0; i < EVICTED_CHUNKS; i++) {
        name[1] = (uint8_t)i;
        if (evicted->touched & 1U << i)
            writer_put(writer, span_of(name, sizeof(name)),
                       span_of(evicted->ring.at + i * CHUNK_SIZE, CHUNK_SIZE));
    }
    evicted->touched = 0;
    evicted->changed = false;
}

void evicted_free(struct evicted *evicted)
{
    buffer_free(&evicted->ring);
}
