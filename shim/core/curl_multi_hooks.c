/* SPDX-License-Identifier: MIT */
/* The hooks of libcurl's multi interface. errno: see curl_easy_hooks.c. */
#define CURL_DISABLE_DEPRECATION
#include "hooks.h"

#include "core.h"
#include "curl_delivery.h"
#include "curl_multi.h"
#include "curl_transfer.h"

#include <errno.h>

CURLM *core_curl_multi_init(curl_multi_init_function *real, void *nothing)
{
    CURLM *handle = real(nothing);
    int real_errno = errno;
    if (handle)
        (void)curl_multi_new(handle,
                             (const void *)real); /* without it: libcurl's alone */
    errno = real_errno;
    return handle;
}

CURLMcode core_curl_multi_setopt(curl_multi_setopt_function *real, CURLM *handle,
                                 CURLMoption option, void *argument)
{
    int entry_errno = errno;
    struct curl_multi *multi = curl_multi_find(handle);
    bool timer = option == CURLMOPT_TIMERFUNCTION || option == CURLMOPT_TIMERDATA;
    CURLMcode code = CURLM_OK;
    errno = entry_errno;
    if (!multi || !timer || !multi->timer_wrapped)
        code = ((curl_multi_setopt_variadic *)(void *)real)(handle, option, argument);
    if (!multi || code != CURLM_OK)
        return code;
    if (option == CURLMOPT_TIMERFUNCTION)
        multi->timer_function = (curl_multi_timer_callback)argument;
    else if (option == CURLMOPT_TIMERDATA)
        multi->timer_data = argument;
    return code;
}

/* -- adding and removing -- */

static CURLMcode add_real(curl_multi_add_handle_function *real, struct curl_multi *multi,
                          struct curl_handle *handle)
{
    CURLMcode code = real(multi->multi, handle->easy);
    int real_errno = errno;
    if (code == CURLM_OK)
        curl_multi_link(multi, handle);
    else
        curl_transfer_abandon(handle, false);
    errno = real_errno;
    return code;
}

/* The transfer is ours, at least for now. */
static CURLMcode add_own(struct curl_multi *multi, struct curl_handle *handle)
{
    if (multi->dead && multi->active + multi->live)
        return CURLM_ABORTED_BY_CALLBACK;
    multi->dead = false;
    if (handle->options.error_buffer)
        handle->options.error_buffer[0] = 0;
    curl_multi_link(multi, handle);
    curl_timer_manage(multi);
    return curl_timer_update(multi);
}

/* No memory for the message at a transfer's end: libcurl's alone, if it may be made at all. */
static enum curl_state unable(void)
{
    return core_config()->mode == MODE_REPLAY ? CURL_LOST : CURL_IDLE;
}

CURLMcode core_curl_multi_add_handle(curl_multi_add_handle_function *real,
                                     CURLM *multi_handle, CURL *easy)
{
    int entry_errno = errno;
    struct curl_multi *multi = curl_multi_find(multi_handle);
    struct curl_handle *handle = multi ? curl_handle_find(easy) : NULL;
    CURLMcode code = CURLM_OK;
    if (!handle) {
        errno = entry_errno;
        return real(multi_handle, easy);
    }
    if (handle->multi) {
        code = CURLM_ADDED_ALREADY;
    } else if (multi->in_callback) {
        code = CURLM_RECURSIVE_API_CALL;
    } else {
        bool own = curl_messages_reserve(handle) == 0;
        enum curl_state state = own ? curl_transfer_start(handle, false) : unable();
        if (state == CURL_IDLE || state == CURL_LIVE) {
            errno = entry_errno;
            return add_real(real, multi, handle);
        }
        code = state == CURL_LOST ? CURLM_OUT_OF_MEMORY : add_own(multi, handle);
    }
    errno = entry_errno;
    return code;
}

/* libcurl has it. */
static CURLMcode remove_real(curl_multi_remove_handle_function *real,
                             struct curl_multi *multi, struct curl_handle *handle)
{
    curl_level_enter();
    CURLMcode code = real(multi->multi, handle->easy);
    int real_errno = errno;
    curl_level_leave();
    if (code == CURLM_OK) {
        curl_multi_unlink(multi, handle);
        curl_transfer_abandon(handle, false);
        curl_messages_drop(multi, handle->easy);
    }
    errno = real_errno;
    return code;
}

static CURLMcode remove_own(struct curl_multi *multi, struct curl_handle *handle)
{
    if (multi->in_callback)
        return CURLM_RECURSIVE_API_CALL;
    curl_multi_unlink(multi, handle);
    curl_transfer_abandon(handle, false);
    curl_messages_drop(multi, handle->easy);
    return curl_timer_update(multi);
}

static CURLMcode remove_unknown(curl_multi_remove_handle_function *real,
                                CURLM *multi_handle, CURL *easy)
{
    struct curl_multi *multi = curl_multi_find(multi_handle);
    CURLMcode code = real(multi_handle, easy);
    if (multi && code == CURLM_OK)
        curl_messages_drop(multi, easy);
    return code;
}

CURLMcode core_curl_multi_remove_handle(curl_multi_remove_handle_function *real,
                                        CURLM *multi_handle, CURL *easy)
{
    int entry_errno = errno;
    struct curl_handle *handle = curl_handle_find(easy);
    struct curl_multi *multi = handle ? handle->multi : NULL;
    errno = entry_errno;
    if (!multi || multi->multi != multi_handle) {
        bool own =
            multi && (handle->state == CURL_WAITING || handle->state == CURL_FOLLOWING ||
                      handle->state == CURL_SERVED);
        return own ? CURLM_BAD_EASY_HANDLE : remove_unknown(real, multi_handle, easy);
    }
    if (handle->state ==
        CURL_LIVE) /* what has ended since the last look is recorded first */
        curl_messages_collect(multi);
    errno = entry_errno;
    if (handle->state == CURL_IDLE || handle->state == CURL_LIVE)
        return remove_real(real, multi, handle);
    CURLMcode code = remove_own(multi, handle);
    errno = entry_errno;
    return code;
}

CURLMcode core_curl_multi_cleanup(curl_multi_cleanup_function *real, CURLM *handle)
{
    int entry_errno = errno;
    struct curl_multi *multi = curl_multi_find(handle);
    if (multi && multi->in_callback)
        return CURLM_RECURSIVE_API_CALL;
    if (multi && multi->live)
        curl_messages_collect(multi);
    errno = entry_errno;
    curl_level_enter();
    CURLMcode code = real(handle);
    curl_level_leave();
    entry_errno = errno;
    if (multi && code == CURLM_OK)
        curl_multi_forget(multi);
    errno = entry_errno;
    return code;
}

/* -- driving -- */

/* One call that drives libcurl's transfers, and ours before them. */
struct drive {
    struct curl_multi *multi;
    CURLMcode code;
    unsigned active; /* before */
    int entry_errno;
};

/* False: ->code is to be returned at once. */
static bool drive_start(struct drive *drive, CURLM *handle)
{
    drive->entry_errno = errno;
    drive->code = CURLM_OK;
    drive->multi = curl_multi_find(handle);
    if (drive->multi && drive->multi->in_callback) {
        drive->code = CURLM_RECURSIVE_API_CALL;
        return false;
    }
    drive->active = drive->multi ? drive->multi->active : 0;
    if (drive->active)
        drive->code = curl_multi_serve(drive->multi);
    curl_level_enter();
    errno = drive->entry_errno;
    return true;
}

static CURLMcode drive_end(struct drive *drive, CURLMcode code, int *running)
{
    struct curl_multi *multi = drive->multi;
    int real_errno = errno;
    curl_level_leave();
    if (multi && multi->live)
        curl_messages_collect(multi);
    if (drive->active || (multi && multi->active)) {
        CURLMcode timer = curl_timer_update(multi);
        if (drive->code == CURLM_OK)
            drive->code = timer;
    }
    if (multi && code == CURLM_OK && running)
        *running += (int)multi->active;
    errno = real_errno;
    return code == CURLM_OK ? drive->code : code;
}

CURLMcode core_curl_multi_perform(curl_multi_perform_function *real, CURLM *handle,
                                  int *running)
{
    struct drive drive;
    if (!drive_start(&drive, handle))
        return drive.code;
    return drive_end(&drive, real(handle, running), running);
}

CURLMcode core_curl_multi_socket_action(curl_multi_socket_action_function *real,
                                        CURLM *handle, curl_socket_t socket, int events,
                                        int *running)
{
    struct drive drive;
    if (!drive_start(&drive, handle))
        return drive.code;
    return drive_end(&drive, real(handle, socket, events, running), running);
}

CURLMcode core_curl_multi_socket(curl_multi_socket_function *real, CURLM *handle,
                                 curl_socket_t socket, int *running)
{
    struct drive drive;
    if (!drive_start(&drive, handle))
        return drive.code;
    return drive_end(&drive, real(handle, socket, running), running);
}

CURLMcode core_curl_multi_socket_all(curl_multi_socket_all_function *real, CURLM *handle,
                                     int *running)
{
    struct drive drive;
    if (!drive_start(&drive, handle))
        return drive.code;
    return drive_end(&drive, real(handle, running), running);
}

/* -- waiting -- */

static int shorter(CURLM *handle, int timeout_ms)
{
    int entry_errno = errno;
    struct curl_multi *multi = curl_multi_find(handle);
    long due = multi && multi->active ? curl_multi_due(multi) : -1;
    errno = entry_errno;
    return due >= 0 && due < timeout_ms ? (int)due : timeout_ms;
}

CURLMcode core_curl_multi_wait(curl_multi_wait_function *real, CURLM *handle,
                               struct curl_waitfd *extra, unsigned count, int timeout_ms,
                               int *ready)
{
    return real(handle, extra, count, shorter(handle, timeout_ms), ready);
}

CURLMcode core_curl_multi_poll(curl_multi_poll_function *real, CURLM *handle,
                               struct curl_waitfd *extra, unsigned count, int timeout_ms,
                               int *ready)
{
    return real(handle, extra, count, shorter(handle, timeout_ms), ready);
}

CURLMcode core_curl_multi_timeout(curl_multi_timeout_function *real, CURLM *handle,
                                  long *timeout_ms)
{
    CURLMcode code = real(handle, timeout_ms);
    int real_errno = errno;
    struct curl_multi *multi = code == CURLM_OK ? curl_multi_find(handle) : NULL;
    long due = multi && multi->active ? curl_multi_due(multi) : -1;
    if (due >= 0 && (*timeout_ms < 0 || due < *timeout_ms))
        *timeout_ms = due;
    errno = real_errno;
    return code;
}

CURLMsg *core_curl_multi_info_read(curl_multi_info_read_function *real, CURLM *handle,
                                   int *queued)
{
    int entry_errno = errno;
    struct curl_multi *multi = curl_multi_find(handle);
    errno = entry_errno;
    if (!multi || !multi->managed)
        return real(handle, queued);
    CURLMsg *message = NULL;
    *queued = 0;
    if (!multi->in_callback) {
        curl_messages_collect(multi);
        message = curl_messages_read(multi, queued);
    }
    errno = entry_errno;
    return message;
}
