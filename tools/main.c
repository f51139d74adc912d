/* SPDX-License-Identifier: MIT */
/* `preecho`: finds the command by its name and runs it. */
#include "await.h"
#include "command.h"
#include "embed.h"
#include "follow.h"

#include "pace.h"
#include "print.h"
#include "refresh.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* A descriptor of 0, 1, 2 that the caller closed must not become a store file's: a
 * message would be written into it. Opened the wrong way round, so that using it still
 * fails, and close-on-exec, so that `run` hands on exactly what it was given. */
static void occupy_standard_descriptors(void)
{
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        if (fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF)
            continue;
        int mode = descriptor == 0 ? O_WRONLY : O_RDONLY;
        if (open("/dev/null", mode | O_CLOEXEC) != descriptor)
            return;
    }
}

static int unknown_command(const char *name)
{
    if (name[0] == '-')
        print_error("unknown option %s", name);
    else
        print_error("unknown command %s (to run a program: preecho run -- %s)", name,
                    name);
    fputs("Try 'preecho help'.\n", stderr);
    return EX_USAGE;
}

static const char *command_name(const char *word)
{
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return "help";
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
        return "version";
    return word;
}

/* What only the core starts, as its helpers. */
static const struct {
    const char *name;
    int (*function)(int count, char **arguments);
} helpers[] = {
    {"await", await_run}, {"embed", embed_run},     {"follow", follow_run},
    {"pace", pace_run},   {"refresh", refresh_run},
};

static int dispatch(int count, char **arguments)
{
    for (size_t i = 0; i < sizeof(helpers) / sizeof(*helpers); i++)
        if (strcmp(arguments[1], helpers[i].name) == 0)
            return helpers[i].function(count - 1, arguments + 1);
    const struct command *command = command_find(command_name(arguments[1]));
    if (!command)
        return unknown_command(arguments[1]);
    static char name[32];
    snprintf(name, sizeof(name), "preecho %s", command->name);
    arguments[1] = name;
    if (count == 3 && strcmp(arguments[2], "--help") == 0) {
        char *help[] = {arguments[0], (char *)command->name, NULL};
        return command_help(2, help);
    }
    return command->function(count - 1, arguments + 1);
}

int main(int count, char **arguments)
{
    occupy_standard_descriptors();
    if (count < 2) {
        print_help_short(stderr);
        return EX_USAGE;
    }
    int status = dispatch(count, arguments);
    int written = print_finish();
    return status ? status : written;
}
