/* SPDX-License-Identifier: MIT */
/* `preecho help`: everything it says comes from commands.def. */
#include "command.h"
#include "print.h"

#include <ctype.h>
#include <string.h>
#include <sysexits.h>

void print_help_short(FILE *file)
{
    fputs("Usage: preecho COMMAND [ARG...]\n\n"
          "Answers the repeated LLM API calls of unmodified programs from a local "
          "store.\n\n",
          file);
    for (const struct command *command = command_table; command->name; command++)
        fprintf(file, "  %-8s  %s\n", command->name, command->summary);
    fputs("\nStart with:  preecho run -- PROGRAM [ARG...]\n"
          "Explained:   preecho help COMMAND, man preecho\n",
          file);
}

static int help_command(const char *name)
{
    const struct command *command = command_find(name);
    if (!command) {
        print_error("there is no command %s", name);
        fputs("Try 'preecho help'.\n", stderr);
        return EX_USAGE;
    }
    printf("Usage: preecho %s%s%s\n\n%s.\n", command->name,
           command->arguments[0] ? " " : "", command->arguments, command->summary);
    if (command->options[0])
        printf("\nOptions:\n%s", command->options);
    printf("\nMore: man preecho-%s\n", command->name);
    return 0;
}

/* The words that a completion may offer after |name|: what each line of options starts
 * with. */
static int help_words(const char *name)
{
    if (!name) {
        for (const struct command *command = command_table; command->name; command++)
            puts(command->name);
        return 0;
    }
    const struct command *command = command_find(name);
    const char *last = "";
    for (const char *at = command ? command->options : ""; (at = strstr(at, "  --"));) {
        at += 2;
        size_t length = strcspn(at, " \n");
        if (strncmp(at, last, length + 1) != 0)
            printf("%.*s\n", (int)length, at);
        last = at;
    }
    return command ? 0 : EX_USAGE;
}

int command_help(int count, char **arguments)
{
    if (count > 1 && strcmp(arguments[1], "--words") == 0 && count <= 3)
        return help_words(arguments[2]);
    if (count > 2)
        return command_usage(arguments);
    if (count == 2)
        return help_command(arguments[1]);
    print_help_short(stdout);
    return 0;
}
