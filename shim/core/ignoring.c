/* SPDX-License-Identifier: MIT */
/* From rules to what the canonical form leaves out. */
#include "ignoring.h"

#include "config_parts.h"
#include "pattern.h"
#include "store/memory.h"

#define PATH_SIZE 128

struct ignoring {
    struct json_ignoring json;
    const char *paths[CONFIG_IGNORED_LIMIT + 1];
    char path_texts[CONFIG_IGNORED_LIMIT][PATH_SIZE];
    regex_t patterns[CONFIG_IGNORED_LIMIT];
    struct span path_sources[CONFIG_IGNORED_LIMIT]; /* as they are written */
    struct span pattern_sources[CONFIG_IGNORED_LIMIT];
    size_t path_count;
};

const char *ignoring_pointer_problem(struct span pointer)
{
    if (pointer.size < 2 || pointer.at[0] != '/')
        return "is no JSON pointer to a member, like /metadata/id";
    if (pointer.size >= PATH_SIZE)
        return "is too long";
    for (size_t i = 0; i < pointer.size; i++) {
        uint8_t byte = pointer.at[i], next = i + 1 < pointer.size ? pointer.at[i + 1] : 0;
        if (byte == '/' && (next == '/' || next == 0))
            return "has an empty name in it";
        if (byte < 0x20 || byte == '"' || byte == '\\' || (byte == '~' && next != '0'))
            return "names a member with one of the characters \" \\ / or a bare ~";
    }
    return NULL;
}

/* json_canonical() separates names as a pointer does, but escapes none. */
static void add_path(struct ignoring *ignoring, struct span pointer)
{
    char *path = ignoring->path_texts[ignoring->path_count];
    size_t size = 0;
    for (size_t i = 1; i < pointer.size && size + 1 < PATH_SIZE; i++) {
        path[size++] = (char)pointer.at[i];
        if (pointer.at[i] == '~')
            i++; /* the 0 */
    }
    path[size] = 0;
    ignoring->paths[ignoring->path_count] = path;
    ignoring->path_sources[ignoring->path_count++] = pointer;
}

static int add_pattern(struct ignoring *ignoring, struct span text)
{
    size_t at = ignoring->json.text_count;
    if (!pattern_compile(text, &ignoring->patterns[at]))
        return -1;
    ignoring->pattern_sources[at] = text;
    ignoring->json.text_count++;
    return 0;
}

static int fill(struct ignoring *ignoring, const struct config *config,
                const struct policy *policy)
{
    for (size_t i = 0; i < config_count(config); i++) {
        const struct assignment *assignment = config_at(config, i);
        struct span text = config_text(config, assignment->text);
        if (!policy_has(policy, assignment->section))
            continue;
        if (assignment->setting == SETTING_IGNORE &&
            ignoring->path_count < CONFIG_IGNORED_LIMIT)
            add_path(ignoring, text);
        if (assignment->setting == SETTING_IGNORE_TEXT &&
            ignoring->json.text_count < CONFIG_IGNORED_LIMIT &&
            add_pattern(ignoring, text) != 0)
            return -1;
    }
    return 0;
}

struct ignoring *ignoring_new(const struct config *config, const struct policy *policy,
                              bool *failed)
{
    *failed = false;
    if (!config->ignores)
        return NULL;
    struct ignoring *ignoring = memory_new(sizeof *ignoring);
    *failed = !ignoring || fill(ignoring, config, policy) != 0;
    if (!*failed && (ignoring->path_count || ignoring->json.text_count)) {
        ignoring->json.paths = ignoring->paths;
        ignoring->json.texts = ignoring->patterns;
        return ignoring;
    }
    ignoring_free(ignoring);
    return NULL;
}

void ignoring_free(struct ignoring *ignoring)
{
    if (!ignoring)
        return;
    for (size_t i = 0; i < ignoring->json.text_count; i++)
        regfree(&ignoring->patterns[i]);
    memory_free(ignoring);
}

struct json_ignoring *ignoring_json(struct ignoring *ignoring)
{
    return ignoring ? &ignoring->json : NULL;
}

void ignoring_used(const struct ignoring *ignoring, struct buffer *out)
{
    if (!ignoring)
        return;
    for (size_t i = 0; i < ignoring->path_count; i++)
        if (ignoring->json.used_paths >> i & 1)
            buffer_append_framed(out, ignoring->path_sources[i]);
    for (size_t i = 0; i < ignoring->json.text_count; i++)
        if (ignoring->json.used_texts >> i & 1)
            buffer_append_framed(out, ignoring->pattern_sources[i]);
}
