/* SPDX-License-Identifier: MIT */
/* `preecho merge`: moves the spool into the database, folds the journal. */
#include "store/merge.h"

#include "command.h"
#include "print.h"
#include "settings.h"

#include <getopt.h>
#include <sysexits.h>

static void print_line(const char *what, uint64_t count)
{
    char text[32];
    if (count)
        printf("%8s  %s\n", print_count(count, text), what);
}

static void print_counts(const struct merge_counts *counts)
{
    char text[32];
    printf("%8s  entries moved from the spool\n", print_count(counts->entries, text));
    print_line("entries evicted to keep to the size limits", counts->evicted);
    print_line("aliases moved from the spool", counts->aliases);
    print_line("damaged recordings removed", counts->damaged);
    print_line("recordings of another version left", counts->foreign);
    print_line("leftovers of ended processes removed", counts->leftover);
    print_line("journal segments folded", counts->segments);
    print_line("records saved out of a damaged database", counts->salvaged);
}

static uint64_t quota_of(void *context, struct span label)
{
    struct policy_facts facts = {.tenant = label};
    struct policy policy;
    policy_find(context, &facts, &policy);
    return policy.quota;
}

static int merge(bool quiet)
{
    struct config config;
    int status = settings_paths(&config);
    if (status != 0)
        return status;
    struct store_paths paths = {config.store, config.directory};
    struct prices *prices;
    status = settings_prices(&prices);
    if (status != 0) {
        config_free(&config);
        return status;
    }
    struct merge_options options = {.max_size = config.policy.max_size,
                                    .quota = quota_of,
                                    .quota_context = &config,
                                    .prices = prices};
    struct merge_counts counts = {0};
    int result = store_merge(&paths, &options, &counts);
    prices_free(prices);
    config_free(&config);
    if (!quiet)
        print_counts(&counts);
    if (quiet && result == STORE_BUSY)
        return 0;
    return settings_status(result, "the spool could not be merged");
}

int command_merge(int count, char **arguments)
{
    static const struct option options[] = {{"quiet", no_argument, NULL, 'q'}, {0}};
    bool quiet = false;
    int option;
    while ((option = getopt_long(count, arguments, "q", options, NULL)) != -1) {
        if (option != 'q')
            return command_usage(arguments);
        quiet = true;
    }
    if (optind != count)
        return command_usage(arguments);
    return merge(quiet);
}
