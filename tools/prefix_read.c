/* SPDX-License-Identifier: MIT */
/* From the store's entries to calls, in the order in which they began; see prefix.h. */
#include "prefix.h"

#include "print.h"
#include "progress.h"
#include "settings.h"
#include "shim/core/api/edge_call.h"
#include "shim/core/api/record.h"
#include "store/files.h"
#include "store/sums.h"

#include <fnmatch.h>
#include <stdlib.h>

struct reading {
    struct prefix *prefix;
    struct prefix_call *at; /* of entries that are to be opened */
    size_t count, capacity;
    struct progress progress;
};

/* -- groups ---------------------------------------------------------------------------------- */

struct prefix_group *prefix_group(struct prefix *prefix,
                                  const uint8_t tenant[TENANT_ID_SIZE], const char *model,
                                  const char *host, uint16_t port, bool create)
{
    for (size_t i = prefix->group_count; i-- > 0;) {
        struct prefix_group *group = prefix->groups[i];
        if (memcmp(group->tenant, tenant, TENANT_ID_SIZE) == 0 &&
            strcmp(group->model, model) == 0 && strcmp(group->host, host) == 0 &&
            (group->port == port || !port))
            return group;
    }
    if (!create)
        return NULL;
    struct prefix_group *group = print_grown(NULL, sizeof(*group));
    *group = (struct prefix_group){.port = port};
    memcpy(group->tenant, tenant, TENANT_ID_SIZE);
    snprintf(group->model, sizeof(group->model), "%s", model);
    snprintf(group->host, sizeof(group->host), "%s", host);
    prefix->groups =
        print_grown(prefix->groups, (prefix->group_count + 1) * sizeof(*prefix->groups));
    prefix->groups[prefix->group_count++] = group;
    return group;
}

static struct prefix_group *group_of(struct prefix *prefix,
                                     const struct each_entry *entry)
{
    const struct entry_label *label = &entry->label;
    struct prefix_group *group =
        prefix_group(prefix, entry->tenant, label->model, label->host, label->port, true);
    if (!group->dialect[0]) {
        memcpy(group->dialect, label->dialect, sizeof(group->dialect));
        group->rules = prefix_rules_of(group->dialect, group->model);
        group->priced = price_find(prefix->prices, group->dialect, group->host,
                                   group->model, &group->price);
    }
    if (label->tenant[0])
        memcpy(group->label, label->tenant, sizeof(group->label));
    return group;
}

/* -- which entries --------------------------------------------------------------------------- */

static bool fits(const char *pattern, const char *text)
{
    return !pattern || fnmatch(pattern, text, FNM_CASEFOLD) == 0;
}

static bool is_tenant(const char *who, const struct each_entry *entry)
{
    char id[2 * TENANT_ID_SIZE + 1];
    hex_encode(entry->tenant, TENANT_ID_SIZE, id);
    return !who || strcmp(who, entry->label.tenant) == 0 || strcasecmp(who, id) == 0;
}

/* What can be compared with what is asked for. */
static bool is_near(const struct call_filter *filter, const struct each_entry *entry)
{
    const struct entry_label *label = &entry->label;
    return fits(filter->model, label->model) && fits(filter->host, label->host) &&
           is_tenant(filter->tenant, entry) &&
           label->created_ms >= filter->since_ms - PREFIX_WINDOW_MS &&
           (!filter->until_ms || label->created_ms < filter->until_ms);
}

static bool is_asked_for(const struct call_filter *filter, const struct each_entry *entry)
{
    return entry->label.created_ms >= filter->since_ms &&
           fits(filter->program, entry->label.program) &&
           (!filter->tag || texts_hold(entry->notes.tags, span_text(filter->tag)));
}

static bool has_prompt(const struct entry_label *label)
{
    return label->status == 200 && !price_embeds(label->operation) &&
           !edge_call_is(span_text(label->operation));
}

static struct prefix_call call_of(struct prefix *prefix, const struct each_entry *entry)
{
    const struct entry_label *label = &entry->label;
    int64_t begun = label->created_ms - (int64_t)(label->last_byte_us / 1000);
    struct prefix_call call = {.begun_ms = begun,
                               .answered_ms =
                                   begun + (int64_t)(label->first_byte_us / 1000),
                               .ended_ms = label->created_ms,
                               .counted = is_asked_for(&prefix->filter, entry),
                               .estimated = !label->usage_known,
                               .tokens_in = label->tokens_in,
                               .tokens_cached = label->tokens_cached,
                               .tokens_written = label->tokens_cache_write,
                               .group = group_of(prefix, entry)};
    memcpy(call.key, entry->key, STORE_KEY_SIZE);
    memcpy(call.program, label->program, sizeof(call.program));
    return call;
}

static bool add(void *context, const struct each_entry *entry)
{
    struct reading *reading = context;
    struct prefix *prefix = reading->prefix;
    if (entry->state != EACH_OK) {
        prefix->unreadable++;
        return true;
    }
    if (!has_prompt(&entry->label) || !is_near(&prefix->filter, entry))
        return true;
    if (reading->count == reading->capacity) {
        reading->capacity = reading->capacity ? 2 * reading->capacity : 256;
        reading->at = print_grown(reading->at, reading->capacity * sizeof(*reading->at));
    }
    reading->at[reading->count++] = call_of(prefix, entry);
    return true;
}

static int first_first(const void *left, const void *right)
{
    const struct prefix_call *a = left, *b = right;
    if (a->begun_ms != b->begun_ms)
        return a->begun_ms < b->begun_ms ? -1 : 1;
    if (a->ended_ms != b->ended_ms)
        return a->ended_ms < b->ended_ms ? -1 : 1;
    return memcmp(a->key, b->key, STORE_KEY_SIZE);
}

/* An entry that waits in the spool and is in the database, too, comes twice. */
static void sort(struct reading *reading)
{
    size_t count = 0;
    if (reading->count)
        qsort(reading->at, reading->count, sizeof(*reading->at), first_first);
    for (size_t i = 0; i < reading->count; i++)
        if (count == 0 ||
            memcmp(reading->at[count - 1].key, reading->at[i].key, STORE_KEY_SIZE) != 0)
            reading->at[count++] = reading->at[i];
    reading->count = count;
}

/* -- opening --------------------------------------------------------------------------------- */

/* Also of a call that is not answered from the store any more. */
static bool recognise(const struct record *record, struct call *call)
{
    (void)!api_recognise(&record->request, call);
    return call->operation && json_valid(record->request.body);
}

bool prefix_open(struct prefix *prefix, const uint8_t key[STORE_KEY_SIZE],
                 prefix_visit *visit, void *context)
{
    char digits[2 * STORE_KEY_SIZE + 1];
    struct each_entry about;
    struct entry entry;
    struct record record;
    struct call call = {0};
    hex_encode(key, STORE_KEY_SIZE, digits);
    if (store_load(prefix->store, digits, &about, &entry) != STORE_OK)
        return false;
    bool good = record_unpack(buffer_span(&entry.payload), &record) == 0;
    if (good) {
        good = recognise(&record, &call);
        if (good)
            visit(&call, record.request.body, context);
        api_call_free(&call);
        record_free(&record);
    }
    entry_free(&entry);
    return good;
}

struct opening {
    struct prefix *prefix;
    struct prefix_call *call;
    enum segments_result result;
};

static void cut(const struct call *call, struct span body, void *context)
{
    struct opening *opening = context;
    opening->result =
        pieces_of(&opening->prefix->hasher, call, body, &opening->call->pieces);
    opening->call->marks_itself =
        span_find(body, span_text("\"cache_control\"")) < body.size ||
        span_find(body, span_text("\"cachePoint\"")) < body.size;
}

static void take(struct prefix *prefix, const struct prefix_call *known)
{
    struct prefix_call *call = print_grown(NULL, sizeof(*call));
    *call = *known;
    struct opening opening = {prefix, call, SEGMENTS_NONE};
    bool opened = prefix_open(prefix, call->key, cut, &opening);
    if (opened && opening.result != SEGMENTS_NONE) {
        call->group->guessed += call->counted && opening.result == SEGMENTS_GUESSED;
        prefix_count(prefix, call);
        return;
    }
    prefix->unreadable += call->counted && !opened;
    pieces_free(&call->pieces);
    free(call);
}

/* -- what the store has answered ------------------------------------------------------------- */

static bool is_served(const struct call_filter *filter, const struct sums_key *key)
{
    return (key->verdict == VERDICT_HIT || key->verdict == VERDICT_STALE) &&
           !key->tag[0] && key->model[0] && !price_embeds(key->operation) &&
           fits(filter->model, key->model) && fits(filter->host, key->host) &&
           fits(filter->program, key->program);
}

/* Of tenants that have entries here: only those are known by their label. */
static void count_served(struct prefix *prefix, struct sums *sums)
{
    for (size_t i = 0; i < sums_count(sums); i++) {
        const struct sums_row *row = sums_at(sums, i);
        struct prefix_group *group =
            is_served(&prefix->filter, &row->key)
                ? prefix_group(prefix, row->key.tenant, row->key.model, row->key.host, 0,
                               false)
                : NULL;
        if (!group)
            continue;
        group->stored_calls += row->calls;
        group->stored_tokens += row->tokens_in;
    }
}

/* Reading the journal takes longer than all the rest. */
static int add_served(struct prefix *prefix)
{
    struct sums_rules rules = {prefix->filter.since_ms, prefix->filter.until_ms, false};
    struct sums *sums;
    if (prefix->sums) {
        count_served(prefix, prefix->sums);
        return STORE_OK;
    }
    int result = store_sums(prefix->store, &rules, &sums, NULL);
    if (result != STORE_OK)
        return result;
    count_served(prefix, sums);
    sums_free(sums);
    return STORE_OK;
}

/* -- all of it ------------------------------------------------------------------------------- */

static void take_all(struct reading *reading)
{
    struct prefix *prefix = reading->prefix;
    if (prefix->latest && reading->count > prefix->latest)
        prefix->omitted = reading->count - prefix->latest;
    progress_begin(&reading->progress, "comparing", GAUGE_COUNT, false);
    for (size_t i = prefix->omitted; i < reading->count; i++) {
        progress_tell(&reading->progress, i, reading->count);
        take(prefix, &reading->at[i]);
    }
    progress_end(&reading->progress);
}

static int most_lost_first(const void *left, const void *right)
{
    const struct prefix_group *a = *(struct prefix_group *const *)left;
    const struct prefix_group *b = *(struct prefix_group *const *)right;
    if (a->tokens_lost != b->tokens_lost)
        return a->tokens_lost < b->tokens_lost ? 1 : -1;
    if (a->tokens_in != b->tokens_in)
        return a->tokens_in < b->tokens_in ? 1 : -1;
    int order = strcmp(a->model, b->model);
    return order ? order : memcmp(a->tenant, b->tenant, TENANT_ID_SIZE);
}

int prefix_read(struct prefix *prefix)
{
    struct reading reading = {.prefix = prefix};
    piece_hasher_init(&prefix->hasher);
    int result = store_each(prefix->store, false, add, &reading);
    if (result == STORE_OK || result == STORE_CORRUPT) {
        sort(&reading);
        take_all(&reading);
        if (!prefix->filter.tag && result == STORE_OK)
            result = add_served(prefix);
        prefix_explain(prefix);
        for (size_t i = 0; i < prefix->group_count; i++)
            prefix_cluster(prefix->groups[i]);
        if (prefix->group_count)
            qsort(prefix->groups, prefix->group_count, sizeof(*prefix->groups),
                  most_lost_first);
    }
    free(reading.at);
    return settings_status(result, "not all entries could be read");
}
