/* SPDX-License-Identifier: MIT */
/* See journal_wait.h. */
#include "journal_wait.h"

int journal_wait_ms(bool soon, int before_ms)
{
    int longer = 2 * before_ms;
    if (soon || before_ms == 0)
        return JOURNAL_WAIT_LEAST_MS;
    return longer < JOURNAL_WAIT_MOST_MS ? longer : JOURNAL_WAIT_MOST_MS;
}
