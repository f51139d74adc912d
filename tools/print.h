/* SPDX-License-Identifier: MIT */
/* What the commands write: errors that say what to do, figures that a person can read,
 * bytes from a store that cannot drive the terminal. Everything goes through stdio;
 * whether it really arrived is asked once, at the end. One thread. */
#ifndef TOOLS_PRINT_H
#define TOOLS_PRINT_H

#include "store/bytes.h"

#include <stdio.h>

/* "preecho: TEXT" and a new line on stderr. */
void print_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The usage and the list of commands. */
void print_help_short(FILE *file);
/* Flushes stdout. 0, or EX_IOERR after a message when something could not be written. */
MUST_USE int print_finish(void);

/* |bytes| on stdout as text: on a terminal control characters other than new line and tab
 * are shown as \xNN, so that an answer cannot drive it; elsewhere as they are. */
void print_text(struct span bytes);
/* |bytes| as offset, hexadecimal and ASCII, 16 per line. */
void print_hex(struct span bytes);
/* True when |bytes| are UTF-8 (RFC 3629) without control characters other than \t \n \r.
 */
bool print_is_text(struct span bytes);
/* The length of the UTF-8 sequence that |bytes|, which are not empty, begin with; 0: none. */
size_t print_utf8_length(struct span bytes);

/* Figures for people, into |out| of at least 32 bytes; return |out|. */
char *print_size(uint64_t bytes, char *out); /* "12.3 KiB" */
char *
print_duration(double seconds,
               char *out); /* "340 ms", "12.3 s", "2.1 h", "3.4 days", "5.6 years" */
char *print_count(uint64_t count, char *out); /* "1,234,567" */
/* The same in at most 9 bytes: "1,234,567", "1,234.5 M". */
char *print_short(uint64_t count, char *out);
/* In at most 11 bytes: "$1,234.56", "$0.0521", "$0.000234", "-$3.00", "$123,456". */
char *print_money(int64_t pico_dollars, char *out);
/* The same in narrow columns: no more than four digits behind the point, "<$0.0001" below. */
char *print_money_brief(int64_t pico_dollars, char *out);
char *print_rate(uint64_t part, uint64_t of, char *out); /* "66.7 %", "-" of nothing */

/* printf into fresh memory, to be freed; ends the process with EX_OSERR when there is
 * none. */
MUST_USE char *print_memory(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
/* realloc(3), with the same end. */
MUST_USE void *print_grown(void *memory, size_t size);

#endif
