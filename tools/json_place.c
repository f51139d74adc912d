/* SPDX-License-Identifier: MIT */
/* See json_place.h. */
#include "json_place.h"

#define DEPTH 32 /* what lies deeper belongs to the value there */

/* The containers around a value. */
struct place {
    struct buffer *pointer;
    size_t sizes[DEPTH]; /* the pointer's, of each */
    size_t indexes[DEPTH];
    bool arrays[DEPTH];
    unsigned depth;
};

static void append_name(struct buffer *pointer, struct json name)
{
    struct buffer text = {0};
    json_append_text(name, &text);
    buffer_append_byte(pointer, '/');
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] == '~' || text.at[i] == '/')
            buffer_append_text(pointer, text.at[i] == '~' ? "~0" : "~1");
        else
            buffer_append_byte(pointer, text.at[i]);
    }
    buffer_free(&text);
}

/* Before a value: it is the next item, if it stands in an array. */
static void begin_value(struct place *place)
{
    unsigned depth = place->depth;
    if (!place->arrays[depth])
        return;
    place->pointer->size = place->sizes[depth];
    buffer_append_byte(place->pointer, '/');
    buffer_append_decimal(place->pointer, place->indexes[depth]++);
}

static void take(struct place *place, enum json_token token, struct span text)
{
    switch (token) {
    case JSON_T_NAME:
        place->pointer->size = place->sizes[place->depth];
        append_name(place->pointer, (struct json){text});
        return;
    case JSON_T_CLOSE_OBJECT:
    case JSON_T_CLOSE_ARRAY:
        place->pointer->size = place->sizes[place->depth];
        place->depth -= place->depth > 0;
        return;
    default:
        begin_value(place);
    }
    if (token == JSON_T_OPEN_OBJECT || token == JSON_T_OPEN_ARRAY) {
        place->depth++;
        place->sizes[place->depth] = place->pointer->size;
        place->indexes[place->depth] = 0;
        place->arrays[place->depth] = token == JSON_T_OPEN_ARRAY;
    }
}

/* How long a string's text is up to |size| bytes of its spelling, quote included. */
static size_t text_until(struct span string, size_t size)
{
    struct buffer spelled = {0}, text = {0};
    size_t result = 0;
    for (size_t cut = 0; cut < 12 && size > cut; cut++) {
        buffer_clear(&spelled);
        buffer_append(&spelled, string.at, size - cut);
        buffer_append_byte(&spelled, '"');
        if (!json_valid(buffer_span(&spelled)))
            continue;
        json_append_text((struct json){buffer_span(&spelled)}, &text);
        result = text.size;
        break;
    }
    buffer_free(&spelled);
    buffer_free(&text);
    return result;
}

void json_place(struct span text, size_t at, struct buffer *pointer, size_t *offset)
{
    struct json_scanner scanner = json_scanner_of(text);
    struct place place = {.pointer = pointer};
    place.sizes[0] = pointer->size;
    *offset = at;
    for (;;) {
        enum json_token token = json_scan(&scanner);
        if (token == JSON_T_END || token == JSON_T_ERROR || !buffer_ok(pointer))
            return;
        if (place.depth + 1 < DEPTH)
            take(&place, token, scanner.token);
        size_t start = (size_t)(scanner.token.at - text.at);
        if (start + scanner.token.size <= at && place.depth + 1 < DEPTH)
            continue;
        *offset = at > start ? at - start : 0;
        if (token == JSON_T_STRING && *offset)
            *offset = text_until(scanner.token, *offset);
        else if (token == JSON_T_NAME)
            *offset = 0;
        return;
    }
}
