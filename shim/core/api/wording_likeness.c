/* SPDX-License-Identifier: MIT */
/* How far two answers say the same: the rule stands in wording.h. */
#include "wording.h"

#include <stdlib.h>

#define SHORT 20 /* words */

/* -- equal -------------------------------------------------------------------------------- */

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static struct span without_blanks(struct span text)
{
    while (text.size && is_blank(*text.at))
        text = span_skip(text, 1);
    while (text.size && is_blank(text.at[text.size - 1]))
        text.size--;
    return text;
}

/* A run of white space is one. */
static uint8_t take_byte(struct span *text)
{
    uint8_t byte = *text->at;
    *text = span_skip(*text, 1);
    if (!is_blank(byte))
        return byte;
    while (text->size && is_blank(*text->at))
        *text = span_skip(*text, 1);
    return ' ';
}

static bool same_text(struct span one, struct span other)
{
    one = without_blanks(one);
    other = without_blanks(other);
    while (one.size && other.size)
        if (take_byte(&one) != take_byte(&other))
            return false;
    return one.size == other.size;
}

static bool same_json(struct span one, struct span other)
{
    struct buffer left = {0}, right = {0};
    bool same = json_canonical(one, NULL, &left) == JSON_OK &&
                json_canonical(other, NULL, &right) == JSON_OK &&
                span_equal(buffer_span(&left), buffer_span(&right));
    buffer_free(&left);
    buffer_free(&right);
    return same;
}

/* -- words -------------------------------------------------------------------------------- */

/* An answer's words, and signs, which are words of one character here. */
struct words {
    struct buffer lower; /* the text in lower case; words are views of it */
    struct buffer list;  /* of struct span */
    unsigned negations;
};

static bool is_letter(uint8_t byte)
{
    return byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static bool is_sign(uint8_t byte)
{
    return byte && strchr("+-*/=<>%$#&", byte);
}

/* "n't" stands apart from its verb, as "t" or not at all. */
static bool is_negation(struct span word)
{
    static const char all[][8] = {"not",     "no",   "never",   "none",    "cannot",
                                  "neither", "nor",  "without", "nothing", "dont",
                                  "doesnt",  "isnt", "t",       "false",   "nobody"};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        if (span_is(word, all[i]))
            return true;
    return false;
}

static struct span *words_at(const struct words *words)
{
    return (struct span *)(void *)words->list.at;
}

static size_t words_count(const struct words *words)
{
    return words->list.size / sizeof(struct span);
}

static void lower_all(struct words *words, struct span text)
{
    uint8_t *room = buffer_room(&words->lower, text.size + 1);
    if (!room)
        return;
    for (size_t i = 0; i < text.size; i++)
        room[i] = text.at[i] >= 'A' && text.at[i] <= 'Z' ? text.at[i] | 0x20 : text.at[i];
    words->lower.size = text.size;
}

/* False when memory is short. */
static bool read_words(struct words *words, struct span text)
{
    lower_all(words, text);
    struct span left = buffer_span(&words->lower);
    while (left.size) {
        size_t size = 0;
        while (size < left.size && is_letter(left.at[size]))
            size++;
        struct span word = span_of(left.at, size ? size : 1);
        if (size || is_sign(*left.at))
            buffer_append(&words->list, &word, sizeof(word));
        words->negations += is_negation(word);
        left = span_skip(left, word.size);
    }
    return buffer_ok(&words->lower) && buffer_ok(&words->list);
}

static void words_free(struct words *words)
{
    buffer_free(&words->lower);
    buffer_free(&words->list);
}

static bool same_words(const struct words *one, const struct words *other)
{
    size_t count = words_count(one);
    for (size_t i = 0; i < count && count == words_count(other); i++)
        if (!span_equal(words_at(one)[i], words_at(other)[i]))
            return false;
    return count > 0 && count == words_count(other);
}

static int compare(const void *left, const void *right)
{
    const struct span *a = left, *b = right;
    int order = memcmp(a->at, b->at, a->size < b->size ? a->size : b->size);
    return order ? order : (a->size > b->size) - (a->size < b->size);
}

static bool is_number(struct span word)
{
    for (size_t i = 0; i < word.size; i++)
        if (word.at[i] >= '0' && word.at[i] <= '9')
            return true;
    return false;
}

static bool any_number(const struct words *words, size_t from, size_t to)
{
    for (; from < to; from++)
        if (is_number(words_at(words)[from]))
            return true;
    return false;
}

/* Of sorted lists: how many words both have, each as often as in both. |*numbers|: a number stands in
 * one of them alone. */
static size_t shared(const struct words *one, const struct words *other, bool *numbers)
{
    size_t i = 0, j = 0, count = 0, ends = words_count(one), others = words_count(other);
    while (i < ends && j < others) {
        int order = compare(&words_at(one)[i], &words_at(other)[j]);
        if (order < 0)
            *numbers |= is_number(words_at(one)[i]);
        else if (order > 0)
            *numbers |= is_number(words_at(other)[j]);
        count += order == 0;
        i += order <= 0;
        j += order >= 0;
    }
    *numbers |= any_number(one, i, ends) || any_number(other, j, others);
    return count;
}

static void sort(struct words *words)
{
    if (words_count(words) > 1)
        qsort(words->list.at, words_count(words), sizeof(struct span), compare);
}

/* Of words that are not equal. */
static enum comparison weigh(struct words *one, struct words *other)
{
    size_t a = words_count(one), b = words_count(other);
    size_t longer = a > b ? a : b;
    bool numbers = false;
    sort(one);
    sort(other);
    size_t common = shared(one, other, &numbers);
    bool apart = numbers || one->negations != other->negations;
    if ((apart && longer <= SHORT) || 10 * 2 * common < a + b)
        return COMPARISON_DIFFERENT;
    return COMPARISON_UNKNOWN;
}

enum comparison wording_likeness(struct span one, struct span other)
{
    struct words left = {0}, right = {0};
    enum comparison likeness = COMPARISON_UNKNOWN;
    if (same_text(one, other))
        return COMPARISON_EQUAL;
    if (one.size > WORDING_LIMIT || other.size > WORDING_LIMIT)
        return COMPARISON_UNKNOWN;
    if (same_json(one, other))
        return COMPARISON_EQUAL;
    if (read_words(&left, one) && read_words(&right, other))
        likeness = same_words(&left, &right) ? COMPARISON_SIMILAR : weigh(&left, &right);
    words_free(&left);
    words_free(&right);
    return likeness;
}
