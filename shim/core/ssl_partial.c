/* SPDX-License-Identifier: MIT */
/* The OpenSSL level, requests for vectors of which some are known: upstream is asked for the others,
 * and nothing of its answer is the program's until the store's are beside them. When the answer does
 * not fit, the program's own request is sent behind it. */
#include "core.h"
#include "ssl_level.h"

bool ssl_is_partial(const struct turn *turn)
{
    return turn->kind == TURN_MISS && !turn->shown && exchange_is_partial(turn->exchange);
}

/* An exchange that is a hit but cannot be served says no more about the request. Nothing is in
 * `outgoing`: no later request goes out meanwhile. */
static void ask_again(struct connection *connection, bool close)
{
    struct turn *turn = connection->first;
    ssl_drop_withheld(connection);
    http_parser_next(connection->responses);
    if (exchange_verdict(turn->exchange) != VERDICT_IS_MISS) {
        exchange_free(turn->exchange);
        turn->exchange = NULL;
        turn->kind = TURN_PLAIN;
    }
    buffer_free(&connection->outgoing);
    connection->outgoing = turn->request;
    connection->outgoing_at = 0;
    turn->request = (struct buffer){0};
    turn->start_us = core_now_us();
    connection->idle_upstream = close;
    (void)ssl_flush(connection); /* what is left goes out with the next read */
}

void ssl_complete_partial(struct connection *connection, bool close)
{
    struct turn *turn = connection->first;
    if (!exchange_complete(turn->exchange, http_response(connection->responses)) ||
        !ssl_serve_instead(connection, close))
        ask_again(connection, close);
}

bool ssl_end_partial(struct connection *connection, bool clean)
{
    struct turn *turn = connection->first;
    if (connection->state != CONNECTION_LIVE || !turn || !ssl_is_partial(turn))
        return false;
    http_parser_end(connection->responses, clean);
    if (http_parser_state(connection->responses) == HTTP_COMPLETE &&
        exchange_complete(turn->exchange, http_response(connection->responses)) &&
        ssl_serve_instead(connection, true))
        return true;
    ssl_drop_withheld(connection);
    exchange_drop(turn->exchange, REASON_TRUNCATED, 0); /* it answers something else */
    return false;
}
