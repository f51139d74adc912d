/* SPDX-License-Identifier: MIT */
/* One spelling for each string and each number. */
#include "json.h"

static void append_unit(struct buffer *out, uint32_t unit)
{
    static const char digits[] = "0123456789abcdef";
    char text[6] = {'\\',
                    'u',
                    digits[unit >> 12 & 15],
                    digits[unit >> 8 & 15],
                    digits[unit >> 4 & 15],
                    digits[unit & 15]};
    buffer_append(out, text, sizeof(text));
}

void json_spell_character(struct buffer *out, uint32_t character)
{
    uint8_t bytes[4];
    if (character & JSON_RAW) {
        buffer_append_byte(out, (uint8_t)character);
    } else if (character == '"' || character == '\\') {
        buffer_append_byte(out, '\\');
        buffer_append_byte(out, (uint8_t)character);
    } else if (character < 0x20 || (character >= 0xd800 && character <= 0xdfff)) {
        append_unit(out, character);
    } else {
        buffer_append(out, bytes, json_utf8(character, bytes));
    }
}

void json_spell_string(struct buffer *out, struct span text)
{
    if (!memchr(text.at, '\\', text.size)) {
        buffer_append_span(out, text);
        return;
    }
    struct json_characters characters = json_characters_of((struct json){text});
    uint32_t character;
    buffer_append_byte(out, '"');
    while ((character = json_character(&characters)) != JSON_NO_CHARACTER)
        json_spell_character(out, character);
    buffer_append_byte(out, '"');
}

/* The size of the UTF-8 character that |text| begins with (RFC 3629, 4); 0: it is none. */
static size_t character_size(struct span text)
{
    uint8_t first = text.at[0];
    size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || text.size < size)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((text.at[i] & 0xc0) != 0x80)
            return 0;
    uint8_t second = size > 1 ? text.at[1] : 0;
    bool wrong = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                 (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
    return wrong ? 0 : size;
}

void json_spell_bytes(struct buffer *out, struct span bytes)
{
    buffer_append_byte(out, '"');
    while (bytes.size) {
        size_t size = character_size(bytes);
        if (size > 1)
            buffer_append(out, bytes.at, size);
        else
            json_spell_character(out, size ? bytes.at[0] : 0xfffd);
        bytes = span_skip(bytes, size ? size : 1);
    }
    buffer_append_byte(out, '"');
}

/* Reads "e+05" and the like; false when nobody means that number. */
static bool read_exponent(struct span text, int64_t *exponent)
{
    *exponent = 0;
    if (text.size == 0)
        return true;
    text = span_skip(text, 1);
    bool negative = *text.at == '-';
    if (*text.at == '-' || *text.at == '+')
        text = span_skip(text, 1);
    for (; text.size; text = span_skip(text, 1)) {
        *exponent = *exponent * 10 + (*text.at - '0');
        if (*exponent > 999999999)
            return false;
    }
    if (negative)
        *exponent = -*exponent;
    return true;
}

static void append_digits(struct buffer *out, struct span digits, size_t start)
{
    if (out->size == start)
        while (digits.size && *digits.at == '0')
            digits = span_skip(digits, 1);
    buffer_append_span(out, digits);
}

static struct span take_digits(struct span *text)
{
    size_t size = 0;
    while (size < text->size && text->at[size] >= '0' && text->at[size] <= '9')
        size++;
    struct span digits = span_of(text->at, size);
    *text = span_skip(*text, size);
    return digits;
}

bool json_spell_number(struct buffer *out, struct span text)
{
    if (*text.at == '-') {
        buffer_append_byte(out, '-');
        text = span_skip(text, 1);
    }
    size_t start = out->size;
    struct span whole = take_digits(&text), fraction = {0};
    if (text.size && *text.at == '.') {
        text = span_skip(text, 1);
        fraction = take_digits(&text);
    }
    int64_t exponent;
    if (!read_exponent(text, &exponent))
        return false;
    exponent -= (int64_t)fraction.size;
    append_digits(out, whole, start);
    append_digits(out, fraction, start);
    if (!buffer_ok(out))
        return true; /* the caller looks */
    for (; out->size > start && out->at[out->size - 1] == '0'; exponent++)
        out->size--;
    if (out->size == start) {
        buffer_append_byte(out, '0');
    } else if (exponent) {
        buffer_append_text(out, exponent < 0 ? "e-" : "e");
        buffer_append_decimal(out, (uint64_t)(exponent < 0 ? -exponent : exponent));
    }
    return true;
}
