/* SPDX-License-Identifier: MIT */
/* `preecho report`: one page with plots of what the journal and the store's history tell. */
#include "report.h"

#include "command.h"
#include "draft.h"
#include "filter.h"
#include "moment.h"
#include "print.h"
#include "progress.h"
#include "settings.h"
#include "store/records.h"

#include <getopt.h>
#include <stdlib.h>
#include <sysexits.h>

struct wanted {
    const char *out;
    bool force;
    int64_t since_ms, until_ms;
};

static bool add_day(void *context, const struct history_day *day)
{
    struct report *report = context;
    report->days =
        print_grown(report->days, (report->day_count + 1) * sizeof(*report->days));
    report->days[report->day_count++] = *day;
    return true;
}

/* Days of which any part is asked for. */
static void keep_days(const struct wanted *wanted, struct report *report)
{
    const int64_t day_ms = 86400000;
    size_t count = 0;
    for (size_t i = 0; i < report->day_count; i++) {
        int64_t begin = (int64_t)report->days[i].day * day_ms;
        if (begin + day_ms > wanted->since_ms &&
            (!wanted->until_ms || begin < wanted->until_ms))
            report->days[count++] = report->days[i];
    }
    report->day_count = count;
}

/* "27 Nov 2026 to 28 Nov 2026, made on ..." */
static char *about_text(const struct wanted *wanted, const struct report *report)
{
    char since[16], until[16], now[16];
    int64_t hour_ms = 3600000, first = report->time.start * hour_ms;
    int64_t last =
        (report->time.start + (int64_t)report->time.step * (int64_t)report->time.count) *
            hour_ms -
        1;
    moment_date(wanted->since_ms ? wanted->since_ms : first, since);
    moment_date(filter_now_ms(), now);
    last = last < filter_now_ms() ? last : filter_now_ms();
    moment_date(wanted->until_ms ? wanted->until_ms : last, until);
    if (!report->all.calls)
        return print_memory("Made on %s.", now);
    if (strcmp(since, until) == 0)
        return print_memory("%s; made on %s.", since, now);
    return print_memory("%s to %s; made on %s.", since, until, now);
}

static int write_page(const struct wanted *wanted, struct report *report)
{
    struct draft draft;
    struct buffer page = {0};
    char *about = about_text(wanted, report);
    report_page(&page, report, about);
    free(about);
    int status = draft_begin(&draft, wanted->out, wanted->force);
    if (status == 0 && !buffer_ok(&page)) {
        print_error("memory is short");
        status = EX_OSERR;
    }
    if (status == 0) {
        fwrite(page.at, 1, page.size, draft.file);
        status = draft_finish(&draft);
    }
    draft_drop(&draft);
    buffer_free(&page);
    return status;
}

#define PROMPTS 2000 /* the latest; to open them takes about a second */

struct reading {
    struct report *report;
    struct progress progress;
    uint64_t done;
};

static bool read_record(void *context, const struct journal_record *record)
{
    struct reading *reading = context;
    progress_tell(&reading->progress, reading->done++, reading->report->all.calls);
    return hot_add(&reading->report->hot, record);
}

/* One by one, which takes longer than all the rest. */
static int read_records(struct store *store, struct report *report)
{
    struct reading reading = {.report = report};
    progress_begin(&reading.progress, "reporting", GAUGE_COUNT, false);
    int result = store_each_record(store, read_record, &reading, NULL);
    progress_end(&reading.progress);
    return result;
}

/* Whatever can be opened; what cannot is told by a message. */
static void read_prompts(const struct wanted *wanted, struct store *store,
                         struct prices *prices, struct sums *sums, struct prefix *out)
{
    out->store = store;
    out->prices = prices;
    out->sums = sums;
    out->latest = PROMPTS;
    out->filter =
        (struct call_filter){.since_ms = wanted->since_ms, .until_ms = wanted->until_ms};
    (void)!prefix_read(out);
}

/* Reads what is not in sums, then writes. */
static int report_rest(const struct wanted *wanted, struct store *store,
                       struct quotes *quotes, struct report *report)
{
    report->hot = (struct hot_search){
        .quotes = quotes, .since_ms = wanted->since_ms, .until_ms = wanted->until_ms};
    int result = read_records(store, report);
    if (result == STORE_OK)
        result = store_history(store, add_day, report);
    if (result != STORE_OK)
        return settings_status(result, "the journal could not be read");
    keep_days(wanted, report);
    return write_page(wanted, report);
}

static int report_from(const struct wanted *wanted, struct store *store,
                       struct prices *prices, struct quotes *quotes)
{
    struct sums_rules rules = {wanted->since_ms, wanted->until_ms, false};
    struct report *report = print_grown(NULL, sizeof(*report));
    struct sums *sums;
    memset(report, 0, sizeof(*report));
    int status = settings_status(store_sums(store, &rules, &sums, NULL),
                                 "the journal could not be read");
    if (status == 0) {
        report_read(report, sums, quotes);
        read_prompts(wanted, store, prices, sums, &report->prefix);
        status = report_rest(wanted, store, quotes, report);
        report_free(report);
        sums_free(sums);
    }
    free(report);
    return status;
}

static int run(const struct wanted *wanted)
{
    struct prices *prices;
    struct store *store;
    int status = settings_prices(&prices);
    if (status != 0)
        return status;
    status = settings_open(&store);
    if (status == 0) {
        struct quotes *quotes = quotes_new(prices);
        status = report_from(wanted, store, prices, quotes);
        quotes_free(quotes);
        store_close(store);
    }
    prices_free(prices);
    return status;
}

static bool take_moment(const char *name, const char *text, int64_t *out)
{
    if (moment_parse(text, filter_now_ms(), out))
        return true;
    print_error("--%s '%s': expected " MOMENT_FORM, name, text);
    return false;
}

/* Takes one option. False when it makes no sense. */
static bool take_option(struct wanted *wanted, int option, const char *value)
{
    switch (option) {
    case 'o':
        wanted->out = value;
        return true;
    case 'f':
        wanted->force = true;
        return true;
    case 's':
        return take_moment("since", value, &wanted->since_ms);
    case 'u':
        return take_moment("until", value, &wanted->until_ms);
    default:
        return false;
    }
}

int command_report(int count, char **arguments)
{
    static const struct option options[] = {{"out", required_argument, NULL, 'o'},
                                            {"since", required_argument, NULL, 's'},
                                            {"until", required_argument, NULL, 'u'},
                                            {"force", no_argument, NULL, 'f'},
                                            {0}};
    struct wanted wanted = {0};
    int option;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1)
        if (!take_option(&wanted, option, optarg))
            return command_usage(arguments);
    if (wanted.out && optind == count)
        return run(&wanted);
    print_error("report needs --out and a file, or - for standard output");
    return command_usage(arguments);
}
