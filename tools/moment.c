/* SPDX-License-Identifier: MIT */
/* See moment.h. */
#include "moment.h"

#include "store/duration.h"

#include <stdio.h>
#include <time.h>

static bool parse_age(const char *text, int64_t now_ms, int64_t *out)
{
    uint64_t seconds;
    if (!duration_parse(span_text(text), &seconds) || seconds == DURATION_FOREVER)
        return false;
    *out = now_ms - (int64_t)seconds * 1000;
    return true;
}

/* What of |text| is left behind a date and, if there is one, a time. */
static const char *take_date(const char *text, struct tm *time)
{
    static const char *const times[] = {"%H:%M:%S", "%H:%M"};
    const char *end = strptime(text, "%Y-%m-%d", time);
    if (!end || (*end != ' ' && *end != 'T'))
        return end;
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        const char *behind = strptime(end + 1, times[i], time);
        if (behind)
            return behind;
    }
    return NULL;
}

bool moment_parse(const char *text, int64_t now_ms, int64_t *out)
{
    struct tm asked = {0};
    if (parse_age(text, now_ms, out))
        return true;
    const char *end = take_date(text, &asked);
    bool utc = end && *end == 'Z';
    if (!end || end[utc] || asked.tm_year < 70)
        return false;
    asked.tm_isdst = -1;
    struct tm time = asked;
    int64_t seconds = utc ? timegm(&time) : mktime(&time);
    if (time.tm_mday != asked.tm_mday || time.tm_mon != asked.tm_mon)
        return false; /* there is no such day */
    *out = seconds * 1000;
    return true;
}

void moment_date(int64_t ms, char out[16])
{
    struct tm date;
    time_t seconds = (time_t)(ms / 1000);
    if (!localtime_r(&seconds, &date) || !strftime(out, 16, "%Y-%m-%d", &date))
        snprintf(out, 16, "-");
}
