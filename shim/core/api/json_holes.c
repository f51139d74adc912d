/* SPDX-License-Identifier: MIT */
/* Strings of which parts are left out. The expressions see the text as the program means it; what is
 * left keeps its spelling, so each byte of the text is marked first and then the characters are
 * written one by one. */
#include "json.h"

#include "store/memory.h"

enum { LEFT_OUT = 1, BEGINS = 2 };

/* Marks what |pattern| matches in |line|. True when there was something. */
static bool mark_line(const regex_t *pattern, struct span line, uint8_t *marks)
{
    bool any = false;
    for (regoff_t from = 0; (size_t)from < line.size;) {
        regmatch_t match = {from, (regoff_t)line.size};
        if (regexec(pattern, (const char *)line.at, 1, &match, REG_STARTEND) != 0)
            break;
        from = match.rm_eo > match.rm_so ? match.rm_eo : match.rm_eo + 1;
        if (match.rm_eo == match.rm_so)
            continue;
        any = true;
        marks[match.rm_so] |= BEGINS;
        for (regoff_t i = match.rm_so; i < match.rm_eo; i++)
            marks[i] |= LEFT_OUT;
    }
    return any;
}

/* The bits of the expressions that match somewhere. */
static uint32_t mark(const struct json_ignoring *more, struct span plain, uint8_t *marks)
{
    uint32_t used = 0;
    for (size_t at = 0; at < plain.size;) {
        struct span line = span_skip(plain, at);
        line.size = span_find(line, span_text("\n"));
        for (size_t i = 0; line.size <= JSON_LINE_LIMIT && i < more->text_count; i++)
            if (mark_line(&more->texts[i], line, marks + at))
                used |= 1u << i;
        at += line.size + 1;
    }
    return used;
}

static void write_rest(struct buffer *out, struct span text, const uint8_t *marks)
{
    struct json_characters characters = json_characters_of((struct json){text});
    uint32_t character;
    size_t at = 0;
    buffer_append_byte(out, '"');
    while ((character = json_character(&characters)) != JSON_NO_CHARACTER) {
        uint8_t bytes[4];
        size_t size = character & JSON_RAW ? 1 : json_utf8(character, bytes);
        if (marks[at] & BEGINS)
            buffer_append_text(out, JSON_HOLE);
        if (!(marks[at] & LEFT_OUT))
            json_spell_character(out, character);
        at += size;
    }
    buffer_append_byte(out, '"');
}

int json_spell_with_holes(struct buffer *out, struct span text,
                          struct json_ignoring *more)
{
    struct buffer plain = {0};
    json_append_text((struct json){text}, &plain);
    size_t size = plain.size;
    buffer_append_byte(&plain, 0); /* as regexec(3) has it, whatever its flags say */
    uint8_t *marks = memory_new(size + 1);
    int result = buffer_ok(&plain) && marks ? 0 : -1;
    if (result == 0) {
        uint32_t used = mark(more, span_of(plain.at, size), marks);
        more->used_texts |= used;
        if (used)
            write_rest(out, text, marks);
        else
            json_spell_string(out, text);
    }
    memory_free(marks);
    buffer_free(&plain);
    return result;
}
