/* SPDX-License-Identifier: MIT */
/* `preecho doctor`: is the set-up sound, and can a program be reached? */
#include "doctor.h"

#include "command.h"
#include "print.h"
#include "reach.h"
#include "settings.h"
#include "version.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sysexits.h>

static void line(const char *mark, const char *what, const char *format,
                 va_list arguments)
{
    printf("%-3s %-9s ", mark, what);
    vprintf(format, arguments);
    putchar('\n');
}

void doctor_good(const char *what, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    line("ok", what, format, arguments);
    va_end(arguments);
}

void doctor_note(const char *what, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    line("-", what, format, arguments);
    va_end(arguments);
}

void doctor_problem(struct doctor *doctor, int status, const char *what,
                    const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    line("!", what, format, arguments);
    va_end(arguments);
    if (doctor->status == 0)
        doctor->status = status;
}

static int examine_set_up(void)
{
    struct doctor doctor = {0};
    struct config config;
    int status = settings_read(&config);
    if (status != 0)
        return status;
    doctor_good("version", PREECHO_VERSION);
    doctor_parts(&doctor);
    doctor_settings(&doctor, &config);
    doctor_store(&doctor, &config);
    doctor_semantic(&doctor, &config);
    doctor_libraries();
    config_free(&config);
    return doctor.status;
}

/* Lines, each behind |mark|. */
static void print_lines(const char *mark, struct span lines)
{
    while (lines.size) {
        size_t length = span_find(lines, span_text("\n"));
        printf("    %s%.*s\n", mark, (int)length, (const char *)lines.at);
        lines = span_skip(lines, length + 1);
    }
}

static int examine_program(const char *name)
{
    static const char *const verdicts[] = {
        [REACH_YES] = "can be reached",
        [REACH_NO] = "cannot be reached",
        [REACH_UNKNOWN] = "not known",
    };
    char *path = reach_find(name);
    struct reach reach = {0};
    if (!path || reach_judge(path, &reach) != 0) {
        print_error("%s: %s", name, strerror(errno));
        free(path);
        reach_free(&reach);
        return EX_NOINPUT;
    }
    reach_look_further(&reach);
    printf("%s: %s: %s\n", path, verdicts[reach.verdict], reach.reason);
    print_lines("", buffer_span(&reach.facts));
    print_lines("out of reach: ", buffer_span(&reach.parts));
    if (reach_advice(&reach))
        printf("    %s\n", reach_advice(&reach));
    int status = reach.verdict == REACH_NO ? EX_UNAVAILABLE : 0;
    reach_free(&reach);
    free(path);
    return status;
}

int command_doctor(int count, char **arguments)
{
    static const struct option options[] = {
        {"scan", no_argument, NULL, 's'}, {"json", no_argument, NULL, 'j'}, {0}};
    bool scan = false, json = false;
    int option;
    while ((option = getopt_long(count, arguments, "+", options, NULL)) != -1) {
        if (option != 's' && option != 'j')
            return command_usage(arguments);
        scan |= option == 's';
        json |= option == 'j';
    }
    if (scan)
        return doctor_scan(arguments + optind, json);
    if (json || count - optind > 1)
        return command_usage(arguments);
    return optind < count ? examine_program(arguments[optind]) : examine_set_up();
}
