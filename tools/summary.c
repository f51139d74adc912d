/* SPDX-License-Identifier: MIT */
/* See summary.h. */
#include "summary.h"

#include "figures.h"
#include "filter.h"
#include "print.h"
#include "settings.h"

#include <sodium.h>
#include <stdlib.h>

#define OWN_NAME 8       /* hexadecimal digits */
#define SKEW_MS  3600000 /* clocks are set */

bool summary_begin(struct summary *summary)
{
    const char *outer = getenv(SUMMARY_VARIABLE);
    size_t size = outer ? strspn(outer, "0123456789abcdef.") : 0;
    bool nested = size && outer[size] == '\0' && size + 1 + OWN_NAME < SUMMARY_NAME_SIZE;
    uint32_t number;
    randombytes_buf(&number, sizeof(number));
    snprintf(summary->name, sizeof(summary->name), "%.*s%s%08x", nested ? (int)size : 0,
             nested ? outer : "", nested ? "." : "", (unsigned)number);
    summary->since_ms = filter_now_ms() - SKEW_MS;
    if (setenv(SUMMARY_VARIABLE, summary->name, 1) == 0)
        return true;
    print_error("memory is short: there will be no summary");
    return false;
}

/* True for the run's own calls and those of runs within it. */
static bool is_of(const struct summary *summary, const struct sums_key *key)
{
    size_t prefix = strlen(JOURNAL_TAG_LAUNCH), size = strlen(summary->name);
    const char *name = key->tag + prefix;
    return strncmp(key->tag, JOURNAL_TAG_LAUNCH, prefix) == 0 &&
           strncmp(name, summary->name, size) == 0 &&
           (name[size] == '\0' || name[size] == '.');
}

static void add_up(const struct summary *summary, const struct sums *sums,
                   const struct prices *prices, struct figures *figures)
{
    struct quotes *quotes = quotes_new(prices);
    for (size_t i = 0; i < sums_count(sums); i++) {
        const struct sums_row *row = sums_at(sums, i);
        if (is_of(summary, &row->key))
            figures_add(figures, row, quote_of(quotes, &row->key));
    }
    quotes_free(quotes);
}

static void print_line(const struct figures *figures)
{
    char calls[32], hits[32], time[32], money[48], spent[48];
    struct worth saved;
    uint64_t saved_us;
    figures_saved(figures, &saved, &saved_us);
    print_error("%s %s, %s from the store; saved %s and %s, spent %s",
                print_count(figures->calls, calls),
                figures->calls == 1 ? "call" : "calls", print_count(figures->hits, hits),
                print_duration((double)saved_us / 1e6, time), worth_money(&saved, money),
                worth_money(&figures->spent, spent));
}

static int read_figures(const struct summary *summary, const struct prices *prices,
                        struct figures *figures)
{
    struct sums_rules rules = {.since_ms = summary->since_ms, .tags = true};
    struct store *store;
    struct sums *sums;
    int status = settings_open(&store);
    if (status != 0)
        return status;
    int result = store_sums(store, &rules, &sums, NULL);
    store_close(store);
    if (result == STORE_OK) {
        add_up(summary, sums, prices, figures);
        sums_free(sums);
    }
    return settings_status(result, "what the run has saved could not be read");
}

void summary_print(const struct summary *summary)
{
    struct prices *prices;
    struct figures *figures = print_grown(NULL, sizeof(*figures));
    *figures = (struct figures){0};
    if (settings_prices(&prices) == 0) {
        if (read_figures(summary, prices, figures) == 0)
            print_line(figures);
        prices_free(prices);
    }
    free(figures);
}
