/* SPDX-License-Identifier: MIT */
/* Where case may be folded. It is content in acronyms that are words in lower case (SAP), in odd
 * spellings (LaTeX), in units (Mb), in names of variables and identifiers. */
#include "lexical_parts.h"

/* What a word's genitive has of the word. */
#define WORD_OWNED (WORD_FRESH | WORD_ACRONYM | WORD_BRAND | WORD_NAME | WORD_UNIT)

#define CONTEXT 5 /* tokens */

struct letters {
    unsigned upper, lower, digits, inner; /* inner: capitals that begin no part */
    unsigned parts;                       /* that begin with a capital */
    bool plain;                           /* ASCII alone */
    bool odd;                             /* holds signs that identifiers are made of */
};

static struct letters count_letters(struct span raw)
{
    struct letters found = {.plain = true};
    bool begins = true, sign = false;
    for (; raw.size; raw = span_skip(raw, lexical_point(raw).size)) {
        struct point point = lexical_point(raw);
        bool symbol = point.value < 0x80 && point.kind != POINT_LETTER;
        if (point.value == '\'' && !begins)
            break;
        found.upper += point.upper;
        found.lower += point.lower;
        found.digits += point.kind == POINT_DIGIT;
        found.inner += point.upper && !begins;
        found.parts += point.upper && begins;
        found.plain = found.plain && point.value < 0x80;
        found.odd = found.odd || (symbol && strchr("_@$#", (int)point.value)) ||
                    (sign && point.kind == POINT_LETTER);
        sign = symbol && strchr(".:()", (int)point.value);
        begins = point.kind != POINT_LETTER && point.kind != POINT_DIGIT;
    }
    return found;
}

static enum token_style style_of(const struct letters *found)
{
    if (found->upper == 0)
        return found->lower ? STYLE_LOWER : STYLE_NONE;
    if (found->lower == 0)
        return found->upper == 1 ? STYLE_SINGLE : STYLE_UPPER;
    return found->inner ? STYLE_INNER : STYLE_CAPITAL;
}

/* -- words and acronyms --------------------------------------------------------------------- */

static bool is_vowel(uint8_t letter, bool first)
{
    return memchr("aeiou", letter, 5) || (letter == 'y' && !first);
}

/* True when |cluster| stands in |list|, which is separated by blanks. */
static bool lists(const char *list, struct span cluster)
{
    for (struct span rest = span_text(list); rest.size;) {
        size_t size = span_find(rest, span_text(" "));
        if (span_equal(span_of(rest.at, size), cluster))
            return true;
        rest = span_skip(rest, size + 1);
    }
    return false;
}

/* False when no English word begins, or ends, as |word| (ASCII, lower case) does: "fdic", "atm",
 * "html". The lists are generous: what is in doubt may be a word. */
static bool may_be_word(struct span word)
{
    size_t begin = 0, end = word.size;
    while (begin < word.size && !is_vowel(word.at[begin], begin == 0))
        begin++;
    while (end > begin && !is_vowel(word.at[end - 1], false))
        end--;
    if (begin == word.size)
        return false;
    struct span onset = span_of(word.at, begin);
    struct span coda = span_of(word.at + end, word.size - end);
    bool begins =
        onset.size < 2 || onset.size > 3 ||
        lists("bl br ch cl cr cz dr dw fl fr gh gl gn gr kh kl kn kr ll ph pl pn pr "
              "ps pt qu rh sc sh sk sl sm sn sp sq sr st sv sw th tr ts tw vl wh wr "
              "zh chl chr phl phr sch scl scr shr spl spr squ sth str thr thw",
              onset);
    bool ends =
        coda.size != 2 ||
        lists("bb bs bt ch ck cs ct dd dg ds dt ff fs ft gg gh gm gn gs hm hn hs ht kh "
              "ks lb lc ld lf lg lk ll lm ln lp ls lt lv lz mb ml mm mn mp ms nc nd ng "
              "nk nn ns nt nx nz ph ps pt rb rc rd rf rg rk rl rm rn rp rr rs rt rv rx "
              "sc sh sk sm sp ss st th tt ts tz vs wd wk wl wn ws wt xt ys zz",
              coda);
    return begins && ends && !(onset.size > 3);
}

/* A plural's s does not belong to an acronym: ATMs. */
static bool folds_acronym(struct span raw, const struct letters *found, struct span form,
                          uint32_t classes)
{
    bool plural = found->lower == 1 && raw.at[raw.size - 1] == 's';
    if (!found->plain || (found->lower && !plural))
        return false;
    if (classes & WORD_ACRONYM)
        return true;
    size_t tail = span_ends(form, "'s") ? 2 : plural;
    struct span base = span_of(form.at, form.size - tail);
    if (plural && base.size > 1 && (lexical_classes(base) & WORD_ACRONYM))
        return true;
    return base.size > 1 && span_find(base, span_text("-")) == base.size &&
           !may_be_word(base);
}

/* MasterCard, YouTube, SpaceX: parts that begin with a capital, the first of three letters or more.
 * No variable, no LaTeX. */
static bool is_camel(struct span raw)
{
    size_t part = 0;
    bool first = true;
    for (size_t i = 0; i < raw.size; i++) {
        if (!ascii_is_upper(raw.at[i]) && !ascii_is_lower(raw.at[i]))
            return false;
        bool begins = ascii_is_upper(raw.at[i]);
        if (begins && first && i && part < 3)
            return false;
        first = first && !(begins && i);
        part = begins ? 1 : part + 1;
    }
    return raw.size > 3 && ascii_is_upper(raw.at[0]) && !first;
}

/* -- verbatim ------------------------------------------------------------------------------- */

static size_t count_digits(struct span raw)
{
    size_t count = 0;
    while (count < raw.size && (ascii_is_digit(raw.at[count]) || raw.at[count] == '.' ||
                                raw.at[count] == ','))
        count++;
    return count;
}

/* What may stand behind digits whatever its case: 1st, 5pm, 10km, 1990s; 12-year-old. */
static bool folds_behind_digits(struct span raw, struct span form)
{
    size_t digits = count_digits(raw);
    struct span tail = span_skip(form, digits);
    if (digits == 0 || digits >= form.size || form.size != raw.size)
        return false;
    if (span_is(tail, "st") || span_is(tail, "nd") || span_is(tail, "rd") ||
        span_is(tail, "th") || span_is(tail, "am") || span_is(tail, "pm"))
        return true;
    if (span_is(tail, "s") && digits >= 2 && raw.at[digits - 1] == '0')
        return true;
    if (span_is(tail, "f") || span_is(tail, "c")) /* degrees */
        return digits >= 2;
    if (span_is(form, "401k"))
        return true;
    if (tail.at[0] == '-')
        return tail.size >= 4 && ascii_is_lower(tail.at[1]) &&
               ascii_is_lower(tail.at[2]) && ascii_is_lower(tail.at[3]);
    return (lexical_classes(tail) & WORD_SAFE_UNIT) != 0;
}

/* U.S., p.m.: single letters, each with a full stop. */
static bool is_abbreviation(struct span raw)
{
    for (size_t i = 0; i < raw.size; i++)
        if (i % 2 ? raw.at[i] != '.'
                  : !ascii_is_upper(raw.at[i]) && !ascii_is_lower(raw.at[i]))
            return false;
    return raw.size >= 3;
}

static bool folds_verbatim(struct span raw, struct span form, const struct letters *found,
                           enum token_style style)
{
    if (found->upper + found->lower == 0)
        return true;
    if (is_abbreviation(raw) || folds_behind_digits(raw, form))
        return true;
    struct span bare = span_skip(raw, raw.size > 1 && raw.at[0] == '\'');
    bool letter_first = lexical_point(bare).kind == POINT_LETTER;
    bool element = form.size > 2 && style == STYLE_CAPITAL && ascii_is_digit(form.at[2]);
    bool even = style != STYLE_INNER && !element; /* Co2 */
    /* C#, C++, covid-19, B12, AT&T */
    bool odd = found->odd && !(span_is(form, "c#") || span_is(form, "f#"));
    return even && letter_first && !odd;
}

/* -- a text --------------------------------------------------------------------------------- */

/* Fewer than three words in capitals may be acronyms, unless they are longer than these. */
#define ACRONYM 5

static enum text_case case_of(const struct lexical *text)
{
    unsigned words = 0, lower = 0, long_lower = 0, capital = 0, upper = 0, shorts = 0;
    for (unsigned i = 0; i < text->count; i++) {
        const struct token *token = lexical_token(text, i);
        if (token->style == STYLE_NONE)
            continue;
        words++;
        lower += token->style == STYLE_LOWER;
        long_lower += token->style == STYLE_LOWER && token->size > 3;
        capital += token->style == STYLE_CAPITAL || token->style == STYLE_INNER;
        upper += token->style == STYLE_UPPER || token->style == STYLE_SINGLE;
        shorts += token->size <= ACRONYM;
    }
    if (lower == words)
        return CASE_LOWER;
    if (words && upper == words && (words >= 3 || shorts == 0))
        return CASE_UPPER;
    return words >= 3 && long_lower == 0 && capital * 2 >= words ? CASE_TITLE
                                                                 : CASE_SENTENCE;
}

/* A number stands before token |index|. */
static bool behind_number(const struct lexical *text, unsigned index)
{
    return index > 0 &&
           ascii_is_digit(text->clean.at[lexical_token(text, index - 1)->at +
                                         lexical_token(text, index - 1)->size - 1]);
}

/* An acronym, or an odd spelling, that may be a word in lower case. Where enough stands around it,
 * a text without case may mean it, too. */
static void mark(const struct lexical *text, struct token *token,
                 const struct letters *found, bool *keep)
{
    if ((token->classes & WORD_FUNCTION) || text->count < CONTEXT || !found->plain ||
        token->joined)
        *keep = true;
    else
        token->marked = true;
}

/* "March 4th", "in March": no way to walk. */
static bool is_month(const struct lexical *text, unsigned index)
{
    static const char before[][6] = {"in", "on", "of", "from", "by", "until", "since"};
    if (!span_is(token_form(text, lexical_token(text, index)), "march"))
        return false;
    if (index + 1 < text->count &&
        ascii_is_digit(text->clean.at[lexical_token(text, index + 1)->at]))
        return true;
    for (size_t i = 0; index && i < sizeof(before) / sizeof(*before); i++)
        if (span_is(token_form(text, lexical_token(text, index - 1)), before[i]))
            return true;
    return false;
}

/* What a word's case says. |keep| is set when it stays as it is written. */
static enum lexical_verdict judge_word(const struct lexical *text, unsigned index,
                                       const struct letters *found, bool *keep)
{
    struct token *token = lexical_token(text, index);
    struct span raw = token_raw(text, token), form = token_form(text, token);
    bool blind = text->style == CASE_UPPER || text->style == CASE_TITLE;
    bool letter = raw.size == 1 && form.at[0] != 'a' && form.at[0] != 'i';
    if (letter || (token->classes & WORD_UNIT)) {
        *keep = true;
        return blind ? LEXICAL_CASE : LEXICAL_KEY;
    }
    if (behind_number(text, index) && form.size <= 3 && raw.size > 1 &&
        token->style != STYLE_LOWER && !blind &&
        !(token->classes & (WORD_SAFE_UNIT | WORD_ACRONYM)))
        *keep = true;
    if ((token->classes & WORD_NAME) && !is_month(text, index)) {
        *keep = token->style == STYLE_CAPITAL;
        return text->style != CASE_SENTENCE || token->begins ? LEXICAL_CASE : LEXICAL_KEY;
    }
    if (text->style == CASE_UPPER)
        return LEXICAL_KEY;
    if (raw.size == 1 && raw.at[0] == 'A')
        *keep = text->style == CASE_SENTENCE && !token->begins;
    if ((token->style == STYLE_UPPER || token->style == STYLE_INNER) &&
        !(token->classes & WORD_BRAND) && !is_camel(raw) &&
        !folds_acronym(raw, found, form, token->classes))
        mark(text, token, found, keep);
    return LEXICAL_KEY;
}

/* A number with letters, where the case of the letters is not the writer's. */
static enum lexical_verdict judge_verbatim(const struct lexical *text,
                                           const struct token *token,
                                           const struct letters *found, bool *keep)
{
    struct span raw = token_raw(text, token), form = token_form(text, token);
    *keep = !folds_verbatim(raw, form, found, token->style);
    bool blind = text->style == CASE_UPPER || text->style == CASE_TITLE;
    return *keep && blind && found->upper ? LEXICAL_CASE : LEXICAL_KEY;
}

static void prepare(struct lexical *text, struct token *token)
{
    struct span raw = token_raw(text, token);
    struct letters found = count_letters(raw);
    token->style = (uint8_t)style_of(&found);
    token->form = (uint32_t)text->forms.size;
    lexical_lower(&text->forms, raw);
    token->length = (uint32_t)(text->forms.size - token->form);
    token->low = token->form;
    token->low_size = token->length;
    if (!buffer_ok(&text->forms) || token->kind != TOKEN_WORD)
        return;
    struct span form = token_form(text, token);
    token->classes = lexical_classes(form);
    if (!token->classes && form.size > 2 && span_ends(form, "'s"))
        token->classes = lexical_classes(span_of(form.at, form.size - 2)) & WORD_OWNED;
}

static bool is_article(struct span form)
{
    return span_is(form, "the") || span_is(form, "a");
}

/* "the us", "a us citizen" is a country whatever its case. */
static bool is_states(const struct lexical *text, unsigned index)
{
    return index > 0 && span_is(token_form(text, lexical_token(text, index)), "us") &&
           is_article(token_form(text, lexical_token(text, index - 1)));
}

enum lexical_verdict lexical_fold(struct lexical *text)
{
    for (unsigned i = 0; i < text->count; i++)
        prepare(text, lexical_token(text, i));
    if (!buffer_ok(&text->forms))
        return LEXICAL_MEMORY;
    text->style = case_of(text);
    for (unsigned i = 0; i < text->count; i++) {
        struct token *token = lexical_token(text, i);
        struct letters found = {0};
        bool keep = false,
             plain = token->style == STYLE_LOWER || token->style == STYLE_CAPITAL;
        if (token->kind == TOKEN_VERBATIM || !plain)
            found = count_letters(token_raw(text, token));
        enum lexical_verdict verdict =
            token->kind == TOKEN_WORD       ? judge_word(text, i, &found, &keep)
            : token->kind == TOKEN_VERBATIM ? judge_verbatim(text, token, &found, &keep)
                                            : LEXICAL_KEY;
        if (verdict != LEXICAL_KEY)
            return verdict;
        if (keep)
            lexical_set_form(text, token, token_raw(text, token));
        else if (is_states(text, i))
            lexical_set_form(text, token, span_text("US"));
    }
    return buffer_ok(&text->forms) ? LEXICAL_KEY : LEXICAL_MEMORY;
}
