/* SPDX-License-Identifier: MIT */
/* Tokens: what stands between blanks, without the punctuation around it. */
#include "lexical_parts.h"

/* Where one of these stands, blanks, case and punctuation may matter. */
#define CODE "`{}[]<>\\|^~="

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\n';
}

static void trim(struct buffer *clean)
{
    size_t begin = 0;
    while (clean->size && is_blank(clean->at[clean->size - 1]))
        clean->size--;
    while (begin < clean->size && is_blank(clean->at[begin]))
        begin++;
    buffer_drop_front(clean, begin);
}

/* One line break is a blank; more of them make a list, a poem, a table, code: unless all blanks
 * are line breaks. None may stand in what a colon announces. */
static bool flatten(struct buffer *clean)
{
    size_t breaks = 0, blanks = 0;
    bool announced = false; /* by any colon: words are not known yet */
    for (size_t i = 1; i < clean->size; i++) {
        if (!is_blank(clean->at[i]))
            continue;
        bool again = is_blank(clean->at[i - 1]), line = clean->at[i] == '\n';
        if ((again && (line || clean->at[i - 1] == '\n')) || (line && announced))
            return false;
        announced = announced || clean->at[i - 1] == ':';
        breaks += line;
        blanks += !again;
    }
    if (breaks > 1 && breaks != blanks)
        return false;
    for (size_t i = 0; i < clean->size; i++)
        if (clean->at[i] == '\n')
            clean->at[i] = ' ';
    return true;
}

/* " -x": an option, a list; not a dash with a blank behind it. */
static bool has_option(struct span text)
{
    for (size_t at; (at = span_find(text, span_text(" -"))) + 2 < text.size;) {
        text = span_skip(text, at + 2);
        if (text.at[0] != ' ')
            return true;
    }
    return false;
}

static bool has_code(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!ascii_is_lower(text.at[i]) && text.at[i] != ' ' && strchr(CODE, text.at[i]))
            return true;
    return span_find(text, span_text("()")) < text.size ||
           span_find(text, span_text("//")) < text.size || has_option(text);
}

/* -- one chunk ------------------------------------------------------------------------------ */

/* So many in what is no announcement yet; one more is one. */
#define COLONS 4

struct chunk {
    struct span text;
    size_t at;               /* in |clean| */
    unsigned opened, closed; /* parentheses that were cut off */
};

static struct point last_point(struct span text)
{
    size_t size = 1;
    while (size < text.size && (text.at[text.size - size] & 0xc0) == 0x80)
        size++;
    return lexical_point(span_of(text.at + text.size - size, size));
}

/* Letters, with apostrophes, hyphens between them. */
static bool is_word(struct span text)
{
    bool letter = false;
    for (struct span rest = text; rest.size;) {
        struct point point = lexical_point(rest);
        bool inner = (point.value == '-' || point.value == '\'') && letter;
        if (point.kind != POINT_LETTER && !inner)
            return false;
        letter = point.kind == POINT_LETTER;
        rest = span_skip(rest, point.size);
    }
    return letter || (text.size > 1 && text.at[text.size - 1] == '\'');
}

static bool ends_sentence(uint32_t point)
{
    return point == '.' || point == '?' || point == '!' || point == 0x3002;
}

/* Cuts |marks| off the end, and tells what they say. '!' behind a number is an operator. */
static void cut_end(struct chunk *chunk, struct token *token, const char *marks)
{
    while (chunk->text.size) {
        struct point last = last_point(chunk->text);
        if (last.kind == POINT_LETTER)
            return;
        bool known = last.value < 0x80 ? strchr(marks, (int)last.value) != NULL
                                       : last.kind == POINT_PUNCTUATION;
        if (!known || last.kind != POINT_PUNCTUATION)
            return;
        token->stop = token->stop || ends_sentence(last.value);
        token->comma = token->comma || last.value == ',' || last.value == ';';
        chunk->closed += last.value == ')';
        chunk->text.size -= last.size;
    }
}

static void cut_begin(struct chunk *chunk)
{
    while (chunk->text.size) {
        struct point first = lexical_point(chunk->text);
        if (first.value != '(' && first.value != 0xbf && first.value != 0xa1)
            return;
        chunk->opened += first.value == '(';
        chunk->text = span_skip(chunk->text, first.size);
        chunk->at += first.size;
    }
}

static void add(struct lexical *text, const struct chunk *chunk, struct token token)
{
    token.at = (uint32_t)chunk->at;
    token.size = (uint32_t)chunk->text.size;
    buffer_append(&text->tokens, &token, sizeof(token));
    text->count++;
}

/* "and/or", "MB/s" are words with a sign between them. False when |chunk| is something else. */
static bool add_joined(struct lexical *text, const struct chunk *chunk,
                       struct token token)
{
    size_t slash = span_find(chunk->text, span_text("/"));
    struct chunk first = {.text = span_of(chunk->text.at, slash), .at = chunk->at};
    struct chunk second = {.text = span_skip(chunk->text, slash + 1),
                           .at = chunk->at + slash + 1};
    struct chunk sign = {.text = span_of(chunk->text.at + slash, 1),
                         .at = chunk->at + slash};
    if (slash == chunk->text.size || !is_word(first.text) || !is_word(second.text))
        return false;
    struct token half = {.quoted = token.quoted, .joined = true};
    add(text, &first, half);
    half.kind = TOKEN_VERBATIM;
    add(text, &sign, half);
    token.joined = true;
    add(text, &second, token);
    return true;
}

/* 5!, n!, (n+1)!, not 2016! or 10th! */
static bool is_factorial(struct span text)
{
    while (text.size && strchr("!?.", text.at[text.size - 1]))
        text.size--;
    uint8_t last = text.size ? text.at[text.size - 1] : '!';
    bool year = text.size == 4 && (span_starts(text, "19") || span_starts(text, "20"));
    bool word = text.size > 2 && ascii_is_lower(last | 0x20) &&
                ascii_is_lower(text.at[text.size - 2] | 0x20);
    return !year && !word;
}

/* Parentheses group words: they are tokens of their own. */
static void add_word(struct lexical *text, const struct chunk *word, struct token token)
{
    struct token sign = {.kind = TOKEN_VERBATIM, .quoted = token.quoted};
    for (unsigned i = word->opened; i > 0; i--)
        add(text, &(struct chunk){.text = span_of("(", 1), .at = word->at - i}, sign);
    struct token core = token;
    core.stop = word->closed ? false : token.stop;
    core.comma = word->closed ? false : token.comma;
    add(text, word, core);
    sign.stop = token.stop;
    sign.comma = token.comma;
    size_t end = word->at + word->text.size;
    for (unsigned i = 0; i < word->closed && end < text->clean.size; end++)
        if (text->clean.at[end] == ')') {
            add(text, &(struct chunk){.text = span_of(")", 1), .at = end}, sign);
            i++;
        }
}

static void add_core(struct lexical *text, struct chunk chunk, struct token token)
{
    struct chunk bare = chunk;
    struct token word = token;
    cut_begin(&bare);
    cut_end(&bare, &word, ".,;:?!)");
    /* Within quotation marks punctuation is content. */
    bool factorial = bare.text.size == 1 && span_ends(chunk.text, "!");
    bool whole = !factorial && (!token.quoted || bare.text.size == chunk.text.size);
    if (whole && bare.text.size && is_word(bare.text)) {
        add_word(text, &bare, word);
        return;
    }
    if (whole && bare.text.size && !bare.opened && !bare.closed &&
        add_joined(text, &bare, word))
        return;
    token.kind = TOKEN_VERBATIM;
    struct chunk rest = chunk;
    if (!token.quoted)
        cut_end(&rest, &token, is_factorial(rest.text) ? ".,;:?" : ".,;:?!");
    /* Signs alone are kept but for a mark that has a blank before it. */
    bool lone = chunk.text.size == 1 && strchr(",;?!", chunk.text.at[0]);
    if (rest.text.size || !lone)
        add(text, rest.text.size ? &rest : &chunk, token);
}

/* -- quotes --------------------------------------------------------------------------------- */

static void add_mark(struct lexical *text, const struct chunk *chunk)
{
    struct chunk mark = {.text = span_of(chunk->text.at, 1), .at = chunk->at};
    add(text, &mark, (struct token){.kind = TOKEN_MARK});
}

/* A chunk's marks stand at its ends; within it they are not understood. False then. */
static bool add_chunk(struct lexical *text, struct chunk chunk, bool *quoted)
{
    struct token after = {0};
    if (chunk.text.at[0] == '"' && !*quoted) {
        add_mark(text, &chunk);
        *quoted = true;
        chunk.text = span_skip(chunk.text, 1);
        chunk.at++;
    }
    size_t mark = span_find(chunk.text, span_text("\""));
    struct chunk tail = {.text = span_skip(chunk.text, mark + 1),
                         .at = chunk.at + mark + 1};
    bool closes = mark < chunk.text.size;
    if (closes) {
        cut_end(&tail, &after, ".,;:?!)");
        if (!*quoted || tail.text.size)
            return false;
        chunk.text.size = mark;
    }
    if (chunk.text.size)
        add_core(text, chunk, (struct token){.quoted = *quoted});
    if (closes) {
        add_mark(text, &(struct chunk){.text = span_of(chunk.text.at, 1),
                                       .at = chunk.at + mark});
        if (buffer_ok(&text->tokens))
            lexical_token(text, text->count - 1)->stop = after.stop;
        *quoted = false;
    }
    return true;
}

/* Within a payload punctuation is content, but for the full stop at the very end. */
static void add_payload(struct lexical *text, struct chunk chunk, bool last)
{
    while (last && chunk.text.size > 1 && chunk.text.at[chunk.text.size - 1] == '.')
        chunk.text.size--;
    add_core(text, chunk, (struct token){.quoted = true});
}

/* True when the words so far ask for work on words, or are not known to ask a question. */
static bool asks_for_work(const struct lexical *text)
{
    uint32_t classes = 0, first = 0;
    struct buffer word = {0};
    for (unsigned i = 0; i < text->count && buffer_ok(&text->tokens); i++) {
        buffer_clear(&word);
        lexical_lower(&word, token_raw(text, lexical_token(text, i)));
        classes |= lexical_classes(buffer_span(&word));
        first = i ? first : classes;
    }
    bool failed = !buffer_ok(&word);
    buffer_free(&word);
    return failed || !(first & WORD_QUESTION) ||
           (classes & (WORD_REQUEST | WORD_MENTION | WORD_TITLE));
}

/* True when |chunk| is the last one before text that is to be worked on. */
static bool announces(const struct lexical *text, struct span chunk, struct span rest,
                      unsigned *colons)
{
    if (chunk.at[chunk.size - 1] != ':' || rest.size == 0)
        return false;
    /* Each look takes time in proportion to the text. */
    return ++*colons > COLONS || asks_for_work(text);
}

static enum lexical_verdict scan_chunks(struct lexical *text)
{
    struct span all = buffer_span(&text->clean), rest = all;
    bool quoted = false;
    unsigned colons = 0;
    while (rest.size) {
        size_t size = span_find(rest, span_text(" "));
        struct chunk chunk = {.text = span_of(rest.at, size),
                              .at = (size_t)(rest.at - all.at)};
        rest = span_skip(rest, size);
        while (rest.size && rest.at[0] == ' ')
            rest = span_skip(rest, 1);
        if (text->payload)
            add_payload(text, chunk, rest.size == 0);
        else if (!add_chunk(text, chunk, &quoted))
            return LEXICAL_QUOTES;
        if (!quoted && announces(text, chunk.text, rest, &colons)) {
            text->payload = true;
            add_mark(text, &(struct chunk){.text = span_of(":", 1),
                                           .at = chunk.at + chunk.text.size - 1});
        }
    }
    return quoted ? LEXICAL_QUOTES : LEXICAL_KEY;
}

static bool is_digit_at(const struct lexical *text, size_t at)
{
    return at < text->clean.size && ascii_is_digit(text->clean.at[at]);
}

/* A comma between numbers is content: 1, 2 3. */
static void keep_comma(struct lexical *text, unsigned index)
{
    struct token *token = lexical_token(text, index);
    if (index + 1 < text->count && token->comma &&
        is_digit_at(text, token->at + token->size - 1) &&
        is_digit_at(text, lexical_token(text, index + 1)->at))
        token->size++;
}

static void mark_beginnings(struct lexical *text)
{
    bool begins = true;
    for (unsigned i = 0; i < text->count; i++) {
        struct token *token = lexical_token(text, i);
        keep_comma(text, i);
        token->begins = begins;
        begins = token->stop || (begins && token->kind == TOKEN_MARK);
    }
}

enum lexical_verdict lexical_scan(struct lexical *text)
{
    trim(&text->clean);
    if (!flatten(&text->clean))
        return LEXICAL_LAYOUT;
    if (has_code(buffer_span(&text->clean)))
        return LEXICAL_CODE;
    enum lexical_verdict verdict = scan_chunks(text);
    if (!buffer_ok(&text->tokens) || !buffer_ok(&text->clean))
        return LEXICAL_MEMORY;
    mark_beginnings(text);
    return verdict;
}
