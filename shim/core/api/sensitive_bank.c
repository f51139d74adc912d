/* SPDX-License-Identifier: MIT */
/* Accounts: IBANs (ISO 13616) and payment cards (ISO/IEC 7812), by their check digits. */
#include "sensitive_parts.h"

/* -- IBAN ------------------------------------------------------------------------------- */

#define IBAN_LIMIT 34

/* Country and length, as the registry has them. */
static const char countries[][5] = {
    "AD24", "AE23", "AL28", "AT20", "AZ28", "BA20", "BE16", "BG22", "BH22", "BI27",
    "BR29", "BY28", "CH21", "CR22", "CY28", "CZ24", "DE22", "DJ27", "DK18", "DO28",
    "EE20", "EG29", "ES24", "FI18", "FK18", "FO18", "FR27", "GB22", "GE22", "GI23",
    "GL18", "GR27", "GT28", "HN28", "HR21", "HU28", "IE22", "IL23", "IQ23", "IS26",
    "IT27", "JO30", "KW30", "KZ20", "LB28", "LC32", "LI21", "LT20", "LU20", "LV21",
    "LY25", "MC27", "MD24", "ME22", "MK19", "MN20", "MR27", "MT31", "MU30", "NI28",
    "NL18", "NO15", "OM23", "PK24", "PL28", "PS29", "PT25", "QA29", "RO24", "RS22",
    "RU33", "SA24", "SC31", "SD18", "SE24", "SI19", "SK24", "SM27", "SO23", "ST25",
    "SV28", "TL23", "TN24", "TR26", "UA29", "VA22", "VG24", "XK20", "YE30",
};

static uint8_t upper(uint8_t byte)
{
    return byte >= 'a' && byte <= 'z' ? byte & 0xdf : byte;
}

/* How long an IBAN of the country at |text| is; 0: there is no such country. */
static size_t iban_size(struct span text)
{
    for (size_t i = 0; i < sizeof(countries) / sizeof(*countries); i++)
        if (countries[i][0] == (char)upper(text.at[0]) &&
            countries[i][1] == (char)upper(text.at[1]))
            return (size_t)(countries[i][2] - '0') * 10 + (size_t)(countries[i][3] - '0');
    return 0;
}

/* Copies |size| letters and digits, in one or in groups of four. False when there are fewer, or
 * more. */
static bool copy_iban(struct span text, size_t size, uint8_t iban[IBAN_LIMIT])
{
    size_t at = 0;
    bool spaced = sensitive_byte(text, 4) == ' ';
    for (size_t i = 0; i < size; i++, at++) {
        if (spaced && i && i % 4 == 0 && sensitive_byte(text, at++) != ' ')
            return false;
        uint8_t byte = upper(sensitive_byte(text, at));
        if (!sensitive_is_upper(byte) && !sensitive_is_digit(byte))
            return false;
        iban[i] = byte;
    }
    return !sensitive_is_word(sensitive_byte(text, at));
}

/* ISO 7064, MOD 97-10: the first four characters count as the last ones. */
static bool is_right(const uint8_t *iban, size_t size)
{
    unsigned rest = 0;
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = iban[(i + 4) % size];
        rest = sensitive_is_digit(byte) ? rest * 10 + (byte - '0')
                                        : rest * 100 + (byte - 'A' + 10);
        rest %= 97;
    }
    return rest == 1;
}

bool sensitive_iban(struct span text, size_t at)
{
    uint8_t iban[IBAN_LIMIT];
    struct span rest = span_skip(text, at);
    if (rest.size < 15 || !sensitive_is_letter(rest.at[1]) ||
        !sensitive_is_digit(rest.at[2]) || !sensitive_is_digit(rest.at[3]))
        return false;
    size_t size = iban_size(rest);
    return size && copy_iban(rest, size, iban) && is_right(iban, size);
}

/* -- cards ------------------------------------------------------------------------------- */

/* Numbers that begin with |low| to |high|, of |digits| digits, are |shortest| to |longest|. */
static const struct {
    uint16_t low, high;
    uint8_t digits, shortest, longest;
} issuers[] = {
    {4, 4, 1, 16, 16},       {4, 4, 1, 13, 13},
    {4, 4, 1, 19, 19},                                /* Visa */
    {51, 55, 2, 16, 16},     {2221, 2720, 4, 16, 16}, /* Mastercard */
    {34, 34, 2, 15, 15},     {37, 37, 2, 15, 15},     /* Amex */
    {6011, 6011, 4, 16, 19}, {644, 649, 3, 16, 19},
    {65, 65, 2, 16, 19}, /* Discover */
    {300, 305, 3, 14, 14},   {36, 36, 2, 14, 14},
    {38, 39, 2, 14, 14}, /* Diners */
    {3528, 3589, 4, 16, 19}, {62, 62, 2, 16, 19},
    {2200, 2204, 4, 16, 19}, {5018, 5018, 4, 16, 19},
    {5020, 5020, 4, 16, 19}, {5038, 5038, 4, 16, 19}, /* Maestro */
    {5893, 5893, 4, 16, 19}, {6304, 6304, 4, 16, 19},
    {6759, 6759, 4, 16, 19}, {6761, 6763, 4, 16, 19},
};

static unsigned leading(const uint8_t *digits, unsigned count)
{
    unsigned number = 0;
    for (unsigned i = 0; i < count; i++)
        number = number * 10 + digits[i];
    return number;
}

static bool has_issuer(const uint8_t *digits, unsigned total)
{
    for (size_t i = 0; i < sizeof(issuers) / sizeof(*issuers); i++) {
        unsigned prefix = leading(digits, issuers[i].digits);
        if (prefix >= issuers[i].low && prefix <= issuers[i].high &&
            total >= issuers[i].shortest && total <= issuers[i].longest)
            return true;
    }
    return false;
}

/* Luhn's sum. */
static bool is_checked(const uint8_t *digits, unsigned total)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < total; i++) {
        unsigned digit = digits[total - 1 - i];
        if (i % 2)
            digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

/* How many of the |groups| are written as on a card: 4-4-4-4, 4-4-4-4-3, 4-6-5, 4-6-4. */
static unsigned card_groups(const struct groups *groups)
{
    static const uint8_t patterns[][5] = {
        {4, 4, 4, 4, 3}, {4, 4, 4, 4, 0}, {4, 6, 5, 0, 0}, {4, 6, 4, 0, 0}};
    for (size_t i = 0; i < 4; i++) {
        unsigned count = 0;
        while (count < 5 && patterns[i][count] && count < groups->count &&
               groups->sizes[count] == patterns[i][count])
            count++;
        if (count == 5 || patterns[i][count] == 0)
            return count;
    }
    return 0;
}

static bool same_separators(const struct groups *groups, unsigned count)
{
    char separator = groups->separators[0];
    for (unsigned i = 1; i + 1 < count; i++)
        if (groups->separators[i] != separator)
            return false;
    return separator == ' ' || separator == '-';
}

bool sensitive_card(struct span text, const struct groups *groups)
{
    if (groups->count == 0)
        return false;
    unsigned count = groups->sizes[0] >= 13 ? 1 : card_groups(groups), total = 0;
    for (unsigned i = 0; i < count; i++)
        total += groups->sizes[i];
    return count && (count == 1 || same_separators(groups, count)) &&
           sensitive_ends(text, groups, count - 1) && has_issuer(groups->digits, total) &&
           is_checked(groups->digits, total);
}
