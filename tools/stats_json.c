/* SPDX-License-Identifier: MIT */
/* `preecho stats --json`: every figure, under names that stay. preecho-stats(1) lists them. */
#include "stats.h"

#include "print.h"
#include "verdict.h"

#include <jansson.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#define PICO 1e12

/* Numbers in JSON are signed; what is larger stays at their largest. */
static json_t *number(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *seconds(uint64_t microseconds)
{
    return json_real((double)microseconds / 1e6);
}

/* Of nothing it is 0. */
static json_t *rate(uint64_t part, uint64_t of)
{
    return json_real(of ? (double)part / (double)of : 0);
}

/* An object of the reasons that occurred: {"h2": 3}. */
static json_t *reasons(const uint64_t counts[REASON_COUNT + 1])
{
    json_t *object = json_object();
    for (unsigned i = 0; i <= REASON_COUNT; i++)
        if (counts[i])
            json_object_set_new(object, reason_name(i), number(counts[i]));
    return object;
}

static json_t *money(int64_t pico_dollars)
{
    return json_pack("{s:f, s:I}", "dollars", (double)pico_dollars / PICO, "pico_dollars",
                     (json_int_t)pico_dollars);
}

static json_t *worth_json(const struct worth *worth)
{
    uint64_t most = INT64_MAX;
    json_t *object = money((int64_t)(worth->money < most ? worth->money : most));
    json_object_update_new(
        object,
        json_pack(
            "{s:o, s:o, s:o, s:o, s:o, s:{s:o, s:o}, s:{s:o, s:o}}", "calls",
            number(worth->calls), "tokens_in", number(worth->tokens.in), "tokens_out",
            number(worth->tokens.out), "tokens_cached", number(worth->tokens.cached),
            "tokens_cache_write", number(worth->tokens.cache_write), "estimated",
            "tokens", number(worth->estimated_tokens), "pico_dollars",
            number(worth->estimated_money), "unpriced", "calls",
            number(worth->unpriced_calls), "tokens", number(worth->unpriced_tokens)));
    return object;
}

static json_t *layer_json(const struct layer_figures *layer)
{
    const struct price_tokens *tokens = &layer->saved.tokens;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "lookups",
                     number(layer->lookups), "hits", number(layer->hits), "misses",
                     number(layer->misses), "hit_rate", rate(layer->hits, layer->lookups),
                     "latency_saved_seconds", seconds(layer->saved_us), "tokens_saved",
                     number(figures_sum(tokens->in, tokens->out)), "saved",
                     worth_json(&layer->saved));
}

static json_t *layers_json(const struct figures *figures)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < FIGURES_LAYERS; i++)
        if (verdict_is_layer(i))
            json_object_set_new(object, verdict_layer_name(i),
                                layer_json(&figures->layers[i]));
    return object;
}

static json_t *shadow_json(const struct figures *figures)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < COMPARISONS; i++)
        json_object_set_new(object, comparison_name(i), number(figures->shadow[i]));
    return object;
}

static json_t *distribution(const uint64_t buckets[SUMS_BUCKETS], uint64_t sum_us,
                            uint64_t calls)
{
    return json_pack("{s:o, s:o}", "median_seconds", seconds(times_median_us(buckets)),
                     "mean_seconds",
                     json_real(calls ? (double)sum_us / 1e6 / (double)calls : 0));
}

static json_t *times_json(const struct times *times)
{
    return json_pack("{s:o, s:o, s:o}", "calls", number(times->calls), "first_byte",
                     distribution(times->first_bytes, times->first_byte_us, times->calls),
                     "last_byte",
                     distribution(times->last_bytes, times->last_byte_us, times->calls));
}

static json_t *observed_json(const struct figures *figures)
{
    const struct price_tokens *tokens = &figures->observable.tokens;
    return json_pack("{s:o, s:o, s:o, s:o}", "requests", number(figures->observed),
                     "latency_seconds", seconds(figures->observed_us), "tokens",
                     number(figures_sum(tokens->in, tokens->out)), "cost",
                     worth_json(&figures->observable));
}

static json_t *provider_cache_json(const struct figures *figures)
{
    const struct price_tokens *tokens = &figures->spent.tokens;
    return json_pack("{s:o, s:o, s:o}", "tokens_read", number(tokens->cached),
                     "tokens_written", number(tokens->cache_write), "saved",
                     money(figures->prefix_saved));
}

/* What totals and groups have in common. */
static json_t *figures_json(const struct figures *figures)
{
    json_t *object = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "requests",
        number(figures->calls), "hits", number(figures->hits), "misses",
        number(figures->misses), "stale", number(figures->stale), "coalesced",
        number(figures->coalesced), "revalidated", number(figures->revalidated),
        "streams", number(figures->streams), "recorded", number(figures->recorded),
        "dropped", number(figures->dropped), "bypassed", reasons(figures->bypassed_by),
        "dropped_by", reasons(figures->dropped_by), "tokens_unknown",
        number(figures->silent), "observed", observed_json(figures));
    json_object_update_new(
        object,
        json_pack("{s:o, s:o, s:o, s:o, s:{s:o, s:o}}", "layers", layers_json(figures),
                  "shadow", shadow_json(figures), "spent", worth_json(&figures->spent),
                  "provider_cache", provider_cache_json(figures), "latency", "hits",
                  times_json(&figures->served), "misses", times_json(&figures->asked)));
    return object;
}

/* A name as programs and tags give it: what is no text in it becomes question marks. */
static json_t *name_json(const char *name)
{
    char text[GROUP_NAME_SIZE];
    span_copy_text(span_text(name), text, sizeof(text));
    bool good = print_is_text(span_text(text));
    for (char *at = text; !good && *at; at++)
        if ((unsigned char)*at < 0x20 || (unsigned char)*at >= 0x7f)
            *at = '?';
    return json_string(text);
}

static json_t *unpriced_json(const struct stats *stats)
{
    json_t *array = json_array();
    for (const struct quote *quote = quotes_first(stats->quotes); quote;
         quote = quote->next)
        if (quote->calls)
            json_array_append_new(array, json_pack("{s:o, s:o, s:o, s:o, s:o}", "model",
                                                   name_json(quote->model), "dialect",
                                                   name_json(quote->dialect), "host",
                                                   name_json(quote->host), "calls",
                                                   number(quote->calls), "tokens",
                                                   number(quote->tokens)));
    return array;
}

static json_t *groups_json(const struct groups *groups)
{
    json_t *array = json_array();
    for (size_t i = 0; i < groups->count; i++) {
        const struct group *group = groups->all[i];
        json_t *object = json_pack("{s:o}", "name", name_json(group->name));
        if (group->label[0])
            json_object_set_new(object, "label", name_json(group->label));
        json_object_update_new(object, figures_json(&group->figures));
        json_array_append_new(array, object);
    }
    return array;
}

/* "2026-11-27", by UTC, as the store keeps them. */
static json_t *day_json(uint32_t day)
{
    char text[16];
    time_t start = (time_t)day * 86400;
    struct tm date;
    if (!gmtime_r(&start, &date) || !strftime(text, sizeof(text), "%Y-%m-%d", &date))
        return json_null();
    return json_string(text);
}

static json_t *days_json(const struct stats *stats)
{
    json_t *array = json_array();
    for (size_t i = 0; i < stats->day_count; i++) {
        const struct history_day *day = &stats->days[i];
        json_array_append_new(
            array, json_pack("{s:o, s:o, s:o, s:o, s:o}", "day", day_json(day->day),
                             "entries", number(day->entries), "bytes", number(day->bytes),
                             "evicted", number(day->evicted), "evicted_then_asked_for",
                             number(day->asked_again)));
    }
    return array;
}

static json_t *store_json(const struct stats *stats)
{
    const struct store_sizes *sizes = &stats->sizes;
    uint64_t bytes = sizes->data_bytes + sizes->spooled_bytes + sizes->journal_bytes;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "entries",
                     number(sizes->entries + sizes->spooled), "bytes", number(bytes),
                     "spooled", number(sizes->spooled), "evicted", number(sizes->evicted),
                     "evicted_then_asked_for", number(sizes->asked_again), "days",
                     days_json(stats));
}

static json_t *stats_json(const struct stats *stats)
{
    json_t *object = figures_json(&stats->all);
    json_object_update_new(object,
                           json_pack("{s:o, s:o, s:o, s:s}", "torn", number(stats->torn),
                                     "unpriced", unpriced_json(stats), "store",
                                     store_json(stats), "prices_date", prices_date()));
    if (stats->since_ms)
        json_object_set_new(object, "since_ms", json_integer(stats->since_ms));
    if (stats->until_ms)
        json_object_set_new(object, "until_ms", json_integer(stats->until_ms));
    if (stats->groups.by != BY_NOTHING) {
        json_object_set_new(object, "by", json_string(group_by_name(stats->groups.by)));
        json_object_set_new(object, "groups", groups_json(&stats->groups));
    }
    return object;
}

int stats_print_json(const struct stats *stats)
{
    json_t *object = stats_json(stats);
    char *text =
        object ? json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(object);
    if (!text) {
        print_error("memory is short");
        return EX_OSERR;
    }
    puts(text);
    free(text);
    return 0;
}
