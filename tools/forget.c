/* SPDX-License-Identifier: MIT */
/* `preecho forget`: a tenant's key, then its entries. */
#include "store/forget.h"

#include "command.h"
#include "print.h"
#include "settings.h"

#include <getopt.h>
#include <sysexits.h>

static void print_counts(const struct forget_counts *counts, bool only_count)
{
    char entries[32], tenants[32];
    printf("%s %s of %s %s %s\n", print_count(counts->entries, entries),
           counts->entries == 1 ? "entry" : "entries",
           print_count(counts->tenants, tenants),
           counts->tenants == 1 ? "identity" : "identities",
           only_count ? "would be forgotten" : "forgotten");
}

static int forget(const char *who, bool only_count)
{
    struct store *store;
    struct forget_counts counts;
    int status = settings_open(&store);
    if (status != 0)
        return status;
    int result = store_forget(store, who, only_count, &counts);
    store_close(store);
    if (result == STORE_MISS) {
        print_error("no tenant is called %s: no entry has that label, no salt that id",
                    who);
        return EX_DATAERR;
    }
    print_counts(&counts, only_count);
    return settings_status(result, "not everything could be forgotten");
}

int command_forget(int count, char **arguments)
{
    static const struct option options[] = {{"tenant", required_argument, NULL, 't'},
                                            {"dry-run", no_argument, NULL, 'd'},
                                            {0}};
    const char *who = "";
    bool only_count = false;
    int option;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        if (option == 't')
            who = optarg;
        else if (option == 'd')
            only_count = true;
        else
            return command_usage(arguments);
    }
    if (optind == count && who[0])
        return forget(who, only_count);
    print_error("forget needs --tenant and a label or an id");
    return command_usage(arguments);
}
