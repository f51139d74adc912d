/* SPDX-License-Identifier: MIT */
/* What keeps the loader from preloading anything into a program, or the hooks from being called.
 * Told from files. */
#ifndef TOOLS_OBSTACLE_H
#define TOOLS_OBSTACLE_H

#include "images.h"

enum obstacle {
    OBSTACLE_NONE,
    OBSTACLE_SET_UID,
    OBSTACLE_SET_GID,
    OBSTACLE_CAPABILITIES,
    OBSTACLE_MACHINE, /* another machine or word size */
    OBSTACLE_STATIC,
    OBSTACLE_MUSL,
    OBSTACLE_GO /* and neither libssl nor libcurl */
};

/* Does the file |path| gain rights when this user starts it? */
enum obstacle obstacle_by_rights(const char *path);
/* What the program, the first of |images|, is. */
enum obstacle obstacle_in(const struct images *images);
/* One clause without a full stop; "" for none. Static. */
const char *obstacle_reason(enum obstacle obstacle);

#endif
