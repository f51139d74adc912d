/* SPDX-License-Identifier: MIT */
/* `preecho semantic certify`: from shadow samples, the threshold that keeps a promise. */
#include "semantic.h"

#include "command.h"
#include "filter.h"
#include "moment.h"
#include "print.h"
#include "settings.h"
#include "store/certificates.h"

#include <getopt.h>
#include <stdlib.h>

struct certifying {
    struct store *store;
    struct certify_rules rules;
    bool only_say;
    unsigned groups, granted;
    int status;
};

static void print_verdict(const struct certify_result *result)
{
    char least[32];
    switch (result->verdict) {
    case CERTIFY_GRANTED:
        break;
    case CERTIFY_TOO_FEW:
        printf("  refused: no threshold has the %s hits that the older half needs\n",
               print_count(result->least, least));
        break;
    case CERTIFY_TOO_WRONG:
        printf("  refused: too many are wrong, or not known to be right, even at %.3f\n",
               result->threshold / 1000.0);
        break;
    case CERTIFY_CONTRADICTED:
        printf("  refused: more of the newer half is wrong than is promised\n");
        break;
    case CERTIFY_BAD_RULES:
        printf("  refused: no such promise\n");
        break;
    }
}

/* A refusal on grounds of wrong answers also ends an earlier certificate. */
static void keep(struct certifying *certifying, const struct shadow_sample *first,
                 const struct certify_result *result)
{
    const struct certificate_scope *scope = &first->sample.scope;
    struct certificate certificate;
    struct tenant tenant;
    char date[16];
    bool granted = certificate_issue(result, &certifying->rules, scope, filter_now_ms(),
                                     &certificate);
    certifying->granted += granted;
    if (certifying->only_say || (!granted && result->verdict == CERTIFY_TOO_FEW))
        return;
    int stored = store_tenant_by_id(certifying->store, first->tenant, &tenant);
    if (stored == STORE_OK)
        stored = certificates_put(certifying->store, &tenant, scope,
                                  granted ? &certificate : NULL);
    if (stored != STORE_OK)
        certifying->status =
            settings_status(stored, "the certificate could not be written");
    moment_date(certificate.issued_ms + CERTIFICATE_LIFE_MS, date);
    if (granted && stored == STORE_OK)
        printf("  certified from %.3f on, until %s\n", result->threshold / 1000.0, date);
}

static void certify_group(struct certifying *certifying, const struct shadow_sample *list,
                          size_t count)
{
    struct certify_sample *samples = print_grown(NULL, count * sizeof(*samples));
    struct certify_result result;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const struct sample *sample = &list[i].sample;
        if (!shadow_counts(&list[i]))
            continue;
        samples[used++] = (struct certify_sample){
            .time_ms = sample->time_ms,
            .similarity = (double)sample->similarity / CERTIFICATE_ONE,
            .answer = sample_answer(sample->comparison, list[i].review)};
    }
    certify(samples, used, &certifying->rules, &result);
    semantic_print_scope(&list->sample.scope, list->label, list->tenant);
    if (result.older.hits) {
        semantic_print_counts("older half", &result.older, result.older_bound);
        semantic_print_counts("newer half", &result.newer, result.newer_bound);
    }
    print_verdict(&result);
    keep(certifying, list, &result);
    free(samples);
}

static int certify_all(struct certifying *certifying)
{
    struct shadow shadow;
    int status = settings_status(shadow_read(certifying->store, &shadow),
                                 "not all samples could be read");
    for (size_t i = 0, size; status == 0 && i < shadow.count; i += size) {
        size = shadow_group(&shadow, i);
        if (standing_is_lexical(&shadow.list[i].sample.scope))
            continue;
        certify_group(certifying, &shadow.list[i], size);
        certifying->groups++;
    }
    if (status == 0 && certifying->groups == 0)
        print_error("there are no samples yet: run programs in shadow first");
    shadow_free(&shadow);
    return status ? status : certifying->status;
}

int semantic_certify(int count, char **arguments)
{
    static const struct option options[] = {{"max-wrong", required_argument, NULL, 'w'},
                                            {"confidence", required_argument, NULL, 'c'},
                                            {"dry-run", no_argument, NULL, 'd'},
                                            {0}};
    struct certifying certifying = {.rules = {0.01, 0.95}};
    int option;
    optind = 1;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        double *share =
            option == 'w' ? &certifying.rules.most_wrong : &certifying.rules.confidence;
        if (option == '?')
            return command_usage(arguments);
        if (option == 'd') {
            certifying.only_say = true;
        } else if (!shadow_share(optarg, share)) {
            print_error("'%s' is no share like 1%% or 95%%", optarg);
            return command_usage(arguments);
        }
    }
    if (optind != count)
        return command_usage(arguments);
    int status = settings_open(&certifying.store);
    if (status != 0)
        return status;
    status = certify_all(&certifying);
    store_close(certifying.store);
    if (status == 0)
        status = print_finish();
    return status == 0 && certifying.granted == 0 ? 1 : status;
}
