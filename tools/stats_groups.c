/* SPDX-License-Identifier: MIT */
/* `preecho stats --by`: a line for each group, two where its name is long. Models and days have the
 * figures of the providers' own caches beside ours. */
#include "stats.h"

#include "print.h"

#include <stdio.h>

#define NAME_WIDTH 16
#define WIDTH      80 /* longer names are cut */

static bool has_cache_columns(enum group_by by)
{
    return by == BY_MODEL || by == BY_DAY;
}

static void print_head(enum group_by by)
{
    const char *name = group_by_name(by);
    if (has_cache_columns(by)) {
        printf("%58s%22s\n", "", "provider cache");
        printf("%-*s%10s%8s%12s%12s%10s%12s\n", NAME_WIDTH, name, "calls", "rate",
               "saved", "spent", "tokens", "saved");
    } else {
        printf("%-*s%10s%10s%8s%12s%12s%12s\n", NAME_WIDTH, name, "calls", "hits", "rate",
               "time saved", "saved", "spent");
    }
}

static void print_name(const struct group *group)
{
    const char *label = group->label[0] ? group->label : group->name;
    const char *name = label[0] ? label : "-";
    size_t size = 0;
    int left = NAME_WIDTH;
    for (; name[size]; size++) {
        bool begins = ((unsigned char)name[size] & 0xc0) != 0x80; /* a character */
        if (begins && left == NAME_WIDTH - WIDTH)
            break;
        left -= begins;
    }
    print_text(span_of(name, size));
    if (left > 0)
        printf("%*s", left, "");
    else
        printf("\n%*s", NAME_WIDTH, "");
}

static void print_group(const struct group *group, bool cache_columns)
{
    char calls[32], hits[32], rate[32], time[32], saved[48], spent[48];
    const struct figures *figures = &group->figures;
    struct worth worth;
    uint64_t saved_us, lookups = figures_lookups(figures);
    figures_saved(figures, &worth, &saved_us);
    print_name(group);
    printf("%10s", print_short(figures->calls, calls));
    if (!cache_columns)
        printf("%10s", print_short(figures->hits, hits));
    printf("%8s", print_rate(figures->hits, lookups, rate));
    if (!cache_columns)
        printf("%12s", print_duration((double)saved_us / 1e6, time));
    printf("%12s%12s", worth_money(&worth, saved), worth_money(&figures->spent, spent));
    if (cache_columns)
        printf("%10s%12s", print_short(figures->spent.tokens.cached, hits),
               print_money(figures->prefix_saved, time));
    printf("\n");
}

void stats_print_groups(const struct stats *stats)
{
    const struct groups *groups = &stats->groups;
    print_head(groups->by);
    for (size_t i = 0; i < groups->count; i++)
        print_group(groups->all[i], has_cache_columns(groups->by));
}
