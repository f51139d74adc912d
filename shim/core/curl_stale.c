/* SPDX-License-Identifier: MIT */
/* Serving an expired entry when libcurl's transfer has failed, and an answer that upstream has given a
 * part of. */
#include "curl_stale.h"

#include "curl_delivery.h"
#include "curl_lines.h"
#include "curl_recording.h"
#include "curl_request.h"
#include "store/memory.h"

struct curl_stale {
    struct curl_request request;
    char method[16]; /* the request's, should the program set another one meanwhile */
    bool connected;  /* handle->connected before the transfer */
    bool preface;    /* the program has seen a response that another one followed */
    bool hides;      /* upstream has failed, or confirmed the entry, or gives a part */
    bool ready;      /* handle->delivery is */
    bool partial;    /* upstream is asked for a part */
    struct curl_lines confirmation; /* a 304's, until it is whole */
};

void curl_stale_start(struct curl_handle *handle, struct curl_request *request)
{
    struct exchange *exchange = curl_recording_exchange(handle);
    struct curl_stale *stale = memory_new(sizeof *stale);
    if (!stale) {
        exchange_forget_stale(exchange);
        exchange_ask_whole(exchange);
        return;
    }
    stale->partial = exchange_is_partial(exchange);
    stale->request = *request;
    span_copy_text(request->request.method, stale->method, sizeof stale->method);
    stale->request.request.method = span_text(stale->method);
    stale->connected = handle->connected;
    *request = (struct curl_request){0};
    handle->stale = stale;
}

void curl_stale_free(struct curl_stale *stale)
{
    if (!stale)
        return;
    curl_request_free(&stale->request);
    curl_lines_free(&stale->confirmation);
    memory_free(stale);
}

static void end(struct curl_handle *handle)
{
    curl_stale_free(handle->stale);
    handle->stale = NULL;
}

/* A proxy's answer to CONNECT and a "100 Continue" come once. */
static void skip_preface(struct curl_delivery *delivery)
{
    const struct curl_lines *lines = &delivery->lines;
    for (; delivery->line < lines->count; delivery->line++) {
        const struct curl_lines_entry *line = &lines->at[delivery->line];
        if (line->origin != CURLH_1XX && line->origin != CURLH_CONNECT)
            return;
        delivery->header_bytes += line->size;
    }
}

/* Of |exchange|, a hit. */
static bool deliver(struct curl_handle *handle, struct exchange *exchange)
{
    struct curl_stale *stale = handle->stale;
    handle->connected = stale->connected;
    if (curl_delivery_start(handle, exchange, &stale->request,
                            stale->request.request.body.size) != 0)
        return false;
    handle->delivery->waited_us = 0; /* the exchange knows how long that was */
    if (stale->preface)
        skip_preface(handle->delivery);
    curl_recording_give_up(handle);
    stale->ready = true;
    return true;
}

/* Prepares the delivery, so that nothing that can fail is left for later. */
static bool prepare(struct curl_handle *handle, unsigned status,
                    const struct headers *fields)
{
    struct exchange *exchange = curl_recording_exchange(handle);
    return exchange && exchange_serve_stale(exchange, status, fields) &&
           deliver(handle, exchange);
}

/* 0: none yet, or a proxy's to CONNECT. */
static long status_of(const struct curl_handle *handle)
{
    long status = 0;
    (void)handle->library->curl_easy_getinfo(handle->easy, CURLINFO_RESPONSE_CODE,
                                             &status);
    return status;
}

/* A redirection may lead to a success, and so may a second try with a credential. */
static bool hides_part(struct curl_stale *stale, long status)
{
    stale->hides = status < 400;
    stale->preface = stale->preface || !stale->hides;
    return stale->hides;
}

bool curl_stale_hides(struct curl_handle *handle, struct span bytes)
{
    struct curl_stale *stale = handle->stale;
    if (!stale || stale->hides)
        return stale;
    if (!span_starts(bytes, "HTTP/"))
        return false;
    long status = status_of(handle);
    if (status < 200) {
        stale->preface = true;
        return false;
    }
    if (stale->partial)
        return hides_part(stale, status);
    const struct exchange *exchange = curl_recording_exchange(handle);
    bool hides = exchange && exchange_hides(exchange, (unsigned)status);
    stale->hides = hides && (status == 304 || prepare(handle, (unsigned)status, NULL));
    if (stale->hides)
        return true;
    if (curl_recording_exchange(handle))
        exchange_forget_stale(curl_recording_exchange(handle));
    end(handle);
    return false;
}

static bool confirm(struct curl_handle *handle)
{
    struct curl_lines *lines = &handle->stale->confirmation;
    struct response response = {0};
    (void)curl_lines_sort(lines);
    bool good = curl_lines_response(lines, &response) == 0 &&
                prepare(handle, 304, &response.headers);
    headers_free(&response.headers);
    return good;
}

bool curl_stale_is_partial(const struct curl_handle *handle)
{
    return handle->stale && handle->stale->partial;
}

bool curl_stale_takes(struct curl_handle *handle, struct span line)
{
    struct curl_stale *stale = handle->stale;
    if (stale->ready || stale->partial)
        return true;
    return curl_lines_add(&stale->confirmation, line, 0, 0) == 0 &&
           (!span_is(line, "\r\n") || confirm(handle));
}

/* Upstream was not reached, or has gone without an answer. A server that was not verified is
 * none of these: the program has to learn of it. */
static bool is_failure(CURLcode result)
{
    switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        return true;
    default:
        return false;
    }
}

bool curl_stale_wanted(const struct curl_handle *handle, CURLcode result)
{
    if (!handle->stale)
        return false;
    if (handle->stale->partial)
        return handle->stale->hides && result == CURLE_OK;
    if (handle->stale->hides)
        return handle->stale->ready && result != CURLE_ABORTED_BY_CALLBACK;
    return is_failure(result) && status_of(handle) < 200;
}

/* Behind a whole answer to a part. */
static enum curl_instead finish_partial(struct curl_handle *handle)
{
    struct exchange *exchange = curl_recording_exchange(handle);
    if (curl_recording_complete(handle) && deliver(handle, exchange)) {
        end(handle);
        return CURL_INSTEAD_SERVED;
    }
    end(handle);
    return CURL_INSTEAD_AGAIN;
}

enum curl_instead curl_stale_finish(struct curl_handle *handle, CURLcode result)
{
    if (!handle->stale)
        return CURL_INSTEAD_NOTHING;
    if (handle->stale->partial && curl_stale_wanted(handle, result))
        return finish_partial(handle);
    bool served = curl_stale_wanted(handle, result) &&
                  (handle->stale->hides || prepare(handle, 0, NULL));
    if (served)
        end(handle);
    else
        curl_stale_abandon(handle);
    return served ? CURL_INSTEAD_SERVED : CURL_INSTEAD_NOTHING;
}

void curl_stale_abandon(struct curl_handle *handle)
{
    if (!handle->stale)
        return;
    if (handle->stale->ready) {
        curl_delivery_free(handle->delivery);
        handle->delivery = NULL;
    }
    end(handle);
}
