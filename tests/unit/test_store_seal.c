/* SPDX-License-Identifier: MIT */
/* Tests of store/{tenant,label,seal}.c: derivation, boxes, and that nothing but the very
 * bytes opens. */
#include "unit.h"

#include "store/duration.h"
#include "store/memory.h"
#include "store/seal.h"

#include <sodium.h>
#include <stdlib.h>

static struct tenant tenant_of(const char *identity)
{
    static const uint8_t secret[32] = {1, 2, 3};
    uint8_t id[TENANT_ID_SIZE], salt[32] = {9};
    struct tenant tenant;
    tenant_id(secret, span_text(identity), id);
    tenant_from_id(secret, id, salt, &tenant);
    return tenant;
}

static void test_derivation(void)
{
    uint8_t secret[32] = {1, 2, 3}, salt[32] = {9};
    struct tenant a = tenant_of("alice"), again = tenant_of("alice"),
                  b = tenant_of("bob");
    CHECK_BYTES(&a, &again, sizeof(a));
    CHECK(memcmp(a.id, b.id, sizeof(a.id)) != 0);
    CHECK(memcmp(a.seal_key, b.seal_key, 32) != 0);
    CHECK(memcmp(a.seal_key, a.name_key, 32) != 0);
    salt[31] = 1;
    tenant_from_id(secret, a.id, salt, &again);
    CHECK(memcmp(a.seal_key, again.seal_key, 32) != 0);
    CHECK(memcmp(a.name_key, again.name_key, 32) != 0);
    salt[31] = 0;
    secret[0]++;
    tenant_from_id(secret, a.id, salt, &again);
    CHECK(memcmp(a.seal_key, again.seal_key, 32) != 0);
    tenant_id(secret, span_text("alice"), again.id);
    CHECK(memcmp(a.id, again.id, sizeof(a.id)) != 0);
}

static void hash_two(const struct tenant *tenant, const char *purpose, const char *one,
                     const char *two, uint8_t out[32])
{
    struct key_hash hash;
    key_begin(&hash, tenant, purpose);
    key_part(&hash, span_text(one));
    if (two)
        key_part(&hash, span_text(two));
    key_end(&hash, out);
}

/* ("a","bc") is not ("ab","c"), nor ("abc"), nor ("a","bc","") or another purpose's. */
static void test_framing(void)
{
    struct tenant tenant = tenant_of("alice"), other = tenant_of("bob");
    uint8_t first[32], second[32];
    hash_two(&tenant, "exact", "a", "bc", first);
    hash_two(&tenant, "exact", "a", "bc", second);
    CHECK_BYTES(first, second, 32);
    hash_two(&tenant, "exact", "ab", "c", second);
    CHECK(memcmp(first, second, 32) != 0);
    hash_two(&tenant, "exact", "abc", NULL, second);
    CHECK(memcmp(first, second, 32) != 0);
    hash_two(&tenant, "exact", "abc", "", second);
    CHECK(memcmp(first, second, 32) != 0);
    hash_two(&tenant, "alias", "a", "bc", second);
    CHECK(memcmp(first, second, 32) != 0);
    hash_two(&tenant, "exacta", "", "bc", second);
    CHECK(memcmp(first, second, 32) != 0);
    hash_two(&other, "exact", "a", "bc", second);
    CHECK(memcmp(first, second, 32) != 0);
}

/* By their encodings: a struct has padding. */
static bool same_label(const struct entry_label *a, const struct entry_label *b)
{
    struct buffer left = {0}, right = {0};
    label_encode(a, &left);
    label_encode(b, &right);
    bool same = span_equal(buffer_span(&left), buffer_span(&right));
    buffer_free(&left);
    buffer_free(&right);
    return same && strcmp(a->host, b->host) == 0 &&
           a->response_bytes == b->response_bytes;
}

static struct entry_label label_full(void)
{
    struct entry_label label = {.port = 443,
                                .status = 200,
                                .stream = true,
                                .usage_known = true,
                                .created_ms = 1700000000123,
                                .first_byte_us = 1,
                                .last_byte_us = UINT64_MAX,
                                .tokens_in = 3,
                                .tokens_out = 4,
                                .usage_estimated = true,
                                .tokens_cached = 5,
                                .tokens_cache_write = 8,
                                .request_bytes = 6,
                                .response_bytes = 7};
    memset(label.dialect, 'd', sizeof(label.dialect) - 1);
    memset(label.operation, 'o', sizeof(label.operation) - 1);
    memset(label.model, 'm', sizeof(label.model) - 1);
    memset(label.host, 'h', sizeof(label.host) - 1);
    return label;
}

static void test_label(void)
{
    struct entry_label label = label_full(), back = {0};
    struct buffer bytes = {0};
    label_encode(&label, &bytes);
    CHECK(label_decode(buffer_span(&bytes), &back));
    CHECK(same_label(&label, &back));
    CHECK(back.usage_estimated && back.tokens_cache_write == 8);
    for (size_t size = 0; size < bytes.size; size++)
        CHECK(!label_decode(span_of(bytes.at, size), &back));
    buffer_append_byte(&bytes, 0);
    CHECK(!label_decode(buffer_span(&bytes), &back));
    buffer_free(&bytes);
}

/* Only a label with words tells of them. */
static void test_label_with_words(void)
{
    struct entry_label label = label_full(), back = {0};
    struct buffer without = {0}, with = {0};
    label_encode(&label, &without);
    memset(label.marks, 7, sizeof(label.marks));
    memset(label.words, 9, sizeof(label.words));
    label_encode(&label, &with);
    CHECK_INT(without.at[0], 3);
    CHECK_INT(with.at[0], 4);
    CHECK_INT(with.size, without.size + sizeof(label.words) + sizeof(label.marks));
    CHECK(label_decode(buffer_span(&with), &back));
    CHECK(same_label(&label, &back));
    CHECK_BYTES(back.words, label.words, sizeof(label.words));
    CHECK_BYTES(back.marks, label.marks, sizeof(label.marks));
    for (size_t size = 0; size < with.size; size++)
        CHECK(!label_decode(span_of(with.at, size), &back));
    buffer_free(&without);
    buffer_free(&with);
}

/* What earlier versions have written: the later one's fields are absent. */
static void test_older_labels(void)
{
    struct entry_label label = label_full(), back;
    struct buffer bytes = {0};
    label.ttl_s = 60;
    label_encode(&label, &bytes);
    bytes.at[0] = 2;
    bytes.size -= 9; /* estimated, tokens written */
    label.usage_estimated = false;
    label.tokens_cache_write = 0;
    CHECK(label_decode(buffer_span(&bytes), &back));
    CHECK(same_label(&label, &back));
    bytes.at[0] = 1;
    bytes.size -= 3 * 8 + 1 + 4 + 4 + 8; /* three empty texts, four numbers */
    label.ttl_s = DURATION_FOREVER;
    CHECK(label_decode(buffer_span(&bytes), &back));
    CHECK(same_label(&label, &back));
    bytes.at[0] = 5;
    CHECK(!label_decode(buffer_span(&bytes), &back));
    buffer_free(&bytes);
}

struct sample {
    struct tenant tenant;
    uint8_t key[STORE_KEY_SIZE];
    struct entry_label label;
    struct buffer payload;
    struct buffer blob;
};

static void sample_make(struct sample *sample, size_t size)
{
    *sample = (struct sample){.tenant = tenant_of("alice"), .key = {7}};
    sample->label = label_full();
    uint32_t state = 1;
    for (size_t i = 0; i < size; i++) { /* half of it does not compress */
        state = state * 1664525 + 1013904223;
        buffer_append_byte(&sample->payload, i % 30 < 15
                                                 ? (uint8_t) "{\"choices\":[0]}"[i % 15]
                                                 : (uint8_t)(state >> 24));
    }
    CHECK_INT(seal_entry(&sample->tenant, sample->key, &sample->label, NULL,
                         buffer_span(&sample->payload), &sample->blob),
              STORE_OK);
}

static void sample_free(struct sample *sample)
{
    buffer_free(&sample->payload);
    buffer_free(&sample->blob);
}

/* Opens |blob| as the sample's. STORE_OK only when everything opens. */
static int open_all(const struct sample *sample, struct span blob,
                    const struct tenant *tenant, const uint8_t *key)
{
    struct sealed sealed;
    struct entry_label label = {0};
    struct buffer payload = {0};
    struct unsealer unsealer = {0};
    int result = sealed_parse(blob, &sealed);
    if (result == STORE_OK)
        result = unseal_label(&sealed, tenant, key, &label);
    if (result == STORE_OK)
        CHECK(same_label(&label, &sample->label));
    memset(&label, 0, sizeof(label));
    if (result == STORE_OK)
        result = unseal_entry(&unsealer, &sealed, tenant, key, &label, &payload);
    if (result == STORE_OK) {
        CHECK(sealed_authentic(&sealed, tenant, key));
        CHECK(span_equal(buffer_span(&payload), buffer_span(&sample->payload)));
        CHECK(same_label(&label, &sample->label));
    }
    buffer_free(&payload);
    unseal_free(&unsealer);
    return result;
}

static void frame(struct buffer *out, const char *text)
{
    buffer_append_framed(out, span_text(text));
}

/* Notes come back as they were, of the vector |vector| bytes. */
static void check_notes(const struct sample *sample, const struct entry_notes *notes,
                        size_t vector)
{
    struct sealed sealed;
    struct entry_label label;
    struct entry_notes found;
    struct buffer blob = {0}, plain = {0};
    CHECK_INT(seal_entry(&sample->tenant, sample->key, &sample->label, notes,
                         buffer_span(&sample->payload), &blob),
              STORE_OK);
    CHECK_INT(sealed_parse(buffer_span(&blob), &sealed), STORE_OK);
    CHECK_INT(unseal_notes(&sealed, &sample->tenant, sample->key, &label, &found, &plain),
              STORE_OK);
    CHECK(span_equal(found.tags, notes->tags) && span_equal(found.sample, notes->sample));
    CHECK_INT(found.vector.size, vector);
    buffer_free(&blob);
    buffer_free(&plain);
}

/* Notes come back as they were; without them the label box is that of an entry without notes,
 * and what does not fit is refused, not cut. */
static void test_notes(void)
{
    struct sample sample;
    struct sealed sealed;
    struct entry_label label;
    struct entry_notes notes = {0}, found;
    struct buffer tags = {0}, ignored = {0}, blob = {0}, plain = {0};
    sample_make(&sample, 100);
    CHECK_INT(sealed_parse(buffer_span(&sample.blob), &sealed), STORE_OK);
    CHECK_INT(unseal_notes(&sealed, &sample.tenant, sample.key, &label, &found, &plain),
              STORE_OK);
    CHECK(found.tags.size == 0 && found.ignored.size == 0);
    frame(&tags, "model:m");
    frame(&tags, "");
    frame(&tags, "doc:42");
    frame(&ignored, "/user");
    notes = (struct entry_notes){.tags = buffer_span(&tags),
                                 .ignored = buffer_span(&ignored)};
    CHECK_INT(seal_entry(&sample.tenant, sample.key, &sample.label, &notes,
                         buffer_span(&sample.payload), &blob),
              STORE_OK);
    CHECK_INT(open_all(&sample, buffer_span(&blob), &sample.tenant, sample.key),
              STORE_OK);
    CHECK_INT(sealed_parse(buffer_span(&blob), &sealed), STORE_OK);
    CHECK_INT(unseal_notes(&sealed, &sample.tenant, sample.key, &label, &found, &plain),
              STORE_OK);
    CHECK(span_equal(found.tags, notes.tags));
    CHECK(span_equal(found.ignored, notes.ignored));
    CHECK(texts_hold(found.tags, span_text("doc:42")));
    CHECK(texts_hold(found.tags, span_text("")));
    CHECK(!texts_hold(found.tags, span_text("doc:4")));
    CHECK(!texts_hold(span_of(found.tags.at, found.tags.size - 1), span_text("doc:42")));
    static uint8_t vector[5000];
    notes.vector = span_of(vector, sizeof(vector));
    notes.sample = span_text("a sample");
    check_notes(&sample, &notes, sizeof(vector));
    while (tags.size < SEAL_LABEL_LIMIT / 2)
        frame(&tags, "doc:42");
    notes.tags = buffer_span(&tags);
    check_notes(&sample, &notes, 0); /* both do not fit */
    while (tags.size < SEAL_LABEL_LIMIT)
        frame(&tags, "doc:42");
    notes.tags = buffer_span(&tags);
    buffer_clear(&blob);
    CHECK_INT(seal_entry(&sample.tenant, sample.key, &sample.label, &notes,
                         buffer_span(&sample.payload), &blob),
              STORE_FULL);
    CHECK_INT(blob.size, 0);
    buffer_free(&tags);
    buffer_free(&ignored);
    buffer_free(&blob);
    buffer_free(&plain);
    sample_free(&sample);
}

static void test_entry(void)
{
    static const size_t sizes[] = {0, 1, 2048, 300000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        struct sample sample;
        sample_make(&sample, sizes[i]);
        struct span blob = buffer_span(&sample.blob);
        CHECK_INT(open_all(&sample, blob, &sample.tenant, sample.key), STORE_OK);
        struct tenant other = tenant_of("bob");
        CHECK_INT(open_all(&sample, blob, &other, sample.key), STORE_MISS);
        uint8_t key[STORE_KEY_SIZE] = {8};
        CHECK_INT(open_all(&sample, blob, &sample.tenant, key), STORE_MISS);
        CHECK(span_find(blob, span_text("choices")) == blob.size);
        CHECK(span_find(blob, span_text("mmmm")) == blob.size);
        sample_free(&sample);
    }
}

/* Each bit of a small entry, flipped: never opens. */
static void test_bit_flips(void)
{
    struct sample sample;
    sample_make(&sample, 200);
    for (size_t bit = 0; bit < sample.blob.size * 8; bit++) {
        sample.blob.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        int result =
            open_all(&sample, buffer_span(&sample.blob), &sample.tenant, sample.key);
        sample.blob.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (result == STORE_OK)
            CHECK_INT(bit, -1);
    }
    for (size_t size = 0; size < sample.blob.size; size++)
        CHECK(open_all(&sample, span_of(sample.blob.at, size), &sample.tenant,
                       sample.key) != STORE_OK);
    buffer_append_byte(&sample.blob, 0);
    CHECK_INT(open_all(&sample, buffer_span(&sample.blob), &sample.tenant, sample.key),
              STORE_CORRUPT);
    sample_free(&sample);
}

/* Boxes of two entries of the same key cannot be exchanged: the header differs by time.
 */
static void test_mixed_boxes(void)
{
    struct sample one, two;
    sample_make(&one, 100);
    sample_make(&two, 100);
    struct sealed first, second, mixed;
    buffer_free(&two.blob);
    two.label.created_ms++;
    CHECK_INT(seal_entry(&two.tenant, two.key, &two.label, NULL,
                         buffer_span(&two.payload), &two.blob),
              STORE_OK);
    CHECK_INT(sealed_parse(buffer_span(&one.blob), &first), STORE_OK);
    CHECK_INT(sealed_parse(buffer_span(&two.blob), &second), STORE_OK);
    mixed = first;
    mixed.payload_box = second.payload_box;
    CHECK(!sealed_authentic(&mixed, &one.tenant, one.key));
    mixed = first;
    mixed.label_box = first.payload_box;
    CHECK(!sealed_authentic(&mixed, &one.tenant, one.key));
    CHECK(sealed_authentic(&first, &one.tenant, one.key));
    CHECK(!span_equal(first.payload_box, second.payload_box));
    sample_free(&one);
    sample_free(&two);
}

static void test_foreign_version(void)
{
    struct sample sample;
    struct sealed sealed;
    sample_make(&sample, 10);
    sample.blob.at[8] = 3;
    CHECK_INT(sealed_parse(buffer_span(&sample.blob), &sealed), STORE_UNAVAILABLE);
    sample.blob.at[0] = 'x';
    CHECK_INT(sealed_parse(buffer_span(&sample.blob), &sealed), STORE_CORRUPT);
    sample_free(&sample);
}

static void test_cut_entry(void)
{
    struct sample sample;
    struct sealed sealed;
    struct entry_label label = {0};
    sample_make(&sample, 300000);
    uint64_t size = sample.blob.size;
    struct span head = span_of(sample.blob.at, 600);
    CHECK_INT(sealed_parse_cut(head, size, &sealed), STORE_OK);
    CHECK_INT(unseal_label(&sealed, &sample.tenant, sample.key, &label), STORE_OK);
    CHECK(same_label(&label, &sample.label));
    CHECK(!sealed_authentic(&sealed, &sample.tenant, sample.key));
    CHECK_INT(sealed_parse_cut(span_of(sample.blob.at, 100), size, &sealed),
              STORE_CORRUPT);
    CHECK_INT(sealed_parse_cut(head, size - 1, &sealed), STORE_CORRUPT);
    sample_free(&sample);
}

static void test_alias(void)
{
    struct tenant tenant = tenant_of("alice"), other = tenant_of("bob");
    uint8_t alias[32] = {1}, key[32] = {2}, found[32] = {0}, value[ALIAS_VALUE_SIZE];
    seal_alias(&tenant, alias, key, value);
    struct span span = span_of(value, sizeof(value));
    CHECK_INT(unseal_alias(&tenant, alias, span, found), STORE_OK);
    CHECK_BYTES(found, key, 32);
    CHECK_INT(unseal_alias(&other, alias, span, found), STORE_MISS);
    CHECK_INT(unseal_alias(&tenant, key, span, found), STORE_MISS);
    for (size_t bit = 8; bit < sizeof(value) * 8; bit++) {
        value[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK(unseal_alias(&tenant, alias, span, found) == STORE_MISS);
        value[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t size = 0; size < sizeof(value); size++)
        CHECK_INT(unseal_alias(&tenant, alias, span_of(value, size), found),
                  STORE_CORRUPT);
    value[0] = 2;
    CHECK_INT(unseal_alias(&tenant, alias, span, found), STORE_UNAVAILABLE);
}

int main(void)
{
    if (sodium_init() < 0)
        return 2;
    RUN(test_derivation);
    RUN(test_framing);
    RUN(test_label);
    RUN(test_label_with_words);
    RUN(test_older_labels);
    RUN(test_entry);
    RUN(test_notes);
    RUN(test_bit_flips);
    RUN(test_mixed_boxes);
    RUN(test_foreign_version);
    RUN(test_cut_entry);
    RUN(test_alias);
    return unit_end();
}
