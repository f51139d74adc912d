/* SPDX-License-Identifier: MIT */
/* The answer to what replay mode does not let out. */
#include "denial.h"

#include "api/difference.h"
#include "store/files.h"

#define DIFFERENCES 3  /* that are told */
#define EXCERPT     48 /* bytes of each value */
#define KEY_DIGITS  12 /* as `preecho ls` prints them */

/* -- the message --------------------------------------------------------------------- */

struct telling {
    struct buffer *out;
    unsigned count;
};

static void append_value(struct buffer *out, const struct buffer *excerpt)
{
    if (excerpt->size)
        buffer_append_span(out, buffer_span(excerpt));
    else
        buffer_append_text(out, "absent");
}

static bool tell_difference(void *context, struct span place, struct json here,
                            struct json there)
{
    struct telling *telling = context;
    struct buffer *out = telling->out, left = {0}, right = {0};
    if (telling->count == DIFFERENCES) {
        buffer_append_text(out, "; and more");
        return false;
    }
    json_excerpt(here, there, EXCERPT, &left, &right);
    buffer_append_text(out, telling->count++ ? "; " : " What differs: ");
    buffer_append_span(out, place.size ? place : span_text("the whole body"));
    buffer_append_text(out, " is ");
    append_value(out, &left);
    buffer_append_text(out, ", recorded ");
    append_value(out, &right);
    buffer_free(&left);
    buffer_free(&right);
    return true;
}

static void tell_differences(const struct denial *denial, struct buffer *out)
{
    struct telling telling = {.out = out};
    struct json_likeness likeness;
    int result =
        api_difference(denial->request, denial->call, &denial->nearest->record.request,
                       tell_difference, &telling, &likeness);
    if (telling.count)
        buffer_append_byte(out, '.');
    else if (result == 0)
        buffer_append_text(out, " Address, fields and body are the same: one of the two "
                                "was asked without checking the server's certificate.");
}

static void append_age(struct buffer *out, int64_t age_ms)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, " days"}, {3600, " hours"}, {60, " minutes"}, {1, " seconds"}};
    int64_t age = age_ms > 0 ? age_ms / 1000 : 0;
    size_t i = 0;
    while (i < 3 && age < 2 * units[i].seconds)
        i++;
    buffer_append_decimal(out, (uint64_t)(age / units[i].seconds));
    buffer_append_text(out, units[i].name);
    buffer_append_text(out, " old");
}

static void tell_nearest(const struct denial *denial, struct buffer *out)
{
    const struct nearest *nearest = denial->nearest;
    const struct entry_label *label = &nearest->entry.label;
    char digits[2 * STORE_KEY_SIZE + 1];
    hex_encode(nearest->key, STORE_KEY_SIZE, digits);
    buffer_append_text(out, " The nearest recording is ");
    buffer_append(out, digits, KEY_DIGITS);
    buffer_append_text(out, " (");
    buffer_append_text(out, label->model[0] ? label->model : label->operation);
    buffer_append_text(out, ", ");
    append_age(out, denial->now_ms - label->created_ms);
    buffer_append_text(out, ").");
    tell_differences(denial, out);
}

/* The usual reasons why what was recorded is not even looked at. */
static void tell_stranger(struct buffer *out)
{
    buffer_append_text(
        out,
        " Nothing at all is recorded for whoever asks here: another API key, "
        "PREECHO_TENANT or store than the recording run's? With PREECHO_SCOPE=tenant "
        "the key does not matter.");
}

static void tell_reason(const struct denial *denial, struct buffer *out)
{
    buffer_append_text(out, " Such a request is never answered from a recording: ");
    buffer_append_text(out, reason_meaning(denial->reason));
    buffer_append_text(out, " (");
    buffer_append_text(out, reason_name(denial->reason));
    buffer_append_text(out, ").");
}

void denial_message(const struct denial *denial, struct buffer *out)
{
    buffer_append_text(out, "preecho: PREECHO_MODE=replay and no recording answers this "
                            "request; nothing was sent.");
    if (denial->reason != REASON_NONE)
        tell_reason(denial, out);
    else if (denial->nearest && denial->nearest->found)
        tell_nearest(denial, out);
    else if (!denial->nearest || !denial->nearest->any)
        tell_stranger(out);
}

/* -- the answer ---------------------------------------------------------------------- */

/* A response to HEAD is one without a body (RFC 9110, 9.3.2). */
static bool is_head(const struct denial *denial)
{
    return span_is(denial->request->method, "HEAD");
}

static int make_body(const struct denial *denial, struct buffer *body)
{
    struct buffer message = {0};
    denial_message(denial, &message);
    if (!is_head(denial))
        api_error(denial->call, buffer_span(&message), body);
    bool good = buffer_ok(&message) && buffer_ok(body);
    buffer_free(&message);
    return good ? 0 : -1;
}

static int add_field(struct headers *headers, const char *name, const char *value)
{
    return headers_add(headers, span_text(name), span_text(value));
}

static int add_fields(const struct denial *denial, struct headers *headers)
{
    const char *value, *name = api_error_field(denial->call, &value);
    if (add_field(headers, "Content-Type", "application/json") != 0 ||
        add_field(headers, "x-should-retry", "false") != 0)
        return -1;
    return name ? add_field(headers, name, value) : 0;
}

int denial_record(const struct denial *denial, struct buffer *body, struct record *record)
{
    *record = (struct record){0};
    if (make_body(denial, body) != 0 ||
        add_fields(denial, &record->response.headers) != 0) {
        record_free(record);
        return -1;
    }
    record->request.method = span_text(is_head(denial) ? "HEAD" : "POST");
    record->response.status = 504;
    record->response.version = 11;
    record->response.phrase = span_text("Gateway Timeout");
    record->response.body = buffer_span(body);
    return 0;
}
