/* SPDX-License-Identifier: MIT */
/* See standing.h. */
#include "standing.h"

#include "filter.h"
#include "print.h"
#include "settings.h"
#include "store/binomial.h"
#include "store/certificates.h"
#include "store/sums.h"

#include <stdlib.h>

#define FAILED   "embedding-" /* how the reasons are named */
#define MEASURED 0.05

static struct standing *add(struct standings *standings)
{
    size_t size = (standings->count + 1) * sizeof(*standings->list);
    standings->list = print_grown(standings->list, size);
    struct standing *one = &standings->list[standings->count++];
    *one = (struct standing){.state = CERTIFICATE_NONE};
    return one;
}

/* The scope as it would be served now. */
static void hold(const struct standings *standings, struct standing *one,
                 const struct certificate *certificate)
{
    struct certificate_scope scope = certificate->scope;
    scope.guards = GUARD_VERSION;
    if (standings->model)
        span_copy_text(span_text(standings->model), scope.model, sizeof(scope.model));
    one->certificate = *certificate;
    one->state = certificate_state(certificate, &scope, filter_now_ms());
}

static void add_group(struct store *store, const struct shadow_sample *list, size_t count,
                      struct standings *standings)
{
    struct standing *one = add(standings);
    struct certificate certificate;
    struct tenant tenant;
    one->scope = list->sample.scope;
    memcpy(one->tenant, list->tenant, TENANT_ID_SIZE);
    memcpy(one->label, list->label, sizeof(one->label));
    shadow_sum(list, count, &one->sums);
    if (store_tenant_by_id(store, list->tenant, &tenant) == STORE_OK &&
        store_certificate(store, &tenant, &one->scope, &certificate) == STORE_OK)
        hold(standings, one, &certificate);
}

static bool is_of(const struct standing *one, const uint8_t *tenant,
                  const struct certificate_scope *scope)
{
    return memcmp(one->tenant, tenant, TENANT_ID_SIZE) == 0 &&
           one->scope.guards == scope->guards &&
           strcmp(one->scope.model, scope->model) == 0 &&
           strcmp(one->scope.class, scope->class) == 0;
}

/* A certificate whose samples are gone. */
static bool add_orphan(void *context, const uint8_t tenant[TENANT_ID_SIZE],
                       const struct certificate *certificate)
{
    struct standings *standings = context;
    for (size_t i = 0; i < standings->count; i++)
        if (is_of(&standings->list[i], tenant, &certificate->scope))
            return true;
    struct standing *one = add(standings);
    one->scope = certificate->scope;
    memcpy(one->tenant, tenant, TENANT_ID_SIZE);
    hold(standings, one, certificate);
    return true;
}

static void count_row(struct standings *standings, const struct sums_row *row)
{
    unsigned reason = row->key.reason;
    if (row->key.layer == LAYER_SEMANTIC && row->key.verdict == VERDICT_HIT)
        standings->hits += row->calls;
    if (reason >= REASON_SHADOW_EQUAL && reason <= REASON_SHADOW_UNKNOWN)
        standings->shadow[reason - REASON_SHADOW_EQUAL] += row->calls;
    if (reason < REASON_COUNT &&
        strncmp(reason_name(reason), FAILED, strlen(FAILED)) == 0) {
        standings->failed += row->calls;
        standings->failed_by[reason] += row->calls;
    }
}

static int read_journal(struct store *store, struct standings *standings)
{
    struct sums_rules rules = {0};
    struct sums *sums;
    int result = store_sums(store, &rules, &sums, NULL);
    for (size_t i = 0; sums && i < sums_count(sums); i++)
        count_row(standings, sums_at(sums, i));
    sums_free(sums);
    return settings_status(result, "the journal cannot be read");
}

int standings_read(struct store *store, const struct shadow *shadow, const char *model,
                   struct standings *out)
{
    *out = (struct standings){.model = model};
    for (size_t i = 0, size; i < shadow->count; i += size) {
        size = shadow_group(shadow, i);
        add_group(store, &shadow->list[i], size, out);
    }
    int status = settings_status(certificates_each(store, add_orphan, out),
                                 "not all certificates could be read");
    return status ? status : read_journal(store, out);
}

void standings_free(struct standings *standings)
{
    free(standings->list);
    *standings = (struct standings){0};
}

bool standing_is_lexical(const struct certificate_scope *scope)
{
    return strcmp(scope->model, SAMPLE_LEXICAL) == 0;
}

bool standing_is_over(const struct standing *standing)
{
    return standing->state == CERTIFICATE_EXPIRED ||
           standing->state == CERTIFICATE_FALLEN ||
           standing->state == CERTIFICATE_OTHER_GUARDS;
}

const char *standing_text(const struct standing *standing)
{
    static const char *const texts[] = {
        [CERTIFICATE_VALID] = "valid",
        [CERTIFICATE_NONE] = "none: nothing is served",
        [CERTIFICATE_OTHER_MODEL] =
            "of another model than semantic_model names: nothing is served",
        [CERTIFICATE_OTHER_GUARDS] = "of an older version of the guards: certify anew",
        [CERTIFICATE_OTHER_CLASS] = "of another class: nothing is served",
        [CERTIFICATE_EXPIRED] = "expired: certify anew",
        [CERTIFICATE_FALLEN] = "fallen: more canaries were wrong than is promised",
    };
    return standing_is_lexical(&standing->scope)
               ? "not needed: served where lexical = serve"
               : texts[standing->state];
}

const char *standing_name(const struct standing *standing)
{
    return standing_is_lexical(&standing->scope)
               ? "not-needed"
               : certificate_state_name(standing->state);
}

struct measured standing_measured(const struct standing *standing)
{
    const struct answer_counts *counts = &standing->certificate.canary.counts;
    struct measured out = {.hits = counts->hits, .bad = answer_bad(counts)};
    out.rate = out.hits ? (double)out.bad / (double)out.hits : 0;
    out.upper = binomial_upper(out.bad, out.hits, MEASURED);
    return out;
}
