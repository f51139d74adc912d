/* SPDX-License-Identifier: MIT */
/* See progress.h. */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define FIRST_NS ((int64_t)500 * 1000 * 1000)
#define NEXT_NS  ((int64_t)100 * 1000 * 1000)

/* The terminal shows a bar in its last line. */
static bool shown;

static int64_t now_ns(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool can_draw(void)
{
    const char *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && terminal && *terminal &&
           strcmp(terminal, "dumb") != 0;
}

/* Without a controlling terminal there is no background. */
static bool in_foreground(void)
{
    pid_t group = tcgetpgrp(STDERR_FILENO);
    return group < 0 || group == getpgrp();
}

/* One column less than there are: some terminals go to the next line with the last one. */
static unsigned columns(void)
{
    struct winsize size = {0};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 79;
    return size.ws_col - 1u;
}

static void draw(const struct gauge *gauge)
{
    char line[GAUGE_SIZE];
    fprintf(stderr, "\r%s\033[K", gauge_draw(gauge, columns(), line));
    fflush(stderr);
    shown = true;
}

void progress_begin(struct progress *progress, const char *what, enum gauge_unit unit,
                    bool quiet)
{
    *progress = (struct progress){.gauge = {.what = what, .unit = unit},
                                  .wanted = !quiet && can_draw(),
                                  .began_ns = now_ns()};
    progress->due_ns = progress->began_ns + FIRST_NS;
}

bool progress_is_due(struct progress *progress, int64_t now)
{
    if (!progress->wanted || now < progress->due_ns)
        return false;
    progress->due_ns = now + NEXT_NS;
    progress->gauge.seconds = (double)(now - progress->began_ns) / 1e9;
    return true;
}

void progress_tell(void *context, uint64_t done, uint64_t total)
{
    struct progress *progress = context;
    if (!progress->wanted)
        return;
    progress->gauge.done = done;
    progress->gauge.total = total;
    if (progress_is_due(progress, now_ns()) && in_foreground())
        draw(&progress->gauge);
}

struct watch progress_watch(struct progress *progress)
{
    return (struct watch){progress_tell, progress};
}

void progress_hide(void)
{
    if (shown)
        fputs("\r\033[K", stderr);
    shown = false;
}

void progress_end(struct progress *progress)
{
    progress->wanted = false;
    progress_hide();
}
