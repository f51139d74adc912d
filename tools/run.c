/* SPDX-License-Identifier: MIT */
/* `preecho run`: becomes the program, with the stub at the end of LD_PRELOAD. Signals,
 * terminal and exit status are the program's own, since no process stands between; for a
 * summary one has to, which passes them on. */
#include "child.h"
#include "command.h"
#include "place.h"
#include "print.h"
#include "reach.h"
#include "settings.h"
#include "summary.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

/* What the standard gives to utilities that run others (POSIX, env): the caller of a
 * wrapper can tell a missing program as it could without. */
#define STATUS_NOT_RUNNABLE 126
#define STATUS_NOT_FOUND    127

static int fail_to_run(const char *program)
{
    int status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUNNABLE;
    print_error("%s: %s", program, strerror(errno));
    return status;
}

/* One line when it is certain that preloading changes nothing. */
static void warn(const char *path)
{
    char *problem = settings_problem();
    if (problem) {
        print_error("switched off: %s", problem);
        free(problem);
        return;
    }
    struct reach reach;
    if (reach_judge(path, &reach) == 0 && reach.verdict == REACH_NO)
        print_error("%s cannot be reached: %s", path, reach.reason);
    reach_free(&reach);
}

/* Puts the stub into the environment. When that fails the program runs all the same:
 * preecho must never be the reason why something did not run. */
static void preload(void)
{
    char *value = NULL;
    if (settings_preload(&value) == 0 && setenv("LD_PRELOAD", value, 1) != 0)
        print_error("memory is short");
    free(value);
}

/* Runs the program, and says afterwards what it has saved. */
static int run_and_sum_up(char **program)
{
    struct summary summary = {0};
    pid_t child;
    if (!summary_begin(&summary)) {
        execvp(program[0], program);
        return fail_to_run(program[0]);
    }
    errno = child_start(program, &child);
    if (errno)
        return fail_to_run(program[0]);
    int status = child_wait(child);
    summary_print(&summary);
    return child_end(status);
}

int command_run(int count, char **arguments)
{
    static const struct option options[] = {
        {"quiet", no_argument, NULL, 'q'}, {"summary", no_argument, NULL, 's'}, {0}};
    bool quiet = false, summary = false;
    int option;
    while ((option = getopt_long(count, arguments, "+q", options, NULL)) != -1) {
        if (option != 'q' && option != 's')
            return command_usage(arguments);
        quiet |= option == 'q';
        summary |= option == 's';
    }
    if (optind == count) {
        print_error("run needs a program");
        return command_usage(arguments);
    }
    char **program = arguments + optind;
    char *path = reach_find(program[0]);
    if (!path)
        return fail_to_run(program[0]);
    if (!quiet)
        warn(path);
    free(path);
    preload();
    if (summary)
        return run_and_sum_up(program);
    execvp(program[0], program);
    return fail_to_run(program[0]);
}
