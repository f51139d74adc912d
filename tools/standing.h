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
    const char *model; /* that is asked, or NULL */
    struct standing *list;
    size_t count;
    uint64_t hits;                /* of the layer, in the journal, like the rest */
    uint64_t shadow[COMPARISONS]; /* what it would have answered, by what came */
    uint64_t failed; /* calls that the embedding endpoint had no vector for */
    uint64_t failed_by[REASON_COUNT];
};

/* Fills |out|; |shadow| is what shadow_read() gave, in that order. |model|: the embedding model that is
 * asked; NULL: any. Free with standings_free(), whatever the result. 0, or a code of sysexits.h after
 * a message. */
MUST_USE int standings_read(struct store *store, const struct shadow *shadow,
                            const char *model, struct standings *out);
void standings_free(struct standings *standings);

/* True for one of the lexical tier, which serves without a certificate. */
bool standing_is_lexical(const struct certificate_scope *scope);
/* True when something that was served has to be certified anew. */
bool standing_is_over(const struct standing *standing);
/* "valid", or why nothing is served: "expired: certify anew". Static. */
const char *standing_text(const struct standing *standing);
/* "valid", "none", "expired" and so on, for programs. Static. */
const char *standing_name(const struct standing *standing);

/* Of hits that went to the provider all the same, those whose answer was not known to be right. */
struct measured {
    uint64_t hits, bad;
    double rate;  /* 0 without hits */
    double upper; /* the true rate is at most this, with 95 % confidence */
};
struct measured standing_measured(const struct standing *standing);

#endif
