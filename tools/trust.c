/* SPDX-License-Identifier: MIT */
/* `preecho trust`: which projects' files may change settings. What is trusted is a content: after a
 * change the file is ignored until it was looked at again. */
#include "shim/core/trust.h"

#include "command.h"
#include "mapping.h"
#include "origin.h"
#include "print.h"
#include "settings.h"
#include "store/files.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

/* -- the file -------------------------------------------------------------------------- */

/* The path of |name| as preecho would find it: its directory's real path. NULL with errno. */
static char *find_file(const char *name)
{
    const char *slash = strrchr(name, '/');
    char *directory =
        slash ? print_memory("%.*s", (int)(slash - name + 1), name) : print_memory(".");
    char *real = realpath(directory, NULL);
    free(directory);
    if (!real)
        return NULL;
    char *path = print_memory("%s/%s", strcmp(real, "/") == 0 ? "" : real,
                              slash ? slash + 1 : name);
    free(real);
    return path;
}

/* The one that would apply here. 0, EX_NOINPUT, or EX_OSERR, after a message. */
static int find_applying(const struct config *config, char **out)
{
    const char *path = config->files[CONFIG_PROJECT].path;
    *out = NULL;
    if (!path) {
        print_error("there is no .preecho.conf here, nor above up to your home or the "
                    "repository's root");
        return EX_NOINPUT;
    }
    *out = print_memory("%s", path);
    return 0;
}

/* Could it be believed at all? 0, EX_NOINPUT, EX_NOPERM after a message. */
static int check_file(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        print_error("%s: %s", path, strerror(errno));
        return EX_NOINPUT;
    }
    if (status.st_uid != geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) ||
        strchr(path, '\n')) {
        print_error("%s: must be yours, and closed to others' writing (chmod go-w)",
                    path);
        return EX_NOPERM;
    }
    return 0;
}

static void print_problem(void *context, const char *problem)
{
    *(bool *)context = true;
    print_error("%s", problem);
}

/* What the file says, one setting a line; 0, EX_CONFIG, EX_OSERR. */
static int print_settings(const char *path)
{
    struct config config;
    bool problem = false;
    if (settings_check(&config, path, print_problem, &problem) != 0)
        return EX_OSERR;
    for (size_t i = 0; i < config_count(&config) && !problem; i++) {
        const struct assignment *assignment = config_at(&config, i);
        char *origin = origin_of(&config, assignment);
        printf("  %s: %s = ", origin,
               setting_at((enum setting_id)assignment->setting)->name);
        print_text(config_text(&config, assignment->text));
        putchar('\n');
        free(origin);
    }
    config_free(&config);
    return problem ? EX_CONFIG : 0;
}

/* -- the list -------------------------------------------------------------------------- */

static int read_list(const char *directory, struct buffer *list)
{
    struct path path;
    int result = STORE_UNAVAILABLE;
    if (path_join(&path, directory, TRUST_FILE))
        result = file_read(path.text, false, TRUST_LIMIT, list, NULL);
    if (result == STORE_MISS)
        result = STORE_OK;
    return settings_status(result, "the list of trusted files cannot be read");
}

static int write_list(const char *directory, const struct buffer *list)
{
    int result = buffer_ok(list) ? directory_check(directory, true) : STORE_NO_MEMORY;
    if (result == STORE_OK)
        result = file_replace(directory, TRUST_FILE, buffer_span(list));
    return settings_status(result, "the list of trusted files cannot be written");
}

static int add(const char *directory, const char *path, const struct buffer *list)
{
    struct buffer renewed = {0};
    struct span content = mapping_open(path);
    bool known = trust_covers(buffer_span(list), path, content);
    (void)trust_without(buffer_span(list), path, &renewed);
    trust_append(path, content, &renewed);
    mapping_close(content);
    int status = known ? 0 : write_list(directory, &renewed);
    if (status == 0)
        printf("%s %s\n", known ? "already trusted:" : "trusted:", path);
    buffer_free(&renewed);
    return status;
}

static int drop(const char *directory, const char *path, const struct buffer *list)
{
    struct buffer renewed = {0};
    bool known = trust_without(buffer_span(list), path, &renewed);
    int status = known ? write_list(directory, &renewed) : 0;
    if (status == 0)
        printf("%s %s\n", known ? "no longer trusted:" : "was not trusted:", path);
    buffer_free(&renewed);
    return status;
}

static int change(const char *directory, const char *path, bool removing)
{
    struct buffer list = {0};
    int status = read_list(directory, &list);
    if (status == 0 && removing)
        status = drop(directory, path, &list);
    else if (status == 0 && (status = check_file(path)) == 0 &&
             (status = print_settings(path)) == 0)
        status = add(directory, path, &list);
    buffer_free(&list);
    return status;
}

int command_trust(int count, char **arguments)
{
    static const struct option options[] = {{"remove", no_argument, NULL, 'r'}, {0}};
    struct config config;
    bool removing = false;
    char *path = NULL;
    int option, status;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        if (option != 'r')
            return command_usage(arguments);
        removing = true;
    }
    if (count - optind > 1)
        return command_usage(arguments);
    if ((status = settings_read(&config)) != 0)
        return status;
    if (optind == count)
        status = find_applying(&config, &path);
    else if (!(path = find_file(arguments[optind]))) {
        print_error("%s: %s", arguments[optind], strerror(errno));
        status = EX_NOINPUT;
    }
    if (status == 0)
        status = change(config.directory, path, removing);
    free(path);
    config_free(&config);
    return status;
}
