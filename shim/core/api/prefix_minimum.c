/* SPDX-License-Identifier: MIT */
/* See prefix_minimum.h. */
#include "prefix_minimum.h"

#include "store/wildcard.h"

/* The first row that fits counts. A version that no row names goes with the latest one that its
 * maker has documented. */
static const struct {
    const char *dialect, *model;
    struct prefix_rules rules;
} rows[] = {
    {"bedrock", "*claude*opus-4-7*", {4096, 0, PREFIX_MARKED}},
    {"bedrock", "*claude-3-7-sonnet*", {1024, 0, PREFIX_MARKED}},
    {"bedrock", "*claude-3-5-haiku*", {2048, 0, PREFIX_MARKED}},
    {"bedrock", "*claude-3-*", {0, 0, PREFIX_NONE}},
    {"bedrock", "*claude-v*", {0, 0, PREFIX_NONE}},
    {"bedrock", "*claude-instant*", {0, 0, PREFIX_NONE}},
    {"*", "*claude*opus-4-5*", {4096, 0, PREFIX_MARKED}},
    {"*", "*claude*opus-4-6*", {4096, 0, PREFIX_MARKED}},
    {"*", "*claude*opus-4-7*", {2048, 0, PREFIX_MARKED}},
    {"*", "*claude*opus-4*", {1024, 0, PREFIX_MARKED}},
    {"*", "*claude-3-opus*", {1024, 0, PREFIX_MARKED}},
    {"*", "*claude*opus*", {512, 0, PREFIX_MARKED}},
    {"*", "*claude*fable*", {512, 0, PREFIX_MARKED}},
    {"*", "*claude*mythos-preview*", {2048, 0, PREFIX_MARKED}},
    {"*", "*claude*mythos*", {512, 0, PREFIX_MARKED}},
    {"*", "*claude-3*haiku*", {2048, 0, PREFIX_MARKED}},
    {"*", "*claude-haiku-3*", {2048, 0, PREFIX_MARKED}},
    {"*", "*claude*haiku*", {4096, 0, PREFIX_MARKED}},
    {"*", "*claude*", {1024, 0, PREFIX_MARKED}},
    {"anthropic", "*", {1024, 0, PREFIX_MARKED}},
    {"bedrock", "*nova-micro*", {1024, 0, PREFIX_MARKED}},
    {"bedrock", "*nova-lite*", {1024, 0, PREFIX_MARKED}},
    {"bedrock", "*nova-pro*", {1024, 0, PREFIX_MARKED}},
    {"bedrock", "*nova-premier*", {1024, 0, PREFIX_MARKED}},
    {"bedrock", "*", {0, 0, PREFIX_NONE}},
    {"openai", "gpt-5.6*", {1024, 0, PREFIX_WHOLE}},
    {"openai", "gpt-5.7*", {1024, 0, PREFIX_WHOLE}},
    {"openai", "gpt-6*", {1024, 0, PREFIX_WHOLE}},
    {"openai", "*", {1024, 128, PREFIX_STEPS}},
    {"azure", "*gpt-5.6*", {1024, 0, PREFIX_WHOLE}},
    {"azure", "*", {1024, 128, PREFIX_STEPS}},
    {"gemini", "*gemini-2*", {2048, 0, PREFIX_STEPS}},
    {"gemini", "*", {4096, 0, PREFIX_STEPS}},
    {"vertex", "*gemini*", {2048, 0, PREFIX_STEPS}},
    {"deepseek", "*", {64, 64, PREFIX_STEPS}},
};

struct prefix_rules prefix_rules_of(const char *dialect, const char *model)
{
    struct prefix_rules none = {0, 0, PREFIX_STEPS};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (wildcard_matches(span_text(rows[i].dialect), span_text(dialect), true) &&
            wildcard_matches(span_text(rows[i].model), span_text(model), true))
            return rows[i].rules;
    return none;
}

uint64_t prefix_minimum(const char *dialect, const char *model)
{
    return prefix_rules_of(dialect, model).minimum;
}
