/* SPDX-License-Identifier: MIT */
/* `preecho env`: what `eval "$(preecho env)"` turns on in a POSIX shell, and `--off` off
 * again. */
#include "command.h"
#include "place.h"
#include "print.h"
#include "settings.h"

#include <getopt.h>
#include <stdlib.h>
#include <sysexits.h>

/* |text| as one word of a POSIX shell. */
static void print_quoted(const char *text)
{
    putchar('\'');
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*text);
    }
    putchar('\'');
}

static void print_assignment(const char *value)
{
    if (!value[0]) {
        puts("unset LD_PRELOAD");
        return;
    }
    fputs("export LD_PRELOAD=", stdout);
    print_quoted(value);
    putchar('\n');
}

static int print_off(void)
{
    char *stub = place_library(PLACE_STUB);
    char *rest = place_without(getenv("LD_PRELOAD"), stub ? stub : "");
    print_assignment(rest);
    free(stub);
    free(rest);
    return 0;
}

int command_env(int count, char **arguments)
{
    static const struct option options[] = {{"off", no_argument, NULL, 'o'}, {0}};
    bool off = false;
    int option;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        if (option != 'o')
            return command_usage(arguments);
        off = true;
    }
    if (optind != count)
        return command_usage(arguments);
    if (off)
        return print_off();
    char *value = NULL;
    int status = settings_preload(&value);
    if (status == 0)
        print_assignment(value);
    free(value);
    return status;
}
