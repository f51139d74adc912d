/* SPDX-License-Identifier: MIT */
/* Dates as HTTP fields have them (RFC 9110, 5.6.7). Pure; any thread. */
#ifndef CORE_EDGE_DATE_H
#define CORE_EDGE_DATE_H

#include "store/bytes.h"

/* Seconds since 1970 of |text| in one of the three forms; names compare without case, and no zone
 * but GMT and UTC counts (RFC 9111, 4.2). |now_s| settles which century a year of two digits is in.
 * False, and no change, when it is none. */
MUST_USE bool edge_date_parse(struct span text, int64_t now_s, int64_t *seconds);

/* With the zero at its end. */
#define EDGE_DATE_SIZE 30
/* Writes them in the form that is preferred, whatever the host's language. Empty for a time that no
 * year of four digits holds. */
void edge_date_format(int64_t seconds, char out[EDGE_DATE_SIZE]);

#endif
