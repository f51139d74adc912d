/* SPDX-License-Identifier: MIT */
/* The OpenSSL level, answers of upstream's that are held back: interim responses that the
 * program has been given already, answers that an expired entry stands in for when they
 * turn out to be failures, and those that are a part of what is served (ssl_partial.c). What
 * is held back lies behind what the program may read, at the end of `incoming`, until it is
 * shown or dropped.
 *
 * While an answer may be dropped no later request goes out (see ssl_write.c), so nothing follows
 * it, and the parser of requests still knows the one that it belongs to. */
#include "core.h"
#include "ssl_level.h"
#include "wake.h"

#include <openssl/ssl.h>

#define READ_SIZE     16384
#define FAILURE_LIMIT ((size_t)1 << 20) /* longer answers are shown */

bool ssl_may_be_stale(const struct turn *turn)
{
    return turn->kind == TURN_MISS && exchange_stale(turn->exchange);
}

bool ssl_withholds(const struct turn *turn)
{
    return ssl_may_be_stale(turn) || ssl_is_partial(turn);
}

bool ssl_sifts(const struct connection *connection)
{
    if (connection->state != CONNECTION_LIVE)
        return false;
    if (connection->first && connection->first->swallow_interim)
        return true;
    for (const struct turn *turn = connection->first; turn; turn = turn->next)
        if (ssl_withholds(turn))
            return true;
    return false;
}

static void show(struct connection *connection)
{
    connection->withheld = 0;
}

void ssl_drop_withheld(struct connection *connection)
{
    connection->incoming.size -= connection->withheld;
    connection->withheld = 0;
}

/* -- the stale answer ------------------------------------------------------------------- */

/* The program is inside a read and gets its bytes from that; but where its descriptor is not
 * known nothing is served. */
bool ssl_can_serve(struct connection *connection)
{
    return wake_possible(connection) ||
           (connection->memory_bio && descriptor_valid(&connection->descriptor));
}

bool ssl_serve_instead(struct connection *connection, bool close)
{
    struct turn *turn = connection->first;
    const struct http_parser *requests = connection->requests;
    struct cache_mark mark = exchange_mark(turn->exchange);
    if (serve_http1(exchange_record(turn->exchange), http_parser_version(requests) < 11,
                    close || !http_parser_keep_alive(requests), &mark,
                    &turn->served) != 0)
        return false;
    turn->kind = TURN_HIT;
    turn->start_us = core_now_us();
    ssl_drop_withheld(connection);
    http_parser_next(connection->responses);
    if (wake_possible(connection))
        wake_up(connection);
    return true;
}

/* Makes the first turn, a miss, a hit. False: the answer is upstream's. */
static bool serve(struct connection *connection, bool close)
{
    struct turn *turn = connection->first;
    return exchange_serve_stale(turn->exchange, turn->failure,
                                &http_response(connection->responses)->headers) &&
           ssl_serve_instead(connection, close);
}

bool ssl_serve_stale(struct connection *connection)
{
    struct turn *turn = connection->first;
    if (connection->state != CONNECTION_LIVE || !turn || !ssl_may_be_stale(turn) ||
        !ssl_can_serve(connection) || !serve(connection, true))
        return false;
    buffer_clear(&connection->outgoing); /* nothing but this request can be in it */
    connection->outgoing_at = 0;
    return true;
}

/* -- what upstream answers ---------------------------------------------------------------- */

static void take_as_it_is(struct connection *connection)
{
    struct turn *turn = connection->first;
    turn->failure = 0;
    show(connection);
    if (turn->kind != TURN_MISS)
        return;
    exchange_forget_stale(turn->exchange);
    if (http_parser_state(connection->responses) == HTTP_BODY)
        ssl_record_body(connection);
}

/* The head is complete. */
static void judge_head(struct connection *connection)
{
    struct turn *turn = connection->first;
    unsigned status = http_response(connection->responses)->status;
    if (http_parser_interim(connection->responses)) {
        if (turn->swallow_interim && status == 100)
            ssl_drop_withheld(connection);
        else
            show(connection);
        turn->swallow_interim = turn->swallow_interim && status != 100;
        return;
    }
    turn->swallow_interim = false;
    if (ssl_is_partial(turn) && status >= 200 && status <= 299) {
        if (http_parser_state(connection->responses) == HTTP_BODY)
            ssl_record_body(connection);
        return;
    }
    turn->shown = true;
    if (ssl_may_be_stale(turn) && exchange_hides(turn->exchange, status) &&
        ssl_can_serve(connection))
        turn->failure = status;
    else
        take_as_it_is(connection);
}

/* A 304 is no answer to what the program has asked: without one that it can have, it reads the end. */
static void lose(struct connection *connection)
{
    exchange_drop(connection->first->exchange, REASON_NO_MEMORY, 304);
    ssl_drop_withheld(connection);
    connection_pop(connection);
    http_parser_next(connection->responses);
    connection->ended = true;
}

/* True when upstream may be about to answer a condition of ours. */
static bool has_asked(const struct connection *connection)
{
    for (const struct turn *turn = connection->first; turn; turn = turn->next)
        if (ssl_may_be_stale(turn) && exchange_hides(turn->exchange, 304))
            return true;
    return false;
}

/* What upstream says is not understood from here on. */
static void go_blind(struct connection *connection)
{
    bool asked = has_asked(connection);
    if (asked)
        ssl_drop_withheld(connection);
    connection_pass(connection);
    if (!asked)
        return;
    while (connection->first)
        connection_pop(connection);
    buffer_clear(&connection->outgoing);
    connection->outgoing_at = 0;
    connection->ended = true;
}

static void complete(struct connection *connection)
{
    bool close = !http_parser_keep_alive(connection->responses);
    if (ssl_is_partial(connection->first) &&
        !http_parser_interim(connection->responses)) {
        ssl_complete_partial(connection, close);
        return;
    }
    if (connection->first->failure) {
        if (serve(connection, close))
            return;
        if (connection->first->failure == 304) {
            lose(connection);
            return;
        }
        take_as_it_is(connection);
    }
    ssl_response_complete(connection);
}

/* No HTTP, or HTTP no longer. */
static void give_up(struct connection *connection)
{
    if (connection->first->failure && ssl_serve_stale(connection))
        return;
    bool partial = ssl_is_partial(connection->first);
    go_blind(connection);
    if (!partial)
        show(connection);
}

/* One part of an answer that is held back; returns the bytes used. */
static size_t hold(struct connection *connection, const uint8_t *data, size_t size)
{
    struct http_parser *parser = connection->responses;
    struct turn *turn = connection->first;
    bool head = http_parser_state(parser) != HTTP_BODY;
    if (head && turn->head_only)
        http_parser_no_body(parser);
    size_t used = http_parser_feed(parser, data, size, turn_elapsed(turn));
    enum http_state state = http_parser_state(parser);
    buffer_append(&connection->incoming, data, used);
    connection->withheld += used;
    if (state == HTTP_ERROR || state == HTTP_UPGRADE) {
        give_up(connection);
        return used;
    }
    if (head && state != HTTP_HEAD)
        judge_head(connection);
    else if (!ssl_is_partial(turn) && connection->withheld > FAILURE_LIMIT)
        take_as_it_is(connection);
    if (state != HTTP_HEAD && ssl_is_partial(turn))
        ssl_drop_withheld(connection);
    if (state == HTTP_COMPLETE)
        complete(connection);
    return used;
}

static bool is_held(const struct connection *connection)
{
    const struct turn *turn = connection->first;
    return connection->state == CONNECTION_LIVE && turn &&
           (turn->swallow_interim || ssl_withholds(turn));
}

static void sort(struct connection *connection, const uint8_t *data, size_t size)
{
    while (size) {
        size_t used = size;
        if (is_held(connection)) {
            const struct turn *turn = connection->first;
            used = hold(connection, data, size);
            if (turn == connection->first && turn->kind == TURN_HIT)
                return; /* what follows belongs to no request */
            if (connection->ended)
                return;
        } else {
            if (connection->state == CONNECTION_LIVE)
                used = ssl_follow(connection, data, size);
            used = used ? used : size;
            buffer_append(&connection->incoming, data, used);
        }
        data += used;
        size -= used;
    }
}

/* The real read has refused with |result|. 1: there is a stale answer instead. */
static int refused(struct connection *connection, int result)
{
    const struct libssl *lib = connection->lib;
    int error = lib->SSL_get_error(connection->ssl, result);
    bool over = error == SSL_ERROR_ZERO_RETURN || error == SSL_ERROR_SYSCALL ||
                error == SSL_ERROR_SSL;
    if (over && (ssl_serve_stale(connection) ||
                 ssl_end_partial(connection, error == SSL_ERROR_ZERO_RETURN))) {
        lib->ERR_pop_to_mark();
        /* The program, not knowing that it is broken, would end the session in good manners: a
         * write to a broken connection is a SIGPIPE. */
        if (error != SSL_ERROR_ZERO_RETURN)
            lib->SSL_set_quiet_shutdown(connection->ssl, 1);
        return 1;
    }
    if (over)
        show(connection);
    lib->ERR_clear_last_mark();
    return result;
}

int ssl_sift(struct connection *connection)
{
    const struct libssl *lib = connection->lib;
    struct buffer fresh = {0};
    uint8_t *room = buffer_room(&fresh, READ_SIZE);
    if (!room || !buffer_room(&connection->incoming, READ_SIZE)) {
        connection->incoming.failed = false;
        buffer_free(&fresh);
        go_blind(connection);
        return 1;
    }
    lib->ERR_set_mark();
    int got = REAL(connection, lib->SSL_read(connection->ssl, room, READ_SIZE));
    if (got > 0) {
        lib->ERR_clear_last_mark();
        connection->settled = true;
        sort(connection, room, (size_t)got);
        ssl_resume(connection);
    } else {
        got = refused(connection, got);
    }
    buffer_free(&fresh);
    return got;
}
