/* SPDX-License-Identifier: MIT */
/* `preecho version`. */
#include "version.h"

#include "command.h"

#include <stdio.h>

int command_version(int count, char **arguments)
{
    if (count > 1)
        return command_usage(arguments);
    puts("preecho " PREECHO_VERSION);
    return 0;
}
