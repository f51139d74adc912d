/* SPDX-License-Identifier: MIT */
/* One misspelt word in a text, where the store's own words leave no doubt: it is the only word that
 * they do not know, it is written small, of five letters at least, begins as the right one does, is
 * one edit away from exactly one of them, and is not built as their words are, so that it is no
 * word that they merely lack ("desert" is not corrected to "dessert", "questoin" is to "question"). */
#include "lexical_parts.h"

#define SHORTEST 5

static bool is_ascii_word(struct span word)
{
    for (size_t i = 0; i < word.size; i++)
        if (!ascii_is_lower(word.at[i]))
            return false;
    return word.size >= SHORTEST;
}

/* A word that may be misspelt: no name, no acronym, no word with a meaning to the rules. */
static bool is_plain(const struct lexical *text, const struct token *token)
{
    bool small = token->style == STYLE_LOWER || text->style == CASE_UPPER ||
                 (token->style == STYLE_CAPITAL && token->begins);
    return small && token->kind == TOKEN_WORD && !token->quoted && token->classes == 0 &&
           is_ascii_word(token_form(text, token));
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

enum lexical_verdict lexical_typo(struct lexical *text,
                                  const struct vocabulary *vocabulary)
{
    struct token *unknown = NULL;
    for (unsigned i = 0; i < text->count; i++) {
        struct token *token = lexical_token(text, i);
        if (!is_plain(text, token) ||
            vocabulary_count(vocabulary, token_form(text, token)) > 1)
            continue;
        if (unknown)
            return LEXICAL_KEY;
        unknown = token;
    }
    if (!unknown || text->mention)
        return LEXICAL_KEY;
    struct span right = vocabulary_correct(vocabulary, token_form(text, unknown));
    enum lexical_verdict verdict = right.size ? judge(right) : LEXICAL_KEY;
    if (right.size && verdict == LEXICAL_KEY) {
        lexical_set_form(text, unknown, right);
        unknown->classes = lexical_classes(right);
    }
    return verdict;
}
