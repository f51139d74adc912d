/* SPDX-License-Identifier: MIT */
/* See pair.h. */
#include "pair.h"

#include "print.h"
#include "shim/core/api/question.h"
#include "shim/core/api/record.h"
#include "shim/core/api/wording.h"
#include "sides.h"

#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH 80

static void take_question(const struct call *call, struct span body, struct buffer *out)
{
    struct question question = {.text = {0}};
    if (question_of(call, body, NULL, &question) == QUESTION_FOUND)
        buffer_append_span(out, buffer_span(&question.text));
    else
        buffer_append_span(out, body);
    question_free(&question);
}

static void take_answer(const struct call *call, const struct response *response,
                        struct buffer *out)
{
    if (wording_of(call, response, out) == WORDING_PLAIN)
        return;
    buffer_clear(out);
    buffer_append_span(out, response->body);
}

static void take_record(const struct record *record, struct side *out)
{
    struct call call = {0};
    if (api_recognise(&record->request, &call) == REASON_NONE) {
        take_question(&call, record->request.body, &out->question);
        take_answer(&call, &record->response, &out->answer);
    } else {
        buffer_append_span(&out->question, record->request.body);
        buffer_append_span(&out->answer, record->response.body);
    }
    api_call_free(&call);
}

static int load_side(struct store *store, const struct tenant *tenant,
                     const uint8_t key[STORE_KEY_SIZE], struct side *out)
{
    struct entry entry;
    struct record record;
    int result = store_find(store, tenant, key, &entry);
    if (result != STORE_OK)
        return result;
    if (record_unpack(buffer_span(&entry.payload), &record) == 0) {
        take_record(&record, out);
        record_free(&record);
    } else {
        result = STORE_MISS;
    }
    entry_free(&entry);
    return result;
}

int pair_load(struct store *store, const struct shadow_sample *sample, struct pair *out)
{
    struct tenant tenant;
    int result = store_tenant_by_id(store, sample->tenant, &tenant);
    if (result == STORE_OK)
        result = load_side(store, &tenant, sample->sample.candidate, &out->stored);
    if (result == STORE_OK)
        result = load_side(store, &tenant, sample->key, &out->came);
    return result;
}

static void free_side(struct side *side)
{
    buffer_free(&side->question);
    buffer_free(&side->answer);
}

void pair_free(struct pair *pair)
{
    free_side(&pair->stored);
    free_side(&pair->came);
}

static unsigned terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return WIDTH;
    return size.ws_col;
}

/* The first |most| bytes, no character cut in two; "..." where there is more. */
static void append_head(const struct buffer *text, size_t most, struct buffer *out)
{
    size_t size = text->size;
    if (most && size > most) {
        size = most;
        while (size && (text->at[size] & 0xc0) == 0x80)
            size--;
    }
    buffer_append(out, text->at, size);
    if (size < text->size)
        buffer_append_text(out, "...");
}

static void print_sides(const char *title, const struct buffer *left,
                        const struct buffer *right, size_t most)
{
    struct buffer lines = {0}, one = {0}, other = {0};
    append_head(left, most, &one);
    append_head(right, most, &other);
    printf("-- %s\n", title);
    sides_append(buffer_span(&one), buffer_span(&other), terminal_width(), &lines);
    print_text(buffer_span(&lines));
    buffer_free(&one);
    buffer_free(&other);
    buffer_free(&lines);
}

void pair_print(const struct pair *pair, size_t most)
{
    print_sides("questions: stored | asked", &pair->stored.question, &pair->came.question,
                most);
    print_sides("answers: stored | came", &pair->stored.answer, &pair->came.answer, most);
}
