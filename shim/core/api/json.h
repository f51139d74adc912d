/* SPDX-License-Identifier: MIT */
/* JSON (RFC 8259) read in place: a value is a view of its own source text, so numbers
 * keep every digit, escapes such as a lone \ud83d stay what they are, and a 50 MB list of
 * vectors costs no memory. (A tree of doubles would lose seeds up to 2^64-1 and refuse
 * cut emoji, both of which programs send.) Nothing here recurses; nesting is bounded by
 * JSON_DEPTH. Pure functions, any thread. */
#ifndef CORE_API_JSON_H
#define CORE_API_JSON_H

#include "store/bytes.h"

#include <regex.h>

#define JSON_DEPTH 128

enum json_kind {
    JSON_KIND_ABSENT, /* no value: not found */
    JSON_KIND_OBJECT,
    JSON_KIND_ARRAY,
    JSON_KIND_STRING,
    JSON_KIND_NUMBER,
    JSON_KIND_TRUE,
    JSON_KIND_FALSE,
    JSON_KIND_NULL,
};

/* A value: its text from the first to the last character, without white space around it.
 * Views the text it was found in. {NULL, 0} is JSON_KIND_ABSENT. */
struct json {
    struct span text;
};

/* What the scanner found; see json_scan(). */
enum json_token {
    JSON_T_END,   /* the text is over and was one whole value */
    JSON_T_ERROR, /* not JSON, or nested too deeply; the scanner stays here */
    JSON_T_OPEN_OBJECT,
    JSON_T_CLOSE_OBJECT,
    JSON_T_OPEN_ARRAY,
    JSON_T_CLOSE_ARRAY,
    JSON_T_NAME,   /* a member's name, quotes included */
    JSON_T_STRING, /* quotes included */
    JSON_T_NUMBER,
    JSON_T_WORD, /* true, false, null */
};

/* Reads a text token by token; start with json_scanner_of(). */
struct json_scanner {
    struct span left;
    struct span token;            /* the latest token's text */
    uint8_t nest[JSON_DEPTH / 8]; /* a bit per level: 1 = object */
    unsigned depth;
    uint8_t expects; /* private */
};

struct json_scanner json_scanner_of(struct span text);
enum json_token json_scan(struct json_scanner *scanner);

/* True when |text| is exactly one JSON value, white space around it allowed. UTF-8 is not
 * checked: bytes from 0x80 on count as characters. */
bool json_valid(struct span text);

/* Below: |value| comes from text that json_valid() accepted. On other text they return
 * nonsense, but never read outside it. */

/* The value that |text| holds, without the white space around it. */
struct json json_of(struct span text);
enum json_kind json_kind(struct json value);
/* Neither absent nor null, false, "", [] or {}. */
bool json_is_set(struct json value);

/* Walks over an object's members or an array's items. */
struct json_iterator {
    struct span left;
    struct json name; /* a string; JSON_KIND_ABSENT within an array */
    struct json value;
    bool object;
};
struct json_iterator json_begin(struct json container);
/* False when there are no more, or |container| was no container. */
bool json_next(struct json_iterator *iterator);

/* The first member of that name. JSON_KIND_ABSENT when there is none or |object| is none.
 */
struct json json_member(struct json object, const char *name);
/* Members by names separated with '/': "usage/prompt_tokens". "" is |value| itself. */
struct json json_at(struct json value, const char *path);
/* The value that the first of |paths| ("a/b|c") with one leads to. */
struct json json_first_at(struct json value, const char *paths);
size_t json_count(struct json array);

/* Calls |visit| for every value that |path| leads to, until it returns false. A path is
 * names separated with '/'; "*" stands for every item of an array, "?" for every member
 * of an object. At most JSON_PATH_STEPS names. False when a visit returned false. */
#define JSON_PATH_STEPS 8
bool json_each(struct json value, const char *path,
               bool (*visit)(struct json value, void *context), void *context);

/* Cuts the first path off |*paths| ("a/b|c") into |path|; false when there is none left.
 */
#define JSON_PATH_SIZE 96
bool json_next_path(const char **paths, char path[JSON_PATH_SIZE]);

/* Reads a string's characters one by one, escapes resolved. */
struct json_characters {
    struct span left;
};
#define JSON_NO_CHARACTER UINT32_MAX
struct json_characters json_characters_of(struct json string);
/* A code point for an escape (lone surrogates as they are), otherwise the next raw byte
 * with JSON_RAW set; JSON_NO_CHARACTER behind the last one. */
#define JSON_RAW 0x80000000u
uint32_t json_character(struct json_characters *characters);

/* The UTF-8 bytes (RFC 3629) of a code point, by the same scheme for surrogates; their
 * number. */
size_t json_utf8(uint32_t code, uint8_t bytes[4]);

/* True when |value| is a string with that content (ASCII). */
bool json_text_is(struct json value, const char *text);
bool json_text_starts(struct json value, const char *prefix);
bool json_text_contains(struct json value, const char *part);
/* Copies a string's content, cut to |capacity|, always ended by a zero; "" for other
 * values. */
void json_copy_text(struct json value, char *text, size_t capacity);
/* Appends a string's content as UTF-8; lone surrogates as their three bytes. */
void json_append_text(struct json value, struct buffer *out);
/* True and |*out| for an integer from 0 to 2^64-1. */
bool json_u64(struct json value, uint64_t *out);

enum json_result {
    JSON_OK = 0,
    JSON_INVALID = -1,   /* not JSON, too deep, or a number with an absurd exponent */
    JSON_DUPLICATE = -2, /* an object names a member twice */
    JSON_NO_MEMORY = -3,
};

/* Appends |text| in the one form that all texts of the same meaning share: no white
 * space, members sorted by name, escapes resolved as far as JSON allows, numbers as
 * digits and a power of ten. The order of arrays and the case of letters stay; a member
 * that is null is not the same as none; -0 keeps its sign. |ignored|: paths as in
 * json_each() ("*" only) of members to leave out, ended by NULL, at most 32; or NULL. An
 * object of which nothing else is left goes with them. On anything but JSON_OK |out|
 * holds a useless part. */
MUST_USE enum json_result json_canonical(struct span text, const char *const *ignored,
                                         struct buffer *out);

/* What a user's rules leave out besides. */
struct json_ignoring {
    /* Paths as above, ended by NULL; a step may also be the number of an array's item. The first
     * value that a path leads to is left out whatever it is, also an item. */
    const char *const *paths;
    const regex_t *texts; /* what they match in strings is replaced by JSON_HOLE */
    size_t text_count;    /* at most 32 */
    /* Bits of those that have had an effect: added to. */
    uint32_t used_paths;
    uint32_t used_texts;
};

/* What stands where a part of a string was left out: a spelling that no text has. */
#define JSON_HOLE "\\/"
/* Expressions match within a line, as grep's do. Longer lines are not searched: the C library may take
 * the square of that many steps. */
#define JSON_LINE_LIMIT ((size_t)16 << 10)

/* As json_canonical(), also without what |more| says (it may be NULL). Of the paths at most 32 in all
 * count. */
MUST_USE enum json_result json_canonical_without(struct span text,
                                                 const char *const *ignored,
                                                 struct json_ignoring *more,
                                                 struct buffer *out);
/* The string |text| in its one spelling, with holes where |more|'s expressions match. 0, or -1 when
 * memory is short. */
MUST_USE int json_spell_with_holes(struct buffer *out, struct span text,
                                   struct json_ignoring *more);

/* What json_canonical() makes of a string and of a number, appended to |out|. */
void json_spell_string(struct buffer *out, struct span text);
/* One character within it, as json_character() gives it. */
void json_spell_character(struct buffer *out, uint32_t character);
/* A string of any bytes, as a program reads it: what is no UTF-8 becomes U+FFFD. */
void json_spell_bytes(struct buffer *out, struct span bytes);
/* -12.50e3 is -125e2: the digits without zeros at either end, and a power of ten. False
 * when the exponent is absurd. */
MUST_USE bool json_spell_number(struct buffer *out, struct span text);

#endif
