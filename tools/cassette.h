/* SPDX-License-Identifier: MIT */
/* A cassette: recorded exchanges as text, one JSON object a line (preecho-cassette(5)). It holds
 * prompts and answers in the clear, but no credential that was sent as one. Whoever wrote it is
 * not trusted: everything is checked when it is read. One thread. */
#ifndef TOOLS_CASSETTE_H
#define TOOLS_CASSETTE_H

#include "shim/core/api/record.h"
#include "store/label.h"

#include <jansson.h>

#define CASSETTE_VERSION      1
#define CASSETTE_LINE_LIMIT   ((size_t)64 << 20)
#define CASSETTE_PROBLEM_SIZE 256

/* One line, read. Spans point into what it owns. */
struct cassette_entry {
    struct request request; /* without credentials */
    struct response response;
    struct entry_label label; /* what of it the exchange itself does not tell: when it was
                                 recorded, by which program, which sample, until when */
    struct buffer tags;       /* framed texts */
    struct piece *pieces;
    json_t *root;
    struct buffer decoded; /* what stood in base64; as large as the line from the start */
};

/* |record| as a line without its end, to be freed; NULL when memory is short. |tags|: framed
 * texts. Members are sorted, so that equal entries give equal lines. */
MUST_USE char *cassette_write(const struct record *record,
                              const struct entry_label *label, struct span tags);

/* Reads |line|. False, and |problem| says why, when it is none. */
MUST_USE bool cassette_read(struct span line, struct cassette_entry *out,
                            char problem[CASSETTE_PROBLEM_SIZE]);
/* After true. */
void cassette_free(struct cassette_entry *entry);

#endif
