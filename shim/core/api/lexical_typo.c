/* SPDX-License-Identifier: MIT */
/* A misspelt word or two in a text, where the store's own words leave no doubt. All others are words that
 * they know: those of a recorded message are. The misspelt one they do not know, nor do lists of
 * English words and names; it is written small, of five letters at least, begins as the right one does,
 * and is one edit away from exactly one of them, which is no rare one. So "desert" is not corrected to
 * "dessert", "questoin" is to "question". */
#include "lexical_parts.h"

#include "english.h"

static bool is_ascii_word(struct span word)
{
    for (size_t i = 0; i < word.size; i++)
        if (!ascii_is_lower(word.at[i]))
            return false;
    return word.size >= TYPO_SHORTEST;
}

/* A word that may be misspelt: no name, no acronym, no word with a meaning to the rules. */
static bool is_plain(const struct lexical *text, const struct token *token)
{
    bool small = token->style == STYLE_LOWER || text->style == CASE_UPPER ||
                 (token->style == STYLE_CAPITAL && token->begins);
    return small && token->kind == TOKEN_WORD && !token->quoted && token->classes == 0 &&
           is_ascii_word(token_form(text, token));
}

bool lexical_is_doubtful(const struct lexical *text)
{
    for (unsigned i = 0; i < text->count && !text->mention; i++) {
        const struct token *token = lexical_token(text, i);
        if (is_plain(text, token) && !english_has(token_form(text, token)))
            return true;
    }
    return false;
}

/* What the right word says of the text. */
static enum lexical_verdict judge(struct span word)
{
    uint32_t classes = lexical_classes(word);
    if (classes & WORD_FRESH)
        return LEXICAL_FRESH;
    if (classes & WORD_ACCOUNT)
        return LEXICAL_ACCOUNT;
    return classes & (WORD_SPELLING | WORD_MENTION | WORD_TITLE | WORD_LANGUAGE |
                      WORD_UNIT | WORD_NAME)
               ? LEXICAL_SPELLING
               : LEXICAL_KEY;
}

/* The tokens that the vocabulary does not know. False: too many, or one of them is a word, so that nothing
 * that was recorded has it. */
static bool find_unknown(const struct lexical *text, const struct vocabulary *vocabulary,
                         struct typos *typos)
{
    for (unsigned i = 0; i < text->count; i++) {
        const struct token *token = lexical_token(text, i);
        struct span word = token_form(text, token);
        if (!is_plain(text, token) || vocabulary_count(vocabulary, word))
            continue;
        if (typos->count == TYPOS_MOST || english_has(word))
            return false;
        typos->list[typos->count++].token = i;
    }
    return true;
}

/* All of them, or none. */
static enum lexical_verdict correct(const struct lexical *text,
                                    const struct vocabulary *vocabulary,
                                    struct typos *typos)
{
    for (unsigned i = 0; i < typos->count; i++) {
        struct typo *typo = &typos->list[i];
        const struct token *token = lexical_token(text, typo->token);
        typo->size = lexical_correct(vocabulary, token_form(text, token), typo->right);
        enum lexical_verdict verdict = judge(span_of(typo->right, typo->size));
        if (typo->size == 0 || verdict != LEXICAL_KEY) {
            typos->count = 0;
            return verdict;
        }
    }
    return LEXICAL_KEY;
}

enum lexical_verdict lexical_typos(const struct lexical *text,
                                   const struct vocabulary *vocabulary,
                                   struct typos *typos)
{
    typos->count = 0;
    if (text->mention || !find_unknown(text, vocabulary, typos)) {
        typos->count = 0;
        return LEXICAL_KEY;
    }
    return correct(text, vocabulary, typos);
}

void lexical_put_right(struct lexical *text, const struct typos *typos)
{
    for (unsigned i = 0; i < typos->count; i++) {
        const struct typo *typo = &typos->list[i];
        struct span word = span_of(typo->right, typo->size);
        struct token *token = lexical_token(text, typo->token);
        lexical_set_form(text, token, word);
        token->classes = lexical_classes(word);
    }
}
