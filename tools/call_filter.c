/* SPDX-License-Identifier: MIT */
/* See call_filter.h. */
#include "call_filter.h"

#include "filter.h"
#include "moment.h"
#include "print.h"
#include "store/reason.h"
#include "tenants.h"
#include "verdict.h"

#include <fnmatch.h>

static bool take_moment(const char *name, const char *text, int64_t *out)
{
    if (moment_parse(text, filter_now_ms(), out))
        return true;
    print_error("--%s takes %s, not \"%s\"", name, MOMENT_FORM, text);
    return false;
}

/* One of the names that |name_of| gives; otherwise all of them are told. */
static bool take_name(const char *name, const char *text,
                      bool (*parse)(const char *, uint8_t *),
                      const char *(*name_of)(unsigned), uint8_t *out, bool *set)
{
    *set = parse(text, out);
    if (*set)
        return true;
    fprintf(stderr, "preecho: there is no %s \"%s\"; one of", name, text);
    for (unsigned i = 0; i < UINT8_MAX; i++) {
        uint8_t number;
        if (parse(name_of(i), &number) && number == i)
            fprintf(stderr, " %s", name_of(i));
    }
    fputc('\n', stderr);
    return false;
}

bool call_filter_take(struct call_filter *filter, int option, const char *text)
{
    switch (option) {
    case CALL_FILTER_SINCE:
        return take_moment("since", text, &filter->since_ms);
    case CALL_FILTER_UNTIL:
        return take_moment("until", text, &filter->until_ms);
    case CALL_FILTER_MODEL:
        filter->model = text;
        return true;
    case CALL_FILTER_HOST:
        filter->host = text;
        return true;
    case CALL_FILTER_PROGRAM:
        filter->program = text;
        return true;
    case CALL_FILTER_TENANT:
        filter->tenant = text;
        return true;
    case CALL_FILTER_TAG:
        filter->tag = text;
        return true;
    case CALL_FILTER_VERDICT:
        return take_name("verdict", text, verdict_parse, verdict_name, &filter->verdict,
                         &filter->by_verdict);
    case CALL_FILTER_LAYER:
        return take_name("layer", text, verdict_layer_parse, verdict_layer_name,
                         &filter->layer, &filter->by_layer);
    case CALL_FILTER_REASON:
        return take_name("reason", text, verdict_reason_parse, reason_name,
                         &filter->reason, &filter->by_reason);
    default:
        return false;
    }
}

int call_filter_open(struct call_filter *filter, struct store *store)
{
    return filter->tenant ? tenants_open(&filter->tenants, store) : 0;
}

void call_filter_close(struct call_filter *filter)
{
    tenants_close(filter->tenants);
    filter->tenants = NULL;
}

static bool text_matches(const char *pattern, const char *text)
{
    return !pattern || fnmatch(pattern, text, FNM_CASEFOLD) == 0;
}

static bool has_tag(const char *wanted, const struct journal_record *record)
{
    const char *tag = NULL;
    while ((tag = journal_next_tag(record, tag)))
        if (strcmp(tag, wanted) == 0)
            return true;
    return false;
}

bool call_filter_matches(struct call_filter *filter, const struct journal_record *record)
{
    return record->time_ms >= filter->since_ms &&
           (!filter->until_ms || record->time_ms < filter->until_ms) &&
           (!filter->by_verdict || record->verdict == filter->verdict) &&
           (!filter->by_layer || record->layer == filter->layer) &&
           (!filter->by_reason || record->reason == filter->reason) &&
           text_matches(filter->model, record->model) &&
           text_matches(filter->host, record->host) &&
           text_matches(filter->program, record->program) &&
           (!filter->tag || has_tag(filter->tag, record)) &&
           (!filter->tenant ||
            tenants_called(filter->tenants, record->tenant, filter->tenant));
}
