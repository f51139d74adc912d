/* SPDX-License-Identifier: MIT */
/* The table of connections, their life, and their turns. */
#include "connection.h"

#include "core.h"
#include "dial.h"
#include "hello.h"
#include "learn.h"
#include "store/lock.h"
#include "store/memory.h"

#include <pthread.h>

#define MAGIC 0x70636e6eu

/* Guards the table only: a leaf lock, held for one uthash operation, never across a call.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct connection *table;

struct connection *connection_find(const SSL *ssl)
{
    struct connection *connection = NULL;
    pthread_mutex_lock(&lock);
    HASH_FIND_PTR(table, &ssl, connection);
    pthread_mutex_unlock(&lock);
    return connection && connection->magic == MAGIC ? connection : NULL;
}

static struct connection *connection_new(SSL *ssl, const struct libssl *lib)
{
    struct connection *connection = memory_new(sizeof(*connection));
    if (!connection)
        return NULL;
    connection->magic = MAGIC;
    connection->ssl = ssl;
    connection->lib = lib;
    connection->generation = core_generation();
    connection->descriptor = DESCRIPTOR_NONE;
    connection->requests = http_request_parser_new();
    connection->responses = http_response_parser_new();
    if (connection->requests && connection->responses)
        return connection;
    http_parser_free(connection->requests);
    http_parser_free(connection->responses);
    memory_free(connection);
    return NULL;
}

struct connection *connection_get(SSL *ssl, const void *real, bool client)
{
    struct connection *connection = connection_find(ssl);
    if (connection)
        return connection;
    const struct libssl *lib = libssl_of(real);
    connection = lib ? connection_new(ssl, lib) : NULL;
    if (!connection)
        return NULL;
    pthread_mutex_lock(&lock);
    HASH_ADD_PTR(table, ssl, connection);
    pthread_mutex_unlock(&lock);
    /* What has passed on a connection before we saw it is not known, so nothing on it is. */
    if (!client && (lib->SSL_is_server(ssl) || lib->SSL_is_init_finished(ssl))) {
        connection->state = CONNECTION_PASS;
        return connection;
    }
    connection->expecting = true;
    hello_expect();
    return connection;
}

void connection_after_fork(void)
{
    /* A thread of the parent may have been inside the table: then it is given up, and
     * calls on its connections go straight through. */
    if (!lock_after_fork(&lock))
        table = NULL;
}

static void forget_hello(struct connection *connection)
{
    if (connection->expecting)
        hello_forget();
    connection->expecting = false;
}

static void finish(struct turn *turn)
{
    if (turn->kind == TURN_HIT)
        exchange_served(turn->exchange, turn->first_us, turn_elapsed(turn));
    else if (turn->kind == TURN_MISS || turn->kind == TURN_WAIT)
        exchange_drop(turn->exchange, REASON_ABORTED, 0);
}

static void turn_free(struct turn *turn)
{
    if (turn->exchange)
        exchange_free(turn->exchange);
    if (turn->kind == TURN_HIT || turn->kind == TURN_NOTE)
        served_free(&turn->served);
    buffer_free(&turn->request);
    memory_free(turn);
}

bool connection_waits(const struct connection *connection)
{
    return connection->first && connection->first->kind == TURN_WAIT;
}

void connection_drop(struct connection *connection)
{
    pthread_mutex_lock(&lock);
    HASH_DEL(table, connection);
    bool last = table == NULL;
    pthread_mutex_unlock(&lock);
    forget_hello(connection);
    descriptor_drop(&connection->descriptor);
    dial_forget(connection);
    claim_free(connection->claim);
    while (connection->first) {
        finish(connection->first);
        connection_pop(connection);
    }
    http_parser_free(connection->requests);
    http_parser_free(connection->responses);
    buffer_free(&connection->held);
    buffer_free(&connection->outgoing);
    buffer_free(&connection->deferred);
    buffer_free(&connection->incoming);
    connection->magic = 0;
    memory_free(connection);
    virtual_collect();
    if (last)
        carrier_close_pool();
}

/* Its request goes out in front of all that was written behind it. */
static void stop_waiting(struct connection *connection)
{
    struct turn *turn = connection->first;
    buffer_free(&connection->outgoing); /* nothing is on its way */
    connection->outgoing = turn->request;
    connection->outgoing_at = 0;
    turn->request = (struct buffer){0};
    exchange_drop(turn->exchange, REASON_NOT_HTTP, 0);
    turn->kind = TURN_PLAIN;
}

/* What upstream is about to answer is a part of what the program has asked for: it reads the end of
 * the stream instead. */
static void cut_partial(struct connection *connection)
{
    struct turn *turn = connection->first;
    if (!turn || turn->kind != TURN_MISS || turn->shown ||
        !exchange_is_partial(turn->exchange))
        return;
    exchange_drop(turn->exchange, REASON_NOT_HTTP, 0);
    connection_pop(connection);
    connection->incoming.size -= connection->withheld;
    connection->withheld = 0;
    connection->ended = true;
}

void connection_pass(struct connection *connection)
{
    cut_partial(connection);
    connection->state = CONNECTION_PASS;
    forget_hello(connection);
    if (connection_waits(connection))
        stop_waiting(connection);
    buffer_append_span(&connection->outgoing, buffer_span(&connection->held));
    buffer_append_span(&connection->outgoing, buffer_span(&connection->deferred));
    buffer_free(&connection->held);
    buffer_free(&connection->deferred);
    for (struct turn *turn = connection->first; turn; turn = turn->next)
        if (turn->kind == TURN_MISS) {
            exchange_drop(turn->exchange, REASON_NOT_HTTP, 0);
            turn->kind = TURN_PLAIN;
        }
}

bool connection_idle_pass(const struct connection *connection)
{
    return connection->state == CONNECTION_PASS && connection->link == LINK_REAL &&
           !connection->ended && connection->outgoing.size == connection->outgoing_at &&
           connection->incoming.size == 0 &&
           (!connection->first || connection->first->kind == TURN_PLAIN);
}

struct turn *connection_push(struct connection *connection, enum turn_kind kind)
{
    struct turn *turn = memory_new(sizeof(*turn));
    if (!turn)
        return NULL;
    turn->kind = kind;
    turn->start_us = core_now_us();
    if (connection->last)
        connection->last->next = turn;
    else
        connection->first = turn;
    connection->last = turn;
    return turn;
}

void connection_pop(struct connection *connection)
{
    struct turn *turn = connection->first;
    connection->first = turn->next;
    if (!connection->first)
        connection->last = NULL;
    turn_free(turn);
}

void connection_upstream_ended(struct connection *connection, bool clean)
{
    struct turn *turn = connection->first;
    if (turn && turn->kind == TURN_MISS) {
        http_parser_end(connection->responses, clean);
        if (http_parser_state(connection->responses) == HTTP_COMPLETE)
            learn_answer(connection, turn->exchange);
        else
            exchange_drop(turn->exchange, REASON_TRUNCATED, 0);
        connection_pop(connection);
    }
    while ((turn = connection->first) && turn->kind != TURN_HIT &&
           turn->kind != TURN_NOTE) {
        if (turn->kind == TURN_MISS)
            exchange_drop(turn->exchange, REASON_TRUNCATED, 0);
        connection_pop(connection);
    }
    http_parser_next(connection->responses);
}

uint64_t turn_elapsed(const struct turn *turn)
{
    return core_now_us() - turn->start_us;
}

size_t turn_due(const struct turn *turn, uint64_t *next_us)
{
    const struct served *served = &turn->served;
    size_t end = 0;
    *next_us = 0;
    if (turn->pacing == PACING_NONE)
        return served->bytes.size;
    uint64_t now = turn_elapsed(turn);
    for (size_t i = 0; i < served->piece_count; i++) {
        if (served->pieces[i].at_us > now) {
            *next_us = served->pieces[i].at_us - now;
            return end;
        }
        end = served->pieces[i].end;
    }
    return served->bytes.size;
}

size_t connection_readable(const struct connection *connection)
{
    bool live = connection->state == CONNECTION_LIVE;
    return connection->incoming.size - (live ? connection->withheld : 0);
}

size_t connection_available(const struct connection *connection)
{
    const struct turn *turn = connection->first;
    uint64_t next_us;
    size_t readable = connection_readable(connection);
    if (readable)
        return readable;
    if (!turn || (turn->kind != TURN_HIT && turn->kind != TURN_NOTE))
        return 0;
    return turn_due(turn, &next_us) - turn->served_at;
}
