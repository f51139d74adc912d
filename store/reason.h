/* SPDX-License-Identifier: MIT */
/* Why an exchange was bypassed or a recording dropped; the names stand in `preecho
 * stats`. */
#ifndef STORE_REASON_H
#define STORE_REASON_H

enum reason {
#define REASON(identifier, name, meaning) REASON_##identifier,
#include "reasons.def"
#undef REASON
    REASON_COUNT
};

/* Static text, never NULL; "unknown" for a number that is no reason. Safe in any thread.
 */
const char *reason_name(unsigned reason);
const char *reason_meaning(unsigned reason);

#endif
