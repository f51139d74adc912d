/* SPDX-License-Identifier: MIT */
/* The hooks of libcurl's easy interface. Each preserves errno: as the real function
 * leaves it, or as it was when there was no real call. */
#define CURL_DISABLE_DEPRECATION
#include "hooks.h"

#include "curl_delivery.h"
#include "curl_fields.h"
#include "curl_follow.h"
#include "curl_info.h"
#include "curl_multi.h"
#include "curl_reader.h"
#include "curl_recording.h"
#include "curl_substitute.h"
#include "curl_transfer.h"

#include <errno.h>
#include <time.h>

CURL *core_curl_easy_init(curl_easy_init_function *real, void *nothing)
{
    CURL *easy = real(nothing);
    int real_errno = errno;
    if (easy)
        (void)curl_handle_new(easy, (const void *)real); /* without it: libcurl's alone */
    errno = real_errno;
    return easy;
}

/* While our callbacks are in place the program's wishes are only noted. */
static bool is_replaced(const struct curl_handle *handle, CURLoption option)
{
    switch ((int)option) {
    case CURLOPT_WRITEFUNCTION:
    case CURLOPT_WRITEDATA:
    case CURLOPT_HEADERFUNCTION:
    case CURLOPT_HEADERDATA:
        return handle->recording;
    case CURLOPT_READFUNCTION:
    case CURLOPT_READDATA:
    case CURLOPT_SEEKFUNCTION:
    case CURLOPT_SEEKDATA:
        return handle->reader && handle->state == CURL_LIVE;
    default:
        return handle->substitute && curl_substitute_replaces(handle->substitute, option);
    }
}

CURLcode core_curl_easy_setopt(curl_easy_setopt_function *real, CURL *easy,
                               CURLoption option, void *argument)
{
    int entry_errno = errno;
    struct curl_handle *handle = curl_handle_find(easy);
    CURLcode code = CURLE_OK;
    errno = entry_errno;
    if (!handle || !is_replaced(handle, option))
        code = ((curl_easy_setopt_variadic *)(void *)real)(easy, option, argument);
    entry_errno = errno;
    if (handle && code == CURLE_OK)
        curl_options_set(&handle->options, option, argument);
    errno = entry_errno;
    return code;
}

/* -- a transfer -- */

static void sleep_us(uint64_t time)
{
    struct timespec wait = {(time_t)(time / 1000000), (long)(time % 1000000) * 1000};
    (void)nanosleep(&wait, NULL); /* woken up early: the loop looks again */
}

/* As long as nothing is due progress is told now and then, as libcurl does. */
static CURLcode serve(struct curl_handle *handle)
{
    while (!curl_delivery_run(handle)) {
        uint64_t wait = curl_delivery_wait(handle);
        uint64_t most = handle->delivery->paused ? 10000 : 200000;
        sleep_us(wait < most ? wait : most);
    }
    return handle->delivery->result;
}

static CURLcode perform_real(curl_easy_perform_function *real, struct curl_handle *handle,
                             int entry_errno)
{
    CURLcode code;
    int real_errno;
    do {
        curl_level_enter();
        errno = entry_errno;
        code = real(handle->easy);
        real_errno = errno;
        curl_level_leave();
        curl_transfer_written(handle, code);
        code = curl_transfer_finish(handle, code);
    } while (handle->state == CURL_LIVE);
    if (handle->state == CURL_SERVED) {
        code = serve(handle);
        real_errno = entry_errno;
    }
    errno = real_errno;
    return code;
}

/* While somebody else asks the same, progress is told now and then, too. */
static enum curl_state follow(struct curl_handle *handle)
{
    while (curl_transfer_again(handle) == CURL_FOLLOWING) {
        if (!curl_delivery_idle(handle))
            curl_transfer_leave(handle);
        if (handle->state == CURL_SERVED)
            break;
        curl_follow_stand_still(handle);
    }
    return handle->state;
}

static enum curl_state start(struct curl_handle *handle)
{
    enum curl_state state = curl_transfer_start(handle, true);
    return state == CURL_FOLLOWING ? follow(handle) : state;
}

static bool being_served(const struct curl_handle *handle)
{
    return handle->state == CURL_SERVED && handle->delivery && !handle->delivery->done;
}

/* What libcurl answers to a handle that is already at work. */
static CURLcode refuse(const struct curl_handle *handle)
{
    if (handle->options.error_buffer)
        handle->options.error_buffer[0] = 0;
    curl_handle_fail(handle, "easy handle already used in multi handle");
    return CURLE_FAILED_INIT;
}

CURLcode core_curl_easy_perform(curl_easy_perform_function *real, CURL *easy)
{
    int entry_errno = errno;
    struct curl_handle *handle = curl_handle_find(easy);
    CURLcode code;
    if (!handle || handle->state == CURL_LIVE) {
        errno = entry_errno;
        return real(easy);
    }
    enum curl_state state = CURL_SERVED;
    if (handle->multi || handle->state == CURL_FOLLOWING || being_served(handle))
        code = refuse(handle);
    else if ((state = start(handle)) == CURL_SERVED)
        code = serve(handle);
    else if (state == CURL_LOST)
        code = CURLE_OUT_OF_MEMORY;
    else
        return perform_real(real, handle, entry_errno);
    errno = entry_errno;
    return code;
}

CURLcode core_curl_easy_pause(curl_easy_pause_function *real, CURL *easy, int bitmask)
{
    int entry_errno = errno;
    struct curl_handle *handle = curl_handle_find(easy);
    if (!handle || !being_served(handle) || !handle->delivery->started) {
        errno = entry_errno;
        return real(easy, bitmask);
    }
    CURLcode code = curl_delivery_pause(handle, bitmask & CURLPAUSE_RECV);
    struct curl_multi *multi = handle->multi;
    if (multi && !multi->in_callback && curl_timer_update(multi) != CURLM_OK)
        code = CURLE_ABORTED_BY_CALLBACK;
    errno = entry_errno;
    return code;
}

/* -- what was -- */

CURLcode core_curl_easy_getinfo(curl_easy_getinfo_function *real, CURL *easy,
                                CURLINFO info, void *argument)
{
    CURLcode code = ((curl_easy_getinfo_variadic *)(void *)real)(easy, info, argument);
    int real_errno = errno;
    struct curl_handle *handle = code == CURLE_OK ? curl_handle_find(easy) : NULL;
    if (handle && handle->delivery)
        curl_info_replace(handle, info, argument);
    errno = real_errno;
    return code;
}

int core_curl_easy_header(curl_easy_header_function *real, CURL *easy, const char *name,
                          size_t index, unsigned origin, int request, void **out)
{
    int entry_errno = errno;
    struct curl_handle *handle = curl_handle_find(easy);
    if (!handle || !handle->delivery) {
        errno = entry_errno;
        return real(easy, name, index, origin, request, out);
    }
    int code = (int)curl_fields_find(handle, name, index, origin, request,
                                     (struct curl_header **)out);
    errno = entry_errno;
    return code;
}

void *core_curl_easy_nextheader(curl_easy_nextheader_function *real, CURL *easy,
                                unsigned origin, int request, void *previous)
{
    int entry_errno = errno;
    struct curl_handle *handle = curl_handle_find(easy);
    if (!handle || !handle->delivery) {
        errno = entry_errno;
        return real(easy, origin, request, previous);
    }
    void *header = curl_fields_next(handle, origin, request, previous);
    errno = entry_errno;
    return header;
}

/* -- life -- */

CURL *core_curl_easy_duphandle(curl_easy_duphandle_function *real, CURL *easy)
{
    CURL *copy = real(easy);
    int real_errno = errno;
    struct curl_handle *from = curl_handle_find(easy);
    struct curl_handle *to =
        from && copy ? curl_handle_new(copy, (const void *)real) : NULL;
    if (to) {
        curl_options_free(&to->options);
        curl_options_copy(&to->options, &from->options);
        /* What stands in the original for the time being was duplicated, too. */
        if (from->recording)
            curl_recording_disarm(to);
        if (from->reader && from->state == CURL_LIVE)
            curl_reader_disarm(to);
        if (from->substitute)
            curl_substitute_disarm(from->substitute, to);
    }
    errno = real_errno;
    return copy;
}

void core_curl_easy_reset(curl_easy_reset_function *real, CURL *easy)
{
    real(easy);
    int real_errno = errno;
    struct curl_handle *handle = curl_handle_find(easy);
    if (handle) {
        if (handle->state == CURL_LIVE && handle->multi)
            handle->multi->live--;
        if (handle->state == CURL_LIVE)
            curl_transfer_abandon(handle, true);
        if (handle->state == CURL_SERVED && !being_served(handle)) {
            curl_delivery_free(handle->delivery);
            handle->delivery = NULL;
        }
        curl_options_free(&handle->options);
        curl_options_start(&handle->options);
        handle->meter_titled = false;
    }
    errno = real_errno;
}

void core_curl_easy_cleanup(curl_easy_cleanup_function *real, CURL *easy)
{
    int entry_errno = errno;
    struct curl_handle *handle = curl_handle_find(easy);
    if (handle) /* at once: the address may be used again before we are done */
        curl_handle_remove(handle);
    errno = entry_errno;
    curl_level_enter();
    real(easy);
    curl_level_leave();
    entry_errno = errno;
    if (handle) {
        struct curl_multi *multi = handle->multi;
        if (multi) {
            curl_multi_unlink(multi, handle);
            curl_messages_drop(multi, easy);
        }
        curl_transfer_abandon(handle, true);
        curl_handle_free(handle);
    }
    errno = entry_errno;
}
