/* SPDX-License-Identifier: MIT */
/* Where the semantic layer stands, for each tenant, embedding model and class of calls: its samples,
 * its certificate; and what the journal knows of it. One thread. */
#ifndef TOOLS_STANDING_H
#define TOOLS_STANDING_H

#include "shadow.h"
#include "store/reason.h"

struct standing {
    struct certificate_scope scope;
    uint8_t tenant[TENANT_ID_SIZE];
    char label[64];                 /* the tenant's, as far as samples know it */
    enum certificate_state state;   /* for this version of preecho, now */
    struct certificate certificate; /* unless CERTIFICATE_NONE */
    struct shadow_sums sums;
};

struct standings {
    struct standing *list;
    size_t count;
    uint64_t hits;                /* of the layer, in the journal, like the rest */
    uint64_t shadow[COMPARISONS]; /* what it would have answered, by what came */
    uint64_t failed; /* calls that the embedding endpoint had no vector for */
    uint64_t failed_by[REASON_COUNT];
};

/* Fills |out|; |shadow| is what shadow_read() gave, in that order. Free with standings_free(),
 * whatever the result. 0, or a code of sysexits.h after a message. */
MUST_USE int standings_read(struct store *store, const struct shadow *shadow,
                            struct standings *out);
void standings_free(struct standings *standings);

/* True when something that was served has to be certified anew. */
bool standing_is_over(const struct standing *standing);
/* "valid", or why nothing is served: "expired: certify anew". Static. */
const char *standing_text(enum certificate_state state);
/* "valid", "none", "expired" and so on, for programs. Static. */
const char *standing_name(enum certificate_state state);

/* Of hits that went to the provider all the same, those whose answer was not known to be right. */
struct measured {
    uint64_t hits, bad;
    double rate;  /* 0 without hits */
    double upper; /* the true rate is at most this, with 95 % confidence */
};
struct measured standing_measured(const struct standing *standing);

#endif
