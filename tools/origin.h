/* SPDX-License-Identifier: MIT */
/* Where a setting's value comes from, for people. One thread. */
#ifndef TOOLS_ORIGIN_H
#define TOOLS_ORIGIN_H

#include "shim/core/config_rules.h"

/* "FILE:LINE", "FILE:LINE [match ...]", a variable's name, or "default" for NULL; to be freed. */
MUST_USE char *origin_of(const struct config *config,
                         const struct assignment *assignment);
/* What became of a file: "read", "not there", ...; static. */
const char *origin_file_text(const struct config_file *file);

#endif
