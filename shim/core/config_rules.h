/* SPDX-License-Identifier: MIT */
/* What a configuration consists of: values in the order in which they were read, and the sections
 * that they stand in. For those who gather lists or tell where a value comes from; what holds for a
 * request is policy.h's to say. Pure functions; any thread. */
#ifndef CORE_CONFIG_RULES_H
#define CORE_CONFIG_RULES_H

#include "config.h"
#include "setting.h"

/* A text among those of the configuration. */
struct config_text {
    uint32_t at, size;
};

/* One value that a file or the environment gives a setting. */
struct assignment {
    uint16_t setting; /* enum setting_id */
    uint16_t section; /* 0: none */
    uint16_t layer;   /* enum config_layer */
    uint32_t line;
    uint64_t number; /* what setting_parse() read */
    struct config_text text;
};

size_t config_count(const struct config *config);
const struct assignment *config_at(const struct config *config, size_t i);
struct span config_text(const struct config *config, struct config_text text);
/* The last value of |id| among those that hold where |policy| was found; NULL: its default. */
const struct assignment *config_winner(const struct config *config,
                                       const struct policy *policy, enum setting_id id);
/* The text that the environment gives it; empty: none. */
struct span config_from_environment(const struct config *config, enum setting_id id);
/* What stands between the quotes of section |number|. */
struct span config_section(const struct config *config, unsigned number);

/* True when section |number| is one of those that match. */
bool policy_has(const struct policy *policy, unsigned number);

#endif
