/* SPDX-License-Identifier: MIT */
/* `preecho prefix`: what breaks the providers' prefix caches. */
#include "prefix.h"

#include "command.h"
#include "print.h"
#include "settings.h"

#include <errno.h>
#include <stdlib.h>

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

static bool take_most(struct prefix *prefix, const char *text)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    prefix->most = number;
    if (text[0] >= '0' && text[0] <= '9' && !*end && !errno)
        return true;
    print_error("--top takes a number, not \"%s\"", text);
    return false;
}

static bool take_option(struct prefix *prefix, int option)
{
    switch (option) {
    case 'j':
        prefix->json = true;
        return true;
    case 'n':
        return take_most(prefix, optarg);
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
