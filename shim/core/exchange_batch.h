/* SPDX-License-Identifier: MIT */
/* What the files behind exchange_parts.h that deal with requests for several vectors share. */
#ifndef CORE_EXCHANGE_BATCH_H
#define CORE_EXCHANGE_BATCH_H

#include "api/embedding.h"
#include "exchange_parts.h"

/* One of the different items. An entry of it is the answer to the request for it alone. */
struct batch_item {
    uint8_t key[STORE_KEY_SIZE];
    uint32_t place;     /* where it stands first */
    bool known;         /* |entry| and |record| are its own */
    struct entry entry; /* owns what |record| points into */
    struct record record;
    struct buffer
        fresh; /* unknown: the body of its answer, once upstream has given one */

    /* Once recorded: what a recipe needs (store/recipe.h). */
    bool recorded;
    struct span vector; /* in the response that it was recorded from */
    uint64_t vector_at; /* in its entry's payload */
    uint8_t stamp[STORE_STAMP_SIZE];
};

struct batch {
    struct embedding request; /* spans into the exchange's copy */
    struct batch_item *items;
    size_t item_count;
    uint32_t *which; /* of each place in the request: the number of its item */
    size_t known;
    bool partial; /* |ask| goes upstream in place of the request */
    bool
        whole; /* upstream has been asked for a part and has answered oddly: again, for all */
    struct buffer ask;
    uint32_t *missing; /* the places that |ask| has, one of each unknown item */
    size_t missing_count;
};

/* The body of |item|'s answer, as if it alone had been asked for. */
struct span batch_part(const struct batch_item *item);
/* Makes exchange->entry, and its label, the answer to all of the batch: |like|'s status and fields,
 * and what stands around the vectors. All results. */
MUST_USE enum embedding_result batch_join(struct exchange *exchange,
                                          const struct response *like);

#endif
