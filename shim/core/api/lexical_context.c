/* SPDX-License-Identifier: MIT */
/* What stands before a message may make it a text to be worked on, not a question to be answered: "correct
 * the punctuation of what I write", "translate the user's message". Then its form is its content. */
#include "lexical_parts.h"

#define STEM 12

/* What instructions of that kind say, as beginnings of words; a word too many only costs hits. */
static const char stems[][STEM] = {
    "abbrev",   "abus",      "accent",    "acronym",   "alphabet",  "anagram",
    "annotat",  "anonym",    "apostroph", "append",    "arabic",    "article",
    "ascii",    "assess",    "autocomp",  "base64",    "begin",     "bengali",
    "blank",    "cantonese", "capital",   "caption",   "casual",    "categor",
    "charact",  "chinese",   "cipher",    "classif",   "clean",     "comma",
    "comment",  "compar",    "complet",   "contain",   "continu",   "conversa",
    "convert",  "copy",      "correct",   "courte",    "curse",     "czech",
    "danish",   "decod",     "delet",     "detect",    "dialect",   "dialog",
    "diff",     "document",  "draft",     "dutch",     "echo",      "edit",
    "email",    "emoji",     "emotion",   "encod",     "encrypt",   "ending",
    "essay",    "evaluat",   "exact",     "exclam",    "extract",   "feedback",
    "finnish",  "fix",       "formal",    "format",    "french",    "german",
    "grade",    "gramma",    "greek",     "greet",     "hash",      "hebrew",
    "hello",    "hindi",     "hyphen",    "identif",   "impolite",  "improv",
    "indones",  "informal",  "input",     "insert",    "instead",   "insult",
    "intent",   "italian",   "japanes",   "judge",     "keyword",   "korean",
    "label",    "latin",     "learner",   "letter",    "linguist",  "literal",
    "lowercas", "mandarin",  "mark",      "mask",      "match",     "mention",
    "message",  "mimic",     "misspel",   "moderat",   "normali",   "norwegian",
    "orthogr",  "palindrom", "paragraph", "paraphras", "parrot",    "parse",
    "passage",  "password",  "persian",   "phish",     "phrase",    "please",
    "plural",   "polish",    "polite",    "portug",    "prepend",   "profan",
    "prompt",   "pronounc",  "proofread", "punctuat",  "query",     "quot",
    "redact",   "refin",     "regex",     "remove",    "repeat",    "rephras",
    "replace",  "restat",    "reverse",   "review",    "revis",     "reword",
    "rewrit",   "rhetor",    "rhym",      "rude",      "russian",   "sanskrit",
    "saying",   "says",      "score",     "scrambl",   "sentence",  "sentiment",
    "shout",    "shuffl",    "slang",     "snippet",   "sort",      "space",
    "spam",     "spanish",   "spell",     "sql",       "start",     "string",
    "style",    "substit",   "subtitle",  "swear",     "swedish",   "syllab",
    "symbol",   "tag",       "tamil",     "teach",     "text",      "thank",
    "title",    "token",     "tone",      "toxic",     "transcri",  "transform",
    "translat", "translit",  "trim",      "turkish",   "tutor",     "tweet",
    "typo",     "ukrain",    "unchang",   "unicode",   "upper",     "urdu",
    "utteranc", "verbatim",  "vietnam",   "vowel",     "whitespac", "word",
};

static bool has_stem(struct span word)
{
    for (size_t i = 0; i < sizeof(stems) / sizeof(*stems); i++)
        if (stems[i][0] == word.at[0] && span_starts(word, stems[i]))
            return true;
    return false;
}

/* Stands in hardly a sentence of another language. */
static bool is_english(struct span word)
{
    static const char words[][STEM] = {"the",  "you",  "your", "and",  "are",
                                       "with", "be",   "of",   "is",   "that",
                                       "to",   "what", "how",  "which"};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (span_is(word, words[i]))
            return true;
    return false;
}

/* Cuts the first word off |text|, which is in lower case; empty: there was none. */
static struct span take_word(struct span *text)
{
    size_t size = 0;
    while (text->size && !ascii_is_lower(*text->at))
        *text = span_skip(*text, 1);
    while (size < text->size &&
           (ascii_is_lower(text->at[size]) || ascii_is_digit(text->at[size])))
        size++;
    struct span word = span_of(text->at, size);
    *text = span_skip(*text, size);
    return word;
}

static bool has_foreign_letter(struct span text)
{
    for (; text.size; text = span_skip(text, lexical_point(text).size))
        if (text.at[0] >= 0x80 && lexical_point(text).kind == POINT_LETTER)
            return true;
    return false;
}

static bool is_harmless(struct span text)
{
    size_t count = 0, english = 0;
    for (;;) {
        struct span word = take_word(&text);
        if (word.size == 0)
            return count < 4 || english > 0;
        if (has_stem(word))
            return false;
        count++;
        english += is_english(word);
    }
}

enum lexical_verdict lexical_context(struct span text)
{
    struct buffer lower = {0};
    enum lexical_verdict verdict = LEXICAL_CONTEXT;
    if (has_foreign_letter(text))
        return verdict;
    lexical_lower(&lower, text);
    if (!buffer_ok(&lower))
        verdict = LEXICAL_MEMORY;
    else if (is_harmless(buffer_span(&lower)))
        verdict = LEXICAL_KEY;
    buffer_free(&lower);
    return verdict;
}
