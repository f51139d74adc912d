/* SPDX-License-Identifier: MIT */
/* The table of commands, see command.h. */
#include "command.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

const struct command command_table[] = {
#define COMMAND(name, arguments, summary, options)                                       \
    {#name, command_##name, arguments, summary, options},
#include "commands.def"
#undef COMMAND
    {NULL, NULL, NULL, NULL, NULL}};

const struct command *command_find(const char *name)
{
    for (const struct command *command = command_table; command->name; command++) {
        if (strcmp(command->name, name) == 0)
            return command;
    }
    return NULL;
}

int command_usage(char **arguments)
{
    const char *space = strchr(arguments[0], ' ');
    fprintf(stderr, "Try 'preecho help%s'.\n", space ? space : "");
    return EX_USAGE;
}
