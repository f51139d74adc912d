/* SPDX-License-Identifier: MIT */
/* One pass over the text: where a word, a number or a telling character begins, the tests of
 * sensitive_parts.h look further. */
#include "sensitive_parts.h"

#include "prompt.h"

enum class {
    CLASS_NONE,
    CLASS_LETTER,
    CLASS_DIGIT,
    CLASS_AT,
    CLASS_ASSIGN,
    CLASS_PHONE, /* '+' or '(' */
    CLASS_DASH,
    CLASS_ESCAPE,
};

static const uint8_t classes[256] = {
    ['A' ... 'Z'] = CLASS_LETTER,
    ['a' ... 'z'] = CLASS_LETTER,
    ['_'] = CLASS_LETTER,
    ['0' ... '9'] = CLASS_DIGIT,
    ['@'] = CLASS_AT,
    [':'] = CLASS_ASSIGN,
    ['='] = CLASS_ASSIGN,
    ['+'] = CLASS_PHONE,
    ['('] = CLASS_PHONE,
    ['-'] = CLASS_DASH,
    ['\\'] = CLASS_ESCAPE,
};

static size_t word_end(struct span text, size_t at)
{
    while (at < text.size && sensitive_is_word(text.at[at]))
        at++;
    return at;
}

static uint32_t kind_if(bool found, enum sensitive_kind kind)
{
    return found ? (uint32_t)kind : 0;
}

static uint32_t in_number(struct span text, size_t at)
{
    if (!sensitive_begins(text, at))
        return 0;
    struct groups groups = sensitive_groups(text, at);
    return kind_if(sensitive_ipv4(text, at), SENSITIVE_IPV4) |
           kind_if(sensitive_card(text, &groups), SENSITIVE_CARD) |
           kind_if(sensitive_ssn(text, at, &groups), SENSITIVE_SSN) |
           kind_if(sensitive_phone(text, at, &groups), SENSITIVE_PHONE);
}

static uint32_t in_word(struct span text, size_t at)
{
    return kind_if(sensitive_iban(text, at), SENSITIVE_IBAN) |
           kind_if(sensitive_key(text, at), SENSITIVE_SECRET);
}

/* "\n" in JSON within a text: what follows is not a word that begins with an n. */
static size_t escape_size(struct span text, size_t at)
{
    uint8_t next = sensitive_byte(text, at + 1);
    return next && strchr("nrt\\", next) ? 2 : 1;
}

/* Looks at |*at| and moves it on. */
static uint32_t look(struct span text, size_t *at)
{
    size_t here = (*at)++;
    switch (classes[text.at[here]]) {
    case CLASS_LETTER:
        *at = word_end(text, *at);
        return in_word(text, here);
    case CLASS_DIGIT:
        *at = word_end(text, *at);
        return in_number(text, here);
    case CLASS_AT:
        return sensitive_at_sign(text, here);
    case CLASS_ASSIGN:
        return kind_if(sensitive_assignment(text, here), SENSITIVE_SECRET);
    case CLASS_PHONE:
        return kind_if(sensitive_phone_mark(text, here), SENSITIVE_PHONE);
    case CLASS_DASH:
        return kind_if(sensitive_private_key(text, here), SENSITIVE_SECRET);
    case CLASS_ESCAPE:
        *at = here + escape_size(text, here);
        return 0;
    default:
        return 0;
    }
}

uint32_t sensitive_find(struct span text)
{
    uint32_t kinds = 0;
    for (size_t at = 0; at < text.size && kinds != SENSITIVE_ALL;)
        kinds |= look(text, &at);
    return kinds;
}

struct search {
    uint32_t kinds;
    struct buffer plain; /* of a text with escapes */
};

static bool add_kinds(struct json text, enum prompt_role role, void *context)
{
    struct search *search = context;
    (void)role;
    struct span inner = json_characters_of(text).left;
    if (memchr(inner.at, '\\', inner.size)) {
        buffer_clear(&search->plain);
        json_append_text(text, &search->plain);
        inner = buffer_span(&search->plain);
    }
    search->kinds |= sensitive_find(inner);
    return buffer_ok(&search->plain) && search->kinds != SENSITIVE_ALL;
}

bool sensitive_in_call(const struct call *call, struct span body, uint32_t *kinds)
{
    struct search search = {0};
    (void)prompt_each(call, body, add_kinds, &search);
    bool good = buffer_ok(&search.plain);
    buffer_free(&search.plain);
    *kinds = search.kinds;
    return good;
}

char *sensitive_text(uint32_t kinds, char out[SENSITIVE_TEXT_SIZE])
{
    static const char names[SENSITIVE_KINDS][8] = {"e-mail", "phone", "IBAN",  "card",
                                                   "SSN",    "IPv4",  "secret"};
    size_t used = 0;
    for (unsigned i = 0; i < SENSITIVE_KINDS; i++) {
        if (!(kinds >> i & 1))
            continue;
        span_copy_text(span_text(used ? ", " : ""), out + used,
                       SENSITIVE_TEXT_SIZE - used);
        used += strlen(out + used);
        span_copy_text(span_text(names[i]), out + used, SENSITIVE_TEXT_SIZE - used);
        used += strlen(out + used);
    }
    out[used] = 0;
    return out;
}
