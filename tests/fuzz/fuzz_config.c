/* SPDX-License-Identifier: MIT */
/* Configuration files: whatever bytes they are, reading ends, says what is wrong, and what was taken
 * over can be looked up and applied. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "shim/core/config_parts.h"
#include "shim/core/ignoring.h"
#include "shim/core/tags.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *get(const char *name)
{
    return strcmp(name, "HOME") == 0 ? "/nowhere" : NULL;
}

static void check(bool good)
{
    if (!good)
        abort();
}

static void count(void *context, const char *problem)
{
    ++*(unsigned *)context;
    check(strlen(problem) < CONFIG_PROBLEM);
}

static void look_up(const struct config *config)
{
    static const char body[] = "{\"a\":[{\"b\":\"c 1\"}],\"doc\":\"d-7\"}";
    struct request request = {.host = span_text("localhost"),
                              .target = span_text("/v1/chat?x"),
                              .body = span_text(body)};
    struct policy_facts facts = {.host = request.host,
                                 .port = 8080,
                                 .path = span_text("/v1/chat"),
                                 .model = span_text("gpt")};
    struct policy policy;
    bool failed;
    struct buffer tags = {0}, form = {0};
    policy_find(config, &facts, &policy);
    tags_collect(config, &policy, &facts, &request, &tags);
    struct ignoring *ignoring = ignoring_new(config, &policy, &failed);
    check(json_canonical_without(request.body, NULL, ignoring_json(ignoring), &form) ==
          JSON_OK);
    check(json_valid(buffer_span(&form)));
    ignoring_free(ignoring);
    buffer_free(&tags);
    buffer_free(&form);
}

/* Repetitions of repetitions are the user's own affair, but cost the fuzzer all its memory. */
static bool is_expensive(struct span text)
{
    unsigned braces = 0;
    for (size_t i = 0; i < text.size; i++)
        braces += text.at[i] == '{';
    return braces > 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config config = {.policy.rules = {1}};
    unsigned problems = 0;
    struct reader reader = {
        .config = &config, .get = get, .report = count, .context = &problems};
    char path[] = "/f";
    struct span text = span_of(data, size);
    if (is_expensive(text))
        return 0;
    config.files[CONFIG_USER].path = path;
    reader.layer = CONFIG_USER;
    config_file_parse(&reader, text);
    check(!reader.failed);
    check(!problems == !config.problem[0]);
    for (size_t i = 0; i < config_count(&config); i++)
        check(config_at(&config, i)->section <= section_count(&config));
    config_make_keying(&config, "program");
    look_up(&config);
    config.files[CONFIG_USER].path = NULL;
    config_free(&config);
    return 0;
}
