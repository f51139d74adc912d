/* SPDX-License-Identifier: MIT */
/* Replacing a request's body, line by line through its head. */
#include "http_body.h"

/* The next line, its line end included. */
static struct span take_line(struct span *text)
{
    size_t size = span_find(*text, span_text("\n"));
    struct span line = span_of(text->at, size < text->size ? size + 1 : size);
    *text = span_skip(*text, line.size);
    return line;
}

static struct span without_end(struct span line)
{
    while (line.size &&
           (line.at[line.size - 1] == '\n' || line.at[line.size - 1] == '\r'))
        line.size--;
    return line;
}

static struct span name_of(struct span line)
{
    return span_trim(span_of(line.at, span_find(line, span_text(":"))));
}

/* RFC 9112, 5.2: the line goes on with the field before it. */
static bool is_continued(struct span line)
{
    return line.size && (line.at[0] == ' ' || line.at[0] == '\t');
}

/* The blanks behind the colon are the program's, and so is the name's spelling. */
static void append_length(struct span line, bool named, size_t size, struct buffer *out)
{
    struct span text = without_end(line);
    struct span name = span_of(text.at, span_find(text, span_text(":")));
    struct span value = span_skip(text, name.size + 1);
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
    buffer_append_span(out, span_skip(line, text.size));
}

/* The fields up to and including the empty line. True when one of them told the length. */
static bool replace_fields(struct span *left, size_t size, struct buffer *out)
{
    bool told = false, gone = false;
    while (left->size) {
        struct span line = take_line(left);
        if (is_continued(line) && gone)
            continue;
        bool length = span_is_nocase(name_of(line), "Content-Length");
        gone = !is_continued(line) &&
               (length || span_is_nocase(name_of(line), "Transfer-Encoding"));
        if (!gone)
            buffer_append_span(out, line);
        else if (!told)
            append_length(line, length, size, out);
        told = told || gone;
        if (without_end(line).size == 0)
            break;
    }
    return told;
}

bool http_replace_body(struct span message, struct span body, struct buffer *out)
{
    struct span line;
    do { /* empty lines may stand before the request (RFC 9112, 2.2) */
        line = take_line(&message);
        buffer_append_span(out, line);
    } while (message.size && without_end(line).size == 0);
    if (!replace_fields(&message, body.size, out))
        return false;
    buffer_append_span(out, body);
    return true;
}
