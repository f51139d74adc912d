/* SPDX-License-Identifier: MIT */
/* The steps from a text to its key, in their order. */
#include "lexical_parts.h"

#include "store/memory.h"

#define VERSION   2
#define SEPARATOR 0x1f

const char *lexical_text(enum lexical_verdict verdict)
{
    static const char *const texts[LEXICAL_VERDICTS] = {
        [LEXICAL_KEY] = "key",
        [LEXICAL_EMPTY] = "empty",
        [LEXICAL_LONG] = "too long",
        [LEXICAL_ENCODING] = "special characters",
        [LEXICAL_LANGUAGE] = "unknown language",
        [LEXICAL_LAYOUT] = "layout",
        [LEXICAL_CODE] = "code",
        [LEXICAL_QUOTES] = "unpaired quotation marks",
        [LEXICAL_SPELLING] = "about spelling",
        [LEXICAL_CASE] = "case decides",
        [LEXICAL_FRESH] = "freshness words",
        [LEXICAL_ACCOUNT] = "account words",
        [LEXICAL_MEMORY] = "memory is short",
        [LEXICAL_CONTEXT] = "what stands before it",
    };
    return verdict < LEXICAL_VERDICTS ? texts[verdict] : "unknown";
}

enum lexical_verdict lexical_read(struct lexical *text, struct span source)
{
    if (source.size > LEXICAL_LIMIT)
        return LEXICAL_LONG;
    enum lexical_verdict verdict = lexical_clean(text, source);
    if (verdict == LEXICAL_KEY)
        verdict = lexical_scan(text);
    if (verdict == LEXICAL_KEY)
        verdict = lexical_fold(text);
    if (verdict == LEXICAL_KEY)
        verdict = lexical_guard(text);
    return verdict;
}

void lexical_free(struct lexical *text)
{
    buffer_free(&text->clean);
    buffer_free(&text->forms);
    buffer_free(&text->tokens);
}

void lexical_set_form(struct lexical *text, struct token *token, struct span form)
{
    uint32_t at = (uint32_t)text->forms.size;
    buffer_append_span(&text->forms, form);
    if (!buffer_ok(&text->forms))
        return;
    token->form = at;
    token->length = (uint32_t)form.size;
}

/* False when nothing of the text is left. */
static bool append_tokens(const struct lexical *text, struct buffer *key,
                          struct buffer *marks)
{
    bool any = false, blind = text->style == CASE_LOWER || text->style == CASE_UPPER;
    if (!blind)
        buffer_append_byte(marks, VERSION);
    for (unsigned i = 0; i < text->count; i++) {
        const struct token *token = lexical_token(text, i);
        if (token->dropped)
            continue;
        buffer_append_byte(key, SEPARATOR);
        if (token->marked)
            buffer_append_u16(marks, (uint16_t)key->size);
        buffer_append_span(key, token_form(text, token));
        any = any || token->kind != TOKEN_MARK;
    }
    return any;
}

static enum lexical_verdict append_key(const struct lexical *text,
                                       struct lexical_key *key)
{
    buffer_clear(&key->words);
    buffer_clear(&key->marks);
    buffer_append_byte(&key->words, VERSION);
    bool any = append_tokens(text, &key->words, &key->marks);
    if (any && buffer_ok(&key->words) && buffer_ok(&key->marks))
        return LEXICAL_KEY;
    lexical_key_free(key);
    return any ? LEXICAL_MEMORY : LEXICAL_EMPTY;
}

void lexical_key_free(struct lexical_key *key)
{
    buffer_free(&key->words);
    buffer_free(&key->marks);
}

bool lexical_agree(struct span marks, struct span others)
{
    return marks.size == 0 || others.size == 0 || span_equal(marks, others);
}

/* -- one text, several keys --------------------------------------------------------------- */

enum lexical_verdict lexical_open(struct span source, struct lexical **out)
{
    *out = memory_new(sizeof(**out));
    if (!*out)
        return LEXICAL_MEMORY;
    enum lexical_verdict verdict = lexical_read(*out, source);
    if (verdict == LEXICAL_KEY)
        return verdict;
    lexical_close(*out);
    *out = NULL;
    return verdict;
}

void lexical_close(struct lexical *text)
{
    if (text)
        lexical_free(text);
    memory_free(text);
}

/* What the steps behind may change is |copy|'s own. */
static bool copy_of(const struct lexical *text, struct lexical *copy)
{
    *copy = *text;
    copy->forms = copy->tokens = (struct buffer){0};
    buffer_append_span(&copy->forms, buffer_span(&text->forms));
    buffer_append_span(&copy->tokens, buffer_span(&text->tokens));
    return buffer_ok(&copy->forms) && buffer_ok(&copy->tokens);
}

enum lexical_verdict lexical_make(const struct lexical *text,
                                  const struct vocabulary *vocabulary,
                                  struct lexical_key *key)
{
    struct typos typos = {0};
    struct lexical copy;
    enum lexical_verdict verdict = LEXICAL_KEY;
    lexical_key_free(key);
    if (vocabulary)
        verdict = lexical_typos(text, vocabulary, &typos);
    if (verdict == LEXICAL_KEY && vocabulary && typos.count == 0)
        verdict = LEXICAL_EMPTY;
    if (verdict != LEXICAL_KEY)
        return verdict;
    bool good = copy_of(text, &copy);
    if (good) {
        lexical_put_right(&copy, &typos);
        lexical_frames(&copy);
        lexical_grammar(&copy);
        good = buffer_ok(&copy.forms);
    }
    verdict = good ? append_key(&copy, key) : LEXICAL_MEMORY;
    buffer_free(&copy.forms);
    buffer_free(&copy.tokens);
    return verdict;
}

enum lexical_verdict lexical_key(struct span source, const struct vocabulary *vocabulary,
                                 struct lexical_key *key)
{
    struct lexical *text;
    enum lexical_verdict verdict = lexical_open(source, &text);
    lexical_key_free(key);
    if (verdict != LEXICAL_KEY)
        return verdict;
    verdict = vocabulary ? lexical_make(text, vocabulary, key) : LEXICAL_EMPTY;
    if (verdict == LEXICAL_EMPTY)
        verdict = lexical_make(text, NULL, key);
    lexical_close(text);
    return verdict;
}

/* -- what is learnt ----------------------------------------------------------------------- */

/* Is |word| one that a vocabulary has? */
static bool is_learnt(struct span word)
{
    for (size_t i = 0; i < word.size; i++)
        if (!ascii_is_lower(word.at[i]))
            return false;
    return word.size >= VOCABULARY_SHORTEST && word.size <= VOCABULARY_LONGEST;
}

static bool has_word(struct span words, struct span word)
{
    while (words.size) {
        struct span one = span_of(words.at, span_find(words, span_text(" ")));
        if (span_equal(one, word))
            return true;
        words = span_skip(words, one.size + 1);
    }
    return false;
}

void lexical_words(const struct lexical *text, struct buffer *out)
{
    size_t begun = out->size;
    for (unsigned i = 0; i < text->count; i++) {
        const struct token *token = lexical_token(text, i);
        struct span word = token_form(text, token);
        size_t size = out->size - begun;
        if (token->kind != TOKEN_WORD || !is_learnt(word) ||
            size + 1 + word.size > LEXICAL_WORDS ||
            has_word(span_skip(buffer_span(out), begun), word))
            continue;
        if (size)
            buffer_append_byte(out, ' ');
        buffer_append_span(out, word);
    }
}
