/* SPDX-License-Identifier: MIT */
/* A text's words and their classes, see guard_words.h. */
#include "guard_words.h"

#define TEXT_LIMIT 8192

static bool letter(uint8_t byte)
{
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

static bool digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool in_word(uint8_t byte)
{
    return letter(byte) || digit(byte) || byte >= 0x80 || byte == '_';
}

/* What joins, |at| 1 or more: between two letters or digits. "10,000", "3.14", "don't", "LN-5567". */
static bool joins(struct span text, size_t at)
{
    return at + 1 < text.size && memchr("'-.,:/@", text.at[at], 7) &&
           in_word(text.at[at + 1]) &&
           (text.at[at] == '\'' || text.at[at] == '-' || text.at[at] == '@' ||
            (digit(text.at[at + 1]) && digit(text.at[at - 1])));
}

/* "10kg" is two words, as "10 kg" is: how long the first is, or 0. One letter behind is a part of
 * a number: 5567A. */
static size_t number_size(struct span text)
{
    size_t digits = 0, size;
    while (digits < text.size && digit(text.at[digits]))
        digits++;
    for (size = digits; size < text.size && letter(text.at[size]);)
        size++;
    if (digits == 0 || size < digits + 2)
        return 0;
    return size == text.size || (!in_word(text.at[size]) && !joins(text, size)) ? digits
                                                                                : 0;
}

static size_t word_size(struct span text)
{
    size_t size = number_size(text);
    if (size)
        return size;
    while (size < text.size && (in_word(text.at[size]) || (size && joins(text, size))))
        size++;
    return size;
}

static unsigned classes_of(struct span raw, struct span folded, bool begins)
{
    unsigned classes = 0;
    bool capital = false, further = false;
    for (size_t i = 0; i < raw.size; i++) {
        classes |= digit(raw.at[i]) ? WORD_NUMBER : 0;
        capital = capital || raw.at[i] != folded.at[i];
        further = further || (i && raw.at[i] != folded.at[i]);
    }
    classes |= words_listed(folded);
    if (capital && (further || !begins) && !(classes & (WORD_LIGHT | WORD_ASKING)))
        classes |= WORD_NAME;
    return classes;
}

static void add(struct words *words, struct span raw, unsigned more, bool begins)
{
    size_t at = words->folded.size;
    for (size_t i = 0; i < raw.size; i++)
        buffer_append_byte(
            &words->folded,
            (uint8_t)(raw.at[i] | (raw.at[i] >= 'A' && raw.at[i] <= 'Z' ? 0x20 : 0)));
    if (!buffer_ok(&words->folded) || words->count == GUARD_WORDS)
        return;
    struct span folded = span_of(words->folded.at + at, raw.size);
    words->list[words->count++] =
        (struct word){.at = (uint16_t)at,
                      .size = (uint16_t)raw.size,
                      .classes = (uint16_t)(more | classes_of(raw, folded, begins))};
}

/* Whether a quotation mark at |at| opens: something stands behind it, nothing before. */
static bool opens(struct span text, size_t at)
{
    return (at == 0 || !in_word(text.at[at - 1])) && at + 1 < text.size &&
           text.at[at + 1] != ' ';
}

struct reading {
    bool begins;   /* a sentence */
    uint8_t quote; /* the mark that is open, or 0 */
};

static void read_sign(struct words *words, struct reading *reading, struct span text,
                      size_t at)
{
    uint8_t byte = text.at[at];
    if (byte == '"' || byte == '`') {
        reading->quote = reading->quote == byte ? 0
                         : opens(text, at)      ? byte
                                                : reading->quote;
    } else if (memchr(".?!:\n(", byte, 6)) {
        reading->begins = true;
    } else if (memchr("$%+#&@*=<>^~|/\\{}[]", byte, 19)) {
        add(words, span_of(text.at + at, 1), WORD_SYMBOL, false);
    }
}

bool words_read(struct span text, struct words *out)
{
    struct reading reading = {.begins = true};
    *out = (struct words){.count = 0};
    if (text.size > TEXT_LIMIT)
        return false;
    for (size_t at = 0; at < text.size && out->count < GUARD_WORDS;) {
        size_t size = word_size(span_skip(text, at));
        if (size) {
            bool unit = at && digit(text.at[at - 1]);
            add(out, span_of(text.at + at, size),
                (reading.quote ? WORD_QUOTED : 0) | (unit ? WORD_NUMBER : 0),
                reading.begins);
            reading.begins = false;
        } else {
            read_sign(out, &reading, text, at);
        }
        at += size ? size : 1;
    }
    return buffer_ok(&out->folded) && out->count && out->count < GUARD_WORDS;
}

void words_free(struct words *words)
{
    buffer_free(&words->folded);
}
