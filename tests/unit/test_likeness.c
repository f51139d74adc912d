/* SPDX-License-Identifier: MIT */
/* The guards: what each forbids, and what all of them leave of pairs with a real model's cosines. */
#include "unit.h"

#include "shim/core/api/likeness.h"
#include "store/memory.h"

#include <stdlib.h>

#define PAIRS     "tests/likeness/quora_cosines.tsv"
#define LINE      4096
#define THRESHOLD 0.92

static void check(const char *a, const char *b, enum likeness expected)
{
    enum likeness found = likeness(span_text(a), span_text(b));
    unit_check(found == expected, __FILE__, __LINE__, "%s / %s: %s, not %s", a, b,
               likeness_text(found), likeness_text(expected));
    found = likeness(span_text(b), span_text(a));
    unit_check((found == LIKENESS_NONE) == (expected == LIKENESS_NONE), __FILE__,
               __LINE__, "%s / %s: %s the other way round", a, b, likeness_text(found));
}

static void test_each(void)
{
    check("", "", LIKENESS_LIMIT);
    check("How are you?", "?!", LIKENESS_LIMIT);
    check("How big is the Sun?",
          "And how big is the Sun that we all see in the sky by day?", LIKENESS_LENGTH);
    check("Who won in 2019?", "Who won in 2020?", LIKENESS_NUMBER);
    check("Where is order LN-5567?", "Where is order LN-5567A?", LIKENESS_NUMBER);
    check("Convert 10,000 metres", "Convert 10.000 metres", LIKENESS_NUMBER);
    check("Name two rivers in France", "Name three rivers in France", LIKENESS_NUMBER);
    check("Can I eat 10 kg of it?", "Can I eat 10 mg of it?", LIKENESS_SUBSTITUTION);
    check("Can I eat 10 kg of it?", "Can I eat 10kg of it?", LIKENESS_NONE);
    check("Is it safe to swim here?", "Is it not safe to swim here?", LIKENESS_NEGATION);
    check("Why does it work?", "Why doesn't it work?", LIKENESS_NEGATION);
    check("Sort a list in C++", "Sort a list in C#", LIKENESS_SYMBOL);
    check("What is 3 + 4?", "What is 3 * 4?", LIKENESS_SYMBOL);
    check("What does \"let\" mean?", "What does \"set\" mean?", LIKENESS_QUOTE);
    check("What does `ls -a` do?", "What does `ls -l` do?", LIKENESS_QUOTE);
    check("How is life in Berlin?", "How is life in Munich?", LIKENESS_NAME);
    check("what is a NAS drive", "what is a SAN drive", LIKENESS_NAME);
    check("When did he die?", "Where did he die?", LIKENESS_QUESTION);
    check("How should I open the window?", "How should I close the window?",
          LIKENESS_OPPOSITE);
    check("The feature is enabled", "The feature is disabled", LIKENESS_OPPOSITE);
    check("How do I lock the door?", "How do I unlock the door?", LIKENESS_OPPOSITE);
    check("What would he do?", "What would she do?", LIKENESS_OPPOSITE);
    check("trains from london to paris", "trains from paris to london",
          LIKENESS_DIRECTION);
    check("json to csv", "csv to json", LIKENESS_DIRECTION);
    check("Did the dog bite the man?", "Was the dog bitten by the man?",
          LIKENESS_DIRECTION);
    check("how do i read bass clef", "how do i read treble clef", LIKENESS_SUBSTITUTION);
    check("bake salmon fillets for dinner", "bake chicken breasts for dinner",
          LIKENESS_SUBSTITUTION);
    check("How do I get over a girl?", "How do I get over a girl I like?",
          LIKENESS_ADDITION);
    check("Is he an author?", "Is he an accredited author?", LIKENESS_ADDITION);
    check("can dogs eat cats", "can cats eat dogs", LIKENESS_ORDER);
    check("can i paint over wallpaper", "can i wallpaper over paint", LIKENESS_ORDER);
    check("这个设置是安全的。", "这个设置不是安全的。", LIKENESS_DIFFERENCE);
}

static void test_alike(void)
{
    check("What is the capital of France?", "what is the capital of france",
          LIKENESS_NONE);
    check("How can I grow a beard?", "How do I grow out a beard?", LIKENESS_NONE);
    check("Which sport is best for analytics?", "Which is the best sport for analytics?",
          LIKENESS_NONE);
    check("How does it feel like to die?", "What does it feel like to die?",
          LIKENESS_NONE);
    check("Do you think laughing releases stress?",
          "Do you think laughing can release stress?", LIKENESS_NONE);
    check("What are some good senior project ideas?",
          "What are some good ideas for a senior project?", LIKENESS_NONE);
}

/* Cosines saturate: in a long text not one content word may differ. */
static void test_long(void)
{
    struct buffer a = {0}, b = {0};
    for (unsigned i = 0; i < 30; i++) {
        buffer_append_text(&a, "the ship sails ");
        buffer_append_text(&b, i == 20 ? "a ship sails quietly " : "the ship sails ");
    }
    CHECK_INT(likeness(buffer_span(&a), buffer_span(&b)), LIKENESS_DIFFERENCE);
    CHECK_INT(likeness(buffer_span(&a), buffer_span(&a)), LIKENESS_NONE);
    while (a.size < 8000)
        buffer_append_text(&a, "the ship sails ");
    CHECK_INT(likeness(buffer_span(&a), buffer_span(&a)), LIKENESS_LIMIT);
    buffer_free(&a);
    buffer_free(&b);
}

static void test_memory(void)
{
    struct span text = span_text("How big is the Sun?");
    for (unsigned long from = 1; from < 4; from++) {
        memory_fail_from(from);
        enum likeness found = likeness(text, text);
        memory_fail_from(0);
        CHECK_INT(found, LIKENESS_MEMORY);
    }
    CHECK_INT(likeness(text, text), LIKENESS_NONE);
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
    enum likeness found = likeness(span_text(a), span_text(b));
    CHECK(likeness(span_text(a), span_text(a)) == LIKENESS_NONE);
    CHECK((likeness(span_text(b), span_text(a)) == LIKENESS_NONE) ==
          (found == LIKENESS_NONE));
    figures->right_of_all += same;
    if (strtod(cosine, NULL) < THRESHOLD)
        return;
    figures->candidates_wrong += !same;
    figures->wrong += !same && found == LIKENESS_NONE;
    figures->right += same && found == LIKENESS_NONE;
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
