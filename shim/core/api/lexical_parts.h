/* SPDX-License-Identifier: MIT */
/* What the files behind lexical.h share: a text on its way to its key. */
#ifndef CORE_API_LEXICAL_PARTS_H
#define CORE_API_LEXICAL_PARTS_H

#include "lexical.h"

/* -- lexical_words.c: the words that rules name --------------------------------------------- */

enum lexical_class {
    WORD_FRESH = 1 << 0,       /* about what changes */
    WORD_ACCOUNT = 1 << 1,     /* about whoever asks */
    WORD_SPELLING = 1 << 2,    /* about letters: no key */
    WORD_MENTION = 1 << 3,     /* about words: what follows may be mentioned, not used */
    WORD_QUESTION = 1 << 4,    /* begins a question */
    WORD_REQUEST = 1 << 5,     /* begins a request: a verb */
    WORD_SUPERLATIVE = 1 << 6, /* stands with "the" or without */
    WORD_COUNTED =
        1 << 7, /* differs by its article: a few and few, a third and the third */
    WORD_KNOWN = 1 << 8,    /* proves a language whose FRESH and ACCOUNT words are here */
    WORD_UNIT = 1 << 9,     /* case tells it from another unit: MB, Mb */
    WORD_ACRONYM = 1 << 10, /* no word in lower case: USA */
    WORD_BRAND = 1 << 11,   /* odd case, and no other word: YouTube */
    WORD_NAME = 1 << 12,    /* another word with a capital: Polish */
    WORD_SAFE_UNIT = 1 << 13, /* a unit whatever its case: km */
    WORD_IS = 1 << 14,        /* 's behind it is "is" */
    WORD_GREETING = 1 << 15,
    WORD_OBJECT = 1 << 16,   /* "please" behind it is a verb or mentioned */
    WORD_LANGUAGE = 1 << 17, /* a greeting may be what is to be translated */
    WORD_TITLE = 1 << 18,    /* names follow, and articles belong to names */
    WORD_FUNCTION = 1 << 20, /* IT is not it, whatever stands around it */
    WORD_MUSIC = 1 << 22,    /* titles of songs are whole sentences */
    WORD_RELATION = 1 << 21, /* "the" before it and "of" says nothing: the capital of */
    WORD_EPITHET = 1 << 19,  /* begins no name: "a" before it says nothing */
};

/* The classes of |word|, in lower case; 0 for most words. */
uint32_t lexical_classes(struct span word);

/* -- a text --------------------------------------------------------------------------------- */

enum token_kind {
    TOKEN_WORD,     /* letters, inner apostrophes and hyphens */
    TOKEN_VERBATIM, /* with digits or symbols in it */
    TOKEN_MARK,     /* a quotation mark, the colon before a payload */
};

enum token_style {
    STYLE_NONE,    /* no letters that have case */
    STYLE_LOWER,   /* word */
    STYLE_CAPITAL, /* Word */
    STYLE_SINGLE,  /* W */
    STYLE_UPPER,   /* WORD */
    STYLE_INNER,   /* wOrd */
};

struct token {
    uint32_t at, size;      /* as written, in |clean| */
    uint32_t form, length;  /* as compared, in |forms| */
    uint32_t low, low_size; /* in lower case, in |forms| */
    uint32_t classes;
    uint8_t kind, style;
    bool quoted;
    bool comma;   /* a comma follows */
    bool stop;    /* the sentence ends behind it */
    bool begins;  /* a sentence */
    bool dropped; /* not in the key */
    bool marked;  /* an acronym, as its case says, that is a word in lower case */
    bool joined;  /* stands behind or before a '/' */
};

enum text_case {
    CASE_LOWER,    /* no capital in it */
    CASE_UPPER,    /* no small letter in it */
    CASE_TITLE,    /* Each Word With A Capital */
    CASE_SENTENCE, /* as people should write */
};

struct lexical {
    struct buffer clean; /* the text in NFKC, as UTF-8, quotes and dashes of ASCII */
    struct buffer forms;
    struct buffer tokens; /* of struct token */
    unsigned count;
    enum text_case style;
    bool foreign; /* letters beyond ASCII */
    bool
        mention; /* words may be mentioned, not used: contractions behind stay as they are */
    unsigned mentioned; /* |mention|: the first token that says so */
    bool titles;        /* names may begin with an article */
    bool language;      /* a language or a song is meant: frames and contractions stay */
    bool payload;       /* something stands behind a colon; its punctuation is content */
};

static inline struct token *lexical_token(const struct lexical *text, unsigned index)
{
    return (struct token *)(void *)text->tokens.at + index;
}

static inline struct span token_raw(const struct lexical *text, const struct token *token)
{
    return span_of(text->clean.at + token->at, token->size);
}

static inline struct span token_form(const struct lexical *text,
                                     const struct token *token)
{
    return span_of(text->forms.at + token->form, token->length);
}

static inline bool ascii_is_upper(uint32_t point)
{
    return point >= 'A' && point <= 'Z';
}

static inline bool ascii_is_lower(uint32_t point)
{
    return point >= 'a' && point <= 'z';
}

static inline bool ascii_is_digit(uint32_t point)
{
    return point >= '0' && point <= '9';
}

/* -- lexical_unicode.c ---------------------------------------------------------------------- */

enum point_kind {
    POINT_SYMBOL,
    POINT_LETTER,
    POINT_DIGIT,
    POINT_SPACE,
    POINT_PUNCTUATION
};

struct point {
    uint32_t value;
    uint8_t size; /* bytes */
    uint8_t kind;
    bool upper, lower;
};

/* The character at the beginning of |text|, which lexical_clean() has made and is not empty. */
struct point lexical_point(struct span text);
/* Appends |text| in lower case. */
void lexical_lower(struct buffer *out, struct span text);
/* Fills |clean|. */
MUST_USE enum lexical_verdict lexical_clean(struct lexical *text, struct span source);

/* -- one step each ------------------------------------------------------------------------- */

/* lexical_scan.c: tokens of |clean|; code, quotes and layout that no rule understands. */
MUST_USE enum lexical_verdict lexical_scan(struct lexical *text);
/* lexical_case.c: each token's form and classes. */
MUST_USE enum lexical_verdict lexical_fold(struct lexical *text);
/* lexical_guard.c: freshness, account, spelling, language; sets |mention| and its like. */
MUST_USE enum lexical_verdict lexical_guard(struct lexical *text);
/* lexical_frames.c: drops politeness. */
void lexical_frames(struct lexical *text);
/* lexical_grammar.c: contractions and articles. */
void lexical_grammar(struct lexical *text);
#define TYPOS_MOST 2
/* Letters of a misspelt word, and of the right one, at least. */
#define TYPO_SHORTEST 5

/* Words of a text that are taken for misspelt, and the right ones. */
struct typos {
    unsigned count;
    struct typo {
        unsigned token;
        uint8_t right[VOCABULARY_LONGEST];
        size_t size;
    } list[TYPOS_MOST];
};

/* lexical_typo.c: fills |typos|, empty unless LEXICAL_KEY; and puts them right. */
MUST_USE enum lexical_verdict lexical_typos(const struct lexical *text,
                                            const struct vocabulary *vocabulary,
                                            struct typos *typos);
void lexical_put_right(struct lexical *text, const struct typos *typos);

/* lexical_edits.c: the size of the word, put into |right|, that |word|, which |vocabulary| does not know,
 * is a misspelling of; 0: there is none, or that is not certain. */
MUST_USE size_t lexical_correct(const struct vocabulary *vocabulary, struct span word,
                                uint8_t right[VOCABULARY_LONGEST]);

/* Up to the forms; the guards have seen it. |text| is to be freed in any case. */
MUST_USE enum lexical_verdict lexical_read(struct lexical *text, struct span source);
void lexical_free(struct lexical *text);
/* Replaces a token's form. */
void lexical_set_form(struct lexical *text, struct token *token, struct span form);

#endif
