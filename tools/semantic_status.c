/* SPDX-License-Identifier: MIT */
/* `preecho semantic status`: certificates, their age and canaries; samples that wait. */
#include "semantic.h"

#include "command.h"
#include "filter.h"
#include "moment.h"
#include "print.h"
#include "settings.h"
#include "shim/core/api/guard.h"
#include "store/binomial.h"
#include "store/certificates.h"

static const char *state_text(enum certificate_state state)
{
    switch (state) {
    case CERTIFICATE_VALID:
        return "valid";
    case CERTIFICATE_OTHER_GUARDS:
        return "of an older version of the guards: certify anew";
    case CERTIFICATE_EXPIRED:
        return "expired: certify anew";
    case CERTIFICATE_FALLEN:
        return "fallen: more canaries were wrong than is promised";
    default:
        return "not valid";
    }
}

static void print_sums(const struct shadow_sample *list, size_t count)
{
    struct shadow_sums sums;
    char samples[32], text[32];
    shadow_sum(list, count, &sums);
    printf("  %-12s %s, of them %s forbidden by guards\n", "samples",
           print_count(sums.samples - sums.canaries, samples),
           print_count(sums.forbidden, text));
    static const char *const names[] = {"equal", "similar", "different", "unknown"};
    printf("  %-12s", "answers");
    for (size_t i = 0; i <= COMPARISON_UNKNOWN; i++)
        printf("%s %s %s", i ? "," : "", print_count(sums.by_comparison[i], text),
               names[i]);
    printf("; %s reviewed", print_count(sums.reviewed, samples));
    if (sums.open)
        printf(", %s wait for 'preecho semantic review'", print_count(sums.open, text));
    putchar('\n');
}

/* The scope as this version would serve it. */
static void print_certificate(const struct certificate *certificate)
{
    struct certificate_scope scope = certificate->scope;
    const struct answer_counts *canaries = &certificate->canary.counts;
    char issued[16], ends[16];
    scope.guards = GUARD_VERSION;
    moment_date(certificate->issued_ms, issued);
    moment_date(certificate->issued_ms + CERTIFICATE_LIFE_MS, ends);
    printf("  %-12s %s\n", "certificate",
           state_text(certificate_state(certificate, &scope, filter_now_ms())));
    printf("  %-12s from %.3f on at most %g %% wrong, with %g %% confidence\n", "promise",
           certificate->threshold / 1e6, certificate->most_wrong / 1e4,
           certificate->confidence / 1e4);
    printf("  %-12s %s to %s\n", "holds", issued, ends);
    semantic_print_counts("canaries", canaries,
                          binomial_upper(answer_bad(canaries), canaries->hits,
                                         1 - certificate->confidence / 1e6));
}

struct showing {
    struct store *store;
    const struct shadow *shadow;
    unsigned shown;
};

static bool is_of(const struct shadow_sample *sample, const uint8_t *tenant,
                  const struct certificate_scope *scope)
{
    const struct certificate_scope *own = &sample->sample.scope;
    return memcmp(sample->tenant, tenant, TENANT_ID_SIZE) == 0 &&
           own->guards == scope->guards && strcmp(own->model, scope->model) == 0 &&
           strcmp(own->class, scope->class) == 0;
}

static bool print_orphan(void *context, const uint8_t tenant[TENANT_ID_SIZE],
                         const struct certificate *certificate)
{
    struct showing *showing = context;
    for (size_t i = 0; i < showing->shadow->count; i++)
        if (is_of(&showing->shadow->list[i], tenant, &certificate->scope))
            return true;
    semantic_print_scope(&certificate->scope, "", tenant);
    print_certificate(certificate);
    showing->shown++;
    return true;
}

static void print_group(const struct showing *showing, const struct shadow_sample *list,
                        size_t count)
{
    struct certificate certificate;
    struct tenant tenant;
    semantic_print_scope(&list->sample.scope, list->label, list->tenant);
    if (store_tenant_by_id(showing->store, list->tenant, &tenant) == STORE_OK &&
        store_certificate(showing->store, &tenant, &list->sample.scope, &certificate) ==
            STORE_OK)
        print_certificate(&certificate);
    else
        printf("  %-12s none: nothing is served\n", "certificate");
    print_sums(list, count);
}

static int show(struct store *store)
{
    struct shadow shadow;
    struct showing showing = {.store = store, .shadow = &shadow};
    int status =
        settings_status(shadow_read(store, &shadow), "not all samples could be read");
    for (size_t i = 0, size; status == 0 && i < shadow.count; i += size) {
        size = shadow_group(&shadow, i);
        print_group(&showing, &shadow.list[i], size);
    }
    if (status == 0)
        status = settings_status(certificates_each(store, print_orphan, &showing),
                                 "not all certificates could be read");
    if (status == 0 && shadow.count == 0 && showing.shown == 0)
        printf("no certificates, no samples\n");
    shadow_free(&shadow);
    return status;
}

int semantic_status(int count, char **arguments)
{
    struct store *store;
    if (count != 1)
        return command_usage(arguments);
    int status = settings_open(&store);
    if (status != 0)
        return status;
    status = show(store);
    store_close(store);
    return status ? status : print_finish();
}
