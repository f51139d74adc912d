/* SPDX-License-Identifier: MIT */
/* Social security numbers of the United States, and addresses of the Internet, version 4. */
#include "sensitive_parts.h"

#define SSN_WORDS "ssn security"

/* Never given: areas 000, 666 and from 900 on, group 00, serial 0000. */
static bool is_given(unsigned area, unsigned group, unsigned serial)
{
    return area != 0 && area != 666 && area < 900 && group != 0 && serial != 0;
}

/* 123-45-6789; with spaces, or in one, only where it is announced. */
bool sensitive_ssn(struct span text, size_t at, const struct groups *groups)
{
    if (groups->count >= 3 && groups->sizes[0] == 3 && groups->sizes[1] == 2 &&
        groups->sizes[2] == 4) {
        bool marked = groups->separators[0] == '-' && groups->separators[1] == '-';
        return is_given(sensitive_group(groups, 0), sensitive_group(groups, 1),
                        sensitive_group(groups, 2)) &&
               sensitive_ends(text, groups, 2) &&
               (marked || sensitive_announced(text, at, SSN_WORDS));
    }
    if (groups->count == 0 || groups->sizes[0] != 9)
        return false;
    unsigned number = sensitive_group(groups, 0);
    return is_given(number / 1000000, number / 10000 % 100, number % 10000) &&
           sensitive_ends(text, groups, 0) && sensitive_announced(text, at, SSN_WORDS);
}

/* Reads a number of 0 to 255 without leading zeros. False when there is none. */
static bool take_octet(struct span text, size_t *at, unsigned *octet)
{
    size_t begin = *at;
    *octet = 0;
    while (*at - begin < 3 && sensitive_is_digit(sensitive_byte(text, *at)))
        *octet = *octet * 10 + (text.at[(*at)++] - '0');
    bool zero = *at - begin > 1 && text.at[begin] == '0';
    return *at > begin && !zero && *octet <= 255 &&
           !sensitive_is_digit(sensitive_byte(text, *at));
}

/* "1.2.3.4.5" is no address, nor is "1.2.3.4-beta". */
static bool ends_alone(struct span text, size_t end)
{
    uint8_t next = sensitive_byte(text, end);
    bool more =
        (next == '.' || next == '-') && sensitive_is_word(sensitive_byte(text, end + 1));
    return !more && !sensitive_is_word(next);
}

bool sensitive_ipv4(struct span text, size_t at)
{
    unsigned octets[4];
    size_t end = at;
    for (unsigned i = 0; i < 4; i++) {
        if (i && sensitive_byte(text, end++) != '.')
            return false;
        if (!take_octet(text, &end, &octets[i]))
            return false;
    }
    return octets[0] != 0 && octets[0] != 127 && octets[0] != 255 &&
           ends_alone(text, end) &&
           !sensitive_announced(text, at,
                                "version versions ver v release rev revision build "
                                "section sec chapter clause article figure fig table");
}
