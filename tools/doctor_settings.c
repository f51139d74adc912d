/* SPDX-License-Identifier: MIT */
/* Doctor: the environment. */
#include "doctor.h"

#include <stdlib.h>
#include <sysexits.h>

extern char **environ;

static const char *const known[] = {"PREECHO_COALESCE",       "PREECHO_COALESCE_WAIT",
                                    "PREECHO_CONNECT",        "PREECHO_DEEPBIND",
                                    "PREECHO_HOSTS",          "PREECHO_LOG",
                                    "PREECHO_LOG_LEVEL",      "PREECHO_MODE",
                                    "PREECHO_PACE",           "PREECHO_SCOPE",
                                    "PREECHO_STALE_IF_ERROR", "PREECHO_STORE",
                                    "PREECHO_TENANT",         "PREECHO_TTL"};

static bool is_known(struct span name)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (span_is(name, known[i]))
            return true;
    }
    return false;
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

void doctor_settings(struct doctor *doctor, const struct config *config)
{
    for (char **variable = environ; *variable; variable++)
        show_variable(*variable);
    if (config->problem[0])
        doctor_problem(doctor, EX_CONFIG, "settings",
                       "%s: preecho is switched off until this is corrected",
                       config->problem);
    else if (config->mode == MODE_OFF)
        doctor_note("settings", "switched off by PREECHO_MODE");
    else if (config->mode == MODE_REPLAY)
        doctor_note("settings", "replay mode: what is not recorded is refused");
    else
        doctor_good("settings", "preecho is on");
}
