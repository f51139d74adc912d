/* SPDX-License-Identifier: MIT */
/* Collecting tags. */
#include "tags.h"

#include "config_rules.h"
#include "current_test.h"
#include "store/journal.h"
#include "store/label.h"
#include "tag_rule.h"

struct tags {
    struct buffer *out;
    struct buffer text; /* the one that is being made */
    unsigned count;
};

/* Takes the tag that was made over. Tags stand in lists, one a line. */
static void add(struct tags *tags)
{
    struct buffer *text = &tags->text;
    if (text->size > TAG_LIMIT)
        text->size = TAG_LIMIT;
    for (size_t i = 0; i < text->size; i++)
        if (text->at[i] < 0x20 || text->at[i] == 0x7f)
            text->at[i] = ' ';
    if (text->size && tags->count < TAGS_LIMIT &&
        !texts_hold(buffer_span(tags->out), buffer_span(text))) {
        buffer_append_framed(tags->out, buffer_span(text));
        tags->count++;
    }
    buffer_clear(text);
}

static void add_known(struct tags *tags, const char *name, struct span value)
{
    if (value.size == 0)
        return;
    buffer_append_text(&tags->text, name);
    buffer_append_span(&tags->text, value);
    add(tags);
}

static void add_host(struct tags *tags, struct span host)
{
    char lower[TAG_LIMIT];
    span_copy_text(host, lower, sizeof lower);
    for (char *at = lower; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at | 0x20);
    add_known(tags, "host:", span_text(lower));
}

static void add_test(struct tags *tags)
{
    struct buffer name = {0};
    current_test(&name);
    add_known(tags, "test:", buffer_span(&name));
    buffer_free(&name);
}

/* What it was done for. */
static void add_purpose(struct tags *tags, const struct config *config, bool tested)
{
    add_known(tags, "repo:", span_text(config->repository));
    if (tested)
        add_test(tags);
    add_known(tags, "run:", span_text(config->run));
}

static void add_all_known(struct tags *tags, const struct config *config,
                          const struct policy_facts *facts)
{
    add_known(tags, "program:", facts->program);
    add_host(tags, facts->host);
    add_known(tags, "model:", facts->model);
    add_known(tags, "tenant:", facts->tenant);
    add_purpose(tags, config, true);
}

static void add_rules(struct tags *tags, const struct config *config,
                      const struct policy *policy, const struct request *request)
{
    for (size_t i = 0; i < config_count(config); i++) {
        const struct assignment *assignment = config_at(config, i);
        if (assignment->setting != SETTING_TAG ||
            !policy_has(policy, assignment->section))
            continue;
        tag_rule_apply(config_text(config, assignment->text), request, &tags->text);
        add(tags);
    }
}

static void finish(struct tags *tags)
{
    tags->out->failed |= !buffer_ok(&tags->text);
    buffer_free(&tags->text);
}

void tags_collect(const struct config *config, const struct policy *policy,
                  const struct policy_facts *facts, const struct request *request,
                  struct buffer *out)
{
    struct tags tags = {.out = out};
    add_all_known(&tags, config, facts);
    add_rules(&tags, config, policy, request);
    finish(&tags);
}

/* pytest runs tests in a Python, whose children begin with its environment. */
static bool may_be_tested(const struct config *config, struct span program)
{
    return config->tested || span_starts(program, "python") ||
           span_starts(program, "pytest");
}

void tags_of_call(const struct config *config, const struct policy *policy,
                  struct span program, const struct request *request, struct buffer *out)
{
    struct tags tags = {.out = out};
    add_known(&tags, JOURNAL_TAG_LAUNCH, span_text(config->launch));
    add_rules(&tags, config, policy, request);
    add_purpose(&tags, config, may_be_tested(config, program));
    finish(&tags);
}
