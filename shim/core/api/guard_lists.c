/* SPDX-License-Identifier: MIT */
/* The words that the guards know, and which of them are the same or opposite; see
 * guard_words.h. Whoever changes a list changes GUARD_VERSION. */
#include "guard_words.h"

#define STEM_LEAST 3 /* letters */

/* Words with a blank before and behind. */
static const char light[] =
    " a an the is are am was were be been being do does did done doing have has had"
    " having can could will would shall should may might must of in on at for with"
    " by about as into onto upon over through throughout than then that this these"
    " those there here it its it's i you he she we they me him her us them your"
    " yours his their theirs one ones myself yourself self itself themselves someone"
    " somebody something anyone anybody anything people person and or but if so just"
    " very really actually please some any which what get got way ways thing things"
    " during while up down out off i'm i've i'd i'll you're you've what's that's"
    " there's still ever even also ask asks asked asking getting going goes say says"
    " said tell know want need ";
static const char numbers[] =
    " zero two three four five six seven eight nine ten eleven twelve thirteen"
    " fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty"
    " sixty seventy eighty ninety hundred thousand million billion trillion dozen"
    " half double triple twice thrice quarter first second third fourth fifth sixth"
    " seventh eighth ninth tenth once both single pair ";
static const char negatives[] =
    " not no never without cannot none nor neither nobody nothing nowhere except"
    " unless hardly barely lack lacking instead ";
static const char asking[] = " who whom whose when where why how ";
static const char directions[] =
    " from to before after towards until since between against ";
/* Pairs with a blank before and behind. */
static const char opposites[] =
    " buy/sell open/close on/off enable/disable start/stop begin/end"
    " increase/decrease raise/lower up/down in/out before/after with/without"
    " more/less most/least best/worst good/bad high/low higher/lower highest/lowest"
    " large/small big/small biggest/smallest largest/smallest long/short"
    " longest/shortest fast/slow hot/cold new/old male/female man/woman men/women"
    " boy/girl boys/girls husband/wife father/mother left/right north/south east/west"
    " first/last early/late add/remove create/delete install/uninstall import/export"
    " send/receive lend/borrow give/take win/lose gain/lose pass/fail accept/reject"
    " allow/deny allow/block lock/unlock upload/download deposit/withdraw"
    " deposit/withdrawal debit/credit checking/savings minimum/maximum min/max"
    " true/false legal/illegal possible/impossible safe/dangerous healthy/unhealthy"
    " like/dislike love/hate rich/poor strong/weak hard/easy difficult/easy"
    " cheap/expensive public/private internal/external input/output read/write"
    " show/hide activate/deactivate connect/disconnect subscribe/unsubscribe"
    " freeze/unfreeze above/below over/under day/night morning/evening summer/winter"
    " past/future always/never all/none advantages/disadvantages pros/cons join/leave"
    " domestic/international personal/business joint/individual fixed/variable he/she"
    " him/her his/her his/hers and/or always/sometimes every/some today/tomorrow"
    " today/yesterday next/last rise/fall admin/user seller/buyer ";

static bool listed(const char *list, struct span word)
{
    char text[32] = " ";
    if (word.size == 0 || word.size > sizeof(text) - 3)
        return false;
    memcpy(text + 1, word.at, word.size);
    memcpy(text + 1 + word.size, " ", 2);
    return strlen(text) == word.size + 2 && strstr(list, text) != NULL;
}

unsigned words_listed(struct span folded)
{
    bool negative = span_ends(folded, "n't") || listed(negatives, folded);
    return (listed(light, folded) ? WORD_LIGHT : 0U) |
           (listed(numbers, folded) ? WORD_NUMBER : 0U) |
           (negative ? WORD_NEGATIVE : 0U) | (listed(asking, folded) ? WORD_ASKING : 0U) |
           (listed(directions, folded) ? WORD_DIRECTION : 0U);
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

/* The next pair of the list at |*at|; false at its end. */
static bool next_pair(const char **at, struct span *left, struct span *right)
{
    const char *start = *at + 1, *middle = strchr(start, '/');
    if (!middle)
        return false;
    const char *end = strchr(middle, ' ');
    *left = span_of(start, (size_t)(middle - start));
    *right = span_of(middle + 1, (size_t)(end - middle - 1));
    *at = end;
    return true;
}

bool words_opposite(struct span a, struct span b)
{
    struct span left, right;
    if (negates(a, b) || negates(b, a))
        return true;
    for (const char *at = opposites; next_pair(&at, &left, &right);)
        if ((words_same(a, left) && words_same(b, right)) ||
            (words_same(a, right) && words_same(b, left)))
            return true;
    return false;
}
