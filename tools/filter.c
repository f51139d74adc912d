/* SPDX-License-Identifier: MIT */
/* See filter.h. */
#include "filter.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static bool key_starts(const uint8_t key[STORE_KEY_SIZE], const char *digits)
{
    char text[3];
    for (size_t i = 0; i < 2 * STORE_KEY_SIZE && digits[i]; i++) {
        snprintf(text, sizeof(text), "%02x", key[i / 2]);
        if (digits[i] != text[i % 2])
            return false;
    }
    return true;
}

static bool text_matches(const char *pattern, const struct each_entry *entry,
                         const char *text)
{
    return !pattern ||
           (entry->state == EACH_OK && fnmatch(pattern, text, FNM_CASEFOLD) == 0);
}

bool filter_matches(const struct filter *filter, const struct each_entry *entry)
{
    return text_matches(filter->host, entry, entry->label.host) &&
           text_matches(filter->model, entry, entry->label.model) &&
           (!filter->key || key_starts(entry->key, filter->key)) &&
           (!filter->created_before_ms || entry->created_ms < filter->created_before_ms);
}

const char *filter_state_text(enum each_state state)
{
    switch (state) {
    case EACH_OK:
        return "";
    case EACH_UNKNOWN_TENANT:
        return "unreadable: its tenant's salt or the secret is not there";
    case EACH_FOREIGN:
        return "of another version of preecho";
    case EACH_DAMAGED:
    default:
        return "damaged";
    }
}

bool filter_key(char *text)
{
    size_t length = 0;
    for (; text[length]; length++) {
        if (!isxdigit((unsigned char)text[length]) || length == 2 * STORE_KEY_SIZE)
            return false;
        text[length] = (char)tolower((unsigned char)text[length]);
    }
    return length > 0;
}

bool filter_age(const char *text, int64_t *milliseconds)
{
    static const char units[] = "smhdw";
    static const int64_t seconds[] = {1, 60, 3600, 86400, 7 * 86400};
    char *end;
    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    const char *unit = *end ? strchr(units, *end) : NULL;
    if (errno || !unit || end[1])
        return false;
    uint64_t each = (uint64_t)seconds[unit - units] * 1000;
    if (number > (uint64_t)INT64_MAX / each)
        return false;
    *milliseconds = (int64_t)(number * each);
    return true;
}

int64_t filter_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
