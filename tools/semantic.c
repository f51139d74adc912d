/* SPDX-License-Identifier: MIT */
/* `preecho semantic`: what answers by similarity are worth. */
#include "semantic.h"

#include "command.h"
#include "print.h"
#include "store/files.h"

struct part {
    const char *name;
    command_function *function;
};

static const struct part parts[] = {{"certify", semantic_certify},
                                    {"status", semantic_status},
                                    {"review", semantic_review}};

int command_semantic(int count, char **arguments)
{
    if (count >= 2)
        for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
            if (strcmp(arguments[1], parts[i].name) == 0) {
                arguments[1] = arguments[0]; /* as messages begin */
                return parts[i].function(count - 1, arguments + 1);
            }
    print_error("semantic needs one of certify, status, review");
    return command_usage(arguments);
}

void semantic_print_scope(const struct certificate_scope *scope, const char *label,
                          const uint8_t tenant[TENANT_ID_SIZE])
{
    char digits[2 * TENANT_ID_SIZE + 1];
    hex_encode(tenant, TENANT_ID_SIZE, digits);
    print_text(span_text(scope->class));
    printf(", embedded by ");
    print_text(span_text(scope->model));
    printf(" (guards %u), tenant ", scope->guards);
    print_text(span_text(label[0] ? label : digits));
    putchar('\n');
}

void semantic_print_counts(const char *name, const struct answer_counts *counts,
                           double bound)
{
    char hits[32], wrong[32], unknown[32];
    printf("  %-12s %s hits, %s wrong, %s unknown: at most %.2f %% wrong\n", name,
           print_count(counts->hits, hits), print_count(counts->wrong, wrong),
           print_count(counts->unknown, unknown), 100 * bound);
}
