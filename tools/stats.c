/* SPDX-License-Identifier: MIT */
/* `preecho stats`: the journal's sums and the store's size, for people or as JSON. */
#include "command.h"
#include "print.h"
#include "settings.h"
#include "store/each.h"
#include "store/totals.h"

#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <sysexits.h>

struct stats {
    struct totals totals;
    uint64_t entries; /* merged and spooled */
    uint64_t spooled; /* of them waiting in the spool */
    uint64_t bytes;   /* of database, spool and journal */
    uint64_t evicted, asked_again;
};

static const struct {
    enum journal_layer layer;
    const char *name;
} layers[] = {{LAYER_EXACT, "exact"}};

#define LAYER_COUNT (sizeof(layers) / sizeof(*layers))

static double seconds(uint64_t microseconds)
{
    return (double)microseconds / 1e6;
}

/* An object of the reasons that occurred: {"h2": 3}. */
static json_t *reasons_json(const uint64_t counts[TOTALS_REASONS])
{
    json_t *object = json_object();
    for (unsigned i = 0; i < TOTALS_REASONS; i++) {
        if (counts[i])
            json_object_set_new(object, reason_name(i),
                                json_integer((json_int_t)counts[i]));
    }
    return object;
}

static json_t *layer_json(const struct layer_totals *layer)
{
    double rate = layer->lookups ? (double)layer->hits / (double)layer->lookups : 0;
    return json_pack("{s:I, s:I, s:I, s:f, s:f, s:I}", "lookups",
                     (json_int_t)layer->lookups, "hits", (json_int_t)layer->hits,
                     "misses", (json_int_t)layer->misses, "hit_rate", rate,
                     "latency_saved_seconds", seconds(layer->latency_saved_us),
                     "tokens_saved", (json_int_t)layer->tokens_saved);
}

static json_t *layers_json(const struct totals *totals)
{
    json_t *object = json_object();
    for (size_t i = 0; i < LAYER_COUNT; i++)
        json_object_set_new(object, layers[i].name,
                            layer_json(&totals->layers[layers[i].layer]));
    return object;
}

static int print_json(const struct stats *stats)
{
    const struct totals *totals = &stats->totals;
    json_t *object = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:{s:I, s:f, s:I}, s:o, s:I, s:I, s:o, s:I, s:o, "
        "s:{s:I, "
        "s:I, s:I, s:I, s:I}}",
        "requests", (json_int_t)totals->requests, "hits", (json_int_t)totals->hits,
        "misses", (json_int_t)totals->misses, "stale", (json_int_t)totals->stale,
        "revalidated", (json_int_t)totals->revalidated, "observed", "requests",
        (json_int_t)totals->observed, "latency_seconds", seconds(totals->observed_us),
        "tokens", (json_int_t)totals->observed_tokens, "bypassed",
        reasons_json(totals->bypassed_by), "recorded", (json_int_t)totals->recorded,
        "dropped", (json_int_t)totals->dropped, "dropped_by",
        reasons_json(totals->dropped_by), "torn", (json_int_t)totals->torn, "layers",
        layers_json(totals), "store", "entries", (json_int_t)stats->entries, "bytes",
        (json_int_t)stats->bytes, "spooled", (json_int_t)stats->spooled, "evicted",
        (json_int_t)stats->evicted, "evicted_then_asked_for",
        (json_int_t)stats->asked_again);
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

static void print_reasons(const char *what, uint64_t sum,
                          const uint64_t counts[TOTALS_REASONS])
{
    char text[32];
    if (!sum)
        return;
    printf("\n%-24s %10s\n", what, print_count(sum, text));
    for (unsigned i = 0; i < TOTALS_REASONS; i++) {
        if (counts[i])
            printf("  %-22s %10s  %s\n", reason_name(i), print_count(counts[i], text),
                   reason_meaning(i));
    }
}

static void print_layers(const struct totals *totals)
{
    char lookups[32], hits[32], rate[32], time[32], tokens[32];
    printf("\n%-8s %10s %10s %9s %12s %14s\n", "layer", "look-ups", "hits", "hit rate",
           "time saved", "tokens saved");
    for (size_t i = 0; i < LAYER_COUNT; i++) {
        const struct layer_totals *layer = &totals->layers[layers[i].layer];
        printf("%-8s %10s %10s %9s %12s %14s\n", layers[i].name,
               print_count(layer->lookups, lookups), print_count(layer->hits, hits),
               print_rate(layer->hits, layer->lookups, rate),
               print_duration(seconds(layer->latency_saved_us), time),
               print_count(layer->tokens_saved, tokens));
    }
}

static void print_observed(const struct totals *totals)
{
    char count[32], time[32], tokens[32];
    printf("only observed: %s would have been answered from the store, saving %s, %s "
           "tokens\n",
           print_count(totals->observed, count),
           print_duration(seconds(totals->observed_us), time),
           print_count(totals->observed_tokens, tokens));
}

static void print_table(const struct stats *stats)
{
    const struct totals *totals = &stats->totals;
    char text[32], spooled[32], size[32];
    printf("requests %s", print_count(totals->requests, text));
    printf(", answered from the store %s", print_count(totals->hits, text));
    printf(", recorded %s\n", print_count(totals->recorded, text));
    if (totals->stale)
        printf("expired entries served when the provider failed: %s\n",
               print_count(totals->stale, text));
    if (totals->revalidated)
        printf("of these expired, served while a new answer was fetched: %s\n",
               print_count(totals->revalidated, text));
    if (totals->observed)
        print_observed(totals);
    print_layers(totals);
    print_reasons("bypassed", totals->bypassed, totals->bypassed_by);
    print_reasons("asked, not recorded", totals->dropped, totals->dropped_by);
    if (totals->torn)
        printf("\njournal records of programs that were killed: %s\n",
               print_count(totals->torn, text));
    printf("\nstore    %s entries (%s of them in the spool), %s on disk\n",
           print_count(stats->entries, text), print_count(stats->spooled, spooled),
           print_size(stats->bytes, size));
    if (stats->evicted)
        printf("evicted  %s entries for the size limits, %s of them asked for again\n",
               print_count(stats->evicted, text),
               print_count(stats->asked_again, spooled));
}

/* 0, or a code of sysexits.h after a message. */
static int stats_read(struct stats *stats)
{
    struct store *store;
    struct store_sizes sizes;
    int status = settings_open(&store);
    if (status != 0)
        return status;
    int result = store_totals(store, &stats->totals, NULL);
    if (result == STORE_OK)
        result = store_sizes(store, &sizes);
    store_close(store);
    if (result == STORE_OK) {
        stats->entries = sizes.entries + sizes.spooled;
        stats->spooled = sizes.spooled;
        stats->evicted = sizes.evicted;
        stats->asked_again = sizes.asked_again;
        stats->bytes = sizes.data_bytes + sizes.spooled_bytes + sizes.journal_bytes;
    }
    return settings_status(result, "the statistics could not be read");
}

int command_stats(int count, char **arguments)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {0}};
    bool json = false;
    int option;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        if (option != 'j')
            return command_usage(arguments);
        json = true;
    }
    if (optind != count)
        return command_usage(arguments);
    struct stats *stats = calloc(1, sizeof(*stats));
    int status = stats ? stats_read(stats) : EX_OSERR;
    if (status == 0 && json)
        status = print_json(stats);
    else if (status == 0)
        print_table(stats);
    free(stats);
    return status;
}
