/* SPDX-License-Identifier: MIT */
/* Waiting for what others write into the journal. They store into mapped files, of which no kernel
 * event tells (inotify(7) does not), so the reader looks again and again: soon while there are
 * calls, four times a second when there are none. */
#ifndef TOOLS_JOURNAL_WAIT_H
#define TOOLS_JOURNAL_WAIT_H

#include <stdbool.h>

#define JOURNAL_WAIT_LEAST_MS 20
#define JOURNAL_WAIT_MOST_MS  250

/* How long to wait before the next look, when the wait before took |before_ms| (0 = none).
 * |soon|: something has come, or is coming. */
int journal_wait_ms(bool soon, int before_ms);

#endif
