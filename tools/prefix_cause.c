/* SPDX-License-Identifier: MIT */
/* Why two texts part: what stands around their first difference. See prefix_cause.h. */
#include "prefix_cause.h"

#include <regex.h>

#define AROUND 48 /* bytes on either side that are looked at */
#define TAIL   3 /* a changed text is short when less than one part in so many is in it */

static const struct {
    const char *name, *text;
} causes[CAUSE_COUNT] = {
    [CAUSE_TIME] = {"timestamp", "a time stamp"},
    [CAUSE_UUID] = {"uuid", "a UUID"},
    [CAUSE_COUNTER] = {"counter", "a counter or another number"},
    [CAUSE_BILLING] = {"billing-header", "a billing header in the prompt"},
    [CAUSE_NONCE] = {"random", "a random text"},
    [CAUSE_TOOL_ORDER] = {"tool-order", "the same tools in another order"},
    [CAUSE_MEMBER_ORDER] = {"member-order", "the same members in another order"},
    [CAUSE_TOOLS] = {"tools", "other tools"},
    [CAUSE_SETTING] = {"setting", "another setting that is part of the prompt"},
    [CAUSE_REMOVED] = {"removed", "earlier turns are gone"},
    [CAUSE_INSERTED] = {"inserted", "something was put before what was there"},
    [CAUSE_VOLATILE] = {"volatile", "a value that changes, before text that does not"},
    [CAUSE_TEXT] = {"text", "different text"},
};

const char *prefix_cause_name(enum prefix_cause cause)
{
    return causes[cause].name;
}

const char *prefix_cause_text(enum prefix_cause cause)
{
    return causes[cause].text;
}

/* -- patterns -------------------------------------------------------------------------------- */

#define HEX   "[0-9a-fA-F]"
#define MONTH "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
#define DAY   "((Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(Mon|Tue|Wed|Thu|Fri|Sat|Sun),)"
#define CLOCK "[0-9]{1,2}:[0-9]{2}[0-9:.,]*"

/* The first one that covers the place in both texts is the cause. */
static const struct {
    enum prefix_cause cause;
    const char *pattern;
} patterns[] = {
    {CAUSE_BILLING, "(billing-header|cch=|cc_version=|cc_entrypoint=)[^\n]*"},
    {CAUSE_UUID, HEX "{8}-" HEX "{4}-" HEX "{4}-" HEX "{4}-" HEX "{12}"},
    {CAUSE_TIME, "[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}([T ,]+" CLOCK "[Z0-9:+-]*)?"},
    {CAUSE_TIME, "[0-9]{1,2}[-/][0-9]{1,2}[-/][0-9]{2,4}([ ,]+" CLOCK ")?"},
    {CAUSE_TIME, "[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}([ ,]+" CLOCK ")?"},
    {CAUSE_TIME, "[0-9]{8}T[0-9]{4,6}Z?"},
    {CAUSE_TIME, "(" DAY "[ ,]+)?([0-9]{1,2}[.]?[ -])?" MONTH "[. -]+[0-9]{1,4}"
                 "(st|nd|rd|th)?([ ,-]+[0-9]{4})?([ ,]+(at )?" CLOCK ")?"},
    {CAUSE_TIME, CLOCK "( ?[AaPp][Mm])?"},
    {CAUSE_TIME, "(^|[^0-9])1[4-9][0-9]{8}([.]?[0-9]{3,9})?([^0-9]|$)"},
    {CAUSE_TIME, DAY},
    {CAUSE_COUNTER, "(^|[^0-9A-Za-z.])[0-9]{1,9}([^0-9A-Za-z]|$)"},
};

/* True when |pattern| matches a part of |text| that the byte |at| lies in, or ends. */
static bool covers(const regex_t *pattern, const char *text, size_t at)
{
    regmatch_t match;
    for (size_t from = 0; from <= at && text[from]; from += (size_t)match.rm_eo) {
        if (regexec(pattern, text + from, 1, &match, from ? REG_NOTBOL : 0) != 0)
            return false;
        if (match.rm_eo == 0)
            return false;
        if (from + (size_t)match.rm_so <= at && at <= from + (size_t)match.rm_eo)
            return true;
    }
    return false;
}

/* What stands around the place, as a text; returns where the place is in it. */
static size_t window(struct span text, size_t at, char out[2 * AROUND + 1])
{
    size_t from = at > AROUND ? at - AROUND : 0;
    size_t size = text.size - from < 2 * AROUND ? text.size - from : 2 * AROUND;
    memcpy(out, text.at + from, size);
    for (size_t i = 0; i < size; i++)
        if (!out[i])
            out[i] = ' ';
    out[size] = 0;
    return at - from;
}

static bool fits(const char *text, const char *a, size_t a_at, const char *b, size_t b_at)
{
    regex_t pattern;
    if (regcomp(&pattern, text, REG_EXTENDED) != 0)
        return false;
    bool both = covers(&pattern, a, a_at) && covers(&pattern, b, b_at);
    regfree(&pattern);
    return both;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* True when the word at the place is long, and letters and digits take turns in it. */
static bool is_random(const char *text, size_t at)
{
    size_t from = at, digits = 0, letters = 0, turns = 0, end;
    while (from > 0 && (is_digit(text[from - 1]) || is_letter(text[from - 1])))
        from--;
    for (end = from; is_digit(text[end]) || is_letter(text[end]); end++) {
        digits += is_digit(text[end]);
        letters += is_letter(text[end]);
        turns += end > from && is_digit(text[end]) != is_digit(text[end - 1]);
    }
    return end - from >= 8 && digits >= 2 && letters >= 2 && turns >= 2;
}

/* A long text with a short difference: what ends alike is much more than what changed. */
static bool resumes(struct span before, struct span now, size_t at)
{
    size_t most = (before.size < now.size ? before.size : now.size) - at, same = 0;
    while (same < most &&
           before.at[before.size - 1 - same] == now.at[now.size - 1 - same])
        same++;
    return same > 0 && now.size - at - same <= same / TAIL &&
           before.size - at - same <= same / TAIL;
}

enum prefix_cause prefix_cause_of_texts(struct span before, struct span now, size_t at)
{
    char a[2 * AROUND + 1], b[2 * AROUND + 1];
    if (at >= before.size || at >= now.size)
        return CAUSE_TEXT;
    size_t a_at = window(before, at, a), b_at = window(now, at, b);
    for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++)
        if (fits(patterns[i].pattern, a, a_at, b, b_at))
            return patterns[i].cause;
    if (is_random(a, a_at) && is_random(b, b_at))
        return CAUSE_NONCE;
    return resumes(before, now, at) ? CAUSE_VOLATILE : CAUSE_TEXT;
}
