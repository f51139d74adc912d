/* SPDX-License-Identifier: MIT */
/* Politeness at both ends. Only whole frames, and only before what is seen to be a question or a
 * request: "please" may be a verb, a greeting what is to be translated. */
#include "lexical_parts.h"

#define FRAME_SIZE 44
#define ASKS       (WORD_QUESTION | WORD_REQUEST)
/* So many words leave no doubt what they are about. */
#define ENOUGH 3

struct frame {
    char words[FRAME_SIZE]; /* in place: pointers would be relocated in every host */
    uint32_t before;        /* what must follow is of one of these classes */
};

static const struct frame fronts[] = {
    {"kindly", WORD_REQUEST},
    {"tell me", WORD_QUESTION},
    {"let me know", WORD_QUESTION},
    {"i want to know", WORD_QUESTION},
    {"i would like to know", WORD_QUESTION},
    {"i'd like to know", WORD_QUESTION},
    {"i was wondering", WORD_QUESTION},
    {"i am wondering", WORD_QUESTION},
    {"i'm wondering", WORD_QUESTION},
    {"may i ask", WORD_QUESTION},
    {"may i know", WORD_QUESTION},
    {"can i ask", WORD_QUESTION},
    {"would you mind telling me", WORD_QUESTION},
    {"i would appreciate it if you could", WORD_REQUEST},
};

/* After "can you". */
static const struct frame requests[] = {
    {"please", ASKS}, {"kindly", WORD_REQUEST}, {"tell me", 0},   {"let me know", 0},
    {"give me", 0},   {"show me", 0},           {"help me", 0},   {"explain", 0},
    {"describe", 0},  {"summarize", 0},         {"summarise", 0}, {"recommend", 0},
    {"suggest", 0},   {"write me", 0},          {"provide", 0},   {"elaborate", 0},
};

static unsigned next_token(const struct lexical *text, unsigned index)
{
    while (index < text->count && lexical_token(text, index)->dropped)
        index++;
    return index;
}

static bool is_word(const struct lexical *text, unsigned index, struct span word)
{
    return index < text->count && lexical_token(text, index)->kind == TOKEN_WORD &&
           span_equal(token_form(text, lexical_token(text, index)), word);
}

static bool is(const struct lexical *text, unsigned index, const char *word)
{
    return is_word(text, index, span_text(word));
}

static bool has_class(const struct lexical *text, unsigned index, uint32_t classes)
{
    return index < text->count && (lexical_token(text, index)->classes & classes) &&
           !lexical_token(text, index)->quoted;
}

/* How many words of |frame| stand from |index| on: all of them, or 0. */
static unsigned matches(const struct lexical *text, unsigned index,
                        const struct frame *frame)
{
    unsigned count = 0;
    for (struct span rest = span_text(frame->words); rest.size; count++) {
        size_t size = span_find(rest, span_text(" "));
        if (!is_word(text, index + count, span_of(rest.at, size)))
            return 0;
        rest = span_skip(rest, size + 1);
    }
    return !frame->before || has_class(text, index + count, frame->before) ? count : 0;
}

static bool drop(struct lexical *text, unsigned index, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        lexical_token(text, index + i)->dropped = true;
    return count > 0;
}

/* "Can you" before a request, "could you please". */
static bool drop_can_you(struct lexical *text, unsigned index)
{
    bool can = is(text, index, "can") || is(text, index, "could") ||
               is(text, index, "would") || is(text, index, "will");
    if (!can || !is(text, index + 1, "you"))
        return false;
    for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++)
        if (matches(text, index + 2, &requests[i]))
            return drop(text, index, 2);
    return false;
}

/* As if no contraction were one: "I'm here" are three. */
static unsigned words_from(const struct lexical *text, unsigned index)
{
    unsigned count = 0;
    for (; index < text->count; index++) {
        struct span form = token_form(text, lexical_token(text, index));
        count += 1 + (span_find(form, span_text("'")) < form.size);
    }
    return count;
}

static bool drop_greeting(struct lexical *text, unsigned index)
{
    unsigned count = 1;
    bool hello = has_class(text, index, WORD_GREETING);
    if (!hello && !(is(text, index, "good") &&
                    (is(text, index + 1, "morning") || is(text, index + 1, "afternoon") ||
                     is(text, index + 1, "evening") || is(text, index + 1, "day"))))
        return false;
    count += !hello;
    if (is(text, index + count, "there") || is(text, index + count, "everyone") ||
        is(text, index + count, "all") || is(text, index + count, "team"))
        count++;
    const struct token *last = lexical_token(text, index + count - 1);
    bool apart = last->comma || last->stop;
    bool short_one = is(text, index, "hi") || is(text, index, "hey");
    bool asks = has_class(text, index + count, ASKS) || is(text, index + count, "please");
    if (words_from(text, index + count) < ENOUGH)
        return false;
    bool meant = apart ? asks || !text->mention : asks && short_one && !text->titles;
    return meant && drop(text, index, count);
}

/* "Please" before a question or a request; before anything else where no words or titles are spoken
 * of and nothing says that it is one. */
static bool drop_please(struct lexical *text, unsigned index)
{
    if (!is(text, index, "please") && !is(text, index, "pls") && !is(text, index, "plz"))
        return false;
    bool refuses = is(text, index + 1, "do") && is(text, index + 2, "not");
    if (refuses || is(text, index + 1, "don't"))
        return false;
    bool plain = !text->mention && !text->titles && index + ENOUGH < text->count &&
                 !has_class(text, index + 1, WORD_OBJECT) &&
                 !is(text, index + 1, "please");
    return (plain || has_class(text, index + 1, ASKS)) && drop(text, index, 1);
}

static bool drop_front(struct lexical *text)
{
    unsigned index = next_token(text, 0);
    if (drop_greeting(text, index) || drop_please(text, index) ||
        drop_can_you(text, index))
        return true;
    bool excuse = is(text, index, "excuse") && is(text, index + 1, "me");
    if (excuse && lexical_token(text, index + 1)->comma && index + 2 < text->count)
        return drop(text, index, 2);
    for (size_t i = 0; i < sizeof(fronts) / sizeof(*fronts); i++) {
        unsigned count = matches(text, index, &fronts[i]);
        if (count)
            return drop(text, index, count);
    }
    return false;
}

/* -- the end -------------------------------------------------------------------------------- */

static const struct frame ends[] = {
    {"thanks", 0},
    {"thanks in advance", 0},
    {"thanks so much", 0},
    {"thanks very much", 0},
    {"thanks a lot", 0},
    {"many thanks", 0},
    {"thank you", 0},
    {"thank you in advance", 0},
    {"thank you so much", 0},
    {"thank you very much", 0},
    {"thx", 0},
    {"cheers", 0},
    {"please", 0},
};

static unsigned words_of(const struct frame *frame)
{
    unsigned count = 1;
    for (const char *at = frame->words; *at; at++)
        count += *at == ' ';
    return count;
}

/* "What does this mean, please?" Words are mentioned, but not these: a question, one comma, and
 * before that nothing that goes with "please". */
static bool asks_politely(const struct lexical *text, unsigned index, const char *frame)
{
    static const char pairs[][8] = {"yes", "no", "sorry", "ok", "okay", "thanks", "you"};
    const struct token *before = lexical_token(text, index - 1);
    unsigned commas = 0;
    if (strcmp(frame, "please") != 0 || index <= ENOUGH + 1 || !before->comma ||
        text->titles || (before->classes & WORD_GREETING) ||
        !has_class(text, next_token(text, 0), WORD_QUESTION))
        return false;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
        if (is(text, index - 1, pairs[i]))
            return false;
    for (unsigned i = 0; i < index; i++)
        commas += lexical_token(text, i)->comma + 2U * lexical_token(text, i)->quoted;
    return commas == 1;
}

/* Behind a comma or a sentence; "thanks", and "please" at the end of a question or request, elsewhere, too,
 * unless something says that they are a verb, mentioned, or a title. */
static bool may_end(const struct lexical *text, unsigned index, const char *frame)
{
    const struct token *before = lexical_token(text, index - 1);
    const struct token *first = lexical_token(text, next_token(text, 0));
    if (before->dropped || before->quoted || before->kind == TOKEN_MARK)
        return false;
    if (before->stop)
        return true;
    bool request = (first->classes & ASKS) && strcmp(frame, "please") == 0;
    bool plain = !text->titles && index > ENOUGH && !(before->classes & WORD_OBJECT) &&
                 !span_is(token_form(text, first), "play");
    if (text->mention)
        return asks_politely(text, index, frame);
    return before->comma || (plain && (request || strncmp(frame, "thanks", 6) == 0));
}

static bool drop_end(struct lexical *text, unsigned *count)
{
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        unsigned words = words_of(&ends[i]);
        if (words + 1 > *count || lexical_token(text, *count - words)->dropped)
            continue;
        unsigned index = *count - words;
        if (!matches(text, index, &ends[i]) || !may_end(text, index, ends[i].words))
            continue;
        drop(text, index, words);
        *count = index;
        return true;
    }
    return false;
}

/* "How do I say good bye in French": what is to be said stands behind it, nothing of it before.
 * Where nothing does, "please" may be meant: please, how do you say in French? */
static bool asks_how_to_say(const struct lexical *text, unsigned index)
{
    static const char helpers[][8] = {"do", "can", "would", "should", "could"};
    static const char persons[][4] = {"i", "you", "we"};
    bool helper = false, person = false;
    for (size_t i = 0; i < sizeof(helpers) / sizeof(*helpers); i++)
        helper = helper || is(text, index + 1, helpers[i]);
    for (size_t i = 0; i < sizeof(persons) / sizeof(*persons); i++)
        person = person || is(text, index + 2, persons[i]);
    return is(text, index, "how") && helper && person && is(text, index + 3, "say") &&
           index + 5 < text->count && !is(text, index + 4, "in") &&
           !is(text, index + 4, "it") && !is(text, index + 4, "that") &&
           !is(text, index + 4, "this");
}

/* Where words of another language are asked for: "please", "can you tell me". */
static void drop_before_how(struct lexical *text)
{
    unsigned end = 0;
    while (end < text->count && !asks_how_to_say(text, end))
        end++;
    for (unsigned index = 0; end < text->count && index < end;
         index = next_token(text, index))
        if (has_class(text, index, WORD_GREETING) || !drop_front(text))
            return;
}

void lexical_frames(struct lexical *text)
{
    if (text->count == 0)
        return;
    if (text->language) {
        drop_before_how(text);
        return;
    }
    while (drop_front(text))
        ;
    unsigned count = text->count;
    while (!text->payload && drop_end(text, &count))
        ;
}
