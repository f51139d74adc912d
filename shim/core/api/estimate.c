/* SPDX-License-Identifier: MIT */
/* How many tokens a call may have taken whose answer does not say. */
#include "answer.h"

#define BYTES_PER_TOKEN 4

struct measure {
    const struct form *form;
    struct buffer text; /* the one that is being measured */
    uint64_t bytes;
};

static void add_text(struct measure *measure, struct json text)
{
    buffer_clear(&measure->text);
    json_append_text(text, &measure->text);
    measure->bytes += measure->text.size;
}

static bool add_prompt_text(struct json text, enum prompt_role role, void *context)
{
    (void)role;
    add_text(context, text);
    return true;
}

/* False for members that hold no text: what a part is, which one, sound and pictures. */
static bool holds_text(struct json name)
{
    static const char *const others[] = {"id", "type", "data", "mimeType", "mime_type"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (json_text_is(name, others[i]))
            return false;
    return true;
}

/* All texts within |value|: an answer, the call of a tool. */
static bool add_answer_texts(struct json value, void *context)
{
    struct json_scanner scanner = json_scanner_of(value.text);
    bool text = true;
    for (;;) {
        enum json_token token = json_scan(&scanner);
        if (token == JSON_T_END || token == JSON_T_ERROR)
            return true;
        if (token == JSON_T_NAME)
            text = holds_text((struct json){scanner.token});
        else if (token == JSON_T_STRING && text)
            add_text(context, (struct json){scanner.token});
    }
}

/* Another of |paths| leads to parts of what |path| leads to. */
static bool has_parts(const char *const *paths, const char *path)
{
    size_t size = strlen(path);
    for (; *paths; paths++)
        if (strncmp(*paths, path, size) == 0 && (*paths)[size] == '/')
            return true;
    return false;
}

static enum reason measure_document(const struct document *document, void *context)
{
    struct measure *measure = context;
    const char *const *content = measure->form->content;
    for (const char *const *path = content; path && *path; path++)
        if (!has_parts(content, *path))
            json_each(document->data, *path, add_answer_texts, measure);
    return REASON_NONE;
}

static bool counts(const struct form *form, enum usage_role role)
{
    const struct usage_field *field;
    for (unsigned i = 0; (field = form_usage(form, i)); i++)
        if (field->role == role)
            return true;
    return false;
}

/* The tokens measured so far; begins anew. */
static uint64_t take_tokens(struct measure *measure)
{
    uint64_t tokens = (measure->bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
    measure->bytes = 0;
    return tokens;
}

static bool estimate_input(struct measure *measure, const struct call *call,
                           struct span body, struct usage *usage)
{
    bool whole = prompt_each(call, body, add_prompt_text, measure);
    usage->tokens_in = take_tokens(measure);
    return whole;
}

static bool estimate_output(struct measure *measure, const struct call *call,
                            const struct response *response, struct usage *usage)
{
    if (!response || measure->form->bytes || !counts(measure->form, USAGE_OUT))
        return true;
    enum reason reason = answer_each(call, response, measure_document, measure);
    usage->tokens_out = take_tokens(measure);
    return reason == REASON_NONE;
}

void api_estimate(const struct call *call, struct span body,
                  const struct response *response, struct usage *usage)
{
    struct measure measure = {.form = call->operation ? call->operation->form : NULL};
    *usage = (struct usage){0};
    if (!measure.form || !counts(measure.form, USAGE_IN))
        return;
    usage->estimated = estimate_input(&measure, call, body, usage) &&
                       estimate_output(&measure, call, response, usage) &&
                       buffer_ok(&measure.text);
    buffer_free(&measure.text);
    if (!usage->estimated)
        *usage = (struct usage){0};
}
