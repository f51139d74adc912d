/* SPDX-License-Identifier: MIT */
/* See question.h. What is not known here, by name or by kind, makes a request none that is looked at:
 * a provider's next kind of part is so, too. */
#include "question.h"

#include "dialect.h"

/* -- names -------------------------------------------------------------------------------- */

/* Parts of names, in lower case, of what is no words: a member with such a name that says anything
 * may change what is asked for, or what may be answered. */
static const char foreign[][12] = {
    "tool",      "function",   "image",      "picture",     "photo",
    "audio",     "voice",      "video",      "media",       "file",
    "document",  "attachment", "plugin",     "search",      "retriev",
    "connector", "modalit",    "prediction", "mcp",         "logprob",
    "schema",    "propert",    "datasource", "data_source", "grounding",
};

/* A name that is longer than any that is known is foreign, too. */
static bool is_foreign(struct json name)
{
    char lower[64];
    json_copy_text(name, lower, sizeof(lower));
    for (char *at = lower; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at |= 0x20;
    for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
        if (strstr(lower, foreign[i]))
            return true;
    return name.text.size >= sizeof(lower);
}

/* True when the value that comes next says nothing: null, false, "", [] or {}. Reads one token, or
 * two. */
static bool skip_unset(struct json_scanner *scanner)
{
    struct json_scanner before = *scanner;
    enum json_token token = json_scan(scanner);
    if (token == JSON_T_OPEN_ARRAY || token == JSON_T_OPEN_OBJECT) {
        token = json_scan(scanner);
        return token == JSON_T_CLOSE_ARRAY || token == JSON_T_CLOSE_OBJECT;
    }
    struct json value = {scanner->token};
    *scanner = before;
    return !json_is_set(value);
}

/* True when something at any depth of |body| has a foreign name, and says something. */
static bool has_foreign(struct span body)
{
    struct json_scanner scanner = json_scanner_of(body);
    for (;;) {
        enum json_token token = json_scan(&scanner);
        if (token == JSON_T_END)
            return false;
        if (token == JSON_T_ERROR)
            return true;
        if (token == JSON_T_NAME && is_foreign((struct json){scanner.token}) &&
            !skip_unset(&scanner))
            return true;
    }
}

/* -- turns -------------------------------------------------------------------------------- */

/* True when |object| is one, and has nothing set but |words| and |more|. */
static bool has_only(struct json object, const char *words, const char *more)
{
    struct json_iterator members = json_begin(object);
    if (!members.object)
        return false;
    while (json_next(&members))
        if (json_is_set(members.value) && !any_word(words, members.name, json_text_is) &&
            !any_word(more, members.name, json_text_is))
            return false;
    return true;
}

/* The text of a part that is one; absent when it is something else. */
static struct json text_of_part(const struct dialogue *dialogue, struct json part)
{
    struct json text = json_member(part, "text"), type = json_member(part, "type");
    bool typed = *dialogue->types;
    if (!has_only(part, "type text cache_control", "") ||
        json_kind(text) != JSON_KIND_STRING)
        return (struct json){0};
    return (typed ? any_word(dialogue->types, type, json_text_is) : !json_is_set(type))
               ? text
               : (struct json){0};
}

/* How many texts a turn's |content| is made of, the last of which is |*text|; -1: not of texts. */
static int texts_of(const struct dialogue *dialogue, struct json content,
                    struct json *text)
{
    int count = 0;
    *text = content;
    if (json_kind(content) == JSON_KIND_STRING)
        return 1;
    if (json_kind(content) != JSON_KIND_ARRAY)
        return -1;
    struct json_iterator parts = json_begin(content);
    while (json_next(&parts)) {
        *text = text_of_part(dialogue, parts.value);
        if (!text->text.size || ++count > 1000)
            return -1;
    }
    return count;
}

static bool is_user(struct json turn, bool lone)
{
    struct json role = json_member(turn, "role");
    return json_text_is(role, "user") || (lone && !role.text.size);
}

/* True when |turn| is words of somebody who talks. A lone turn's author may go unsaid. */
static bool is_words(const struct dialogue *dialogue, struct json turn, bool lone)
{
    struct json type = json_member(turn, "type"), last;
    char own[32] = "role ";
    span_copy_text(span_text(dialogue->content), own + 5, sizeof(own) - 5);
    return has_only(turn, own, dialogue->members) &&
           (!type.text.size || json_text_is(type, "message")) &&
           texts_of(dialogue, json_member(turn, dialogue->content), &last) > 0 &&
           (is_user(turn, lone) || any_word("system developer assistant model",
                                            json_member(turn, "role"), json_text_is));
}

/* The one text of the last turn, the user's; absent when a turn is none of words. */
static struct json last_text(const struct dialogue *dialogue, struct json body)
{
    struct json turns = json_member(body, dialogue->turns), last = {0}, text = {0};
    if (dialogue->lone && json_kind(turns) == JSON_KIND_STRING)
        return turns;
    struct json_iterator iterator = json_begin(turns);
    bool lone = json_count(turns) == 1;
    while (!iterator.object && json_next(&iterator)) {
        last = iterator.value;
        if (!is_words(dialogue, last, lone))
            return text;
    }
    if (is_user(last, lone) &&
        texts_of(dialogue, json_member(last, dialogue->content), &text) == 1)
        return text;
    return (struct json){0};
}

/* -- a question --------------------------------------------------------------------------- */

/* |body| without |text|, a view of it, in its one form. */
static enum question_result write_rest(const struct call *call, struct span body,
                                       struct json text, struct json_ignoring *more,
                                       struct buffer *out)
{
    struct buffer without = {0};
    size_t before = (size_t)(text.text.at - body.at);
    buffer_append(&without, body.at, before);
    buffer_append_text(&without, "\"\"");
    buffer_append_span(&without, span_skip(body, before + text.text.size));
    enum json_result result = JSON_NO_MEMORY;
    if (buffer_ok(&without))
        result = json_canonical_without(buffer_span(&without), call->operation->ignored,
                                        more, out);
    buffer_free(&without);
    if (result == JSON_OK)
        return QUESTION_FOUND;
    return result == JSON_NO_MEMORY ? QUESTION_MEMORY : QUESTION_NONE;
}

enum question_result question_of(const struct call *call, struct span body,
                                 struct json_ignoring *more, struct question *out)
{
    const struct form *form = call->operation ? call->operation->form : NULL;
    buffer_clear(&out->text);
    buffer_clear(&out->rest);
    if (!form || !form->dialogue || call->choices > 1 || !json_valid(body))
        return QUESTION_NONE;
    struct json whole = json_of(body), text = last_text(form->dialogue, whole);
    if (!json_is_set(text) || json_is_set(json_member(whole, "prompt")) ||
        has_foreign(body))
        return QUESTION_NONE;
    json_append_text(text, &out->text);
    if (!buffer_ok(&out->text))
        return QUESTION_MEMORY;
    return write_rest(call, body, text, more, &out->rest);
}

/* What is said by instructions, earlier turns and settings. Names and kinds say nothing. */
static enum lexical_verdict check_rest(struct span rest)
{
    struct json_scanner scanner = json_scanner_of(rest);
    struct buffer text = {0};
    struct json name = {0};
    enum lexical_verdict verdict = LEXICAL_KEY;
    while (verdict == LEXICAL_KEY) {
        enum json_token token = json_scan(&scanner);
        if (token == JSON_T_END || token == JSON_T_ERROR)
            break;
        bool kind = any_word("type role model category threshold", name, json_text_is);
        name.text = token == JSON_T_NAME ? scanner.token : (struct span){0};
        if (token != JSON_T_STRING || kind)
            continue;
        buffer_clear(&text);
        json_append_text((struct json){scanner.token}, &text);
        verdict = buffer_ok(&text) ? lexical_context(buffer_span(&text)) : LEXICAL_MEMORY;
    }
    buffer_free(&text);
    return verdict;
}

enum lexical_verdict question_key(struct question *question, struct lexical_key *key)
{
    enum lexical_verdict verdict = check_rest(buffer_span(&question->rest));
    lexical_close(question->read);
    question->read = NULL;
    if (verdict == LEXICAL_KEY)
        verdict = lexical_open(buffer_span(&question->text), &question->read);
    return verdict == LEXICAL_KEY ? lexical_make(question->read, NULL, key) : verdict;
}

enum lexical_verdict question_fold(const struct question *question,
                                   const struct vocabulary *vocabulary,
                                   struct lexical_key *key)
{
    return lexical_make(question->read, vocabulary, key);
}

void question_free(struct question *question)
{
    buffer_free(&question->text);
    buffer_free(&question->rest);
    lexical_close(question->read);
    question->read = NULL;
}
