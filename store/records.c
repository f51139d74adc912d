/* SPDX-License-Identifier: MIT */
/* Records one by one, see records.h. */
#include "records.h"

#include "fold.h"
#include "layout.h"

int store_each_record(struct store *store, journal_visit visit, void *context,
                      struct journal_state *state)
{
    struct journal_state own = {0};
    return fold_each(store->layout.data, store->layout.journal, visit, context,
                     state ? state : &own, NULL);
}
