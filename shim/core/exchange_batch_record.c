/* SPDX-License-Identifier: MIT */
/* What upstream has answered to a request for vectors becomes an entry for each item; and, where it
 * was asked for some of them, a part of the answer to all. */
#include "exchange_batch.h"

#include <errno.h>

/* -- recording ------------------------------------------------------------------------- */

struct recording {
    struct exchange *exchange;
    struct store *store;
    const struct response *response;
    const struct entry_label *label;
    const struct entry_notes *notes; /* of the items */
    struct headers fields;           /* of each item's answer */
    int result;

    /* How |packed|, the record of all of it, is written without the vectors; NULL: not at all. */
    struct buffer *recipe;
    struct span packed;
    size_t body_at, done; /* where its body begins; how far |recipe| has come */
};

/* |brief|: the answer's body without the vector, which tells nothing about its cost and takes long to
 * read. */
static void fill_label(const struct recording *recording, const struct response *response,
                       struct span brief, uint64_t request_bytes,
                       struct entry_label *label)
{
    struct usage usage = {0};
    struct response short_response = *response;
    *label = *recording->label;
    label->request_bytes = request_bytes;
    label->response_bytes = response->body.size;
    short_response.body = brief;
    api_usage(&recording->exchange->call, &short_response, &usage);
    usage_note(&usage, label);
}

static void append_brief(struct buffer *out, struct span body, struct span vector)
{
    size_t at = span_find(body, vector);
    buffer_append(out, body.at, at);
    buffer_append_byte(out, '0');
    buffer_append_span(out, span_skip(body, at + vector.size));
}

/* |response| has the body of the item alone, in which |vector| stands as it is spelled. */
static int write_item(const struct recording *recording, struct batch_item *item,
                      const struct request *request, const struct response *response,
                      struct span vector)
{
    struct buffer packed = {0}, brief = {0};
    struct entry_label label;
    append_brief(&brief, response->body, vector);
    fill_label(recording, response, buffer_span(&brief), request->body.size, &label);
    record_pack(request, response, (struct span){0}, &packed);
    int result = STORE_NO_MEMORY;
    if (buffer_ok(&packed) && buffer_ok(&brief))
        result = store_record_part(recording->store, &recording->exchange->tenant,
                                   item->key, &label, recording->notes,
                                   buffer_span(&packed), item->stamp);
    item->vector = vector;
    item->vector_at = span_find(buffer_span(&packed), vector);
    item->recorded = result == STORE_OK && item->vector_at < packed.size;
    buffer_free(&brief);
    buffer_free(&packed);
    return result;
}

/* The fields without those that say what all of the batch has cost. */
static bool copy_fields(const struct call *call, const struct headers *from,
                        struct headers *to)
{
    for (size_t i = 0; i < from->count; i++)
        if (!api_counts_in(call, from->at[i].name) &&
            headers_add(to, from->at[i].name, from->at[i].value) != 0)
            return false;
    return true;
}

static int record_item(const struct recording *recording, struct batch_item *item,
                       struct span body, struct span vector)
{
    struct request request = recording->exchange->request;
    struct response response = *recording->response;
    struct buffer asked = {0};
    embedding_ask(&recording->exchange->batch->request, &item->place, 1, &asked);
    request.body = buffer_span(&asked);
    response.headers = recording->fields;
    response.body = body;
    response.piece_count = 0;
    int result = buffer_ok(&asked)
                     ? write_item(recording, item, &request, &response, vector)
                     : STORE_NO_MEMORY;
    buffer_free(&asked);
    return result;
}

/* Upstream may have answered differently to an item that stands there twice. */
static void add_to_recipe(struct recording *recording, const struct batch_item *item,
                          struct span vector)
{
    size_t at = recording->body_at + (size_t)(vector.at - recording->response->body.at);
    if (!item->recorded || !span_equal(vector, item->vector))
        return;
    recipe_literal(recording->recipe,
                   span_of(recording->packed.at + recording->done, at - recording->done));
    recipe_piece(recording->recipe, item->key, item->stamp, item->vector_at, vector.size);
    recording->done = at + vector.size;
}

/* An embedding_visit. An item that stands there twice is recorded once. */
static bool visit_item(void *context, uint32_t place, struct span body,
                       struct span vector)
{
    struct recording *recording = context;
    const struct batch *batch = recording->exchange->batch;
    struct batch_item *item = &batch->items[batch->which[place]];
    if (item->place == place)
        recording->result = record_item(recording, item, body, vector);
    if (recording->recipe)
        add_to_recipe(recording, item, vector);
    return recording->result == STORE_OK;
}

static int record_items(struct recording *recording)
{
    const struct exchange *exchange = recording->exchange;
    const struct batch *batch = exchange->batch;
    const uint32_t *places = batch->partial ? batch->missing : NULL;
    size_t count = batch->partial ? batch->missing_count : batch->request.count;
    if (!copy_fields(&exchange->call, &recording->response->headers,
                     &recording->fields)) {
        headers_free(&recording->fields);
        return STORE_NO_MEMORY;
    }
    enum embedding_result split =
        embedding_split(&exchange->call, &batch->request, places, count,
                        recording->response->body, visit_item, recording);
    if (recording->recipe && split == EMBEDDING_OK)
        recipe_literal(recording->recipe, span_skip(recording->packed, recording->done));
    else if (recording->recipe)
        buffer_clear(recording->recipe);
    headers_free(&recording->fields);
    return recording->result;
}

int exchange_record_items(struct exchange *exchange, struct store *store,
                          const struct response *response,
                          const struct entry_label *label,
                          const struct entry_notes *notes)
{
    struct recording recording = {.exchange = exchange,
                                  .store = store,
                                  .response = response,
                                  .label = label,
                                  .notes = notes};
    return exchange->batch && response->status < 300 ? record_items(&recording)
                                                     : STORE_OK;
}

bool exchange_record_recipe(struct exchange *exchange, struct store *store,
                            const struct response *response,
                            const struct entry_label *label,
                            const struct entry_notes *notes, struct span packed,
                            struct buffer *recipe)
{
    struct recording recording = {.exchange = exchange,
                                  .store = store,
                                  .response = response,
                                  .label = label,
                                  .notes = notes};
    struct record record;
    if (!exchange->batch || response->status >= 300 ||
        record_unpack(packed, &record) != 0)
        return false;
    recording.recipe = recipe;
    recording.packed = packed;
    recording.body_at = (size_t)(record.response.body.at - packed.at);
    record_free(&record);
    return record_items(&recording) == STORE_OK && buffer_ok(recipe) && recipe->size > 0;
}

static bool contradicts(const struct exchange *exchange, const struct embedding *request,
                        const struct response *response)
{
    return embedding_split(&exchange->call, request, NULL, request->count, response->body,
                           NULL, NULL) == EMBEDDING_ODD;
}

bool exchange_is_odd(const struct exchange *exchange, const struct response *response)
{
    struct embedding request;
    if (exchange->batch)
        return contradicts(exchange, &exchange->batch->request, response);
    if (embedding_read(&exchange->call, &exchange->request, &request) != EMBEDDING_OK)
        return false;
    bool odd = contradicts(exchange, &request, response);
    embedding_free(&request);
    return odd;
}

/* -- a part of the answer -------------------------------------------------------------- */

bool exchange_is_partial(const struct exchange *exchange)
{
    return exchange->verdict == VERDICT_IS_MISS && exchange->batch &&
           exchange->batch->partial && !exchange->ended;
}

void exchange_ask_whole(struct exchange *exchange)
{
    if (!exchange_is_partial(exchange))
        return;
    exchange->batch->partial = false;
}

struct span exchange_partial_body(const struct exchange *exchange)
{
    const struct batch *batch = exchange->batch;
    if (!batch || exchange->verdict != VERDICT_IS_MISS)
        return (struct span){0};
    if (batch->partial)
        return buffer_span(&batch->ask);
    return batch->whole ? exchange->request.body : (struct span){0};
}

/* An embedding_visit. */
static bool take_item(void *context, uint32_t place, struct span body, struct span vector)
{
    struct batch *batch = context;
    (void)vector;
    struct buffer *fresh = &batch->items[batch->which[place]].fresh;
    buffer_clear(fresh);
    buffer_append_span(fresh, body);
    return buffer_ok(fresh);
}

/* What is known and what has come are of one model. */
static bool is_same_model(const struct exchange *exchange,
                          const struct response *response)
{
    char fingerprint[sizeof exchange->entry.label.fingerprint];
    const struct batch *batch = exchange->batch;
    api_fingerprint(&exchange->call, response, fingerprint, sizeof fingerprint);
    for (size_t i = 0; i < batch->item_count; i++)
        if (batch->items[i].known)
            return strcmp(batch->items[i].entry.label.fingerprint, fingerprint) == 0;
    return true;
}

/* True: exchange->entry is the answer to all of it. */
static bool complete(struct exchange *exchange, const struct response *response)
{
    struct batch *batch = exchange->batch;
    struct call asked = exchange->call;
    asked.inputs = (uint32_t)batch->missing_count;
    return api_check(&asked, response) == REASON_NONE &&
           is_same_model(exchange, response) &&
           embedding_split(&exchange->call, &batch->request, batch->missing,
                           batch->missing_count, response->body, take_item,
                           batch) == EMBEDDING_OK &&
           batch_join(exchange, response) == EMBEDDING_OK;
}

/* The exchange is a hit; its line tells of the call that was made. */
static bool become_hit(struct exchange *exchange, const struct response *response)
{
    struct journal_record line = exchange->line;
    exchange->entry.label.created_ms = exchange_now_ms();
    exchange->completed = exchange_open(exchange, &exchange->request);
    exchange->line = line;
    if (exchange->completed)
        exchange_commit_part(exchange, response);
    return exchange->completed;
}

bool exchange_complete(struct exchange *exchange, const struct response *response)
{
    struct plain plain = {0};
    int saved = errno;
    if (!exchange_is_partial(exchange))
        return false;
    bool good = exchange_make_plain(response, &plain) == REASON_NONE &&
                complete(exchange, &plain.response) &&
                become_hit(exchange, &plain.response);
    if (!good) {
        entry_free(&exchange->entry);
        exchange->batch->partial = false;
        exchange->batch->whole = true;
    }
    exchange_free_plain(&plain);
    errno = saved;
    return good;
}
