/* SPDX-License-Identifier: MIT */
/* See value.h. */
#include "value.h"

#include "print.h"
#include "store/files.h"
#include "store/label.h"

#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

json_t *value_number(uint64_t number)
{
    return json_integer(number > INT64_MAX ? INT64_MAX : (json_int_t)number);
}

json_t *value_text(struct span text)
{
    bool erases = text.size && memchr(text.at, 0x7f, text.size);
    json_t *value = erases ? NULL : json_stringn((const char *)text.at, text.size);
    if (value)
        return value;
    char *plain = print_grown(NULL, text.size + 1);
    for (size_t i = 0; i < text.size; i++)
        plain[i] = text.at[i] < 0x7f ? (char)text.at[i] : '?';
    value = json_stringn(plain, text.size);
    free(plain);
    return value;
}

json_t *value_digits(const uint8_t *bytes, size_t size)
{
    char text[2 * STORE_KEY_SIZE + 1];
    hex_encode(bytes, size, text);
    return json_string(text);
}

json_t *value_time(int64_t time_ms)
{
    char date[40] = "", text[64];
    struct tm time;
    time_t seconds = (time_t)(time_ms / 1000);
    if (!gmtime_r(&seconds, &time) ||
        !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &time))
        return json_null();
    snprintf(text, sizeof(text), "%s.%03dZ", date, (int)(time_ms % 1000));
    return json_string(text);
}

void value_print(json_t *value)
{
    char *text =
        value ? json_dumps(value, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(value);
    if (!text) {
        print_error("memory is short");
        exit(EX_OSERR);
    }
    puts(text);
    free(text);
}
