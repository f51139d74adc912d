/* SPDX-License-Identifier: MIT */
/* Whether two user messages that an embedding calls alike are to be kept apart all the same. An
 * embedding measures what a text is about, and hardly sees what an answer hangs on: a number, a
 * "not", a name, one word exchanged for another. These guards look for evidence of a difference.
 * They forbid and never permit: what may be served, a certificate says (store/certificate.h), and
 * it holds for one version of them.
 *
 * Texts are UTF-8 in NFKC with quotes of ASCII. The lists know English; in other languages every
 * word counts as content, which forbids more. What is about now or about whoever asks, is not
 * seen here.
 *
 * Pure functions; any thread; time proportional to the product of the words. */
#ifndef CORE_API_LIKENESS_H
#define CORE_API_LIKENESS_H

#include "store/bytes.h"

#define LIKENESS_VERSION 1   /* of the rules and lists: part of a certificate */
#define LIKENESS_WORDS   400 /* longer texts are never alike */
#define LIKENESS_LONG    60  /* beyond, cosines say little: no content word may differ */

/* Why two texts are kept apart. The numbers go into figures: never change one. */
enum likeness {
    LIKENESS_NONE = 0,       /* nothing speaks against it */
    LIKENESS_LIMIT = 1,      /* too many words, or none */
    LIKENESS_LENGTH = 2,     /* one has less than 0.67 of the other's words */
    LIKENESS_NUMBER = 3,     /* digits, whatever stands around them, words for numbers */
    LIKENESS_NEGATION = 4,   /* not as many of them */
    LIKENESS_SYMBOL = 5,     /* currencies, operators */
    LIKENESS_QUOTE = 6,      /* what stands in quotation marks or backticks */
    LIKENESS_NAME = 7,       /* a capitalised word that the other has not */
    LIKENESS_QUESTION = 8,   /* who, when, where, why, how */
    LIKENESS_OPPOSITE = 9,   /* buy and sell */
    LIKENESS_DIRECTION = 10, /* from and to the same */
    LIKENESS_SUBSTITUTION =
        11,                 /* one or two content words for others in the same place */
    LIKENESS_ADDITION = 12, /* one has content words more that narrow it */
    LIKENESS_ORDER = 13,    /* two words have changed places */
    LIKENESS_DIFFERENCE =
        14,              /* a word beyond ASCII; a content word, between long texts */
    LIKENESS_MEMORY = 15 /* memory is short */
};

#define LIKENESS_VERDICTS 16

/* One reason, if there are several. */
enum likeness likeness(struct span a, struct span b);
/* "a number", for figures and explanations. */
const char *likeness_text(enum likeness likeness);

#endif
