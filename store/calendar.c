/* SPDX-License-Identifier: MIT */
/* Months, see calendar.h. */
#include "calendar.h"

#include <time.h>

uint32_t calendar_month(uint32_t day)
{
    time_t time = (time_t)day * 86400;
    struct tm fields;
    if (!gmtime_r(&time, &fields))
        return day;
    return day - (uint32_t)(fields.tm_mday - 1);
}

uint32_t calendar_next_month(uint32_t day)
{
    return calendar_month(calendar_month(day) + 31);
}
