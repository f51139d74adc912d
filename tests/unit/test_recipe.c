/* SPDX-License-Identifier: MIT */
/* Payloads that are made of other entries' payloads, and look-ups of several entries at once. */
#include "unit.h"

#include "store/memory.h"
#include "store/merge.h"
#include "store/recipe.h"
#include "store_place.h"

#define ITEMS 300

static const struct entry_label label = {.dialect = "openai", .model = "m", .host = "h"};

static void record_item(struct store *store, const struct tenant *tenant, uint64_t number,
                        uint8_t stamp[STORE_STAMP_SIZE])
{
    uint8_t key[STORE_KEY_SIZE];
    struct buffer payload = {0};
    number_key(number, 1, key);
    number_payload(number + 1000, &payload);
    CHECK_INT(
        store_record_part(store, tenant, key, &label, NULL, buffer_span(&payload), stamp),
        STORE_OK);
    buffer_free(&payload);
}

/* "<" and the numbered payloads' bytes from the 10th on, each followed by ",": as a recipe, and as
 * what it has to make. */
static void write_recipe(uint64_t count, uint8_t (*stamps)[STORE_STAMP_SIZE],
                         struct buffer *recipe, struct buffer *wanted)
{
    struct buffer payload = {0};
    recipe_literal(recipe, span_text("<"));
    buffer_append_text(wanted, "<");
    for (uint64_t i = 0; i < count; i++) {
        uint8_t key[STORE_KEY_SIZE];
        number_key(i, 1, key);
        number_payload(i + 1000, &payload);
        if (payload.size > 10) {
            recipe_piece(recipe, key, stamps[i], 10, payload.size - 10);
            buffer_append_span(wanted, span_skip(buffer_span(&payload), 10));
        }
        recipe_literal(recipe, span_text(","));
        buffer_append_text(wanted, ",");
    }
    buffer_free(&payload);
}

static void key_of_whole(uint8_t key[STORE_KEY_SIZE])
{
    number_key(5, 9, key);
}

static int find_whole(struct store *store, const struct tenant *tenant,
                      const struct buffer *wanted)
{
    uint8_t key[STORE_KEY_SIZE];
    struct entry entry;
    key_of_whole(key);
    int result = store_find(store, tenant, key, &entry);
    if (result != STORE_OK)
        return result;
    if (!span_equal(buffer_span(&entry.payload), buffer_span(wanted)))
        result = STORE_CORRUPT;
    entry_free(&entry);
    return result;
}

static void test_a_recipe_makes_the_payload(void)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "me");
    static uint8_t stamps[ITEMS][STORE_STAMP_SIZE];
    uint8_t key[STORE_KEY_SIZE], alias[STORE_KEY_SIZE];
    struct buffer recipe = {0}, wanted = {0};
    struct entry entry;
    for (uint64_t i = 0; i < ITEMS; i++)
        record_item(store, &tenant, i, stamps[i]);
    write_recipe(ITEMS, stamps, &recipe, &wanted);
    key_of_whole(key);
    number_key(5, 8, alias);
    CHECK_INT(store_record_recipe(store, &tenant, key, alias, &label, NULL,
                                  buffer_span(&recipe)),
              STORE_OK);
    CHECK_INT(find_whole(store, &tenant, &wanted), STORE_OK);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(find_whole(store, &tenant, &wanted), STORE_OK);
    CHECK_INT(store_find_by_alias(store, &tenant, alias, key, &entry), STORE_OK);
    CHECK(span_equal(buffer_span(&entry.payload), buffer_span(&wanted)));
    entry_free(&entry);
    record_item(store, &tenant, 7,
                stamps[7]); /* another recording, though it says the same */
    CHECK_INT(find_whole(store, &tenant, &wanted), STORE_OK);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(find_whole(store, &tenant, &wanted), STORE_MISS);
    buffer_free(&recipe);
    buffer_free(&wanted);
    store_close(store);
    place_remove(&place);
}

static void test_what_makes_nothing(void)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "me"), other = place_tenant(store, "you");
    uint8_t stamp[STORE_STAMP_SIZE], whole[STORE_KEY_SIZE], item[STORE_KEY_SIZE];
    key_of_whole(whole);
    number_key(1, 1, item);
    record_item(store, &other, 1, stamp);
    for (unsigned kind = 0; kind < 5; kind++) {
        struct buffer recipe = {0}, none = {0};
        if (kind == 1)
            record_item(store, &tenant, 1, stamp);
        if (kind == 3)
            stamp[0] ^= 1;
        if (kind == 4)
            buffer_append_byte(&recipe, 'X');
        recipe_piece(&recipe, kind == 2 ? whole : item, stamp, 0,
                     kind == 1 ? UINT64_MAX : 1);
        CHECK_INT(store_record_recipe(store, &tenant, whole, NULL, &label, NULL,
                                      buffer_span(&recipe)),
                  STORE_OK);
        CHECK_INT(find_whole(store, &tenant, &none), STORE_MISS);
        buffer_free(&recipe);
    }
    store_close(store);
    place_remove(&place);
}

/* Every second one is there, of those some in the database and some in the spool. */
static void test_many_at_once(void)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "me");
    static uint8_t keys[ITEMS][STORE_KEY_SIZE], stamp[STORE_STAMP_SIZE];
    static struct entry entries[ITEMS];
    static struct store_wanted wanted[ITEMS];
    struct buffer payload = {0};
    for (uint64_t i = 0; i < ITEMS; i += 2) {
        if (i == ITEMS / 2)
            CHECK_INT(place_merge(&place, NULL), STORE_OK);
        record_item(store, &tenant, i, stamp);
    }
    for (uint64_t i = 0; i < ITEMS; i++) {
        number_key(i, 1, keys[i]);
        wanted[i] = (struct store_wanted){keys[i], &entries[i], STORE_CORRUPT};
    }
    store_find_many(store, &tenant, wanted, ITEMS);
    for (uint64_t i = 0; i < ITEMS; i++) {
        CHECK_INT(wanted[i].result, i % 2 ? STORE_MISS : STORE_OK);
        if (wanted[i].result != STORE_OK)
            continue;
        number_payload(i + 1000, &payload);
        CHECK(span_equal(buffer_span(&entries[i].payload), buffer_span(&payload)));
        entry_free(&entries[i]);
    }
    buffer_free(&payload);
    store_close(store);
    place_remove(&place);
}

static void test_memory_is_short(void)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "me");
    uint8_t stamps[3][STORE_STAMP_SIZE], key[STORE_KEY_SIZE];
    struct buffer recipe = {0}, wanted = {0};
    int result = STORE_NO_MEMORY;
    for (uint64_t i = 0; i < 3; i++)
        record_item(store, &tenant, i, stamps[i]);
    write_recipe(3, stamps, &recipe, &wanted);
    key_of_whole(key);
    CHECK_INT(store_record_recipe(store, &tenant, key, NULL, &label, NULL,
                                  buffer_span(&recipe)),
              STORE_OK);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    unsigned long most = 0;
    while (result != STORE_OK && ++most < 1000) {
        memory_fail_from(most);
        result = find_whole(store, &tenant, &wanted);
        memory_fail_from(0);
        CHECK(result == STORE_OK || result == STORE_NO_MEMORY || result == STORE_MISS);
    }
    CHECK(most > 5 && most < 1000);
    buffer_free(&recipe);
    buffer_free(&wanted);
    store_close(store);
    place_remove(&place);
}

int main(void)
{
    RUN(test_a_recipe_makes_the_payload);
    RUN(test_what_makes_nothing);
    RUN(test_many_at_once);
    RUN(test_memory_is_short);
    return unit_end();
}
