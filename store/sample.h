/* SPDX-License-Identifier: MIT */
/* What the semantic layer saw of a call whose answer came from upstream all the same: the stored
 * answer that it would have served (in shadow), or was about to serve (a canary), and how that
 * compares with the one that came. Noted with the entry of the latter (struct entry_notes), sealed
 * with its label. From these certificates are made (certify.h).
 *
 *     offset  size  what (little-endian)
 *          0     2  version, 1
 *          2     8  time, milliseconds since 1970
 *         10     4  similarity, millionths of a cosine, 0 .. 1,000,000
 *         14     4  version of the guards
 *         18     1  the guard that has forbidden it, 0 none (shim/core/api/guard.h)
 *         19     1  enum comparison
 *         20     1  1: a canary
 *         21    32  key of the candidate
 *         53        embedding model: 2 bytes of length, then text; class of partitions: the same
 *
 * Pure functions; any thread. */
#ifndef STORE_SAMPLE_H
#define STORE_SAMPLE_H

#include "certificate.h"
#include "comparison.h"
#include "label.h"

/* In a scope: the lexical tier, in place of an embedding model's name. It needs no certificate. */
#define SAMPLE_LEXICAL "lexical"

struct sample {
    int64_t time_ms;
    uint32_t similarity; /* millionths */
    uint8_t guard;
    enum comparison comparison;
    bool canary;
    uint8_t candidate[STORE_KEY_SIZE];
    struct certificate_scope scope;
};

/* Appends the note; ask buffer_ok() afterwards. */
void sample_encode(const struct sample *sample, struct buffer *out);
/* False when |note| is none of a version we know. */
MUST_USE bool sample_decode(struct span note, struct sample *out);

/* What somebody has said of one who has looked at both answers. The numbers stand in the store. */
enum review { REVIEW_NONE = 0, REVIEW_RIGHT = 1, REVIEW_WRONG = 2 };

/* Whether the candidate's answer would have been right. */
static inline enum correctness sample_answer(enum comparison comparison,
                                             enum review review)
{
    if (review != REVIEW_NONE)
        return review == REVIEW_RIGHT ? ANSWER_RIGHT : ANSWER_WRONG;
    if (comparison == COMPARISON_EQUAL || comparison == COMPARISON_SIMILAR)
        return ANSWER_RIGHT;
    return comparison == COMPARISON_DIFFERENT ? ANSWER_WRONG : ANSWER_UNKNOWN;
}

#endif
