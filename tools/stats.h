/* SPDX-License-Identifier: MIT */
/* What `preecho stats` prints, and its three forms. One thread. */
#ifndef TOOLS_STATS_H
#define TOOLS_STATS_H

#include "groups.h"
#include "store/each.h"
#include "store/history.h"

struct stats {
    int64_t since_ms, until_ms; /* 0 = not asked for */
    struct figures all;
    struct groups groups;
    struct quotes *quotes;
    struct store_sizes sizes;
    uint64_t torn; /* records of programs that were killed while they wrote them */
    struct history_day days[HISTORY_DAYS]; /* ascending */
    size_t day_count;
};

/* For people, within 80 columns. */
void stats_print_table(const struct stats *stats);
/* The groups alone; the same. */
void stats_print_groups(const struct stats *stats);
/* One object. 0, or EX_OSERR after a message. */
MUST_USE int stats_print_json(const struct stats *stats);
/* The text format of Prometheus, which is OpenMetrics as well. */
void stats_print_metrics(const struct stats *stats);

/* Asks, unless |sure|, and begins the figures anew. A code of sysexits.h. */
MUST_USE int stats_reset(struct store *store, bool sure);

#endif
