/* SPDX-License-Identifier: MIT */
/* Connections of `preecho serve`, and how long each may take for what it is at: a byte now and then
 * keeps none alive.
 *
 * Thread class: any thread; the lock is held for a few instructions and shutdown(2). */
#ifndef TOOLS_VISITORS_H
#define TOOLS_VISITORS_H

#include "store/bytes.h"

#include <pthread.h>

#define VISITOR_ASKS_MS  10000  /* until the head of a request is there */
#define VISITOR_TAKES_MS 600000 /* until its answer is taken */
#define VISITOR_RESTS_MS 60000  /* until the next request begins */

struct visitor {
    struct visitor *next, *previous;
    int descriptor;
    bool served;
    int64_t deadline_ms;  /* of CLOCK_MONOTONIC */
    struct buffer target; /* of the request, as it came */
};

struct visitors {
    pthread_mutex_t lock;
    struct visitor *first;
};

void visitors_init(struct visitors *visitors);

/* A new one, who has to ask; NULL when memory is short. */
MUST_USE struct visitor *visitors_come(struct visitors *visitors, int descriptor);
/* Before |descriptor| is closed. |visitor| may be NULL here and below. */
void visitors_go(struct visitors *visitors, struct visitor *visitor);

/* A request for |target| begins; its head is there; its answer is taken. */
void visitors_ask(struct visitors *visitors, struct visitor *visitor, struct span target);
void visitors_serve(struct visitors *visitors, struct visitor *visitor);
void visitors_rest(struct visitors *visitors, struct visitor *visitor);

/* Ends the connections that take too long. Returns how many are being served. */
unsigned visitors_sweep(struct visitors *visitors);

#endif
