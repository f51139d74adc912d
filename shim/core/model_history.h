/* SPDX-License-Identifier: MIT */
/* Which models have answered under one model's name, and since when: what `on_model_change =
 * retire` judges entries by. A provider that spreads requests over several configurations shows
 * several fingerprints by turns; only one that was never seen before is a change.
 *
 * Pure functions of bytes; any thread. */
#ifndef CORE_MODEL_HISTORY_H
#define CORE_MODEL_HISTORY_H

#include "store/bytes.h"

/* Appends |history| (what was last recorded; may be empty or garbage) to |out| with
 * |fingerprint| added, seen at |now_ms|. False, and nothing is appended, when it is known
 * already. At most MODEL_HISTORY_LIMIT are kept, the newest ones. */
#define MODEL_HISTORY_LIMIT 32
MUST_USE bool model_history_add(struct span history, struct span fingerprint,
                                int64_t now_ms, struct buffer *out);

/* True when another fingerprint than |fingerprint| was first seen after |created_ms|. */
MUST_USE bool model_history_changed(struct span history, struct span fingerprint,
                                    int64_t created_ms);

#endif
