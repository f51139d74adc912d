/* SPDX-License-Identifier: MIT */
/* `preecho report`: the figures that its page shows, and the parts of the page. One thread. */
#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include "store/history.h"
#include "store/sums.h"
#include "tariff.h"
#include "timeline.h"

/* The layers that are built, in the order of the look-up. */
#define REPORT_LAYERS 1

enum report_answer { ANSWER_HIT = 0, ANSWER_MISS = 1 };

/* Calls by how long they took. */
struct report_times {
    uint64_t calls[2][SUMS_BUCKETS]; /* [enum report_answer] */
};

/* Of all calls that named this model. Money in 1e-12 dollars. */
struct report_model {
    char name[96]; /* the key; empty: none was named */
    bool unpriced; /* some of its tokens have no price */
    uint64_t calls, hits;
    uint64_t saved, spent;
    uint64_t tokens_in, tokens_cached, tokens_written; /* of calls that went to the provider */
    int64_t prefix_saved;
    uint64_t slot_in[TIMELINE_SLOTS], slot_cached[TIMELINE_SLOTS];
    UT_hash_handle hh;
};

struct report_figures {
    struct timeline time;
    uint64_t calls, hits, misses, bypassed, stale, observed;
    uint64_t untold; /* hits and recordings whose tokens nobody knows */
    uint64_t saved_us;
    uint64_t tokens_saved, tokens_spent;
    uint64_t tokens_estimated; /* of both */
    uint64_t saved, spent;     /* 1e-12 dollars */
    uint64_t saved_estimated, spent_estimated;
    uint64_t tokens_unpriced; /* of both */
    uint64_t lookups[REPORT_LAYERS][TIMELINE_SLOTS];
    uint64_t layer_hits[REPORT_LAYERS][TIMELINE_SLOTS];
    struct report_times first, last; /* byte */
    struct report_model *models; /* uthash, by name */
    size_t model_count;
};

/* Adds up |sums|. */
void report_figures_read(struct report_figures *out, const struct sums *sums,
                         struct tariff *tariff);
void report_figures_free(struct report_figures *figures);
/* |a| + |b|, or the largest number. */
uint64_t report_sum(uint64_t a, uint64_t b);
/* What the tokens of |tokens| cost; |*tokens_unpriced| grows when nobody knows. */
uint64_t report_cost(const struct tariff_line *line, const char *operation,
                     const struct price_tokens *tokens, uint64_t *tokens_unpriced);

/* The days of store_history(), ascending. */
struct report_days {
    struct history_day *list;
    size_t count;
};

/* A request that went to the provider again and again, and was not recorded. */
struct hot;
struct report_hot {
    const struct hot *list; /* the most expensive ones, the dearest first */
    size_t count;           /* of them */
    size_t requests;        /* repeated at all */
    uint64_t calls;         /* of those that were not recorded, repeated or not */
    uint64_t nameless;      /* of these, not told from others, so not looked at */
    int64_t since_ms;       /* the oldest record; 0: there is none */
};

/* The parts of the page, in their order. */
void report_head(struct buffer *out, const struct report_figures *figures);
void report_rates(struct buffer *out, const struct report_figures *figures);
void report_money(struct buffer *out, const struct report_figures *figures);
void report_latency(struct buffer *out, const struct report_figures *figures);
void report_growth(struct buffer *out, const struct report_days *days);
void report_repeated(struct buffer *out, const struct report_hot *hot);
void report_prefix(struct buffer *out, const struct report_figures *figures);
/* struct chart's |label| for a struct timeline. */
char *report_slot_label(const void *timeline, size_t slot, char label[64]);

#endif
