/* SPDX-License-Identifier: MIT */
/* Records one by one, see records.h. */
#include "records.h"

#include "layout.h"
#include "ledger.h"
#include "segment.h"

static bool is_in_ledger(void *context, const struct segment_header *header)
{
    return ledger_has(context, header->identity);
}

int store_each_record(struct store *store, journal_visit visit, void *context,
                      struct journal_state *state)
{
    struct ledger ledger;
    struct journal_state own = {0};
    int result = ledger_load(&ledger, store->layout.data);
    if (result == STORE_OK)
        result = segments_each(store->layout.journal, is_in_ledger, &ledger, visit,
                               context, state ? state : &own);
    ledger_free(&ledger);
    return result;
}
