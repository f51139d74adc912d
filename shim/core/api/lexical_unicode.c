/* SPDX-License-Identifier: MIT */
/* NFKC, and which characters it may be used for: what it makes of 10 with a superscript 2, of a
 * circled or a double-struck letter, of 1 1/2 is another text. */
#include "lexical_parts.h"

#include <utf8proc.h>

#define NORMAL (UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE)

/* Scripts whose words stand in lexical_words.def: Latin, Cyrillic, Han, Kana, Hangul. */
static bool is_known_script(uint32_t point)
{
    static const uint32_t ranges[][2] = {
        {0x00c0, 0x024f}, {0x0300, 0x036f}, {0x0400, 0x045f}, {0x1100, 0x11ff},
        {0x1e00, 0x1eff}, {0x3005, 0x3007}, {0x3040, 0x30ff}, {0x3130, 0x318f},
        {0x3400, 0x9fff}, {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfb00, 0xfb06},
        {0xff10, 0xffdc},
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
        if (point >= ranges[i][0] && point <= ranges[i][1])
            return true;
    return false;
}

/* The ASCII character that stands for |point| everywhere, or 0. */
static uint8_t plain(uint32_t point)
{
    switch (point) {
    case 0x00b4: /* accents that are meant as apostrophes */
    case 0x02bc:
    case 0x2018:
    case 0x2019:
    case 0x201a:
    case 0x201b:
        return '\'';
    case 0x00ab:
    case 0x00bb:
    case 0x201c:
    case 0x201d:
    case 0x201e:
    case 0x201f:
        return '"';
    case 0x2010:
    case 0x2011:
    case 0x2013:
    case 0x2212:
        return '-';
    case 0x2028:
    case 0x2029:
        return '\n';
    default:
        return 0;
    }
}

/* Characters without a width that copies from web pages bring along. */
static bool is_nothing(uint32_t point)
{
    return point == 0x00ad || point == 0x200b || point == 0x2060 || point == 0xfeff;
}

static bool keeps_meaning(const utf8proc_property_t *property)
{
    switch (property->decomp_type) {
    case 0:
    case UTF8PROC_DECOMP_TYPE_NOBREAK:
    case UTF8PROC_DECOMP_TYPE_WIDE:
    case UTF8PROC_DECOMP_TYPE_NARROW:
    case UTF8PROC_DECOMP_TYPE_SMALL:
        return true;
    case UTF8PROC_DECOMP_TYPE_COMPAT:
        return property->category != UTF8PROC_CATEGORY_SK &&
               property->category != UTF8PROC_CATEGORY_NO;
    default:
        return false;
    }
}

static enum lexical_verdict check(uint32_t point)
{
    const utf8proc_property_t *property = utf8proc_get_property((int32_t)point);
    switch (property->category) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_NO:
        return LEXICAL_ENCODING;
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
        if (!is_known_script(point))
            return LEXICAL_LANGUAGE;
        break;
    default:
        break;
    }
    return keeps_meaning(property) ? LEXICAL_KEY : LEXICAL_ENCODING;
}

static enum lexical_verdict append_ascii(struct lexical *text, uint8_t byte)
{
    if (byte == '\t')
        byte = ' ';
    if (byte == '\r' || byte == '\v' || byte == '\f')
        byte = '\n';
    if ((byte < ' ' && byte != '\n') || byte == 0x7f)
        return LEXICAL_ENCODING;
    buffer_append_byte(&text->clean, byte);
    return LEXICAL_KEY;
}

static enum lexical_verdict append_point(struct lexical *text, uint32_t point,
                                         struct span bytes)
{
    if (is_nothing(point))
        return LEXICAL_KEY;
    uint8_t byte = plain(point);
    if (byte || utf8proc_category((int32_t)point) == UTF8PROC_CATEGORY_ZS) {
        buffer_append_byte(&text->clean, byte ? byte : ' ');
        return LEXICAL_KEY;
    }
    text->foreign = true;
    buffer_append_span(&text->clean, bytes);
    return check(point);
}

/* Composes |clean|, which has characters beyond ASCII. */
static enum lexical_verdict compose(struct lexical *text)
{
    struct buffer points = {0};
    /* In the scripts known here two bytes make three characters at most. */
    size_t room = text->clean.size * 2;
    int32_t *at = (int32_t *)(void *)buffer_room(&points, room * sizeof(*at));
    enum lexical_verdict verdict = at ? LEXICAL_KEY : LEXICAL_MEMORY;
    ssize_t count = at ? utf8proc_decompose(text->clean.at, (ssize_t)text->clean.size, at,
                                            (ssize_t)room, NORMAL)
                       : 0;
    count = count > 0 && count <= (ssize_t)room
                ? utf8proc_normalize_utf32(at, count, NORMAL)
                : count;
    if (count < 0 || count > (ssize_t)room)
        verdict = LEXICAL_ENCODING;
    count = verdict == LEXICAL_KEY ? count : 0;
    buffer_clear(&text->clean);
    uint8_t *to = buffer_room(&text->clean, (size_t)count * 4);
    for (ssize_t i = 0; i < count && to; i++)
        text->clean.size +=
            (size_t)utf8proc_encode_char(at[i], text->clean.at + text->clean.size);
    buffer_free(&points);
    return verdict;
}

/* Copies what is printable ASCII at the beginning of |source|. */
static struct span clean_ascii(struct lexical *text, struct span source)
{
    size_t size = 0;
    while (size < source.size && source.at[size] >= ' ' && source.at[size] < 0x7f)
        size++;
    buffer_append(&text->clean, source.at, size);
    return span_skip(source, size);
}

enum lexical_verdict lexical_clean(struct lexical *text, struct span source)
{
    enum lexical_verdict verdict = LEXICAL_KEY;
    for (; verdict == LEXICAL_KEY;) {
        source = clean_ascii(text, source);
        if (!source.size)
            break;
        size_t size = 1;
        int32_t point = source.at[0];
        if (point < 0x80) {
            bool pair = point == '\r' && source.size > 1 && source.at[1] == '\n';
            verdict = pair ? LEXICAL_KEY : append_ascii(text, (uint8_t)point);
        } else {
            ssize_t read = utf8proc_iterate(source.at, (ssize_t)source.size, &point);
            if (read <= 0)
                return LEXICAL_ENCODING;
            size = (size_t)read;
            verdict = append_point(text, (uint32_t)point, span_of(source.at, size));
        }
        source = span_skip(source, size);
    }
    if (verdict == LEXICAL_KEY && text->foreign)
        verdict = compose(text);
    return buffer_ok(&text->clean) ? verdict : LEXICAL_MEMORY;
}

static struct point ascii_point(uint8_t byte)
{
    bool upper = ascii_is_upper(byte), lower = ascii_is_lower(byte);
    enum point_kind kind = upper || lower                  ? POINT_LETTER
                           : ascii_is_digit(byte)          ? POINT_DIGIT
                           : byte == ' ' || byte == '\n'   ? POINT_SPACE
                           : memchr(".,;:?!()\"", byte, 9) ? POINT_PUNCTUATION
                                                           : POINT_SYMBOL;
    return (struct point){byte, 1, (uint8_t)kind, upper, lower};
}

static enum point_kind kind_of(uint32_t point, utf8proc_category_t category)
{
    if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ME)
        return POINT_LETTER;
    if (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO)
        return POINT_DIGIT;
    /* Full stop and comma of East Asia, and the marks that begin a sentence in Spanish. */
    if (point == 0x3001 || point == 0x3002 || point == 0xbf || point == 0xa1)
        return POINT_PUNCTUATION;
    return category == UTF8PROC_CATEGORY_ZS ? POINT_SPACE : POINT_SYMBOL;
}

struct point lexical_point(struct span text)
{
    if (text.at[0] < 0x80)
        return ascii_point(text.at[0]);
    int32_t point = 0;
    ssize_t size = utf8proc_iterate(text.at, (ssize_t)text.size, &point);
    if (size <= 0)
        return (struct point){text.at[0], 1, POINT_SYMBOL, false, false};
    utf8proc_category_t category = utf8proc_category(point);
    return (struct point){
        (uint32_t)point, (uint8_t)size, (uint8_t)kind_of((uint32_t)point, category),
        category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LT,
        category == UTF8PROC_CATEGORY_LL};
}

/* Takes the bytes of ASCII that |text| begins with. */
static struct span lower_ascii(struct buffer *out, struct span text)
{
    uint8_t *to = buffer_room(out, text.size);
    size_t size = 0;
    for (; to && size < text.size && text.at[size] < 0x80; size++)
        to[size] = ascii_is_upper(text.at[size]) ? text.at[size] | 0x20 : text.at[size];
    out->size += size;
    return span_skip(text, to ? size : text.size);
}

void lexical_lower(struct buffer *out, struct span text)
{
    for (text = lower_ascii(out, text); text.size; text = lower_ascii(out, text)) {
        struct point point = lexical_point(text);
        uint8_t bytes[4] = {(uint8_t)(point.value | 0x20)};
        ssize_t size = point.size;
        if (point.upper && point.value >= 0x80)
            size = utf8proc_encode_char(utf8proc_tolower((int32_t)point.value), bytes);
        buffer_append(out, point.upper ? bytes : text.at, (size_t)size);
        text = span_skip(text, point.size);
    }
}
