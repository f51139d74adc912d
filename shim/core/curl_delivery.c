/* SPDX-License-Identifier: MIT */
/* Handing a recorded transfer over. */
#define CURL_DISABLE_DEPRECATION
#include "curl_delivery.h"

#include "core.h"
#include "curl_certinfo.h"
#include "curl_handle.h"
#include "curl_progress.h"
#include "curl_replay.h"
#include "curl_request.h"
#include "store/memory.h"

#define BLOCK ((size_t)CURL_MAX_WRITE_SIZE)

/* -- preparing -- */

/* Pieces that do not add up to the body are no use. */
static bool pieces_fit(const struct response *response)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < response->piece_count; i++)
        sum += response->pieces[i].size;
    return response->piece_count && sum == response->body.size;
}

static void set_amounts(struct curl_delivery *delivery, size_t body_size, bool identity)
{
    const struct curl_value *wire =
        curl_level_value(&delivery->level, CURLINFO_SIZE_DOWNLOAD_T);
    delivery->wire_bytes = wire && !identity ? wire->number : (int64_t)body_size;
}

/* Two facts that outlive the recording. */
static int set_facts(struct curl_delivery *delivery, const struct response *response)
{
    struct span type = headers_value(&response->headers, "Content-Type");
    delivery->status = response->status;
    if (!type.size)
        return 0;
    delivery->content_type = memory_new(type.size + 1);
    if (!delivery->content_type)
        return -1;
    span_copy_text(type, delivery->content_type, type.size + 1);
    return 0;
}

/* libcurl has certificates only for transfers that have made their connection; without
 * them a hit looks as if over a connection that was there. */
static int set_certificates(struct curl_delivery *delivery)
{
    if (!delivery->level.certificates.size)
        delivery->reused = true;
    if (delivery->reused)
        return 0;
    delivery->certinfo = curl_certinfo_unpack(delivery->level.certificates);
    return delivery->certinfo ? 0 : -1;
}

static int prepare(struct curl_delivery *delivery, const struct curl_options *options,
                   bool tls)
{
    const struct record *record = exchange_record(delivery->exchange);
    bool identity;
    if (curl_level_unpack(record->level, &delivery->level) != 0)
        delivery->level.decoded = false; /* another level has recorded it */
    if (options->certinfo && tls && set_certificates(delivery) != 0)
        return -1;
    struct cache_mark mark = exchange_mark(delivery->exchange);
    if (set_facts(delivery, &record->response) != 0 ||
        curl_replay_lines(&delivery->level, record, &mark, options, &delivery->lines,
                          &delivery->length, &identity) != 0)
        return -1;
    set_amounts(delivery, record->response.body.size, identity);
    delivery->by_pieces = pieces_fit(&record->response);
    return 0;
}

static void take_request(struct curl_delivery *delivery, struct curl_request *request)
{
    span_copy_text(request->request.method, delivery->method, sizeof delivery->method);
    delivery->port = request->request.port;
    delivery->url = request->url;
    request->url = NULL;
}

int curl_delivery_expect(struct curl_handle *handle, struct exchange *exchange,
                         struct curl_request *request)
{
    struct curl_delivery *delivery = memory_new(sizeof *delivery);
    if (!delivery)
        return -1;
    delivery->exchange = exchange;
    delivery->reused = handle->connected;
    delivery->length = -1;
    delivery->started = true;
    delivery->start_us = core_now_us();
    take_request(delivery, request);
    if (handle->options.error_buffer)
        handle->options.error_buffer[0] = 0;
    curl_delivery_free(handle->delivery);
    handle->delivery = delivery;
    return 0;
}

int curl_delivery_start(struct curl_handle *handle, struct exchange *exchange,
                        struct curl_request *request, uint64_t request_bytes)
{
    struct curl_delivery *delivery = memory_new(sizeof *delivery);
    if (!delivery)
        return -1;
    delivery->exchange = exchange;
    delivery->reused = handle->connected;
    if (prepare(delivery, &handle->options, request->request.tls) != 0) {
        delivery->exchange = NULL;
        curl_delivery_free(delivery);
        return -1;
    }
    take_request(delivery, request);
    delivery->request_bytes = request_bytes;
    delivery->start_us = core_now_us();
    delivery->waited_us = handle->waited_us;
    curl_delivery_free(handle->delivery);
    handle->delivery = delivery;
    return 0;
}

void curl_delivery_free(struct curl_delivery *delivery)
{
    if (!delivery)
        return;
    exchange_free(delivery->exchange);
    curl_level_free(&delivery->level);
    curl_lines_free(&delivery->lines);
    memory_free(delivery->certinfo);
    memory_free(delivery->url);
    memory_free(delivery->content_type);
    memory_free(delivery->fields);
    memory_free(delivery);
}

/* -- when -- */

static bool line_is_next(const struct curl_delivery *delivery)
{
    const struct response *response = &exchange_record(delivery->exchange)->response;
    return delivery->line < delivery->lines.count &&
           (delivery->lines.at[delivery->line].offset <= delivery->sent ||
            delivery->sent == response->body.size);
}

static uint64_t due_at(const struct curl_delivery *delivery)
{
    const struct response *response = &exchange_record(delivery->exchange)->response;
    if (core_config()->pace == PACE_INSTANT)
        return 0;
    if (line_is_next(delivery))
        return delivery->sent ? response->last_byte_us : response->first_byte_us;
    if (delivery->sent < delivery->block)
        return 0; /* the rest of a piece */
    if (delivery->sent == response->body.size || !delivery->by_pieces)
        return response->last_byte_us;
    return response->pieces[delivery->piece].at_us;
}

static uint64_t spent_us(const struct curl_delivery *delivery)
{
    return core_now_us() - delivery->start_us + delivery->waited_us;
}

uint64_t curl_delivery_wait(const struct curl_handle *handle)
{
    const struct curl_delivery *delivery = handle->delivery;
    if (delivery->done || !delivery->started)
        return 0;
    if (delivery->paused)
        return UINT64_MAX;
    uint64_t due = due_at(delivery), spent = spent_us(delivery);
    return due > spent ? due - spent : 0;
}

/* -- ending -- */

static void let_go(struct curl_delivery *delivery)
{
    delivery->done = true;
    exchange_free(delivery->exchange);
    delivery->exchange = NULL;
}

static void finish(struct curl_handle *handle, CURLcode result)
{
    struct curl_delivery *delivery = handle->delivery;
    if (delivery->done) /* ended from within a callback */
        return;
    delivery->last_us = spent_us(delivery);
    delivery->done = true;
    delivery->result = result;
    /* libcurl, too, asks once more at the end, and lets that answer spoil a good
     * transfer. */
    if (result != CURLE_ABORTED_BY_CALLBACK && !curl_progress(handle, true) &&
        result == CURLE_OK)
        delivery->result = CURLE_ABORTED_BY_CALLBACK;
    handle->connected = result == CURLE_OK && !curl_lines_close(&delivery->lines);
    exchange_served(delivery->exchange, delivery->first_us, delivery->last_us);
    let_go(delivery);
}

void curl_delivery_abandon(struct curl_handle *handle)
{
    struct curl_delivery *delivery = handle->delivery;
    if (!delivery || delivery->done)
        return;
    delivery->last_us = spent_us(delivery);
    delivery->result = CURLE_ABORTED_BY_CALLBACK;
    if (delivery->started)
        exchange_served(delivery->exchange, delivery->first_us, delivery->last_us);
    let_go(delivery);
}

static void append_signed(struct buffer *text, int64_t number)
{
    buffer_append_decimal(text, (uint64_t)number);
}

static void time_out(struct curl_handle *handle)
{
    const struct curl_delivery *delivery = handle->delivery;
    struct buffer text = {0};
    buffer_append_text(&text, "Operation timed out after ");
    buffer_append_decimal(&text, spent_us(delivery) / 1000);
    buffer_append_text(&text, " milliseconds with ");
    buffer_append_decimal(&text, delivery->sent);
    if (delivery->length >= 0) {
        buffer_append_text(&text, " out of ");
        append_signed(&text, delivery->length);
    }
    buffer_append_text(&text, " bytes received");
    buffer_append_byte(&text, 0);
    if (buffer_ok(&text))
        curl_handle_fail(handle, (const char *)text.at);
    buffer_free(&text);
    finish(handle, CURLE_OPERATION_TIMEDOUT);
}

/* -- callbacks -- */

enum step { STEP_ON, STEP_STOP };

static void refuse_body(struct curl_handle *handle, size_t given, size_t taken)
{
    struct buffer text = {0};
    unsigned version = handle->library->version;
    if (version >= 0x080700 && taken == CURL_WRITEFUNC_ERROR) {
        buffer_append_text(&text, "client returned ERROR on write of ");
        buffer_append_decimal(&text, given);
        buffer_append_text(&text, " bytes");
    } else {
        buffer_append_text(&text, "Failure writing output to destination");
        if (version >= 0x080700) {
            buffer_append_text(&text, ", passed ");
            buffer_append_decimal(&text, given);
            buffer_append_text(&text, " returned ");
            buffer_append_decimal(&text, taken);
        }
    }
    buffer_append_byte(&text, 0);
    if (buffer_ok(&text))
        curl_handle_fail(handle, (const char *)text.at);
    buffer_free(&text);
}

/* What a callback has answered: go on, wait, or give up. */
static enum step judge(struct curl_handle *handle, size_t given, size_t taken, bool body)
{
    if (taken == given)
        return STEP_ON;
    if (taken == CURL_WRITEFUNC_PAUSE) {
        handle->delivery->paused = true;
        return STEP_STOP;
    }
    if (body || handle->library->version >= 0x080700)
        refuse_body(handle, given, taken);
    else
        curl_handle_fail(handle, "Failed writing header");
    finish(handle, CURLE_WRITE_ERROR);
    return STEP_STOP;
}

/* With CURLOPT_HEADER a line goes to the write callback first. */
static enum step include_line(struct curl_handle *handle, struct span line)
{
    while (line.size) {
        struct span part = span_of(line.at, line.size < BLOCK ? line.size : BLOCK);
        size_t taken = curl_handle_write(handle, part);
        if (judge(handle, part.size, taken, true) == STEP_STOP)
            return STEP_STOP;
        line = span_skip(line, part.size);
    }
    handle->delivery->line_written = true;
    return STEP_ON;
}

/* CURLOPT_FAILONERROR(3): such an answer ends with its header. What a login would mend does
 * not count. */
static bool fails(const struct curl_handle *handle)
{
    unsigned status = handle->delivery->status;
    return handle->options.fail_on_error && status >= 400 && status != 401 &&
           status != 407;
}

static void fail(struct curl_handle *handle)
{
    struct buffer text = {0};
    buffer_append_text(&text, "The requested URL returned error: ");
    buffer_append_decimal(&text, handle->delivery->status);
    buffer_append_byte(&text, 0);
    if (buffer_ok(&text))
        curl_handle_fail(handle, (const char *)text.at);
    buffer_free(&text);
    finish(handle, CURLE_HTTP_RETURNED_ERROR);
}

static enum step deliver_line(struct curl_handle *handle)
{
    struct curl_delivery *delivery = handle->delivery;
    struct span line = curl_lines_text(&delivery->lines, delivery->line);
    bool trailer = delivery->lines.at[delivery->line].origin == CURLH_TRAILER;
    if (!delivery->line_written) {
        curl_handle_debug(handle, CURLINFO_HEADER_IN, line);
        if (handle->options.include && !trailer &&
            include_line(handle, line) == STEP_STOP)
            return STEP_STOP;
    }
    delivery->line_written = true; /* should the header callback pause */
    size_t taken = curl_handle_header(handle, line);
    if (judge(handle, line.size, taken, false) == STEP_STOP)
        return STEP_STOP;
    delivery->line_written = false;
    delivery->header_bytes += line.size;
    delivery->line++;
    if (!span_is(line, "\r\n") || !fails(handle))
        return STEP_ON;
    fail(handle);
    return STEP_STOP;
}

/* The size of the next write callback. */
static size_t next_block(struct curl_delivery *delivery, const struct response *response)
{
    size_t end = response->body.size;
    if (delivery->sent >= delivery->block) {
        if (!delivery->by_pieces) {
            delivery->block = end;
        } else {
            while (delivery->block <= delivery->sent)
                delivery->block += (size_t)response->pieces[delivery->piece++].size;
        }
    }
    size_t left = delivery->block - delivery->sent;
    return left < BLOCK ? left : BLOCK;
}

static enum step deliver_body(struct curl_handle *handle)
{
    struct curl_delivery *delivery = handle->delivery;
    const struct response *response = &exchange_record(delivery->exchange)->response;
    size_t size = next_block(delivery, response);
    struct span block = span_of(response->body.at + delivery->sent, size);
    curl_handle_debug(handle, CURLINFO_DATA_IN, block);
    size_t taken = curl_handle_write(handle, block);
    if (judge(handle, size, taken, true) == STEP_STOP)
        return STEP_STOP;
    delivery->sent += size;
    return STEP_ON;
}

/* The next callback. */
static void deliver(struct curl_handle *handle)
{
    struct curl_delivery *delivery = handle->delivery;
    if (!delivery->first_us && !(delivery->first_us = spent_us(delivery)))
        delivery->first_us = 1;
    if (line_is_next(delivery))
        (void)deliver_line(handle);
    else if (delivery->sent < exchange_record(delivery->exchange)->response.body.size)
        (void)deliver_body(handle);
    else
        finish(handle, CURLE_OK);
}

CURLcode curl_delivery_pause(struct curl_handle *handle, bool pause)
{
    struct curl_delivery *delivery = handle->delivery;
    bool resumed = delivery->paused && !pause;
    delivery->paused = pause;
    /* libcurl hands over what it has held back before curl_easy_pause() returns. */
    if (resumed)
        deliver(handle);
    return delivery->done ? delivery->result : CURLE_OK;
}

static void begin(struct curl_handle *handle)
{
    static const char served[] = "Answered by preecho from its store\n",
                      denied[] = "Denied by preecho in replay mode\n";
    struct curl_delivery *delivery = handle->delivery;
    delivery->started = true;
    delivery->start_us = core_now_us();
    if (handle->options.error_buffer)
        handle->options.error_buffer[0] = 0;
    curl_handle_debug(
        handle, CURLINFO_TEXT,
        span_text(exchange_mark(delivery->exchange).denied ? denied : served));
    if (!curl_progress(handle, false))
        finish(handle, CURLE_ABORTED_BY_CALLBACK);
}

bool curl_delivery_idle(struct curl_handle *handle)
{
    struct curl_delivery *delivery = handle->delivery;
    long limit = handle->options.timeout_ms;
    if (limit > 0 && spent_us(delivery) / 1000 >= (uint64_t)limit) {
        time_out(handle);
        return false;
    }
    if (!curl_progress(handle, false)) {
        finish(handle, CURLE_ABORTED_BY_CALLBACK);
        return false;
    }
    return true;
}

/* Nothing is due, or the program has paused. False: that has changed things. */
static bool idle(struct curl_handle *handle)
{
    return curl_delivery_idle(handle) && curl_delivery_wait(handle) > 0;
}

bool curl_delivery_run(struct curl_handle *handle)
{
    struct curl_delivery *delivery = handle->delivery;
    if (!delivery->started)
        begin(handle);
    while (!delivery->done) {
        if (curl_delivery_wait(handle) > 0) {
            if (idle(handle))
                return false;
            continue;
        }
        size_t sent = delivery->sent;
        deliver(handle);
        if (delivery->sent > sent && !curl_progress(handle, false))
            finish(handle, CURLE_ABORTED_BY_CALLBACK);
    }
    return true;
}
