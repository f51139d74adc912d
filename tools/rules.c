/* SPDX-License-Identifier: MIT */
/* See rules.h. */
#include "rules.h"

#include "print.h"
#include "shim/core/trust.h"

/* What lies there now; zeroes for nothing. */
static struct file_stamp stamp_of(const char *path)
{
    struct file_stamp stamp;
    if (!path || file_stamp_of(path, &stamp) != STORE_OK)
        stamp = (struct file_stamp){0};
    return stamp;
}

static void stamp_all(const struct config *config, struct file_stamp out[RULES_FILES])
{
    struct path trusted;
    for (size_t i = 0; i < CONFIG_FILES; i++)
        out[i] = stamp_of(config->files[i].path);
    out[CONFIG_FILES] = path_join(&trusted, config->directory, TRUST_FILE)
                            ? stamp_of(trusted.text)
                            : (struct file_stamp){0};
}

static bool read_once(struct rules *rules)
{
    rules_free(rules);
    rules->edition++;
    rules->read = settings_read(&rules->config) == 0;
    return rules->read;
}

/* Stamps are taken before: what changes meanwhile is read the next time. The first reading tells
 * which files there are, the second is the one that counts. */
static bool follow(struct rules *rules, bool quiet)
{
    struct file_stamp now[RULES_FILES];
    bool changed = false;
    stamp_all(&rules->config, now);
    for (size_t i = 0; i < RULES_FILES; i++)
        changed |= !file_stamp_equal(&now[i], &rules->stamps[i]);
    if (!changed)
        return true;
    memcpy(rules->stamps, now, sizeof now);
    if (!read_once(rules))
        return false;
    if (rules->config.problem[0] && !quiet)
        print_error("%s; nothing is served until that is corrected, see 'preecho config "
                    "--check'",
                    rules->config.problem);
    return true;
}

const struct config *rules_now(struct rules *rules, bool quiet)
{
    if ((!rules->read && !read_once(rules)) || !follow(rules, quiet))
        return NULL;
    return rules->config.problem[0] ? NULL : &rules->config;
}

void rules_free(struct rules *rules)
{
    if (rules->read)
        config_free(&rules->config);
    rules->read = false;
}
