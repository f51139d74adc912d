/* SPDX-License-Identifier: MIT */
/* The table of counts. */
#define HASH_NONFATAL_OOM 1 /* an element that finds no memory is left out */
#include "samples.h"

#include "core.h"
#include "current_test.h"
#include "store/lock.h"
#include "store/memory.h"

#include <pthread.h>
#include <sodium.h>
#include <uthash.h>

#undef uthash_malloc
#undef uthash_free
#define uthash_malloc(size)       memory_new(size)
#define uthash_free(memory, size) memory_free(memory)

struct counter {
    uint8_t id[16];
    uint64_t next;
    UT_hash_handle hh;
};

/* Guards the table. A leaf: nothing is called while it is held but uthash and malloc. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct counter *table;
static unsigned forked;

/* See curl_handle.c. */
static void enter(void)
{
    if (core_forked(&forked) && !lock_after_fork(&lock))
        table = NULL;
    pthread_mutex_lock(&lock);
}

static void leave(void)
{
    pthread_mutex_unlock(&lock);
}

static int name_counter(const uint8_t key[STORE_KEY_SIZE], uint8_t id[16])
{
    struct buffer name = {0};
    buffer_append(&name, key, STORE_KEY_SIZE);
    current_test(&name);
    if (buffer_ok(&name))
        crypto_generichash(id, 16, name.at, name.size, NULL, 0);
    int result = buffer_ok(&name) ? 0 : -1;
    buffer_free(&name);
    return result;
}

static struct counter *find(const uint8_t id[16])
{
    struct counter *counter = NULL;
    HASH_FIND(hh, table, id, 16, counter);
    return counter;
}

static struct counter *add(const uint8_t id[16])
{
    struct counter *counter =
        HASH_COUNT(table) < SAMPLES_LIMIT ? memory_new(sizeof(*counter)) : NULL;
    if (!counter)
        return NULL;
    memcpy(counter->id, id, sizeof(counter->id));
    HASH_ADD(hh, table, id, sizeof(counter->id), counter);
    if (counter->hh.tbl)
        return counter;
    memory_free(counter);
    return NULL;
}

int samples_take(const uint8_t key[STORE_KEY_SIZE], struct sample_place *out)
{
    if (name_counter(key, out->counter) != 0)
        return -1;
    enter();
    struct counter *counter = find(out->counter);
    if (!counter)
        counter = add(out->counter);
    if (counter)
        out->number = counter->next++;
    leave();
    return counter ? 0 : -1;
}

void samples_return(const struct sample_place *sample)
{
    enter();
    struct counter *counter = find(sample->counter);
    if (counter && counter->next == sample->number + 1)
        counter->next--;
    leave();
}
