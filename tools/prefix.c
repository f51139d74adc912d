/* SPDX-License-Identifier: MIT */
/* `preecho prefix`: what breaks the providers' prefix caches. */
#include "prefix.h"

#include "command.h"
#include "print.h"
#include "settings.h"

#define MOST 5

static int run(struct prefix *prefix)
{
    int status = settings_open(&prefix->store);
    if (status == 0)
        status = settings_prices(&prefix->prices);
    if (status == 0)
        status = prefix_read(prefix);
    if (status == 0 && prefix->json)
        prefix_print_json(prefix);
    else if (status == 0)
        prefix_print(prefix);
    prefix_free(prefix);
    prices_free(prefix->prices);
    store_close(prefix->store);
    return status;
}

static bool take_option(struct prefix *prefix, int option)
{
    switch (option) {
    case 'j':
        prefix->json = true;
        return true;
    case 'n':
        return command_number("--top", optarg, &prefix->most);
    default:
        return call_filter_take(&prefix->filter, option, optarg);
    }
}

int command_prefix(int count, char **arguments)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},
        {"top", required_argument, NULL, 'n'},
        {"since", required_argument, NULL, CALL_FILTER_SINCE},
        {"until", required_argument, NULL, CALL_FILTER_UNTIL},
        {"model", required_argument, NULL, CALL_FILTER_MODEL},
        {"host", required_argument, NULL, CALL_FILTER_HOST},
        {"program", required_argument, NULL, CALL_FILTER_PROGRAM},
        {"tenant", required_argument, NULL, CALL_FILTER_TENANT},
        {"tag", required_argument, NULL, CALL_FILTER_TAG},
        {0}};
    struct prefix prefix = {.most = MOST};
    int option;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1)
        if (!take_option(&prefix, option))
            return command_usage(arguments);
    return optind == count ? run(&prefix) : command_usage(arguments);
}
