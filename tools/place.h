/* SPDX-License-Identifier: MIT */
/* Where preecho's own files lie: beside the running command in a build tree, or in
 * lib/preecho and share beside its bin directory when installed. */
#ifndef TOOLS_PLACE_H
#define TOOLS_PLACE_H

#include "store/bytes.h"

#define PLACE_STUB "libpreecho.so"
#define PLACE_CORE "libpreecho-core.so"

/* The absolute path of the library |name|, to be freed; NULL when it is in neither place.
 */
MUST_USE char *place_library(const char *name);
/* The directory |name| of the demo's parts (the source tree's, or
 * PREFIX/share/preecho's), to be freed; NULL when there is none. */
MUST_USE char *place_data(const char *name);

/* |current| (the value of LD_PRELOAD, or NULL) with |stub| at its end, once; to be freed.
 * NULL when |stub| holds a blank or a colon, which ld.so(8) takes for a separator. */
MUST_USE char *place_preload(const char *current, const char *stub);
/* |current| without |stub|; to be freed. */
MUST_USE char *place_without(const char *current, const char *stub);

#endif
