/* SPDX-License-Identifier: MIT */
/* `preecho stats` for people. What is partly our estimate is marked by a tilde. */
#include "stats.h"

#include "moment.h"
#include "print.h"
#include "verdict.h"

#include <stdio.h>

#define UNPRICED_SHOWN 3
#define DAYS_SHOWN     7
#define WIDTH          80

static double seconds(uint64_t microseconds)
{
    return (double)microseconds / 1e6;
}

static void print_span(const struct stats *stats)
{
    char date[16];
    if (stats->since_ms) {
        moment_date(stats->since_ms, date);
        printf("since %s ", date);
    }
    if (stats->until_ms) {
        moment_date(stats->until_ms, date);
        printf("until %s ", date);
    }
    if (stats->since_ms || stats->until_ms)
        printf("\n");
}

static void print_head(const struct figures *all)
{
    char text[32];
    printf("requests %s", print_short(all->calls, text));
    printf(", answered from the store %s", print_short(all->hits, text));
    printf(", recorded %s\n", print_short(all->recorded, text));
    if (all->coalesced)
        printf("answers that came to another's call for the same: %s\n",
               print_count(all->coalesced, text));
    if (all->stale)
        printf("expired entries served when the provider failed: %s\n",
               print_count(all->stale, text));
    if (all->revalidated)
        printf("of these expired, served while a new answer was fetched: %s\n",
               print_count(all->revalidated, text));
}

static void print_observed(const struct figures *all)
{
    char count[32], time[32], tokens[48], money[48];
    if (all->observed)
        printf("only observed: %s would have been answered from the store, saving\n"
               "    %s, %s tokens, %s\n",
               print_count(all->observed, count),
               print_duration(seconds(all->observed_us), time),
               worth_tokens(&all->observable, tokens),
               worth_money(&all->observable, money));
}

static void print_shadow(const struct figures *all)
{
    char text[32];
    if (!figures_shadow(all))
        return;
    printf("semantic layer in shadow: would have answered %s;",
           print_count(figures_shadow(all), text));
    for (unsigned i = 0; i < COMPARISONS; i++)
        printf("%s%s %s", i ? ", " : "\n    what came instead was ", comparison_name(i),
               print_count(all->shadow[i], text));
    printf("\n");
}

static void print_layers(const struct figures *all)
{
    char lookups[32], hits[32], rate[32], time[32], tokens[48], money[48];
    printf("\n%-9s%10s%11s%9s%14s%13s%13s\n", "layer", "look-ups", "hits", "hit rate",
           "time saved", "tokens saved", "money saved");
    for (unsigned i = 0; i < FIGURES_LAYERS; i++) {
        const struct layer_figures *layer = &all->layers[i];
        if (verdict_is_layer(i) && (i == LAYER_EXACT || layer->lookups))
            printf("%-9s%10s%11s%9s%14s%13s%13s\n", verdict_layer_name(i),
                   print_short(layer->lookups, lookups), print_short(layer->hits, hits),
                   print_rate(layer->hits, layer->lookups, rate),
                   print_duration(seconds(layer->saved_us), time),
                   worth_tokens(&layer->saved, tokens),
                   worth_money(&layer->saved, money));
    }
}

static void print_spent(const struct figures *all)
{
    char calls[32], in[32], out[32], money[48];
    const struct worth *spent = &all->spent;
    const char *about = spent->estimated_tokens ? "~" : "";
    printf("\nspent           %s for %s calls with %s%s tokens in, %s%s out\n",
           worth_money(spent, money), print_short(spent->calls, calls), about,
           print_short(spent->tokens.in, in), about, print_short(spent->tokens.out, out));
    if (spent->tokens.cached || spent->tokens.cache_write)
        printf("provider cache  %s of the tokens in, %s written to it; saved %s\n",
               print_short(spent->tokens.cached, calls),
               print_short(spent->tokens.cache_write, in),
               print_money(all->prefix_saved, money));
    if (all->silent)
        printf("tokens unknown  %s calls whose answers have not said\n",
               print_short(all->silent, calls));
}

/* The models of which nobody knows the price, by name. */
static void print_unpriced(const struct stats *stats)
{
    char calls[32], tokens[32];
    unsigned shown = 0;
    for (const struct quote *quote = quotes_first(stats->quotes); quote;
         quote = quote->next) {
        if (!quote->calls)
            continue;
        if (shown++ == UNPRICED_SHOWN) {
            printf("                and more, see --json\n");
            return;
        }
        const char *name = quote->model[0] ? quote->model : quote->host;
        printf("%-15s %s calls, %s tokens: ", shown == 1 ? "no price known" : "",
               print_short(quote->calls, calls), print_short(quote->tokens, tokens));
        print_text(span_of(name, strnlen(name, 30)));
        printf("\n");
    }
}

static void print_times(const char *who, const struct times *times)
{
    char calls[32], median[32], mean[32], last_median[32], last_mean[32];
    if (!times->calls)
        return;
    printf("%-16s%11s%13s%13s%13s%13s\n", who, print_short(times->calls, calls),
           print_duration(seconds(times_median_us(times->first_bytes)), median),
           print_duration(seconds(times->first_byte_us / times->calls), mean),
           print_duration(seconds(times_median_us(times->last_bytes)), last_median),
           print_duration(seconds(times->last_byte_us / times->calls), last_mean));
}

static void print_latency(const struct figures *all)
{
    if (!all->served.calls && !all->asked.calls)
        return;
    printf("\n%-16s%11s%26s%26s\n", "", "", "first byte after", "last byte after");
    printf("%-16s%11s%13s%13s%13s%13s\n", "latency", "calls", "median", "mean", "median",
           "mean");
    print_times("from the store", &all->served);
    print_times("from providers", &all->asked);
}

/* |text| word by word, further lines begin below the first one. */
static void print_wrapped(const char *text, int indent)
{
    for (int column = indent; *text; text += *text == ' ') {
        int size = (int)strcspn(text, " "), blank = column > indent;
        if (column + blank + size > WIDTH) {
            printf("\n%*s", indent, "");
            column = indent;
            blank = 0;
        }
        printf("%*s%.*s", blank, "", size, text);
        text += size;
        column += blank + size;
    }
    printf("\n");
}

static void print_reasons(const char *what, uint64_t sum,
                          const uint64_t counts[REASON_COUNT + 1])
{
    char text[32];
    if (!sum)
        return;
    printf("\n%-22s%11s\n", what, print_short(sum, text));
    for (unsigned i = 0; i <= REASON_COUNT; i++) {
        if (!counts[i])
            continue;
        printf("  %-20s%11s  ", reason_name(i), print_short(counts[i], text));
        print_wrapped(reason_meaning(i), 35);
    }
}

static void print_days(const struct stats *stats)
{
    char text[32];
    size_t shown = 0;
    for (size_t i = stats->day_count; i-- > 0 && shown < DAYS_SHOWN;) {
        const struct history_day *day = &stats->days[i];
        char date[16];
        if (!day->evicted)
            continue;
        moment_date((int64_t)day->day * 86400000 + 43200000, date);
        printf("%-8s %s  %s\n", shown++ ? "" : "  by day", date,
               print_count(day->evicted, text));
    }
}

static void print_store(const struct stats *stats)
{
    char text[32], spooled[32], size[32];
    const struct store_sizes *sizes = &stats->sizes;
    uint64_t bytes = sizes->data_bytes + sizes->spooled_bytes + sizes->journal_bytes;
    printf("\nstore    %s entries (%s of them in the spool), %s on disk\n",
           print_count(sizes->entries + sizes->spooled, text),
           print_count(sizes->spooled, spooled), print_size(bytes, size));
    if (!sizes->evicted)
        return;
    printf("evicted  %s entries for the size limits, %s of them asked for again\n",
           print_count(sizes->evicted, text), print_count(sizes->asked_again, spooled));
    print_days(stats);
}

void stats_print_table(const struct stats *stats)
{
    char text[32];
    const struct figures *all = &stats->all;
    print_span(stats);
    print_head(all);
    print_observed(all);
    print_shadow(all);
    print_layers(all);
    print_spent(all);
    print_unpriced(stats);
    print_latency(all);
    print_reasons("bypassed", all->bypassed, all->bypassed_by);
    print_reasons("asked, not recorded", all->dropped, all->dropped_by);
    if (stats->torn)
        printf("\njournal records of programs that were killed: %s\n",
               print_count(stats->torn, text));
    print_store(stats);
}
