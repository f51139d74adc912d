/* SPDX-License-Identifier: MIT */
/* The OpenSSL level, while somebody else asks the same question: the request is held back, and
 * the program waits as for a server that says nothing yet, until a helper calls it.
 *
 * No later request is looked at meanwhile (see ssl_write.c), so the parser of requests still
 * knows the one that waits. */
#include "core.h"
#include "registration.h"
#include "ssl_level.h"
#include "wake.h"

#include <openssl/ssl.h>

/* Does the program look after its other connections while it waits for this one? With a socket
 * BIO that cannot be told from a mere limit of time but by epoll. */
static bool is_event_loop(const struct connection *connection)
{
    return connection->memory_bio || (!wake_blocking(connection) &&
                                      registrations_any(connection->descriptor.number));
}

static bool may_wait(struct connection *connection, const struct exchange *exchange)
{
    return !connection->first && wake_possible(connection) &&
           (!exchange_leader_is_here(exchange) || is_event_loop(connection));
}

bool ssl_await_begin(struct connection *connection, struct exchange *exchange)
{
    struct turn *turn =
        may_wait(connection, exchange) ? connection_push(connection, TURN_WAIT) : NULL;
    if (!turn)
        return false;
    if (!wake_later(connection) ||
        !exchange_follow(exchange, connection->descriptor.carrier->far)) {
        connection_pop(connection);
        return false;
    }
    turn->exchange = exchange;
    turn->request = connection->held;
    connection->held = (struct buffer){0};
    connection->idle_upstream = true;
    return true;
}

/* The request is a hit or a miss like any other from now on. */
static int end_wait(struct connection *connection)
{
    struct turn *turn = connection->first;
    struct exchange *exchange = turn->exchange;
    enum writing writing = connection->writing;
    uint64_t asked_us = turn->start_us;
    connection->held = turn->request;
    turn->request = (struct buffer){0};
    turn->exchange = NULL;
    connection_pop(connection);
    ssl_settle(connection, exchange, asked_us);
    connection->writing = writing;
    ssl_resume(connection);
    return ssl_flush(connection);
}

/* The byte has come. False: it is another one's turn again. */
static bool is_over(struct connection *connection)
{
    struct turn *turn = connection->first;
    turn->called = false;
    if (exchange_again(turn->exchange) != VERDICT_IS_WAIT)
        return true;
    if (exchange_follow(turn->exchange, connection->descriptor.carrier->far))
        return false;
    exchange_go_alone(turn->exchange);
    return true;
}

int ssl_await(struct connection *connection)
{
    for (;;) {
        enum wake_call call = wake_called(connection);
        if (call == WAKE_NOT_YET && wake_blocking(connection))
            call = wake_stand_still(connection);
        if (call == WAKE_NOT_YET && exchange_is_overdue(connection->first->exchange))
            call = WAKE_LOST;
        if (call == WAKE_NOT_YET) {
            connection->answer = (struct answer){true, SSL_ERROR_WANT_READ, SSL_READING};
            return -1;
        }
        if (call == WAKE_LOST)
            exchange_go_alone(connection->first->exchange);
        if (call == WAKE_LOST || is_over(connection))
            return end_wait(connection);
    }
}
