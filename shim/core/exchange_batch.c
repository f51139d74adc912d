/* SPDX-License-Identifier: MIT */
/* Requests for vectors, looked up item by item: what is known is served, and upstream is asked for
 * the rest alone. */
#include "exchange_batch.h"

#include "keys.h"
#include "lifetime.h"
#include "store/memory.h"

#define NOWHERE UINT32_MAX

/* -- life ---------------------------------------------------------------------------- */

static void forget_item(struct batch_item *item)
{
    if (item->known)
        record_free(&item->record);
    if (item->known)
        entry_free(&item->entry);
    item->known = false;
}

void exchange_free_batch(struct exchange *exchange)
{
    struct batch *batch = exchange->batch;
    exchange->batch = NULL;
    if (!batch)
        return;
    for (size_t i = 0; i < batch->item_count; i++) {
        forget_item(&batch->items[i]);
        buffer_free(&batch->items[i].fresh);
    }
    embedding_free(&batch->request);
    memory_free(batch->items);
    memory_free(batch->which);
    memory_free(batch->missing);
    buffer_free(&batch->ask);
    memory_free(batch);
}

/* -- items --------------------------------------------------------------------------- */

/* With parts of the body left out of the key nobody can tell whose they are. */
static bool is_wanted(const struct exchange *exchange)
{
    return exchange->policy.embedding && !exchange->ignoring;
}

/* |call|: the exchange's, with a canonical form of its own. */
static bool make_key(const struct exchange *exchange, const struct embedding *request,
                     uint32_t place, struct call *call, uint8_t key[STORE_KEY_SIZE])
{
    struct buffer body = {0};
    embedding_ask(request, &place, 1, &body);
    bool good = buffer_ok(&body) &&
                api_canonicalise(call, buffer_span(&body), NULL) == REASON_NONE &&
                keys_exact(&exchange->policy, &exchange->tenant, &exchange->request, call,
                           key) == 0;
    buffer_free(&body);
    return good;
}

/* The number of the item with |key|, a new one where there is none yet. |slots|: a table of
 * |mask| + 1, at least twice as many as items. */
static uint32_t number_of(struct batch *batch, const uint8_t key[STORE_KEY_SIZE],
                          uint32_t place, uint32_t *slots, size_t mask)
{
    uint64_t hash;
    memcpy(&hash, key, sizeof hash);
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
        if (slots[at] == NOWHERE) {
            struct batch_item *item = &batch->items[batch->item_count];
            memcpy(item->key, key, sizeof item->key);
            item->place = place;
            slots[at] = (uint32_t)batch->item_count++;
            return slots[at];
        }
        if (memcmp(batch->items[slots[at]].key, key, STORE_KEY_SIZE) == 0)
            return slots[at];
    }
}

static bool tell_apart(const struct exchange *exchange, struct batch *batch,
                       uint32_t *slots, size_t mask)
{
    struct call call = exchange->call;
    bool good = true;
    call.canonical = (struct buffer){0};
    for (uint32_t place = 0; good && place < batch->request.count; place++) {
        uint8_t key[STORE_KEY_SIZE];
        good = make_key(exchange, &batch->request, place, &call, key);
        if (good)
            batch->which[place] = number_of(batch, key, place, slots, mask);
    }
    buffer_free(&call.canonical);
    return good;
}

/* Fills in who stands where. */
static bool make_items(const struct exchange *exchange, struct batch *batch)
{
    size_t count = batch->request.count, size = 4;
    while (size < 2 * count)
        size *= 2;
    uint32_t *slots = memory_new(size * sizeof *slots);
    batch->items = memory_new(count * sizeof *batch->items);
    batch->which = memory_new(count * sizeof *batch->which);
    batch->missing = memory_new(count * sizeof *batch->missing);
    bool good = slots && batch->items && batch->which && batch->missing;
    if (good) {
        memset(slots, 0xFF, size * sizeof *slots);
        good = tell_apart(exchange, batch, slots, size - 1);
    }
    memory_free(slots);
    return good;
}

/* False: it is no batch, or memory is short. */
static bool make_batch(struct exchange *exchange)
{
    struct batch *batch = memory_new(sizeof *batch);
    if (!batch)
        return false;
    exchange->batch = batch;
    if (embedding_read(&exchange->call, &exchange->request, &batch->request) ==
            EMBEDDING_OK &&
        batch->request.count > 1 && make_items(exchange, batch))
        return true;
    exchange_free_batch(exchange);
    return false;
}

/* -- what is known ------------------------------------------------------------------- */

/* Takes the label over for the questions that are asked about the exchange's entry. */
static bool is_good(struct exchange *exchange, struct store *store,
                    const struct entry_label *label)
{
    struct entry_label own = exchange->entry.label;
    if (exchange_refusal(exchange, label->stochastic, label->sensitive) != REASON_NONE ||
        label->status >= 300)
        return false;
    if (core_config()->mode == MODE_REPLAY)
        return true;
    exchange->entry.label = *label;
    bool good = !lifetime_is_over(&exchange->policy, label, exchange_now_ms()) &&
                !exchange_is_retired(exchange, store);
    exchange->entry.label = own;
    return good;
}

static void take_found(struct exchange *exchange, struct store *store,
                       struct batch_item *item)
{
    item->known = is_good(exchange, store, &item->entry.label) &&
                  record_unpack(buffer_span(&item->entry.payload), &item->record) == 0;
    if (!item->known)
        entry_free(&item->entry);
}

/* Vectors of different models have nothing to do with each other: the newest one's count. */
static const struct batch_item *newest(const struct batch *batch)
{
    const struct batch_item *found = NULL;
    for (size_t i = 0; i < batch->item_count; i++) {
        const struct batch_item *item = &batch->items[i];
        if (item->known &&
            (!found || item->entry.label.created_ms > found->entry.label.created_ms))
            found = item;
    }
    return found;
}

static void look_up(struct exchange *exchange, struct store *store)
{
    struct batch *batch = exchange->batch;
    struct store_wanted *wanted = memory_new(batch->item_count * sizeof *wanted);
    if (!wanted)
        return;
    for (size_t i = 0; i < batch->item_count; i++)
        wanted[i] = (struct store_wanted){batch->items[i].key, &batch->items[i].entry, 0};
    store_find_many(store, &exchange->tenant, wanted, batch->item_count);
    for (size_t i = 0; i < batch->item_count; i++)
        if (wanted[i].result == STORE_OK)
            take_found(exchange, store, &batch->items[i]);
    memory_free(wanted);
}

static void find_items(struct exchange *exchange, struct store *store)
{
    struct batch *batch = exchange->batch;
    look_up(exchange, store);
    const struct batch_item *model = newest(batch);
    for (size_t i = 0; model && i < batch->item_count; i++) {
        struct batch_item *item = &batch->items[i];
        if (item->known &&
            strcmp(item->entry.label.fingerprint, model->entry.label.fingerprint) != 0)
            forget_item(item);
        batch->known += item->known;
    }
}

/* -- the answer ---------------------------------------------------------------------- */

struct span batch_part(const struct batch_item *item)
{
    return item->known ? item->record.response.body : buffer_span(&item->fresh);
}

/* The sum of what the items have taken; the time of the slowest, the age of the oldest. */
static void add_label(struct entry_label *sum, const struct entry_label *label)
{
    sum->usage_known = sum->usage_known && label->usage_known;
    sum->usage_estimated = sum->usage_estimated || label->usage_estimated;
    sum->tokens_in += label->tokens_in;
    sum->tokens_out += label->tokens_out;
    if (label->created_ms < sum->created_ms)
        sum->created_ms = label->created_ms;
    if (label->first_byte_us > sum->first_byte_us)
        sum->first_byte_us = label->first_byte_us;
    if (label->last_byte_us > sum->last_byte_us)
        sum->last_byte_us = label->last_byte_us;
}

static enum embedding_result join_bodies(const struct exchange *exchange,
                                         struct span frame, struct buffer *out)
{
    const struct batch *batch = exchange->batch;
    struct span *parts = memory_new(batch->item_count * sizeof *parts);
    size_t size = frame.size;
    if (!parts)
        return EMBEDDING_NO_MEMORY;
    for (size_t i = 0; i < batch->item_count; i++)
        parts[i] = batch_part(&batch->items[i]);
    for (size_t place = 0; place < batch->request.count; place++)
        size += parts[batch->which[place]].size;
    (void)!buffer_room(out, size); /* at once */
    enum embedding_result result =
        embedding_join(&exchange->call, frame, parts, batch->item_count, batch->which,
                       batch->request.count, out);
    memory_free(parts);
    return result;
}

enum embedding_result batch_join(struct exchange *exchange, const struct response *like)
{
    struct response response = *like;
    struct buffer *packed = &exchange->entry.payload;
    response.piece_count = 0;
    entry_free(&exchange->entry);
    size_t begun = record_pack_begin(&exchange->request, &response, packed);
    enum embedding_result result = join_bodies(exchange, like->body, packed);
    record_pack_end(begun, &response, (struct span){0}, packed);
    if (result == EMBEDDING_OK && !buffer_ok(packed))
        result = EMBEDDING_NO_MEMORY;
    if (result != EMBEDDING_OK)
        entry_free(&exchange->entry);
    return result;
}

/* All are known. False: they do not fit each other. */
static bool serve(struct exchange *exchange)
{
    const struct batch *batch = exchange->batch;
    struct entry_label sum = batch->items[batch->which[0]].entry.label;
    exchange_forget_stale(exchange);
    if (batch_join(exchange, &batch->items[batch->which[0]].record.response) !=
        EMBEDDING_OK)
        return false;
    for (size_t place = 1; place < batch->request.count; place++)
        add_label(&sum, &batch->items[batch->which[place]].entry.label);
    sum.request_bytes = exchange->request.body.size;
    exchange->entry.label = sum;
    if (!exchange_open(exchange, &exchange->request))
        return false;
    exchange->line.response_bytes = exchange->record.response.body.size;
    exchange->line.layer = LAYER_EMBEDDING;
    if (exchange->policy.mode == MODE_OBSERVE)
        exchange_observe(exchange);
    return true;
}

/* -- the rest ------------------------------------------------------------------------ */

static bool may_ask(const struct exchange *exchange)
{
    enum mode mode = exchange->policy.mode;
    return core_config()->mode != MODE_REPLAY && !exchange->stale &&
           (mode == MODE_AUTO || mode == MODE_RECORD);
}

/* Where something is known, or stands there twice. */
static void ask(struct batch *batch)
{
    if (batch->known == 0 && batch->item_count == batch->request.count)
        return;
    for (size_t i = 0; i < batch->item_count; i++)
        if (!batch->items[i].known)
            batch->missing[batch->missing_count++] = batch->items[i].place;
    embedding_ask(&batch->request, batch->missing, batch->missing_count, &batch->ask);
    batch->partial = buffer_ok(&batch->ask);
}

bool exchange_find_items(struct exchange *exchange, struct store *store)
{
    exchange_free_batch(exchange);
    if (!is_wanted(exchange) || exchange->call.inputs < 2)
        return false;
    if (!exchange->has_tenant &&
        (core_config()->mode == MODE_REPLAY || exchange->policy.mode == MODE_OBSERVE ||
         !exchange_has_keys(exchange, store)))
        return false;
    if (!make_batch(exchange))
        return false;
    if (exchange->policy.mode != MODE_REFRESH)
        find_items(exchange, store);
    if (exchange->batch->known == exchange->batch->item_count)
        return serve(exchange);
    if (may_ask(exchange))
        ask(exchange->batch);
    return false;
}

/* -- one item ------------------------------------------------------------------------ */

bool exchange_is_item(const struct exchange *exchange)
{
    struct embedding request;
    if (!is_wanted(exchange) || exchange->call.inputs != 1 ||
        embedding_read(&exchange->call, &exchange->request, &request) != EMBEDDING_OK)
        return false;
    embedding_free(&request);
    return true;
}

/* Whether it stands in a list or not is the same question. */
bool exchange_as_item(struct exchange *exchange, struct request *asked)
{
    struct embedding request;
    uint32_t first = 0;
    if (!is_wanted(exchange) || exchange->call.inputs != 1 ||
        embedding_read(&exchange->call, asked, &request) != EMBEDDING_OK)
        return false;
    bool lone = request.list.at == request.items[0].at;
    if (lone)
        embedding_ask(&request, &first, 1, &exchange->changed_body);
    embedding_free(&request);
    if (!lone || !buffer_ok(&exchange->changed_body))
        return false;
    asked->body = buffer_span(&exchange->changed_body);
    return true;
}
