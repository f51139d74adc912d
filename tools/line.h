/* SPDX-License-Identifier: MIT */
/* A file read line by line, with a limit on their length. One thread. */
#ifndef TOOLS_LINE_H
#define TOOLS_LINE_H

#include "store/bytes.h"

#include <stdio.h>

struct line_reader {
    FILE *file;
    size_t limit;
    unsigned long number; /* of the latest line, from 1 */
    struct buffer line;   /* the latest line, without its end */
};

enum line_result { LINE_OK, LINE_END, LINE_TOO_LONG, LINE_UNREADABLE };

/* Of a line that is too long nothing is kept; the next call gives the one behind it. Memory that
 * is short counts as too long. */
enum line_result line_next(struct line_reader *reader);

#endif
