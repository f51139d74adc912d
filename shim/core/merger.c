/* SPDX-License-Identifier: MIT */
/* Finds the `preecho` command that belongs to this core and starts it as the merger. */
#include "merger.h"

#include "log.h"
#include "spawn.h"
#include "store/memory.h"

#include <dlfcn.h>
#include <unistd.h>

/* The directory of the file that this code lies in, with its last '/'; empty when
 * unknown. */
static struct span own_directory(void)
{
    static const char anchor;
    Dl_info info;
    if (dladdr(&anchor, &info) == 0 || !info.dli_fname || info.dli_fname[0] != '/')
        return span_text("");
    struct span path = span_text(info.dli_fname);
    while (path.size && path.at[path.size - 1] != '/')
        path.size--;
    return path;
}

/* True when |directory| and |name| make an executable; their path is in |path|. */
static bool is_program(struct span directory, const char *name, struct buffer *path)
{
    buffer_clear(path);
    buffer_append_span(path, directory);
    buffer_append_text(path, name);
    buffer_append_byte(path, 0);
    return buffer_ok(path) && access((const char *)path->at, X_OK) == 0;
}

static bool find_program(struct buffer *path)
{
    static const char installed[] = "lib/preecho/";
    struct span directory = own_directory();
    if (directory.size == 0)
        return false;
    if (is_program(directory, "preecho", path))
        return true;
    if (!span_ends(directory, "/lib/preecho/"))
        return false;
    directory.size -= strlen(installed);
    return is_program(directory, "bin/preecho", path);
}

static void append_variable(struct buffer *out, const char *name, struct span value)
{
    buffer_append_text(out, name);
    buffer_append_byte(out, '=');
    buffer_append_span(out, value);
    buffer_append_byte(out, 0);
}

/* The host may have changed its environment, and certainly has LD_PRELOAD in it: the
 * merger gets what it needs and nothing else. */
static int start(const struct config *config, const char *program)
{
    struct buffer store = {0}, directory = {0};
    struct span above = span_text(config->directory);
    if (span_ends(above, "/preecho"))
        above.size -= strlen("/preecho");
    append_variable(&store, "PREECHO_STORE", span_text(config->store));
    append_variable(&directory, "XDG_CONFIG_HOME", above);
    int result = -1;
    if (buffer_ok(&store) && buffer_ok(&directory)) {
        const char *const argv[] = {program, "merge", NULL};
        const char *const environment[] = {
            "PATH=/usr/bin:/bin",       "HOME=/", "LC_ALL=C", (const char *)store.at,
            (const char *)directory.at, NULL};
        result = spawn_detached(argv, environment, -1);
    }
    buffer_free(&store);
    buffer_free(&directory);
    return result;
}

void merger_start(const struct config *config)
{
    struct buffer program = {0};
    if (!find_program(&program))
        log_line(LOG_INFO, "merger: no preecho command beside the core");
    else if (start(config, (const char *)program.at) != 0)
        log_line(LOG_INFO, "merger: %s could not be started", (const char *)program.at);
    else
        log_line(LOG_DEBUG, "merger: started");
    buffer_free(&program);
}
