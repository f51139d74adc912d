/* SPDX-License-Identifier: MIT */
/* What becomes of a miss: its answer is decoded, checked, packed, sealed, spooled, or
 * dropped with a reason. */
#include "exchange_parts.h"

#include "api/sensitive.h"
#include "decode.h"
#include "lifetime.h"
#include "merger.h"
#include "tags.h"

#include <errno.h>

#define ANSWER_LIMIT ((size_t)128 << 20)

static bool is_of_coding(struct span name)
{
    static const char *const names[] = {"Content-Encoding", "Content-Length",
                                        "Content-Digest",   "Repr-Digest",
                                        "Content-MD5",      "Digest"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_is_nocase(name, names[i]))
            return true;
    return false;
}

/* The fields without those that speak of the coded body. */
static int copy_headers(const struct headers *from, struct headers *to)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct header *header = &from->at[i];
        if (is_of_coding(header->name))
            continue;
        if (headers_add(to, header->name, header->value) != 0)
            return -1;
    }
    return 0;
}

/* Chunks of coded bytes say nothing about the decoded ones, so that is one piece.
 * (Streams come without coding.) */
static enum reason decode(const struct response *response, struct span coding,
                          struct plain *plain)
{
    int result = decode_body(coding, response->body, ANSWER_LIMIT, &plain->body);
    if (result == DECODE_TOO_LARGE)
        return REASON_ANSWER_TOO_LARGE;
    if (result != 0)
        return plain->body.failed ? REASON_NO_MEMORY : REASON_UNREADABLE_ANSWER;
    if (copy_headers(&response->headers, &plain->headers) != 0)
        return REASON_NO_MEMORY;
    plain->response.headers = plain->headers;
    plain->response.body = buffer_span(&plain->body);
    plain->piece = (struct piece){plain->body.size, response->last_byte_us};
    plain->response.pieces = &plain->piece;
    plain->response.piece_count = plain->body.size ? 1 : 0;
    return REASON_NONE;
}

enum reason exchange_make_plain(const struct response *response, struct plain *plain)
{
    plain->response = *response;
    struct span coding = headers_value(&response->headers, "Content-Encoding");
    if (!decode_identity(coding))
        return decode(response, coding, plain);
    return response->body.size > ANSWER_LIMIT ? REASON_ANSWER_TOO_LARGE : REASON_NONE;
}

static enum reason check_head(const struct exchange *exchange,
                              const struct response *response)
{
    unsigned status = response->status;
    bool good = status >= 200 && status <= 299;
    if (exchange->edge)
        return exchange_edge_check(exchange, response);
    bool kept = exchange->policy.negative_ttl_s > 0 && api_is_refusal(status);
    return good || kept ? REASON_NONE : REASON_STATUS;
}

void exchange_free_plain(struct plain *plain)
{
    buffer_free(&plain->body);
    headers_free(&plain->headers);
}

static void fill_label(const struct exchange *exchange, struct entry_label *label)
{
    const struct journal_record *line = &exchange->line;
    memcpy(label->dialect, line->dialect, sizeof label->dialect);
    memcpy(label->operation, line->operation, sizeof label->operation);
    memcpy(label->model, line->model, sizeof label->model);
    memcpy(label->host, line->host, sizeof line->host);
    memcpy(label->program, line->program, sizeof label->program);
    span_copy_text(span_text(core_config()->tenant), label->tenant, sizeof label->tenant);
    label->stochastic = exchange->call.stochastic;
    label->ordinal = exchange->ordinal;
    label->ttl_s = lifetime_granted(&exchange->policy, line->status, label->sensitive);
    label->port = line->port;
    label->status = line->status;
    label->stream = line->stream;
    label->usage_known = line->usage_known;
    label->usage_estimated = line->usage_estimated;
    label->created_ms = exchange_now_ms();
    label->first_byte_us = line->first_byte_us;
    label->last_byte_us = line->last_byte_us;
    label->tokens_in = line->tokens_in;
    label->tokens_out = line->tokens_out;
    label->tokens_cached = line->tokens_cached;
    label->tokens_cache_write = line->tokens_cache_write;
    label->request_bytes = line->request_bytes;
    label->response_bytes = line->response_bytes;
}

/* A tenant comes into being with its first recording, or its first lease. */
static enum reason derive_keys(struct exchange *exchange, struct store *store)
{
    if (exchange->has_tenant)
        return REASON_NONE;
    int result = exchange_find_tenant(exchange, store, &exchange->request, true);
    if (result != STORE_OK)
        return result == STORE_NO_MEMORY ? REASON_NO_MEMORY : REASON_IDENTITY;
    return exchange_make_key(exchange, &exchange->request) == 0 ? REASON_NONE
                                                                : REASON_NO_MEMORY;
}

/* An answer on its way into the store. */
struct recording {
    const struct response *response;
    struct span level;
    struct entry_label label;
    struct buffer words; /* what others may learn of it */
};

/* What entries are found and explained by: of the request, and of each vector that it asks for. */
struct notes {
    struct entry_notes whole, item;
};

/* The entry of the request as it is: of its items, where it has some. */
static int write_packed(struct exchange *exchange, struct store *store,
                        const struct recording *recording, const struct notes *notes,
                        struct span packed)
{
    const uint8_t *alias = exchange->ordinal ? NULL : exchange->alias;
    const struct entry_notes *own =
        exchange_is_item(exchange) ? &notes->item : &notes->whole;
    struct buffer recipe = {0};
    int result = exchange_record_recipe(exchange, store, recording->response,
                                        &recording->label, &notes->item, packed, &recipe);
    if (result == STORE_OK)
        result = store_record_recipe(store, &exchange->tenant, exchange->key, alias,
                                     &recording->label, own, buffer_span(&recipe));
    else if (result == STORE_MISS)
        result = store_record(store, &exchange->tenant, exchange->key, alias,
                              &recording->label, own, packed);
    buffer_free(&recipe);
    return result;
}

static int write_whole(struct exchange *exchange, struct store *store,
                       const struct recording *recording, const struct notes *notes)
{
    struct buffer packed = {0};
    record_pack(&exchange->request, recording->response, recording->level, &packed);
    int result = buffer_ok(&packed) ? write_packed(exchange, store, recording, notes,
                                                   buffer_span(&packed))
                                    : STORE_NO_MEMORY;
    buffer_free(&packed);
    return result;
}

static int spool(struct exchange *exchange, struct store *store,
                 const struct recording *recording)
{
    struct buffer tags = {0}, ignored = {0}, vector = {0}, sample = {0};
    exchange_tags(exchange, &tags);
    size_t own = tags.size;
    buffer_append_framed(&tags, span_text(TAG_EMBEDDING));
    ignoring_used(exchange->ignoring, &ignored);
    exchange_semantic_notes(exchange, &vector, &sample);
    struct notes notes = {
        .whole = {.tags = span_of(tags.at, own),
                  .ignored = buffer_span(&ignored),
                  .vector = buffer_span(&vector),
                  .sample = buffer_span(&sample),
                  .words = buffer_span(&recording->words)},
        .item = {.tags = buffer_span(&tags), .ignored = buffer_span(&ignored)}};
    int result = STORE_NO_MEMORY;
    if (buffer_ok(&tags) && buffer_ok(&ignored) && buffer_ok(&vector) &&
        buffer_ok(&sample))
        result = exchange_is_partial(exchange) || exchange->completed
                     ? exchange_record_items(exchange, store, recording->response,
                                             &recording->label, &notes.item)
                     : write_whole(exchange, store, recording, &notes);
    buffer_free(&tags);
    buffer_free(&ignored);
    buffer_free(&vector);
    buffer_free(&sample);
    return result;
}

/* What the prompt holds may forbid to keep it. */
static enum reason inspect(const struct exchange *exchange, struct entry_label *label)
{
    if (!sensitive_in_call(&exchange->call, exchange->request.body, &label->sensitive))
        return REASON_NO_MEMORY;
    return exchange_refusal(exchange, false, label->sensitive != 0);
}

/* What must be known before anything is written. */
static enum reason prepare(struct exchange *exchange, struct store *store,
                           const struct response *response, struct entry_label *label)
{
    if (exchange->edge)
        return exchange_edge_keys(exchange, store, &response->headers);
    enum reason reason = inspect(exchange, label);
    return reason == REASON_NONE ? derive_keys(exchange, store) : reason;
}

static enum reason seal(struct exchange *exchange, struct store *store,
                        const struct response *response, struct span level)
{
    struct recording recording = {.response = response, .level = level};
    struct entry_label *label = &recording.label;
    enum reason reason = prepare(exchange, store, response, label);
    if (reason != REASON_NONE)
        return reason;
    fill_label(exchange, label);
    if (exchange->edge)
        exchange_edge_label(exchange, &response->headers, &response->headers, label);
    api_fingerprint(&exchange->call, response, label->fingerprint,
                    sizeof label->fingerprint);
    exchange_semantic_label(exchange, response, label, &recording.words);
    int result = spool(exchange, store, &recording);
    buffer_free(&recording.words);
    if (result == STORE_OK)
        exchange_note_model(exchange, store, label);
    if (result == STORE_OK)
        exchange_lexical_record(exchange, store, label);
    if (result == STORE_NO_MEMORY)
        return REASON_NO_MEMORY;
    if (result == STORE_LIMITED)
        return REASON_QUOTA;
    if (result == STORE_CORRUPT)
        return REASON_UNREADABLE_ANSWER;
    return result == STORE_OK ? REASON_NONE : REASON_SPOOL;
}

static enum reason record(struct exchange *exchange, struct store *store,
                          const struct response *response, struct span level)
{
    struct edge_whole whole;
    struct response completed = *response;
    if (!exchange->edge)
        return seal(exchange, store, response, level);
    enum reason reason =
        exchange_edge_complete(exchange, store, &response->headers, &whole);
    completed.headers = whole.headers;
    if (reason == REASON_NONE)
        reason = seal(exchange, store, &completed, level);
    exchange_edge_free_whole(&whole);
    return reason;
}

static void note_response(struct journal_record *line, const struct response *response)
{
    line->status = (uint16_t)response->status;
    line->first_byte_us = response->first_byte_us;
    line->last_byte_us = response->last_byte_us;
    line->response_bytes = response->body.size;
}

static void note_usage(struct exchange *exchange, const struct response *response)
{
    struct usage usage = {0};
    api_usage(&exchange->call, response, &usage);
    exchange_line_usage(&exchange->line, &usage);
}

/* An answer that counts, but not its tokens. */
static void note_estimate(struct exchange *exchange, const struct response *response)
{
    struct usage usage = {0};
    api_estimate(&exchange->call, exchange->request.body, response, &usage);
    exchange_line_usage(&exchange->line, &usage);
}

static enum reason keep(struct exchange *exchange, struct store *store,
                        const struct response *response, struct span level)
{
    struct plain plain = {0};
    enum reason reason = check_head(exchange, response);
    plain.response = *response;
    if (reason == REASON_NONE)
        reason = exchange_make_plain(response, &plain);
    note_response(&exchange->line, &plain.response);
    if (exchange_is_partial(exchange))
        reason = REASON_STATUS; /* it answers a request that nobody has written */
    if (reason == REASON_NONE && response->status < 300 && !exchange->edge) {
        note_usage(exchange, &plain.response);
        reason = api_check(&exchange->call, &plain.response);
        if (reason == REASON_NONE && exchange_is_odd(exchange, &plain.response))
            reason = REASON_UNREADABLE_ANSWER;
        if (reason == REASON_NONE && !exchange->line.usage_known)
            note_estimate(exchange, &plain.response);
    }
    if (reason == REASON_NONE)
        reason = store ? record(exchange, store, &plain.response, level) : REASON_STORE;
    if (reason == REASON_NONE) {
        exchange->line.recorded = true;
        reason = exchange_semantic_remark(exchange);
    }
    exchange_free_plain(&plain);
    return reason;
}

/* A miss may be a write, too, to an address that a GET leads to (RFC 9111, 4.4). */
static void note_write(const struct exchange *exchange, unsigned status)
{
    struct exchange *write =
        exchange->edge ? NULL : exchange_watch_begin(&exchange->request);
    if (write)
        exchange_watch_end(write, status, NULL);
    exchange_free(write);
}

/* Its answer is recorded, with |reason| as a remark, or not for that reason. */
static void end_miss(struct exchange *exchange, struct store *store, enum reason reason)
{
    exchange->line.recorded |= reason == REASON_NONE;
    exchange_line_end(exchange, &exchange->line, VERDICT_MISS, reason);
    if (store && store_wants_merge(store))
        merger_start(core_config());
}

void exchange_commit_part(struct exchange *exchange, const struct response *response)
{
    struct store *store = core_store();
    if (exchange_is_over(exchange))
        return;
    note_write(exchange, response->status);
    note_response(&exchange->line, response);
    note_usage(exchange, response);
    end_miss(exchange, store,
             store ? record(exchange, store, response, (struct span){0}) : REASON_STORE);
}

bool exchange_recorded(const struct exchange *exchange)
{
    return exchange->line.recorded;
}

void exchange_commit(struct exchange *exchange, const struct response *response,
                     struct span level)
{
    if (exchange_is_over(exchange) || exchange->verdict != VERDICT_IS_MISS)
        return;
    int saved = errno;
    note_write(exchange, response->status);
    if (exchange->observed) {
        note_response(&exchange->line, response);
        exchange_line_end(exchange, &exchange->line, VERDICT_OBSERVED, REASON_NONE);
        errno = saved;
        return;
    }
    struct store *store = core_store();
    end_miss(exchange, store, keep(exchange, store, response, level));
    errno = saved;
}
