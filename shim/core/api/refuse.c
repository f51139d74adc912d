/* SPDX-License-Identifier: MIT */
/* Requests that must not be answered from the store: state, live tools, remote objects.
 */
#include "dialect.h"

/* Cuts the first word off |words|. */
static bool take_word(const char **words, char *word, size_t capacity)
{
    size_t size = *words ? strcspn(*words, " ") : 0;
    if (size == 0)
        return false;
    span_copy_text(span_of(*words, size), word, capacity);
    *words += size + ((*words)[size] == ' ');
    return true;
}

bool any_word(const char *words, struct json value,
              bool (*test)(struct json value, const char *word))
{
    char word[64];
    while (take_word(&words, word, sizeof(word)))
        if (test(value, word))
            return true;
    return false;
}

static bool lacks(struct json object, const char *word)
{
    return json_kind(object) == JSON_KIND_OBJECT &&
           !json_is_set(json_member(object, word));
}

static bool has_other(struct json object, const char *words)
{
    struct json_iterator iterator = json_begin(object);
    while (iterator.object && json_next(&iterator))
        if (json_kind(iterator.value) != JSON_KIND_NULL &&
            !any_word(words, iterator.name, json_text_is))
            return true;
    return false;
}

static bool is_zero(struct json value)
{
    return json_text_starts(value, "0") ||
           (json_kind(value) == JSON_KIND_NUMBER && value.text.at[0] == '0');
}

static bool refused(const struct refusal *refusal, struct json value)
{
    const char *words = refusal->words;
    switch (refusal->test) {
    case IF_SET:
        return json_is_set(value);
    case IF_UNSET:
        return !json_is_set(value);
    case IF_ZERO:
        return is_zero(value);
    case IF_IS:
        return any_word(words, value, json_text_is);
    case IF_CONTAINS:
        return any_word(words, value, json_text_contains);
    case IF_BEGINS:
        return any_word(words, value, json_text_starts);
    case IF_BEGINS_NOT:
        return json_kind(value) == JSON_KIND_STRING &&
               !any_word(words, value, json_text_starts);
    case IF_LACKS:
        return lacks(value, words);
    case IF_HAS_OTHER:
        return has_other(value, words);
    }
    return true;
}

static bool visit(struct json value, void *context)
{
    return !refused(context, value);
}

enum reason refusal_of(const struct refusal *refusals, struct json body)
{
    for (; refusals && refusals->at; refusals++) {
        union {
            const struct refusal *constant;
            void *context;
        } refusal = {.constant = refusals};
        bool hit = refusals->test == IF_UNSET
                       ? refused(refusals, json_at(body, refusals->at))
                       : !json_each(body, refusals->at, visit, refusal.context);
        if (hit)
            return refusals->reason;
    }
    return REASON_NONE;
}
