/* SPDX-License-Identifier: MIT */
/* How many tokens an answer says it took. */
#include "answer.h"

struct count {
    uint64_t value;
    bool seen;
};

struct meter {
    const struct form *form;
    struct count counts[USAGE_FIELDS];
};

static bool add_number(struct json value, void *context)
{
    struct count *sum = context;
    uint64_t number;
    if (json_u64(value, &number) && sum->value <= UINT64_MAX - number) {
        sum->value += number;
        sum->seen = true;
    }
    return true;
}

/* The first of |paths| that leads to numbers, added up. */
static struct count read_count(struct json data, const char *paths)
{
    struct count sum = {0};
    char path[JSON_PATH_SIZE];
    while (!sum.seen && json_next_path(&paths, path))
        json_each(data, path, add_number, &sum);
    return sum;
}

static enum reason meter_document(const struct document *document, void *context)
{
    struct meter *meter = context;
    for (unsigned i = 0; i < USAGE_FIELDS; i++) {
        const struct usage_field *field = &meter->form->usage[i];
        if (!field->path)
            continue;
        struct count count = read_count(document->data, field->path);
        if (count.seen)
            meter->counts[i] = count;
    }
    return REASON_NONE;
}

static void meter_headers(struct meter *meter, const struct headers *headers)
{
    for (unsigned i = 0; i < USAGE_FIELDS; i++) {
        const char *name = meter->form->usage[i].header;
        if (name)
            add_number((struct json){span_trim(headers_value(headers, name))},
                       &meter->counts[i]);
    }
}

static struct count total_of(const struct meter *meter, enum usage_role role)
{
    unsigned rank = UINT32_MAX;
    for (unsigned i = 0; i < USAGE_FIELDS; i++) {
        const struct usage_field *field = &meter->form->usage[i];
        if (field->role == role && meter->counts[i].seen && field->rank < rank)
            rank = field->rank;
    }
    struct count total = {0};
    for (unsigned i = 0; i < USAGE_FIELDS; i++) {
        const struct usage_field *field = &meter->form->usage[i];
        if (field->role != role || field->rank != rank || !meter->counts[i].seen)
            continue;
        total.value += meter->counts[i].value;
        total.seen = true;
    }
    return total;
}

void api_usage(const struct call *call, const struct response *response,
               struct usage *usage)
{
    *usage = (struct usage){0};
    if (!call->operation || !call->operation->form || response->body.size == 0)
        return;
    struct meter meter = {.form = call->operation->form};
    meter_headers(&meter, &response->headers);
    if (!meter.form->bytes && answer_each(call, response, meter_document, &meter))
        return;
    struct count in = total_of(&meter, USAGE_IN), out = total_of(&meter, USAGE_OUT);
    usage->known = in.seen || out.seen;
    usage->tokens_in = in.value;
    usage->tokens_out = out.value;
    usage->tokens_cached = total_of(&meter, USAGE_CACHED).value;
}
