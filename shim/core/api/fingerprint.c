/* SPDX-License-Identifier: MIT */
/* Which model has really answered: the name that the answer gives, behind which an alias such as
 * "gpt-4o" or "claude-sonnet-latest" moves on, and the fingerprint of its configuration. */
#include "answer.h"

/* Where answers and the events of streams say so; what a provider does not know is absent. */
static const char *const members[] = {
    "model|modelVersion|message/model|response/model",
    "system_fingerprint",
};

#define MEMBERS (sizeof members / sizeof *members)

struct fingerprint {
    char texts[MEMBERS][64];
};

static bool take_text(struct json value, void *context)
{
    json_copy_text(value, context, sizeof((struct fingerprint *)0)->texts[0]);
    return false;
}

/* The first event that says it counts. */
static enum reason read_document(const struct document *document, void *context)
{
    struct fingerprint *found = context;
    char path[JSON_PATH_SIZE];
    for (size_t i = 0; i < MEMBERS; i++)
        for (const char *paths = members[i];
             !found->texts[i][0] && json_next_path(&paths, path);)
            json_each(document->data, path, take_text, found->texts[i]);
    return REASON_NONE;
}

void api_fingerprint(const struct call *call, const struct response *response, char *out,
                     size_t capacity)
{
    struct fingerprint found = {0};
    out[0] = 0;
    if (!call->operation || !call->operation->form || call->operation->form->bytes ||
        answer_each(call, response, read_document, &found) != REASON_NONE)
        return;
    span_copy_text(span_text(found.texts[0]), out, capacity);
    size_t used = strlen(out);
    if (!found.texts[1][0] || used + 2 > capacity)
        return;
    out[used++] = ' ';
    span_copy_text(span_text(found.texts[1]), out + used, capacity - used);
}
