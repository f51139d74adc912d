/* SPDX-License-Identifier: MIT */
/* Hit, miss or nothing of ours: the decision, and putting callbacks in place for it. */
#define CURL_DISABLE_DEPRECATION
#include "curl_transfer.h"

#include "api/edge_call.h"
#include "core.h"
#include "curl.h"
#include "curl_delivery.h"
#include "curl_follow.h"
#include "curl_reader.h"
#include "curl_recording.h"
#include "curl_request.h"
#include "curl_stale.h"
#include "curl_substitute.h"

static __thread unsigned depth;

void curl_level_enter(void)
{
    depth++;
}

void curl_level_leave(void)
{
    depth--;
}

void curl_level_start(const struct stub_api *stub)
{
    curl_library_start(stub);
}

bool curl_level_busy(void)
{
    return depth > 0;
}

/* -- the decision -- */

/* The body, as far as it can be had. */
enum body { BODY_READY, BODY_LATER, BODY_NONE };

static struct span fields_of(const struct curl_options *options)
{
    const char *fields = options->fields;
    return options->fields_size >= 0 ? span_of(fields, (size_t)options->fields_size)
                                     : span_text(fields);
}

/* |*reason| tells why there is none to be had. */
static enum body take_body(struct curl_handle *handle, struct request *request,
                           bool may_call, enum reason *reason)
{
    switch (curl_request_body(&handle->options)) {
    case CURL_BODY_NONE:
        return BODY_READY;
    case CURL_BODY_FIELDS:
        request->body = fields_of(&handle->options);
        return BODY_READY;
    case CURL_BODY_FORM:
        *reason = REASON_MULTIPART;
        return BODY_NONE;
    default:
        if (!may_call)
            return BODY_LATER;
        int result = curl_reader_fill(handle);
        if (result == CURL_READER_WHOLE) {
            request->body = curl_reader_bytes(handle->reader);
            return BODY_READY;
        }
        *reason = result == CURL_READER_TOO_LARGE ? REASON_TOO_LARGE
                                                  : REASON_UNSUPPORTED_TRANSFER;
        return BODY_NONE;
    }
}

/* From the store. False: memory is short; the exchange is still the caller's. */
static bool serve(struct curl_handle *handle, struct curl_request *request,
                  struct exchange *exchange)
{
    return exchange_verdict(exchange) == VERDICT_IS_HIT &&
           curl_delivery_start(handle, exchange, request, request->request.body.size) ==
               0;
}

static enum curl_state lose(struct exchange *exchange)
{
    exchange_drop(exchange, REASON_NO_MEMORY, 0);
    exchange_free(exchange);
    return CURL_LOST;
}

/* Not to be looked up: libcurl's alone, unless replay mode denies it. */
static enum curl_state bypass(struct curl_handle *handle, struct curl_request *request,
                              enum reason reason)
{
    if (!exchange_must_deny(&request->request, reason)) {
        if (reason != REASON_NOT_LLM)
            exchange_bypass(&request->request, reason, LEVEL_LIBCURL);
        handle->write = exchange_write_begin(&request->request);
        return CURL_IDLE;
    }
    struct exchange *exchange = exchange_deny(&request->request, reason, LEVEL_LIBCURL);
    return serve(handle, request, exchange) ? CURL_SERVED : lose(exchange);
}

/* Upstream is asked. False: memory is short; |exchange| has ended, libcurl is to go on
 * alone. */
static bool start_miss(struct curl_handle *handle, struct curl_request *request,
                       struct exchange *exchange)
{
    if (curl_recording_start(handle, exchange) != 0) {
        exchange_drop(exchange, REASON_NO_MEMORY, 0);
        exchange_free(exchange);
        return false;
    }
    if (exchange_stale(exchange) || exchange_is_partial(exchange))
        curl_stale_start(handle, request);
    struct span body = exchange_upstream_body(exchange);
    struct span fields = exchange_upstream_fields(exchange);
    if (body.size ? curl_substitute_start(handle, body) == 0
                  : !fields.size || curl_substitute_start_fields(handle, fields) == 0)
        return true;
    exchange_drop(exchange, REASON_NO_MEMORY, 0);
    curl_stale_abandon(handle);
    curl_recording_free(handle->recording);
    handle->recording = NULL;
    return false;
}

/* |exchange| is a hit or a miss. */
static enum curl_state settle(struct curl_handle *handle, struct curl_request *request,
                              struct exchange *exchange)
{
    if (serve(handle, request, exchange))
        return CURL_SERVED;
    if (core_config()->mode == MODE_REPLAY)
        return lose(exchange);
    if (exchange_verdict(exchange) == VERDICT_IS_HIT) {
        exchange_bypass(&request->request, REASON_UNSUPPORTED_TRANSFER, LEVEL_LIBCURL);
        exchange_free(exchange);
        return CURL_IDLE;
    }
    return start_miss(handle, request, exchange) ? CURL_LIVE : CURL_IDLE;
}

/* A thread that asks the same itself must not stand still. |blocks|: it would. */
static bool follow(struct curl_handle *handle, struct curl_request *request,
                   struct exchange *exchange, bool blocks)
{
    return !(blocks && exchange_leader_is_here(exchange)) &&
           curl_follow_start(handle, request, exchange);
}

/* What the store says. */
static enum curl_state judge(struct curl_handle *handle, struct curl_request *request,
                             bool blocks)
{
    struct exchange *exchange = exchange_begin(&request->request, LEVEL_LIBCURL);
    if (!exchange)
        return CURL_IDLE;
    if (exchange_verdict(exchange) == VERDICT_IS_WAIT) {
        if (follow(handle, request, exchange, blocks))
            return CURL_FOLLOWING;
        exchange_go_alone(exchange);
    }
    return settle(handle, request, exchange);
}

/* A cookie engine adds what no key could tell. */
static bool has_cookies(const struct curl_handle *handle)
{
    struct curl_slist *cookies = NULL;
    if (handle->options.cookies)
        return true;
    (void)handle->library->curl_easy_getinfo(handle->easy, CURLINFO_COOKIELIST, &cookies);
    bool any = cookies != NULL;
    handle->library->curl_slist_free_all(cookies);
    return any;
}

/* Without a body there is nothing for the store to give: a HEAD is libcurl's alone. */
static bool may_begin(const struct curl_handle *handle, const struct request *request,
                      enum reason *reason)
{
    if (!exchange_may_begin(request, reason))
        return false;
    if (!edge_call_method(request->method))
        return true;
    *reason = handle->options.no_body ? REASON_METHOD
              : has_cookies(handle)   ? REASON_COOKIES
                                      : REASON_NONE;
    return *reason == REASON_NONE;
}

static enum curl_state consider(struct curl_handle *handle, struct curl_request *request,
                                bool may_call)
{
    enum reason reason = REASON_NOT_LLM;
    if (!may_begin(handle, &request->request, &reason))
        return bypass(handle, request, reason);
    if (!request->faithful)
        return bypass(handle, request, REASON_UNSUPPORTED_TRANSFER);
    switch (take_body(handle, &request->request, may_call, &reason)) {
    case BODY_READY:
        return judge(handle, request, may_call && !handle->multi);
    case BODY_LATER:
        return CURL_WAITING;
    default:
        return bypass(handle, request, reason);
    }
}

/* -- what belongs to the transfer before -- */

static void forget(struct curl_handle *handle)
{
    exchange_free(handle->write);
    handle->write = NULL;
    curl_delivery_free(handle->delivery);
    handle->delivery = NULL;
    curl_reader_free(handle->reader);
    handle->reader = NULL;
}

static bool shows_meter(const struct curl_options *options)
{
    return !options->hide_progress && !options->xferinfo_function &&
           !options->progress_function;
}

/* The limit holds for all of a transfer, the waiting included. */
static void shorten(const struct curl_handle *handle)
{
    uint64_t waited_ms = handle->waited_us / 1000;
    long limit_ms = handle->options.timeout_ms;
    if (!handle->waited_us || limit_ms <= 0)
        return;
    uint64_t left_ms =
        (uint64_t)limit_ms > waited_ms ? (uint64_t)limit_ms - waited_ms : 1;
    curl_handle_set(handle, CURLOPT_TIMEOUT_MS, (void *)(uintptr_t)left_ms);
}

/* Puts in place what the decision asks for. */
static enum curl_state prepare(struct curl_handle *handle)
{
    if (handle->state == CURL_FOLLOWING)
        return handle->state;
    if (handle->state == CURL_SERVED || handle->state == CURL_LOST) {
        curl_reader_free(handle->reader);
        handle->reader = NULL;
        return handle->state;
    }
    if (handle->state != CURL_WAITING && shows_meter(&handle->options))
        handle->meter_titled = true; /* libcurl prints it now */
    if (handle->state != CURL_WAITING)
        handle->connected = true;
    if (handle->recording)
        curl_recording_arm(handle);
    if (handle->substitute)
        curl_substitute_arm(handle->substitute, handle);
    if (handle->reader) {
        curl_reader_arm(handle);
        handle->state = CURL_LIVE;
    }
    if (handle->state == CURL_LIVE)
        shorten(handle);
    return handle->state;
}

enum curl_state curl_transfer_start(struct curl_handle *handle, bool may_call)
{
    struct curl_request request;
    forget(handle);
    handle->state = CURL_IDLE;
    handle->waited_us = 0;
    if (curl_request_build(&handle->options, handle->library, &request) ==
        CURL_REQUEST_OK)
        handle->state = consider(handle, &request, may_call);
    curl_request_free(&request);
    return prepare(handle);
}

enum curl_state curl_transfer_again(struct curl_handle *handle)
{
    struct curl_request request;
    struct exchange *exchange;
    if (!curl_follow_is_over(handle, &request, &exchange))
        return CURL_FOLLOWING;
    handle->state = settle(handle, &request, exchange);
    curl_request_free(&request);
    curl_follow_free(handle->follow);
    handle->follow = NULL;
    return prepare(handle);
}

/* -- the end -- */

static void stop_following(struct curl_handle *handle)
{
    curl_follow_free(handle->follow);
    handle->follow = NULL;
    curl_reader_free(handle->reader);
    handle->reader = NULL;
}

void curl_transfer_leave(struct curl_handle *handle)
{
    stop_following(handle);
    handle->state = CURL_SERVED;
}

static void disarm(struct curl_handle *handle)
{
    if (handle->recording)
        curl_recording_disarm(handle);
    if (handle->reader)
        curl_reader_disarm(handle);
    if (handle->substitute)
        curl_substitute_disarm(handle->substitute, handle);
    if (handle->waited_us && handle->options.timeout_ms > 0)
        curl_handle_set(handle, CURLOPT_TIMEOUT_MS,
                        (void *)(uintptr_t)handle->options.timeout_ms);
}

static void free_bodies(struct curl_handle *handle)
{
    curl_reader_free(handle->reader);
    handle->reader = NULL;
    curl_substitute_free(handle->substitute);
    handle->substitute = NULL;
}

static void rearm(struct curl_handle *handle)
{
    curl_recording_arm(handle);
    curl_substitute_arm(handle->substitute, handle);
    if (handle->reader)
        curl_reader_arm(handle);
}

/* The program's own request, after one for a part of it. False: memory is short, and the program is to
 * be told so. */
static bool ask_again(struct curl_handle *handle)
{
    struct exchange *exchange = curl_recording_exchange(handle);
    struct span body = exchange_upstream_body(exchange);
    curl_substitute_free(handle->substitute);
    handle->substitute = NULL;
    if (body.size == 0 || curl_substitute_start(handle, body) != 0)
        return false;
    curl_recording_again(handle);
    rearm(handle);
    return true;
}

void curl_transfer_written(struct curl_handle *handle, CURLcode result)
{
    long status = 0;
    if (!handle->write)
        return;
    (void)handle->library->curl_easy_getinfo(handle->easy, CURLINFO_RESPONSE_CODE,
                                             &status);
    if (result == CURLE_OK)
        exchange_write_end(handle->write, (unsigned)status);
    exchange_free(handle->write);
    handle->write = NULL;
}

CURLcode curl_transfer_finish(struct curl_handle *handle, CURLcode result)
{
    if (handle->state != CURL_LIVE)
        return result;
    disarm(handle);
    enum curl_instead instead = curl_stale_finish(handle, result);
    if (instead == CURL_INSTEAD_AGAIN && ask_again(handle))
        return result;
    if (instead == CURL_INSTEAD_AGAIN)
        result = CURLE_OUT_OF_MEMORY;
    bool served = instead == CURL_INSTEAD_SERVED;
    if (result != CURLE_OK && !served)
        curl_reader_give_back(handle);
    curl_recording_finish(handle, result);
    free_bodies(handle);
    handle->state = served ? CURL_SERVED : CURL_IDLE;
    return result;
}

void curl_transfer_abandon(struct curl_handle *handle, bool gone)
{
    if (handle->state == CURL_LIVE) {
        if (!gone)
            disarm(handle);
        curl_recording_abandon(handle);
        curl_stale_abandon(handle);
        free_bodies(handle);
    }
    if (handle->state == CURL_FOLLOWING)
        stop_following(handle);
    curl_delivery_abandon(handle);
    if (handle->state != CURL_SERVED)
        handle->state = CURL_IDLE;
}
