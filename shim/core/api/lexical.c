/* SPDX-License-Identifier: MIT */
/* The steps from a text to its key, in their order. */
#include "lexical_parts.h"

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

enum lexical_verdict lexical_key(struct span source, const struct vocabulary *vocabulary,
                                 struct lexical_key *key)
{
    struct lexical text = {0};
    enum lexical_verdict verdict = lexical_read(&text, source);
    if (verdict == LEXICAL_KEY && vocabulary)
        verdict = lexical_typo(&text, vocabulary);
    if (verdict == LEXICAL_KEY) {
        lexical_frames(&text);
        lexical_grammar(&text);
        verdict = buffer_ok(&text.forms) ? append_key(&text, key) : LEXICAL_MEMORY;
    }
    lexical_free(&text);
    return verdict;
}
