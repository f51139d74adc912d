/* SPDX-License-Identifier: MIT */
/* Words, their classes, and which of them are the same or opposite; see likeness_words.h. */
#include "likeness_words.h"

#include "store/memory.h"

#define TEXT_LIMIT 8192
#define STEM_LEAST 3 /* letters */

/* Each list: blanks around each word. */
static const char light[] = " a an the is are am was were be been being do does did done "
                            "doing have has had having can could"
                            " will would shall should may might must of in on at for "
                            "with by about as into onto upon over"
                            " through throughout than then that this these those there "
                            "here it its it's i you he she we they"
                            " me him her us them your yours his their theirs one ones "
                            "myself yourself self itself themselves"
                            " someone somebody something anyone anybody anything people "
                            "person and or but if so just very"
                            " really actually please some any which what get got way "
                            "ways thing things during while up down"
                            " out off i'm i've i'd i'll you're you've what's that's "
                            "there's still ever even also ask asks"
                            " asked asking become becomes becoming getting going goes "
                            "say says said tell know want need ";
static const char numbers[] =
    " zero two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen"
    " sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty "
    "ninety"
    " hundred thousand million billion trillion dozen half double triple twice thrice "
    "quarter first"
    " second third fourth fifth sixth seventh eighth ninth tenth once both single pair ";
static const char negatives[] = " not no never without cannot none nor neither nobody "
                                "nothing nowhere except unless hardly"
                                " barely lack lacking instead ";
static const char asking[] = " who whom whose when where why how ";
static const char directions[] =
    " from to before after towards until since between against ";
static const char *const opposites[][2] = {
    {"buy", "sell"},
    {"open", "close"},
    {"on", "off"},
    {"enable", "disable"},
    {"start", "stop"},
    {"begin", "end"},
    {"increase", "decrease"},
    {"raise", "lower"},
    {"up", "down"},
    {"in", "out"},
    {"before", "after"},
    {"with", "without"},
    {"more", "less"},
    {"most", "least"},
    {"best", "worst"},
    {"good", "bad"},
    {"high", "low"},
    {"higher", "lower"},
    {"highest", "lowest"},
    {"large", "small"},
    {"big", "small"},
    {"biggest", "smallest"},
    {"largest", "smallest"},
    {"long", "short"},
    {"longest", "shortest"},
    {"fast", "slow"},
    {"hot", "cold"},
    {"new", "old"},
    {"male", "female"},
    {"man", "woman"},
    {"men", "women"},
    {"boy", "girl"},
    {"boys", "girls"},
    {"husband", "wife"},
    {"father", "mother"},
    {"left", "right"},
    {"north", "south"},
    {"east", "west"},
    {"first", "last"},
    {"early", "late"},
    {"add", "remove"},
    {"create", "delete"},
    {"install", "uninstall"},
    {"import", "export"},
    {"send", "receive"},
    {"lend", "borrow"},
    {"give", "take"},
    {"win", "lose"},
    {"gain", "lose"},
    {"pass", "fail"},
    {"accept", "reject"},
    {"allow", "deny"},
    {"allow", "block"},
    {"lock", "unlock"},
    {"upload", "download"},
    {"deposit", "withdraw"},
    {"deposit", "withdrawal"},
    {"debit", "credit"},
    {"checking", "savings"},
    {"minimum", "maximum"},
    {"min", "max"},
    {"true", "false"},
    {"legal", "illegal"},
    {"possible", "impossible"},
    {"safe", "dangerous"},
    {"healthy", "unhealthy"},
    {"like", "dislike"},
    {"love", "hate"},
    {"rich", "poor"},
    {"strong", "weak"},
    {"hard", "easy"},
    {"difficult", "easy"},
    {"cheap", "expensive"},
    {"public", "private"},
    {"internal", "external"},
    {"input", "output"},
    {"read", "write"},
    {"show", "hide"},
    {"activate", "deactivate"},
    {"connect", "disconnect"},
    {"subscribe", "unsubscribe"},
    {"freeze", "unfreeze"},
    {"above", "below"},
    {"over", "under"},
    {"day", "night"},
    {"morning", "evening"},
    {"summer", "winter"},
    {"past", "future"},
    {"always", "never"},
    {"all", "none"},
    {"advantages", "disadvantages"},
    {"pros", "cons"},
    {"join", "leave"},
    {"domestic", "international"},
    {"personal", "business"},
    {"joint", "individual"},
    {"fixed", "variable"},
    {"he", "she"},
    {"him", "her"},
    {"his", "her"},
    {"his", "hers"},
    {"and", "or"},
    {"always", "sometimes"},
    {"every", "some"},
    {"today", "tomorrow"},
    {"today", "yesterday"},
    {"next", "last"},
    {"rise", "fall"},
    {"admin", "user"},
    {"seller", "buyer"},
};

static bool listed(const char *list, struct span word)
{
    char text[32] = " ";
    if (word.size == 0 || word.size > sizeof(text) - 3)
        return false;
    memcpy(text + 1, word.at, word.size);
    memcpy(text + 1 + word.size, " ", 2);
    return strlen(text) == word.size + 2 && strstr(list, text) != NULL;
}

/* "growing" and "grow" leave "grow"; too short a rest is none. */
static struct span stem(struct span word)
{
    static const char *const endings[] = {"'s", "able", "ing", "ies", "ed", "es",
                                          "s",  "n",    "d",   "e",   "y"};
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        size_t size = strlen(endings[i]),
               rest = STEM_LEAST + (size > 3); /* not "dis-able" */
        if (word.size >= size + rest && span_ends(word, endings[i]))
            return span_of(word.at, word.size - size);
    }
    return word;
}

bool words_same(struct span a, struct span b)
{
    if (a.size < STEM_LEAST || b.size < STEM_LEAST || memcmp(a.at, b.at, STEM_LEAST) != 0)
        return span_equal(a, b);
    return span_equal(a, b) || span_equal(stem(a), stem(b));
}

/* "unlock" and "lock", "disallowed" and "allowed". */
static bool negates(struct span longer, struct span shorter)
{
    static const char *const prefixes[] = {"un", "dis", "in", "im", "il",
                                           "ir", "non", "de", "mis"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
        if (shorter.size > 2 && span_starts(longer, prefixes[i]) &&
            words_same(span_skip(longer, strlen(prefixes[i])), shorter))
            return true;
    return false;
}

static bool is_pair(const char *const pair[2], struct span a, struct span b)
{
    return a.at[0] == (uint8_t)*pair[0] && b.at[0] == (uint8_t)*pair[1] &&
           words_same(a, span_text(pair[0])) && words_same(b, span_text(pair[1]));
}

bool words_opposite(struct span a, struct span b)
{
    if (negates(a, b) || negates(b, a))
        return true;
    for (size_t i = 0; i < sizeof(opposites) / sizeof(*opposites); i++)
        if (is_pair(opposites[i], a, b) || is_pair(opposites[i], b, a))
            return true;
    return false;
}

/* -- reading ------------------------------------------------------------------------- */

static bool letter(uint8_t byte)
{
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

static bool digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool in_word(uint8_t byte)
{
    return letter(byte) || digit(byte) || byte >= 0x80 || byte == '_';
}

/* What joins, |at| 1 or more: between two letters or digits. "10,000", "3.14", "don't", "LN-5567". */
static bool joins(struct span text, size_t at)
{
    return at + 1 < text.size && memchr("'-.,:/@", text.at[at], 7) &&
           in_word(text.at[at + 1]) &&
           (text.at[at] == '\'' || text.at[at] == '-' || text.at[at] == '@' ||
            (digit(text.at[at + 1]) && digit(text.at[at - 1])));
}

/* "10kg" is two words, as "10 kg" is: how long the first is, or 0. One letter behind is a part of
 * a number: 5567A. */
static size_t number_size(struct span text)
{
    size_t digits = 0, size;
    while (digits < text.size && digit(text.at[digits]))
        digits++;
    for (size = digits; size < text.size && letter(text.at[size]);)
        size++;
    if (digits == 0 || size < digits + 2)
        return 0;
    return size == text.size || (!in_word(text.at[size]) && !joins(text, size)) ? digits
                                                                                : 0;
}

static size_t word_size(struct span text)
{
    size_t size = number_size(text);
    if (size)
        return size;
    while (size < text.size && (in_word(text.at[size]) || (size && joins(text, size))))
        size++;
    return size;
}

static unsigned classes_of(struct span raw, struct span folded, bool begins)
{
    unsigned classes = 0;
    bool capital = false, further = false;
    for (size_t i = 0; i < raw.size; i++) {
        classes |= digit(raw.at[i]) ? WORD_NUMBER : 0;
        capital = capital || raw.at[i] != folded.at[i];
        further = further || (i && raw.at[i] != folded.at[i]);
    }
    bool not = span_ends(folded, "n't") || listed(negatives, folded);
    classes |= listed(light, folded) ? WORD_LIGHT : 0;
    classes |= listed(numbers, folded) ? WORD_NUMBER : 0;
    classes |= not ? WORD_NEGATIVE : 0;
    classes |= listed(asking, folded) ? WORD_ASKING : 0;
    classes |= listed(directions, folded) ? WORD_DIRECTION : 0;
    if (capital && (further || !begins) && !(classes & (WORD_LIGHT | WORD_ASKING)))
        classes |= WORD_NAME;
    return classes;
}

static void add(struct words *words, struct span raw, unsigned more, bool begins)
{
    size_t at = words->folded.size;
    for (size_t i = 0; i < raw.size; i++)
        buffer_append_byte(
            &words->folded,
            (uint8_t)(raw.at[i] | (raw.at[i] >= 'A' && raw.at[i] <= 'Z' ? 0x20 : 0)));
    if (!buffer_ok(&words->folded) || words->count == LIKENESS_WORDS)
        return;
    struct span folded = span_of(words->folded.at + at, raw.size);
    words->list[words->count++] =
        (struct word){.at = (uint16_t)at,
                      .size = (uint16_t)raw.size,
                      .classes = (uint16_t)(more | classes_of(raw, folded, begins))};
}

/* Whether a quotation mark at |at| opens: something stands behind it, nothing before. */
static bool opens(struct span text, size_t at)
{
    return (at == 0 || !in_word(text.at[at - 1])) && at + 1 < text.size &&
           text.at[at + 1] != ' ';
}

struct reading {
    bool begins;   /* a sentence */
    uint8_t quote; /* the mark that is open, or 0 */
};

static void read_sign(struct words *words, struct reading *reading, struct span text,
                      size_t at)
{
    uint8_t byte = text.at[at];
    if (byte == '"' || byte == '`') {
        reading->quote = reading->quote == byte ? 0
                         : opens(text, at)      ? byte
                                                : reading->quote;
    } else if (memchr(".?!:\n(", byte, 6)) {
        reading->begins = true;
    } else if (memchr("$%+#&@*=<>^~|/\\{}[]", byte, 19)) {
        add(words, span_of(text.at + at, 1), WORD_SYMBOL, false);
    }
}

bool words_read(struct span text, struct words *out)
{
    struct reading reading = {.begins = true};
    *out = (struct words){.count = 0};
    if (text.size > TEXT_LIMIT)
        return false;
    for (size_t at = 0; at < text.size && out->count < LIKENESS_WORDS;) {
        size_t size = word_size(span_skip(text, at));
        if (size) {
            bool unit = at && digit(text.at[at - 1]);
            add(out, span_of(text.at + at, size),
                (reading.quote ? WORD_QUOTED : 0) | (unit ? WORD_NUMBER : 0),
                reading.begins);
            reading.begins = false;
        } else {
            read_sign(out, &reading, text, at);
        }
        at += size ? size : 1;
    }
    return buffer_ok(&out->folded) && out->count && out->count < LIKENESS_WORDS;
}

void words_free(struct words *words)
{
    buffer_free(&words->folded);
}
