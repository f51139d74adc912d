/* SPDX-License-Identifier: MIT */
/* Copying a response while libcurl hands it to the program. */
#define CURL_DISABLE_DEPRECATION
#include "curl_recording.h"

#include "core.h"
#include "curl_handle.h"
#include "curl_level.h"
#include "curl_stale.h"
#include "store/memory.h"

/* Longer answers are handed on but not kept. */
#define ANSWER_LIMIT ((size_t)128 << 20)

struct curl_recording {
    struct exchange *exchange;
    struct curl_lines lines;
    struct buffer body;
    struct buffer pieces; /* of struct piece */
    uint64_t start_us;
    uint64_t first_us; /* absolute; 0 = nothing has arrived yet */
    uint64_t last_us;
    enum reason dropped; /* why it cannot be kept, REASON_NONE while it can */
};

int curl_recording_start(struct curl_handle *handle, struct exchange *exchange)
{
    struct curl_recording *recording = memory_new(sizeof *recording);
    if (!recording)
        return -1;
    recording->exchange = exchange;
    recording->start_us = core_now_us();
    handle->recording = recording;
    return 0;
}

static void stop(struct curl_recording *recording, enum reason reason)
{
    if (recording->dropped != REASON_NONE)
        return;
    recording->dropped = reason;
    buffer_free(&recording->body);
    buffer_free(&recording->pieces);
    curl_lines_free(&recording->lines);
}

struct exchange *curl_recording_exchange(const struct curl_handle *handle)
{
    return handle->recording ? handle->recording->exchange : NULL;
}

void curl_recording_give_up(struct curl_handle *handle)
{
    handle->recording->exchange = NULL;
    stop(handle->recording, REASON_STATUS);
}

static void arrived(struct curl_recording *recording)
{
    recording->last_us = core_now_us();
    if (!recording->first_us)
        recording->first_us = recording->last_us;
}

static void keep_body(struct curl_recording *recording, struct span bytes)
{
    struct piece piece = {.size = bytes.size};
    arrived(recording);
    if (recording->dropped != REASON_NONE)
        return;
    if (recording->body.size + bytes.size > ANSWER_LIMIT) {
        stop(recording, REASON_ANSWER_TOO_LARGE);
        return;
    }
    piece.at_us = recording->last_us;
    buffer_append_span(&recording->body, bytes);
    buffer_append(&recording->pieces, &piece, sizeof piece);
    if (!buffer_ok(&recording->body) || !buffer_ok(&recording->pieces))
        stop(recording, REASON_NO_MEMORY);
}

/* With CURLOPT_HEADER libcurl has just given the same line to the write callback, in
 * pieces: it was no body. */
static void unkeep_line(struct curl_recording *recording, struct span line)
{
    struct buffer *body = &recording->body;
    if (body->size < line.size || !line.size ||
        memcmp(body->at + body->size - line.size, line.at, line.size) != 0)
        return;
    body->size -= line.size;
    for (size_t left = line.size; left && recording->pieces.size;) {
        struct piece piece;
        recording->pieces.size -= sizeof piece;
        memcpy(&piece, recording->pieces.at + recording->pieces.size, sizeof piece);
        left -= piece.size < left ? piece.size : left;
    }
}

/* A curl_write_callback. */
static size_t take_body(char *bytes, size_t one, size_t size, void *argument)
{
    struct curl_handle *handle = argument;
    size_t taken = one * size;
    if (!curl_stale_hides(handle, span_of(bytes, one * size)))
        taken = curl_handle_write(handle, span_of(bytes, one * size));
    if (handle->recording && taken == one * size)
        keep_body(handle->recording, span_of(bytes, one * size));
    return taken;
}

/* Likewise, for header lines. */
static size_t take_line(char *bytes, size_t one, size_t size, void *argument)
{
    struct curl_handle *handle = argument;
    struct span line = span_of(bytes, one * size);
    bool hidden = curl_stale_hides(handle, line);
    if (hidden && !curl_stale_takes(handle, line))
        return 0;
    size_t taken = hidden ? line.size : curl_handle_header(handle, line);
    if (hidden && !curl_stale_is_partial(handle))
        return taken;
    struct curl_recording *recording = handle->recording;
    if (!recording || taken != line.size || recording->dropped != REASON_NONE)
        return taken;
    arrived(recording);
    if (handle->options.include)
        unkeep_line(recording, line);
    if (curl_lines_add(&recording->lines, line, recording->body.size, 0) != 0)
        stop(recording, REASON_NO_MEMORY);
    return taken;
}

void curl_recording_arm(struct curl_handle *handle)
{
    curl_handle_set(handle, CURLOPT_WRITEFUNCTION, (void *)take_body);
    curl_handle_set(handle, CURLOPT_WRITEDATA, handle);
    curl_handle_set(handle, CURLOPT_HEADERFUNCTION, (void *)take_line);
    curl_handle_set(handle, CURLOPT_HEADERDATA, handle);
}

void curl_recording_disarm(struct curl_handle *handle)
{
    const struct curl_options *options = &handle->options;
    curl_handle_set(handle, CURLOPT_WRITEFUNCTION, (void *)options->write_function);
    curl_handle_set(handle, CURLOPT_WRITEDATA, options->write_data);
    curl_handle_set(handle, CURLOPT_HEADERFUNCTION, (void *)options->header_function);
    curl_handle_set(handle, CURLOPT_HEADERDATA, options->header_data);
}

static enum reason failure(CURLcode result)
{
    switch (result) {
    case CURLE_OK:
        return REASON_NONE;
    case CURLE_HTTP_RETURNED_ERROR:
        return REASON_STATUS;
    case CURLE_WRITE_ERROR:
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_OPERATION_TIMEDOUT:
        return REASON_ABORTED;
    case CURLE_OUT_OF_MEMORY:
        return REASON_NO_MEMORY;
    default:
        return REASON_TRUNCATED;
    }
}

/* Times count from the request's completion; libcurl tells when it was about to send it.
 */
static void set_times(struct curl_handle *handle, struct response *response)
{
    struct curl_recording *recording = handle->recording;
    struct piece *pieces = (struct piece *)recording->pieces.at;
    curl_off_t before = 0;
    (void)handle->library->curl_easy_getinfo(handle->easy, CURLINFO_PRETRANSFER_TIME_T,
                                             &before);
    uint64_t sent = recording->start_us + (before > 0 ? (uint64_t)before : 0);
    if (sent > recording->first_us)
        sent = recording->first_us;
    response->pieces = pieces;
    response->piece_count = recording->pieces.size / sizeof *pieces;
    for (size_t i = 0; i < response->piece_count; i++)
        pieces[i].at_us -= sent;
    response->first_byte_us = recording->first_us - sent;
    response->last_byte_us = recording->last_us - sent;
}

static void remove_field(struct headers *headers, const char *name)
{
    size_t kept = 0;
    for (size_t i = 0; i < headers->count; i++)
        if (!span_is_nocase(headers->at[i].name, name))
            headers->at[kept++] = headers->at[i];
    headers->count = kept;
}

/* True when libcurl has undone the response's content coding. */
static bool decoded(const struct curl_handle *handle, const struct response *response)
{
    return handle->options.text[CURL_TEXT_ENCODING] &&
           headers_find(&response->headers, "Content-Encoding");
}

static void set_framing(struct response *response)
{
    bool sized = headers_find(&response->headers, "Content-Length");
    bool chunked = headers_find(&response->headers, "Transfer-Encoding");
    response->chunked = chunked || (!sized && response->version >= 20);
    response->close_delimited = !sized && !chunked && response->version < 20;
}

/* What was recorded as a response, its headers to be freed whatever the result. The fields may not
 * speak of a coding that is not there any more (|*undone|). False: memory is short. */
static bool make_response(struct curl_handle *handle, struct response *response,
                          bool *undone)
{
    struct curl_recording *recording = handle->recording;
    *response = (struct response){.body = buffer_span(&recording->body)};
    if (curl_lines_response(&recording->lines, response) != 0)
        return false;
    *undone = decoded(handle, response);
    set_times(handle, response);
    set_framing(response);
    if (*undone) {
        remove_field(&response->headers, "Content-Encoding");
        remove_field(&response->headers, "Content-Length");
    }
    return true;
}

static void commit(struct curl_handle *handle)
{
    struct curl_recording *recording = handle->recording;
    struct response response;
    struct buffer level = {0};
    bool undone;
    if (!make_response(handle, &response, &undone)) {
        exchange_drop(recording->exchange, REASON_NO_MEMORY, response.status);
        headers_free(&response.headers);
        return;
    }
    curl_level_pack(handle->library, handle->easy, &recording->lines, undone, &level);
    if (!buffer_ok(&level))
        buffer_clear(&level);
    exchange_commit(recording->exchange, &response, buffer_span(&level));
    buffer_free(&level);
    headers_free(&response.headers);
}

bool curl_recording_complete(struct curl_handle *handle)
{
    struct curl_recording *recording = handle->recording;
    struct response response;
    bool undone;
    if (recording->dropped != REASON_NONE || !curl_lines_sort(&recording->lines))
        return false;
    bool good = make_response(handle, &response, &undone) &&
                exchange_complete(recording->exchange, &response);
    headers_free(&response.headers);
    return good;
}

void curl_recording_again(struct curl_handle *handle)
{
    struct curl_recording *recording = handle->recording;
    struct exchange *exchange = recording->exchange;
    stop(recording, REASON_NO_MEMORY);
    *recording = (struct curl_recording){.exchange = exchange, .start_us = core_now_us()};
}

/* What an address leads to by way of others is no answer of its own. */
static bool redirected(const struct curl_handle *handle)
{
    long count = 0;
    (void)handle->library->curl_easy_getinfo(handle->easy, CURLINFO_REDIRECT_COUNT,
                                             &count);
    return exchange_is_edge(handle->recording->exchange) && count > 0;
}

static void end(struct curl_handle *handle)
{
    curl_recording_free(handle->recording);
    handle->recording = NULL;
}

void curl_recording_finish(struct curl_handle *handle, CURLcode result)
{
    struct curl_recording *recording = handle->recording;
    if (!recording)
        return;
    if (!recording->exchange) {
        end(handle);
        return;
    }
    enum reason reason =
        recording->dropped != REASON_NONE ? recording->dropped : failure(result);
    unsigned status = curl_lines_sort(&recording->lines);
    handle->connected = result == CURLE_OK && !curl_lines_close(&recording->lines);
    if (reason == REASON_NONE && (!status || redirected(handle)))
        reason = REASON_UNSUPPORTED_TRANSFER;
    if (reason == REASON_NONE)
        commit(handle);
    else
        exchange_drop(recording->exchange, reason, status);
    end(handle);
}

void curl_recording_abandon(struct curl_handle *handle)
{
    struct curl_recording *recording = handle->recording;
    if (!recording)
        return;
    if (recording->exchange)
        exchange_drop(recording->exchange, REASON_ABORTED,
                      curl_lines_sort(&recording->lines));
    end(handle);
}

void curl_recording_free(struct curl_recording *recording)
{
    if (!recording)
        return;
    exchange_free(recording->exchange);
    curl_lines_free(&recording->lines);
    buffer_free(&recording->body);
    buffer_free(&recording->pieces);
    memory_free(recording);
}
