/* SPDX-License-Identifier: MIT */
/* What gives access: API keys by their beginnings, tokens and passwords by what is said before
 * them, private keys. */
#include "sensitive_parts.h"

#define TOKEN_LIMIT 256

enum alphabet {
    LETTERS_DIGITS,
    BASE64_URL, /* those, '-' and '_' */
    DOTTED,     /* those and '.' */
};

/* |size|: of what follows at least; |run|: of letters and digits in one at least. */
struct beginning {
    const char *text;
    enum alphabet alphabet;
    uint8_t size;
    uint8_t run;
    bool exact; /* no longer than |size| */
};

static const struct beginning beginnings[] = {
    {"sk-", BASE64_URL, 20, 12, false},      /* OpenAI, Anthropic, OpenRouter, DeepSeek */
    {"AKIA", LETTERS_DIGITS, 16, 16, true},  /* AWS */
    {"ASIA", LETTERS_DIGITS, 16, 16, true},  /* AWS, for a session */
    {"ghp_", LETTERS_DIGITS, 36, 36, false}, /* GitHub, five kinds of it */
    {"gho_", LETTERS_DIGITS, 36, 36, false},
    {"ghu_", LETTERS_DIGITS, 36, 36, false},
    {"ghs_", LETTERS_DIGITS, 36, 36, false},
    {"ghr_", LETTERS_DIGITS, 36, 36, false},
    {"github_pat_", BASE64_URL, 22, 12, false},
    {"xoxa-", BASE64_URL, 16, 8, false}, /* Slack */
    {"xoxb-", BASE64_URL, 16, 8, false},
    {"xoxp-", BASE64_URL, 16, 8, false},
    {"xoxr-", BASE64_URL, 16, 8, false},
    {"xoxs-", BASE64_URL, 16, 8, false},
    {"xapp-", BASE64_URL, 16, 8, false},
    {"AIza", BASE64_URL, 35, 8, false},      /* Google */
    {"ya29.", BASE64_URL, 20, 12, false},    /* Google, for an hour */
    {"glpat-", BASE64_URL, 20, 8, false},    /* GitLab */
    {"hf_", LETTERS_DIGITS, 30, 30, false},  /* Hugging Face */
    {"gsk_", LETTERS_DIGITS, 40, 40, false}, /* Groq */
    {"xai-", LETTERS_DIGITS, 40, 40, false},
    {"pplx-", LETTERS_DIGITS, 40, 40, false},
    {"r8_", LETTERS_DIGITS, 37, 37, false}, /* Replicate */
    {"npm_", LETTERS_DIGITS, 36, 36, false},
    {"pypi-", BASE64_URL, 50, 12, false},
    {"sk_live_", LETTERS_DIGITS, 16, 16, false}, /* Stripe */
    {"rk_live_", LETTERS_DIGITS, 16, 16, false},
    {"sk_test_", LETTERS_DIGITS, 16, 16, false},
    {"shpat_", LETTERS_DIGITS, 32, 32, false},  /* Shopify */
    {"dop_v1_", LETTERS_DIGITS, 64, 64, false}, /* DigitalOcean */
    {"SG.", DOTTED, 60, 12, false},             /* SendGrid */
};

/* Nearly every word is done with after two of its letters: behind the first one of a key's
 * beginning, of "eyJ" and of "Bearer" stands one of these. */
static bool may_begin(struct span text)
{
    static const char seconds[128][6] = {
        ['A'] = "KSI", ['B'] = "e",    ['S'] = "G",  ['b'] = "e", ['d'] = "o",
        ['e'] = "y",   ['g'] = "hils", ['h'] = "f",  ['n'] = "p", ['p'] = "py",
        ['r'] = "8k",  ['s'] = "kh",   ['x'] = "oa", ['y'] = "a",
    };
    uint8_t second = sensitive_byte(text, 1);
    return text.at[0] < 128 && second && strchr(seconds[text.at[0]], second);
}

static bool is_plain(uint8_t byte)
{
    return sensitive_is_letter(byte) || sensitive_is_digit(byte);
}

static bool fits(uint8_t byte, enum alphabet alphabet)
{
    return is_plain(byte) ||
           (alphabet != LETTERS_DIGITS && (byte == '-' || byte == '_')) ||
           (alphabet == DOTTED && byte == '.');
}

/* The size of the token that |text| begins with, and of the longest run in it. */
static size_t token_size(struct span text, enum alphabet alphabet, size_t *longest)
{
    size_t size = 0, run = 0;
    *longest = 0;
    for (; size < TOKEN_LIMIT && fits(sensitive_byte(text, size), alphabet); size++) {
        run = is_plain(text.at[size]) ? run + 1 : 0;
        *longest = run > *longest ? run : *longest;
    }
    return size;
}

static bool has_beginning(struct span text)
{
    for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++) {
        const struct beginning *beginning = &beginnings[i];
        if (beginning->text[0] != (char)text.at[0] || !span_starts(text, beginning->text))
            continue;
        size_t longest;
        size_t size = token_size(span_skip(text, strlen(beginning->text)),
                                 beginning->alphabet, &longest);
        if (size >= beginning->size && longest >= beginning->run &&
            (!beginning->exact || size == beginning->size))
            return true;
    }
    return false;
}

/* JSON Web Tokens (RFC 7519): two objects and a signature in base64. */
static bool is_web_token(struct span text)
{
    for (unsigned part = 0; part < 3; part++) {
        size_t size = 0;
        if (part < 2 && !span_starts(text, "eyJ"))
            return false;
        while (fits(sensitive_byte(text, size), BASE64_URL))
            size++;
        if (size < 8 || (part < 2 && sensitive_byte(text, size) != '.'))
            return false;
        text = span_skip(text, size + 1);
    }
    return true;
}

static size_t value_size(struct span text)
{
    size_t size = 0;
    while (size < TOKEN_LIMIT && sensitive_byte(text, size) > ' ' &&
           !strchr("\"'`,;()<>&\\|", text.at[size]))
        size++;
    return size;
}

/* "Bearer" and a token (RFC 6750). */
static bool is_bearer(struct span text)
{
    struct span rest = span_skip(text, 7);
    return (span_starts(text, "Bearer ") || span_starts(text, "bearer ")) &&
           sensitive_is_random(span_of(rest.at, value_size(rest)));
}

bool sensitive_key(struct span text, size_t at)
{
    struct span rest = span_skip(text, at);
    if (!may_begin(rest) || sensitive_before(text, at, 1) == '-')
        return false; /* or amid a longer name */
    return has_beginning(rest) || is_web_token(rest) || is_bearer(rest);
}

bool sensitive_private_key(struct span text, size_t at)
{
    struct span rest = span_skip(text, at);
    if (!span_starts(rest, "-----BEGIN "))
        return false;
    struct span line = span_of(rest.at, rest.size < 64 ? rest.size : 64);
    return span_find(line, span_text("PRIVATE KEY")) < line.size;
}

/* -- name = value ------------------------------------------------------------------------ */

enum shape { SHAPE_NONE, SHAPE_RANDOM, SHAPE_PASSWORD };

/* What a name of that ending announces. */
static enum shape shape_of(struct span name)
{
    static const struct {
        const char *ending;
        enum shape shape;
    } endings[] = {
        {"key", SHAPE_RANDOM},          {"token", SHAPE_RANDOM},
        {"secret", SHAPE_RANDOM},       {"credential", SHAPE_RANDOM},
        {"credentials", SHAPE_RANDOM},  {"password", SHAPE_PASSWORD},
        {"passwd", SHAPE_PASSWORD},     {"pwd", SHAPE_PASSWORD},
        {"passphrase", SHAPE_PASSWORD}, {"passwort", SHAPE_PASSWORD},
    };
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        size_t size = strlen(endings[i].ending);
        if (name.size >= size &&
            span_is_nocase(span_skip(name, name.size - size), endings[i].ending))
            return endings[i].shape;
    }
    return SHAPE_NONE;
}

static bool is_one_of(uint8_t byte, const char *set)
{
    return byte && strchr(set, byte);
}

/* The name before |at|, quoted or not. */
static struct span name_before(struct span text, size_t at)
{
    size_t end = at, limit = at > 4 ? at - 4 : 0;
    while (end > limit && is_one_of(text.at[end - 1], " \"'\\`*"))
        end--;
    size_t begin = end;
    while (begin > 0 && end - begin < 16 && sensitive_is_letter(text.at[begin - 1]))
        begin--;
    return span_of(text.at + begin, end - begin);
}

static struct span value_behind(struct span text, size_t at)
{
    size_t limit = at + 8;
    while (at < limit && is_one_of(sensitive_byte(text, at), " :=>\"'\\`*"))
        at++;
    struct span rest = span_skip(text, at);
    if (span_starts(rest, "Bearer "))
        rest = span_skip(rest, 7);
    return span_of(rest.at, value_size(rest));
}

static unsigned kind_of_byte(uint8_t byte)
{
    return sensitive_is_digit(byte)    ? 1
           : sensitive_is_upper(byte)  ? 2
           : sensitive_is_letter(byte) ? 4
                                       : 8;
}

/* Between a letter and a digit, often, and between small and large letters: words and names
 * change seldom. */
bool sensitive_is_random(struct span token)
{
    unsigned changes = 0, digit_changes = 0, last = 8, digits = 0;
    for (size_t i = 0; i < token.size; i++) {
        unsigned kind = kind_of_byte(token.at[i]);
        if (kind == 8 && !is_one_of(token.at[i], "-_.+/=~"))
            return false;
        digits += kind == 1;
        if (kind == 8)
            continue;
        changes += last != 8 && kind != last;
        digit_changes += last != 8 && (kind == 1) != (last == 1);
        last = kind;
    }
    return token.size >= 16 && digits >= 2 && digit_changes >= 3 &&
           changes * 4 >= token.size;
}

/* Three kinds of characters; no variable. */
static bool is_strong(struct span word)
{
    unsigned kinds = 0;
    for (size_t i = 0; i < word.size; i++) {
        if (is_one_of(word.at[i], "{}[]"))
            return false;
        kinds |= kind_of_byte(word.at[i]);
    }
    unsigned count = (kinds & 1) + (kinds >> 1 & 1) + (kinds >> 2 & 1) + (kinds >> 3);
    return word.size >= 8 && count >= 3;
}

bool sensitive_assignment(struct span text, size_t at)
{
    enum shape shape = shape_of(name_before(text, at));
    if (shape == SHAPE_NONE)
        return false;
    struct span value = value_behind(text, at + 1);
    size_t end = (size_t)(value.at - text.at) + value.size;
    if (sensitive_byte(text, end) == '(')
        return false; /* a call that gives the password */
    return sensitive_is_random(value) || (shape == SHAPE_PASSWORD && is_strong(value));
}
