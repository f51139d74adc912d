/* SPDX-License-Identifier: MIT */
/* See top_screen.h. From above: the totals, groups, calls with the latest first, the keys. */
#include "top_screen.h"

#include "call_line.h"
#include "print.h"

#include <time.h>

enum { NAME, CALLS, HITS, RATE, TIME, SAVED, SPENT, COUNT };

#define GROUP_ROWS 40 /* at most, on however tall a terminal */

static const struct column columns[COUNT] = {
    [NAME] = {"", 8, 40, 0, false},           [CALLS] = {"calls", 7, 11, 1, true},
    [HITS] = {"hits", 7, 11, 4, true},        [RATE] = {"hit rate", 8, 8, 2, true},
    [TIME] = {"time saved", 10, 10, 5, true}, [SAVED] = {"saved", 9, 12, 3, true},
    [SPENT] = {"spent", 9, 12, 6, true},
};

static const char *const names[TOP_BY_COUNT] = {"model", "program"};

static void put(struct top_screen *screen, unsigned row, enum top_style style,
                const char *text)
{
    if (row >= screen->rows || row >= TOP_SCREEN_ROWS)
        return;
    columns_clean(text, screen->columns, screen->lines[row], COLUMNS_LINE_SIZE);
    screen->styles[row] = style;
}

static char *money_text(uint64_t pico_dollars, char *out)
{
    return print_money(pico_dollars > INT64_MAX ? INT64_MAX : (int64_t)pico_dollars, out);
}

static void since_text(int64_t since_ms, char out[32])
{
    struct tm time;
    time_t seconds = (time_t)(since_ms / 1000);
    if (!localtime_r(&seconds, &time) || !strftime(out, 32, "%m-%d %H:%M", &time))
        out[0] = 0;
}

static void calls_text(const struct top_sum *sum, char *out, size_t size)
{
    char calls[32], hits[32], rate[32];
    snprintf(out, size, "calls %s  hits %s  hit rate %s", print_count(sum->calls, calls),
             print_count(sum->hits, hits), print_rate(sum->hits, sum->lookups, rate));
}

static void saved_text(const struct top_sum *sum, char *out, size_t size)
{
    char time[32], saved[32], spent[32], unpriced[32];
    snprintf(out, size, "saved %s and %s  spent %s%s%s",
             print_duration((double)sum->saved_us / 1e6, time),
             money_text(sum->saved, saved), money_text(sum->spent, spent),
             sum->unpriced ? "  calls without a price " : "",
             sum->unpriced ? print_count(sum->unpriced, unpriced) : "");
}

void top_screen_plain(const struct top_figures *figures, char line[COLUMNS_LINE_SIZE])
{
    char calls[160], saved[200];
    calls_text(&figures->all, calls, sizeof(calls));
    saved_text(&figures->all, saved, sizeof(saved));
    snprintf(line, COLUMNS_LINE_SIZE, "%s  %s", calls, saved);
}

static void put_totals(struct top_screen *screen, const struct top_figures *figures)
{
    char since[32], text[200], line[COLUMNS_LINE_SIZE];
    since_text(figures->since_ms, since);
    calls_text(&figures->all, text, sizeof(text));
    snprintf(line, sizeof(line), "%s  since %s%s", text, since,
             screen->paused ? "  paused" : "");
    put(screen, 0, TOP_PLAIN, line);
    saved_text(&figures->all, line, sizeof(line));
    put(screen, 1, TOP_PLAIN, line);
}

/* A row of titles, over all of the width. */
static void put_titles(struct top_screen *screen, unsigned row, const char *titles)
{
    char line[COLUMNS_LINE_SIZE];
    int width = screen->columns < sizeof(line) ? (int)screen->columns : 0;
    snprintf(line, sizeof(line), "%-*s", width, titles);
    put(screen, row, TOP_TITLE, line);
}

static void group_line(const struct top_group *group, const unsigned *widths, char *line)
{
    char calls[32], hits[32], rate[32], time[32], saved[32], spent[32];
    const struct top_sum *sum = &group->sum;
    const char *cells[COUNT] = {
        [NAME] = group->name,
        [CALLS] = print_count(sum->calls, calls),
        [HITS] = print_count(sum->hits, hits),
        [RATE] = print_rate(sum->hits, sum->lookups, rate),
        [TIME] = print_duration((double)sum->saved_us / 1e6, time),
        [SAVED] = sum->unpriced == sum->calls ? "?" : money_text(sum->saved, saved),
        [SPENT] = sum->unpriced == sum->calls ? "?" : money_text(sum->spent, spent)};
    columns_line(columns, COUNT, widths, cells, line);
}

/* In |rows| rows from |row| on: titles and groups. Returns the next row. */
static unsigned put_groups(struct top_screen *screen, const struct top_figures *figures,
                           unsigned row, unsigned rows)
{
    const struct top_group *groups[GROUP_ROWS];
    struct column own[COUNT];
    unsigned widths[COUNT];
    char line[COLUMNS_LINE_SIZE];
    memcpy(own, columns, sizeof(own));
    own[NAME].title = names[screen->by];
    columns_fit(columns, COUNT, screen->columns, widths);
    columns_titles(own, COUNT, widths, line);
    put_titles(screen, row++, line);
    size_t count = top_figures_groups(figures, screen->by, groups,
                                      rows - 1 < GROUP_ROWS ? rows - 1 : GROUP_ROWS);
    for (size_t i = 0; i < count; i++) {
        group_line(groups[i], widths, line);
        put(screen, row++, TOP_PLAIN, line);
    }
    return row;
}

static enum top_style style_of(const struct journal_record *record)
{
    switch (record->verdict) {
    case VERDICT_HIT:
        return TOP_SAVED;
    case VERDICT_STALE:
        return TOP_FAILED;
    case VERDICT_MISS:
        return record->status >= 400 ? TOP_FAILED : TOP_SPENT;
    default:
        return record->status >= 400 ? TOP_FAILED : TOP_PLAIN;
    }
}

/* The latest calls, from |row| up to before |end|. */
static void put_calls(struct top_screen *screen, const struct top_figures *figures,
                      unsigned row, unsigned end)
{
    struct call_line form;
    char line[COLUMNS_LINE_SIZE];
    call_line_fit(&form, false, screen->columns);
    if (end - row > 2) {
        call_line_titles(&form, line);
        put_titles(screen, row++, line);
    }
    for (size_t back = 0; row < end; back++) {
        const struct journal_record *record = top_figures_recent(figures, back);
        if (!record)
            break;
        call_line_of(&form, figures->quotes, record, line);
        put(screen, row++, style_of(record), line);
    }
}

/* Of the rows between totals and keys a third may be groups, and a blank one. */
void top_screen_fill(struct top_screen *screen, const struct top_figures *figures)
{
    unsigned rows = screen->rows < TOP_SCREEN_ROWS ? screen->rows : TOP_SCREEN_ROWS;
    for (unsigned row = 0; row < TOP_SCREEN_ROWS; row++)
        put(screen, row, TOP_PLAIN, "");
    put_totals(screen, figures);
    if (rows < 4)
        return;
    unsigned row = 2, end = rows - 1;
    if (end - row >= 6)
        row = put_groups(screen, figures, row + 1, (end - row) / 3 + 1) + 1;
    put_calls(screen, figures, row, end);
    put(screen, end, TOP_PLAIN,
        screen->by == TOP_BY_MODEL ? "q quit  p pause  m by program"
                                   : "q quit  p pause  m by model");
}
