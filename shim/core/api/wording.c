/* SPDX-License-Identifier: MIT */
/* The text of an answer, see wording.h. */
#include "wording.h"

#include "answer.h"

struct reading {
    const struct dialogue *dialogue;
    const struct said *said;
    struct buffer *out;
    unsigned finished;
    bool other; /* than plain words */
};

/* False when it says anything that is not known. */
static bool is_known(const struct said *said, struct json object)
{
    struct json type = json_member(object, "type");
    struct json_iterator members = json_begin(object);
    if (!members.object)
        return false;
    while (json_next(&members))
        if (json_is_set(members.value) &&
            !any_word(said->members, members.name, json_text_is))
            return false;
    return !said->types || !json_is_set(type) ||
           any_word(said->types, type, json_text_is);
}

static bool visit_said(struct json value, void *context)
{
    struct reading *reading = context;
    const struct said *said = reading->said;
    if (!json_is_set(value))
        return true;
    reading->other |= !is_known(said, value);
    struct json text = said->text ? json_member(value, said->text) : (struct json){0};
    if (!json_is_set(text))
        return true;
    if (json_kind(text) == JSON_KIND_STRING)
        json_append_text(text, reading->out);
    else
        reading->other = true;
    return true;
}

static bool visit_finish(struct json value, void *context)
{
    struct reading *reading = context;
    const struct dialogue *dialogue = reading->dialogue;
    if (!json_is_set(value))
        return true;
    if (any_word(dialogue->normal, value, json_text_is))
        reading->finished++;
    else if (!any_word(dialogue->meanwhile, value, json_text_is))
        reading->other = true;
    return true;
}

static enum reason read_document(const struct document *document, void *context)
{
    struct reading *reading = context;
    const char *paths = reading->dialogue->finish;
    char path[JSON_PATH_SIZE];
    for (reading->said = reading->dialogue->said; reading->said->at; reading->said++)
        (void)json_each(document->data, reading->said->at, visit_said, reading);
    while (json_next_path(&paths, path))
        (void)json_each(document->data, path, visit_finish, reading);
    return REASON_NONE;
}

enum wording_result wording_of(const struct call *call, const struct response *response,
                               struct buffer *out)
{
    const struct form *form = call->operation ? call->operation->form : NULL;
    size_t before = out->size;
    if (!form || !form->dialogue || response->status != 200)
        return WORDING_OTHER;
    struct reading reading = {.dialogue = form->dialogue, .out = out};
    enum reason reason = answer_each(call, response, read_document, &reading);
    if (reason == REASON_NO_MEMORY || !buffer_ok(out))
        return WORDING_MEMORY;
    bool plain = reason == REASON_NONE && !reading.other && reading.finished > 0 &&
                 out->size > before;
    return plain ? WORDING_PLAIN : WORDING_OTHER;
}
