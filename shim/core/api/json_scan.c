/* SPDX-License-Identifier: MIT */
/* The JSON scanner: RFC 8259 as a state machine with one bit of memory per level. */
#include "json.h"

enum expects {
    EXPECTS_VALUE,
    EXPECTS_VALUE_OR_CLOSE, /* behind '[' */
    EXPECTS_NAME,           /* behind ',' in an object */
    EXPECTS_NAME_OR_CLOSE,  /* behind '{' */
    EXPECTS_MORE_OR_CLOSE,  /* behind a value within a container */
    EXPECTS_END,
    EXPECTS_NOTHING, /* after an error */
};

struct json_scanner json_scanner_of(struct span text)
{
    return (struct json_scanner){.left = text, .expects = EXPECTS_VALUE};
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static bool is_digit(struct span text, size_t at)
{
    return at < text.size && text.at[at] >= '0' && text.at[at] <= '9';
}

static void skip_space(struct span *text)
{
    size_t at = 0;
    while (at < text->size && is_space(text->at[at]))
        at++;
    *text = span_skip(*text, at);
}

static bool is_hex(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') ||
           (byte >= 'A' && byte <= 'F');
}

/* The size of the escape at |text|, 0 when it is none. */
static size_t escape_size(struct span text)
{
    if (text.size < 2)
        return 0;
    if (text.at[1] != 'u')
        return text.at[1] && strchr("\"\\/bfnrt", text.at[1]) ? 2 : 0;
    if (text.size < 6)
        return 0;
    for (size_t i = 2; i < 6; i++)
        if (!is_hex(text.at[i]))
            return 0;
    return 6;
}

/* The size of the string at |text|, quotes included; 0 when it is none. */
static size_t string_size(struct span text)
{
    for (size_t at = 1; at < text.size;) {
        uint8_t byte = text.at[at];
        if (byte == '"')
            return at + 1;
        if (byte < 0x20)
            return 0;
        size_t step = byte == '\\' ? escape_size(span_skip(text, at)) : 1;
        if (step == 0)
            return 0;
        at += step;
    }
    return 0;
}

static size_t digits_from(struct span text, size_t at)
{
    while (is_digit(text, at))
        at++;
    return at;
}

/* The size of the number at |text|, 0 when it is none. */
static size_t number_size(struct span text)
{
    size_t at = text.size && text.at[0] == '-';
    if (!is_digit(text, at))
        return 0;
    at = text.at[at] == '0' ? at + 1 : digits_from(text, at);
    if (at < text.size && text.at[at] == '.') {
        if (!is_digit(text, at + 1))
            return 0;
        at = digits_from(text, at + 1);
    }
    if (at < text.size && (text.at[at] | 0x20) == 'e') {
        at++;
        at += at < text.size && (text.at[at] == '+' || text.at[at] == '-');
        if (!is_digit(text, at))
            return 0;
        at = digits_from(text, at);
    }
    return at;
}

static size_t word_size(struct span text)
{
    return span_starts(text, "true") || span_starts(text, "null") ? 4
           : span_starts(text, "false")                           ? 5
                                                                  : 0;
}

static enum json_token fail(struct json_scanner *scanner)
{
    scanner->expects = EXPECTS_NOTHING;
    return JSON_T_ERROR;
}

static void take(struct json_scanner *scanner, size_t size)
{
    scanner->token = span_of(scanner->left.at, size);
    scanner->left = span_skip(scanner->left, size);
}

static bool in_object(const struct json_scanner *scanner)
{
    unsigned level = scanner->depth - 1;
    return scanner->nest[level / 8] >> level % 8 & 1;
}

static void value_done(struct json_scanner *scanner)
{
    scanner->expects = scanner->depth ? EXPECTS_MORE_OR_CLOSE : EXPECTS_END;
}

static enum json_token open_container(struct json_scanner *scanner, bool object)
{
    unsigned level = scanner->depth;
    if (level == JSON_DEPTH)
        return fail(scanner);
    uint8_t bit = (uint8_t)(1u << level % 8);
    if (object)
        scanner->nest[level / 8] |= bit;
    else
        scanner->nest[level / 8] &= (uint8_t)~bit;
    scanner->depth++;
    take(scanner, 1);
    scanner->expects = object ? EXPECTS_NAME_OR_CLOSE : EXPECTS_VALUE_OR_CLOSE;
    return object ? JSON_T_OPEN_OBJECT : JSON_T_OPEN_ARRAY;
}

static enum json_token close_container(struct json_scanner *scanner)
{
    bool object = in_object(scanner);
    if (*scanner->left.at != (object ? '}' : ']'))
        return fail(scanner);
    take(scanner, 1);
    scanner->depth--;
    value_done(scanner);
    return object ? JSON_T_CLOSE_OBJECT : JSON_T_CLOSE_ARRAY;
}

static enum json_token scalar(struct json_scanner *scanner, size_t size,
                              enum json_token token)
{
    if (size == 0)
        return fail(scanner);
    take(scanner, size);
    value_done(scanner);
    return token;
}

static enum json_token scan_value(struct json_scanner *scanner)
{
    switch (*scanner->left.at) {
    case '{':
        return open_container(scanner, true);
    case '[':
        return open_container(scanner, false);
    case '"':
        return scalar(scanner, string_size(scanner->left), JSON_T_STRING);
    case 't':
    case 'f':
    case 'n':
        return scalar(scanner, word_size(scanner->left), JSON_T_WORD);
    default:
        return scalar(scanner, number_size(scanner->left), JSON_T_NUMBER);
    }
}

static enum json_token scan_name(struct json_scanner *scanner)
{
    size_t size = *scanner->left.at == '"' ? string_size(scanner->left) : 0;
    if (size == 0)
        return fail(scanner);
    take(scanner, size);
    skip_space(&scanner->left);
    if (!scanner->left.size || *scanner->left.at != ':')
        return fail(scanner);
    scanner->left = span_skip(scanner->left, 1);
    scanner->expects = EXPECTS_VALUE;
    return JSON_T_NAME;
}

enum json_token json_scan(struct json_scanner *scanner)
{
    skip_space(&scanner->left);
    if (scanner->left.size == 0)
        return scanner->expects == EXPECTS_END ? JSON_T_END : fail(scanner);
    if (scanner->expects == EXPECTS_MORE_OR_CLOSE && *scanner->left.at == ',') {
        scanner->left = span_skip(scanner->left, 1);
        skip_space(&scanner->left);
        if (scanner->left.size == 0)
            return fail(scanner);
        scanner->expects = in_object(scanner) ? EXPECTS_NAME : EXPECTS_VALUE;
    }
    uint8_t byte = *scanner->left.at;
    switch (scanner->expects) {
    case EXPECTS_VALUE:
        return scan_value(scanner);
    case EXPECTS_VALUE_OR_CLOSE:
        return byte == ']' ? close_container(scanner) : scan_value(scanner);
    case EXPECTS_NAME:
        return scan_name(scanner);
    case EXPECTS_NAME_OR_CLOSE:
        return byte == '}' ? close_container(scanner) : scan_name(scanner);
    case EXPECTS_MORE_OR_CLOSE:
        return close_container(scanner);
    default:
        return fail(scanner);
    }
}

bool json_valid(struct span text)
{
    struct json_scanner scanner = json_scanner_of(text);
    enum json_token token;
    do
        token = json_scan(&scanner);
    while (token != JSON_T_END && token != JSON_T_ERROR);
    return token == JSON_T_END;
}
