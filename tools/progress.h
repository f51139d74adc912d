/* SPDX-License-Identifier: MIT */
/* A progress bar on stderr for long work. It appears after half a second, when stderr is a
 * terminal that can move its cursor and we are in its foreground; it is drawn at most 10 times a
 * second and wiped at the end. Messages of print_error() do not tear it.
 *
 *     struct progress progress;
 *     progress_begin(&progress, "merging", GAUGE_COUNT, quiet);
 *     ... progress_tell(&progress, done, total); ...
 *     progress_end(&progress);
 *
 * One at a time; one thread. */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include "gauge.h"
#include "store/watch.h"

#include <stdbool.h>

struct progress {
    struct gauge gauge;
    bool wanted;
    int64_t began_ns;
    int64_t due_ns; /* not drawn before */
};

/* |what| must live on. |quiet|: nothing is ever shown. */
void progress_begin(struct progress *progress, const char *what, enum gauge_unit unit,
                    bool quiet);
/* |progress| is a struct progress: it fits struct watch, see progress_watch(). */
void progress_tell(void *progress, uint64_t done, uint64_t total);
struct watch progress_watch(struct progress *progress);
/* Wipes it. Harmless when it has ended. */
void progress_end(struct progress *progress);

/* Wipes whatever bar is shown, until the next progress_tell(): before other text goes to the
 * terminal. */
void progress_hide(void);

/* True when the bar should be drawn at |now_ns| (CLOCK_MONOTONIC); then it counts as drawn. */
bool progress_is_due(struct progress *progress, int64_t now_ns);

#endif
