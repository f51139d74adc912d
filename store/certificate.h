/* SPDX-License-Identifier: MIT */
/* Leave to serve answers by similarity: what was certified, for what, and until when. Written by
 * `preecho semantic certify`, read by whoever wants to serve. It holds for the one embedding
 * model, the one version of the guards and the one class of partitions that the samples came from,
 * and for 30 days.
 *
 * As bytes, little-endian:
 *     offset  size
 *          0     2  version, 1
 *          2     4  version of the guards
 *          6     4  threshold, millionths of a cosine, 1 .. 1,000,000
 *         10     4  promise: wrong per hit, millionths, 1 .. 999,999
 *         14     4  confidence, the same
 *         18     8  issued, milliseconds since 1970
 *         26    24  older half: hits, wrong, unknown, 8 bytes each, 10^9 hits at most
 *         50    24  newer half
 *         74    24  canaries since
 *         98     4  their running bound, millionths, 0 .. 1,000,000
 *        102        model: 2 bytes of length, then text; class: the same. No zeroes inside.
 *
 * Thread class: any thread. Pure functions. */
#ifndef STORE_CERTIFICATE_H
#define STORE_CERTIFICATE_H

#include "canary.h"

#define CERTIFICATE_LIFE_MS  ((int64_t)30 * 24 * 3600 * 1000)
#define CERTIFICATE_SLACK_MS ((int64_t)5 * 60 * 1000) /* clocks that differ */
#define CERTIFICATE_TEXT     128
#define CERTIFICATE_ONE      1000000

struct certificate_scope {
    char model[CERTIFICATE_TEXT]; /* of the embedding, as its endpoint names it */
    char class[CERTIFICATE_TEXT]; /* of partitions */
    uint32_t guards;              /* their version */
};

struct certificate {
    struct certificate_scope scope;
    uint32_t threshold; /* millionths, like the next two */
    uint32_t most_wrong;
    uint32_t confidence;
    int64_t issued_ms;
    struct answer_counts older, newer;
    struct canary canary;
};

enum certificate_state {
    CERTIFICATE_VALID = 0,
    CERTIFICATE_NONE = 1,
    CERTIFICATE_OTHER_MODEL = 2,
    CERTIFICATE_OTHER_GUARDS = 3,
    CERTIFICATE_OTHER_CLASS = 4,
    CERTIFICATE_EXPIRED = 5, /* or issued in the future */
    CERTIFICATE_FALLEN = 6   /* the canaries' running bound is above the promise */
};

/* False unless |result| was granted. */
MUST_USE bool certificate_issue(const struct certify_result *result,
                                const struct certify_rules *rules,
                                const struct certificate_scope *scope, int64_t now_ms,
                                struct certificate *out);
/* |certificate| may be NULL: there is none. */
enum certificate_state certificate_state(const struct certificate *certificate,
                                         const struct certificate_scope *scope,
                                         int64_t now_ms);
/* "valid", "none", "expired" and so on. Static. */
const char *certificate_state_name(enum certificate_state state);
/* Whether a candidate with this cosine may be served; a valid certificate is required besides. */
static inline bool certificate_admits(const struct certificate *certificate,
                                      double cosine)
{
    return cosine * CERTIFICATE_ONE >= certificate->threshold;
}

/* Counts a canary; true when the certificate has fallen by it, or had before. */
bool certificate_canary(struct certificate *certificate, enum correctness answer);

/* The two texts of a scope as they end certificates and samples; the cursor has failed when one is not
 * as it has to be. */
void certificate_scope_encode(const struct certificate_scope *scope, struct buffer *out);
void certificate_scope_decode(struct cursor *cursor, struct certificate_scope *out);

void certificate_encode(const struct certificate *certificate, struct buffer *out);
/* False, and |out| undefined, when a number or text is not as it has to be. */
MUST_USE bool certificate_decode(struct span value, struct certificate *out);

#endif
