/* SPDX-License-Identifier: MIT */
/* See origin.h. */
#include "origin.h"

#include "print.h"

char *origin_of(const struct config *config, const struct assignment *assignment)
{
    if (!assignment)
        return print_memory("default");
    if (assignment->layer == CONFIG_ENVIRONMENT)
        return print_memory("%s",
                            setting_at((enum setting_id)assignment->setting)->variable);
    const char *path = config->files[assignment->layer].path;
    struct span section = config_section(config, assignment->section);
    if (section.size == 0)
        return print_memory("%s:%u", path, assignment->line);
    return print_memory("%s:%u [match \"%.*s\"]", path, assignment->line,
                        (int)section.size, (const char *)section.at);
}

const char *origin_file_text(const struct config_file *file)
{
    static const char *const texts[] = {
        [CONFIG_FILE_ABSENT] = "not there",
        [CONFIG_FILE_READ] = "read",
        [CONFIG_FILE_UNTRUSTED] = "ignored: not trusted, or changed since; see 'preecho "
                                  "trust'",
        [CONFIG_FILE_UNSAFE] = "ignored: not this user's, or others can write to it",
    };
    return texts[file->state];
}
