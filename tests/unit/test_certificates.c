/* SPDX-License-Identifier: MIT */
/* Samples, reviews, certificates and canaries in a store. */
#include "unit.h"

#include "store/certificates.h"
#include "store/forget.h"
#include "store/memory.h"
#include "store/purge.h"
#include "store/reviews.h"
#include "store_place.h"

static const struct certificate_scope scope = {
    .model = "embedder", .class = "openai gpt-4o", .guards = 1};

static struct sample sample_of(uint64_t number, int64_t time_ms,
                               enum comparison comparison, bool canary)
{
    struct sample sample = {.time_ms = time_ms,
                            .similarity = 930000,
                            .comparison = comparison,
                            .canary = canary,
                            .scope = scope};
    number_key(number, 9, sample.candidate);
    return sample;
}

static void test_sample(void)
{
    struct sample sample = sample_of(1, 1234567890123, COMPARISON_DIFFERENT, true), read;
    struct buffer note = {0};
    sample.guard = 7;
    sample_encode(&sample, &note);
    CHECK(sample_decode(buffer_span(&note), &read));
    CHECK(read.time_ms == sample.time_ms && read.similarity == 930000 &&
          read.guard == 7 && read.comparison == COMPARISON_DIFFERENT && read.canary &&
          read.scope.guards == 1);
    CHECK_TEXT(read.scope.model, "embedder");
    CHECK_TEXT(read.scope.class, "openai gpt-4o");
    CHECK_BYTES(read.candidate, sample.candidate, STORE_KEY_SIZE);
    for (size_t size = 0; size < note.size; size++)
        CHECK(!sample_decode(span_of(note.at, size), &read));
    note.at[19] = 4;
    CHECK(!sample_decode(buffer_span(&note), &read));
    note.at[19] = 3;
    note.at[0] = 2;
    CHECK(!sample_decode(buffer_span(&note), &read));
    buffer_free(&note);
}

static void test_answers(void)
{
    CHECK_INT(sample_answer(COMPARISON_EQUAL, REVIEW_NONE), ANSWER_RIGHT);
    CHECK_INT(sample_answer(COMPARISON_SIMILAR, REVIEW_NONE), ANSWER_RIGHT);
    CHECK_INT(sample_answer(COMPARISON_DIFFERENT, REVIEW_NONE), ANSWER_WRONG);
    CHECK_INT(sample_answer(COMPARISON_UNKNOWN, REVIEW_NONE), ANSWER_UNKNOWN);
    for (int i = 0; i < 4; i++) {
        CHECK_INT(sample_answer((enum comparison)i, REVIEW_RIGHT), ANSWER_RIGHT);
        CHECK_INT(sample_answer((enum comparison)i, REVIEW_WRONG), ANSWER_WRONG);
    }
}

static void record(struct store *store, const struct tenant *tenant, uint64_t number,
                   const struct sample *sample)
{
    uint8_t key[STORE_KEY_SIZE];
    struct buffer note = {0};
    struct entry_label label = {.dialect = "openai", .ttl_s = UINT64_MAX};
    sample_encode(sample, &note);
    struct entry_notes notes = {.sample = buffer_span(&note)};
    number_key(number, 1, key);
    CHECK_INT(store_record(store, tenant, key, NULL, &label, &notes, span_text("text")),
              STORE_OK);
    buffer_free(&note);
}

static struct certificate certificate_new(int64_t issued_ms)
{
    return (struct certificate){.scope = scope,
                                .threshold = 920000,
                                .most_wrong = 50000,
                                .confidence = 950000,
                                .issued_ms = issued_ms};
}

static void test_certificate(void)
{
    struct place place;
    struct certificate_scope other = scope;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant one = place_tenant(store, "one"), two = place_tenant(store, "two");
    struct certificate certificate = certificate_new(1000), read;
    CHECK_INT(store_certificate(store, &one, &scope, &read), STORE_MISS);
    CHECK_INT(certificates_put(store, &one, &scope, &certificate), STORE_OK);
    CHECK_INT(store_certificate(store, &one, &scope, &read), STORE_OK);
    CHECK(read.threshold == 920000 && read.issued_ms == 1000);
    CHECK_INT(certificate_state(&read, &scope, 2000), CERTIFICATE_VALID);
    CHECK_INT(store_certificate(store, &two, &scope, &read), STORE_MISS);
    other.guards = 2;
    CHECK_INT(store_certificate(store, &one, &other, &read), STORE_MISS);
    other = scope;
    strcpy(other.model, "embedde2");
    CHECK_INT(store_certificate(store, &one, &other, &read), STORE_MISS);
    CHECK_INT(certificates_put(store, &one, &scope, NULL), STORE_OK);
    CHECK_INT(store_certificate(store, &one, &scope, &read), STORE_MISS);
    store_close(store);
    place_remove(&place);
}

static struct certificate certificate_now(struct store *store,
                                          const struct tenant *tenant)
{
    struct certificate read = {0};
    CHECK_INT(store_certificate(store, tenant, &scope, &read), STORE_OK);
    return read;
}

/* Canaries count once, however often they are merged; what is older than the certificate does not. */
static void test_canaries(void)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "one");
    struct certificate certificate = certificate_new(5000);
    CHECK_INT(certificates_put(store, &tenant, &scope, &certificate), STORE_OK);
    for (uint64_t i = 0; i < 40; i++) {
        struct sample sample =
            sample_of(i, i < 10 ? 4000 : 6000 + (int64_t)i, COMPARISON_EQUAL, i % 2);
        record(store, &tenant, i, &sample);
    }
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    certificate = certificate_now(store, &tenant);
    CHECK(certificate.canary.counts.hits == 15 && certificate.canary.counts.wrong == 0);
    for (uint64_t i = 10; i < 40; i++) {
        struct sample sample = sample_of(i, 6000 + (int64_t)i, COMPARISON_EQUAL, i % 2);
        record(store, &tenant, i, &sample);
    }
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(certificate_now(store, &tenant).canary.counts.hits, 15);
    /* wrong ones bring it down, a review lifts it again */
    for (uint64_t i = 100; i < 106; i++) {
        struct sample sample =
            sample_of(i, 7000, i < 103 ? COMPARISON_UNKNOWN : COMPARISON_DIFFERENT, true);
        record(store, &tenant, i, &sample);
    }
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    certificate = certificate_now(store, &tenant);
    CHECK(certificate.canary.counts.hits == 21 && certificate.canary.counts.wrong == 3 &&
          certificate.canary.counts.unknown == 3);
    CHECK_INT(certificate_state(&certificate, &scope, 8000), CERTIFICATE_FALLEN);
    for (uint64_t i = 100; i < 106; i++) {
        uint8_t key[STORE_KEY_SIZE], candidate[STORE_KEY_SIZE];
        number_key(i, 1, key);
        number_key(i, 9, candidate);
        CHECK_INT(store_review_put(store, &tenant, key, candidate,
                                   i % 2 ? REVIEW_RIGHT : REVIEW_NONE),
                  STORE_OK);
    }
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    certificate = certificate_now(store, &tenant);
    CHECK(certificate.canary.counts.wrong == 1 && certificate.canary.counts.unknown == 2);
    store_close(store);
    place_remove(&place);
}

static bool is_all(void *context, const struct each_entry *entry)
{
    (void)context;
    return entry->state == EACH_OK && entry->notes.sample.size;
}

static void test_reviews(void)
{
    struct place place;
    uint64_t removed;
    struct purge_rules rules = {.thorough = true};
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant one = place_tenant(store, "one"), two = place_tenant(store, "two");
    struct sample sample = sample_of(1, 1000, COMPARISON_UNKNOWN, false);
    uint8_t key[STORE_KEY_SIZE], other[STORE_KEY_SIZE] = {1};
    number_key(1, 1, key);
    record(store, &one, 1, &sample);
    CHECK_INT(number_record(store, &two, 2), STORE_OK); /* so that not all is purged */
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(store_review(store, &one, key, sample.candidate), REVIEW_NONE);
    CHECK_INT(store_review_put(store, &one, key, sample.candidate, REVIEW_WRONG),
              STORE_OK);
    CHECK_INT(store_review(store, &one, key, sample.candidate), REVIEW_WRONG);
    CHECK_INT(store_review(store, &one, key, other), REVIEW_NONE);
    CHECK_INT(store_review(store, &two, key, sample.candidate), REVIEW_NONE);
    CHECK_INT(store_review_put(store, &one, key, sample.candidate, REVIEW_RIGHT),
              STORE_OK);
    CHECK_INT(store_review(store, &one, key, sample.candidate), REVIEW_RIGHT);
    CHECK_INT(store_purge(store, &rules, is_all, NULL, &removed), STORE_OK);
    CHECK_INT(removed, 1);
    CHECK_INT(store_review(store, &one, key, sample.candidate), REVIEW_NONE);
    store_close(store);
    place_remove(&place);
}

static void test_forgotten(void)
{
    struct place place;
    struct forget_counts counts;
    char id[2 * TENANT_ID_SIZE + 1];
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant one = place_tenant(store, "one"), two = place_tenant(store, "two");
    struct certificate certificate = certificate_new(5000), read;
    struct sample sample = sample_of(1, 6000, COMPARISON_EQUAL, true);
    CHECK_INT(certificates_put(store, &one, &scope, &certificate), STORE_OK);
    CHECK_INT(certificates_put(store, &two, &scope, &certificate), STORE_OK);
    record(store, &one, 1, &sample);
    record(store, &two, 2, &sample);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    hex_encode(one.id, TENANT_ID_SIZE, id);
    CHECK_INT(store_forget(store, id, false, &counts), STORE_OK);
    struct buffer value = {0};
    struct partition_key name;
    certificate_name(&name, &one, &scope);
    CHECK_INT(pages_find(NULL, place_path(&place, "data.mdb"),
                         span_of(name.bytes, PARTITION_HEAD), 4096, &value),
              STORE_MISS);
    CHECK_INT(store_certificate(store, &two, &scope, &read), STORE_OK);
    buffer_free(&value);
    store_close(store);
    place_remove(&place);
}

static void test_memory(void)
{
    struct place place;
    struct certificate certificate = certificate_new(5000), read;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "one");
    struct sample sample = sample_of(1, 6000, COMPARISON_UNKNOWN, true);
    CHECK_INT(certificates_put(store, &tenant, &scope, &certificate), STORE_OK);
    record(store, &tenant, 1, &sample);
    for (unsigned long from = 1, done = 0; !done && from < 1000; from++) {
        memory_fail_from(from);
        int result = place_merge(&place, NULL);
        memory_fail_from(0);
        CHECK(result == STORE_OK || result == STORE_NO_MEMORY);
        done = result == STORE_OK;
    }
    CHECK_INT(certificate_now(store, &tenant).canary.counts.hits, 1);
    for (unsigned long from = 1, done = 0; !done && from < 100; from++) {
        memory_fail_from(from);
        int result = store_certificate(store, &tenant, &scope, &read);
        memory_fail_from(0);
        CHECK(result == STORE_OK || result == STORE_NO_MEMORY);
        done = result == STORE_OK;
    }
    store_close(store);
    place_remove(&place);
}

int main(void)
{
    RUN(test_sample);
    RUN(test_answers);
    RUN(test_certificate);
    RUN(test_canaries);
    RUN(test_reviews);
    RUN(test_forgotten);
    RUN(test_memory);
    return unit_end();
}
