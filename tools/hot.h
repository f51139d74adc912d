/* SPDX-License-Identifier: MIT */
/* The requests that went to a provider more than once and were not recorded, found by a pass over
 * single records. Never a prompt: two requests are equal when the journal says so. One thread. */
#ifndef TOOLS_HOT_H
#define TOOLS_HOT_H

#include "quotes.h"
#include "store/journal.h"

struct hot {
    uint8_t tenant[16];
    uint8_t request[8];
    uint8_t reason; /* why it was not recorded; one request may have several */
    bool estimated; /* some of the tokens */
    uint32_t calls; /* 0 = the place is free */
    uint64_t tokens;
    uint64_t cost;             /* of all calls, 1e-12 dollars */
    const struct quote *quote; /* model and host */
    char program[16];
};

/* Starts as all zeroes but for the first members. */
struct hot_search {
    struct quotes *quotes;
    int64_t since_ms, until_ms; /* 0 = no limit */
    struct hot *places;         /* a hash table, then a list */
    size_t capacity, used;
    uint64_t calls;    /* that went out and were not recorded */
    uint64_t nameless; /* of these: not told from others, left out */
    int64_t oldest_ms; /* record in the journal, 0 = none */
};

/* A journal_visit. */
bool hot_add(void *search, const struct journal_record *record);
/* |search->places| becomes a list of those that were called twice or more, the dearest first;
 * returns how many. After that hot_free() alone. */
size_t hot_sort(struct hot_search *search);
void hot_free(struct hot_search *search);

#endif
