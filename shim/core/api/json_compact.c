/* SPDX-License-Identifier: MIT */
/* See json_compact.h. */
#include "json_compact.h"

bool json_compact_leaves_out(struct json name)
{
    static const char *const names[] = {"cache_control", "cachePoint",
                                        "prompt_cache_breakpoint"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (json_text_is(name, names[i]))
            return true;
    return false;
}

/* Scans over the value that comes next. */
static void skip_value(struct json_scanner *scanner)
{
    unsigned depth = scanner->depth;
    enum json_token token;
    do
        token = json_scan(scanner);
    while (scanner->depth > depth && token != JSON_T_ERROR && token != JSON_T_END);
}

static bool opens(enum json_token token)
{
    return token == JSON_T_OPEN_OBJECT || token == JSON_T_OPEN_ARRAY;
}

static bool closes(enum json_token token)
{
    return token == JSON_T_CLOSE_OBJECT || token == JSON_T_CLOSE_ARRAY;
}

/* |*follows|: something stands before it in its container. */
static void append_token(enum json_token token, struct span text, bool *follows,
                         struct buffer *out)
{
    if (*follows && !closes(token))
        buffer_append_byte(out, ',');
    if (token == JSON_T_NAME || token == JSON_T_STRING)
        json_spell_string(out, text);
    else
        buffer_append_span(out, text);
    if (token == JSON_T_NAME)
        buffer_append_byte(out, ':');
    *follows = token != JSON_T_NAME && !opens(token);
}

void json_compact(struct span text, struct buffer *out)
{
    struct json_scanner scanner = json_scanner_of(text);
    bool follows = false;
    for (;;) {
        enum json_token token = json_scan(&scanner);
        if (token == JSON_T_END || token == JSON_T_ERROR)
            return;
        if (token == JSON_T_NAME && json_compact_leaves_out((struct json){scanner.token}))
            skip_value(&scanner);
        else
            append_token(token, scanner.token, &follows, out);
    }
}
