/* SPDX-License-Identifier: MIT */
/* See line.h. */
#include "line.h"

static void skip_line(FILE *file)
{
    int byte;
    do
        byte = getc_unlocked(file);
    while (byte != EOF && byte != '\n');
}

enum line_result line_next(struct line_reader *reader)
{
    int byte;
    buffer_clear(&reader->line);
    reader->number++;
    while ((byte = getc_unlocked(reader->file)) != EOF && byte != '\n') {
        if (reader->line.size == reader->limit || !buffer_ok(&reader->line)) {
            buffer_free(&reader->line);
            skip_line(reader->file);
            return LINE_TOO_LONG;
        }
        buffer_append_byte(&reader->line, (uint8_t)byte);
    }
    if (ferror(reader->file))
        return LINE_UNREADABLE;
    return byte == EOF && reader->line.size == 0 ? LINE_END : LINE_OK;
}
