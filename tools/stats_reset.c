/* SPDX-License-Identifier: MIT */
/* `preecho stats --reset`, which asks first. */
#include "stats.h"

#include "print.h"
#include "settings.h"

#include <stdlib.h>
#include <strings.h>
#include <sysexits.h>
#include <unistd.h>

/* True when somebody at a terminal says so. */
static bool is_wanted(void)
{
    char answer[16] = "";
    fputs("Forget all figures? Entries stay, the journal goes. [y/N] ", stderr);
    fflush(stderr);
    if (!fgets(answer, sizeof(answer), stdin))
        return false;
    answer[strcspn(answer, "\n")] = '\0';
    return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}

int stats_reset(struct store *store, bool sure)
{
    if (!sure && !isatty(STDIN_FILENO)) {
        print_error("--reset forgets all figures; say --yes if that is what you want");
        return EX_USAGE;
    }
    if (!sure && !is_wanted()) {
        print_error("nothing was forgotten");
        return EXIT_FAILURE;
    }
    return settings_status(store_reset_figures(store),
                           "the figures could not be forgotten");
}
