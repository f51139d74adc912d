/* SPDX-License-Identifier: MIT */
/* See prefix_beginnings.h. */
#include "prefix_beginnings.h"

#include "print.h"

#include <stdlib.h>

#define FIRST      1024 /* slots */
#define OVERLAP_MS 1000 /* clocks and recording are not exact to the millisecond */

_Static_assert(sizeof(struct beginning) == 32, "as the header promises");

uint32_t beginnings_call(struct beginnings *beginnings, int64_t begun_ms,
                         int64_t answered_ms)
{
    if (beginnings->call_count == beginnings->call_capacity) {
        beginnings->call_capacity =
            beginnings->call_capacity ? 2 * beginnings->call_capacity : FIRST;
        beginnings->calls = print_grown(
            beginnings->calls, beginnings->call_capacity * sizeof(*beginnings->calls));
    }
    beginnings->calls[beginnings->call_count++] =
        (struct asked_at){begun_ms, answered_ms};
    return (uint32_t)beginnings->call_count;
}

static const struct asked_at *at(const struct beginnings *beginnings, uint32_t call)
{
    return &beginnings->calls[call - 1];
}

/* -- slots ----------------------------------------------------------------------------------- */

static struct beginning *slot_of(const struct beginnings *beginnings, uint64_t id)
{
    size_t mask = beginnings->capacity - 1, place = (size_t)id & mask;
    while (beginnings->slots[place].id && beginnings->slots[place].id != id)
        place = (place + 1) & mask;
    return &beginnings->slots[place];
}

struct beginning *beginnings_find(const struct beginnings *beginnings, uint64_t id)
{
    struct beginning *slot = beginnings->capacity ? slot_of(beginnings, id) : NULL;
    return slot && slot->id ? slot : NULL;
}

static uint32_t latest_of(const struct beginning *beginning)
{
    uint32_t latest = beginning->asked;
    const uint32_t others[] = {beginning->asking, beginning->seen,
                               beginning->kept[FORECAST_SENT] / 2,
                               beginning->kept[FORECAST_MARKED] / 2};
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (others[i] > latest)
            latest = others[i];
    return latest;
}

static size_t count_since(const struct beginnings *beginnings, uint32_t call)
{
    size_t count = 0;
    for (size_t i = 0; i < beginnings->capacity; i++)
        count += beginnings->slots[i].id && latest_of(&beginnings->slots[i]) >= call;
    return count;
}

/* The first call whose beginnings are worth keeping: of the hour, and few enough. */
static uint32_t horizon_of(const struct beginnings *beginnings)
{
    uint32_t last = (uint32_t)beginnings->call_count, first = 1;
    while (first < last && at(beginnings, first)->begun_ms <
                               at(beginnings, last)->begun_ms - PREFIX_WINDOW_MS)
        first++;
    while (first < last && count_since(beginnings, first) > BEGINNINGS_MOST / 2)
        first += (last - first + 1) / 2;
    return first;
}

static void make_room(struct beginnings *beginnings)
{
    struct beginnings old = *beginnings;
    uint32_t horizon = old.capacity ? horizon_of(&old) : 0;
    size_t kept = old.capacity ? count_since(&old, horizon) : 0;
    beginnings->capacity = FIRST;
    while (beginnings->capacity < 4 * kept)
        beginnings->capacity *= 2;
    beginnings->count = 0;
    beginnings->slots = print_grown(NULL, beginnings->capacity * sizeof(*old.slots));
    memset(beginnings->slots, 0, beginnings->capacity * sizeof(*old.slots));
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].id && latest_of(&old.slots[i]) >= horizon) {
            *slot_of(beginnings, old.slots[i].id) = old.slots[i];
            beginnings->count++;
        }
    free(old.slots);
}

struct beginning *beginnings_add(struct beginnings *beginnings, uint64_t id)
{
    struct beginning *slot = beginnings_find(beginnings, id);
    if (slot)
        return slot;
    if (2 * (beginnings->count + 1) > beginnings->capacity)
        make_room(beginnings);
    slot = slot_of(beginnings, id);
    slot->id = id;
    beginnings->count++;
    return slot;
}

void beginnings_free(struct beginnings *beginnings)
{
    free(beginnings->slots);
    free(beginnings->calls);
    *beginnings = (struct beginnings){0};
}

/* -- calls ----------------------------------------------------------------------------------- */

static bool is_answered(const struct beginnings *beginnings, uint32_t earlier,
                        uint32_t call)
{
    return at(beginnings, earlier)->answered_ms <=
           at(beginnings, call)->begun_ms + OVERLAP_MS;
}

static bool is_within(const struct beginnings *beginnings, uint32_t earlier,
                      uint32_t call, int64_t life_ms)
{
    return at(beginnings, earlier)->begun_ms >= at(beginnings, call)->begun_ms - life_ms;
}

void beginning_ask(const struct beginnings *beginnings, struct beginning *beginning,
                   uint32_t call)
{
    uint32_t asking = beginning->asking;
    if (asking && is_answered(beginnings, asking, call)) {
        beginning->asked = asking;
        asking = 0;
    }
    if (!asking ||
        at(beginnings, call)->answered_ms < at(beginnings, asking)->answered_ms)
        asking = call;
    beginning->asking = asking;
}

bool beginning_was_asked(const struct beginnings *beginnings,
                         const struct beginning *beginning, uint32_t call)
{
    const uint32_t calls[] = {beginning->asked, beginning->asking};
    for (size_t i = 0; i < 2; i++)
        if (calls[i] && is_answered(beginnings, calls[i], call) &&
            is_within(beginnings, calls[i], call, PREFIX_WINDOW_MS))
            return true;
    return false;
}

bool beginning_is_kept(const struct beginnings *beginnings,
                       const struct beginning *beginning, enum forecast forecast,
                       uint32_t call, int64_t life_ms)
{
    uint32_t kept = beginning->kept[forecast];
    return kept / 2 && (kept % 2 || is_answered(beginnings, kept / 2, call)) &&
           is_within(beginnings, kept / 2, call, life_ms);
}
