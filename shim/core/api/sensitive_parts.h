/* SPDX-License-Identifier: MIT */
/* What the files behind sensitive.h share. Each test starts at a byte that may begin or mark
 * what it looks for, and reads a bounded number of bytes around it. */
#ifndef CORE_API_SENSITIVE_PARTS_H
#define CORE_API_SENSITIVE_PARTS_H

#include "sensitive.h"

static inline bool sensitive_is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static inline bool sensitive_is_upper(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static inline bool sensitive_is_letter(uint8_t byte)
{
    return sensitive_is_upper(byte) || (byte >= 'a' && byte <= 'z');
}

/* What words and names of variables are made of. */
static inline bool sensitive_is_word(uint8_t byte)
{
    return sensitive_is_letter(byte) || sensitive_is_digit(byte) || byte == '_';
}

/* The byte at |at|; 0 outside of |text|. */
static inline uint8_t sensitive_byte(struct span text, size_t at)
{
    return at < text.size ? text.at[at] : 0;
}

static inline uint8_t sensitive_before(struct span text, size_t at, size_t count)
{
    return at >= count ? text.at[at - count] : 0;
}

/* True when a word goes on to |at|; "\n" in JSON within a text is none. */
static inline bool sensitive_joined(struct span text, size_t at)
{
    uint8_t before = sensitive_before(text, at, 1);
    bool escape = (before == 'n' || before == 'r' || before == 't') &&
                  sensitive_before(text, at, 2) == '\\';
    return sensitive_is_word(before) && !escape;
}

/* -- sensitive_groups.c: numbers written in groups ------------------------------------------ */

#define GROUPS_DIGITS 20
#define GROUPS_LIMIT  10

struct groups {
    uint8_t digits[GROUPS_DIGITS]; /* as numbers, without separators */
    unsigned total;                /* of digits */
    unsigned count;                /* of groups */
    uint8_t sizes[GROUPS_LIMIT];
    char separators[GROUPS_LIMIT]; /* behind each group; 0 behind the last one */
    size_t ends[GROUPS_LIMIT];     /* where each group ends in the text */
    bool more;                     /* there is more than fits: no number of ours */
};

/* Reads the digits from |at| on: groups between which one space, '-', '.', '/' or parenthesis
 * stands. */
struct groups sensitive_groups(struct span text, size_t at);
/* The number that group |index| is. At most nine digits. */
unsigned sensitive_group(const struct groups *groups, unsigned index);
/* True when the text does not go on behind group |index| in a way that makes it a part of
 * something else: a letter, or a digit behind '-', '.' or '/'. */
bool sensitive_ends(struct span text, const struct groups *groups, unsigned index);
/* The same of what stands before |at|. */
bool sensitive_begins(struct span text, size_t at);
/* True when one of |words| (in lower case, separated by spaces) announces what stands at |at|:
 * "phone", "Phone number:", "my phone is ". */
bool sensitive_announced(struct span text, size_t at, const char *words);

/* -- one file each; |at| is ... ------------------------------------------------------------- */

/* ... an '@'. Kinds: a password in an URL stands before one, too. */
uint32_t sensitive_at_sign(struct span text, size_t at);
/* ... a '+' or '('. */
bool sensitive_phone_mark(struct span text, size_t at);
/* ... a digit where sensitive_begins(), with which |groups| begin. */
bool sensitive_phone(struct span text, size_t at, const struct groups *groups);
bool sensitive_card(struct span text, const struct groups *groups);
bool sensitive_ssn(struct span text, size_t at, const struct groups *groups);
bool sensitive_ipv4(struct span text, size_t at);
/* ... a word's first letter. */
bool sensitive_iban(struct span text, size_t at);
bool sensitive_key(struct span text, size_t at);
/* ... a '-'. */
bool sensitive_private_key(struct span text, size_t at);
/* ... a ':' or '='. */
bool sensitive_assignment(struct span text, size_t at);

/* True when |token| looks drawn at random: letters and digits in no order. */
bool sensitive_is_random(struct span token);

#endif
