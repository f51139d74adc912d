/* SPDX-License-Identifier: MIT */
/* Starts the `preecho` command as the merger. */
#include "merger.h"

#include "helper.h"
#include "log.h"
#include "spawn.h"

static void append_variable(struct buffer *out, const char *name, struct span value)
{
    buffer_append_text(out, name);
    buffer_append_byte(out, '=');
    buffer_append_span(out, value);
    buffer_append_byte(out, 0);
}

/* An empty value is none. */
static void append_size(struct buffer *out, const char *name, uint64_t bytes)
{
    struct buffer digits = {0};
    if (bytes)
        buffer_append_decimal(&digits, bytes);
    append_variable(out, name, buffer_span(&digits));
    out->failed = out->failed || digits.failed;
    buffer_free(&digits);
}

/* The host may have changed its environment, and certainly has LD_PRELOAD in it: the
 * merger gets what it needs and nothing else. */
static int start(const struct config *config, const char *program)
{
    struct buffer store = {0}, directory = {0}, limits = {0};
    struct span above = span_text(config->directory);
    if (span_ends(above, "/preecho"))
        above.size -= strlen("/preecho");
    append_variable(&store, "PREECHO_STORE", span_text(config->store));
    append_variable(&directory, "XDG_CONFIG_HOME", above);
    append_size(&limits, "PREECHO_MAX_SIZE", config->policy.max_size);
    size_t quota = limits.size;
    append_size(&limits, "PREECHO_QUOTA", config->policy.quota);
    int result = -1;
    if (buffer_ok(&store) && buffer_ok(&directory) && buffer_ok(&limits)) {
        const char *const argv[] = {program, "merge", "--quiet", NULL};
        const char *const environment[] = {"PATH=/usr/bin:/bin",
                                           "HOME=/",
                                           "LC_ALL=C",
                                           (const char *)store.at,
                                           (const char *)directory.at,
                                           (const char *)limits.at,
                                           (const char *)limits.at + quota,
                                           NULL};
        result = spawn_detached(argv, environment, NULL, 0);
    }
    buffer_free(&store);
    buffer_free(&directory);
    buffer_free(&limits);
    return result;
}

void merger_start(const struct config *config)
{
    struct buffer program = {0};
    if (!helper_program(&program))
        log_line(LOG_INFO, "merger: no preecho command beside the core");
    else if (start(config, (const char *)program.at) != 0)
        log_line(LOG_INFO, "merger: %s could not be started", (const char *)program.at);
    else
        log_line(LOG_DEBUG, "merger: started");
    buffer_free(&program);
}
