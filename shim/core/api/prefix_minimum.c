/* SPDX-License-Identifier: MIT */
/* See prefix_minimum.h. */
#include "prefix_minimum.h"

#include "store/wildcard.h"

/* The first row that fits counts. */
static const struct {
    const char *dialect, *model;
    uint64_t tokens;
} minimums[] = {
    {"*", "*claude*opus-4-5*", 4096},
    {"*", "*claude*opus-4-6*", 4096},
    {"*", "*claude*haiku-4*", 4096},
    {"*", "*claude*haiku*", 2048},
    {"*", "*claude*", 1024},
    {"anthropic", "*", 1024},
    {"openai", "*", 1024},
    {"azure", "*", 1024},
    {"gemini", "*2.5-flash*", 1024},
    {"gemini", "*", 4096},
    {"vertex", "*2.5-flash*", 1024},
    {"vertex", "*gemini*", 4096},
    {"deepseek", "*", 64},
};

uint64_t prefix_minimum(const char *dialect, const char *model)
{
    for (size_t i = 0; i < sizeof(minimums) / sizeof(*minimums); i++)
        if (wildcard_matches(span_text(minimums[i].dialect), span_text(dialect), true) &&
            wildcard_matches(span_text(minimums[i].model), span_text(model), true))
            return minimums[i].tokens;
    return 0;
}
