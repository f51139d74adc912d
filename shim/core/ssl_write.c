/* SPDX-License-Identifier: MIT */
/* The OpenSSL level, writing: requests are held back until it is known what they are. */
#include "api/api.h"
#include "core.h"
#include "dial.h"
#include "http_body.h"
#include "reconnect.h"
#include "ssl_level.h"
#include "store/memory.h"
#include "wake.h"

#include <openssl/ssl.h>

#define BODY_LIMIT    ((size_t)32 << 20)
#define WAITING_LIMIT ((size_t)64 << 20)

/* Upstream is to be used: for the first time, or again; if it has hung up meanwhile, it is
 * called anew. */
static int ready_upstream(struct connection *connection)
{
    if (connection->link == LINK_VIRTUAL && !dial_begin(connection))
        return -1;
    if (connection->link == LINK_REAL && reconnect_needed(connection))
        (void)!reconnect_begin(connection);
    connection->idle_upstream = false;
    return dial_step(connection);
}

int ssl_flush(struct connection *connection)
{
    struct buffer *outgoing = &connection->outgoing;
    if (!buffer_ok(outgoing))
        return -1;
    if (outgoing->size > connection->outgoing_at && ssl_confined(connection)) {
        ssl_cut(connection);
        return 1;
    }
    if (outgoing->size > connection->outgoing_at) {
        wake_restore(connection); /* real bytes need the real socket */
        int fresh = ready_upstream(connection);
        if (fresh <= 0)
            return fresh;
    }
    while (connection->outgoing_at < outgoing->size) {
        size_t left = outgoing->size - connection->outgoing_at;
        int size = left > INT32_MAX ? INT32_MAX : (int)left;
        int sent = REAL(connection, connection->lib->SSL_write(
                                        connection->ssl,
                                        outgoing->at + connection->outgoing_at, size));
        if (sent <= 0)
            return sent;
        connection->outgoing_at += (size_t)sent;
    }
    connection->outgoing_at = 0;
    if (outgoing->capacity > 65536)
        buffer_free(outgoing);
    else
        buffer_clear(outgoing);
    return 1;
}

static void release_as(struct connection *connection, struct span bytes)
{
    buffer_append_span(&connection->outgoing, bytes);
    buffer_clear(&connection->held);
    connection->writing = WRITING_OPEN;
}

static void release(struct connection *connection)
{
    release_as(connection, buffer_span(&connection->held));
}

static struct request current_request(const struct connection *connection)
{
    struct request request = *http_request(connection->requests);
    request.tls = true;
    request.unverified =
        connection->lib->SSL_get_verify_result(connection->ssl) != X509_V_OK;
    if (request.port == 0)
        request.port = 443;
    return request;
}

/* What the request in hand tells about its answer. */
static void describe(const struct connection *connection, struct turn *turn)
{
    struct request request = current_request(connection);
    turn->head_only =
        span_is(request.method, "HEAD") || span_is(request.method, "CONNECT");
    if (turn->kind == TURN_PLAIN)
        turn->exchange = exchange_write_begin(&request);
    turn->swallow_interim = connection->noted;
}

static void push_plain(struct connection *connection)
{
    struct turn *turn = connection_push(connection, TURN_PLAIN);
    if (!turn) {
        connection_pass(connection);
        return;
    }
    describe(connection, turn);
}

/* The request in hand is read to its end and denied then. */
static void drop(struct connection *connection, enum reason reason)
{
    buffer_clear(&connection->held);
    connection->writing = WRITING_DROPPED;
    connection->confined = true;
    connection->denied = reason;
}

static void bypass(struct connection *connection, enum reason reason)
{
    struct request request = current_request(connection);
    if (connection->confined || exchange_must_deny(&request, reason)) {
        drop(connection, reason);
        return;
    }
    if (reason != REASON_NOT_LLM)
        exchange_bypass(&request, reason, LEVEL_OPENSSL);
    release(connection);
    push_plain(connection);
}

/* RFC 9110, 10.1.1: the program waits with the body until it is told to go on. */
static void say_continue(struct connection *connection, const struct request *request)
{
    if (!span_is_nocase(headers_value(&request->headers, "Expect"), "100-continue") ||
        http_parser_version(connection->requests) < 11)
        return;
    struct turn *turn = connection_push(connection, TURN_NOTE);
    if (!turn)
        return;
    buffer_append_text(&turn->served.bytes, "HTTP/1.1 100 Continue\r\n\r\n");
    connection->noted = true;
    if (connection->first == turn)
        wake_up(connection);
}

static void judge_head(struct connection *connection)
{
    struct request request = current_request(connection);
    enum reason reason = REASON_NOT_LLM;
    connection->noted = false;
    if (connection->writing == WRITING_OPEN) {
        if (!api_may_be_call(&request, &reason) && reason != REASON_NOT_LLM)
            exchange_bypass(&request, reason, LEVEL_OPENSSL);
        push_plain(connection);
        return;
    }
    connection->confined =
        exchange_confines(request.host, request.port) || ssl_confined(connection);
    if (!exchange_may_begin(&request, &reason)) {
        bypass(connection, reason);
    } else if (connection->lib->SSL_get_certificate(connection->ssl)) {
        bypass(connection, REASON_IDENTITY); /* a client certificate says who asks, too */
    } else {
        connection->writing = WRITING_HELD;
        http_parser_keep_body(connection->requests, BODY_LIMIT);
    }
    if (connection->confined)
        buffer_clear(&connection->held);
    if (connection->writing != WRITING_OPEN &&
        http_parser_state(connection->requests) == HTTP_BODY)
        say_continue(connection, &request);
}

/* Queues the answer. An early one (the request has not ended) ends the connection. */
static bool serve(struct connection *connection, struct exchange *exchange)
{
    const struct http_parser *requests = connection->requests;
    struct served served;
    bool http10 = http_parser_version(requests) < 11;
    bool close =
        !http_parser_keep_alive(requests) || http_parser_state(requests) != HTTP_COMPLETE;
    struct cache_mark mark = exchange_mark(exchange);
    if (serve_http1(exchange_record(exchange), http10, close, &mark, &served) != 0)
        return false;
    struct turn *turn = connection_push(connection, TURN_HIT);
    if (!turn) {
        served_free(&served);
        return false;
    }
    turn->served = served;
    turn->exchange = exchange;
    return true;
}

/* Replay mode: the answer, or nothing. */
static void answer_only(struct connection *connection, struct exchange *exchange)
{
    buffer_clear(&connection->held);
    if (exchange_verdict(exchange) != VERDICT_IS_HIT || !serve(connection, exchange)) {
        exchange_drop(exchange, REASON_NO_MEMORY, 0);
        exchange_free(exchange);
        ssl_cut(connection);
    } else if (connection->first == connection->last && wake_possible(connection)) {
        wake_up(connection);
    }
}

static void deny(struct connection *connection)
{
    struct request request = current_request(connection);
    if (!connection->answered)
        answer_only(connection,
                    exchange_deny(&request, connection->denied, LEVEL_OPENSSL));
    else
        connection->ended = true;
    connection->answered = true;
}

void ssl_release(struct connection *connection, enum reason reason)
{
    if (connection->writing == WRITING_HELD)
        bypass(connection, reason);
    else if (connection->writing != WRITING_DROPPED)
        connection_pass(connection);
    if (connection->writing == WRITING_DROPPED)
        deny(connection);
    ssl_flush(connection);
}

/* Room for |size| bytes beside what reserve() has asked for: more may follow in this
 * call. */
static bool has_room(struct buffer *outgoing, size_t size)
{
    bool ok = buffer_room(outgoing, outgoing->capacity - outgoing->size + size);
    outgoing->failed = false;
    return ok;
}

/* The held request with the body or the fields that |exchange| wants upstream to get, in |message|,
 * which stays empty when they are the program's own. REASON_NONE, or why it cannot be. */
static enum reason make_message(struct connection *connection,
                                const struct exchange *exchange, struct buffer *message)
{
    struct span body = exchange_upstream_body(exchange);
    struct span fields = exchange_upstream_fields(exchange);
    struct span held = buffer_span(&connection->held);
    if (body.size == 0 && fields.size == 0)
        return REASON_NONE;
    if (body.size ? !http_replace_body(held, body, message)
                  : !http_add_fields(held, fields, message))
        return REASON_NOT_HTTP;
    return buffer_ok(message) && has_room(&connection->outgoing, message->size)
               ? REASON_NONE
               : REASON_NO_MEMORY;
}

static struct turn *push_miss(struct connection *connection, struct exchange *exchange,
                              struct buffer *message)
{
    if (connection->first || !ssl_can_serve(connection))
        exchange_ask_whole(exchange);
    if (exchange_stale(exchange) && !ssl_can_serve(connection))
        exchange_forget_stale(exchange);
    enum reason reason = make_message(connection, exchange, message);
    struct turn *turn =
        reason == REASON_NONE ? connection_push(connection, TURN_MISS) : NULL;
    if (turn) {
        turn->exchange = exchange;
        return turn;
    }
    exchange_drop(exchange, reason == REASON_NONE ? REASON_NO_MEMORY : reason, 0);
    exchange_free(exchange);
    buffer_free(message);
    return connection_push(connection, TURN_PLAIN);
}

/* Should upstream answer oddly to a part of it, the program's own request is sent. */
static void keep_own(struct connection *connection, struct turn *turn)
{
    if (!exchange_is_partial(turn->exchange))
        return;
    turn->request = connection->held;
    connection->held = (struct buffer){0};
}

/* The held request as it is, or, with |exchange|, as a miss, which it takes over. */
static void send_upstream(struct connection *connection, struct exchange *exchange)
{
    struct buffer message = {0};
    struct turn *turn = exchange ? push_miss(connection, exchange, &message)
                                 : connection_push(connection, TURN_PLAIN);
    if (turn)
        describe(connection, turn);
    else
        connection_pass(connection);
    if (turn && message.size) {
        keep_own(connection, turn);
        release_as(connection, buffer_span(&message));
    } else if (turn) {
        release(connection);
    }
    buffer_free(&message);
}

void ssl_settle(struct connection *connection, struct exchange *exchange,
                uint64_t asked_us)
{
    enum verdict verdict = exchange ? exchange_verdict(exchange) : VERDICT_IS_BYPASS;
    if (verdict == VERDICT_IS_HIT && wake_possible(connection) &&
        serve(connection, exchange)) {
        buffer_clear(&connection->held);
        connection->last->start_us = asked_us;
        if (connection->first == connection->last)
            wake_up(connection);
        return;
    }
    if (verdict == VERDICT_IS_MISS) {
        send_upstream(connection, exchange);
        return;
    }
    send_upstream(connection, NULL);
    if (verdict == VERDICT_IS_HIT)
        exchange_drop(exchange, REASON_NO_DESCRIPTOR, 0);
    if (exchange)
        exchange_free(exchange);
}

static void judge_request(struct connection *connection)
{
    if (http_parser_overflow(connection->requests)) {
        bypass(connection, REASON_TOO_LARGE);
        return;
    }
    struct request request = current_request(connection);
    struct exchange *exchange = exchange_begin(&request, LEVEL_OPENSSL);
    if (exchange && core_config()->mode == MODE_REPLAY) {
        answer_only(connection, exchange);
        return;
    }
    if (connection->confined) {
        drop(connection, REASON_NOT_LLM);
        return;
    }
    if (exchange && exchange_verdict(exchange) == VERDICT_IS_WAIT) {
        if (ssl_await_begin(connection, exchange))
            return;
        exchange_go_alone(exchange);
    }
    ssl_settle(connection, exchange, core_now_us());
}

/* Which requests replay mode confines only a whole head tells. */
static bool could_be_ours(const struct buffer *held)
{
    if (core_config()->mode == MODE_REPLAY)
        return true;
    static const char *const methods[] = {"POST ", "GET ", "HEAD "};
    bool ours = false;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        size_t most = strlen(methods[i]);
        size_t size = held->size < most ? held->size : most;
        ours = ours || memcmp(held->at, methods[i], size) == 0;
    }
    return ours;
}

static bool unread_hit(const struct connection *connection)
{
    for (const struct turn *turn = connection->first; turn; turn = turn->next)
        if (turn->kind == TURN_HIT || turn->kind == TURN_WAIT || ssl_withholds(turn))
            return true;
    return false;
}

static void start_request(struct connection *connection)
{
    connection->writing = WRITING_HEAD;
    connection->noted = connection->answered = false;
}

/* What the parser says after each step. False: nobody looks at requests any more. */
static bool step(struct connection *connection, bool was_head)
{
    enum http_state state = http_parser_state(connection->requests);
    if (state == HTTP_ERROR) {
        if (connection->confined)
            ssl_cut(connection);
        else
            connection_pass(connection);
        return false;
    }
    if (was_head && state != HTTP_HEAD)
        judge_head(connection);
    else if (state == HTTP_HEAD && connection->writing == WRITING_HEAD &&
             !could_be_ours(&connection->held))
        release(connection);
    else if (connection->writing == WRITING_HELD &&
             http_parser_overflow(connection->requests))
        bypass(connection, REASON_TOO_LARGE);
    if (state == HTTP_COMPLETE && connection->writing == WRITING_HELD)
        judge_request(connection);
    if ((state == HTTP_COMPLETE || state == HTTP_UPGRADE) &&
        connection->writing == WRITING_DROPPED)
        deny(connection);
    if (state == HTTP_UPGRADE && !connection->confined)
        connection_pass(connection);
    if (state == HTTP_COMPLETE) {
        connection->writing = WRITING_START;
        connection->confined = false;
    }
    return connection->state == CONNECTION_LIVE && state != HTTP_UPGRADE;
}

/* Runs |data| through the request parser, message by message. */
static void ingest(struct connection *connection, const uint8_t *data, size_t size)
{
    while (size && connection->state == CONNECTION_LIVE) {
        if (connection->writing == WRITING_START && unread_hit(connection)) {
            buffer_append(&connection->deferred, data, size);
            return;
        }
        if (connection->writing == WRITING_START)
            start_request(connection);
        bool was_head = connection->writing == WRITING_HEAD ||
                        http_parser_state(connection->requests) == HTTP_HEAD;
        size_t used = http_parser_feed(connection->requests, data, size, 0);
        if (!connection->confined)
            buffer_append(connection->writing == WRITING_OPEN ? &connection->outgoing
                                                              : &connection->held,
                          data, used);
        data += used;
        size -= used;
        if (!step(connection, was_head))
            break;
    }
    if (!connection->confined)
        buffer_append(&connection->outgoing, data, size);
}

void ssl_resume(struct connection *connection)
{
    struct buffer waiting = connection->deferred;
    if (waiting.size == 0 || unread_hit(connection))
        return;
    connection->deferred = (struct buffer){0};
    ingest(connection, waiting.at, waiting.size);
    buffer_free(&waiting);
    ssl_flush(connection);
}

/* Room for everything that one call can make us keep, so that no byte is lost half-way.
 */
static bool reserve(struct connection *connection, size_t size)
{
    size_t most = connection->held.size + connection->deferred.size + size;
    bool ok = buffer_room(&connection->outgoing, most) &&
              buffer_room(&connection->held, size) &&
              (connection->first == NULL || buffer_room(&connection->deferred, size));
    connection->outgoing.failed = connection->held.failed = connection->deferred.failed =
        false;
    return ok;
}

/* Memory is short: what is held goes out, and nobody looks at this connection any more.
 */
static int write_unwatched(struct connection *connection, const void *data, size_t size)
{
    struct buffer *outgoing = &connection->outgoing;
    if (outgoing->size == 0) {
        buffer_free(outgoing);
        *outgoing = connection->held;
        connection->held = (struct buffer){0};
    }
    connection_pass(connection);
    int sent = ssl_flush(connection);
    if (connection->confined || ssl_confined(connection)) {
        ssl_cut(connection);
        return (int)size;
    }
    return sent <= 0 ? sent
                     : REAL(connection,
                            connection->lib->SSL_write(connection->ssl, data, (int)size));
}

/* While a connection is being made a write would have to wait for something to read, which
 * libssl's users see so rarely that some (PHP) take it for the end. With a socket BIO the
 * bytes are taken instead, unless the caller is of the newer kind: the program's next read
 * goes on, and says it when there is no connection to be had. */
static bool may_wait(const struct connection *connection)
{
    return connection->link == LINK_TLS && !connection->memory_bio &&
           !connection->patient &&
           connection->outgoing.size - connection->outgoing_at < WAITING_LIMIT &&
           connection->lib->SSL_get_error(connection->ssl, -1) == SSL_ERROR_WANT_READ;
}

int ssl_take(struct connection *connection, const void *data, size_t size)
{
    size_t taken = connection->retry;
    if (connection->ended) { /* the program goes on where it wanted to end */
        wake_restore(connection);
        connection->ended = false;
    }
    if (connection->outgoing.size > connection->outgoing_at) {
        int sent = ssl_flush(connection);
        if (sent <= 0 && !may_wait(connection))
            return sent;
    }
    connection->retry = 0;
    if (taken < size) {
        if (!reserve(connection, size))
            return write_unwatched(connection, (const uint8_t *)data + taken,
                                   size - taken);
        if (connection->state == CONNECTION_LIVE)
            ingest(connection, (const uint8_t *)data + taken, size - taken);
        else
            buffer_append(&connection->outgoing, (const uint8_t *)data + taken,
                          size - taken);
    }
    int sent = ssl_flush(connection);
    if (sent > 0 || may_wait(connection))
        return (int)size;
    connection->retry = size;
    return sent;
}
