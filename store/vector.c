/* SPDX-License-Identifier: MIT */
/* Embeddings as whole numbers, see vector.h. */
#include "vector.h"

#define MANTISSA_LIMIT                                                                   \
    ((uint64_t)100000000000000000) /* from here on digits are dropped */
#define EXPONENT_LIMIT 400
#define FLOAT_LIMIT    3.4e38

static void skip_blanks(struct cursor *text)
{
    while (text->left && memchr(" \t\r\n", *text->at, 4))
        cursor_u8(text);
}

static bool take(struct cursor *text, char byte)
{
    bool there = text->left && *text->at == (uint8_t)byte;
    if (there)
        cursor_u8(text);
    return there;
}

static bool at_digit(const struct cursor *text)
{
    return text->left && *text->at >= '0' && *text->at <= '9';
}

/* Digits into |mantissa|; how many there were is added to |*digits|. What a float cannot tell is
 * dropped, and the tenfold of it counted in |*dropped|. */
static void take_digits(struct cursor *text, uint64_t *mantissa, size_t *digits,
                        int *dropped)
{
    for (; at_digit(text); ++*digits) {
        unsigned digit = cursor_u8(text) - (unsigned)'0';
        if (*mantissa < MANTISSA_LIMIT)
            *mantissa = 10 * *mantissa + digit;
        else
            *dropped += *dropped < EXPONENT_LIMIT;
    }
}

static double scaled(uint64_t mantissa, int exponent)
{
    double value = (double)mantissa, power = 10;
    unsigned left = (unsigned)(exponent < 0 ? -exponent : exponent);
    for (; left; left >>= 1) {
        if (left & 1)
            value = exponent < 0 ? value / power : value * power;
        power *= power;
    }
    return value;
}

/* "e-05" and the like, if there. False when no digit follows. */
static bool take_exponent(struct cursor *text, int *exponent)
{
    if (!take(text, 'e') && !take(text, 'E'))
        return true;
    bool negative = take(text, '-');
    if (!negative)
        take(text, '+');
    int value = 0;
    if (!at_digit(text))
        return false;
    while (at_digit(text)) {
        int digit = cursor_u8(text) - '0';
        value = value < EXPONENT_LIMIT ? 10 * value + digit : value;
    }
    value = value < EXPONENT_LIMIT ? value : EXPONENT_LIMIT;
    *exponent += negative ? -value : value;
    return true;
}

/* As JSON spells numbers (RFC 8259, 6); leading zeroes are let through. */
static bool take_number(struct cursor *text, float *out)
{
    bool negative = take(text, '-');
    uint64_t mantissa = 0;
    size_t before = 0, after = 0;
    int exponent = 0, dropped = 0;
    take_digits(text, &mantissa, &before, &exponent);
    int whole = exponent;
    if (before && take(text, '.')) {
        take_digits(text, &mantissa, &after, &dropped);
        if (after == 0 || after > EXPONENT_LIMIT)
            return false;
        exponent = whole - ((int)after - dropped);
    }
    if (before == 0 || before > EXPONENT_LIMIT || !take_exponent(text, &exponent))
        return false;
    double value = mantissa ? scaled(mantissa, exponent) : 0;
    if (!(value < FLOAT_LIMIT))
        return false;
    *out = (float)(negative ? -value : value);
    return true;
}

bool vector_parse(struct span span, float *values, size_t *count)
{
    struct cursor text = cursor_of(span);
    *count = 0;
    skip_blanks(&text);
    if (!take(&text, '['))
        return false;
    do {
        skip_blanks(&text);
        if (*count == VECTOR_DIMENSIONS || !take_number(&text, &values[*count]))
            return false;
        ++*count;
        skip_blanks(&text);
    } while (take(&text, ','));
    bool closed = take(&text, ']');
    skip_blanks(&text);
    return closed && text.left == 0;
}

static double largest(const float *values, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        double value = values[i] < 0 ? -values[i] : values[i];
        if (!(value < FLOAT_LIMIT))
            return 0; /* infinite, or no number */
        most = value > most ? value : most;
    }
    return most;
}

static int rounded(double value)
{
    return (int)(value < 0 ? value - 0.5 : value + 0.5);
}

bool vector_encode(const float *values, size_t count, struct vector *out)
{
    double most = count && count <= VECTOR_DIMENSIONS ? largest(values, count) : 0;
    memset(out, 0, sizeof(*out));
    out->dimensions = count;
    for (size_t i = 0; i < count && most > 0; i++) {
        double part = values[i] / most;
        int fine = rounded(part * VECTOR_FINE);
        out->fine[i] = (int16_t)fine;
        out->coarse[i] = (int8_t)rounded(part * VECTOR_COARSE);
        out->signs[i / 64] |= (uint64_t)(part < 0) << (i % 64);
        out->square += (int64_t)fine * fine;
    }
    return most > 0;
}
