/* SPDX-License-Identifier: MIT */
/* See filter.h. */
#include "filter.h"

#include "print.h"
#include "store/duration.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
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
           (!filter->sensitive || entry->label.sensitive) &&
           (!filter->key || key_starts(entry->key, filter->key)) &&
           (!filter->created_before_ms || entry->created_ms < filter->created_before_ms);
}

void filter_tag(struct filter *filter, const char *text)
{
    buffer_append_framed(&filter->tags, span_text(text));
    if (buffer_ok(&filter->tags))
        return;
    print_error("memory is short");
    exit(EX_OSERR);
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
    uint64_t seconds;
    if (!duration_parse(span_text(text), &seconds) || seconds == DURATION_FOREVER)
        return false;
    *milliseconds = (int64_t)seconds * 1000;
    return true;
}

int64_t filter_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
