/* SPDX-License-Identifier: MIT */
/* The guards: what each forbids, and what all of them leave of pairs with a real model's cosines. */
#include "unit.h"

#include "shim/core/api/guard.h"
#include "store/memory.h"

#include <stdlib.h>

#define PAIRS     "tests/guard/quora_cosines.tsv"
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
    check("Did the dog bite the man?", "Was the dog bitten by the man?", GUARD_DIRECTION);
    check("how do i read bass clef", "how do i read treble clef", GUARD_SUBSTITUTION);
    check("bake salmon fillets for dinner", "bake chicken breasts for dinner",
          GUARD_SUBSTITUTION);
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
    for (unsigned long from = 1; from < 4; from++) {
        memory_fail_from(from);
        enum guard found = guard_between(text, text);
        memory_fail_from(0);
        CHECK_INT(found, GUARD_MEMORY);
    }
    CHECK_INT(guard_between(text, text), GUARD_NONE);
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
    CHECK(guard_between(span_text(a), span_text(a)) == GUARD_NONE);
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

int main(void)
{
    RUN(test_each);
    RUN(test_alike);
    RUN(test_long);
    RUN(test_memory);
    RUN(test_cosines);
    return unit_end();
}
