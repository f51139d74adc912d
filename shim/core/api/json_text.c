/* SPDX-License-Identifier: MIT */
/* What JSON strings and integers say. */
#include "json.h"

struct json_characters json_characters_of(struct json string)
{
    struct span text = string.text;
    if (text.size < 2 || *text.at != '"')
        return (struct json_characters){0};
    return (struct json_characters){span_of(text.at + 1, text.size - 2)};
}

static uint32_t hex_digit(uint8_t byte)
{
    return byte <= '9' ? byte - (uint32_t)'0' : (byte | 0x20u) - 'a' + 10;
}

/* The code unit of the \uXXXX that |text| begins with, JSON_NO_CHARACTER when it is none.
 */
static uint32_t code_unit(struct span text)
{
    if (text.size < 6 || text.at[0] != '\\' || text.at[1] != 'u')
        return JSON_NO_CHARACTER;
    uint32_t unit = 0;
    for (size_t i = 2; i < 6; i++)
        unit = unit << 4 | (hex_digit(text.at[i]) & 15);
    return unit;
}

static uint32_t short_escape(uint8_t letter)
{
    switch (letter) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return letter;
    }
}

uint32_t json_character(struct json_characters *characters)
{
    struct span text = characters->left;
    if (text.size == 0)
        return JSON_NO_CHARACTER;
    if (*text.at != '\\') {
        characters->left = span_skip(text, 1);
        return *text.at | JSON_RAW;
    }
    uint32_t unit = code_unit(text);
    if (unit == JSON_NO_CHARACTER) {
        characters->left = span_skip(text, 2);
        return text.size > 1 ? short_escape(text.at[1]) : JSON_NO_CHARACTER;
    }
    characters->left = span_skip(text, 6);
    if (unit < 0xd800 || unit > 0xdbff)
        return unit;
    uint32_t low = code_unit(characters->left);
    if (low < 0xdc00 || low > 0xdfff)
        return unit;
    characters->left = span_skip(characters->left, 6);
    return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

bool json_text_starts(struct json value, const char *prefix)
{
    struct json_characters characters = json_characters_of(value);
    for (; *prefix; prefix++)
        if ((json_character(&characters) & ~JSON_RAW) != (uint8_t)*prefix)
            return false;
    return json_kind(value) == JSON_KIND_STRING;
}

bool json_text_is(struct json value, const char *text)
{
    struct json_characters characters = json_characters_of(value);
    for (; *text; text++)
        if ((json_character(&characters) & ~JSON_RAW) != (uint8_t)*text)
            return false;
    return json_kind(value) == JSON_KIND_STRING &&
           json_character(&characters) == JSON_NO_CHARACTER;
}

bool json_text_contains(struct json value, const char *part)
{
    struct json_characters from = json_characters_of(value);
    if (json_kind(value) != JSON_KIND_STRING)
        return false;
    do {
        struct json_characters characters = from;
        const char *at = part;
        while (*at && (json_character(&characters) & ~JSON_RAW) == (uint8_t)*at)
            at++;
        if (!*at)
            return true;
    } while (json_character(&from) != JSON_NO_CHARACTER);
    return false;
}

size_t json_utf8(uint32_t code, uint8_t bytes[4])
{
    if (code < 0x80) {
        bytes[0] = (uint8_t)code;
        return 1;
    }
    size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--, code >>= 6)
        bytes[i] = (uint8_t)(0x80 | (code & 0x3f));
    bytes[0] = (uint8_t)((0xf00u >> size & 0xf0) | code);
    return size;
}

/* The bytes of one character; 0 behind the last one. */
static size_t next_bytes(struct json_characters *characters, uint8_t bytes[4])
{
    uint32_t character = json_character(characters);
    if (character == JSON_NO_CHARACTER)
        return 0;
    if (character & JSON_RAW) {
        bytes[0] = (uint8_t)character;
        return 1;
    }
    return json_utf8(character, bytes);
}

void json_copy_text(struct json value, char *text, size_t capacity)
{
    struct json_characters characters = json_characters_of(value);
    uint8_t bytes[4];
    size_t used = 0, size;
    while ((size = next_bytes(&characters, bytes)) && used + size < capacity) {
        memcpy(text + used, bytes, size);
        used += size;
    }
    text[used] = 0;
}

void json_append_text(struct json value, struct buffer *out)
{
    struct json_characters characters = json_characters_of(value);
    uint8_t bytes[4];
    size_t size;
    do {
        struct span *left = &characters.left;
        size_t plain = span_find(*left, span_text("\\"));
        buffer_append(out, left->at, plain);
        *left = span_skip(*left, plain);
        size = next_bytes(&characters, bytes);
        buffer_append(out, bytes, size);
    } while (size);
}

bool json_u64(struct json value, uint64_t *out)
{
    uint64_t number = 0;
    if (value.text.size == 0)
        return false;
    for (size_t i = 0; i < value.text.size; i++) {
        uint8_t byte = value.text.at[i];
        if (byte < '0' || byte > '9' || number > (UINT64_MAX - (byte - '0')) / 10)
            return false;
        number = number * 10 + (byte - '0');
    }
    *out = number;
    return true;
}
