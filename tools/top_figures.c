/* SPDX-License-Identifier: MIT */
/* See top_figures.h. */
#include "top_figures.h"

#include "print.h"

#include <stdlib.h>

static void sum_add(struct top_sum *sum, const struct journal_record *record,
                    enum pricing_kind kind, uint64_t money)
{
    bool looked_up = record->verdict == VERDICT_HIT || record->verdict == VERDICT_MISS ||
                     record->verdict == VERDICT_STALE;
    sum->calls++;
    sum->lookups += looked_up;
    sum->hits += record->verdict == VERDICT_HIT;
    sum->saved_us += pricing_saved_us(record);
    sum->saved += kind == PRICING_SAVED ? money : 0;
    sum->spent += kind == PRICING_SPENT ? money : 0;
    sum->unpriced += kind == PRICING_UNKNOWN;
}

static struct top_group *group_of(struct top_group **groups, const char *name)
{
    struct top_group *group;
    if (!name[0])
        name = "(unknown)";
    HASH_FIND_STR(*groups, name, group);
    if (!group && HASH_COUNT(*groups) >= TOP_GROUPS - 1) {
        name = "(others)";
        HASH_FIND_STR(*groups, name, group);
    }
    if (group)
        return group;
    group = print_grown(NULL, sizeof(*group));
    memset(group, 0, sizeof(*group));
    span_copy_text(span_text(name), group->name, sizeof(group->name));
    HASH_ADD_STR(*groups, name, group);
    return group;
}

void top_figures_add(struct top_figures *figures, const struct journal_record *record)
{
    uint64_t money;
    if (record->time_ms < figures->since_ms)
        return;
    enum pricing_kind kind = pricing_of(figures->quotes, record, &money);
    struct top_group *model = group_of(&figures->groups[TOP_BY_MODEL], record->model);
    struct top_group *program =
        group_of(&figures->groups[TOP_BY_PROGRAM], record->program);
    sum_add(&figures->all, record, kind, money);
    sum_add(&model->sum, record, kind, money);
    sum_add(&program->sum, record, kind, money);
    figures->recent[figures->next] = *record;
    figures->next = (figures->next + 1) % TOP_RECENT;
    figures->count += figures->count < TOP_RECENT;
}

void top_figures_free(struct top_figures *figures)
{
    for (int by = 0; by < TOP_BY_COUNT; by++) {
        struct top_group *at = figures->groups[by];
        HASH_CLEAR(hh, figures->groups[by]);
        for (struct top_group *next; at; at = next) {
            next = at->hh.next;
            free(at);
        }
    }
}

const struct journal_record *top_figures_recent(const struct top_figures *figures,
                                                size_t back)
{
    if (back >= figures->count)
        return NULL;
    return &figures->recent[(figures->next + TOP_RECENT - 1 - back) % TOP_RECENT];
}

static int most_calls_first(const void *left, const void *right)
{
    const struct top_group *a = *(const struct top_group *const *)left;
    const struct top_group *b = *(const struct top_group *const *)right;
    if (a->sum.calls != b->sum.calls)
        return a->sum.calls < b->sum.calls ? 1 : -1;
    return strcmp(a->name, b->name);
}

size_t top_figures_groups(const struct top_figures *figures, enum top_by by,
                          const struct top_group **out, size_t most)
{
    size_t count = 0, all = HASH_COUNT(figures->groups[by]);
    if (all == 0)
        return 0;
    const struct top_group **sorted = print_grown(NULL, all * sizeof(*sorted));
    for (const struct top_group *at = figures->groups[by]; at; at = at->hh.next)
        sorted[count++] = at;
    qsort(sorted, count, sizeof(*sorted), most_calls_first);
    count = count < most ? count : most;
    memcpy(out, sorted, count * sizeof(*out));
    free(sorted);
    return count;
}
