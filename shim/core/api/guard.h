/* SPDX-License-Identifier: MIT */
/* Whether two user messages that an embedding calls alike are to be kept apart all the same. An
 * embedding measures what a text is about, and hardly sees what an answer hangs on: a number, a
 * "not", a name, one word exchanged for another. These guards look for evidence of a difference.
 * They forbid and never permit: what may be served, a certificate says (store/certificate.h), and
 * it holds for one version of them.
 *
 * What is about now (today, the latest, a price) or about whoever asks (my, our) is like nothing
 * but itself. The other lists know English; in other languages every word counts as content,
 * which forbids more.
 *
 * Pure functions; any thread; time proportional to the product of the words. */
#ifndef CORE_API_GUARD_H
#define CORE_API_GUARD_H

#include "store/bytes.h"

#define GUARD_VERSION 2   /* of the rules and lists: part of a certificate */
#define GUARD_WORDS   400 /* longer texts are never alike */
#define GUARD_LONG    60  /* beyond, cosines say little: no content word may differ */

/* Why two texts are kept apart. The numbers go into figures: never change one. */
enum guard {
    GUARD_NONE = 0,          /* nothing speaks against it */
    GUARD_LIMIT = 1,         /* too many words, or none */
    GUARD_LENGTH = 2,        /* one has less than 0.67 of the other's words */
    GUARD_NUMBER = 3,        /* digits, whatever stands around them, words for numbers */
    GUARD_NEGATION = 4,      /* not as many of them */
    GUARD_SYMBOL = 5,        /* currencies, operators */
    GUARD_QUOTE = 6,         /* what stands in quotation marks or backticks */
    GUARD_NAME = 7,          /* a capitalised word that the other has not */
    GUARD_QUESTION = 8,      /* who, when, where, why, how */
    GUARD_OPPOSITE = 9,      /* buy and sell */
    GUARD_DIRECTION = 10,    /* from and to the same */
    GUARD_SUBSTITUTION = 11, /* some content words for others in the same places */
    GUARD_ADDITION = 12,     /* one has content words more that narrow it */
    GUARD_ORDER = 13,        /* two words have changed places */
    GUARD_DIFFERENCE = 14,   /* a word beyond ASCII; a content word, between long texts */
    GUARD_MEMORY = 15,       /* memory is short */
    GUARD_FRESH = 16,        /* one is about what changes: now, today, prices, weather */
    GUARD_ACCOUNT = 17,      /* one is about whoever asks: my, our */
    GUARD_TEXT = 18 /* not UTF-8, or characters whose meaning is not known here */
};

#define GUARD_VERDICTS 19

/* Of two user messages as they were sent, in UTF-8. One reason, if there are several. */
enum guard guard_between(struct span asked, struct span stored);
/* "a number", for figures and explanations. */
const char *guard_text(enum guard guard);

#endif
