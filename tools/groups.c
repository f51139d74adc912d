/* SPDX-License-Identifier: MIT */
/* See groups.h. */
#include "groups.h"

#include "moment.h"
#include "print.h"
#include "store/files.h"

#include <stdlib.h>
#include <uthash.h>

#define TEST_PREFIX "test:"

struct group_slot {
    struct group group; /* first: whoever has it has the slot */
    UT_hash_handle hh;
};

static const char *const words[] = {
    [BY_NOTHING] = "",        [BY_MODEL] = "model",   [BY_HOST] = "host",
    [BY_PROGRAM] = "program", [BY_TENANT] = "tenant", [BY_TAG] = "tag",
    [BY_DAY] = "day",         [BY_TEST] = "test"};

enum group_by group_by_word(const char *word)
{
    enum group_by by = BY_TEST;
    while (by != BY_NOTHING && strcmp(words[by], word) != 0)
        by--;
    return by;
}

const char *group_by_name(enum group_by by)
{
    return words[by];
}

bool group_by_tags(enum group_by by)
{
    return by == BY_TAG || by == BY_TEST;
}

static void copy(char name[GROUP_NAME_SIZE], const char *text)
{
    span_copy_text(span_text(text), name, GROUP_NAME_SIZE);
}

/* False when |key| belongs into no group. |name| is all zeroes. */
static bool group_name(enum group_by by, const struct sums_key *key,
                       char name[GROUP_NAME_SIZE])
{
    if (group_by_tags(by) != (key->tag[0] != '\0'))
        return false;
    switch (by) {
    case BY_MODEL:
        copy(name, key->model);
        break;
    case BY_HOST:
        copy(name, key->host);
        break;
    case BY_PROGRAM:
        copy(name, key->program);
        break;
    case BY_TENANT:
        if (memcmp(key->tenant, (uint8_t[TENANT_ID_SIZE]){0}, TENANT_ID_SIZE) != 0)
            hex_encode(key->tenant, sizeof(key->tenant), name);
        break;
    case BY_DAY:
        moment_date((int64_t)key->hour * 3600000, name);
        break;
    case BY_TAG:
        if (strncmp(key->tag, JOURNAL_TAG_LAUNCH, strlen(JOURNAL_TAG_LAUNCH)) == 0)
            return false;
        copy(name, key->tag);
        break;
    case BY_TEST:
        if (strncmp(key->tag, TEST_PREFIX, strlen(TEST_PREFIX)) != 0)
            return false;
        copy(name, key->tag + strlen(TEST_PREFIX));
        break;
    case BY_NOTHING:
    default:
        return false;
    }
    return true;
}

static struct group_slot *slot_add(struct groups *groups,
                                   const char name[GROUP_NAME_SIZE])
{
    struct group_slot *slot = print_grown(NULL, sizeof(*slot));
    *slot = (struct group_slot){0};
    memcpy(slot->group.name, name, GROUP_NAME_SIZE);
    HASH_ADD(hh, groups->slots, group.name, GROUP_NAME_SIZE, slot);
    groups->all = print_grown(groups->all, (groups->count + 1) * sizeof(*groups->all));
    groups->all[groups->count++] = &slot->group;
    return slot;
}

void groups_add(struct groups *groups, const struct sums_row *row,
                const struct quote *quote)
{
    char name[GROUP_NAME_SIZE] = {0};
    struct group_slot *slot;
    if (!group_name(groups->by, &row->key, name))
        return;
    HASH_FIND(hh, groups->slots, name, GROUP_NAME_SIZE, slot);
    if (!slot)
        slot = slot_add(groups, name);
    figures_add(&slot->group.figures, row, quote);
}

static int compare_names(const void *a, const void *b)
{
    const struct group *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

static int compare_calls(const void *a, const void *b)
{
    const struct group *const *left = a, *const *right = b;
    uint64_t x = (*left)->figures.calls, y = (*right)->figures.calls;
    return x != y ? (x < y) - (x > y) : compare_names(a, b);
}

void groups_sort(struct groups *groups)
{
    if (groups->count)
        qsort(groups->all, groups->count, sizeof(*groups->all),
              groups->by == BY_DAY ? compare_names : compare_calls);
}

void groups_label(struct groups *groups, const uint8_t id[TENANT_ID_SIZE],
                  const char *label)
{
    char name[GROUP_NAME_SIZE] = {0};
    struct group_slot *slot;
    hex_encode(id, TENANT_ID_SIZE, name);
    HASH_FIND(hh, groups->slots, name, GROUP_NAME_SIZE, slot);
    if (slot)
        span_copy_text(span_text(label), slot->group.label, sizeof(slot->group.label));
}

void groups_free(struct groups *groups)
{
    HASH_CLEAR(hh, groups->slots);
    for (size_t i = 0; i < groups->count; i++)
        free(groups->all[i]);
    free(groups->all);
    *groups = (struct groups){0};
}
