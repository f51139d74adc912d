/* SPDX-License-Identifier: MIT */
/* E-mail addresses (RFC 5321, as people write them), and passwords in URLs, since both have a
 * name before an '@' and a host behind it. */
#include "sensitive_parts.h"

#define LOCAL_LIMIT  64
#define DOMAIN_LIMIT 253

static bool is_local(uint8_t byte)
{
    return sensitive_is_word(byte) || byte >= 0x80 ||
           (byte && strchr(".+-%'&!#$~", byte));
}

/* Where the name before |at| begins; |at| itself when it is too long for one. */
static size_t local_begin(struct span text, size_t at)
{
    size_t begin = at;
    while (begin > 0 && is_local(text.at[begin - 1]))
        if (at - --begin > LOCAL_LIMIT)
            return at;
    while (begin < at && !sensitive_is_word(text.at[begin]) && text.at[begin] < 0x80)
        begin++;
    return begin;
}

static bool is_label(uint8_t byte)
{
    return (sensitive_is_word(byte) && byte != '_') || byte == '-' || byte >= 0x80;
}

static bool is_number(struct span label)
{
    for (size_t i = 0; i < label.size; i++)
        if (!sensitive_is_digit(label.at[i]))
            return false;
    return true;
}

/* Names of files look like addresses: icon@2x.png. */
static bool is_file_ending(struct span name)
{
    static const char *const endings[] = {"png", "jpg", "jpeg", "gif",  "webp", "svg",
                                          "css", "js",  "ts",   "json", "html"};
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
        if (span_is_nocase(name, endings[i]))
            return true;
    return false;
}

/* The last label: letters, behind which no other letter or digit follows. */
static bool is_top(struct span label)
{
    size_t size = 0;
    while (size < label.size && sensitive_is_letter(label.at[size]))
        size++;
    if (span_starts(label, "xn--"))
        return label.size > 5;
    uint8_t next = sensitive_byte(label, size);
    bool cut = next == 0 || next >= 0x80 || (next == '-' && size + 1 == label.size);
    return size >= 2 && size <= 24 && cut && !is_file_ending(span_of(label.at, size));
}

/* The size of the host's name at |at|, 0 when there is none that mail could go to. */
static size_t domain_size(struct span text, size_t at)
{
    size_t begin = at;
    for (unsigned labels = 0, numbers = 0; at - begin <= DOMAIN_LIMIT; labels++, at++) {
        size_t start = at;
        while (at - start < LOCAL_LIMIT && is_label(sensitive_byte(text, at)))
            at++;
        struct span label = span_of(text.at + start, at - start);
        if (label.size == 0 || label.at[0] == '-' || numbers > 1)
            return 0;
        numbers += numbers == labels && is_number(label);
        if (sensitive_byte(text, at) != '.' || !is_label(sensitive_byte(text, at + 1)))
            return labels > 0 && is_top(label) ? at - begin : 0;
    }
    return 0;
}

/* True when |text| stands before |at|. */
static bool follows(struct span text, size_t at, const char *before)
{
    return span_ends(span_of(text.at, at), before);
}

static bool is_password(struct span word)
{
    unsigned digits = 0, letters = 0;
    for (size_t i = 0; i < word.size; i++) {
        digits += sensitive_is_digit(word.at[i]) || sensitive_is_upper(word.at[i]);
        letters += sensitive_is_letter(word.at[i]);
    }
    return word.size >= 6 && digits && letters && !memchr(word.at, '$', word.size);
}

uint32_t sensitive_at_sign(struct span text, size_t at)
{
    size_t begin = local_begin(text, at);
    if (begin == at || follows(text, begin, "//"))
        return 0;
    if (follows(text, begin, ":")) {
        size_t user = local_begin(text, begin - 1);
        if (user < begin - 1 && follows(text, user, "//"))
            return is_password(span_of(text.at + begin, at - begin)) ? SENSITIVE_SECRET
                                                                     : 0;
    }
    uint8_t last = text.at[at - 1];
    if (!sensitive_is_word(last) && last != '-' && last != '+' && last < 0x80)
        return 0;
    size_t size = domain_size(text, at + 1);
    uint8_t next = sensitive_byte(text, at + 1 + size);
    uint8_t after = sensitive_byte(text, at + 2 + size);
    bool remote_path = next == ':' && (sensitive_is_word(after) || after == '/' ||
                                       after == '~'); /* git@github.com:user/project */
    return size && next != '_' && next != '@' && !remote_path ? SENSITIVE_EMAIL : 0;
}
