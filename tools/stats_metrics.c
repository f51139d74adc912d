/* SPDX-License-Identifier: MIT */
/* `preecho stats --openmetrics`. Both OpenMetrics and the older text format of Prometheus can be
 * read from it, as long as no family is a counter: one wants the ending _total in the family's
 * name, the other does not. So sums are gauges, which may fall: `--reset` begins them anew. */
#include "stats.h"

#include "print.h"
#include "verdict.h"

#include <inttypes.h>
#include <stdio.h>

#define PICO 1e12

typedef double figure_of(const struct figures *figures);

static void family(const char *name, const char *type, const char *help)
{
    printf("# HELP preecho_%s %s\n# TYPE preecho_%s %s\n", name, help, name, type);
}

/* |text| as a label's value: UTF-8 or, where it is none, question marks. */
static void print_value(const char *text)
{
    bool good = print_is_text(span_text(text));
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '\n')
            fputs("\\n", stdout);
        else if (byte == '"' || byte == '\\')
            printf("\\%c", byte);
        else
            putchar(good || (byte >= 0x20 && byte < 0x7f) ? byte : '?');
    }
}

static void labelled(const char *name, const char *label, const char *value,
                     double number)
{
    printf("preecho_%s{%s=\"", name, label);
    print_value(value);
    printf("\"} %.15g\n", number);
}

static void one(const char *name, const char *help, double number)
{
    family(name, "gauge", help);
    printf("preecho_%s %.15g\n", name, number);
}

static void print_requests(const struct figures *all)
{
    family("requests", "gauge", "Requests, by what became of them.");
    labelled("requests", "verdict", "hit", (double)all->hits);
    labelled("requests", "verdict", "miss", (double)all->misses);
    labelled("requests", "verdict", "stale", (double)all->stale);
    labelled("requests", "verdict", "observed", (double)all->observed);
    labelled("requests", "verdict", "bypass", (double)all->bypassed);
    one("recorded", "Answers that were recorded.", (double)all->recorded);
    one("coalesced", "Hits that waited for another's call.", (double)all->coalesced);
    one("revalidated", "Hits that had expired.", (double)all->revalidated);
    one("streams", "Requests for streams.", (double)all->streams);
    one("tokens_unknown", "Requests whose tokens nobody knows.", (double)all->silent);
}

static void print_reasons(const char *name, const char *help,
                          const uint64_t counts[REASON_COUNT + 1])
{
    family(name, "gauge", help);
    for (unsigned i = 0; i <= REASON_COUNT; i++)
        if (counts[i])
            labelled(name, "reason", reason_name(i), (double)counts[i]);
}

static void print_layers(const struct figures *all)
{
    static const char *const heads[][2] = {
        {"layer_lookups", "Look-ups in a layer."},
        {"layer_hits", "Hits of a layer."},
        {"layer_saved_seconds", "Time that a layer's hits have saved."},
        {"layer_saved_tokens", "Tokens that a layer's hits have saved."},
        {"layer_saved_dollars", "What these would have cost by list price."}};
    for (size_t figure = 0; figure < 5; figure++) {
        family(heads[figure][0], "gauge", heads[figure][1]);
        for (unsigned i = 0; i < FIGURES_LAYERS; i++) {
            const struct layer_figures *layer = &all->layers[i];
            const struct price_tokens *tokens = &layer->saved.tokens;
            double values[] = {(double)layer->lookups, (double)layer->hits,
                               (double)layer->saved_us / 1e6,
                               (double)tokens->in + (double)tokens->out,
                               (double)layer->saved.money / PICO};
            if (verdict_is_layer(i))
                labelled(heads[figure][0], "layer", verdict_layer_name(i),
                         values[figure]);
        }
    }
}

static void print_shadow(const struct figures *all)
{
    family("shadow", "gauge",
           "Answers of providers that the semantic layer would have given, compared.");
    for (unsigned i = 0; i < COMPARISONS; i++)
        labelled("shadow", "likeness", comparison_name(i), (double)all->shadow[i]);
}

static double model_requests(const struct figures *figures)
{
    return (double)figures->calls;
}

static double model_hits(const struct figures *figures)
{
    return (double)figures->hits;
}

static double model_saved_dollars(const struct figures *figures)
{
    struct worth saved;
    uint64_t saved_us;
    figures_saved(figures, &saved, &saved_us);
    return (double)saved.money / PICO;
}

static double model_spent_dollars(const struct figures *figures)
{
    return (double)figures->spent.money / PICO;
}

static double model_tokens_in(const struct figures *figures)
{
    return (double)figures->spent.tokens.in;
}

static double model_tokens_out(const struct figures *figures)
{
    return (double)figures->spent.tokens.out;
}

static double model_tokens_cached(const struct figures *figures)
{
    return (double)figures->spent.tokens.cached;
}

static double model_cache_saved_dollars(const struct figures *figures)
{
    return (double)figures->prefix_saved / PICO;
}

static double model_unpriced(const struct figures *figures)
{
    struct worth saved;
    uint64_t saved_us;
    figures_saved(figures, &saved, &saved_us);
    return (double)saved.unpriced_tokens + (double)figures->spent.unpriced_tokens;
}

static void print_models(const struct groups *groups)
{
    static const struct {
        const char *name, *help;
        figure_of *of;
    } heads[] = {
        {"model_requests", "Requests by model.", model_requests},
        {"model_hits", "Hits by model.", model_hits},
        {"model_saved_dollars", "What hits would have cost.", model_saved_dollars},
        {"model_spent_dollars", "What calls have cost.", model_spent_dollars},
        {"model_tokens_in", "Tokens sent to providers.", model_tokens_in},
        {"model_tokens_out", "Tokens got from providers.", model_tokens_out},
        {"model_tokens_cached", "Of those sent: known to the provider's own cache.",
         model_tokens_cached},
        {"model_provider_cache_saved_dollars", "What that cache has saved.",
         model_cache_saved_dollars},
        {"model_unpriced_tokens", "Tokens whose price nobody knows.", model_unpriced}};
    for (size_t head = 0; head < sizeof(heads) / sizeof(*heads); head++) {
        family(heads[head].name, "gauge", heads[head].help);
        for (size_t i = 0; i < groups->count; i++)
            labelled(heads[head].name, "model", groups->all[i]->name,
                     heads[head].of(&groups->all[i]->figures));
    }
}

/* Of every second bucket, where a doubling ends. */
static void print_histogram(const char *name, const char *verdict,
                            const uint64_t buckets[SUMS_BUCKETS], double sum_s)
{
    uint64_t below = 0;
    for (unsigned i = 0; i + 1 < SUMS_BUCKETS; i++) {
        below += buckets[i];
        if (i % 2 == 0)
            printf("preecho_%s_bucket{verdict=\"%s\",le=\"%.9g\"} %" PRIu64 "\n", name,
                   verdict, (double)sums_bucket_start_us(i + 1) / 1e6, below);
    }
    below += buckets[SUMS_BUCKETS - 1];
    printf("preecho_%s_bucket{verdict=\"%s\",le=\"+Inf\"} %" PRIu64 "\n", name, verdict,
           below);
    printf("preecho_%s_sum{verdict=\"%s\"} %.15g\n", name, verdict, sum_s);
    printf("preecho_%s_count{verdict=\"%s\"} %" PRIu64 "\n", name, verdict, below);
}

static void print_times(const struct figures *all)
{
    family("first_byte_seconds", "histogram", "From the request to the first byte.");
    print_histogram("first_byte_seconds", "hit", all->served.first_bytes,
                    (double)all->served.first_byte_us / 1e6);
    print_histogram("first_byte_seconds", "miss", all->asked.first_bytes,
                    (double)all->asked.first_byte_us / 1e6);
    family("last_byte_seconds", "histogram", "From the request to the last byte.");
    print_histogram("last_byte_seconds", "hit", all->served.last_bytes,
                    (double)all->served.last_byte_us / 1e6);
    print_histogram("last_byte_seconds", "miss", all->asked.last_bytes,
                    (double)all->asked.last_byte_us / 1e6);
}

static void print_store(const struct stats *stats)
{
    const struct store_sizes *sizes = &stats->sizes;
    one("store_entries", "Entries.", (double)(sizes->entries + sizes->spooled));
    one("store_spooled_entries", "Of these: not merged.", (double)sizes->spooled);
    one("store_bytes", "Database, spool and journal on disk.",
        (double)(sizes->data_bytes + sizes->spooled_bytes + sizes->journal_bytes));
    one("store_evicted", "Entries evicted for the size limits.", (double)sizes->evicted);
    one("store_evicted_then_asked_for", "Of these: asked for again.",
        (double)sizes->asked_again);
    one("journal_torn", "Records of programs that were killed.", (double)stats->torn);
}

void stats_print_metrics(const struct stats *stats)
{
    const struct figures *all = &stats->all;
    print_requests(all);
    print_reasons("bypassed", "Requests not looked up, by reason.", all->bypassed_by);
    print_reasons("not_recorded", "Answers not recorded, by reason.", all->dropped_by);
    print_layers(all);
    print_shadow(all);
    print_models(&stats->groups);
    print_times(all);
    print_store(stats);
    printf("# EOF\n");
}
