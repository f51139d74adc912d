/* SPDX-License-Identifier: MIT */
/* Lexical keys of questions that were changed: another number, unit, name, order, a word more or
 * less. Not one of tens of thousands may be served. */
#include "lexical_variants.h"

static bool change_digit(const char *text, char *out)
{
    set(out, "", text, "");
    size_t at = strcspn(out, "0123456789");
    if (!out[at])
        return false;
    out[at] = (char)('0' + (out[at] - '0' + 1 + (int)draw(8)) % 10);
    return true;
}

static bool add_digit(const char *text, char *out)
{
    size_t at = strcspn(text, "0123456789");
    if (!text[at])
        return false;
    sprintf(out, "%.*s%u%s", (int)at + 1, text, draw(10), text + at + 1);
    return true;
}

static bool change_one_of(const char *text, char *out, const char *const *list,
                          unsigned count)
{
    static struct words words;
    if (!split(text, &words))
        return false;
    for (unsigned i = 0; i < words.count; i++)
        for (unsigned k = 0; k < count; k++)
            if (strcasecmp(words.at[i], list[k]) == 0) {
                words.at[i] = (char *)(uintptr_t)list[(k + 1 + draw(count - 1)) % count];
                join(&words, out);
                return true;
            }
    return false;
}

static bool change_number_word(const char *text, char *out)
{
    static const char *const list[] = {"one",   "two",   "three", "four",  "five",
                                       "six",   "seven", "ten",   "first", "second",
                                       "third", "half",  "double"};
    return change_one_of(text, out, list, 13);
}

static bool change_unit(const char *text, char *out)
{
    static const char *const list[] = {
        "km",    "miles", "meters",  "kg",         "pounds", "grams", "ounces",
        "hours", "days",  "minutes", "weeks",      "months", "years", "USD",
        "EUR",   "GBP",   "dollars", "euros",      "MB",     "Mb",    "GB",
        "mg",    "ml",    "celsius", "fahrenheit", "percent"};
    return change_one_of(text, out, list, 26);
}

static bool change_question(const char *text, char *out)
{
    static const char *const list[] = {"what", "how",   "why",  "who",
                                       "when", "where", "which"};
    return change_one_of(text, out, list, 7);
}

static bool change_polarity(const char *text, char *out)
{
    static const char *const list[] = {
        "more",   "less",     "most",     "least", "before", "after", "with", "without",
        "always", "never",    "all",      "some",  "none",   "and",   "or",   "can",
        "cannot", "his",      "her",      "he",    "she",    "is",    "was",  "to",
        "from",   "increase", "decrease", "up",    "down"};
    return change_one_of(text, out, list, 29);
}

static bool insert(const char *text, char *out, const char *word, bool anywhere)
{
    static struct words words;
    if (!split(text, &words) || words.count >= 399)
        return false;
    unsigned at = anywhere ? 1 + draw(words.count - 1) : words.count - 1;
    memmove(words.at + at + 1, words.at + at, (words.count - at) * sizeof(*words.at));
    words.at[at] = (char *)(uintptr_t)word;
    words.count++;
    join(&words, out);
    return true;
}

static bool negate(const char *text, char *out)
{
    static const char *const list[] = {"not", "never", "no", "NOT", "hardly"};
    return insert(text, out, list[draw(5)], true);
}

static bool qualify(const char *text, char *out)
{
    static const char *const list[] = {"really", "only",  "online", "free",    "best",
                                       "new",    "just",  "safely", "exactly", "some",
                                       "every",  "black", "cheap"};
    return insert(text, out, list[draw(13)], true);
}

static bool qualify_end(const char *text, char *out)
{
    static const char *const list[] = {" in India",  " without sugar", " for free",
                                       " in 1990",   " at home",       " on Linux",
                                       " in French", " for children",  " again",
                                       " alone",     ", or not",       " with salt"};
    return no_end(text, out) && strcat(out, list[draw(12)]);
}

static bool change_content(const char *text, char *out)
{
    static struct words words;
    if (!split(text, &words))
        return false;
    unsigned at = draw(words.count);
    const char *other = any_content();
    if (!is_content(words.at[at]) || strcasecmp(words.at[at], other) == 0)
        return false;
    words.at[at] = (char *)(uintptr_t)other;
    join(&words, out);
    return true;
}

static bool drop_content(const char *text, char *out)
{
    static struct words words;
    if (!split(text, &words))
        return false;
    unsigned at = draw(words.count);
    if (!is_content(words.at[at]) || strcasecmp(words.at[at], "please") == 0)
        return false;
    words.at[at] = (char *)(uintptr_t) "";
    join(&words, out);
    return true;
}

static bool change_entity(const char *text, char *out)
{
    static const char *const names[] = {"Norway", "Maria",  "Toyota",
                                        "Berlin", "Kotlin", "Nile"};
    static struct words words;
    if (!split(text, &words))
        return false;
    for (unsigned i = 1; i < words.count; i++)
        if (isupper((unsigned char)words.at[i][0]) && is_content(words.at[i])) {
            words.at[i] = (char *)(uintptr_t)names[draw(6)];
            join(&words, out);
            return strcmp(text, out) != 0;
        }
    return false;
}

static bool exchange(const char *text, char *out)
{
    static struct words words;
    if (!split(text, &words))
        return false;
    unsigned one = draw(words.count), other = draw(words.count);
    if (!is_content(words.at[one]) || !is_content(words.at[other]) ||
        strcasecmp(words.at[one], words.at[other]) == 0)
        return false;
    char *word = words.at[one];
    words.at[one] = words.at[other];
    words.at[other] = word;
    join(&words, out);
    return true;
}

static bool add_symbol(const char *text, char *out)
{
    static const char *const list[] = {"#", "++",           "%", "*", "$",
                                       "+", "\xe2\x82\xac", "&", "@"};
    static struct words words;
    static char marked[300];
    if (!split(text, &words))
        return false;
    unsigned at = draw(words.count);
    if (!isalnum((unsigned char)words.at[at][strlen(words.at[at]) - 1]))
        return false;
    snprintf(marked, sizeof(marked), "%s%s", words.at[at], list[draw(9)]);
    words.at[at] = marked;
    join(&words, out);
    return true;
}

static bool change_symbol(const char *text, char *out)
{
    return replace(text, out, "$", "\xe2\x82\xac") || replace(text, out, "C++", "C#") ||
           replace(text, out, "%", "") || replace(text, out, "+", "-") ||
           replace(text, out, "&", "/") || replace(text, out, "#", "");
}

static bool change_date(const char *text, char *out)
{
    static const char *const list[] = {
        "January",   "February", "March",    "April",  "May",      "June",   "July",
        "August",    "october",  "november", "Monday", "Tuesday",  "friday", "sunday",
        "september", "december", "spring",   "summer", "winter",   "night",  "morning",
        "am",        "pm",       "AD",       "BC",     "birthday", "week"};
    return change_one_of(text, out, list, 27);
}

static bool change_person(const char *text, char *out)
{
    static const char *const list[] = {"i",    "you",  "he",   "she", "we",
                                       "they", "me",   "your", "his", "their",
                                       "him",  "them", "it"};
    return change_one_of(text, out, list, 13);
}

static bool change_relation(const char *text, char *out)
{
    static const char *const list[] = {"in",    "on",      "at",     "by",    "for",
                                       "under", "over",    "into",   "about", "between",
                                       "near",  "against", "during", "of",    "through"};
    return change_one_of(text, out, list, 15);
}

/* "Can you" and "could you" may be the same request. */
static bool asks_somebody(const char *text)
{
    char low[TEXT];
    for (size_t i = 0; i <= strlen(text); i++)
        low[i] = (char)tolower((unsigned char)text[i]);
    return strstr(low, "can you ") || strstr(low, "could you ") ||
           strstr(low, "will you ") || strstr(low, "would you ");
}

static bool change_verb(const char *text, char *out)
{
    static const char *const list[] = {"is",  "was",  "are",  "were",  "do",   "did",
                                       "has", "had",  "will", "would", "can",  "should",
                                       "may", "must", "does", "could", "might"};
    return !asks_somebody(text) && change_one_of(text, out, list, 17);
}

static bool contract_not(const char *text, char *out)
{
    return replace(text, out, " is ", " isn't ") ||
           replace(text, out, " do ", " don't ") ||
           replace(text, out, " can ", " can't ") ||
           replace(text, out, " are ", " aren't ") ||
           replace(text, out, " should ", " shouldn't ") ||
           replace(text, out, "Is ", "Isn't ") ||
           replace(text, out, "Why do ", "Why don't ");
}

static bool plural(const char *text, char *out)
{
    static struct words words;
    static char changed[300];
    if (!split(text, &words))
        return false;
    unsigned at = draw(words.count);
    size_t size = strlen(words.at[at]);
    if (!is_content(words.at[at]) || size > 200)
        return false;
    bool more = words.at[at][size - 1] != 's';
    snprintf(changed, sizeof(changed), "%.*s%s", (int)(more ? size : size - 1),
             words.at[at], more ? "s" : "");
    words.at[at] = changed;
    join(&words, out);
    return true;
}

static bool is_polite(const char *word)
{
    return !isalnum((unsigned char)word[strspn(word, "?!.,")]) ||
           strncasecmp(word, "please", 6) == 0 || strcasecmp(word, "you") == 0 ||
           strcasecmp(word, "thanks") == 0;
}

/* Neighbours, whatever words they are. */
static bool exchange_near(const char *text, char *out)
{
    static struct words words;
    if (!split(text, &words))
        return false;
    unsigned at = draw(words.count - 1);
    char *one = words.at[at], *other = words.at[at + 1];
    if (strcasecmp(one, other) == 0 || is_polite(one) || is_polite(other))
        return false;
    words.at[at] = other;
    words.at[at + 1] = one;
    join(&words, out);
    return true;
}

static bool except(const char *text, char *out)
{
    static const char *const list[] = {
        "except", "only",       "unless", "almost", "instead of", "without", "neither",
        "barely", "other than", "both",   "maybe",  "nearly",     "rarely"};
    return insert(text, out, list[draw(13)], true);
}

static bool change_number_form(const char *text, char *out)
{
    size_t at = strcspn(text, "0123456789");
    static const char *const marks[] = {"-", "0.", "$", "#", "~", "1", "<", "\xc2\xa3"};
    if (!text[at] || (at && text[at - 1] != ' '))
        return false;
    sprintf(out, "%.*s%s%s", (int)at, text, marks[draw(8)], text + at);
    return true;
}

static const struct {
    const char *name;
    change *make;
} breaks[] = {
    {"digit", change_digit},
    {"more digits", add_digit},
    {"number word", change_number_word},
    {"unit", change_unit},
    {"question word", change_question},
    {"polarity", change_polarity},
    {"negation", negate},
    {"qualifier", qualify},
    {"qualifier at the end", qualify_end},
    {"content word", change_content},
    {"content word dropped", drop_content},
    {"entity", change_entity},
    {"word order", exchange},
    {"symbol added", add_symbol},
    {"symbol", change_symbol},
    {"date", change_date},
    {"person", change_person},
    {"preposition", change_relation},
    {"verb", change_verb},
    {"negated verb", contract_not},
    {"number of a noun", plural},
    {"neighbours", exchange_near},
    {"exception", except},
    {"form of a number", change_number_form},
};

static void test_breaks(void)
{
    static char out[TEXT * 3];
    unsigned all = 0;
    for (size_t i = 0; i < sizeof(breaks) / sizeof(*breaks); i++) {
        unsigned made = 0, wrong = 0;
        for (size_t q = 0; q < question_count; q++) {
            if (!has_key(questions[q]) || !breaks[i].make(questions[q], out))
                continue;
            made++;
            bool served = same(questions[q], out);
            wrong += served;
            unit_check(!served, __FILE__, __LINE__, "%s: %s serves %s", breaks[i].name,
                       questions[q], out);
        }
        printf("%s: %u of %u served\n", breaks[i].name, wrong, made);
        all += made;
    }
    CHECK(all >= 5000);
    printf("changes: %u\n", all);
}

/* Fifty to four hundred words of real questions in which one place differs. */
static void test_long_breaks(void)
{
    static char text[TEXT], out[TEXT * 3];
    unsigned made = 0, wrong = 0;
    for (unsigned i = 0; i < 600; i++) {
        unsigned wanted = 300 + draw(2000);
        for (text[0] = 0; strlen(text) < wanted;) {
            const char *more = questions[draw((uint32_t)question_count)];
            if (!has_key(more) || strlen(more) > 400 || strchr(more, ':'))
                continue;
            strcat(strcat(text, more), " ");
        }
        size_t kind = draw(sizeof(breaks) / sizeof(*breaks));
        if (!has_key(text) || !breaks[kind].make(text, out))
            continue;
        made++;
        bool served = same(text, out);
        wrong += served;
        unit_check(!served, __FILE__, __LINE__, "%s: %s serves %s", breaks[kind].name,
                   text, out);
    }
    CHECK(made > 100);
    printf("long: %u of %u served\n", wrong, made);
}

int main(int count, char **arguments)
{
    questions_begin(count, arguments);
    RUN(test_breaks);
    RUN(test_long_breaks);
    questions_end();
    return unit_end();
}
