/* SPDX-License-Identifier: MIT */
/* The messages of finished transfers, libcurl's and ours in one queue. */
#include "curl_multi.h"
#include "curl_stale.h"
#include "curl_transfer.h"
#include "store/memory.h"

#include <utlist.h>

static struct curl_handle *find_here(const struct curl_multi *multi, const CURL *easy)
{
    struct curl_handle *handle = multi->handles;
    while (handle && handle->easy != easy)
        handle = handle->next;
    return handle;
}

/* Another answer takes the place of libcurl's. */
static void take_over(struct curl_multi *multi, CURL *easy)
{
    curl_level_enter();
    (void)multi->library->curl_multi_remove_handle(multi->multi, easy);
    curl_level_leave();
    curl_timer_manage(multi);
}

/* False: the transfer fails. */
static bool add_again(struct curl_multi *multi, struct curl_handle *handle,
                      CURLMsg *message)
{
    curl_level_enter();
    CURLMcode code = multi->library->curl_multi_add_handle(multi->multi, handle->easy);
    curl_level_leave();
    multi->live += code == CURLM_OK;
    if (code == CURLM_OK)
        return true;
    curl_transfer_abandon(handle, false);
    message->data.result = CURLE_OUT_OF_MEMORY;
    return false;
}

/* False: the transfer is not over for the program. */
static bool end_transfer(struct curl_multi *multi, CURLMsg *message)
{
    struct curl_handle *handle = find_here(multi, message->easy_handle);
    if (message->msg == CURLMSG_DONE && handle)
        curl_transfer_written(handle, message->data.result);
    if (message->msg != CURLMSG_DONE || !handle || handle->state != CURL_LIVE)
        return true;
    multi->live--;
    if (curl_stale_wanted(handle, message->data.result))
        take_over(multi, handle->easy);
    message->data.result = curl_transfer_finish(handle, message->data.result);
    multi->active += handle->state == CURL_SERVED;
    if (handle->state == CURL_LIVE)
        return !add_again(multi, handle, message);
    return handle->state != CURL_SERVED;
}

void curl_messages_collect(struct curl_multi *multi)
{
    for (;;) {
        int left;
        struct curl_message *own = memory_new(sizeof *own);
        const CURLMsg *message =
            own ? multi->library->curl_multi_info_read(multi->multi, &left) : NULL;
        if (!message) {
            memory_free(own);
            return;
        }
        own->message = *message;
        if (end_transfer(multi, &own->message))
            DL_APPEND2(multi->messages, own, previous, next);
        else
            memory_free(own);
    }
}

int curl_messages_reserve(struct curl_handle *handle)
{
    if (!handle->message)
        handle->message = memory_new(sizeof *handle->message);
    return handle->message ? 0 : -1;
}

void curl_messages_add(struct curl_multi *multi, struct curl_handle *handle,
                       CURLcode result)
{
    struct curl_message *own = handle->message;
    handle->message = NULL;
    own->message.msg = CURLMSG_DONE;
    own->message.easy_handle = handle->easy;
    own->message.data.result = result;
    DL_APPEND2(multi->messages, own, previous, next);
}

CURLMsg *curl_messages_read(struct curl_multi *multi, int *left)
{
    struct curl_message *found = NULL;
    *left = 0;
    for (struct curl_message *one = multi->messages; one; one = one->next) {
        if (one->read)
            continue;
        if (found)
            ++*left;
        else
            found = one;
    }
    if (!found)
        return NULL;
    found->read = true;
    return &found->message;
}

void curl_messages_drop(struct curl_multi *multi, const CURL *easy)
{
    for (struct curl_message *one = multi->messages, *next; one; one = next) {
        next = one->next;
        if (easy && one->message.easy_handle != easy)
            continue;
        DL_DELETE2(multi->messages, one, previous, next);
        memory_free(one);
    }
}
