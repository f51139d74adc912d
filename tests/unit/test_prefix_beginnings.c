/* SPDX-License-Identifier: MIT */
/* What `preecho prefix` remembers of the beginnings of prompts, for how long, and how much of it. */
#include "unit.h"

#include "tools/prefix_beginnings.h"

#define MINUTE ((int64_t)60 * 1000)

static struct beginnings all;

static bool asked(uint64_t id, uint32_t call)
{
    const struct beginning *beginning = beginnings_find(&all, id);
    return beginning && beginning_was_asked(&all, beginning, call);
}

static void ask(uint64_t id, uint32_t call)
{
    beginning_ask(&all, beginnings_add(&all, id), call);
}

static void test_hour(void)
{
    uint32_t first = beginnings_call(&all, 0, 500);
    ask(7, first);
    CHECK(!beginnings_find(&all, 8));
    CHECK(asked(7, beginnings_call(&all, 59 * MINUTE, 59 * MINUTE)));
    CHECK(!asked(7, beginnings_call(&all, 61 * MINUTE, 61 * MINUTE)));
    beginnings_free(&all);
}

/* What is not being answered yet is in no cache; the one before it still is. */
static void test_answered(void)
{
    uint32_t slow = beginnings_call(&all, 0, 10 * MINUTE);
    ask(7, slow);
    CHECK(!asked(7, beginnings_call(&all, 5 * MINUTE, 6 * MINUTE)));
    CHECK(asked(7, beginnings_call(&all, 11 * MINUTE, 12 * MINUTE)));
    uint32_t slower = beginnings_call(&all, 15 * MINUTE, 40 * MINUTE);
    ask(7, slower);
    CHECK(asked(7, beginnings_call(&all, 20 * MINUTE, 21 * MINUTE)));
    CHECK(asked(7, beginnings_call(&all, 70 * MINUTE, 71 * MINUTE)));
    beginnings_free(&all);
}

static bool kept(uint64_t id, uint32_t call)
{
    return beginning_is_kept(&all, beginnings_find(&all, id), FORECAST_SENT, call,
                             5 * MINUTE);
}

static void test_kept(void)
{
    uint32_t writes = beginnings_call(&all, 0, MINUTE);
    beginnings_add(&all, 7)->kept[FORECAST_SENT] = 2 * writes;
    CHECK(!kept(7, beginnings_call(&all, 1000, 2 * MINUTE)));
    uint32_t reads = beginnings_call(&all, 4 * MINUTE, 5 * MINUTE);
    CHECK(kept(7, reads));
    CHECK(!kept(7, beginnings_call(&all, 6 * MINUTE, 7 * MINUTE)));
    beginnings_find(&all, 7)->kept[FORECAST_SENT] = 2 * reads + 1;
    CHECK(kept(7, beginnings_call(&all, 8 * MINUTE, 9 * MINUTE)));
    beginnings_free(&all);
}

/* All within an hour: the oldest go, and memory is bounded. */
static void test_bound(void)
{
    uint64_t id = 1;
    for (int64_t i = 0; i < 300; i++) {
        uint32_t call = beginnings_call(&all, i, i);
        for (unsigned j = 0; j < 10000; j++)
            ask(id++ * 0x9E3779B97F4A7C15u, call);
    }
    CHECK(all.capacity <= 2 * (size_t)BEGINNINGS_MOST);
    CHECK(asked((id - 1) * 0x9E3779B97F4A7C15u, (uint32_t)all.call_count));
    CHECK(!beginnings_find(&all, 0x9E3779B97F4A7C15u));
    beginnings_free(&all);
}

int main(void)
{
    RUN(test_hour);
    RUN(test_answered);
    RUN(test_kept);
    RUN(test_bound);
    return unit_end();
}
