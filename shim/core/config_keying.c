/* SPDX-License-Identifier: MIT */
/* A digest of all rules that shape keys: with other rules an alias must not lead to what these have
 * recorded. */
#include "config_parts.h"

#include <sodium.h>

static void add(crypto_generichash_state *hash, struct span part)
{
    uint8_t size[8];
    for (size_t i = 0; i < sizeof size; i++)
        size[i] = (uint8_t)((uint64_t)part.size >> (8 * i));
    crypto_generichash_update(hash, size, sizeof size);
    crypto_generichash_update(hash, part.at, part.size);
}

static void add_section(crypto_generichash_state *hash, const struct config *config,
                        unsigned number, const char *program)
{
    const struct section *section = section_at(config, number);
    for (unsigned i = 0; i < section->term_count; i++) {
        const struct term *term = term_at(config, section->first_term + i);
        uint8_t what[] = {(uint8_t)term->fact, (uint8_t)term->port,
                          (uint8_t)(term->port >> 8)};
        add(hash, span_of(what, sizeof what));
        add(hash, config_text(config, term->pattern));
        if (term->fact == FACT_PROGRAM) /* the one fact that an alias does not cover */
            add(hash, span_text(program));
    }
    add(hash, (struct span){0});
}

/* True when some value of |id| does more than its default. */
static bool is_used(const struct config *config, enum setting_id id)
{
    for (size_t i = 0; i < config_count(config); i++)
        if (config_at(config, i)->setting == id &&
            (id != SETTING_STOCHASTIC || config_at(config, i)->number == STOCHASTIC_ZERO))
            return true;
    return false;
}

/* All values of |id|, since the last one that matches wins. */
static void add_setting(crypto_generichash_state *hash, const struct config *config,
                        enum setting_id id, const char *program)
{
    add(hash, span_text(setting_at(id)->name));
    for (size_t i = 0; i < config_count(config); i++) {
        const struct assignment *assignment = config_at(config, i);
        if (assignment->setting != id)
            continue;
        add_section(hash, config, assignment->section, program);
        add(hash, config_text(config, assignment->text));
    }
}

void config_make_keying(struct config *config, const char *program)
{
    static const enum setting_id ids[] = {SETTING_VERSION, SETTING_IGNORE,
                                          SETTING_IGNORE_TEXT, SETTING_STOCHASTIC};
    crypto_generichash_state hash;
    bool any = false;
    crypto_generichash_init(&hash, NULL, 0, sizeof config->keying);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        if (!is_used(config, ids[i]))
            continue;
        any = true;
        add_setting(&hash, config, ids[i], program);
    }
    if (any)
        crypto_generichash_final(&hash, config->keying, sizeof config->keying);
}
