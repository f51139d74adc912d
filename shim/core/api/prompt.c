/* SPDX-License-Identifier: MIT */
/* See prompt.h. */
#include "prompt.h"

#include "dialect.h"

struct walk {
    const struct texts *row;
    enum prompt_role role;
    prompt_visit *visit;
    void *context;
};

static enum prompt_role role_of(struct json turn)
{
    static const struct {
        const char *name;
        enum prompt_role role;
    } names[] = {
        {"user", PROMPT_USER},     {"assistant", PROMPT_MODEL},
        {"system", PROMPT_SYSTEM}, {"tool", PROMPT_TOOL},
        {"model", PROMPT_MODEL},   {"developer", PROMPT_SYSTEM},
        {"function", PROMPT_TOOL}, {"USER", PROMPT_USER}, /* Cohere 1, from here on */
        {"CHATBOT", PROMPT_MODEL}, {"SYSTEM", PROMPT_SYSTEM},
        {"TOOL", PROMPT_TOOL},
    };
    struct json role = json_member(turn, "role");
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (json_text_is(role, names[i].name))
            return names[i].role;
    return PROMPT_UNSAID;
}

static bool visit_text(struct json value, void *context)
{
    const struct walk *walk = context;
    if (json_kind(value) != JSON_KIND_STRING || !json_is_set(value) ||
        json_text_starts(value, "data:"))
        return true;
    return walk->visit(value, walk->role, walk->context);
}

static bool visit_all_texts(struct json value, void *context)
{
    struct json_scanner scanner = json_scanner_of(value.text);
    for (;;) {
        enum json_token token = json_scan(&scanner);
        if (token == JSON_T_END || token == JSON_T_ERROR)
            return true;
        if (token == JSON_T_STRING && !visit_text((struct json){scanner.token}, context))
            return false;
    }
}

/* Cuts the last step off |path|, if it is "**". */
static bool means_all(char *path)
{
    struct span text = span_text(path);
    if (!span_ends(text, "/**"))
        return false;
    path[text.size - 3] = 0;
    return true;
}

static bool visit_turn(struct json turn, void *context)
{
    struct walk *walk = context;
    const struct texts *row = walk->row;
    const char *paths = row->at;
    char path[JSON_PATH_SIZE];
    if (row->when && !json_text_is(json_at(turn, row->when), row->is))
        return true;
    walk->role = row->role ? row->role : role_of(turn);
    while (json_next_path(&paths, path)) {
        bool all = means_all(path);
        if (!json_each(turn, path, all ? visit_all_texts : visit_text, walk))
            return false;
    }
    return true;
}

bool prompt_each(const struct call *call, struct span body, prompt_visit *visit,
                 void *context)
{
    struct walk walk = {.visit = visit, .context = context};
    const struct form *form = call->operation ? call->operation->form : NULL;
    walk.row = form ? form->texts : NULL;
    while (walk.row) {
        if (!walk.row->each)
            walk.row = walk.row->more;
        else if (json_each(json_of(body), walk.row->each, visit_turn, &walk))
            walk.row++;
        else
            return false;
    }
    return true;
}
