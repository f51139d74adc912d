/* SPDX-License-Identifier: MIT */
/* The table of multi handles, and serving their transfers. */
#define HASH_NONFATAL_OOM 1 /* an element that finds no memory is left out */
#include "curl_multi.h"

#include "core.h"
#include "curl_delivery.h"
#include "curl_transfer.h"
#include "store/lock.h"
#include "store/memory.h"

#include <pthread.h>
#include <utlist.h>

#undef uthash_malloc
#undef uthash_free
#define uthash_malloc(size)       memory_new(size)
#define uthash_free(memory, size) memory_free(memory)

/* How often a transfer is looked at that waits for somebody else's. */
#define LOOK_US 50000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct curl_multi *table;
static unsigned forked;

/* See curl_handle.c. */
static void enter(void)
{
    if (core_forked(&forked)) {
        if (!lock_after_fork(&lock))
            table = NULL;
    }
    pthread_mutex_lock(&lock);
}

static void leave(void)
{
    pthread_mutex_unlock(&lock);
}

struct curl_multi *curl_multi_find(CURLM *multi)
{
    struct curl_multi *found = NULL;
    enter();
    HASH_FIND_PTR(table, &multi, found);
    leave();
    return found;
}

struct curl_multi *curl_multi_new(CURLM *multi, const void *real)
{
    const struct curl_library *library = curl_library_of(real);
    struct curl_multi *made = library ? memory_new(sizeof *made) : NULL;
    struct curl_multi *stale = NULL;
    if (!made)
        return NULL;
    made->multi = multi;
    made->library = library;
    enter();
    HASH_FIND_PTR(table, &multi, stale);
    if (stale) /* its end was not seen; it is leaked, as nobody knows what still points to
                  it */
        HASH_DEL(table, stale);
    HASH_ADD_PTR(table, multi, made);
    bool added = made->hh.tbl != NULL;
    leave();
    if (added)
        return made;
    memory_free(made);
    return NULL;
}

void curl_multi_forget(struct curl_multi *multi)
{
    enter();
    if (table)
        HASH_DEL(table, multi);
    leave();
    while (multi->handles) {
        struct curl_handle *handle = multi->handles;
        curl_multi_unlink(multi, handle);
        curl_transfer_abandon(handle, false);
    }
    curl_messages_drop(multi, NULL);
    memory_free(multi);
}

/* -- transfers -- */

static bool is_active(const struct curl_handle *handle)
{
    return handle->state == CURL_WAITING || handle->state == CURL_FOLLOWING ||
           (handle->state == CURL_SERVED && handle->delivery && !handle->delivery->done);
}

void curl_multi_link(struct curl_multi *multi, struct curl_handle *handle)
{
    DL_APPEND2(multi->handles, handle, previous, next);
    handle->multi = multi;
    multi->live += handle->state == CURL_LIVE;
    multi->active += is_active(handle);
    if (handle->state != CURL_IDLE)
        multi->managed = true;
}

void curl_multi_unlink(struct curl_multi *multi, struct curl_handle *handle)
{
    DL_DELETE2(multi->handles, handle, previous, next);
    handle->multi = NULL;
    memory_free(handle->message);
    handle->message = NULL;
    multi->live -= handle->state == CURL_LIVE;
    multi->active -= is_active(handle);
}

/* It has been decided about |handle|. It may turn out to be libcurl's. */
static CURLMcode hand_over(struct curl_multi *multi, struct curl_handle *handle)
{
    if (handle->state == CURL_SERVED || handle->state == CURL_FOLLOWING)
        return CURLM_OK;
    multi->active--;
    if (handle->state == CURL_LOST) {
        curl_messages_add(multi, handle, CURLE_OUT_OF_MEMORY);
        return CURLM_OK;
    }
    multi->live += handle->state == CURL_LIVE;
    CURLMcode code = multi->library->curl_multi_add_handle(multi->multi, handle->easy);
    if (code == CURLM_OK)
        return CURLM_OK;
    /* The program has been told that it was added: the transfer fails. */
    multi->live -= handle->state == CURL_LIVE;
    curl_transfer_abandon(handle, false);
    curl_messages_add(multi, handle, CURLE_OUT_OF_MEMORY);
    return code;
}

/* The body of a request can be read now. */
static CURLMcode decide(struct curl_multi *multi, struct curl_handle *handle)
{
    curl_transfer_start(handle, true);
    return hand_over(multi, handle);
}

static CURLMcode follow(struct curl_multi *multi, struct curl_handle *handle)
{
    if (curl_transfer_again(handle) != CURL_FOLLOWING)
        return hand_over(multi, handle);
    if (!curl_delivery_idle(handle)) /* that was too long for the program */
        curl_transfer_leave(handle);
    return CURLM_OK;
}

static CURLMcode serve_one(struct curl_multi *multi, struct curl_handle *handle)
{
    CURLMcode code = CURLM_OK;
    if (handle->state == CURL_WAITING)
        code = decide(multi, handle);
    else if (handle->state == CURL_FOLLOWING)
        code = follow(multi, handle);
    if (handle->state != CURL_SERVED || !handle->delivery || handle->delivery->reported)
        return code;
    if (curl_delivery_run(handle)) {
        multi->active--;
        handle->delivery->reported = true;
        curl_messages_add(multi, handle, handle->delivery->result);
    }
    return code;
}

CURLMcode curl_multi_serve(struct curl_multi *multi)
{
    CURLMcode code = CURLM_OK;
    if (!multi->active)
        return CURLM_OK;
    multi->in_callback = true;
    for (struct curl_handle *handle = multi->handles, *next; handle; handle = next) {
        next = handle->next;
        if (code == CURLM_OK)
            code = serve_one(multi, handle);
    }
    multi->in_callback = false;
    return code;
}

/* In microseconds. */
static uint64_t due_in(const struct curl_handle *handle)
{
    if (handle->state == CURL_FOLLOWING)
        return LOOK_US;
    return handle->state == CURL_WAITING ? 0 : curl_delivery_wait(handle);
}

long curl_multi_due(const struct curl_multi *multi)
{
    uint64_t least = UINT64_MAX;
    for (const struct curl_handle *handle = multi->handles; handle;
         handle = handle->next) {
        if (!is_active(handle))
            continue;
        uint64_t wait = due_in(handle);
        least = wait < least ? wait : least;
    }
    if (least == UINT64_MAX)
        return -1;
    return least > 3600000000u ? 3600000 : (long)((least + 999) / 1000);
}
