/* SPDX-License-Identifier: MIT */
/* Telephone numbers: with a country's code (E.164), as North America writes them, in national
 * groups that begin with 0, and any number that is announced as one. */
#include "sensitive_parts.h"

#define PHONE_WORDS                                                                      \
    "phone phones telephone telefon tel mobile mobil cellphone fax whatsapp sms handy "  \
    "call ph hotline"

/* The groups from |first| to |last| have two digits at least; "(0)" may stand among them. */
static bool groups_are_long(const struct groups *groups, unsigned first, unsigned last)
{
    for (unsigned i = first; i <= last; i++) {
        bool trunk = i > 0 && groups->sizes[i] == 1 && groups->separators[i - 1] == '(' &&
                     sensitive_group(groups, i) == 0;
        if (groups->sizes[i] < 2 && !trunk)
            return false;
    }
    return true;
}

/* 01.02.2024, 1/2/2024 */
static bool is_date(const struct groups *groups)
{
    return groups->count >= 3 && groups->sizes[0] <= 2 && groups->sizes[1] <= 2 &&
           groups->sizes[2] == 4 && sensitive_group(groups, 0) <= 31 &&
           sensitive_group(groups, 1) <= 31;
}

/* +49 30 1234567: as many groups as make a whole number. */
static bool is_international(struct span text, size_t at)
{
    uint8_t before = sensitive_before(text, at, 1);
    uint8_t first = sensitive_byte(text, at + 1);
    if (sensitive_joined(text, at) || before == '+' || before == ')' || first < '1' ||
        first > '9')
        return false;
    struct groups groups = sensitive_groups(text, at + 1);
    unsigned total = 0;
    for (unsigned i = 0; i < groups.count && total <= 15; i++) {
        total += groups.sizes[i];
        if (total >= (i ? 8 : 9) && total <= 15 && sensitive_ends(text, &groups, i))
            return groups_are_long(&groups, 1, i);
    }
    return false;
}

/* Area and exchange: 2 to 9 first, and not 911. */
static bool is_american_code(unsigned code)
{
    return code >= 200 && code <= 999 && code % 100 != 11;
}

/* 555-123-4567, (555) 123-4567, 1-555-123-4567; with spaces alone only where announced. */
static bool is_american(struct span text, size_t at, const struct groups *groups)
{
    unsigned first = groups->sizes[0] == 1 && groups->digits[0] == 1;
    if (groups->count < first + 3 || groups->sizes[first] != 3 ||
        groups->sizes[first + 1] != 3 || groups->sizes[first + 2] != 4 ||
        !is_american_code(sensitive_group(groups, first)) ||
        !is_american_code(sensitive_group(groups, first + 1)) ||
        !sensitive_ends(text, groups, first + 2))
        return false;
    char one = groups->separators[first], two = groups->separators[first + 1];
    bool marked = one == ')' || (one == '-' && two == '-') || (one == '.' && two == '.');
    return marked || (two == '-' && one == ' ' && first) ||
           sensitive_announced(text, at, PHONE_WORDS);
}

/* 030 1234567, 01 23 45 67 89, 0049 30 1234567: nothing before or behind it. */
static bool is_national(struct span text, const struct groups *groups)
{
    bool abroad = groups->digits[1] == 0;
    unsigned least = abroad ? 10 : 9, most = abroad ? 17 : 12;
    return groups->digits[0] == 0 && groups->sizes[0] >= 2 && groups->count >= 2 &&
           (!abroad || groups->digits[2] != 0) && groups->total >= least &&
           groups->total <= most && groups_are_long(groups, 0, groups->count - 1) &&
           !is_date(groups) && sensitive_ends(text, groups, groups->count - 1);
}

/* (030) 1234567, (11) 91234-5678 */
static bool has_area_code(struct span text, const struct groups *groups)
{
    if (groups->count < 2 || groups->separators[0] != ')' || groups->more)
        return false;
    if (groups->digits[0] == 0)
        return groups->total >= 8 && groups->total <= 12 &&
               groups_are_long(groups, 0, groups->count - 1) &&
               sensitive_ends(text, groups, groups->count - 1);
    return groups->sizes[0] == 2 && groups->count == 3 &&
           (groups->sizes[1] == 4 || groups->sizes[1] == 5) &&
           groups->separators[1] == '-' && groups->sizes[2] == 4 &&
           sensitive_ends(text, groups, 2);
}

static bool is_announced(struct span text, size_t at, const struct groups *groups)
{
    return !groups->more && groups->total >= 7 && groups->total <= 15 &&
           !is_date(groups) && sensitive_ends(text, groups, groups->count - 1) &&
           sensitive_announced(text, at, PHONE_WORDS);
}

bool sensitive_phone(struct span text, size_t at, const struct groups *groups)
{
    if (groups->count == 0)
        return false;
    bool goes_on = sensitive_before(text, at, 1) == ' ' &&
                   sensitive_is_digit(sensitive_before(text, at, 2));
    return is_american(text, at, groups) ||
           (!goes_on && !groups->more && is_national(text, groups)) ||
           is_announced(text, at, groups);
}

bool sensitive_phone_mark(struct span text, size_t at)
{
    if (text.at[at] == '+')
        return is_international(text, at);
    if (!sensitive_begins(text, at))
        return false;
    struct groups groups = sensitive_groups(text, at + 1);
    return groups.count &&
           (has_area_code(text, &groups) ||
            (groups.separators[0] == ')' && is_american(text, at, &groups)));
}
