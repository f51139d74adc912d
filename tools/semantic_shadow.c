/* SPDX-License-Identifier: MIT */
/* `preecho semantic shadow`: what would have been served, and the answers that came instead. */
#include "semantic.h"

#include "command.h"
#include "pair.h"
#include "print.h"
#include "settings.h"
#include "value.h"

#include <getopt.h>
#include <stdlib.h>

#define MOST 5
#define HEAD 400 /* bytes of a text */

struct showing {
    struct store *store;
    bool json;
    size_t most; /* pairs */
    struct shadow shadow;
    struct standings standings;
};

/* Would have been served, or was about to be, and is not known to be right. */
static bool is_risky(const struct shadow_sample *one)
{
    return one->sample.guard == 0 &&
           sample_answer(one->sample.comparison, one->review) != ANSWER_RIGHT;
}

/* A certificate whose samples are gone has none. */
static bool has_samples(const struct standing *one)
{
    const struct shadow_sums *sums = &one->sums;
    return sums->allowed.samples || sums->forbidden.samples || sums->canaries.samples;
}

static const char *guard_name(unsigned guard)
{
    return guard < GUARD_VERDICTS ? guard_text((enum guard)guard) : "a later guard";
}

/* -- for people ------------------------------------------------------------------------- */

static void print_row(const char *name, const struct shadow_counts *counts)
{
    char text[32];
    printf("  %-32s%9s", name, print_short(counts->samples, text));
    for (unsigned i = 0; i < COMPARISONS; i++)
        printf(" %9s", print_short(counts->by_comparison[i], text));
    putchar('\n');
}

static void print_buckets(const struct shadow_sums *sums)
{
    char name[64];
    for (unsigned i = SHADOW_BUCKETS; i-- > 0;) {
        bool last = i + 1 == SHADOW_BUCKETS;
        double end = last ? 1 : shadow_bucket_start(i + 1);
        snprintf(name, sizeof(name), "  similarity %.2f to %.2f", shadow_bucket_start(i),
                 end);
        if (sums->buckets[i].samples)
            print_row(name, &sums->buckets[i]);
    }
}

static void print_sums(const struct shadow_sums *sums)
{
    char name[64];
    printf("  %-32s%9s", "", "calls");
    for (unsigned i = 0; i < COMPARISONS; i++)
        printf(" %9s", comparison_name(i));
    putchar('\n');
    print_row("would have been served", &sums->allowed);
    print_buckets(sums);
    print_row("forbidden by guards", &sums->forbidden);
    for (unsigned i = 0; i < SHADOW_GUARDS; i++) {
        snprintf(name, sizeof(name), "  %s", guard_name(i));
        if (sums->by_guard[i].samples)
            print_row(name, &sums->by_guard[i]);
    }
    if (sums->canaries.samples)
        print_row("canaries", &sums->canaries);
}

static const char *said(enum review review)
{
    return review == REVIEW_WRONG ? ", said to be wrong" : "";
}

static void print_pair(const struct shadow_sample *one, const struct pair *pair)
{
    printf("\nsimilarity %.3f, %s%s%s\n", one->sample.similarity / 1e6,
           comparison_name(one->sample.comparison), said(one->review),
           one->sample.canary ? ", a canary" : "");
    pair_print(pair, HEAD);
}

/* -- for programs ----------------------------------------------------------------------- */

static void merge(json_t *into, json_t *more)
{
    json_object_update(into, more);
    json_decref(more);
}

static json_t *sums_json(const struct standing *one)
{
    const struct shadow_sums *sums = &one->sums;
    json_t *guards = json_array(), *buckets = json_array();
    for (unsigned i = 0; i < SHADOW_GUARDS; i++)
        if (sums->by_guard[i].samples) {
            json_t *guard = json_pack("{s:s}", "guard", guard_name(i));
            merge(guard, semantic_counts_json(&sums->by_guard[i]));
            json_array_append_new(guards, guard);
        }
    for (unsigned i = 0; i < SHADOW_BUCKETS; i++) {
        json_t *bucket = json_pack("{s:f}", "from", shadow_bucket_start(i));
        merge(bucket, semantic_counts_json(&sums->buckets[i]));
        json_array_append_new(buckets, bucket);
    }
    json_t *object = semantic_scope_json(&one->scope, one->label, one->tenant);
    merge(object,
          json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "allowed",
                    semantic_counts_json(&sums->allowed), "similarity", buckets,
                    "forbidden", semantic_counts_json(&sums->forbidden), "guards_of",
                    guards, "canaries", semantic_counts_json(&sums->canaries), "reviewed",
                    value_number(sums->reviewed), "open", value_number(sums->open)));
    return object;
}

static json_t *side_json(const struct side *side)
{
    return json_pack("{s:o, s:o}", "question", value_text(buffer_span(&side->question)),
                     "answer", value_text(buffer_span(&side->answer)));
}

static json_t *pair_json(const struct shadow_sample *one, const struct pair *pair)
{
    json_t *object = semantic_scope_json(&one->sample.scope, one->label, one->tenant);
    merge(object, json_pack("{s:f, s:s, s:b, s:b, s:o, s:o, s:o, s:o, s:o}", "similarity",
                            one->sample.similarity / 1e6, "comparison",
                            comparison_name(one->sample.comparison), "reviewed",
                            one->review != REVIEW_NONE, "canary", one->sample.canary,
                            "time", value_time(one->sample.time_ms), "key",
                            value_digits(one->key, STORE_KEY_SIZE), "candidate",
                            value_digits(one->sample.candidate, STORE_KEY_SIZE), "stored",
                            side_json(&pair->stored), "came", side_json(&pair->came)));
    return object;
}

/* -- all of it -------------------------------------------------------------------------- */

/* The riskiest of them: into |pairs|, or as text. */
static size_t show_pairs(struct showing *showing, json_t *pairs)
{
    size_t risky = 0, shown = 0;
    shadow_sort_riskiest(&showing->shadow);
    for (size_t i = 0; i < showing->shadow.count; i++) {
        const struct shadow_sample *one = &showing->shadow.list[i];
        struct pair pair = {{{0}, {0}}, {{0}, {0}}};
        if (!is_risky(one) || risky++ >= showing->most)
            continue;
        bool there = pair_load(showing->store, one, &pair) == STORE_OK;
        shown += there;
        if (there && pairs)
            json_array_append_new(pairs, pair_json(one, &pair));
        else if (there)
            print_pair(one, &pair);
        pair_free(&pair);
    }
    return pairs ? risky : risky - shown;
}

static void show_json(struct showing *showing)
{
    json_t *scopes = json_array(), *pairs = json_array();
    for (size_t i = 0; i < showing->standings.count; i++)
        if (has_samples(&showing->standings.list[i]))
            json_array_append_new(scopes, sums_json(&showing->standings.list[i]));
    size_t risky = show_pairs(showing, pairs);
    value_print(json_pack("{s:o, s:o, s:o, s:o}", "scopes", scopes, "riskiest", pairs,
                          "risky", value_number(risky), "journal",
                          semantic_journal_json(&showing->standings)));
}

static void show_text(struct showing *showing)
{
    const struct standings *standings = &showing->standings;
    for (size_t i = 0; i < standings->count; i++) {
        const struct standing *one = &standings->list[i];
        if (!has_samples(one))
            continue;
        semantic_print_scope(&one->scope, one->label, one->tenant);
        print_sums(&one->sums);
    }
    if (showing->shadow.count == 0)
        puts("no samples");
    semantic_print_journal(standings);
    size_t more = show_pairs(showing, NULL);
    if (more)
        printf("\n%zu more whose answers are different or unknown; --top shows more of "
               "them\n",
               more);
}

static int show(struct showing *showing)
{
    int status = settings_status(shadow_read(showing->store, &showing->shadow),
                                 "not all samples could be read");
    if (status == 0)
        status =
            standings_read(showing->store, &showing->shadow, NULL, &showing->standings);
    if (status == 0 && showing->json)
        show_json(showing);
    else if (status == 0)
        show_text(showing);
    standings_free(&showing->standings);
    shadow_free(&showing->shadow);
    return status;
}

int semantic_shadow(int count, char **arguments)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"top", required_argument, NULL, 'n'}, {0}};
    struct showing showing = {.most = MOST};
    int option;
    optind = 1;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        if (option == '?' ||
            (option == 'n' && !command_number("--top", optarg, &showing.most)))
            return command_usage(arguments);
        showing.json |= option == 'j';
    }
    if (optind != count)
        return command_usage(arguments);
    int status = settings_open(&showing.store);
    if (status != 0)
        return status;
    status = show(&showing);
    store_close(showing.store);
    return status ? status : print_finish();
}
