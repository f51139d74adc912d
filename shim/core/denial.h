/* SPDX-License-Identifier: MIT */
/* What replay mode answers instead of calling out: status 504 (RFC 9110, 15.6.5) in the
 * dialect's own error form, with a message that tells what is missing. Pure functions, any
 * thread.
 *
 * `x-should-retry: false` keeps the SDKs of OpenAI, Anthropic and those generated like them
 * from trying again. There is no Cache-Status field: a cache leaves it out of answers that
 * it makes up itself (RFC 9211, 2). */
#ifndef CORE_DENIAL_H
#define CORE_DENIAL_H

#include "nearest.h"

/* Why there is no answer. */
struct denial {
    const struct request *request;
    const struct call *call;       /* as far as it was recognised */
    enum reason reason;            /* REASON_NONE: it was looked up and not found */
    const struct nearest *nearest; /* of that case */
    int64_t now_ms;                /* since 1970 */
};

/* The message, appended to |out| as text. */
void denial_message(const struct denial *denial, struct buffer *out);

/* Fills |record| as if it had been unpacked. Its body goes into |body|, which must outlive
 * it. 0, or -1 when memory is short; free |record| with record_free() after 0. */
MUST_USE int denial_record(const struct denial *denial, struct buffer *body,
                           struct record *record);

#endif
