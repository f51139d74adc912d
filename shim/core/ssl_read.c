/* SPDX-License-Identifier: MIT */
/* The OpenSSL level, reading: answers from the store in their turn, and recordings of the
 * rest. */
#include "core.h"
#include "dial.h"
#include "learn.h"
#include "ssl_level.h"
#include "store/memory.h"
#include "wake.h"

#include <openssl/ssl.h>
#include <time.h>

#define RECORD_LIMIT ((size_t)128 << 20)

/* -- from upstream ------------------------------------------------------------------- */

void ssl_record_body(struct connection *connection)
{
    http_parser_keep_body(connection->responses, RECORD_LIMIT);
}

void ssl_response_complete(struct connection *connection)
{
    struct turn *turn = connection->first;
    if (http_parser_interim(connection->responses)) {
        http_parser_next(connection->responses);
        return;
    }
    if (turn->kind == TURN_MISS)
        learn_answer(connection, turn->exchange);
    else if (turn->exchange)
        exchange_write_end(turn->exchange, http_response(connection->responses)->status);
    connection_pop(connection);
    http_parser_next(connection->responses);
    if (connection->first &&
        (connection->first->kind == TURN_HIT || connection->first->kind == TURN_NOTE))
        wake_up(connection);
}

size_t ssl_follow(struct connection *connection, const uint8_t *data, size_t size)
{
    struct turn *turn = connection->first;
    if (!turn || (turn->kind != TURN_PLAIN && turn->kind != TURN_MISS)) {
        connection_pass(
            connection); /* the server speaks unasked: not what we understand */
        return 0;
    }
    bool was_head = http_parser_state(connection->responses) != HTTP_BODY;
    if (was_head && turn->head_only)
        http_parser_no_body(connection->responses);
    size_t used = http_parser_feed(connection->responses, data, size, turn_elapsed(turn));
    enum http_state state = http_parser_state(connection->responses);
    if (state == HTTP_BODY && was_head && turn->kind == TURN_MISS)
        ssl_record_body(connection);
    if (state == HTTP_COMPLETE)
        ssl_response_complete(connection);
    if (state == HTTP_ERROR || state == HTTP_UPGRADE) {
        connection_pass(connection);
        return 0;
    }
    return used;
}

static void follow_all(struct connection *connection, const uint8_t *data, size_t size)
{
    while (size && connection->state == CONNECTION_LIVE) {
        size_t used = ssl_follow(connection, data, size);
        if (used == 0)
            return;
        data += used;
        size -= used;
    }
}

static void upstream_refused(struct connection *connection, int result)
{
    int error = connection->lib->SSL_get_error(connection->ssl, result);
    if (error == SSL_ERROR_ZERO_RETURN || error == SSL_ERROR_SYSCALL ||
        error == SSL_ERROR_SSL)
        connection_upstream_ended(connection, error == SSL_ERROR_ZERO_RETURN);
}

static int give_incoming(struct connection *connection, void *data, size_t size,
                         bool peek)
{
    struct buffer *incoming = &connection->incoming;
    size_t count = connection_readable(connection);
    count = count < size ? count : size;
    memcpy(data, incoming->at, count);
    if (!peek)
        buffer_drop_front(incoming, count);
    connection->answer = (struct answer){true, SSL_ERROR_NONE, SSL_NOTHING};
    return (int)count;
}

/* -- from the store ------------------------------------------------------------------ */

static int give_end(struct connection *connection)
{
    connection->answer = (struct answer){true, SSL_ERROR_ZERO_RETURN, SSL_NOTHING};
    return 0;
}

static void turn_served(struct connection *connection)
{
    struct turn *turn = connection->first;
    bool close = turn->served.close;
    connection->idle_upstream = connection->idle_upstream || turn->kind == TURN_HIT;
    if (turn->kind == TURN_HIT)
        exchange_served(turn->exchange, turn->first_us, turn_elapsed(turn));
    connection_pop(connection);
    turn = connection->first;
    if (close) {
        connection->ended = true;
        if (connection->memory_bio)
            descriptor_end(&connection->descriptor);
    } else if (turn && (turn->kind == TURN_HIT || turn->kind == TURN_NOTE)) {
        wake_up(connection);
    } else {
        wake_restore(connection);
        ssl_resume(connection);
        if (!connection->first)
            wake_quiet(connection);
    }
}

static int give_served(struct connection *connection, void *data, size_t size, bool peek)
{
    struct turn *turn = connection->first;
    uint64_t next_us;
    wake_drain(
        connection); /* before looking at the clock: a later byte is a later wake-up */
    size_t count = turn_due(turn, &next_us) - turn->served_at;
    if (count == 0 && turn->pacing == PACING_HELPER) {
        connection->answer = (struct answer){true, SSL_ERROR_WANT_READ, SSL_READING};
        return -1;
    }
    while (count == 0) {
        struct timespec pause = {(time_t)(next_us / 1000000),
                                 (long)(next_us % 1000000) * 1000};
        nanosleep(&pause, NULL);
        count = turn_due(turn, &next_us) - turn->served_at;
    }
    if (count > size)
        count = size;
    memcpy(data, turn->served.bytes.at + turn->served_at, count);
    connection->answer = (struct answer){true, SSL_ERROR_NONE, SSL_NOTHING};
    if (turn->first_us == 0)
        turn->first_us = turn_elapsed(turn);
    if (peek)
        return (int)count;
    turn->served_at += count;
    if (turn->served_at == turn->served.bytes.size)
        turn_served(connection);
    return (int)count;
}

/* -- both ----------------------------------------------------------------------------- */

static bool is_ours(const struct turn *turn)
{
    return turn && (turn->kind == TURN_HIT || turn->kind == TURN_NOTE);
}

/* Reads until there is something to give. Positive, or the real SSL_read's refusal. */
static int sift(struct connection *connection)
{
    while (ssl_sifts(connection) && !connection_readable(connection) &&
           !is_ours(connection->first)) {
        int got = ssl_sift(connection);
        if (got > 0)
            continue;
        upstream_refused(connection, got);
        if (!connection_readable(connection))
            return got;
    }
    return 1;
}

static int give_upstream(struct connection *connection, void *data, size_t size,
                         bool peek)
{
    const struct libssl *lib = connection->lib;
    int sifted = sift(connection);
    if (sifted <= 0)
        return sifted;
    if (connection_readable(connection))
        return give_incoming(connection, data, size, peek);
    if (is_ours(connection->first))
        return give_served(connection, data, size, peek);
    if (!connection->first && connection->ended)
        return give_end(connection);
    int room = size > INT32_MAX ? INT32_MAX : (int)size;
    if (peek)
        return REAL(connection, lib->SSL_peek(connection->ssl, data, room));
    int got = REAL(connection, lib->SSL_read(connection->ssl, data, room));
    connection->settled = connection->settled || got > 0;
    if (got > 0 && ssl_ready(connection) > 0) /* an HTTP/2 server speaks first */
        follow_all(connection, data, (size_t)got);
    if (got <= 0)
        upstream_refused(connection, got);
    return got;
}

/* A program that blocks in a read before its request is complete waits for an answer that
 * only upstream can give. */
static void release_early(struct connection *connection)
{
    if (!connection->first && wake_blocking(connection))
        ssl_release(connection, REASON_EARLY_READ);
}

/* Nobody is there who could speak. 1 once there is. */
static int read_virtual(struct connection *connection)
{
    if (connection->link != LINK_VIRTUAL)
        return 1;
    bool waits = wake_blocking(connection) && !connection->closed;
    if (waits && ssl_confined(connection))
        return ssl_wait_idle(connection);
    if (waits)
        return dial_begin(connection) ? 1 : -1;
    connection->answer = (struct answer){
        true, connection->closed ? SSL_ERROR_ZERO_RETURN : SSL_ERROR_WANT_READ,
        connection->closed ? SSL_NOTHING : SSL_READING};
    return connection->closed ? 0 : -1;
}

/* Is there something to give, the end included, that needs nobody else? */
static bool has_present(const struct connection *connection, size_t size)
{
    if (!connection->first && connection->ended)
        return true;
    return size && (connection_readable(connection) || is_ours(connection->first));
}

/* 1: there is something, or upstream is to be read; else what the call has to return. */
static int seek(struct connection *connection, size_t size)
{
    if (connection->held.size || connection->confined)
        release_early(connection);
    if (has_present(connection, size)) /* a refusal */
        return 1;
    int there = read_virtual(connection);
    if (there == 1)
        there = dial_step(connection);
    if (there <= 0 || has_present(connection, size)) /* an expired answer stands in */
        return there;
    /* Requests that had waited for a hit to be read: the program will not write them again. */
    return connection->outgoing.size && connection->retry == 0 ? ssl_flush(connection)
                                                               : 1;
}

int ssl_give(struct connection *connection, void *data, size_t size, bool peek)
{
    if (size > INT32_MAX)
        size = INT32_MAX;
    int waited = connection_waits(connection) ? ssl_await(connection) : 1;
    if (waited <= 0)
        return waited;
    int found = has_present(connection, size) ? 1 : seek(connection, size);
    if (found <= 0)
        return found;
    if (connection_readable(connection) && size)
        return give_incoming(connection, data, size, peek);
    if (is_ours(connection->first) && size)
        return give_served(connection, data, size, peek);
    if (!connection->first && connection->ended)
        return give_end(connection);
    return give_upstream(connection, data, size, peek);
}
