/* SPDX-License-Identifier: MIT */
/* Writes HTML and SVG into a buffer, whose buffer_ok() says in the end whether memory sufficed.
 * Whatever comes from a program, a host or a file goes through html_text(). Any thread. */
#ifndef TOOLS_HTML_H
#define TOOLS_HTML_H

#include "store/bytes.h"

/* Markup of our own and figures: nothing is escaped. At most 1,023 bytes a call. */
void html_add(struct buffer *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* |text| as it shall be read, in an element or in a quoted attribute: what has a meaning in HTML
 * is escaped; control characters and what is no UTF-8 become U+FFFD. */
void html_text(struct buffer *out, const char *text);
/* <tag class="CLASS">TEXT</tag>; |class| may be NULL. */
void html_element(struct buffer *out, const char *tag, const char *class,
                  const char *text);

#endif
