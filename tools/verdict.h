/* SPDX-License-Identifier: MIT */
/* How the journal's verdicts, layers and reasons are called on the command line and in what is
 * printed. */
#ifndef TOOLS_VERDICT_H
#define TOOLS_VERDICT_H

#include "store/bytes.h"

/* Static text; "unknown" for a number that is none. */
const char *verdict_name(unsigned verdict); /* enum journal_verdict */
const char *
verdict_layer_name(unsigned layer); /* enum journal_layer; "none" for no layer */
/* True for a layer that can answer. */
bool verdict_is_layer(unsigned layer);

/* False when |name| is none; then |*out| stays. */
MUST_USE bool verdict_parse(const char *name, uint8_t *out);
MUST_USE bool verdict_layer_parse(const char *name, uint8_t *out);
MUST_USE bool verdict_reason_parse(const char *name, uint8_t *out); /* enum reason */

#endif
