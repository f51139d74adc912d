/* SPDX-License-Identifier: MIT */
/* `preecho semantic`: what answers by similarity are worth. */
#include "semantic.h"

#include "command.h"
#include "print.h"
#include "store/files.h"
#include "value.h"

struct part {
    const char *name;
    command_function *function;
};

static const struct part parts[] = {{"shadow", semantic_shadow},
                                    {"review", semantic_review},
                                    {"certify", semantic_certify},
                                    {"status", semantic_status}};

int command_semantic(int count, char **arguments)
{
    if (count >= 2)
        for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
            if (strcmp(arguments[1], parts[i].name) == 0) {
                arguments[1] = arguments[0]; /* as messages begin */
                return parts[i].function(count - 1, arguments + 1);
            }
    print_error("semantic needs one of shadow, review, certify, status");
    return command_usage(arguments);
}

void semantic_print_scope(const struct certificate_scope *scope, const char *label,
                          const uint8_t tenant[TENANT_ID_SIZE])
{
    char digits[2 * TENANT_ID_SIZE + 1];
    hex_encode(tenant, TENANT_ID_SIZE, digits);
    print_text(span_text(scope->class));
    if (standing_is_lexical(scope)) {
        printf(", by words alone (version %u), tenant ", scope->guards);
    } else {
        printf(", embedded by ");
        print_text(span_text(scope->model));
        printf(" (guards %u), tenant ", scope->guards);
    }
    print_text(span_text(label[0] ? label : digits));
    putchar('\n');
}

json_t *semantic_scope_json(const struct certificate_scope *scope, const char *label,
                            const uint8_t tenant[TENANT_ID_SIZE])
{
    return json_pack("{s:o, s:o, s:i, s:o, s:o}", "class",
                     value_text(span_text(scope->class)), "model",
                     value_text(span_text(scope->model)), "guards", (int)scope->guards,
                     "tenant", value_digits(tenant, TENANT_ID_SIZE), "label",
                     value_text(span_text(label)));
}

void semantic_print_counts(const char *name, const struct answer_counts *counts,
                           double bound)
{
    char hits[32], wrong[32], unknown[32];
    printf("  %-12s %s hits, %s wrong, %s unknown: at most %.2f %% wrong\n", name,
           print_count(counts->hits, hits), print_count(counts->wrong, wrong),
           print_count(counts->unknown, unknown), 100 * bound);
}

json_t *semantic_counts_json(const struct shadow_counts *counts)
{
    json_t *object = json_pack("{s:o}", "samples", value_number(counts->samples));
    for (unsigned i = 0; i < COMPARISONS; i++)
        json_object_set_new(object, comparison_name(i),
                            value_number(counts->by_comparison[i]));
    return object;
}

/* -- the journal ------------------------------------------------------------------------ */

static uint64_t shadow_sum_of(const struct standings *standings)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < COMPARISONS; i++)
        sum += standings->shadow[i];
    return sum;
}

static void print_failures(const struct standings *standings)
{
    char text[32];
    if (standings->failed)
        printf("journal: without a vector from the embedding endpoint %s calls\n",
               print_count(standings->failed, text));
    for (unsigned i = 0; i < REASON_COUNT; i++)
        if (standings->failed_by[i])
            printf("  %-24s %9s  %s\n", reason_name(i),
                   print_count(standings->failed_by[i], text), reason_meaning(i));
}

void semantic_print_journal(const struct standings *standings)
{
    uint64_t shadow = shadow_sum_of(standings);
    char text[32];
    if (standings->hits)
        printf("journal: answered by the semantic layer %s\n",
               print_count(standings->hits, text));
    if (shadow)
        printf("journal: it would have answered %s;", print_count(shadow, text));
    for (unsigned i = 0; shadow && i < COMPARISONS; i++)
        printf("%s%s %s%s", i ? ", " : " what came was ", comparison_name(i),
               print_count(standings->shadow[i], text), i + 1 < COMPARISONS ? "" : "\n");
    print_failures(standings);
}

json_t *semantic_journal_json(const struct standings *standings)
{
    json_t *shadow = json_object(), *failed = json_object();
    for (unsigned i = 0; i < COMPARISONS; i++)
        json_object_set_new(shadow, comparison_name(i),
                            value_number(standings->shadow[i]));
    for (unsigned i = 0; i < REASON_COUNT; i++)
        if (standings->failed_by[i])
            json_object_set_new(failed, reason_name(i),
                                value_number(standings->failed_by[i]));
    return json_pack("{s:o, s:o, s:o, s:o}", "hits", value_number(standings->hits),
                     "shadow", shadow, "embedding_failed",
                     value_number(standings->failed), "embedding_failed_by", failed);
}
