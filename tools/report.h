/* SPDX-License-Identifier: MIT */
/* `preecho report`: what its page shows, and the page's parts. One thread; ends the command when
 * memory is short. */
#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include "chart.h"
#include "groups.h"
#include "hot.h"
#include "prefix.h"
#include "store/history.h"
#include "timeline.h"

struct report {
    struct timeline time;
    struct figures all;
    struct figures slots[TIMELINE_SLOTS]; /* of |time| */
    struct groups models;
    const struct sums *sums;     /* the caller's */
    const struct quotes *quotes; /* the caller's */
    struct history_day *days;    /* ascending, for the caller to fill in */
    size_t day_count;
    struct hot_search hot; /* likewise */
    struct prefix prefix;  /* likewise, from the entries: the journal has no prompts */
};

/* Adds up |sums| into |out|, which is all zeroes. */
void report_read(struct report *out, const struct sums *sums, struct quotes *quotes);
void report_free(struct report *report);

/* The whole page. |about|: which time it is about. */
void report_page(struct buffer *out, struct report *report, const char *about);

/* Its parts, in their order. */
void report_head(struct buffer *out, const struct report *report);
void report_rates(struct buffer *out, const struct report *report);
void report_money(struct buffer *out, const struct report *report);
void report_latency(struct buffer *out, const struct report *report);
void report_growth(struct buffer *out, const struct report *report);
void report_repeated(struct buffer *out, struct hot_search *hot);
void report_prefix(struct buffer *out, const struct report *report);
void report_reuse(struct buffer *out, const struct prefix *prefix);

/* What they share. */

/* print_money() of what a struct worth holds; "over" what that can print. Returns |text|. */
#define REPORT_DOLLARS_SIZE 40
char *report_dollars(uint64_t pico, char text[REPORT_DOLLARS_SIZE]);
/* A model's name as it is shown. */
const char *report_model(const char *name);
/* struct chart's |label| for a struct timeline. */
char *report_slot_label(const void *timeline, size_t slot, char label[CHART_LABEL_SIZE]);

#endif
