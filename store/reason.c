/* SPDX-License-Identifier: MIT */
/* The reasons' names, from reasons.def. */
#include "reason.h"

static const struct {
    const char *name;
    const char *meaning;
} reasons[] = {
#define REASON(identifier, name, meaning) {name, meaning},
#include "reasons.def"
#undef REASON
};

const char *reason_name(unsigned reason)
{
    return reason < REASON_COUNT ? reasons[reason].name : "unknown";
}

const char *reason_meaning(unsigned reason)
{
    return reason < REASON_COUNT ? reasons[reason].meaning : "unknown";
}
