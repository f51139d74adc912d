/* SPDX-License-Identifier: MIT */
/* Dates as HTTP fields have them (RFC 9110, 5.6.7). Pure; any thread. */
#ifndef CORE_EDGE_DATE_H
#define CORE_EDGE_DATE_H

#include "store/bytes.h"

/* Seconds since 1970 of |text| in one of the three forms; names compare without case, and no zone
 * but GMT and UTC counts (RFC 9111, 4.2). |now_s| settles which century a year of two digits is in.
 * False, and no change, when it is none. */
MUST_USE bool edge_date_parse(struct span text, int64_t now_s, int64_t *seconds);

#endif
