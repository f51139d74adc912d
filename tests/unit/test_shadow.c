/* SPDX-License-Identifier: MIT */
/* Samples as `preecho semantic` adds them up, and texts side by side. */
#include "unit.h"

#include "store_place.h"
#include "tools/shadow.h"
#include "tools/sides.h"

static void check_share(const char *text, double expected)
{
    double share = -1;
    bool good = shadow_share(text, &share);
    unit_check(good == (expected > 0) &&
                   (!good || (share > expected - 1e-9 && share < expected + 1e-9)),
               __FILE__, __LINE__, "'%s' gave %f", text, share);
}

static void test_share(void)
{
    check_share("1%", 0.01);
    check_share("0.5 %", 0.005);
    check_share("95%", 0.95);
    check_share("99.9%", 0.999);
    static const char *const bad[] = {"",    "%",    "1",    "0%",    "100%", "-1%",
                                      "1%%", "1% x", "nan%", "0x1%.", " 1%",  "1e400%"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        check_share(bad[i], 0);
}

static void test_sums(void)
{
    struct shadow_sample list[7] = {
        {.sample = {.comparison = COMPARISON_EQUAL}},
        {.sample = {.comparison = COMPARISON_SIMILAR}},
        {.sample = {.comparison = COMPARISON_UNKNOWN}},
        {.sample = {.comparison = COMPARISON_UNKNOWN}, .review = REVIEW_WRONG},
        {.sample = {.comparison = COMPARISON_UNKNOWN, .guard = 3}},
        {.sample = {.comparison = COMPARISON_DIFFERENT, .canary = true}},
        {.sample = {.comparison = COMPARISON_DIFFERENT}}};
    struct shadow_sums sums;
    shadow_sum(list, 7, &sums);
    CHECK(sums.allowed.samples == 5 && sums.forbidden.samples == 1 &&
          sums.canaries.samples == 1);
    CHECK(sums.allowed.by_comparison[COMPARISON_EQUAL] == 1 &&
          sums.allowed.by_comparison[COMPARISON_SIMILAR] == 1 &&
          sums.allowed.by_comparison[COMPARISON_DIFFERENT] == 1 &&
          sums.allowed.by_comparison[COMPARISON_UNKNOWN] == 2);
    CHECK(sums.by_guard[3].by_comparison[COMPARISON_UNKNOWN] == 1);
    CHECK(sums.canaries.by_comparison[COMPARISON_DIFFERENT] == 1);
    CHECK(sums.reviewed == 1 && sums.open == 1);
    CHECK(!shadow_counts(&list[4]) && !shadow_counts(&list[5]) &&
          shadow_counts(&list[6]));
}

static void check_bucket(uint32_t similarity, unsigned expected)
{
    struct shadow_sample one = {
        .sample = {.similarity = similarity, .guard = GUARD_NONE}};
    struct shadow_sums sums;
    shadow_sum(&one, 1, &sums);
    for (unsigned i = 0; i < SHADOW_BUCKETS; i++)
        CHECK_INT(sums.buckets[i].samples, i == expected);
    double start = shadow_bucket_start(expected);
    CHECK(start < similarity / 1e6 + 1e-9 && start > similarity / 1e6 - 0.5 - 1e-9);
}

static void test_buckets(void)
{
    check_bucket(0, 0);
    check_bucket(499999, 0);
    check_bucket(500000, 1);
    check_bucket(549999, 1);
    check_bucket(550000, 2);
    check_bucket(949999, 9);
    check_bucket(950000, 10);
    check_bucket(CERTIFICATE_ONE, 10);
}

/* A guard of a later version. */
static void test_later_guard(void)
{
    struct shadow_sample one = {.sample = {.guard = 200}};
    struct shadow_sums sums;
    shadow_sum(&one, 1, &sums);
    CHECK_INT(sums.by_guard[SHADOW_GUARDS - 1].samples, 1);
}

static void record(struct store *store, const char *identity, uint64_t number,
                   const char *model)
{
    struct tenant tenant = place_tenant(store, identity);
    struct sample sample = {.time_ms = (int64_t)number, .scope = {.guards = 1}};
    struct buffer note = {0};
    struct entry_label label = {.ttl_s = UINT64_MAX};
    uint8_t key[STORE_KEY_SIZE];
    number_key(number, 1, key);
    strcpy(sample.scope.model, model);
    sample_encode(&sample, &note);
    struct entry_notes notes = {.sample = buffer_span(&note)};
    CHECK_INT(store_record(store, &tenant, key, NULL, &label, &notes, span_text("x")),
              STORE_OK);
    buffer_free(&note);
}

static void test_groups(void)
{
    struct place place;
    struct shadow shadow;
    size_t groups = 0;
    place_make(&place);
    struct store *store = place_open(&place);
    for (uint64_t i = 0; i < 30; i++)
        record(store, i % 2 ? "one" : "two", 30 - i, i % 3 ? "a" : "b");
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    struct tenant third = place_tenant(store, "three");
    CHECK_INT(number_record(store, &third, 99), STORE_OK); /* without a sample */
    CHECK_INT(shadow_read(store, &shadow), STORE_OK);
    CHECK_INT(shadow.count, 30);
    for (size_t i = 0, size; i < shadow.count; i += size, groups++) {
        size = shadow_group(&shadow, i);
        CHECK(size == 5 || size == 10);
        for (size_t k = i + 1; k < i + size; k++)
            CHECK(shadow.list[k].sample.time_ms > shadow.list[k - 1].sample.time_ms &&
                  strcmp(shadow.list[k].sample.scope.model,
                         shadow.list[i].sample.scope.model) == 0);
    }
    CHECK_INT(groups, 4);
    shadow_free(&shadow);
    store_close(store);
    place_remove(&place);
}

static void check_sides(const char *left, const char *right, unsigned width,
                        const char *expected)
{
    struct buffer out = {0};
    sides_append(span_text(left), span_text(right), width, &out);
    buffer_append_byte(&out, 0);
    CHECK_TEXT((const char *)out.at, expected);
    buffer_free(&out);
}

static void test_sides(void)
{
    check_sides("", "", 40, "");
    check_sides("one", "two", 23, "one        | two\n");
    check_sides("a longer text", "b", 23, "a longer   | b\ntext       |\n");
    check_sides("abcdefghijklmno", "b", 23, "abcdefghij | b\nklmno      |\n");
    check_sides("a\nb\n\nc", "1234567890 2", 23,
                "a          | 1234567890\nb          | 2\n           |\nc          |\n");
    check_sides("\033[2J\x9b", "\xc3\xa4\xc2\x9b\tx\xff", 23,
                "?[2J?      | \xc3\xa4? x?\n");
    check_sides("x", "", 5, "x        |\n");
}

static void test_long_sides(void)
{
    struct buffer text = {0}, out = {0};
    size_t lines = 0;
    for (unsigned i = 0; i < 200; i++)
        buffer_append_text(&text, "word\n");
    sides_append(buffer_span(&text), span_text("short"), 60, &out);
    for (size_t i = 0; i < out.size; i++)
        lines += out.at[i] == '\n';
    CHECK_INT(lines, SIDES_LINES);
    CHECK(span_find(buffer_span(&out), span_text("...")) < out.size);
    buffer_free(&text);
    buffer_free(&out);
}

int main(void)
{
    RUN(test_share);
    RUN(test_sums);
    RUN(test_buckets);
    RUN(test_later_guard);
    RUN(test_groups);
    RUN(test_sides);
    RUN(test_long_sides);
    return unit_end();
}
