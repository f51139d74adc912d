/* SPDX-License-Identifier: MIT */
/* Figures apart by model, host, program, tenant, tag, day or test. One thread. Ends the command
 * when memory is short. */
#ifndef TOOLS_GROUPS_H
#define TOOLS_GROUPS_H

#include "figures.h"

enum group_by {
    BY_NOTHING,
    BY_MODEL,
    BY_HOST,
    BY_PROGRAM,
    BY_TENANT,
    BY_TAG,
    BY_DAY,
    BY_TEST
};

#define GROUP_NAME_SIZE SUMS_TAG_SIZE

struct group {
    char name[GROUP_NAME_SIZE]; /* tenants: 32 hexadecimal digits; unknown: empty */
    char label[96];             /* of a tenant, if it has one and an entry tells */
    struct figures figures;
};

struct groups {
    enum group_by by;
    struct group **all;
    size_t count;
    struct group_slot *slots; /* private */
};

/* BY_NOTHING when |word| is no way of grouping; else as in `--by WORD`. */
enum group_by group_by_word(const char *word);
const char *group_by_name(enum group_by by);
/* True when it takes the rows with tags. */
bool group_by_tags(enum group_by by);

/* |groups| starts as {.by = ...}. Rows that do not belong into a group are left out. */
void groups_add(struct groups *groups, const struct sums_row *row,
                const struct quote *quote);
/* Days by their date, others with most calls first. */
void groups_sort(struct groups *groups);
/* Puts |label| to the group of tenant |id|. */
void groups_label(struct groups *groups, const uint8_t id[TENANT_ID_SIZE],
                  const char *label);
void groups_free(struct groups *groups);

#endif
