/* SPDX-License-Identifier: MIT */
/* Doctor: the environment and the files. */
#include "doctor.h"

#include "origin.h"

#include <stdlib.h>
#include <sysexits.h>

extern char **environ;

static bool is_known(struct span name)
{
    for (unsigned i = 0; i < SETTING_COUNT; i++) {
        if (span_is(name, setting_at((enum setting_id)i)->variable))
            return true;
    }
    return span_is(name, "PREECHO_DEEPBIND");
}

/* A variable that looks like a setting and is none is a slip of the keyboard, more often
 * than not; preecho goes on without it. */
static void show_variable(const char *variable)
{
    struct span name = span_of(variable, strcspn(variable, "="));
    if (!span_starts(name, "PREECHO_"))
        return;
    if (is_known(name))
        doctor_good("setting", "%s", variable);
    else
        doctor_note("setting", "%.*s is none, and ignored (man preecho lists them)",
                    (int)name.size, (const char *)name.at);
}

static void show_files(const struct config *config)
{
    for (size_t i = 0; i < CONFIG_FILES; i++) {
        const struct config_file *file = &config->files[i];
        if (!file->path || file->state == CONFIG_FILE_ABSENT)
            continue;
        if (file->state == CONFIG_FILE_READ)
            doctor_good("settings", "%s: read", file->path);
        else
            doctor_note("settings", "%s: %s", file->path, origin_file_text(file));
    }
}

/* Where the mode that switches preecho off comes from. */
static void show_off(const struct config *config)
{
    char *origin =
        origin_of(config, config_winner(config, &config->policy, SETTING_MODE));
    doctor_note("settings", "switched off by %s", origin);
    free(origin);
}

void doctor_settings(struct doctor *doctor, const struct config *config)
{
    for (char **variable = environ; *variable; variable++)
        show_variable(*variable);
    show_files(config);
    if (config->problem[0])
        doctor_problem(doctor, EX_CONFIG, "settings",
                       "%s: preecho is switched off until this is corrected",
                       config->problem);
    else if (config->mode == MODE_OFF)
        show_off(config);
    else if (config->mode == MODE_REPLAY)
        doctor_note("settings", "replay mode: what is not recorded is refused");
    else
        doctor_good("settings", "preecho is on");
}
