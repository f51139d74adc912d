/* SPDX-License-Identifier: MIT */
/* What `preecho serve` answers: status, fields and which bytes of the recorded body. Pure; any
 * thread. */
#ifndef TOOLS_REPLY_H
#define TOOLS_REPLY_H

#include "publication.h"

struct reply {
    unsigned status;
    struct buffer fields; /* name, zero, value, zero, and so on; reply_free() */
    struct span body;     /* of the publication; also for HEAD, which does not get it */
};

/* The answer to |asked|, a GET or HEAD for |publication|. False when memory is short. */
MUST_USE bool reply_make(const struct request *asked,
                         const struct publication *publication, int64_t now_ms,
                         struct reply *out);
/* The answer to everything else: |status| (400, 404, 503), which no cache may keep. False when memory is
 * short. */
MUST_USE bool reply_refuse(unsigned status, struct reply *out);
void reply_free(struct reply *reply);

/* The next of |*fields|, which shrink; false at their end. */
bool reply_field(struct span *fields, const char **name, const char **value);

#endif
