/* SPDX-License-Identifier: MIT */
/* See timeline.h. */
#include "timeline.h"

#include <stdio.h>
#include <time.h>

#define DAY  24u
#define WEEK (7 * DAY)
/* 1970 began on a Thursday: this many hours later it is Monday. */
#define MONDAY (4 * DAY)

static const uint32_t slot_steps[] = {1,    3,        6,         12,       DAY,
                                      WEEK, 4 * WEEK, 13 * WEEK, 52 * WEEK};
#define STEP_COUNT (sizeof(slot_steps) / sizeof(*slot_steps))

static uint32_t slot_start(uint32_t hour, uint32_t step)
{
    uint32_t shift = step >= WEEK && hour >= MONDAY ? MONDAY : 0;
    return hour - (hour - shift) % step;
}

struct timeline timeline_of(uint32_t first, uint32_t last, uint32_t least)
{
    struct timeline timeline = {first, 1, 1};
    if (last < first)
        last = first;
    for (size_t i = 0; i < STEP_COUNT; i++) {
        timeline.step = slot_steps[i];
        timeline.start = slot_start(first, timeline.step);
        timeline.count = (size_t)(last - timeline.start) / timeline.step + 1;
        if (timeline.step >= least && timeline.count <= TIMELINE_SLOTS)
            return timeline;
    }
    timeline.count = TIMELINE_SLOTS; /* 64 years: a clock was wrong */
    return timeline;
}

size_t timeline_slot(const struct timeline *timeline, uint32_t hour)
{
    if (hour < timeline->start)
        return timeline->count;
    size_t slot = (hour - timeline->start) / timeline->step;
    return slot < timeline->count ? slot : timeline->count;
}

static struct tm calendar(uint32_t hour)
{
    struct tm parts = {0};
    time_t seconds = (time_t)hour * 3600;
    gmtime_r(&seconds, &parts);
    return parts;
}

char *timeline_label(const struct timeline *timeline, size_t slot,
                     char label[TIMELINE_LABEL_SIZE])
{
    struct tm parts = calendar(timeline->start + (uint32_t)slot * timeline->step);
    uint32_t weeks = timeline->step / WEEK;
    char before[24] = "";
    if (weeks == 1)
        snprintf(before, sizeof(before), "week of ");
    else if (weeks > 1)
        snprintf(before, sizeof(before), "%u weeks from ", weeks);
    char date[20], hour[12] = "";
    strftime(date, sizeof(date), "%d %b %Y", &parts);
    if (timeline->step < DAY)
        strftime(hour, sizeof(hour), ", %H:%M", &parts);
    snprintf(label, TIMELINE_LABEL_SIZE, "%s%s%s", before, date + (date[0] == '0'), hour);
    return label;
}

char *timeline_unit(const struct timeline *timeline, char label[TIMELINE_LABEL_SIZE])
{
    uint32_t step = timeline->step;
    const char *one = step < DAY ? "an hour" : step < WEEK ? "a day" : "a week";
    const char *many = step < DAY ? "hours" : step < WEEK ? "days" : "weeks";
    uint32_t number = step < DAY ? step : step < WEEK ? step / DAY : step / WEEK;
    if (number == 1)
        snprintf(label, TIMELINE_LABEL_SIZE, "%s", one);
    else
        snprintf(label, TIMELINE_LABEL_SIZE, "%u %s", number, many);
    return label;
}

/* How far apart ticks are: |months|, or |hours| when those are 0. */
struct pace {
    uint32_t hours, months;
};

static const struct pace paces[] = {
    {1, 0},        {2, 0}, {3, 0}, {6, 0}, {12, 0}, {DAY, 0}, {2 * DAY, 0}, {WEEK, 0},
    {2 * WEEK, 0}, {0, 1}, {0, 2}, {0, 3}, {0, 6},  {0, 12},  {0, 60},      {0, 240}};
#define PACE_COUNT (sizeof(paces) / sizeof(*paces))

/* The finest of which at most |limit| fit into |hours|. */
static struct pace pace_for(uint32_t hours, uint32_t limit)
{
    for (size_t i = 0; i < PACE_COUNT; i++) {
        uint32_t step = paces[i].months ? paces[i].months * 30 * DAY : paces[i].hours;
        if (hours / step < limit)
            return paces[i];
    }
    return paces[PACE_COUNT - 1];
}

/* True when a tick of |pace| stands at the full |hour|. */
static bool is_tick(struct pace pace, uint32_t hour)
{
    if (pace.months) {
        struct tm parts = calendar(hour);
        unsigned month = (unsigned)(parts.tm_year * 12 + parts.tm_mon);
        return parts.tm_mday == 1 && parts.tm_hour == 0 && month % pace.months == 0;
    }
    return slot_start(hour, pace.hours) == hour;
}

static void tick_label(struct pace pace, uint32_t hour, char label[SCALE_LABEL_SIZE])
{
    struct tm parts = calendar(hour);
    bool inside_day = !pace.months && pace.hours < DAY && parts.tm_hour != 0;
    const char *format = inside_day ? "%H:%M" : pace.months ? "%b %Y" : "%d %b";
    char text[SCALE_LABEL_SIZE];
    strftime(text, sizeof(text), format, &parts);
    snprintf(label, SCALE_LABEL_SIZE, "%s", text + (text[0] == '0' && !inside_day));
}

void timeline_ticks(const struct timeline *timeline, struct ticks *out)
{
    uint32_t hours = timeline->step * (uint32_t)timeline->count;
    struct pace few = pace_for(hours, 4), many = pace_for(hours, 8);
    *out = (struct ticks){.count = 0};
    uint32_t stride = hours % DAY || timeline->start % DAY || hours < WEEK ? 1 : DAY;
    for (uint32_t at = 0; at < hours && out->count < SCALE_TICKS; at += stride) {
        uint32_t hour = timeline->start + at;
        struct tick tick = {.at = (double)at / hours,
                            .few = is_tick(few, hour),
                            .many = is_tick(many, hour)};
        if (!tick.few && !tick.many)
            continue;
        tick_label(tick.many ? many : few, hour, tick.label);
        out->list[out->count++] = tick;
    }
}
