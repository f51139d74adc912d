/* SPDX-License-Identifier: MIT */
/* What providers keep of a prompt to read it from a cache of their own the next time, as they
 * document it. Pure; any thread. */
#ifndef CORE_API_PREFIX_MINIMUM_H
#define CORE_API_PREFIX_MINIMUM_H

#include "store/bytes.h"

enum prefix_kind {
    PREFIX_NONE,   /* nothing */
    PREFIX_STEPS,  /* whatever it begins with, in steps */
    PREFIX_WHOLE,  /* up to the end of a whole earlier prompt */
    PREFIX_MARKED, /* up to where a request has had a breakpoint */
};

struct prefix_rules {
    uint64_t minimum; /* tokens; shorter beginnings are not kept. 0: nobody says */
    uint64_t step;    /* tokens; 0: nobody says */
    enum prefix_kind kind;
};

struct prefix_rules prefix_rules_of(const char *dialect, const char *model);

/* Its minimum alone. */
uint64_t prefix_minimum(const char *dialect, const char *model);

#endif
