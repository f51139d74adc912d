/* SPDX-License-Identifier: MIT */
/* See visitors.h. */
#include "visitors.h"

#include "store/memory.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

static int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void visitors_init(struct visitors *visitors)
{
    pthread_mutex_init(&visitors->lock, NULL);
    visitors->first = NULL;
}

struct visitor *visitors_come(struct visitors *visitors, int descriptor)
{
    struct visitor *visitor = memory_new(sizeof *visitor);
    if (!visitor)
        return NULL;
    visitor->descriptor = descriptor;
    visitor->deadline_ms = clock_ms() + VISITOR_ASKS_MS;
    pthread_mutex_lock(&visitors->lock);
    visitor->next = visitors->first;
    if (visitor->next)
        visitor->next->previous = visitor;
    visitors->first = visitor;
    pthread_mutex_unlock(&visitors->lock);
    return visitor;
}

void visitors_go(struct visitors *visitors, struct visitor *visitor)
{
    if (!visitor)
        return;
    pthread_mutex_lock(&visitors->lock);
    if (visitor->previous)
        visitor->previous->next = visitor->next;
    else
        visitors->first = visitor->next;
    if (visitor->next)
        visitor->next->previous = visitor->previous;
    pthread_mutex_unlock(&visitors->lock);
    buffer_free(&visitor->target);
    memory_free(visitor);
}

void visitors_ask(struct visitors *visitors, struct visitor *visitor, struct span target)
{
    int64_t deadline_ms = clock_ms() + VISITOR_ASKS_MS;
    if (!visitor)
        return;
    buffer_free(&visitor->target);
    buffer_append_span(&visitor->target, target);
    pthread_mutex_lock(&visitors->lock);
    if (deadline_ms < visitor->deadline_ms)
        visitor->deadline_ms = deadline_ms;
    pthread_mutex_unlock(&visitors->lock);
}

static void give_time(struct visitors *visitors, struct visitor *visitor, bool served,
                      int64_t span_ms)
{
    if (!visitor)
        return;
    pthread_mutex_lock(&visitors->lock);
    visitor->served = served;
    visitor->deadline_ms = clock_ms() + span_ms;
    pthread_mutex_unlock(&visitors->lock);
}

void visitors_serve(struct visitors *visitors, struct visitor *visitor)
{
    give_time(visitors, visitor, true, VISITOR_TAKES_MS);
}

void visitors_rest(struct visitors *visitors, struct visitor *visitor)
{
    give_time(visitors, visitor, false, VISITOR_RESTS_MS);
}

/* What has come lies there unread: then it is we who are slow. */
static bool waits_for_us(const struct visitor *visitor)
{
    int unread = 0;
    return !visitor->served && ioctl(visitor->descriptor, FIONREAD, &unread) == 0 &&
           unread > 0;
}

unsigned visitors_sweep(struct visitors *visitors)
{
    int64_t now_ms = clock_ms();
    unsigned served = 0;
    pthread_mutex_lock(&visitors->lock);
    for (struct visitor *visitor = visitors->first; visitor; visitor = visitor->next) {
        served += visitor->served;
        if (visitor->deadline_ms < now_ms && !waits_for_us(visitor))
            shutdown(visitor->descriptor, SHUT_RDWR);
    }
    pthread_mutex_unlock(&visitors->lock);
    return served;
}
