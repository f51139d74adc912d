/* SPDX-License-Identifier: MIT */
/* Contractions that stand for one thing alone, and articles without which a phrase stays the
 * same one. */
#include "lexical_parts.h"

#define SEPARATOR "\x1f"

/* -- contractions --------------------------------------------------------------------------- */

static const char bare[][2][10] = {
    {"dont", "do"},         {"doesnt", "does"},   {"didnt", "did"},
    {"isnt", "is"},         {"arent", "are"},     {"wasnt", "was"},
    {"werent", "were"},     {"havent", "have"},   {"hasnt", "has"},
    {"hadnt", "had"},       {"couldnt", "could"}, {"wouldnt", "would"},
    {"shouldnt", "should"}, {"can't", "can"},     {"cannot", "can"},
    {"won't", "will"},
};

static void set_pair(struct lexical *text, struct token *token, struct span first,
                     const char *second)
{
    struct buffer pair = {0};
    buffer_append_span(&pair, first);
    buffer_append_text(&pair, SEPARATOR);
    buffer_append_text(&pair, second);
    if (buffer_ok(&pair))
        lexical_set_form(text, token, buffer_span(&pair));
    else
        text->forms.failed = true;
    buffer_free(&pair);
}

/* "What's been": has. Before other participles "is" and "has" come to the same. */
static bool may_be_has(const struct lexical *text, unsigned index)
{
    if (index + 1 >= text->count)
        return true;
    struct span next = token_form(text, lexical_token(text, index + 1));
    return span_is(next, "been") || span_is(next, "got") || span_is(next, "had") ||
           span_is(next, "become");
}

static bool is_would(const struct lexical *text, unsigned index)
{
    if (index + 1 >= text->count)
        return false;
    struct span next = token_form(text, lexical_token(text, index + 1));
    return span_is(next, "like") || span_is(next, "love") || span_is(next, "prefer");
}

static bool has_tail(struct span form, const char *tail, struct span *head)
{
    size_t size = strlen(tail);
    if (form.size <= size || !span_ends(form, tail))
        return false;
    *head = span_of(form.at, form.size - size);
    return true;
}

static void expand(struct lexical *text, unsigned index)
{
    struct token *token = lexical_token(text, index);
    struct span form = token_form(text, token), head;
    uint8_t last = form.at[form.size - 1];
    /* All that is expanded has an apostrophe, or ends so. */
    if (last != 't' && last != 's' && !memchr(form.at, '\'', form.size))
        return;
    for (size_t i = 0; i < sizeof(bare) / sizeof(*bare); i++)
        if (span_is(form, bare[i][0])) {
            set_pair(text, token, span_text(bare[i][1]), "not");
            return;
        }
    if (span_is(form, "whats"))
        set_pair(text, token, span_text("what"), "is");
    else if (span_is(form, "ain't") || span_is(form, "shan't") || span_is(form, "y'all"))
        return;
    else if (has_tail(form, "n't", &head))
        set_pair(text, token, head, "not");
    else if (has_tail(form, "'re", &head))
        set_pair(text, token, head, "are");
    else if (has_tail(form, "'ll", &head))
        set_pair(text, token, head, "will");
    else if (has_tail(form, "'ve", &head))
        set_pair(text, token, head, "have");
    else if (span_is(form, "i'm"))
        set_pair(text, token, span_text("i"), "am");
    else if (has_tail(form, "'d", &head) && is_would(text, index))
        set_pair(text, token, head, "would");
    else if (has_tail(form, "'s", &head) && (lexical_classes(head) & WORD_IS) &&
             !may_be_has(text, index))
        set_pair(text, token, head, "is");
}

/* -- articles ------------------------------------------------------------------------------- */

static bool is_article(struct span form)
{
    return span_is(form, "the") || span_is(form, "a") || span_is(form, "an");
}

/* A plain word in the middle of a phrase. */
static bool goes_on(const struct lexical *text, unsigned index)
{
    const struct token *token = lexical_token(text, index);
    return token->kind == TOKEN_WORD && !token->joined && !token->comma && !token->stop &&
           token->size > 1 &&
           !((token->classes & WORD_COUNTED) && !(token->classes & WORD_SUPERLATIVE)) &&
           index + 1 < text->count;
}

/* "is the capital of", "the best", "a short poem". Any other article that may be a letter (vitamin A), a
 * part of a name (The City of God), or tell a thing from a name (an apple) or two phrases apart (in the
 * front of) stays. Whether a word has a capital does not count: that is folded. */
static bool is_idle(const struct lexical *text, unsigned index)
{
    const struct token *token = lexical_token(text, index);
    if (token->kind != TOKEN_WORD || token->joined ||
        !is_article(token_form(text, token)) || index + 2 >= text->count ||
        !goes_on(text, index + 1))
        return false;
    const struct token *before = index ? lexical_token(text, index - 1) : NULL;
    bool asked = before && (before->classes & (WORD_QUESTION | WORD_REQUEST)) &&
                 !before->comma && !before->joined;
    if (!asked && !token->begins)
        return false;
    const struct token *next = lexical_token(text, index + 1);
    if (!span_is(token_form(text, token), "the"))
        return asked && (next->classes & WORD_EPITHET);
    bool relation = (next->classes & WORD_RELATION) &&
                    span_is(token_form(text, lexical_token(text, index + 2)), "of");
    return relation || (next->classes & WORD_SUPERLATIVE);
}

/* "What's the name of ..." asks, whatever title or other language follows. */
static bool asks_for_name(const struct lexical *text, unsigned index)
{
    static const char words[][8] = {"name", "title", "song",  "track",
                                    "tune", "way",   "right", "correct"};
    if (index + 3 >= text->count ||
        !span_is(token_form(text, lexical_token(text, index + 1)), "the"))
        return false;
    struct span form = token_form(text, lexical_token(text, index + 2));
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (span_is(form, words[i]))
            return true;
    return false;
}

void lexical_grammar(struct lexical *text)
{
    for (unsigned i = 0; i < text->count && !text->mention && !text->titles; i++)
        if (is_idle(text, i))
            lexical_token(text, i)->dropped = true;
    unsigned end = text->language  ? asks_for_name(text, 0)
                   : text->mention ? text->mentioned
                                   : text->count;
    for (unsigned i = 0; i < end; i++) {
        const struct token *token = lexical_token(text, i);
        if (token->kind == TOKEN_WORD && !token->quoted)
            expand(text, i);
    }
}
