/* SPDX-License-Identifier: MIT */
/* When two user messages that differ in bytes ask for the same answer: equal words in equal order,
 * after what cannot change an answer is folded away: Unicode forms (NFKC), case, white space,
 * punctuation, politeness, contractions, some articles, single typos. What is folded is named
 * here and in the files behind; all else is content and keeps texts apart, whatever it means:
 * numbers, units, dates, identifiers, negation, symbols, order.
 *
 * Fails closed: a text that holds what these rules do not understand has no key, and only the
 * exact layer serves it. Pure functions; any thread; time proportional to the text. */
#ifndef CORE_API_LEXICAL_H
#define CORE_API_LEXICAL_H

#include "store/vocabulary.h"

/* Longer texts have no key. */
#define LEXICAL_LIMIT 8192

/* Why a text has no key; names by lexical_text(). The numbers go into figures: never change one. */
enum lexical_verdict {
    LEXICAL_KEY = 0,      /* there is one */
    LEXICAL_EMPTY = 1,    /* nothing is left of it */
    LEXICAL_LONG = 2,     /* over LEXICAL_LIMIT */
    LEXICAL_ENCODING = 3, /* not UTF-8, control characters, characters with a meaning that
                              NFKC loses (superscripts, fractions) */
    LEXICAL_LANGUAGE =
        4, /* in a script or language whose words for time are not known here */
    LEXICAL_LAYOUT = 5,   /* lines, paragraphs, indentation that may matter */
    LEXICAL_CODE = 6,     /* code, markup, formulas */
    LEXICAL_QUOTES = 7,   /* quotation marks that do not pair */
    LEXICAL_SPELLING = 8, /* about spelling, grammar, punctuation, or an exact form */
    LEXICAL_CASE =
        9, /* case decides and is not to be seen: Polish and polish, MB and Mb */
    LEXICAL_FRESH = 10,   /* about what changes: now, today, prices, weather */
    LEXICAL_ACCOUNT = 11, /* about whoever asks: my, our */
    LEXICAL_MEMORY = 12,  /* memory is short */
    LEXICAL_CONTEXT =
        13, /* what stands before it makes its form count, or cannot be read */
};

#define LEXICAL_VERDICTS 14

/* Two texts may share an answer when their words are equal and their marks agree. */
struct lexical_key {
    struct buffer words; /* folded, not hashed; the first byte is the rules' version */
    /* Which of them are acronyms that are words in lower case (SAP); empty when the text is all
     * small or all capital letters, so that its case does not say. */
    struct buffer marks;
};

/* Replaces what |key|, all zeroes or filled, holds by that of |text| (UTF-8); it is the caller's to
 * free, and empty without LEXICAL_KEY. |vocabulary| may be NULL: no typo is folded then. Else at most
 * two are (lexical_typo.c); a text without any has the same key. */
MUST_USE enum lexical_verdict lexical_key(struct span text,
                                          const struct vocabulary *vocabulary,
                                          struct lexical_key *key);
void lexical_key_free(struct lexical_key *key);
/* True when one of the marks does not say anything, or both say the same. */
bool lexical_agree(struct span marks, struct span others);

/* -- one text, several keys --------------------------------------------------------------- */

struct lexical;

/* Reads |text|, so that its keys cost less. |*out| is NULL unless LEXICAL_KEY. */
MUST_USE enum lexical_verdict lexical_open(struct span text, struct lexical **out);
/* Fills |key|, all zeroes or filled: with NULL as |vocabulary| that of the words as they are; else that of
 * the text with its misspelt words put right, or LEXICAL_EMPTY: none is misspelt beyond doubt. */
MUST_USE enum lexical_verdict lexical_make(const struct lexical *text,
                                           const struct vocabulary *vocabulary,
                                           struct lexical_key *key);
/* False: no word of |text| can be misspelt, whatever a vocabulary holds. */
bool lexical_is_doubtful(const struct lexical *text);
/* NULL is allowed. */
void lexical_close(struct lexical *text);

/* -- what stands before, and what is learnt ---------------------------------------------- */

/* Of a |text| (UTF-8) that stands before a message, of instructions or earlier turns: LEXICAL_KEY when it
 * says nothing that could make the message's form count, else LEXICAL_CONTEXT or LEXICAL_MEMORY. */
MUST_USE enum lexical_verdict lexical_context(struct span text);

/* Appends |source| (UTF-8) in NFKC, with quotes and dashes of ASCII, to |plain|, for other ways to
 * compare texts than by keys. LEXICAL_KEY; LEXICAL_FRESH or LEXICAL_ACCOUNT when one of its words says so;
 * LEXICAL_LONG, LEXICAL_ENCODING, LEXICAL_LANGUAGE, LEXICAL_MEMORY: |plain| is of no use. */
MUST_USE enum lexical_verdict lexical_plain(struct span source, struct buffer *plain);

/* "freshness words", for figures and explanations. */
const char *lexical_text(enum lexical_verdict verdict);

/* Appends the words of |text| that a vocabulary learns when a message is recorded, in lower case, each
 * once, blanks between them, and not more than LEXICAL_WORDS bytes. Ask buffer_ok() afterwards. */
#define LEXICAL_WORDS 2048
void lexical_words(const struct lexical *text, struct buffer *out);

#endif
