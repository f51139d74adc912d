/* SPDX-License-Identifier: MIT */
/* `preecho semantic status`: certificates, their age and canaries; samples that wait. */
#include "semantic.h"

#include "command.h"
#include "filter.h"
#include "moment.h"
#include "print.h"
#include "settings.h"
#include "shim/core/embedder.h"
#include "store/binomial.h"
#include "value.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)

/* -- for people ------------------------------------------------------------------------- */

static void print_sums(const struct shadow_sums *sums)
{
    char samples[32], text[32];
    printf("  %-12s %s, of them %s forbidden by guards\n", "samples",
           print_count(sums->allowed.samples + sums->forbidden.samples, samples),
           print_count(sums->forbidden.samples, text));
    printf("  %-12s", "answers");
    for (unsigned i = 0; i < COMPARISONS; i++)
        printf("%s %s %s", i ? "," : "",
               print_count(sums->allowed.by_comparison[i], text), comparison_name(i));
    printf("; %s reviewed", print_count(sums->reviewed, samples));
    if (sums->open)
        printf(", %s wait for 'preecho semantic review'", print_count(sums->open, text));
    putchar('\n');
}

static void print_measured(const struct standing *one)
{
    struct measured measured = standing_measured(one);
    const struct certificate *certificate = &one->certificate;
    printf("  %-12s wrong-answer rate per hit ", "measured");
    if (measured.hits)
        printf("%.2f %%, at most %.2f %% with 95 %% confidence\n", 100 * measured.rate,
               100 * measured.upper);
    else
        puts("not yet: no canary has come");
    printf("  %-12s %.2f %%: above %g %% the certificate falls\n", "bound",
           100 * certificate->canary.bound, certificate->most_wrong / 1e4);
}

static void print_life(const struct certificate *certificate)
{
    char issued[16], ends[16];
    int64_t end_ms = certificate->issued_ms + CERTIFICATE_LIFE_MS;
    int64_t now_ms = filter_now_ms(), left_ms = end_ms - now_ms;
    moment_date(certificate->issued_ms, issued);
    moment_date(end_ms, ends);
    printf("  %-12s %s to %s: %d days old, %d left\n", "holds", issued, ends,
           (int)((now_ms - certificate->issued_ms) / DAY_MS),
           (int)(left_ms > 0 ? left_ms / DAY_MS : 0));
}

static void print_certificate(const struct standing *one)
{
    const struct certificate *certificate = &one->certificate;
    const struct answer_counts *canaries = &certificate->canary.counts;
    double risk = 1 - certificate->confidence / 1e6;
    printf("  %-12s from %.3f on at most %g %% wrong, with %g %% confidence\n", "promise",
           certificate->threshold / 1e6, certificate->most_wrong / 1e4,
           certificate->confidence / 1e4);
    print_life(certificate);
    semantic_print_counts("canaries", canaries,
                          binomial_upper(answer_bad(canaries), canaries->hits, risk));
    print_measured(one);
}

static void print_one(const struct standing *one)
{
    semantic_print_scope(&one->scope, one->label, one->tenant);
    printf("  %-12s %s\n", "certificate", standing_text(one));
    if (one->state != CERTIFICATE_NONE)
        print_certificate(one);
    print_sums(&one->sums);
}

/* What holds for programs that are started from here. */
static void print_settings(const struct config *config)
{
    static const char *const tiers[] = {"off", "shadow", "serve"};
    const struct embedder *embedder = config->embedder;
    printf("semantic = %s%s: ", tiers[config->policy.semantic],
           buffer_ok(&config->sections) && config->sections.size
               ? " where no rule says otherwise"
               : "");
    if (!embedder) {
        puts("nobody is asked, semantic_url and semantic_model are needed");
        return;
    }
    print_text(span_text(embedder->model));
    printf(" at http://");
    print_text(span_text(embedder->host));
    print_text(span_text(embedder->path));
    putchar('\n');
}

static void print_all(const struct config *config, const struct standings *standings)
{
    print_settings(config);
    for (size_t i = 0; i < standings->count; i++)
        print_one(&standings->list[i]);
    if (standings->count == 0)
        puts("no certificates, no samples");
    semantic_print_journal(standings);
}

/* -- for programs ----------------------------------------------------------------------- */

static json_t *answers_json(const struct answer_counts *counts)
{
    return json_pack("{s:o, s:o, s:o}", "hits", value_number(counts->hits), "wrong",
                     value_number(counts->wrong), "unknown",
                     value_number(counts->unknown));
}

static json_t *canaries_json(const struct standing *one)
{
    struct measured measured = standing_measured(one);
    json_t *object = answers_json(&one->certificate.canary.counts);
    json_object_set_new(object, "running_bound",
                        json_real(one->certificate.canary.bound));
    json_object_set_new(object, "wrong_rate",
                        measured.hits ? json_real(measured.rate) : json_null());
    json_object_set_new(object, "wrong_rate_upper_95", json_real(measured.upper));
    return object;
}

static json_t *certificate_json(const struct standing *one)
{
    const struct certificate *certificate = &one->certificate;
    int64_t now_ms = filter_now_ms(), issued_ms = certificate->issued_ms;
    if (one->state == CERTIFICATE_NONE)
        return json_null();
    return json_pack("{s:f, s:f, s:f, s:o, s:o, s:f, s:f, s:o, s:o, s:o}", "threshold",
                     certificate->threshold / 1e6, "max_wrong",
                     certificate->most_wrong / 1e6, "confidence",
                     certificate->confidence / 1e6, "issued", value_time(issued_ms),
                     "ends", value_time(issued_ms + CERTIFICATE_LIFE_MS), "age_days",
                     (double)(now_ms - issued_ms) / (double)DAY_MS, "days_left",
                     (double)(issued_ms + CERTIFICATE_LIFE_MS - now_ms) / (double)DAY_MS,
                     "older_half", answers_json(&certificate->older), "newer_half",
                     answers_json(&certificate->newer), "canaries", canaries_json(one));
}

static json_t *one_json(const struct standing *one)
{
    const struct shadow_sums *sums = &one->sums;
    json_t *object = semantic_scope_json(&one->scope, one->label, one->tenant);
    json_object_set_new(object, "state", json_string(standing_name(one)));
    json_object_set_new(object, "certificate", certificate_json(one));
    json_object_set_new(object, "allowed", semantic_counts_json(&sums->allowed));
    json_object_set_new(object, "forbidden", value_number(sums->forbidden.samples));
    json_object_set_new(object, "reviewed", value_number(sums->reviewed));
    json_object_set_new(object, "open", value_number(sums->open));
    return object;
}

static void print_json(const struct standings *standings)
{
    json_t *scopes = json_array();
    for (size_t i = 0; i < standings->count; i++)
        json_array_append_new(scopes, one_json(&standings->list[i]));
    value_print(json_pack("{s:o, s:o}", "scopes", scopes, "journal",
                          semantic_journal_json(standings)));
}

/* -- the command ------------------------------------------------------------------------ */

static int show(const struct config *config, struct store *store, bool json)
{
    struct shadow shadow;
    struct standings standings = {0};
    const char *model = config->embedder ? config->embedder->model : NULL;
    int status =
        settings_status(shadow_read(store, &shadow), "not all samples could be read");
    if (status == 0)
        status = standings_read(store, &shadow, model, &standings);
    if (status == 0 && json)
        print_json(&standings);
    else if (status == 0)
        print_all(config, &standings);
    for (size_t i = 0; status == 0 && i < standings.count; i++)
        status = standing_is_over(&standings.list[i]);
    standings_free(&standings);
    shadow_free(&shadow);
    return status;
}

int semantic_status(int count, char **arguments)
{
    static struct config config;
    struct store *store;
    bool json = count == 2 && strcmp(arguments[1], "--json") == 0;
    if (count != 1 + json)
        return command_usage(arguments);
    int status = settings_paths(&config);
    if (status != 0)
        return status;
    status = settings_open(&store);
    if (status == 0)
        status = show(&config, store, json);
    store_close(store);
    config_free(&config);
    int finished = print_finish();
    return finished ? finished : status;
}
