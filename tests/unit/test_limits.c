/* SPDX-License-Identifier: MIT */
/* Tests of store/{card,victims,shares,limit,evicted,evict,uses}.c: what an entry is worth, which
 * ones go, and that a store stays within its limits. */
#include "unit.h"

#include "store/card.h"

#include "store/shares.h"
#include "store/victims.h"
#include "store_place.h"

#define DAY_MS ((int64_t)86400000)

static void test_aging(void)
{
    struct card card = {.day = 100, .uses = 8 * CARD_USE};
    CHECK_INT(card_uses_on(&card, 99), 8 * CARD_USE); /* the clock was put back */
    CHECK_INT(card_uses_on(&card, 100), 8 * CARD_USE);
    CHECK_INT(card_uses_on(&card, 115), 6 * CARD_USE);
    CHECK_INT(card_uses_on(&card, 130), 4 * CARD_USE);
    CHECK_INT(card_uses_on(&card, 160), 2 * CARD_USE);
    CHECK_INT(card_uses_on(&card, 65535), 0);
    card_use(&card, 130, 3);
    CHECK_INT(card.uses, 7 * CARD_USE);
    CHECK_INT(card.day, 130);
    card_use(&card, 120, 1); /* an old line of the journal does not make it younger */
    CHECK_INT(card.day, 130);
    CHECK_INT(card.uses, 8 * CARD_USE);
    card_use(&card, 130, UINT32_MAX);
    CHECK_INT(card.uses, UINT32_MAX);
}

/* The card of a label, as the merger makes it. */
static struct card card_of(const struct entry_label *label, uint64_t size)
{
    struct sealed sealed = {.created_ms = label->created_ms};
    struct card card;
    card_make(&sealed, size, label, NULL, &card);
    return card;
}

static void test_worth(void)
{
    struct entry_label label = {.created_ms = 10 * DAY_MS, .ttl_s = UINT64_MAX};
    struct card none = card_of(&label, 1000);
    CHECK_INT(none.worth, 0);
    CHECK(none.expires_s == CARD_NEVER);
    CHECK_INT(none.day, 10);
    label.last_byte_us = 2500000;
    label.tokens_in = 1000;
    label.tokens_out = 100;
    label.ttl_s = 60;
    struct card card = card_of(&label, 1000);
    CHECK_INT(card.worth, 5 * CARD_PRICE_SECOND / 2 + 1000 * CARD_PRICE_TOKEN_IN +
                              100 * CARD_PRICE_TOKEN_OUT);
    CHECK_INT(card.expires_s, 10 * 86400 + 60);
    uint64_t footprint = card_footprint(&card, 3);
    double now = card_value(&card, footprint, 10 * 86400 + 59);
    CHECK(now > card_value(&none, footprint, 10 * 86400 + 59));
    CHECK(card_value(&none, footprint, 10 * 86400) > 0);
    CHECK(card_value(&card, footprint, 10 * 86400 + 60) < 0); /* expired */
    label.ttl_s = UINT64_MAX - 1;
    label.tokens_in = label.tokens_out = label.last_byte_us = UINT64_MAX;
    CHECK(card_of(&label, 1).worth > UINT64_MAX / 4000);
    CHECK(card_of(&label, 1).expires_s == CARD_NEVER);
    CHECK(card_footprint(&card, 3) > card_footprint(&card, 0));
    uint64_t bare = card_footprint(&card, 0);
    card.vector = 6; /* 384 dimensions: a row of 456 bytes, signs, a place */
    CHECK(card_footprint(&card, 0) > bare + 456 + 48 + 100);
    CHECK(card_footprint(&card, 0) < bare + 1200);
    card.vector = 48; /* a row with a page of its own */
    CHECK(card_footprint(&card, 0) > bare + 4096);
    card.vector = 0;
    card.bytes = 10000; /* pages of its own */
    CHECK(card_footprint(&card, 0) >= 12288);
    CHECK(card_footprint(&card, 0) < 12288 + 1000);
}

/* What a model costs, where that is known. */
static void test_worth_of_model(void)
{
    struct sealed sealed = {.created_ms = 1};
    struct entry_label label = {.dialect = "openai",
                                .host = "api.openai.com",
                                .operation = "chat.completions",
                                .model = "dear",
                                .last_byte_us = 1000000,
                                .tokens_in = 1000,
                                .tokens_out = 10};
    struct prices *prices;
    struct card card;
    unsigned line;
    CHECK_INT(prices_parse(span_text("openai dear 30 - - 60\n"), &prices, &line),
              STORE_OK);
    card_make(&sealed, 1, &label, prices, &card);
    CHECK_INT(card.worth, CARD_PRICE_SECOND + 1000 * 30000 + 10 * 60000);
    snprintf(label.model, sizeof(label.model), "nobody-knows-it");
    card_make(&sealed, 1, &label, prices, &card);
    CHECK_INT(card.worth,
              CARD_PRICE_SECOND + 1000 * CARD_PRICE_TOKEN_IN + 10 * CARD_PRICE_TOKEN_OUT);
    snprintf(label.model, sizeof(label.model), "dear");
    label.tokens_in = label.tokens_out = label.last_byte_us = UINT64_MAX;
    card_make(&sealed, 1, &label, prices, &card);
    CHECK(card.worth > UINT64_MAX / 4000);
    prices_free(prices);
}

static void test_card_bytes(void)
{
    uint8_t ids[2 * TAG_ID_SIZE] = {1, 2, 3};
    struct card card = {.day = 1, .uses = 2, .bytes = 3, .worth = 4, .expires_s = 5},
                found = {0};
    struct buffer bytes = {0};
    card.tenant[15] = 6;
    card.vector = 64;
    card.tags = span_of(ids, sizeof(ids));
    card_encode(&card, &bytes);
    CHECK_INT(bytes.size, CARD_SIZE + sizeof(ids));
    CHECK(card_decode(buffer_span(&bytes), &found));
    CHECK(found.day == 1 && found.uses == 2 && found.bytes == 3 && found.worth == 4 &&
          found.expires_s == 5 && found.tenant[15] == 6 && found.vector == 64);
    CHECK(span_equal(found.tags, card.tags));
    CHECK(card_decode(span_of(bytes.at, CARD_SIZE), &found));
    CHECK_INT(found.tags.size, 0);
    CHECK(!card_decode(span_of(bytes.at, CARD_SIZE - 1), &found));
    CHECK(!card_decode(span_of(bytes.at, CARD_SIZE + 1), &found));
    bytes.at[0] = 2;
    CHECK(!card_decode(buffer_span(&bytes), &found));
    buffer_free(&bytes);
}

/* Of a thousand in any order the least valuable go, no more than needed, in order. */
static void test_victims(void)
{
    for (unsigned seed = 1; seed <= 20; seed++) {
        struct victims victims = {.wanted = 100 * seed};
        size_t count;
        for (unsigned i = 0; i < 1000; i++) {
            unsigned rank = i * 617 * seed % 1009; /* each once: 1009 is prime */
            struct victim victim = {.value = rank / 2, .bytes = 10};
            victim.key[0] = rank % 2;
            victims_offer(&victims, &victim);
        }
        const struct victim *sorted = victims_sorted(&victims, &count);
        CHECK(sorted != NULL);
        CHECK_INT(count, 10 * seed);
        CHECK_INT(victims.bytes, victims.wanted);
        CHECK(victims.heap.capacity < 1000 * sizeof(struct victim));
        for (size_t i = 1; i < count; i++)
            CHECK(sorted[i - 1].value < sorted[i].value ||
                  (sorted[i - 1].value == sorted[i].value &&
                   memcmp(sorted[i - 1].key, sorted[i].key, STORE_KEY_SIZE) < 0));
        /* At most nine of the 1009 ranks were not offered. */
        CHECK(sorted[count - 1].value <= (double)(10 * seed + 9) / 2);
        victims_free(&victims);
    }
    struct victims nothing = {0};
    struct victim victim = {.bytes = 1};
    size_t count;
    victims_offer(&nothing, &victim);
    CHECK(victims_sorted(&nothing, &count) == NULL);
    CHECK_INT(count, 0);
    victims_free(&nothing);
}

static void test_shares(void)
{
    struct shares shares = {0};
    struct buffer tenants = {0};
    uint8_t tenant[TENANT_ID_SIZE] = {0}, key[STORE_KEY_SIZE] = {0};
    for (unsigned i = 0; i < 100; i++) {
        tenant[0] = (uint8_t)(i * 7 % 10);
        shares_add(&shares, tenant, key, i);
    }
    CHECK_INT(shares_count(&shares), 10);
    for (size_t i = 0; i < 10; i++)
        CHECK_INT(shares_at(&shares, i)->tenant[0], i);
    strcpy(shares_at(&shares, 2)->label, "team");
    strcpy(shares_at(&shares, 5)->label, "team");
    uint64_t sum = 0;
    for (size_t i = 0; i < 10; i++)
        sum += shares_gather(&shares, i, &tenants);
    CHECK_INT(sum, 99 * 100 / 2);
    CHECK_INT(shares_gather(&shares, 2, &tenants),
              shares_at(&shares, 2)->bytes + shares_at(&shares, 5)->bytes);
    CHECK_INT(tenants.size, 2 * TENANT_ID_SIZE);
    CHECK_INT(shares_gather(&shares, 5, &tenants), 0);
    CHECK_INT(shares_gather(&shares, 3, &tenants), shares_at(&shares, 3)->bytes);
    CHECK_INT(tenants.size, TENANT_ID_SIZE);
    buffer_free(&tenants);
    shares_free(&shares);
}

static void test_limit_shares(void)
{
    static const uint64_t sizes[] = {1, LIMIT_LEAST, 100 << 20, (uint64_t)1 << 40};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        struct limit_shares shares;
        limit_share(sizes[i], &shares);
        CHECK(shares.data + shares.spool + shares.journal <= shares.all);
        CHECK(shares.replace + shares.spool + shares.journal <= shares.all / 100 * 110);
        CHECK(shares.entries > shares.all / 3);
        CHECK(shares.merge < shares.spool / 2 && shares.recording < shares.spool);
        CHECK(shares.all >= sizes[i]);
    }
}

/* -- a store ------------------------------------------------------------------------- */

struct entry_plan {
    uint64_t number;
    size_t size;      /* of an answer that does not compress */
    uint64_t took_us; /* what makes it valuable */
    uint64_t ttl_s;
    const char *label; /* the tenant's */
};

static int plan_record(struct store *store, const struct tenant *tenant,
                       const struct entry_plan *plan)
{
    uint8_t key[STORE_KEY_SIZE];
    struct buffer payload = {0};
    struct entry_label label = {.dialect = "openai",
                                .created_ms = (int64_t)time(NULL) * 1000,
                                .last_byte_us = plan->took_us,
                                .ttl_s = plan->ttl_s ? plan->ttl_s : UINT64_MAX};
    uint64_t state = plan->number + 1;
    span_copy_text(span_text(plan->label ? plan->label : ""), label.tenant,
                   sizeof(label.tenant));
    for (size_t i = 0; i < plan->size; i++) {
        state = state * 6364136223846793005 + 1442695040888963407;
        buffer_append_byte(&payload, (uint8_t)(state >> 56));
    }
    number_key(plan->number, 1, key);
    int result =
        store_record(store, tenant, key, NULL, &label, NULL, buffer_span(&payload));
    buffer_free(&payload);
    return result;
}

static bool is_there(struct store *store, const struct tenant *tenant, uint64_t number)
{
    uint8_t key[STORE_KEY_SIZE];
    struct entry entry;
    number_key(number, 1, key);
    if (store_find(store, tenant, key, &entry) != STORE_OK)
        return false;
    entry_free(&entry);
    return true;
}

static void journal_line(struct store *store, uint64_t number, uint8_t verdict)
{
    struct journal_record record = {
        .verdict = verdict, .layer = LAYER_EXACT, .time_ms = (int64_t)time(NULL) * 1000};
    number_key(number, 1, record.key);
    store_journal(store, &record);
}

/* All that lies in the store's directory. */
static uint64_t bytes_of(const struct place *place)
{
    struct layout layout;
    struct limit_sizes sizes;
    CHECK(layout_from(&layout, &place->paths));
    limit_measure(&layout, &sizes);
    return sizes.data + sizes.spool + sizes.journal;
}

static int limited_merge(struct place *place, struct merge_counts *counts)
{
    struct merge_options options = {.wait = true, .max_size = LIMIT_LEAST};
    return store_merge(&place->paths, &options, counts);
}

/* Three times the limit is recorded; every tenth took long or was used: those are there. */
static void fill_threefold(size_t size)
{
    struct place place;
    struct merge_counts counts;
    uint64_t evicted = 0, most = 0, kept = 0, valuable = 0, refused = 0;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    store_limit(store, LIMIT_LEAST);
    uint64_t count = 3 * LIMIT_LEAST / (size + 700);
    if (count > 14000) /* small ones take long, and more room than this */
        count = 14000;
    for (uint64_t i = 0; i < count; i++) {
        bool slow = i % 20 == 0, used = i % 20 == 10;
        struct entry_plan plan = {
            .number = i, .size = size, .took_us = slow ? 20000000 : 500000};
        int result = plan_record(store, &tenant, &plan);
        journal_line(store, i, VERDICT_MISS);
        for (int use = 0; used && use < 30; use++)
            journal_line(store, i, VERDICT_HIT);
        if (result == STORE_LIMITED) {
            refused++;
            i--; /* a program would ask again */
        }
        if (store_wants_merge(store) || result == STORE_LIMITED) {
            CHECK_INT(limited_merge(&place, &counts), STORE_OK);
            evicted += counts.evicted;
        }
        if (bytes_of(&place) > most)
            most = bytes_of(&place);
    }
    CHECK(most <= LIMIT_LEAST / 100 * 110);
    CHECK(most > LIMIT_LEAST / 2);
    CHECK(evicted > count / 3);
    for (uint64_t i = 0; i < count; i++) {
        kept += is_there(store, &tenant, i);
        valuable += i % 10 == 0 && is_there(store, &tenant, i);
    }
    /* All of them, or hardly anything else where not all of them fit. */
    CHECK(valuable == (count + 9) / 10 || valuable * 10 > kept * 8);
    CHECK(kept > valuable);
    printf("# %zu bytes: %llu of %llu kept, at most %.2f of the limit, %llu refused\n",
           size, (unsigned long long)kept, (unsigned long long)count,
           (double)most / LIMIT_LEAST, (unsigned long long)refused);
    store_close(store);
    place_remove(&place);
}

static void test_threefold(void)
{
    fill_threefold(20000);
    fill_threefold(100000);
    fill_threefold(600);
}

/* Expired entries go before all living ones, however valuable they were. */
static void test_expired_first(void)
{
    struct place place;
    struct merge_counts counts;
    struct store_sizes sizes;
    struct merge_options options = {.wait = true, .max_size = LIMIT_LEAST};
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    for (uint64_t i = 0; i < 100; i++) {
        struct entry_plan plan = {.number = i,
                                  .size = 100000,
                                  .took_us = i % 2 ? 60000000 : 1000,
                                  .ttl_s = i % 2 ? 3600 : 0};
        CHECK_INT(plan_record(store, &tenant, &plan), STORE_OK);
    }
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    options.now_s = time(NULL) + 7200;
    CHECK_INT(store_merge(&place.paths, &options, &counts), STORE_OK);
    CHECK(counts.evicted > 5 && counts.evicted < 50);
    for (uint64_t i = 0; i < 100; i += 2)
        CHECK(is_there(store, &tenant, i));
    CHECK_INT(store_sizes(store, &sizes), STORE_OK);
    CHECK_INT(sizes.evicted, counts.evicted);
    CHECK_INT(sizes.asked_again, 0);
    /* Each is asked for twice, and counted once. */
    for (uint64_t i = 0; i < 100; i++) {
        journal_line(store, i, VERDICT_MISS);
        journal_line(store, i, VERDICT_MISS);
    }
    uint64_t evicted = counts.evicted;
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(store_sizes(store, &sizes), STORE_OK);
    CHECK_INT(sizes.asked_again, evicted);
    store_close(store);
    place_remove(&place);
}

/* A limit below what is there: the file shrinks, and a host that reads meanwhile goes on. */
static void test_lowered(void)
{
    struct place place;
    struct merge_counts counts;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    for (uint64_t i = 0; i < 400; i++) {
        struct entry_plan plan = {
            .number = i, .size = 100000, .took_us = i == 7 ? 90000000 : 1000};
        CHECK_INT(plan_record(store, &tenant, &plan), STORE_OK);
    }
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK(bytes_of(&place) > 2 * LIMIT_LEAST);
    CHECK(is_there(store, &tenant, 7));
    CHECK_INT(limited_merge(&place, &counts), STORE_OK);
    CHECK(counts.evicted > 200);
    CHECK(bytes_of(&place) < LIMIT_LEAST);
    CHECK(bytes_of(&place) > LIMIT_LEAST / 4);
    CHECK(is_there(store, &tenant, 7));
    CHECK_INT(limited_merge(&place, &counts), STORE_OK);
    CHECK_INT(counts.evicted, 0);
    store_close(store);
    place_remove(&place);
}

static uint64_t quota_of(void *context, struct span label)
{
    (void)context;
    return span_is(label, "small") ? 1 << 20 : span_is(label, "") ? 3 << 20 : 0;
}

/* Who is over its quota loses its own; two identities with one label have one quota. */
static void test_quotas(void)
{
    struct place place;
    struct merge_counts counts;
    struct merge_options options = {.wait = true, .quota = quota_of};
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    static const char *const labels[] = {"small", "small", "large", "", ""};
    unsigned there[5] = {0};
    place_make(&place);
    struct store *store = place_open(&place);
    for (uint64_t i = 0; i < 500; i++) {
        struct tenant tenant = place_tenant(store, names[i % 5]);
        struct entry_plan plan = {.number = i,
                                  .size = 20000,
                                  .label = labels[i % 5],
                                  .took_us = i % 5 < 2 ? 60000000 : 1000};
        CHECK_INT(plan_record(store, &tenant, &plan), STORE_OK);
    }
    CHECK_INT(store_merge(&place.paths, &options, &counts), STORE_OK);
    for (uint64_t i = 0; i < 500; i++) {
        struct tenant tenant = place_tenant(store, names[i % 5]);
        there[i % 5] += is_there(store, &tenant, i);
    }
    CHECK(there[0] + there[1] >= 35 && there[0] + there[1] <= 52); /* of 20 KB in 1 MB */
    CHECK_INT(there[2], 100);
    CHECK_INT(there[3], 100); /* 2 MB each, 3 allowed */
    CHECK_INT(there[4], 100);
    CHECK_INT(counts.evicted, 200 - there[0] - there[1]);
    CHECK_INT(store_merge(&place.paths, &options, &counts), STORE_OK);
    CHECK_INT(counts.evicted, 0);
    store_close(store);
    place_remove(&place);
}

/* A host's view: it records while there is room, and says no when there is none. */
static void test_admission(void)
{
    struct place place;
    struct entry_plan plan = {.size = 100000};
    int result = STORE_OK;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    store_limit(store, LIMIT_LEAST);
    plan.size = 2 << 20;
    CHECK_INT(plan_record(store, &tenant, &plan), STORE_LIMITED);
    plan.size = 100000;
    for (; result == STORE_OK && plan.number < 100; plan.number++)
        result = plan_record(store, &tenant, &plan);
    CHECK_INT(result, STORE_LIMITED);
    CHECK(plan.number > 10 && plan.number < 20);
    CHECK(store_wants_merge(store));
    CHECK(!store_wants_merge(store)); /* not at once again */
    store_limit(store, 0);
    CHECK_INT(plan_record(store, &tenant, &plan), STORE_OK);
    store_close(store);
    place_remove(&place);
}

int main(void)
{
    RUN(test_aging);
    RUN(test_worth);
    RUN(test_worth_of_model);
    RUN(test_card_bytes);
    RUN(test_victims);
    RUN(test_shares);
    RUN(test_limit_shares);
    RUN(test_admission);
    RUN(test_expired_first);
    RUN(test_lowered);
    RUN(test_quotas);
    RUN(test_threefold);
    return unit_end();
}
