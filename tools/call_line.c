/* SPDX-License-Identifier: MIT */
/* See call_line.h. */
#include "call_line.h"

#include "filter.h"
#include "print.h"
#include "store/reason.h"
#include "verdict.h"

#include <time.h>

enum { TIME, VERDICT, MODEL, HOST, PROGRAM, STATUS, FIRST, LAST, TOKENS, MONEY, COUNT };

#define CELL_SIZE 64

static const struct column columns[COUNT] = {
    [TIME] = {"time", 8, 8, 0, false},        [VERDICT] = {"verdict", 16, 30, 1, false},
    [MODEL] = {"model", 11, 30, 2, false},    [HOST] = {"host", 14, 40, 9, false},
    [PROGRAM] = {"program", 7, 15, 6, false}, [STATUS] = {"http", 4, 4, 7, true},
    [FIRST] = {"first", 5, 5, 8, true},       [LAST] = {"last", 5, 5, 4, true},
    [TOKENS] = {"tokens", 9, 10, 5, true},    [MONEY] = {"money", 9, 10, 3, true},
};

/* With room for a date. */
static void columns_dated(struct column out[COUNT])
{
    memcpy(out, columns, sizeof(columns));
    out[TIME].least = out[TIME].most = 11;
}

void call_line_fit(struct call_line *form, bool dated, unsigned width)
{
    struct column own[COUNT];
    columns_dated(own);
    form->dated = dated;
    columns_fit(dated ? own : columns, COUNT, width, form->widths);
}

void call_line_titles(const struct call_line *form, char line[COLUMNS_LINE_SIZE])
{
    columns_titles(columns, COUNT, form->widths, line);
}

char *call_line_duration(uint64_t microseconds, char *out)
{
    double seconds = (double)microseconds / 1e6;
    if (microseconds == 0)
        snprintf(out, 16, "-");
    else if (microseconds < 1000)
        snprintf(out, 16, "%uus", (unsigned)microseconds);
    else if (microseconds < 9950)
        snprintf(out, 16, "%.1fms", seconds * 1e3);
    else if (microseconds < 999500)
        snprintf(out, 16, "%.0fms", seconds * 1e3);
    else if (seconds < 99.95)
        snprintf(out, 16, "%.1fs", seconds);
    else if (seconds < 5970)
        snprintf(out, 16, "%.0fmin", seconds / 60);
    else if (seconds < 9999.0 * 3600)
        snprintf(out, 16, "%.0fh", seconds / 3600);
    else
        snprintf(out, 16, "long");
    return out;
}

char *call_line_count(uint64_t count, char *out)
{
    static const char units[] = "kMGTPE";
    double value = (double)count;
    if (count < 10000) {
        snprintf(out, 16, "%u", (unsigned)count);
        return out;
    }
    const char *unit = units;
    for (value /= 1000; value >= 999.5 && unit[1]; unit++)
        value /= 1000;
    snprintf(out, 16, "%.0f%c", value, *unit);
    return out;
}

/* Of another day than today: its date and the time without seconds. */
static void put_time(const struct call_line *form, int64_t time_ms, char *out)
{
    struct tm time, today;
    time_t seconds = (time_t)(time_ms / 1000), now = (time_t)(filter_now_ms() / 1000);
    if (!localtime_r(&seconds, &time) || !localtime_r(&now, &today)) {
        snprintf(out, CELL_SIZE, "-");
        return;
    }
    bool other = time.tm_year != today.tm_year || time.tm_yday != today.tm_yday;
    if (!strftime(out, CELL_SIZE, form->dated && other ? "%m-%d %H:%M" : "%H:%M:%S",
                  &time))
        out[0] = 0;
}

/* What it was and why: "hit exact", "miss", "miss status", "bypass h2". */
static void put_verdict(const struct journal_record *record, char *out)
{
    const char *name = verdict_name(record->verdict);
    const char *layer = record->layer && record->verdict != VERDICT_MISS &&
                                record->verdict != VERDICT_BYPASS
                            ? verdict_layer_name(record->layer)
                            : NULL;
    const char *reason = record->reason ? reason_name(record->reason) : NULL;
    snprintf(out, CELL_SIZE, "%s%s%s%s%s", name, layer ? " " : "", layer ? layer : "",
             reason ? " " : "", reason ? reason : "");
}

/* "1234+567"; of an estimate "~1234+567". */
static void put_tokens(const struct journal_record *record, char *out)
{
    char in[16], answer[16];
    if (record->usage_known || record->usage_estimated)
        snprintf(out, CELL_SIZE, "%s%s+%s", record->usage_known ? "" : "~",
                 call_line_count(record->tokens_in, in),
                 call_line_count(record->tokens_out, answer));
    else
        snprintf(out, CELL_SIZE, "-");
}

static void put_money(struct quotes *quotes, const struct journal_record *record,
                      char *out)
{
    char text[32];
    uint64_t pico_dollars;
    enum pricing_kind kind = pricing_of(quotes, record, &pico_dollars);
    if (kind == PRICING_NONE || kind == PRICING_UNKNOWN) {
        snprintf(out, CELL_SIZE, kind == PRICING_NONE ? "-" : "?");
        return;
    }
    if (pico_dollars > INT64_MAX)
        pico_dollars = INT64_MAX;
    print_money_brief((int64_t)pico_dollars, text);
    snprintf(out, CELL_SIZE, "%c%s", kind == PRICING_SAVED ? '+' : '-', text);
}

void call_line_of(const struct call_line *form, struct quotes *quotes,
                  const struct journal_record *record, char line[COLUMNS_LINE_SIZE])
{
    char time[CELL_SIZE], verdict[CELL_SIZE], status[CELL_SIZE], first[16], last[16];
    char tokens[CELL_SIZE], money[CELL_SIZE];
    put_time(form, record->time_ms, time);
    put_verdict(record, verdict);
    snprintf(status, sizeof(status), record->status ? "%u" : "-", record->status);
    put_tokens(record, tokens);
    put_money(quotes, record, money);
    const char *cells[COUNT] = {[TIME] = time,
                                [VERDICT] = verdict,
                                [MODEL] = record->model,
                                [HOST] = record->host,
                                [PROGRAM] = record->program,
                                [STATUS] = status,
                                [FIRST] =
                                    call_line_duration(record->first_byte_us, first),
                                [LAST] = call_line_duration(record->last_byte_us, last),
                                [TOKENS] = tokens,
                                [MONEY] = money};
    columns_line(columns, COUNT, form->widths, cells, line);
}
