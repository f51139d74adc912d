/* SPDX-License-Identifier: MIT */
/* `preecho stats`: what the journal adds up to, for people or programs. */
#include "stats.h"

#include "command.h"
#include "filter.h"
#include "moment.h"
#include "print.h"
#include "settings.h"

#include <getopt.h>
#include <stdlib.h>
#include <sysexits.h>

struct wish {
    enum group_by by;
    int64_t since_ms, until_ms;
    bool json, metrics, reset, sure;
};

static void count_rows(struct stats *stats, const struct sums *sums)
{
    for (size_t i = 0; i < sums_count(sums); i++) {
        const struct sums_row *row = sums_at(sums, i);
        struct quote *quote = quote_of(stats->quotes, &row->key);
        groups_add(&stats->groups, row, quote);
        if (row->key.tag[0])
            continue;
        figures_add(&stats->all, row, quote);
        if (figures_unpriced(row, quote)) {
            quote->calls += row->calls;
            quote->tokens =
                figures_sum(quote->tokens, figures_sum(row->tokens_in, row->tokens_out));
        }
    }
    groups_sort(&stats->groups);
}

static bool label_visit(void *context, const struct each_entry *entry)
{
    if (entry->state == EACH_OK && entry->label.tenant[0])
        groups_label(context, entry->tenant, entry->label.tenant);
    return true;
}

static bool day_visit(void *context, const struct history_day *day)
{
    struct stats *stats = context;
    if (stats->day_count < HISTORY_DAYS)
        stats->days[stats->day_count++] = *day;
    return true;
}

static int read_sums(struct store *store, struct stats *stats)
{
    struct sums_rules rules = {stats->since_ms, stats->until_ms,
                               group_by_tags(stats->groups.by)};
    struct journal_state state = {0};
    struct sums *sums;
    int result = store_sums(store, &rules, &sums, &state);
    if (result != STORE_OK)
        return result;
    stats->torn = state.torn;
    count_rows(stats, sums);
    sums_free(sums);
    return STORE_OK;
}

static int read_store(struct store *store, struct stats *stats)
{
    int result = read_sums(store, stats);
    if (result == STORE_OK)
        result = store_sizes(store, &stats->sizes);
    if (result == STORE_OK)
        result = store_history(store, day_visit, stats);
    if (result == STORE_OK && stats->groups.by == BY_TENANT)
        result = store_each(store, false, label_visit, &stats->groups);
    return settings_status(result, "the statistics could not be read");
}

static int print_stats(const struct stats *stats, const struct wish *wish)
{
    if (wish->json)
        return stats_print_json(stats);
    if (wish->metrics)
        stats_print_metrics(stats);
    else if (wish->by != BY_NOTHING)
        stats_print_groups(stats);
    else
        stats_print_table(stats);
    return 0;
}

static int show_stats(struct store *store, const struct wish *wish)
{
    struct prices *prices;
    int status = settings_prices(&prices);
    if (status != 0)
        return status;
    struct stats *stats = print_grown(NULL, sizeof(*stats));
    *stats = (struct stats){.since_ms = wish->since_ms,
                            .until_ms = wish->until_ms,
                            .groups = {.by = wish->metrics ? BY_MODEL : wish->by},
                            .quotes = quotes_new(prices)};
    status = read_store(store, stats);
    if (status == 0)
        status = print_stats(stats, wish);
    groups_free(&stats->groups);
    quotes_free(stats->quotes);
    free(stats);
    prices_free(prices);
    return status;
}

/* |option| of `--since` or `--until`. */
static int read_moment(const char *option, const char *text, int64_t *ms)
{
    if (moment_parse(text, filter_now_ms(), ms))
        return 0;
    print_error("%s '%s': expected " MOMENT_FORM, option, text);
    return EX_USAGE;
}

static int read_by(const char *text, enum group_by *by)
{
    *by = group_by_word(text);
    if (*by != BY_NOTHING)
        return 0;
    print_error("--by '%s': expected model, host, program, tenant, tag, day or test",
                text);
    return EX_USAGE;
}

/* What makes no sense together, or NULL. */
static const char *contradiction(const struct wish *wish)
{
    bool span = wish->since_ms || wish->until_ms;
    if (wish->reset && (wish->json || wish->metrics || wish->by != BY_NOTHING))
        return "--reset prints nothing; ask for figures before it";
    if (wish->reset && span)
        return "--reset begins all figures anew, a span of time cannot be left out";
    if (wish->sure && !wish->reset)
        return "--yes belongs to --reset";
    if (wish->metrics && wish->json)
        return "--json and --openmetrics are two forms of the same; take one";
    if (wish->metrics && (span || wish->by != BY_NOTHING))
        return "--openmetrics gives sums of everything, by model and host; leave --by, "
               "--since and --until to whoever collects them";
    if (span && wish->until_ms && wish->until_ms <= wish->since_ms)
        return "--until is not later than --since";
    return NULL;
}

/* 0, EX_USAGE after a message, or -1: there is nothing to say but the usage. */
static int read_option(int option, struct wish *wish)
{
    switch (option) {
    case 'b':
        return read_by(optarg, &wish->by);
    case 's':
        return read_moment("--since", optarg, &wish->since_ms);
    case 'u':
        return read_moment("--until", optarg, &wish->until_ms);
    case 'j':
        wish->json = true;
        return 0;
    case 'm':
        wish->metrics = true;
        return 0;
    case 'r':
        wish->reset = true;
        return 0;
    case 'y':
        wish->sure = true;
        return 0;
    default:
        return -1;
    }
}

static int read_options(int count, char **arguments, struct wish *wish)
{
    static const struct option options[] = {
        {"by", required_argument, NULL, 'b'},    {"since", required_argument, NULL, 's'},
        {"until", required_argument, NULL, 'u'}, {"json", no_argument, NULL, 'j'},
        {"openmetrics", no_argument, NULL, 'm'}, {"reset", no_argument, NULL, 'r'},
        {"yes", no_argument, NULL, 'y'},         {0}};
    int option, status = 0;
    while (status == 0 &&
           (option = getopt_long(count, arguments, "", options, NULL)) != -1)
        status = read_option(option, wish);
    if (status < 0 || (status == 0 && optind != count))
        return command_usage(arguments);
    const char *problem = status == 0 ? contradiction(wish) : NULL;
    if (!problem)
        return status;
    print_error("%s", problem);
    return EX_USAGE;
}

int command_stats(int count, char **arguments)
{
    struct wish wish = {0};
    struct store *store;
    int status = read_options(count, arguments, &wish);
    if (status == 0)
        status = settings_open(&store);
    if (status != 0)
        return status;
    status = wish.reset ? stats_reset(store, wish.sure) : show_stats(store, &wish);
    store_close(store);
    return status;
}
