/* SPDX-License-Identifier: MIT */
/* Replacing a request's body, line by line through its head. */
#include "http_body.h"

/* Takes the next line without its line end. False: it has none, or bytes in it that parsers
 * disagree about. */
static bool take_line(struct span *text, struct span *line)
{
    size_t size = span_find(*text, span_text("\r\n"));
    *line = span_of(text->at, size);
    *text = span_skip(*text, size + 2);
    return line->at + size < text->at && !memchr(line->at, '\n', size) &&
           !memchr(line->at, '\r', size);
}

static struct span name_of(struct span line)
{
    return span_of(line.at, span_find(line, span_text(":")));
}

/* RFC 9112, 5.2: the line goes on with the field before it. */
static bool is_continued(struct span line)
{
    return line.size && (line.at[0] == ' ' || line.at[0] == '\t');
}

static void append_line(struct buffer *out, struct span line)
{
    buffer_append_span(out, line);
    buffer_append_text(out, "\r\n");
}

/* The blanks behind the colon are the program's, and so is the name's spelling. */
static void append_length(struct span line, bool named, size_t size, struct buffer *out)
{
    struct span name = name_of(line), value = span_skip(line, name.size + 1);
    size_t blanks = 0;
    while (blanks < value.size && (value.at[blanks] == ' ' || value.at[blanks] == '\t'))
        blanks++;
    if (named)
        buffer_append_span(out, name);
    else
        buffer_append_text(out, name.at[0] == 't' ? "content-length" : "Content-Length");
    buffer_append_byte(out, ':');
    buffer_append(out, value.at, blanks);
    buffer_append_decimal(out, size);
    buffer_append_text(out, "\r\n");
}

/* The fields up to and including the empty line. True when one of them told the length. */
static bool replace_fields(struct span *left, size_t size, struct buffer *out)
{
    bool told = false, gone = false;
    struct span line;
    while (take_line(left, &line)) {
        if (line.size == 0) {
            append_line(out, line);
            return told;
        }
        if (is_continued(line) && gone)
            continue;
        bool length = span_is_nocase(name_of(line), "Content-Length");
        gone = !is_continued(line) &&
               (length || span_is_nocase(name_of(line), "Transfer-Encoding"));
        if (!gone)
            append_line(out, line);
        else if (!told)
            append_length(line, length, size, out);
        told = told || gone;
    }
    return false;
}

/* Empty lines may stand before the request (RFC 9112, 2.2). */
static bool copy_start(struct span *message, struct buffer *out)
{
    struct span line;
    do {
        if (!take_line(message, &line))
            return false;
        append_line(out, line);
    } while (line.size == 0);
    return true;
}

bool http_add_fields(struct span message, struct span lines, struct buffer *out)
{
    struct span line;
    if (!copy_start(&message, out))
        return false;
    do {
        if (!take_line(&message, &line))
            return false;
        if (line.size)
            append_line(out, line);
    } while (line.size);
    buffer_append_span(out, lines);
    append_line(out, line);
    buffer_append_span(out, message);
    return true;
}

bool http_replace_body(struct span message, struct span body, struct buffer *out)
{
    if (!copy_start(&message, out))
        return false;
    if (!replace_fields(&message, body.size, out))
        return false;
    buffer_append_span(out, body);
    return true;
}
