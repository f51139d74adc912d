/* SPDX-License-Identifier: MIT */
/* What each of the models that figures are about costs: the table of prices is looked through once
 * for each, however many rows and records name it. One thread. */
#ifndef TOOLS_TARIFF_H
#define TOOLS_TARIFF_H

#include "store/price.h"

#include <uthash.h>

struct tariff_key {
    char dialect[16];
    char model[96];
    char host[96];
};

struct tariff_line {
    struct tariff_key key; /* zeroes behind the texts */
    bool priced;
    struct price price; /* only if |priced| */
    UT_hash_handle hh;
};

/* Starts as all zeroes but for |prices|. */
struct tariff {
    const struct prices *prices;
    struct tariff_line *lines, *latest;
};

/* Never NULL; lives as long as |tariff|. */
const struct tariff_line *tariff_find(struct tariff *tariff, const char *dialect,
                                      const char *host, const char *model);
void tariff_free(struct tariff *tariff);

#endif
