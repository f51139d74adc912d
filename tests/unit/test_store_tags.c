/* SPDX-License-Identifier: MIT */
/* Tests of store/{filing,removal,removed,key_list,purge,each,walk}.c: the index of tags, and removing by it. */
#include "unit.h"

#include "store/purge.h"
#include "store/removal.h"
#include "store/writer.h"
#include "store_place.h"

#define COUNT 600

/* Number |number| with the tags all, third:0 to third:2, and one of its own. */
static int record_tagged(struct store *store, const struct tenant *tenant,
                         uint64_t number, unsigned third)
{
    uint8_t key[STORE_KEY_SIZE], alias[STORE_KEY_SIZE];
    char text[32];
    struct buffer tags = {0}, payload = {0};
    struct entry_label label = {.model = "m", .ttl_s = UINT64_MAX};
    label.created_ms = (int64_t)number;
    buffer_append_framed(&tags, span_text("all"));
    snprintf(text, sizeof(text), "third:%u", third);
    buffer_append_framed(&tags, span_text(text));
    snprintf(text, sizeof(text), "number:%llu", (unsigned long long)number);
    buffer_append_framed(&tags, span_text(text));
    struct entry_notes notes = {.tags = buffer_span(&tags)};
    number_key(number, 1, key);
    number_key(number, 2, alias);
    number_payload(number, &payload);
    int result =
        store_record(store, tenant, key, alias, &label, &notes, buffer_span(&payload));
    buffer_free(&tags);
    buffer_free(&payload);
    return result;
}

static void record_all(struct store *store, const struct tenant *tenant)
{
    for (uint64_t i = 0; i < COUNT; i++)
        CHECK_INT(record_tagged(store, tenant, i, i % 3), STORE_OK);
}

static bool count_entry(void *context, const struct each_entry *entry)
{
    CHECK_INT(entry->state, EACH_OK);
    ++*(unsigned *)context;
    return true;
}

static unsigned count_tagged(struct store *store, const char *tag, const char *other)
{
    unsigned count = 0;
    struct buffer tags = {0};
    if (tag)
        buffer_append_framed(&tags, span_text(tag));
    if (other)
        buffer_append_framed(&tags, span_text(other));
    CHECK_INT(store_each_tagged(store, buffer_span(&tags), count_entry, &count),
              STORE_OK);
    buffer_free(&tags);
    return count;
}

static bool choose_all(void *context, const struct each_entry *entry)
{
    (void)context, (void)entry;
    return true;
}

/* |choose| NULL: as the index says. */
static uint64_t purge_tag(struct store *store, const char *tag, purge_choose choose)
{
    uint64_t removed = 0;
    struct buffer tags = {0};
    buffer_append_framed(&tags, span_text(tag));
    struct purge_rules rules = {.tags = buffer_span(&tags)};
    CHECK_INT(store_purge(store, &rules, choose, NULL, &removed), STORE_OK);
    buffer_free(&tags);
    return removed;
}

static uint64_t entries_in(struct store *store)
{
    struct store_sizes sizes;
    CHECK_INT(store_sizes(store, &sizes), STORE_OK);
    return sizes.entries;
}

static bool count_kind(void *context, struct span key, struct span value, uint64_t size)
{
    unsigned *kinds = context;
    (void)value, (void)size;
    kinds[key.at[0]]++;
    return true;
}

/* How many records of |kind| LMDB has. */
static unsigned records_of(struct place *place, int kind)
{
    unsigned kinds[256] = {0};
    CHECK_INT(
        pages_scan(place_path(place, "data.mdb"), (struct span){0}, 0, count_kind, kinds),
        STORE_OK);
    return kinds[kind];
}

/* A host that has looked everything up before: its pages are those of before the purge. */
static void find_thirds(struct store *host, const struct tenant *tenant, unsigned gone)
{
    for (uint64_t i = 0; i < COUNT; i++)
        CHECK_INT(number_find(host, tenant, i), i % 3 == gone ? STORE_MISS : STORE_OK);
}

static void test_tags(purge_choose choose)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place), *host = place_open(&place);
    struct tenant tenant = place_tenant(host, "alice");
    record_all(host, &tenant);
    for (int merged = 0; merged < 2; merged++) {
        CHECK_INT(count_tagged(store, NULL, NULL), COUNT);
        CHECK_INT(count_tagged(store, "all", NULL), COUNT);
        CHECK_INT(count_tagged(store, "third:1", NULL), COUNT / 3);
        CHECK_INT(count_tagged(store, "all", "number:7"), 1);
        CHECK_INT(count_tagged(store, "third:0", "third:1"), 0);
        CHECK_INT(count_tagged(store, "third", NULL), 0);
        if (!merged)
            CHECK_INT(place_merge(&place, NULL), STORE_OK);
    }
    find_thirds(host, &tenant, 3);
    CHECK_INT(purge_tag(store, "third:1", choose), COUNT / 3);
    find_thirds(host, &tenant, 1);
    CHECK_INT(count_tagged(store, NULL, NULL), COUNT * 2 / 3);
    CHECK_INT(count_tagged(store, "third:1", NULL), 0);
    CHECK_INT(purge_tag(store, "third:1", choose), 0);
    CHECK_INT(entries_in(store), COUNT * 2 / 3);
    CHECK_INT(records_of(&place, RECORD_CARD), COUNT);
    /* Recorded again before the merge has swept up: with another tag, which counts. */
    CHECK_INT(record_tagged(host, &tenant, 1, 2), STORE_OK);
    CHECK_INT(record_tagged(host, &tenant, 3, 2), STORE_OK);
    CHECK_INT(purge_tag(store, "number:3", choose), 1);
    CHECK_INT(record_tagged(host, &tenant, 3, 0), STORE_OK);
    CHECK_INT(purge_tag(store, "third:1", choose), 0);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(number_find(host, &tenant, 1), STORE_OK);
    CHECK_INT(entries_in(store), COUNT * 2 / 3 + 1);
    CHECK_INT(records_of(&place, RECORD_ENTRY), COUNT * 2 / 3 + 1);
    CHECK_INT(records_of(&place, RECORD_CARD), COUNT * 2 / 3 + 1);
    CHECK_INT(records_of(&place, RECORD_ALIAS), COUNT * 2 / 3 + 1);
    CHECK_INT(records_of(&place, RECORD_TAG), 3 * (COUNT * 2 / 3 + 1));
    CHECK_INT(records_of(&place, RECORD_REMOVED), 0);
    CHECK_INT(count_tagged(store, "third:1", NULL), 0);
    CHECK_INT(count_tagged(store, "third:2", "number:1"), 1);
    CHECK_INT(pages_verify(place_path(&place, "data.mdb")), STORE_OK);
    /* All of them, in two steps: a new file has what outlives them. */
    CHECK_INT(purge_tag(store, "third:0", choose), COUNT / 3);
    CHECK_INT(purge_tag(store, "all", choose), COUNT / 3 + 1);
    CHECK_INT(records_of(&place, RECORD_ENTRY), 0);
    CHECK_INT(records_of(&place, RECORD_CARD), 0);
    CHECK_INT(records_of(&place, RECORD_TAG), 0);
    CHECK_INT(records_of(&place, RECORD_HISTORY), 1);
    store_close(store);
    store_close(host);
    place_remove(&place);
}

/* Without RECORD_FILED (an old store, a damaged one) every entry is looked at, and the next merge
 * makes good what is missing. */
static void test_unfiled(void)
{
    struct place place;
    struct layout layout;
    struct writer writer;
    static const uint8_t name = RECORD_FILED;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    record_all(store, &tenant);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK(layout_from(&layout, &place.paths));
    CHECK_INT(writer_open(&writer, &layout, true), STORE_OK);
    writer_delete(&writer, span_of(&name, 1));
    for (uint64_t i = 0; i < COUNT; i++) {
        struct record_key card;
        uint8_t key[STORE_KEY_SIZE];
        number_key(i, 1, key);
        writer_delete(&writer, record_key(&card, RECORD_CARD, key));
    }
    CHECK_INT(writer_flush(&writer), STORE_OK);
    writer_close(&writer);
    CHECK_INT(count_tagged(store, "third:1", NULL), COUNT / 3);
    CHECK_INT(purge_tag(store, "number:4", choose_all), 1);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(records_of(&place, RECORD_CARD), COUNT - 1);
    CHECK_INT(records_of(&place, RECORD_FILED), 1);
    CHECK_INT(count_tagged(store, "third:1", NULL), COUNT / 3 - 1);
    store_close(store);
    place_remove(&place);
}

/* The merger does not know the tenant: its owner finds the entries all the same. */
static void test_foreign_tenant(void)
{
    struct place place, other;
    place_make(&place);
    place_make(&other);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    record_all(store, &tenant);
    struct store_paths paths = {place.store, other.config};
    struct merge_options options = {0};
    struct merge_counts counts;
    CHECK_INT(store_merge(&paths, &options, &counts), STORE_OK);
    CHECK_INT(counts.entries, COUNT);
    CHECK_INT(count_tagged(store, "third:1", NULL), COUNT / 3);
    CHECK_INT(purge_tag(store, "third:1", choose_all), COUNT / 3);
    CHECK_INT(count_tagged(store, "all", NULL), COUNT * 2 / 3);
    store_close(store);
    place_remove(&place);
    place_remove(&other);
}

static void test_tags_opened(void)
{
    test_tags(choose_all);
}

static void test_tags_listed(void)
{
    test_tags(NULL);
}

/* More than may be listed are taken away at once. */
static void test_many(void)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    struct layout layout;
    struct writer writer;
    record_all(store, &tenant);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK(layout_from(&layout, &place.paths));
    CHECK_INT(writer_open(&writer, &layout, true), STORE_OK);
    struct removal removal = {.writer = &writer};
    for (uint64_t i = 0; i <= REMOVAL_LISTED; i++) {
        uint8_t key[STORE_KEY_SIZE];
        number_key(i, 1, key);
        if (i < COUNT / 2 || i >= COUNT)
            removal_add(&removal, key);
    }
    CHECK_INT(removal_commit(&removal, false), STORE_OK);
    buffer_clear(&removal.keys);
    CHECK_INT(records_of(&place, RECORD_ENTRY), COUNT);
    for (uint64_t i = COUNT / 2; i < COUNT; i++) {
        uint8_t key[STORE_KEY_SIZE];
        number_key(i, 1, key);
        CHECK_INT(removal_add_any(&removal, key), STORE_OK);
    }
    CHECK_INT(removal_commit(&removal, false), STORE_OK);
    writer_close(&writer);
    removal_free(&removal);
    CHECK_INT(records_of(&place, RECORD_ENTRY), 0);
    CHECK_INT(records_of(&place, RECORD_REMOVED), 0);
    CHECK_INT(records_of(&place, RECORD_TAG), 0);
    CHECK_INT(entries_in(store), 0);
    store_close(store);
    place_remove(&place);
}

int main(void)
{
    RUN(test_tags_opened);
    RUN(test_tags_listed);
    RUN(test_many);
    RUN(test_unfiled);
    RUN(test_foreign_tenant);
    return unit_end();
}
