/* SPDX-License-Identifier: MIT */
/* Looking into a configuration. */
#include "config_parts.h"

size_t config_count(const struct config *config)
{
    return config->assignments.size / sizeof(struct assignment);
}

const struct assignment *config_at(const struct config *config, size_t i)
{
    return (const struct assignment *)(const void *)config->assignments.at + i;
}

struct span config_text(const struct config *config, struct config_text text)
{
    return text.size ? span_of(config->texts.at + text.at, text.size) : (struct span){0};
}

const struct assignment *config_winner(const struct config *config,
                                       const struct policy *policy, enum setting_id id)
{
    for (size_t i = config_count(config); i-- > 0;) {
        const struct assignment *assignment = config_at(config, i);
        if (assignment->setting == id && policy_has(policy, assignment->section))
            return assignment;
    }
    return NULL;
}

struct span config_from_environment(const struct config *config, enum setting_id id)
{
    for (size_t i = config_count(config); i-- > 0;) {
        const struct assignment *assignment = config_at(config, i);
        if (assignment->setting == id && assignment->layer == CONFIG_ENVIRONMENT)
            return config_text(config, assignment->text);
    }
    return (struct span){0};
}

struct span config_section(const struct config *config, unsigned number)
{
    return config_text(config, section_at(config, number)->text);
}
