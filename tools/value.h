/* SPDX-License-Identifier: MIT */
/* Values of JSON as commands write them. One thread. */
#ifndef TOOLS_VALUE_H
#define TOOLS_VALUE_H

#include "store/bytes.h"

#include <jansson.h>

/* Numbers in JSON are signed; what is larger stays at their largest. */
json_t *value_number(uint64_t number);
/* Where |text| is no UTF-8, or holds the one control character that JSON does not escape, question marks
 * take the place of such bytes. */
json_t *value_text(struct span text);
/* At most 32 |bytes| in hexadecimal digits. */
json_t *value_digits(const uint8_t *bytes, size_t size);
/* "2026-11-27T13:05:07.123Z"; null for what is no time. */
json_t *value_time(int64_t time_ms);

/* |value| and a new line on stdout; it is released. Ends the command when memory is short, which a
 * NULL says, too. */
void value_print(json_t *value);

#endif
