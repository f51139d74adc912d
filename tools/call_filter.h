/* SPDX-License-Identifier: MIT */
/* Which calls of the journal a command is about: the conditions of `log` and `top`. One thread. */
#ifndef TOOLS_CALL_FILTER_H
#define TOOLS_CALL_FILTER_H

#include "store/journal.h"

#include <getopt.h>

struct store;

struct call_filter {
    int64_t since_ms;
    int64_t until_ms;    /* 0 = no end */
    const char *model;   /* a pattern of fnmatch(3), letter case ignored; NULL = any */
    const char *host;    /* the same */
    const char *program; /* the same */
    const char *tenant;  /* a label, or an id in hexadecimal digits; NULL = any */
    const char *tag;     /* exactly; NULL = any */
    bool by_verdict, by_layer, by_reason;
    uint8_t verdict, layer, reason; /* enum journal_verdict, journal_layer, reason */
    struct tenants *tenants;        /* private */
};

/* Their options' letters; what is no letter of getopt(3) is a number above 255. */
enum {
    CALL_FILTER_SINCE = 256,
    CALL_FILTER_UNTIL,
    CALL_FILTER_MODEL,
    CALL_FILTER_HOST,
    CALL_FILTER_PROGRAM,
    CALL_FILTER_TENANT,
    CALL_FILTER_VERDICT,
    CALL_FILTER_LAYER,
    CALL_FILTER_REASON,
    CALL_FILTER_TAG
};

#define CALL_FILTER_OPTIONS                                                              \
    {"since", required_argument, NULL, CALL_FILTER_SINCE},                               \
        {"until", required_argument, NULL, CALL_FILTER_UNTIL},                           \
        {"model", required_argument, NULL, CALL_FILTER_MODEL},                           \
        {"host", required_argument, NULL, CALL_FILTER_HOST},                             \
        {"program", required_argument, NULL, CALL_FILTER_PROGRAM},                       \
        {"tenant", required_argument, NULL, CALL_FILTER_TENANT},                         \
        {"verdict", required_argument, NULL, CALL_FILTER_VERDICT},                       \
        {"layer", required_argument, NULL, CALL_FILTER_LAYER},                           \
        {"reason", required_argument, NULL, CALL_FILTER_REASON},                         \
    {                                                                                    \
        "tag", required_argument, NULL, CALL_FILTER_TAG                                  \
    }

/* Takes one of these options. False when it is none of them, or |text| makes no sense: then a
 * message was printed. |text| is kept. */
MUST_USE bool call_filter_take(struct call_filter *filter, int option, const char *text);

/* To be called before the first call_filter_matches(); |store| is kept.
 * 0, or a code of sysexits.h after a message. */
MUST_USE int call_filter_open(struct call_filter *filter, struct store *store);
void call_filter_close(struct call_filter *filter);

bool call_filter_matches(struct call_filter *filter, const struct journal_record *record);

#endif
