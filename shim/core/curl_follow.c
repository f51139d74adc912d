/* SPDX-License-Identifier: MIT */
/* Transfers that wait for somebody else's. */
#include "curl_follow.h"

#include "carrier.h"
#include "core.h"
#include "curl_delivery.h"
#include "curl_request.h"
#include "same_file.h"
#include "ssl_level.h"
#include "store/memory.h"
#include "store/uncancelled.h"

#include <poll.h>
#include <sys/socket.h>

#define LOOK_MS 200

struct curl_follow {
    struct curl_request request;
    char method[16]; /* the request's, should the program set another one meanwhile */
    struct carrier *carrier; /* a helper writes to its far end */
};

void curl_follow_free(struct curl_follow *follow)
{
    UNCANCELLED;
    if (!follow)
        return;
    if (follow->carrier)
        carrier_give(follow->carrier, true);
    curl_request_free(&follow->request);
    memory_free(follow);
}

static void keep_request(struct curl_follow *follow, struct curl_request *request)
{
    follow->request = *request;
    *request = (struct curl_request){0};
    span_copy_text(follow->request.request.method, follow->method, sizeof follow->method);
    follow->request.request.method = span_text(follow->method);
}

bool curl_follow_start(struct curl_handle *handle, struct curl_request *request,
                       struct exchange *exchange)
{
    UNCANCELLED;
    struct curl_follow *follow = memory_new(sizeof *follow);
    if (!follow)
        return false;
    ssl_after_fork(); /* carriers of a parent are not to be used */
    follow->carrier = carrier_take(false);
    if (!follow->carrier || !exchange_follow(exchange, follow->carrier->far) ||
        curl_delivery_expect(handle, exchange, request) != 0) {
        curl_follow_free(follow);
        return false;
    }
    keep_request(follow, request);
    handle->follow = follow;
    return true;
}

static bool is_open(const struct carrier *carrier)
{
    return same_file(carrier->near, carrier->near_device, carrier->near_inode);
}

/* A program that closes all descriptors gets its own answer; so does one whose helper is dead. */
static bool is_called(const struct carrier *carrier, const struct exchange *exchange,
                      bool *lost)
{
    char byte;
    *lost = !is_open(carrier) || exchange_is_overdue(exchange);
    return *lost || recv(carrier->near, &byte, 1, MSG_DONTWAIT) >= 0;
}

/* The helper has written its byte. False: it is another one's turn again. */
static bool look_again(const struct curl_follow *follow, struct exchange *exchange)
{
    if (exchange_again(exchange) != VERDICT_IS_WAIT)
        return true;
    if (exchange_follow(exchange, follow->carrier->far))
        return false;
    exchange_go_alone(exchange);
    return true;
}

static void end(struct curl_handle *handle, struct curl_request *request)
{
    struct curl_follow *follow = handle->follow;
    struct curl_delivery *delivery = handle->delivery;
    *request = follow->request;
    request->url = delivery->url;
    delivery->url = NULL;
    delivery->exchange = NULL;
    handle->waited_us = core_now_us() - delivery->start_us;
    follow->request = (struct curl_request){0};
    handle->delivery = NULL;
    curl_delivery_free(delivery);
}

bool curl_follow_is_over(struct curl_handle *handle, struct curl_request *request,
                         struct exchange **exchange)
{
    bool lost;
    *exchange = handle->delivery->exchange;
    if (!is_called(handle->follow->carrier, *exchange, &lost))
        return false;
    if (lost)
        exchange_go_alone(*exchange);
    else if (!look_again(handle->follow, *exchange))
        return false;
    end(handle, request);
    return true;
}

/* As long as the program has set, if that is less. */
static int patience_ms(const struct curl_handle *handle)
{
    uint64_t spent_ms = (core_now_us() - handle->delivery->start_us) / 1000;
    long limit_ms = handle->options.timeout_ms;
    if (limit_ms <= 0 || (uint64_t)limit_ms >= spent_ms + LOOK_MS)
        return LOOK_MS;
    return (uint64_t)limit_ms > spent_ms ? (int)((uint64_t)limit_ms - spent_ms) : 0;
}

void curl_follow_stand_still(const struct curl_handle *handle)
{
    struct pollfd entry = {handle->follow->carrier->near, POLLIN, 0};
    (void)poll(&entry, 1, patience_ms(handle)); /* woken up early: the caller looks */
}
