/* SPDX-License-Identifier: MIT */
/* Tests of tools/top_{figures,screen}.c: what stands in which row, for every size. */
#include "unit.h"

#include "store/reason.h"
#include "tools/top_screen.h"

#include <stdlib.h>

static struct top_screen screen;
static struct top_figures figures;
static struct prices *prices;

static void begin(void)
{
    unsigned line;
    memset(&figures, 0, sizeof(figures));
    memset(&screen, 0, sizeof(screen));
    CHECK_INT(prices_load(NULL, &prices, &line), STORE_OK);
    figures.quotes = quotes_new(prices);
    figures.since_ms = 1000;
    screen.rows = 24;
    screen.columns = 80;
}

static void end(void)
{
    quotes_free(figures.quotes);
    top_figures_free(&figures);
    prices_free(prices);
}

static void add(uint8_t verdict, const char *model, const char *program, int64_t time_ms)
{
    struct journal_record record = {.time_ms = time_ms,
                                    .verdict = verdict,
                                    .layer = LAYER_EXACT,
                                    .status = 200,
                                    .usage_known = true,
                                    .tokens_in = 1000000,
                                    .last_byte_us = 500000,
                                    .recorded_last_byte_us = 2500000,
                                    .dialect = "openai",
                                    .operation = "chat",
                                    .host = "api.openai.com"};
    snprintf(record.model, sizeof(record.model), "%s", model);
    snprintf(record.program, sizeof(record.program), "%s", program);
    top_figures_add(&figures, &record);
}

static int row_of(const char *start)
{
    for (int row = 0; row < (int)screen.rows; row++)
        if (strncmp(screen.lines[row], start, strlen(start)) == 0)
            return row;
    return -1;
}

static void test_sums(void)
{
    const struct top_group *groups[4];
    begin();
    add(VERDICT_HIT, "gpt-4o-mini", "a", 999); /* of before */
    add(VERDICT_HIT, "gpt-4o-mini", "a", 1000);
    add(VERDICT_MISS, "gpt-4o-mini", "b", 1001);
    add(VERDICT_STALE, "gpt-4o-mini", "b", 1002);
    add(VERDICT_BYPASS, "unheard-of", "b", 1003);
    add(VERDICT_OBSERVED, "", "b", 1003);
    CHECK_INT(figures.all.calls, 5);
    CHECK_INT(figures.all.lookups, 3);
    CHECK_INT(figures.all.hits, 1);
    CHECK_INT(figures.all.saved_us, 2000000);
    CHECK_INT(figures.all.saved, 150000000000); /* a million tokens for 15 cents */
    CHECK_INT(figures.all.spent, 150000000000);
    CHECK_INT(figures.all.unpriced, 2);
    CHECK_INT(top_figures_groups(&figures, TOP_BY_MODEL, groups, 4), 3);
    CHECK_TEXT(groups[0]->name, "gpt-4o-mini");
    CHECK_TEXT(groups[1]->name, "(unknown)");
    CHECK_INT(top_figures_groups(&figures, TOP_BY_PROGRAM, groups, 1), 1);
    CHECK_TEXT(groups[0]->name, "b");
    CHECK_INT(top_figures_recent(&figures, 0)->verdict, VERDICT_OBSERVED);
    CHECK_INT(top_figures_recent(&figures, 4)->verdict, VERDICT_HIT);
    CHECK(!top_figures_recent(&figures, 5));
    end();
}

/* A program that makes up names does not let the table grow without end. */
static void test_bounds(void)
{
    char name[32];
    begin();
    for (int i = 0; i < 3 * TOP_GROUPS; i++) {
        snprintf(name, sizeof(name), "model-%d", i);
        add(VERDICT_MISS, name, "a", 2000 + i);
    }
    CHECK_INT(HASH_COUNT(figures.groups[TOP_BY_MODEL]), TOP_GROUPS);
    CHECK_INT(figures.all.calls, 3 * TOP_GROUPS);
    CHECK_INT(figures.count, TOP_RECENT);
    CHECK_TEXT(top_figures_recent(&figures, 0)->model, name);
    CHECK_INT(top_figures_recent(&figures, TOP_RECENT - 1)->time_ms,
              2000 + 3 * TOP_GROUPS - TOP_RECENT);
    const struct top_group *groups[1];
    CHECK_INT(top_figures_groups(&figures, TOP_BY_MODEL, groups, 1), 1);
    CHECK_TEXT(groups[0]->name, "(others)");
    end();
}

static void test_rows(void)
{
    begin();
    for (int i = 0; i < 30; i++)
        add(i % 3 ? VERDICT_HIT : VERDICT_MISS, "gpt-4o-mini", i % 2 ? "a" : "b", 2000);
    top_screen_fill(&screen, &figures);
    CHECK_INT(row_of("calls 30  hits 20  hit rate 66.7 %"), 0);
    CHECK_INT(row_of("saved 40.0 s and $3.00  spent $1.50"), 1);
    CHECK_INT(row_of("model "), 3);
    CHECK_INT(screen.styles[3], TOP_TITLE);
    CHECK_INT(strlen(screen.lines[3]), 80);
    CHECK_INT(row_of("gpt-4o-mini "), 4);
    CHECK_INT(row_of("time "), 6);
    CHECK_INT(screen.styles[7], TOP_SAVED);
    CHECK_INT(screen.styles[9], TOP_SPENT);
    CHECK(screen.lines[22][0] != 0);
    CHECK_INT(row_of("q quit"), 23);
    screen.by = TOP_BY_PROGRAM;
    screen.paused = true;
    top_screen_fill(&screen, &figures);
    CHECK_INT(row_of("program "), 3);
    CHECK_INT(row_of("a "), 4);
    CHECK_INT(row_of("b "), 5);
    CHECK(strstr(screen.lines[0], "  paused"));
    end();
}

static void test_empty(void)
{
    char line[COLUMNS_LINE_SIZE];
    begin();
    top_screen_fill(&screen, &figures);
    CHECK_INT(row_of("calls 0  hits 0  hit rate -"), 0);
    CHECK_INT(row_of("time "), 5);
    top_screen_plain(&figures, line);
    CHECK_TEXT(line, "calls 0  hits 0  hit rate -  saved 0 s and $0.00  spent $0.00");
    end();
}

/* Nothing is wider than the terminal, nothing unprintable, and keys stand last where there are
 * rows enough. */
static void test_every_size(void)
{
    begin();
    for (int i = 0; i < 300; i++)
        add((uint8_t)(i % 7), i % 2 ? "gpt-4o-mini" : "\x1b[31m\xff\n",
            "\x9b"
            "2J",
            2000 + i);
    for (unsigned rows = 1; rows < 200; rows += rows < 30 ? 1 : 37) {
        for (unsigned columns = 1; columns < 600; columns += columns < 130 ? 3 : 97) {
            screen.rows = rows;
            screen.columns = columns;
            top_screen_fill(&screen, &figures);
            for (unsigned row = 0; row < rows && row < TOP_SCREEN_ROWS; row++) {
                CHECK(strlen(screen.lines[row]) <= columns);
                for (const char *at = screen.lines[row]; *at; at++)
                    CHECK(*at >= 0x20 && *at < 0x7f);
            }
            if (rows >= 4 && rows <= TOP_SCREEN_ROWS)
                CHECK(strncmp(screen.lines[rows - 1], "q quit", columns < 6 ? 1 : 5) ==
                          0 ||
                      columns < 3);
        }
    }
    end();
}

int main(void)
{
    RUN(test_sums);
    RUN(test_bounds);
    RUN(test_rows);
    RUN(test_empty);
    RUN(test_every_size);
    return unit_end();
}
