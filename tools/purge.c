/* SPDX-License-Identifier: MIT */
/* `preecho purge`: removes the entries that meet every condition. */
#include "store/purge.h"
#include "store/facts.h"

#include "command.h"
#include "filter.h"
#include "print.h"
#include "progress.h"
#include "settings.h"

#include <getopt.h>
#include <sysexits.h>

struct choice {
    struct filter filter;
    bool all, quiet;
    unsigned tags;
    uint64_t found;
    struct progress progress;
    uint64_t visited, entries;
};

static bool chooses(void *context, const struct each_entry *entry)
{
    struct choice *choice = context;
    progress_tell(&choice->progress, choice->visited++, choice->entries);
    return filter_matches(&choice->filter, entry);
}

/* One tag and nothing else: the index alone says which they are. */
static bool is_indexed(const struct choice *choice)
{
    const struct filter *filter = &choice->filter;
    return choice->tags == 1 && !filter->host && !filter->model && !filter->key &&
           !filter->created_before_ms;
}

static bool count_match(void *context, const struct each_entry *entry)
{
    struct choice *choice = context;
    choice->found += filter_matches(&choice->filter, entry);
    return choice->found < 2;
}

/* A shortened key must stand for one entry: a digit too few must not remove what nobody
 * meant. */
static int check_key(struct store *store, struct choice *choice)
{
    struct choice key_only = {.filter = {.key = choice->filter.key}};
    int result = store_each(store, false, count_match, &key_only);
    if (result != STORE_OK && result != STORE_CORRUPT)
        return settings_status(result, "the entries cannot be read");
    if (key_only.found == 1)
        return 0;
    print_error(key_only.found
                    ? "more than one key starts with %s; give more of its digits"
                    : "no entry has a key that starts with %s; see 'preecho ls'",
                choice->filter.key);
    return EX_DATAERR;
}

/* How many will be visited is known unless tags choose them; by one tag they go faster than a bar
 * would show. */
static void begin_progress(struct store *store, struct choice *choice)
{
    struct store_sizes sizes;
    if (choice->filter.tags.size == 0 && store_sizes(store, &sizes) == STORE_OK)
        choice->entries = sizes.entries + sizes.spooled;
    progress_begin(&choice->progress, "purging", GAUGE_COUNT, choice->quiet);
}

static int purge_chosen(struct store *store, struct choice *choice)
{
    struct purge_rules rules = {.tags = buffer_span(&choice->filter.tags)};
    uint64_t removed;
    char text[32];
    begin_progress(store, choice);
    int result =
        store_purge(store, &rules, is_indexed(choice) ? NULL : chooses, choice, &removed);
    if (result == STORE_OK && choice->all)
        result = facts_clear(store);
    progress_end(&choice->progress);
    if (!choice->quiet)
        printf("%s %s removed\n", print_count(removed, text),
               removed == 1 ? "entry" : "entries");
    return settings_status(result, "not everything could be removed");
}

static int purge(struct choice *choice)
{
    struct store *store;
    int status = settings_open(&store);
    if (status != 0)
        return status;
    if (choice->filter.key)
        status = check_key(store, choice);
    if (status == 0)
        status = purge_chosen(store, choice);
    store_close(store);
    buffer_free(&choice->filter.tags);
    return status;
}

/* Takes one option. False after a message when its value makes no sense. */
static bool take_option(struct choice *choice, int option, char *value)
{
    int64_t age;
    switch (option) {
    case 'a':
        choice->all = true;
        return true;
    case 'q':
        choice->quiet = true;
        return true;
    case 'h':
        choice->filter.host = value;
        return true;
    case 'm':
        choice->filter.model = value;
        return true;
    case 't':
        filter_tag(&choice->filter, value);
        choice->tags++;
        return true;
    case 'k':
        choice->filter.key = value;
        if (filter_key(value))
            return true;
        print_error("--key needs hexadecimal digits, as 'preecho ls' prints them");
        return false;
    case 'o':
        if (filter_age(value, &age)) {
            choice->filter.created_before_ms = filter_now_ms() - age;
            return true;
        }
        print_error("--older-than needs a number and one of s, m, h, d, w: 36h, 7d");
        return false;
    default:
        return false;
    }
}

int command_purge(int count, char **arguments)
{
    static const struct option options[] = {{"all", no_argument, NULL, 'a'},
                                            {"host", required_argument, NULL, 'h'},
                                            {"model", required_argument, NULL, 'm'},
                                            {"tag", required_argument, NULL, 't'},
                                            {"key", required_argument, NULL, 'k'},
                                            {"older-than", required_argument, NULL, 'o'},
                                            {"quiet", no_argument, NULL, 'q'},
                                            {0}};
    struct choice choice = {0};
    int option;
    while ((option = getopt_long(count, arguments, "q", options, NULL)) != -1) {
        if (!take_option(&choice, option, optarg))
            return command_usage(arguments);
    }
    const struct filter *filter = &choice.filter;
    bool some = filter->host || filter->model || filter->key ||
                filter->created_before_ms || filter->tags.size;
    if (optind == count && choice.all != some)
        return purge(&choice);
    print_error("purge needs either --all or conditions");
    return command_usage(arguments);
}
