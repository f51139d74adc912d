/* SPDX-License-Identifier: MIT */
/* What is known of the beginnings of prompts: who has asked with them, how many tokens they have, and
 * whether a provider's cache has them. By hash alone; what is older than an hour is forgotten, and
 * sooner when there are too many, so that memory is bounded. One thread; ends the command when memory
 * is short. */
#ifndef TOOLS_PREFIX_BEGINNINGS_H
#define TOOLS_PREFIX_BEGINNINGS_H

#include "store/bytes.h"

#define BEGINNINGS_MOST  (1u << 20) /* of 32 bytes, and as much again for free slots */
#define PREFIX_WINDOW_MS ((int64_t)3600 * 1000)

/* Two forecasts: of the requests as they went out, and as `prompt_cache = mark` would send them. */
enum forecast { FORECAST_SENT, FORECAST_MARKED, FORECAST_COUNT };

/* Calls stand here by their numbers, from 1; 0: none. */
struct beginning {
    uint64_t id; /* 0: a free slot */
    uint32_t asked,
        asking; /* the latest call with it; the same, perhaps not answered yet */
    uint32_t seen;
    uint32_t tokens; /* as its provider has counted them; 0: it has not */
    uint32_t kept
        [FORECAST_COUNT]; /* 2 * the call that has put it into the cache; + 1: read it */
};

struct beginnings {
    struct beginning *slots;
    size_t capacity, count;
    struct asked_at {
        int64_t begun_ms, answered_ms;
    } * calls;
    size_t call_count, call_capacity;
};

/* The number of a call that began no sooner than the one before. */
uint32_t beginnings_call(struct beginnings *beginnings, int64_t begun_ms,
                         int64_t answered_ms);
/* NULL: nothing is known of it. Valid until the next beginnings_add(). */
struct beginning *beginnings_find(const struct beginnings *beginnings, uint64_t id);
struct beginning *beginnings_add(struct beginnings *beginnings, uint64_t id);
void beginnings_free(struct beginnings *beginnings);

/* |call| has asked with it. */
void beginning_ask(const struct beginnings *beginnings, struct beginning *beginning,
                   uint32_t call);
/* True when |call| can have had it from one of the hour before that was being answered. */
bool beginning_was_asked(const struct beginnings *beginnings,
                         const struct beginning *beginning, uint32_t call);
/* The same for what a cache keeps for |life_ms|. */
bool beginning_is_kept(const struct beginnings *beginnings,
                       const struct beginning *beginning, enum forecast forecast,
                       uint32_t call, int64_t life_ms);

#endif
