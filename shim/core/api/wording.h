/* SPDX-License-Identifier: MIT */
/* The text of an answer that is nothing but text, and how far two such answers say the same. Pure
 * functions; any thread. */
#ifndef CORE_API_WORDING_H
#define CORE_API_WORDING_H

#include "api.h"
#include "store/comparison.h"

enum wording_result {
    WORDING_PLAIN = 0,
    WORDING_OTHER =
        1, /* calls tools, holds pictures or what is not known here, did not end as it
                           should, or is an answer in a dialect that is not read here */
    WORDING_MEMORY = 2, /* memory is short */
};

/* Appends the text of |response|, free of content coding, to a request that was recognised as |call|.
 * On anything but WORDING_PLAIN |out| holds a useless part. */
MUST_USE enum wording_result
wording_of(const struct call *call, const struct response *response, struct buffer *out);

/* How two texts compare, by words (letters and digits of ASCII without case, and all that is not ASCII),
 * of which those are numbers that have a digit:
 *
 *   equal      both texts are equal when each run of white space is one blank, none at the ends; or
 *              both are JSON with one canonical form
 *   similar    their words, one at least, are equal in number and order, and so are their signs,
 *              which are + - * / = < > % $ # and &
 *   different  other numbers, or another count of negations, in answers of which the longer has at
 *              most 20 words; or fewer than one word in ten in common
 *   unknown    everything else; texts of more than WORDING_LIMIT bytes that are not equal
 *
 * COMPARISON_UNKNOWN also when memory is short. */
#define WORDING_LIMIT ((size_t)1 << 20)
enum comparison wording_likeness(struct span one, struct span other);

#endif
