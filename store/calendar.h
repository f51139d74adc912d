/* SPDX-License-Identifier: MIT */
/* Months, in days since 1970 (UTC). Pure functions; any thread. */
#ifndef STORE_CALENDAR_H
#define STORE_CALENDAR_H

#include <stdint.h>

/* The first day of the month that |day| is in. */
uint32_t calendar_month(uint32_t day);
/* The first day of the month after it. */
uint32_t calendar_next_month(uint32_t day);

#endif
