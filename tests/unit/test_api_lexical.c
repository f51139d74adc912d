/* SPDX-License-Identifier: MIT */
/* Which messages share an answer, which do not, and which share it with no other one. */
#include "unit.h"

#include "core/api/lexical.h"
#include "store/memory.h"

#include <stdlib.h>

struct pair {
    const char *one, *other;
};

static bool same(const char *one, const char *other, const struct vocabulary *vocabulary)
{
    struct lexical_key a = {0}, b = {0};
    bool keys = lexical_key(span_text(one), vocabulary, &a) == LEXICAL_KEY;
    keys = lexical_key(span_text(other), vocabulary, &b) == LEXICAL_KEY && keys;
    bool equal = keys && span_equal(buffer_span(&a.words), buffer_span(&b.words)) &&
                 lexical_agree(buffer_span(&a.marks), buffer_span(&b.marks));
    lexical_key_free(&a);
    lexical_key_free(&b);
    return equal;
}

static enum lexical_verdict verdict(const char *text)
{
    struct lexical_key key = {0};
    enum lexical_verdict found = lexical_key(span_text(text), NULL, &key);
    CHECK((key.words.size > 0) == (found == LEXICAL_KEY));
    lexical_key_free(&key);
    return found;
}

static void check_pairs(const struct pair *pairs, bool wanted)
{
    for (; pairs->one; pairs++)
        unit_check(same(pairs->one, pairs->other, NULL) == wanted, __FILE__, __LINE__,
                   "%s (%s) %s %s (%s)", pairs->one, lexical_text(verdict(pairs->one)),
                   wanted ? "is not" : "is", pairs->other,
                   lexical_text(verdict(pairs->other)));
}

static void check_verdicts(const char *const *texts, enum lexical_verdict wanted)
{
    for (; *texts; texts++)
        unit_check(verdict(*texts) == wanted, __FILE__, __LINE__, "%s: %s, not %s",
                   *texts, lexical_text(verdict(*texts)), lexical_text(wanted));
}

static void test_folded(void)
{
    static const struct pair pairs[] = {
        /* case */
        {"How do plants grow?", "HOW DO PLANTS GROW?"},
        {"How do plants grow?", "how do plants grow?"},
        {"How do plants grow?", "How Do Plants Grow?"},
        {"Does MasterCard charge for an ATM?", "does mastercard charge for an atm?"},
        {"Is the 10th floor open at 5PM?", "IS THE 10TH FLOOR OPEN AT 5PM?"},
        {"Who leads the US in chess?", "who leads the us in chess?"},
        /* blanks and punctuation */
        {"How do plants grow?", "  How\tdo  plants\ngrow ?\n"},
        {"How do plants grow?", "How do plants grow"},
        {"How do plants grow?", "How do plants grow?!..."},
        {"If it rains, where do bees go?", "If it rains where do bees go"},
        /* Unicode */
        {"How do plants grow?", "How\xc2\xa0"
                                "do plants grow\xef\xbc\x9f"},
        {"What isn't made of steel?", "What isn\xe2\x80\x99t made of steel?"},
        {"Where is the caf\xc3\xa9?", "Where is the cafe\xcc\x81?"},
        {"How do plants grow?", "\xef\xbb\xbfHow do plants grow?\xe2\x80\x8b"},
        {"How do fish swim?", "How do \xef\xac\x81sh swim?"},
        {"\xe8\xa7\xa3\xe9\x87\x8a\xe6\xa8\xa1\xe5\x9d\x97\xe3\x80\x82",
         "\xe8\xa7\xa3\xe9\x87\x8a\xe6\xa8\xa1\xe5\x9d\x97"},
        /* politeness */
        {"How do plants grow?", "Please, how do plants grow?"},
        {"How do plants grow?", "Can you please tell me how do plants grow?"},
        {"How do plants grow?", "Hi there! I'd like to know how do plants grow. Thanks!"},
        {"How do plants grow?", "How do plants grow, please? Thank you very much."},
        {"how do plants grow", "Hi, how do plants grow thanks!"},
        {"Set a timer for tea", "set a timer for tea please"},
        {"Explain photosynthesis.", "Could you explain photosynthesis?"},
        /* contractions */
        {"What is not made of steel?", "What isn't made of steel?"},
        {"What is a lever?", "What's a lever?"},
        {"I am sure they will not come", "I'm sure they won't come"},
        {"I can not swim", "I can't swim"},
        /* articles */
        {"What is the capital of Peru?", "What is capital of Peru?"},
        {"What is the best way to Rome?", "What is best way to Rome?"},
        /* a colon */
        {"Which is older: Rome or Paris?", "Which is older: Rome or Paris"},
        {"Translate: I am here.", "translate:  i am here"},
        {"Write a short poem on spring", "Write short poem on spring"},
        /* long words and months in capitals, a dash */
        {"accepted", "ACCEPTED"},
        {"Who sails on March 4th?", "WHO SAILS ON MARCH 4TH?"},
        {"What is CO - acid or base?", "what is co - acid or base"},
        {"Is a phone for Rs.1500 good?", "is a phone for rs.1500 good?"},
        /* songs and languages that are meant, not quoted */
        {"what is this song called", "please what's this song called"},
        {"What's the name of the song you're playing?",
         "What is the name of the song you're playing?"},
        {"How do I track the card you sent?", "Please how do I track the card you sent?"},
        {"how do you say good bye in french",
         "Please, how do you say good bye in French?"},
        {"What does a pending fee mean?", "What does a pending fee mean, please?"},
        /* a price is asked for by its name */
        {"How much does a boat cost?", "how much does a boat cost"},
        {NULL, NULL},
    };
    check_pairs(pairs, true);
}

static void test_apart(void)
{
    static const struct pair pairs[] = {
        /* numbers, units, dates, identifiers */
        {"Convert 10 km to miles", "Convert 100 km to miles"},
        {"What is 1.5 plus 2?", "What is 15 plus 2?"},
        {"Why are two better than one?", "Why are three better than one?"},
        {"Convert 10 Mb to bytes", "Convert 10 MB to bytes"},
        {"Convert 10 MB to bytes", "convert 10 mb to bytes"},
        {"What is a 5G?", "What is a 5g?"},
        {"Who ruled on 1 May 1900?", "Who ruled on 1 June 1900?"},
        {"Where is part LN-5567?", "Where is part LN-5567A?"},
        {"What does os.path do?", "What does OS.Path do?"},
        {"What is 5!", "What is 5?"},
        {"What is n!", "What is n?"},
        {"What is 10 %?", "What is 10?"},
        {"Has it 5 mW?", "Has it 5 MW?"},
        {"Who has an A+?", "Who has an A?"},
        {"Who has type O-?", "Who has type O?"},
        {"cd .. fails", "cd fails"},
        {"What is -5 plus 5?", "What is 5 plus 5?"},
        /* negation */
        {"Is it safe to swim?", "Is it not safe to swim?"},
        {"Is it safe to swim?", "Isn't it safe to swim?"},
        {"Can I swim here?", "Can't I swim here?"},
        {"How do I win?", "How do I never win?"},
        /* acronyms, names */
        {"What is SAP?", "What is sap?"},
        {"What is IT about here and there?", "what is it about here and there?"},
        {"How do I learn about GIMP in a week?", "How do I learn about gimp in a week?"},
        {"How do I remove LaTeX from a text file?",
         "How do I remove latex from a text file?"},
        {"How do I clean Polish silver?", "How do I clean polish silver?"},
        {"Which vitamin A is in carrots?", "Which vitamin is in carrots?"},
        {"which vitamin a helps eyes?", "which vitamin helps eyes?"},
        {"What is the value of G?", "What is the value of g?"},
        /* symbols */
        {"Is C++ fast?", "Is C# fast?"},
        {"Is C++ fast?", "Is C fast?"},
        {"How much is $5 worth in gold?", "How much is \xe2\x82\xac"
                                          "5 worth in gold?"},
        {"Who uses AT&T?", "Who uses AT T?"},
        /* order */
        {"Does Ann love Bob?", "Does Bob love Ann?"},
        {"Go from Rome to Paris", "Go from Paris to Rome"},
        /* qualifiers, questions */
        {"How do plants grow?", "How do plants grow in India?"},
        {"How do plants grow?", "How do plants really grow?"},
        {"How do plants grow?", "Why do plants grow?"},
        {"How do I swim?", "How do you swim?"},
        /* what looks polite and is not */
        {"How do you say hello in French?", "How do you say in French?"},
        {"Hi, how are you in Spanish?", "how are you in Spanish?"},
        {"How do I please?", "How do I?"},
        {"What rhymes with please?", "What rhymes with?"},
        {"Please Please Me lyrics", "Please Me lyrics"},
        {"Can you swim?", "swim?"},
        {"What do they mean by I'm", "What do they mean by I am"},
        {"Say thank you", "Say"},
        {"Translate hello, thank you", "Translate hello"},
        /* articles that count */
        {"What is an apple?", "What is apple?"},
        {"Who made The Office?", "Who made Office?"},
        {"Who are a few?", "Who are few?"},
        {"What stands in the front of it?", "What stands in front of it?"},
        {"What is the third of 90?", "What is a third of 90?"},
        {"What is The City of God?", "What is City of God?"},
        /* titles */
        {"Tell me why lyrics", "why lyrics"},
        {"Who sang thank you", "Who sang"},
        {"Why do people give thanks", "Why do people give"},
        {"Who created cheers", "Who created"},
        {"Please don't go, who sang it?", "Don't go, who sang it?"},
        {"Can you translate Japanese?", "Translate Japanese"},
        {"Please, how do you say in French?", "How do you say in French?"},
        {"Hello, how do you say that in French?", "How do you say that in French?"},
        {"What does it mean if he says yes, please?",
         "What does it mean if he says yes?"},
        {"play the song that's life", "play the song that is life"},
        {"play this song don't stop", "play this song do not stop"},
        {"what is 5 - 3 worth", "what is 5 3 worth"},
        /* grouping */
        {"Is it not (red or blue)?", "Is it (not red) or blue?"},
        {"Sort 1, 2 3", "Sort 1 2, 3"},
        {"What is CO2 good for?", "What is Co2 good for?"},
        /* texts within the text */
        {"Translate: I am here.", "Translate: I am here?"},
        {"What is in \"the end\"?", "What is in \"end\"?"},
        {"What is \"don't\"?", "What is \"do not\"?"},
        {"In Ma\xc3\x9f"
         "en the same",
         "In Massen the same"},
        {NULL, NULL},
    };
    check_pairs(pairs, false);
}

static void test_without_key(void)
{
    static const char *const empty[] = {"", " \n", "?", NULL};
    static const char *const encoding[] = {
        "What is 10\xc2\xb2?",   "What is \xc2\xbd?",   "a\x01", "\xff",
        "\xe2\x91\xa0 is what?", "what\xe2\x80\xae is", NULL};
    static const char *const language[] = {"\xd9\x85\xd8\xa7 \xd9\x87\xd9\x88",
                                           "\xc5\x9e"
                                           "imdi saat ka\xc3\xa7",
                                           NULL};
    static const char *const layout[] = {"a b\n\nc d", "buy\nmilk and\neggs now",
                                         "Sort: a\nb", NULL};
    static const char *const code[] = {
        "What does `ls` do?", "x = 5",          "f() fails", "a {b}", "ls -l",
        "see http://x.org",   "Jan -17 it was", NULL};
    static const char *const quotes[] = {"the \"end", "the\" end", "a\"b\"c", NULL};
    static const char *const spelling[] = {"Fix the grammar here", "Reply exactly: yes",
                                           "How many letters has house?", NULL};
    static const char *const blind[] = {"HOW MANY BITS ARE 5 MB?", "how is polish made",
                                        "how do bands march", NULL};
    static const char *const fresh[] = {"What is the weather in Rome?",
                                        "Who is now king?",
                                        "What's the latest?",
                                        "What is the price of a boat?",
                                        "What time is it?",
                                        "How is the wether?",
                                        "Who won last week?",
                                        "Is it open on Monday?",
                                        "TODAY'S menu",
                                        "Wie wird das Wetter?",
                                        "\xe4\xbb\x8a\xe5\xa4\xa9\xe5\x91\xa2",
                                        NULL};
    static const char *const account[] = {"Where is my card?", "Who runs OUR shop?",
                                          "\xe6\x88\x91\xe7\x9a\x84\xe5\x8d\xa1", NULL};
    check_verdicts(empty, LEXICAL_EMPTY);
    check_verdicts(encoding, LEXICAL_ENCODING);
    check_verdicts(language, LEXICAL_LANGUAGE);
    check_verdicts(layout, LEXICAL_LAYOUT);
    check_verdicts(code, LEXICAL_CODE);
    check_verdicts(quotes, LEXICAL_QUOTES);
    check_verdicts(spelling, LEXICAL_SPELLING);
    check_verdicts(blind, LEXICAL_CASE);
    check_verdicts(fresh, LEXICAL_FRESH);
    check_verdicts(account, LEXICAL_ACCOUNT);
}

static void test_long(void)
{
    struct buffer text = {0};
    while (text.size <= LEXICAL_LIMIT)
        buffer_append_text(&text, "word ");
    struct lexical_key key = {0};
    CHECK_INT(lexical_key(buffer_span(&text), NULL, &key), LEXICAL_LONG);
    text.size = LEXICAL_LIMIT;
    CHECK_INT(lexical_key(buffer_span(&text), NULL, &key), LEXICAL_KEY);
    lexical_key_free(&key);
    buffer_free(&text);
}

static void learn(struct vocabulary *vocabulary, const char *words, unsigned times)
{
    for (unsigned i = 0; i < times; i++)
        CHECK(vocabulary_add(vocabulary, span_text(words)));
}

/* A store that knows "question" and its like well. */
static struct vocabulary *taught(void)
{
    struct vocabulary *vocabulary = vocabulary_new();
    CHECK(vocabulary != NULL);
    learn(vocabulary, "good question about separate dessert plants here", 1999);
    return vocabulary;
}

static void test_words(void)
{
    struct lexical *text;
    struct buffer words = {0};
    CHECK_INT(lexical_open(span_text("What isn't a GOOD, good Caf\xc3\xa9 for C3PO x y?"),
                           &text),
              LEXICAL_KEY);
    lexical_words(text, &words);
    CHECK(span_is(buffer_span(&words), "what good for"));
    CHECK(!lexical_is_doubtful(text));
    lexical_close(text);
    CHECK_INT(lexical_open(span_text("a good qeustion"), &text), LEXICAL_KEY);
    CHECK(lexical_is_doubtful(text));
    lexical_close(text);
    buffer_free(&words);
    CHECK_INT(lexical_open(span_text("What is the weather today?"), &text),
              LEXICAL_FRESH);
    CHECK(text == NULL);
    /* Words of a long text as far as there is room. */
    char many[8000] = "";
    for (unsigned i = 0; i < 1000; i++)
        sprintf(many + strlen(many), "w%c%c%c ", 'a' + i % 26, 'a' + i / 26 % 26,
                'a' + i / 676);
    CHECK_INT(lexical_open(span_text(many), &text), LEXICAL_KEY);
    lexical_words(text, &words);
    CHECK(words.size > LEXICAL_WORDS - 10 && words.size <= LEXICAL_WORDS);
    lexical_close(text);
    buffer_free(&words);
}

static void test_typo(void)
{
    struct vocabulary *vocabulary = taught();
    CHECK(!same("a good question", "a good qeustion", vocabulary)); /* too few prompts */
    learn(vocabulary, "question", 1);
    CHECK_INT(vocabulary_count(vocabulary, span_text("question")), 2000);
    CHECK(same("a good question", "a good qeustion", vocabulary));
    CHECK(same("a good question", "A good questoin?", vocabulary));
    CHECK(!same("a good question", "a good qeustion", NULL));
    CHECK(!same("a good question", "a good questions", vocabulary));
    CHECK(!same("a good question", "a good quastoin", vocabulary));
    /* Written as a name. */
    CHECK(!same("a good question", "a good Qeustion here", vocabulary));
    /* Two of them, not three. */
    CHECK(same("a separate question", "a seperate qeustion", vocabulary));
    CHECK(!same("separate question plants", "seperate qeustion palnts", vocabulary));
    /* An unknown word besides: nothing that was recorded has it. */
    CHECK(!same("a good question xylem", "a good qeustion xylem", vocabulary));
    CHECK(!same("a good question zzyxqs", "a good qeustion zzyxqs", vocabulary));
    /* A word, or a name. */
    CHECK(!same("a good dessert", "a good desert", vocabulary));
    CHECK(!same("a good plants", "a good planks", vocabulary));
    learn(vocabulary, "mario", 50);
    CHECK(!same("who is mario", "who is marco", vocabulary));
    /* Of two that may be meant. */
    learn(vocabulary, "tables labels cables", 50);
    CHECK(same("about cables", "about cabels", vocabulary));
    learn(vocabulary, "cabals", 1);
    CHECK(!same("about cables", "about cabels", vocabulary));
    /* Of a rare one, and of one that others have misspelt, too, in another way. */
    learn(vocabulary, "giraffe", 4);
    CHECK(!same("about giraffe", "about girafef", vocabulary));
    learn(vocabulary, "giraffe", 30);
    CHECK(same("about giraffe", "about girafef", vocabulary));
    learn(vocabulary, "giraef", 1);
    CHECK(same("about giraffe", "about girafef", vocabulary));
    learn(vocabulary, "giraef", 1);
    CHECK(!same("about giraffe", "about girafef", vocabulary));
    /* Once it is recorded as it is, it stays. */
    learn(vocabulary, "qeustion", 1);
    CHECK(!same("a good question", "a good qeustion", vocabulary));
    vocabulary_free(vocabulary);
}

/* The right word has a meaning to the rules. */
static void test_typo_guards(void)
{
    struct lexical_key key = {0};
    struct vocabulary *vocabulary = taught();
    learn(vocabulary, "weather password spelling how in", 100);
    CHECK_INT(lexical_key(span_text("how good is the waether"), vocabulary, &key),
              LEXICAL_FRESH);
    CHECK_INT(key.words.size, 0);
    CHECK_INT(lexical_key(span_text("a good spellign"), vocabulary, &key),
              LEXICAL_SPELLING);
    CHECK(!same("say \"question\"", "say \"qeustion\"", vocabulary));
    vocabulary_free(vocabulary);
}

static void test_short_memory(void)
{
    const char *text = "Hi, can you please tell me what isn't caf\xc3\xa9 about? Thanks!";
    bool good = false;
    struct vocabulary *vocabulary = taught();
    learn(vocabulary, "isn about what", 1);
    for (unsigned long i = 1; i < 200 && !good; i++) {
        struct lexical_key key = {0};
        memory_fail_from(i);
        enum lexical_verdict found = lexical_key(span_text(text), vocabulary, &key);
        memory_fail_from(0);
        CHECK(found == LEXICAL_KEY || (found == LEXICAL_MEMORY && key.words.size == 0));
        good = found == LEXICAL_KEY;
        lexical_key_free(&key);
    }
    CHECK(good);
    vocabulary_free(vocabulary);
}

int main(void)
{
    RUN(test_folded);
    RUN(test_apart);
    RUN(test_without_key);
    RUN(test_long);
    RUN(test_words);
    RUN(test_typo);
    RUN(test_typo_guards);
    RUN(test_short_memory);
    return unit_end();
}
