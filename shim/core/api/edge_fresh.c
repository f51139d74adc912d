/* SPDX-License-Identifier: MIT */
/* See edge_fresh.h. */
#include "edge_fresh.h"

#include "edge_date.h"
#include "edge_list.h"
#include "store/duration.h"

#define HEURISTIC_MOST 86400

/* -- may it be kept --------------------------------------------------------------------- */

/* RFC 9110, 15.1: those that may be kept without a word about it. */
static bool is_understood(unsigned status)
{
    static const uint16_t statuses[] = {200, 203, 204, 404, 405, 410, 414};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i] == status)
            return true;
    return false;
}

static bool varies_on_everything(const struct headers *headers)
{
    struct edge_list list = edge_list_begin(headers, "Vary");
    struct span element;
    while (edge_list_next(&list, &element))
        if (span_is(element, "*"))
            return true;
    return false;
}

static bool is_coded(const struct headers *headers)
{
    struct span coding = span_trim(headers_value(headers, "Content-Encoding"));
    return coding.size && !span_is_nocase(coding, "identity");
}

/* It is kept without its coding, which is a transformation. */
static bool is_forbidden(const struct edge_control *control,
                         const struct headers *headers)
{
    return control->no_store || varies_on_everything(headers) ||
           (control->no_transform && is_coded(headers));
}

enum reason edge_may_store(const struct headers *request, const struct response *response)
{
    struct edge_control asked, said;
    edge_control_read(request, &asked);
    edge_control_read(&response->headers, &said);
    if (!is_understood(response->status))
        return REASON_STATUS;
    if (asked.no_store || is_forbidden(&said, &response->headers))
        return REASON_NO_STORE;
    bool usable = said.max_age.said || headers_find(&response->headers, "Expires") ||
                  headers_find(&response->headers, "ETag") ||
                  headers_find(&response->headers, "Last-Modified");
    return usable ? REASON_NONE : REASON_NO_FRESHNESS;
}

/* -- times ------------------------------------------------------------------------------ */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t parse_age(struct span text)
{
    uint64_t age = 0;
    text = span_trim(text);
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return i && text.at[i] == ',' ? age : 0;
        age = least(age * 10 + (uint64_t)(text.at[i] - '0'), EDGE_SECONDS_MOST);
    }
    return age;
}

static bool date_of(const struct headers *headers, const char *name, int64_t now_s,
                    int64_t *seconds)
{
    return edge_date_parse(headers_value(headers, name), now_s, seconds);
}

uint64_t edge_initial_age(const struct headers *response, int64_t now_s, uint64_t delay_s)
{
    int64_t date_s = now_s;
    uint64_t corrected = parse_age(headers_value(response, "Age")) + delay_s;
    (void)!date_of(response, "Date", now_s, &date_s);
    uint64_t apparent = now_s > date_s ? (uint64_t)(now_s - date_s) : 0;
    return apparent > corrected ? apparent : corrected;
}

static size_t count_fields(const struct headers *headers, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < headers->count; i++)
        count += span_is_nocase(headers->at[i].name, name);
    return count;
}

/* RFC 9111, 5.3: what is no date, like 0, lies in the past. */
static uint64_t until_expiry(const struct headers *response, int64_t now_s)
{
    int64_t expires_s, date_s = now_s;
    if (count_fields(response, "Expires") != 1 ||
        !date_of(response, "Expires", now_s, &expires_s))
        return 0;
    (void)!date_of(response, "Date", now_s, &date_s);
    return expires_s > date_s ? least((uint64_t)(expires_s - date_s), EDGE_SECONDS_MOST)
                              : 0;
}

/* Who has set a time to live has said how long what says nothing may be believed. */
static uint64_t guess(const struct headers *response, uint64_t most_s, int64_t now_s)
{
    int64_t changed_s, date_s = now_s;
    if (!date_of(response, "Last-Modified", now_s, &changed_s))
        return most_s == DURATION_FOREVER ? 0 : most_s;
    (void)!date_of(response, "Date", now_s, &date_s);
    if (date_s <= changed_s)
        return 0;
    uint64_t tenth = least((uint64_t)(date_s - changed_s) / 10, HEURISTIC_MOST);
    return least(tenth, most_s);
}

uint64_t edge_lifetime(const struct headers *response, uint64_t guess_most_s,
                       int64_t now_s)
{
    struct edge_control said;
    edge_control_read(response, &said);
    if (said.max_age.said)
        return said.max_age.invalid ? 0 : said.max_age.seconds;
    if (headers_find(response, "Expires"))
        return until_expiry(response, now_s);
    return guess(response, guess_most_s, now_s);
}

/* -- may it be used ----------------------------------------------------------------------- */

static uint64_t stale_by(const struct edge_stored *stored)
{
    return stored->age_s < stored->lifetime_s ? 0 : stored->age_s - stored->lifetime_s;
}

static bool is_fresh(const struct edge_stored *stored)
{
    return stored->lifetime_s > stored->age_s;
}

/* RFC 9111, 5.2.1.1 and 5.2.1.3. A number that is none asks for the freshest there is. */
static bool is_fresh_for(const struct edge_control *request,
                         const struct edge_stored *stored)
{
    if (request->max_age.invalid || request->min_fresh.invalid)
        return false;
    if (request->max_age.said && stored->age_s > request->max_age.seconds)
        return false;
    return is_fresh(stored) &&
           (!request->min_fresh.said ||
            stored->lifetime_s - stored->age_s >= request->min_fresh.seconds);
}

/* RFC 9111, 5.2.1.2: beside max-age both must hold. */
static bool accepts_stale(const struct edge_control *request,
                          const struct edge_stored *stored)
{
    if (request->max_age.said && stored->age_s > request->max_age.seconds)
        return false;
    return request->any_stale ||
           (request->max_stale.said && !request->max_stale.invalid &&
            stale_by(stored) <= request->max_stale.seconds);
}

static uint64_t granted(const struct edge_seconds *said, uint64_t otherwise)
{
    if (!said->said)
        return otherwise;
    return said->invalid ? 0 : said->seconds;
}

/* The program wants upstream's word, or an answer of a certain freshness. */
static bool insists(const struct edge_control *request)
{
    return request->no_cache || request->max_age.said || request->min_fresh.said;
}

enum edge_use edge_use_for(const struct edge_control *request,
                           const struct edge_stored *stored)
{
    struct edge_control said;
    edge_control_read(stored->headers, &said);
    if (request->no_cache || said.no_cache)
        return EDGE_USE_VALIDATED;
    if (is_fresh_for(request, stored))
        return EDGE_USE_AS_IS;
    if (is_fresh(stored) || said.must_revalidate)
        return EDGE_USE_VALIDATED;
    if (accepts_stale(request, stored))
        return EDGE_USE_AS_IS;
    uint64_t meanwhile = granted(&said.stale_while_revalidate, stored->meanwhile_s);
    if (!insists(request) && meanwhile && stale_by(stored) <= meanwhile)
        return EDGE_USE_MEANWHILE;
    return EDGE_USE_VALIDATED;
}

bool edge_use_failing(const struct edge_control *request,
                      const struct edge_stored *stored)
{
    struct edge_control said;
    edge_control_read(stored->headers, &said);
    uint64_t failing = granted(&said.stale_if_error, stored->failing_s);
    failing = granted(&request->stale_if_error, failing);
    return !said.no_cache && !said.must_revalidate && !insists(request) && failing &&
           stale_by(stored) <= failing;
}
