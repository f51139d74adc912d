/* SPDX-License-Identifier: MIT */
/* The table of commands, see command.h. */
#include "command.h"

#include "print.h"

#include <errno.h>
#include <stdlib.h>
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

bool command_number(const char *option, const char *text, size_t *out)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    *out = number;
    if (text[0] >= '0' && text[0] <= '9' && !*end && !errno)
        return true;
    print_error("%s takes a number, not \"%s\"", option, text);
    return false;
}
