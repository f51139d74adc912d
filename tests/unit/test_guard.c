/* SPDX-License-Identifier: MIT */
/* The guards: what each forbids, and what all of them leave of pairs with a real model's cosines. */
#include "unit.h"

#include "shim/core/api/guard.h"
#include "store/memory.h"

#include <stdlib.h>

#define PAIRS     "tests/guard/quora_cosines.tsv"
#define TRAPS     "tests/semantic/pairs.tsv"
#define LINE      4096
#define THRESHOLD 0.92

static void check(const char *a, const char *b, enum guard expected)
{
    enum guard found = guard_between(span_text(a), span_text(b));
    unit_check(found == expected, __FILE__, __LINE__, "%s / %s: %s, not %s", a, b,
               guard_text(found), guard_text(expected));
    found = guard_between(span_text(b), span_text(a));
    unit_check((found == GUARD_NONE) == (expected == GUARD_NONE), __FILE__, __LINE__,
               "%s / %s: %s the other way round", a, b, guard_text(found));
}

static void test_each(void)
{
    check("", "", GUARD_LIMIT);
    check("How are you?", "?!", GUARD_LIMIT);
    check("How big is the Sun?",
          "And how big is the Sun that we all see in the sky by day?", GUARD_LENGTH);
    check("Who won in 2019?", "Who won in 2020?", GUARD_NUMBER);
    check("Where is order LN-5567?", "Where is order LN-5567A?", GUARD_NUMBER);
    check("Convert 10,000 metres", "Convert 10.000 metres", GUARD_NUMBER);
    check("Name two rivers in France", "Name three rivers in France", GUARD_NUMBER);
    check("Can I eat 10 kg of it?", "Can I eat 10 mg of it?", GUARD_SUBSTITUTION);
    check("Can I eat 10 kg of it?", "Can I eat 10kg of it?", GUARD_NONE);
    check("Is it safe to swim here?", "Is it not safe to swim here?", GUARD_NEGATION);
    check("Why does it work?", "Why doesn't it work?", GUARD_NEGATION);
    check("Sort a list in C++", "Sort a list in C#", GUARD_SYMBOL);
    check("What is 3 + 4?", "What is 3 * 4?", GUARD_SYMBOL);
    check("What does \"let\" mean?", "What does \"set\" mean?", GUARD_QUOTE);
    check("What does `ls -a` do?", "What does `ls -l` do?", GUARD_QUOTE);
    check("How is life in Berlin?", "How is life in Munich?", GUARD_NAME);
    check("what is a NAS drive", "what is a SAN drive", GUARD_NAME);
    check("When did he die?", "Where did he die?", GUARD_QUESTION);
    check("How should I open the window?", "How should I close the window?",
          GUARD_OPPOSITE);
    check("The feature is enabled", "The feature is disabled", GUARD_OPPOSITE);
    check("How do I lock the door?", "How do I unlock the door?", GUARD_OPPOSITE);
    check("What would he do?", "What would she do?", GUARD_OPPOSITE);
    check("trains from london to paris", "trains from paris to london", GUARD_DIRECTION);
    check("json to csv", "csv to json", GUARD_DIRECTION);
    check("what do you want to call me", "what do i want to call you", GUARD_DIRECTION);
    check("do you have a name", "do you have a name for me", GUARD_DIRECTION);
    check("How long does it take to get a card?", "How does it take to get a card?",
          GUARD_QUESTION);
    check("How many cards do you get?", "How much do the cards you get cost?",
          GUARD_QUESTION);
    check("Did the dog bite the man?", "Was the dog bitten by the man?", GUARD_DIRECTION);
    check("how do i read bass clef", "how do i read treble clef", GUARD_SUBSTITUTION);
    check("bake salmon fillets for dinner", "bake chicken breasts for dinner",
          GUARD_SUBSTITUTION);
    check("sort a map in go", "sort a dict in perl", GUARD_SUBSTITUTION);
    check("How do I get over a girl?", "How do I get over a girl I like?",
          GUARD_ADDITION);
    check("Is he an author?", "Is he an accredited author?", GUARD_ADDITION);
    check("can dogs eat cats", "can cats eat dogs", GUARD_ORDER);
    check("can i paint over wallpaper", "can i wallpaper over paint", GUARD_ORDER);
    check("这个设置是安全的。", "这个设置不是安全的。", GUARD_DIFFERENCE);
}

static void test_alike(void)
{
    check("What is the capital of France?", "what is the capital of france", GUARD_NONE);
    check("How can I grow a beard?", "How do I grow out a beard?", GUARD_NONE);
    check("Which sport is best for analytics?", "Which is the best sport for analytics?",
          GUARD_NONE);
    check("How does it feel like to die?", "What does it feel like to die?", GUARD_NONE);
    check("Do you think laughing releases stress?",
          "Do you think laughing can release stress?", GUARD_NONE);
    check("What are some good senior project ideas?",
          "What are some good ideas for a senior project?", GUARD_NONE);
    check("Tell me how you fly to the moon", "How do you fly to the moon?", GUARD_NONE);
    check("How do I get rid of neck pain?",
          "What is the best way to get rid of neck pain?", GUARD_NONE);
}

/* Whatever else they say, and whoever of the two says it; but each is like itself. */
static void test_fresh(void)
{
    static const char *const fresh[] = {"today",
                                        "tonight",
                                        "right now",
                                        "tomorrow",
                                        "yesterday",
                                        "currently",
                                        "on current roads",
                                        "by the latest map",
                                        "by recent reports",
                                        "in this weather",
                                        "by the forecast",
                                        "at that price",
                                        "says the news",
                                        "with what score",
                                        "this week",
                                        "todya",
                                        "(TODAY)",
                                        "Aktuell",
                                        "aujourd\xe2\x80\x99hui",
                                        "\xe4\xbb\x8a\xe5\xa4\xa9"};
    char text[200];
    for (size_t i = 0; i < sizeof(fresh) / sizeof(*fresh); i++) {
        snprintf(text, sizeof(text), "Is the long road to the sea open %s", fresh[i]);
        check(text, "Is the long road to the sea open", GUARD_FRESH);
        CHECK_INT(guard_between(span_text(text), span_text(text)), GUARD_NONE);
    }
    check("What is the weather like?", "What's the weather like?", GUARD_FRESH);
    check("what's the weather", "What's the Weather", GUARD_FRESH);
    check("Is it still worth the cost of a boat?",
          "Is it still worth the costs of a boat?", GUARD_NONE);
}

static void test_account(void)
{
    static const char *const whose[] = {"my", "our", "MY", "M\xc3\x8dOS",
                                        "\xd0\xbc\xd0\xbe\xd0\xb9"};
    char text[200];
    for (size_t i = 0; i < sizeof(whose) / sizeof(*whose); i++) {
        snprintf(text, sizeof(text), "How do I change %s email address?", whose[i]);
        check(text, "How do I change email address?", GUARD_ACCOUNT);
        CHECK_INT(guard_between(span_text(text), span_text(text)), GUARD_NONE);
    }
    check("Is that boat of yours mine?", "Is that boat mine?", GUARD_ACCOUNT);
    check("Which boats are ours", "Which boats are ours?", GUARD_ACCOUNT);
}

/* As they were sent: full-width letters, marks apart from their letters, curly quotes; nothing that
 * NFKC would make another text of. */
static void test_unicode(void)
{
    check("Who won in 2019?",
          "Who won in \xef\xbc\x92\xef\xbc\x90\xef\xbc\x91\xef\xbc\x99?", GUARD_NONE);
    check("Why doesn't it work?", "Why doesn\xe2\x80\x99t it work?", GUARD_NONE);
    check("Why does it work?", "Why doesn\xe2\x80\x99t it work?", GUARD_NEGATION);
    check("What does \"let\" mean?", "What does \xe2\x80\x9cset\xe2\x80\x9d mean?",
          GUARD_QUOTE);
    check("a caf\xc3\xa9 by the sea", "a cafe\xcc\x81 by the sea", GUARD_NONE);
    check("What is 10\xc2\xb2?", "What is 10\xc2\xb2 ?", GUARD_TEXT);
    check("What is \xff?", "What is it?", GUARD_TEXT);
}

/* Cosines saturate: in a long text not one content word may differ. */
static void test_long(void)
{
    struct buffer a = {0}, b = {0};
    for (unsigned i = 0; i < 30; i++) {
        buffer_append_text(&a, "the ship sails ");
        buffer_append_text(&b, i == 20 ? "a ship sails quietly " : "the ship sails ");
    }
    CHECK_INT(guard_between(buffer_span(&a), buffer_span(&b)), GUARD_DIFFERENCE);
    CHECK_INT(guard_between(buffer_span(&a), buffer_span(&a)), GUARD_NONE);
    while (a.size < 8000)
        buffer_append_text(&a, "the ship sails ");
    CHECK_INT(guard_between(buffer_span(&a), buffer_span(&a)), GUARD_LIMIT);
    buffer_free(&a);
    buffer_free(&b);
}

static void test_memory(void)
{
    struct span text = span_text("How big is the Sun?");
    unsigned long from = 1;
    for (enum guard found = GUARD_MEMORY; found == GUARD_MEMORY && from < 100; from++) {
        memory_fail_from(from);
        found = guard_between(text, text);
        memory_fail_from(0);
        CHECK(found == GUARD_MEMORY || found == GUARD_NONE);
    }
    CHECK(from > 4 && from < 100);
}

struct figures {
    unsigned right, candidates_wrong, wrong, right_of_all;
};

static void judge(char *line, struct figures *figures)
{
    char *label = strtok(line, "\t"), *cosine = strtok(NULL, "\t");
    char *a = strtok(NULL, "\t"), *b = strtok(NULL, "\n");
    if (!CHECK(label && cosine && a && b))
        return;
    bool same = *label == '1';
    enum guard found = guard_between(span_text(a), span_text(b));
    enum guard self = guard_between(span_text(a), span_text(a));
    CHECK(self == GUARD_NONE || self == GUARD_TEXT);
    CHECK((guard_between(span_text(b), span_text(a)) == GUARD_NONE) ==
          (found == GUARD_NONE));
    figures->right_of_all += same;
    if (strtod(cosine, NULL) < THRESHOLD)
        return;
    figures->candidates_wrong += !same;
    figures->wrong += !same && found == GUARD_NONE;
    figures->right += same && found == GUARD_NONE;
}

/* At most 3 % wrong of what would be served, at least 15 % of the paraphrases found. */
static void test_cosines(void)
{
    static char line[LINE];
    struct figures figures = {0};
    FILE *file = fopen(PAIRS, "r");
    CHECK(file != NULL);
    while (file && fgets(line, sizeof(line), file))
        judge(line, &figures);
    if (file)
        fclose(file);
    printf("# at %.2f: %u wrong and %u right of %u served; %u wrong without guards\n",
           THRESHOLD, figures.wrong, figures.right, figures.right_of_all,
           figures.candidates_wrong);
    CHECK_INT(figures.right_of_all, 200);
    CHECK(figures.candidates_wrong > 0);
    CHECK(100 * figures.wrong <= 3 * (figures.wrong + figures.right));
    CHECK(100 * figures.right >= 15 * figures.right_of_all);
}

/* Labelled near misses, whatever a model would say of them: those that pass hang on their cosine
 * alone. */
static void test_traps(void)
{
    static char line[2 * LINE];
    unsigned negatives = 0, passed = 0;
    FILE *file = fopen(TRAPS, "r");
    CHECK(file != NULL);
    while (file && fgets(line, sizeof(line), file)) {
        char *label = strtok(line, "\t"), *a = strtok(NULL, "\t"),
             *b = strtok(NULL, "\n");
        if (*label == '1' || !CHECK(a && b))
            continue;
        negatives++;
        passed += guard_between(span_text(a), span_text(b)) == GUARD_NONE;
    }
    if (file)
        fclose(file);
    printf("# near misses that no guard sees: %u of %u\n", passed, negatives);
    CHECK(negatives > 2500);
    CHECK(100 * passed <= negatives);
}

int main(void)
{
    RUN(test_each);
    RUN(test_alike);
    RUN(test_fresh);
    RUN(test_account);
    RUN(test_unicode);
    RUN(test_long);
    RUN(test_memory);
    RUN(test_cosines);
    RUN(test_traps);
    return unit_end();
}
