/* SPDX-License-Identifier: MIT */
/* A call of the journal as one line of JSON (preecho-log(1) names the members). */
#ifndef TOOLS_CALL_JSON_H
#define TOOLS_CALL_JSON_H

#include "pricing.h"

/* To be freed. Ends the command when memory is short. */
MUST_USE char *call_json_of(struct quotes *quotes, const struct journal_record *record);

#endif
