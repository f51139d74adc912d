/* SPDX-License-Identifier: MIT */
/* From a cassette's entry to one of the store. One thread. */
#ifndef TOOLS_IMPORT_ENTRY_H
#define TOOLS_IMPORT_ENTRY_H

#include "cassette.h"
#include "credential.h"
#include "shim/core/config.h"
#include "store/store.h"

/* False when the entry is none that a program could have recorded; |problem| says why. Fills in
 * the label, and |call|, to be freed either way. */
MUST_USE bool import_check(struct cassette_entry *entry, const struct config *config,
                           struct call *call, char problem[CASSETTE_PROBLEM_SIZE]);
/* Seals a checked entry for the identity that a program with |config| and |credential| has, under
 * the keys that it would ask for. A store_result; STORE_MISS: the rules forbid to keep it. */
MUST_USE int import_store(const struct cassette_entry *entry, struct call *call,
                          const struct config *config, struct credential *credential,
                          struct store *store);

#endif
