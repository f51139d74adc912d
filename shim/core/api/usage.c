/* SPDX-License-Identifier: MIT */
/* How many tokens an answer says it took. */
#include "answer.h"

#define NUMBER_LIMIT                                                                     \
    UINT32_MAX /* what is larger means something else, and sums stay sums */

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
    if (json_u64(value, &number) && number <= NUMBER_LIMIT) {
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
    const struct usage_field *field;
    for (unsigned i = 0; (field = form_usage(meter->form, i)); i++) {
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
    const struct usage_field *field;
    for (unsigned i = 0; (field = form_usage(meter->form, i)); i++)
        if (field->header)
            add_number((struct json){span_trim(headers_value(headers, field->header))},
                       &meter->counts[i]);
}

static struct count total_of(const struct meter *meter, enum usage_role role)
{
    const struct usage_field *field;
    unsigned rank = UINT32_MAX;
    for (unsigned i = 0; (field = form_usage(meter->form, i)); i++)
        if (field->role == role && meter->counts[i].seen && field->rank < rank)
            rank = field->rank;
    struct count total = {0};
    for (unsigned i = 0; (field = form_usage(meter->form, i)); i++) {
        if (field->role != role || field->rank != rank || !meter->counts[i].seen)
            continue;
        total.value += meter->counts[i].value;
        total.seen = true;
    }
    return total;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Those who count within the input may say more than that: prices need parts of a whole. */
static void add_cache(const struct meter *meter, struct usage *usage)
{
    uint64_t read = total_of(meter, USAGE_CACHED_BESIDE).value;
    uint64_t written = total_of(meter, USAGE_WRITTEN_BESIDE).value;
    uint64_t in = usage->tokens_in;
    usage->tokens_in += read + written;
    usage->tokens_cached = read + lesser(total_of(meter, USAGE_CACHED).value, in);
    usage->tokens_cache_write =
        written + lesser(total_of(meter, USAGE_WRITTEN).value,
                         usage->tokens_in - written - usage->tokens_cached);
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
    add_cache(&meter, usage);
}

bool api_counts_in(const struct call *call, struct span name)
{
    const struct form *form = call->operation ? call->operation->form : NULL;
    const struct usage_field *field;
    for (unsigned i = 0; form && (field = form_usage(form, i)); i++)
        if (field->header && span_is_nocase(name, field->header))
            return true;
    return false;
}

void usage_note(const struct usage *usage, struct entry_label *label)
{
    label->usage_known = usage->known;
    label->usage_estimated = usage->estimated;
    label->tokens_in = usage->tokens_in;
    label->tokens_out = usage->tokens_out;
    label->tokens_cached = usage->tokens_cached;
    label->tokens_cache_write = usage->tokens_cache_write;
}
