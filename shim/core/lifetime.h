/* SPDX-License-Identifier: MIT */
/* How long an entry may be served: the shortest of what its recorder granted and what the rules
 * say now. Pure functions; any thread. Times: seconds, |now_ms| milliseconds since 1970. */
#ifndef CORE_LIFETIME_H
#define CORE_LIFETIME_H

#include "policy.h"
#include "store/label.h"

/* What |policy| grants an answer with this |status| to a prompt that is |sensitive| or not. */
uint64_t lifetime_granted(const struct policy *policy, unsigned status, bool sensitive);
/* How old an entry is, and how long ago it has expired: 0 when it has not. */
uint64_t lifetime_age(const struct entry_label *label, int64_t now_ms);
uint64_t lifetime_expired(const struct policy *policy, const struct entry_label *label,
                          int64_t now_ms);
/* True when it is too old to be a hit; and to be served at all. */
bool lifetime_is_over(const struct policy *policy, const struct entry_label *label,
                      int64_t now_ms);
bool lifetime_is_out(const struct policy *policy, const struct entry_label *label,
                     int64_t now_ms);

#endif
