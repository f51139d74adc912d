/* SPDX-License-Identifier: MIT */
/* The commands of `preecho`: one function each, in the file of the same name. */
#ifndef TOOLS_COMMAND_H
#define TOOLS_COMMAND_H

#include "store/bytes.h"

/* Runs one command. |arguments|[0] is "preecho NAME", as messages begin; getopt_long(3)
 * may permute the rest. Returns the exit status, a code of sysexits.h. */
typedef int command_function(int count, char **arguments);

struct command {
    const char *name;
    command_function *function;
    const char *arguments; /* as in a synopsis */
    const char *summary;   /* one line, lower case, no full stop */
    const char *options;   /* one line each, indented; "" for none */
};

/* In the order of commands.def; the last one's name is NULL. */
extern const struct command command_table[];

/* The command of that |name|, or NULL. */
const struct command *command_find(const char *name);

/* Ends a command whose arguments make no sense: names the help and returns EX_USAGE. */
int command_usage(char **arguments);
/* Reads |text|, what follows |option|, as a number. False after a message when it is none. */
MUST_USE bool command_number(const char *option, const char *text, size_t *out);

#define COMMAND(name, arguments, summary, options) command_function command_##name;
#include "commands.def"
#undef COMMAND

#endif
