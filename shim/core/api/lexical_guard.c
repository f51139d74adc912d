/* SPDX-License-Identifier: MIT */
/* Texts that no other text may share an answer with: about what changes, about whoever asks, about
 * spelling, in a language whose words for these are not known here. */
#include "lexical_parts.h"

/* Words stand in the tables themselves: pointers would be relocated in every host. */
#define PART 13

/* East Asia puts no blanks between words. */
static const char fresh_parts[][PART] = {
    "今",   "现在", "現在", "目前",     "最新", "最近", "当前", "當前",
    "昨",   "明天", "明日", "天气",     "天気", "天氣", "价",   "價",
    "価格", "新闻", "新聞", "ニュース", "지금", "오늘", "내일", "어제",
    "최신", "최근", "현재", "날씨",     "가격", "뉴스", "汇率", "股",
};
static const char account_parts[][PART] = {
    "我", "咱", "俺", "私", "僕", "わたし", "ぼく", "나", "내", "제", "우리", "저",
};

static bool has_part(struct span word, const char (*parts)[PART], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (span_find(word, span_text(parts[i])) < word.size)
            return true;
    return false;
}

/* Two words that are about time only together. */
static bool is_time(struct span first, struct span second)
{
    static const char pairs[][2][PART] = {
        {"what", "time"},      {"the", "time"},     {"time", "is"},
        {"what", "day"},       {"what", "date"},    {"this", "day"},
        {"this", "week"},      {"this", "month"},   {"this", "year"},
        {"this", "season"},    {"this", "morning"}, {"this", "evening"},
        {"this", "afternoon"}, {"this", "weekend"}, {"last", "day"},
        {"last", "week"},      {"last", "month"},   {"last", "year"},
        {"last", "night"},     {"last", "season"},  {"these", "days"},
        {"the", "date"},       {"right", "away"},   {"any", "longer"},
        {"so", "far"},         {"as", "of"},        {"the", "last"},
        {"this", "quarter"},   {"last", "quarter"}, {"exact", "time"},
        {"local", "time"},     {"time", "in"},      {"time", "at"},
        {"is", "left"},        {"have", "left"},    {"to", "date"},
        {"the", "moment"},     {"what's", "new"},   {"is", "new"},
        {"hoe", "laat"},       {"che", "ore"},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs) && first.size; i++)
        if (first.at[0] == (uint8_t)pairs[i][0][0] &&
            second.at[0] == (uint8_t)pairs[i][1][0] && span_is(first, pairs[i][0]) &&
            span_is(second, pairs[i][1]))
            return true;
    return false;
}

/* Han, Kana, Hangul stand behind U+2FFF. */
static bool is_eastern(struct span word)
{
    for (size_t i = 0; i < word.size; i++)
        if (word.at[i] >= 0xe3)
            return true;
    return false;
}

/* Latin letters beyond ASCII: another language than English, most often. */
static bool has_accent(struct span word)
{
    for (; word.size; word = span_skip(word, lexical_point(word).size)) {
        struct point point = lexical_point(word);
        if (point.kind == POINT_LETTER && point.value >= 0xc0 && point.value < 0x0400)
            return true;
    }
    return false;
}

/* True when one edit, or none, makes |right| of |word|. */
static bool is_near(struct span word, struct span right)
{
    size_t begin = 0, end = 0;
    size_t shorter = word.size < right.size ? word.size : right.size;
    size_t longer = word.size < right.size ? right.size : word.size;
    while (begin < shorter && word.at[begin] == right.at[begin])
        begin++;
    while (end < shorter - begin &&
           word.at[word.size - 1 - end] == right.at[right.size - 1 - end])
        end++;
    size_t rest = longer - begin - end;
    bool swapped = rest == 2 && word.size == right.size &&
                   word.at[begin] == right.at[begin + 1] &&
                   word.at[begin + 1] == right.at[begin];
    return rest <= 1 || swapped;
}

/* Misspelt, these words still ask for what changes. */
static bool is_nearly_fresh(struct span word)
{
    static const char words[][PART] = {"today",    "tomorrow",  "yesterday", "tonight",
                                       "current",  "currently", "latest",    "weather",
                                       "recently", "forecast"};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (word.size > 4 && word.at[0] == (uint8_t)words[i][0] &&
            is_near(word, span_text(words[i])))
            return true;
    return false;
}

/* The classes of the parts of a word that digits, signs or hyphens join: today/now, price-list. */
static uint32_t classes_of_parts(struct span word)
{
    uint32_t classes = 0;
    while (word.size) {
        size_t size = 0;
        while (size < word.size &&
               (word.at[size] >= 0x80 || ascii_is_lower(word.at[size])))
            size++;
        if (size)
            classes |= lexical_classes(span_of(word.at, size));
        word = span_skip(word, size + 1);
    }
    return classes;
}

/* What a |word| of these |classes|, in lower case, says; |mixed| when it holds more than letters.
 * Parts of words count in scripts without blanks. */
static enum lexical_verdict judge(struct span word, uint32_t classes, bool mixed)
{
    if (mixed || span_find(word, span_text("-")) < word.size)
        classes |= classes_of_parts(word);
    if (word.size > 2 && span_ends(word, "'s"))
        classes |= lexical_classes(span_of(word.at, word.size - 2));
    if ((classes & WORD_FRESH) || (classes == 0 && is_nearly_fresh(word)) ||
        (is_eastern(word) &&
         has_part(word, fresh_parts, sizeof(fresh_parts) / sizeof(*fresh_parts))))
        return LEXICAL_FRESH;
    if ((classes & WORD_ACCOUNT) ||
        (is_eastern(word) &&
         has_part(word, account_parts, sizeof(account_parts) / sizeof(*account_parts))))
        return LEXICAL_ACCOUNT;
    return classes & WORD_SPELLING ? LEXICAL_SPELLING : LEXICAL_KEY;
}

static bool is_among(struct span word, const char (*words)[PART], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (span_is(word, words[i]))
            return true;
    return false;
}

#define IS_AMONG(word, words) is_among(word, words, sizeof(words) / sizeof(*(words)))

/* "in French", "to French": something is to be said in it. */
static bool leads_to(struct span previous)
{
    static const char words[][PART] = {"in", "into", "to", "auf", "en", "ins", "op"};
    return IS_AMONG(previous, words);
}

static struct span low(const struct lexical *text, unsigned index)
{
    const struct token *token = lexical_token(text, index);
    return span_of(text->forms.at + token->low, token->low_size);
}

/* A title may stand beside it; not beside "this song", unless one follows, nor is "to track" one. */
static bool is_music(const struct lexical *text, unsigned index, struct span previous)
{
    static const char these[][PART] = {"this", "that"};
    static const char follow[][PART] = {"called", "named", "name", "playing", "is", "by"};
    static const char verbs[][PART] = {"to", "i", "you", "we", "and"};
    if (!(lexical_token(text, index)->classes & WORD_MUSIC))
        return false;
    if (span_is(low(text, index), "track") && IS_AMONG(previous, verbs))
        return false;
    const struct token *token = lexical_token(text, index);
    bool last = index + 1 == text->count || token->stop || token->comma;
    return !IS_AMONG(previous, these) ||
           !(last || IS_AMONG(low(text, index + 1), follow));
}

struct guard {
    struct span previous; /* in lower case */
    bool known, accent;
};

static enum lexical_verdict judge_token(struct lexical *text, unsigned index,
                                        struct guard *guard)
{
    const struct token *token = lexical_token(text, index);
    struct span word = low(text, index);
    struct span previous = guard->previous;
    guard->previous = word;
    guard->known = guard->known || (token->classes & WORD_KNOWN);
    guard->accent = guard->accent || (text->foreign && has_accent(word));
    if (!text->mention && ((token->classes & WORD_MENTION) || token->kind == TOKEN_MARK ||
                           word.at[0] == '\'')) {
        text->mention = true;
        text->mentioned = index;
    }
    text->titles = text->titles || (token->classes & WORD_TITLE);
    text->language = text->language || is_music(text, index, previous) ||
                     ((token->classes & WORD_LANGUAGE) && leads_to(previous));
    if (is_time(previous, word))
        return LEXICAL_FRESH;
    return judge(word, token->classes, token->kind == TOKEN_VERBATIM);
}

enum lexical_verdict lexical_guard(struct lexical *text)
{
    struct guard guard = {0};
    enum lexical_verdict verdict = LEXICAL_KEY;
    for (unsigned i = 0; i < text->count && verdict == LEXICAL_KEY; i++)
        verdict = judge_token(text, i, &guard);
    if (verdict == LEXICAL_KEY && guard.accent && !guard.known)
        verdict = LEXICAL_LANGUAGE;
    return verdict;
}

/* -- without tokens ------------------------------------------------------------------------- */

static bool in_word(uint8_t byte)
{
    return byte >= 0x80 || ascii_is_lower(byte) || ascii_is_digit(byte) || byte == '\'' ||
           byte == '-';
}

/* |text| is in lower case. */
static enum lexical_verdict judge_words(struct span text)
{
    struct span previous = {0};
    while (text.size) {
        size_t size = 0;
        while (size < text.size && in_word(text.at[size]))
            size++;
        struct span word = span_of(text.at, size);
        enum lexical_verdict verdict = LEXICAL_KEY;
        if (size)
            verdict = is_time(previous, word) ? LEXICAL_FRESH
                                              : judge(word, lexical_classes(word), true);
        if (verdict == LEXICAL_FRESH || verdict == LEXICAL_ACCOUNT)
            return verdict;
        previous = size ? word : previous;
        text = span_skip(text, size ? size : 1);
    }
    return LEXICAL_KEY;
}

enum lexical_verdict lexical_plain(struct span source, struct buffer *plain)
{
    struct lexical text = {0};
    enum lexical_verdict verdict =
        source.size > LEXICAL_LIMIT ? LEXICAL_LONG : lexical_clean(&text, source);
    if (verdict == LEXICAL_KEY) {
        buffer_append_span(plain, buffer_span(&text.clean));
        lexical_lower(&text.forms, buffer_span(&text.clean));
        verdict = buffer_ok(plain) && buffer_ok(&text.forms)
                      ? judge_words(buffer_span(&text.forms))
                      : LEXICAL_MEMORY;
    }
    lexical_free(&text);
    return verdict;
}
