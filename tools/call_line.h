/* SPDX-License-Identifier: MIT */
/* A call of the journal as one line of text, for `log` and `top`. Local time. */
#ifndef TOOLS_CALL_LINE_H
#define TOOLS_CALL_LINE_H

#include "columns.h"
#include "pricing.h"

struct call_line {
    bool dated; /* calls of other days than today have their date */
    unsigned widths[COLUMNS_MOST];
};

/* |width|: in characters. */
void call_line_fit(struct call_line *form, bool dated, unsigned width);
void call_line_titles(const struct call_line *form, char line[COLUMNS_LINE_SIZE]);
void call_line_of(const struct call_line *form, struct quotes *quotes,
                  const struct journal_record *record, char line[COLUMNS_LINE_SIZE]);

/* "999us" to "99h" in at most 5 characters, "-" for 0; |out| of 16 bytes; returns |out|. */
char *call_line_duration(uint64_t microseconds, char *out);
/* "9999", "123k", "12M" in at most 4 characters; the same. */
char *call_line_count(uint64_t count, char *out);

#endif
