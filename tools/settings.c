/* SPDX-License-Identifier: MIT */
/* See settings.h. */
#include "settings.h"

#include "place.h"
#include "print.h"

#include <stdlib.h>
#include <sysexits.h>

static const char *get(const char *name)
{
    return getenv(name);
}

int settings_read(struct config *config)
{
    if (config_read(config, get) == 0)
        return 0;
    print_error("memory is short");
    return EX_OSERR;
}

int settings_check(struct config *config, const char *file, config_report *report,
                   void *context)
{
    if (config_check(config, get, file, report, context) == 0)
        return 0;
    print_error("memory is short");
    return EX_OSERR;
}

char *settings_problem(void)
{
    struct config config;
    if (settings_read(&config) != 0)
        return NULL;
    char *problem = config.problem[0] ? print_memory("%s", config.problem) : NULL;
    config_free(&config);
    return problem;
}

int settings_preload(char **out)
{
    *out = NULL;
    char *stub = place_library(PLACE_STUB);
    if (!stub) {
        print_error(
            "%s lies neither beside this command nor in ../lib/preecho; run 'make' "
            "or 'make install' again",
            PLACE_STUB);
        return EX_UNAVAILABLE;
    }
    *out = place_preload(getenv("LD_PRELOAD"), stub);
    if (!*out)
        print_error(
            "the loader cannot preload %s: its path holds a blank or a colon; move "
            "preecho to another directory",
            stub);
    free(stub);
    return *out ? 0 : EX_CONFIG;
}

int settings_status(int result, const char *what)
{
    static const struct {
        int result, status;
        const char *advice;
    } codes[] = {
        {STORE_MISS, EX_DATAERR, "see 'preecho doctor'"},
        {STORE_UNAVAILABLE, EX_UNAVAILABLE, "see 'preecho doctor'"},
        {STORE_REFUSED, EX_NOPERM,
         "make the directory yours and closed to others (chmod 700), see 'preecho "
         "doctor'"},
        {STORE_NO_MEMORY, EX_OSERR, "free some and try again"},
        {STORE_FULL, EX_CANTCREAT, "make room on the disk, or see 'preecho help purge'"},
        {STORE_CORRUPT, EX_DATAERR, "see 'preecho doctor'"},
        {STORE_AMBIGUOUS, EX_DATAERR, "give more of its digits"},
        {STORE_BUSY, EX_TEMPFAIL, "try again"},
    };
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
        if (codes[i].result == result) {
            print_error("%s: %s; %s", what, store_result_text(result), codes[i].advice);
            return codes[i].status;
        }
    }
    return result == STORE_OK ? 0 : EX_SOFTWARE;
}

int settings_paths(struct config *config)
{
    int status = settings_read(config);
    if (status != 0 || !config->problem[0])
        return status;
    print_error("%s; correct that, see 'preecho config --check'", config->problem);
    config_free(config);
    return EX_CONFIG;
}

int settings_open(struct store **out)
{
    *out = NULL;
    struct config config;
    int status = settings_paths(&config);
    if (status != 0)
        return status;
    struct store_paths paths = {config.store, config.directory};
    char *what = print_memory("the store %s cannot be opened", config.store);
    status = settings_status(store_open(out, &paths), what);
    free(what);
    config_free(&config);
    return status;
}

/* What is wrong with the user's table of prices. */
static void prices_told(const char *path, int result, unsigned line)
{
    if (line)
        print_error("%s, line %u: expected %s; the file does not count until it is "
                    "corrected",
                    path, line, PRICES_FORM);
    else if (result == STORE_CORRUPT)
        print_error("%s is larger than 1 MiB and does not count", path);
    else if (result == STORE_REFUSED)
        print_error("%s does not count: make it yours and closed to others (chmod 600)",
                    path);
    else
        print_error("%s cannot be read and does not count", path);
}

int settings_prices(struct prices **out)
{
    struct config config;
    unsigned line;
    *out = NULL;
    int status = settings_paths(&config);
    if (status != 0)
        return status;
    char *path = print_memory("%s/%s", config.directory, PRICES_FILE);
    int result = prices_load(path, out, &line);
    if (result != STORE_OK && result != STORE_NO_MEMORY) {
        prices_told(path, result, line);
        result = prices_load(NULL, out, &line);
    }
    free(path);
    config_free(&config);
    return settings_status(result, "the prices could not be read");
}
