/* SPDX-License-Identifier: MIT */
/* How an answer with vectors is spelled: where its lists and its costs stand, and what one item has
 * in each list. What takes it apart (embedding_split.c) and puts it together (embedding_join.c)
 * keeps all other bytes. Pure functions; any thread. */
#ifndef CORE_API_EMBEDDING_ANSWER_H
#define CORE_API_EMBEDDING_ANSWER_H

#include "dialect.h"
#include "embedding.h"

#define ANSWER_LISTS 10
#define ANSWER_COSTS 12
#define ANSWER_HOLES (ANSWER_LISTS + ANSWER_COSTS)
/* What is larger means something else than a cost, and products stay products. */
#define ANSWER_COST_LIMIT UINT32_MAX

enum hole_kind {
    HOLE_VECTORS, /* a list with a vector for each item */
    HOLE_ECHO,    /* a list with something else for each */
    HOLE_COST,    /* an integer that tells what all have taken */
};

/* What differs between the answers to some items and to others. */
struct hole {
    enum hole_kind kind;
    unsigned number;  /* which of the lists, or of the costs; as they stand */
    unsigned group;   /* a cost: which of the form's paths has led there */
    struct span name; /* its member's; empty: it is the only one */
    struct span text;
    uint64_t value; /* a cost's */
};

/* An answer; spans point into |body|. */
struct answer {
    const struct itemised *itemised;
    struct span body;
    struct hole holes[ANSWER_HOLES]; /* as they stand: none within another */
    size_t hole_count;
    unsigned list_count; /* at least 1 */
    unsigned cost_count;
};

/* What one item has in one list. */
struct part {
    struct span item;
    struct span index;  /* within it; empty: none */
    struct span vector; /* likewise; of an echo: all of it */
    uint64_t shape;     /* two vectors of different length or kind have different ones */
};

/* False: it is no answer with such lists. */
MUST_USE bool answer_read(const struct call *call, struct span body, struct answer *out);
/* |value|, an item of |list|, which stands at |place|. EMBEDDING_OK; EMBEDDING_ODD: it says that it
 * belongs to another place; EMBEDDING_WHOLE: it has no vector. */
MUST_USE enum embedding_result answer_read_part(const struct answer *answer,
                                                const struct hole *list,
                                                struct json value, uint64_t place,
                                                struct part *out);
/* Of a valid JSON value, or of bytes that begin and end like one: a text without escapes, or a list
 * that has nothing within it but numbers, is one value. 0: this is no vector. */
uint64_t answer_shape(struct span vector);

/* Appends what stands in |hole| of |answer| now. */
typedef void answer_fill(struct buffer *out, const struct answer *answer,
                         const struct hole *hole, void *context);
/* |answer| with its holes filled. */
void answer_write(struct buffer *out, const struct answer *answer, answer_fill *fill,
                  void *context);
/* |part| with the index |place|; returns where in |out| its vector begins. */
size_t answer_append_part(struct buffer *out, const struct part *part, uint64_t place);

/* White space as |list| has it before its first item, before the further ones, and at its end. */
struct span answer_lead(struct span list);
struct span answer_gap(const struct answer *answer, struct span list);
struct span answer_trail(struct span list);

static inline const uint8_t *span_end(struct span span)
{
    return span.at + span.size;
}

#endif
