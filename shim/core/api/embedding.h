/* SPDX-License-Identifier: MIT */
/* Requests for vectors, item by item: a batch is taken apart into what would have been asked and
 * answered for each of its items alone, and put together again. The bytes of a vector, and what
 * surrounds the lists, stay as they are spelled. Pure functions; any thread. */
#ifndef CORE_API_EMBEDDING_H
#define CORE_API_EMBEDDING_H

#include "api.h"

enum embedding_result {
    EMBEDDING_OK = 0,
    EMBEDDING_WHOLE = -1, /* cannot be taken apart, or put together, soundly */
    EMBEDDING_NO_MEMORY = -2,
    EMBEDDING_ODD = -3, /* an answer that contradicts the request, or itself */
};

/* The items of a request; spans point into its body. Free with embedding_free(). */
struct embedding {
    struct span body;
    struct span
        list; /* the list with its brackets, or the item that stands without one */
    struct span *items; /* owned, each as it is spelled */
    size_t count;       /* at least 1 */
};

/* |call| was recognised in |request|, its body included. All results; |out| is to be freed after
 * EMBEDDING_OK only. */
MUST_USE enum embedding_result embedding_read(const struct call *call,
                                              const struct request *request,
                                              struct embedding *out);
void embedding_free(struct embedding *embedding);

/* Appends the body with those |count| of the items, by their |places|, as a list. */
void embedding_ask(const struct embedding *embedding, const uint32_t *places,
                   size_t count, struct buffer *out);

/* Takes one item's answer: the whole response's body, as if |place| alone had been asked for, valid
 * during the call; and its vector, where it stands in the body that is split, which the answer has
 * as it is spelled there. False ends it all. */
typedef bool embedding_visit(void *context, uint32_t place, struct span body,
                             struct span vector);

/* Splits |body|, the answer to |places| of |embedding| (NULL: to all of its items). What it says
 * about its cost is split in proportion to the items' sizes as they are spelled in the request, so
 * that the parts add up. |visit| may be NULL. EMBEDDING_OK; EMBEDDING_ODD: there are not as many
 * vectors as were asked for, not in that order, or not of one size; EMBEDDING_WHOLE: something else
 * than vectors, or |visit| has returned false, and what was visited is void. */
MUST_USE enum embedding_result embedding_split(const struct call *call,
                                               const struct embedding *embedding,
                                               const uint32_t *places, size_t count,
                                               struct span body, embedding_visit *visit,
                                               void *context);

/* One answer for |count| items: what stands around the vectors is |frame|'s, an answer of the
 * same call; the vector of the i-th is that of parts[which[i]], bodies from embedding_split(), and
 * the cost the sum of theirs. Appended to |out|. All results: EMBEDDING_WHOLE when the parts'
 * vectors differ in size. */
MUST_USE enum embedding_result embedding_join(const struct call *call, struct span frame,
                                              const struct span *parts, size_t part_count,
                                              const uint32_t *which, size_t count,
                                              struct buffer *out);

#endif
