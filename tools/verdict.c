/* SPDX-License-Identifier: MIT */
/* See verdict.h. */
#include "verdict.h"

#include "store/journal.h"
#include "store/reason.h"

static const char *const verdicts[] = {
    [VERDICT_BYPASS] = "bypass", [VERDICT_MISS] = "miss",         [VERDICT_HIT] = "hit",
    [VERDICT_STALE] = "stale",   [VERDICT_OBSERVED] = "observed",
};

static const char *const layers[] = {
    [LAYER_NONE] = "none",
    [LAYER_EXACT] = "exact",
    [LAYER_EMBEDDING] = "embedding",
    [LAYER_EDGE] = "edge",
};

#define COUNT(names) (sizeof(names) / sizeof(*(names)))

const char *verdict_name(unsigned verdict)
{
    return verdict < COUNT(verdicts) && verdicts[verdict] ? verdicts[verdict] : "unknown";
}

const char *verdict_layer_name(unsigned layer)
{
    return layer < COUNT(layers) ? layers[layer] : "unknown";
}

bool verdict_is_layer(unsigned layer)
{
    return layer != LAYER_NONE && layer < COUNT(layers) && layers[layer];
}

static bool parse(const char *name, const char *(*name_of)(unsigned), unsigned count,
                  uint8_t *out)
{
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(name, name_of(i)) != 0 || strcmp(name, "unknown") == 0)
            continue;
        *out = (uint8_t)i;
        return true;
    }
    return false;
}

bool verdict_parse(const char *name, uint8_t *out)
{
    return parse(name, verdict_name, COUNT(verdicts), out);
}

bool verdict_layer_parse(const char *name, uint8_t *out)
{
    return parse(name, verdict_layer_name, COUNT(layers), out);
}

bool verdict_reason_parse(const char *name, uint8_t *out)
{
    return parse(name, reason_name, REASON_COUNT, out);
}
