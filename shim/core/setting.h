/* SPDX-License-Identifier: MIT */
/* The table of settings: names, kinds and how their values are read, whatever they come from.
 * Pure functions of constant data; any thread. */
#ifndef CORE_SETTING_H
#define CORE_SETTING_H

#include "store/bytes.h"

enum setting_id {
#define SETTING(id, ...) SETTING_##id,
#include "settings.def"
#undef SETTING
    SETTING_COUNT
};

enum setting_kind {
    SETTING_IS_CHOICE,   /* a number: which of |words| */
    SETTING_IS_DURATION, /* seconds */
    SETTING_IS_SIZE,     /* bytes */
    SETTING_IS_NUMBER,   /* 1 to 1000 */
    SETTING_IS_MOMENT,   /* milliseconds, 1 to 10,000 */
    SETTING_IS_SHARE,    /* percent, 0 to 100 */
    SETTING_IS_TEXT,
    SETTING_IS_PATH, /* absolute */
    SETTING_IS_HOSTS,
    SETTING_IS_FIELD,  /* the value of a header field */
    SETTING_IS_FIELDS, /* names of header fields, separated by commas */
    SETTING_IS_TAG,    /* this and the next two add up */
    SETTING_IS_POINTER,
    SETTING_IS_REGEX,
};

/* Where it may stand. */
enum setting_where {
    SETTING_IN_SECTION = 1,
    SETTING_IN_PROJECT = 2,
    SETTING_OF_RULE = SETTING_IN_SECTION | SETTING_IN_PROJECT,
    SETTING_OF_WHOLE = SETTING_IN_PROJECT,
    SETTING_OF_USERS = SETTING_IN_SECTION,
    SETTING_OF_STORE = 0,
};

struct setting {
    enum setting_kind kind;
    unsigned where; /* enum setting_where */
    const char *name;
    const char *variable; /* "" for none */
    const char *preset;
    const char *words; /* separated by one blank */
    const char *meaning;
};

/* Longer values are mistakes. */
#define SETTING_TEXT_LIMIT 4096

const struct setting *setting_at(enum setting_id id);
/* True when several values of it add up. */
bool setting_is_list(enum setting_id id);
/* The setting of that |name|, SETTING_COUNT when there is none. */
enum setting_id setting_find(struct span name);

/* Reads |value|: NULL and |*number| (0 for texts), or what is wrong with it: static, as in
 * "has none of its possible values". */
MUST_USE const char *setting_parse(enum setting_id id, struct span value,
                                   uint64_t *number);

/* The name or the possible value that |text| is most likely a slip of the keyboard for, "" when
 * nothing comes near. |words|: separated by blanks. Views |words|. */
struct span setting_nearest_word(const char *words, struct span text);
const char *setting_nearest_name(struct span text);

#endif
