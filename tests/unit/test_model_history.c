/* SPDX-License-Identifier: MIT */
/* Which models have answered under a name, and when one is a change. */
#include "unit.h"

#include "shim/core/model_history.h"

static struct buffer history;

static bool add(const char *fingerprint, int64_t now_ms)
{
    struct buffer longer = {0};
    bool added =
        model_history_add(buffer_span(&history), span_text(fingerprint), now_ms, &longer);
    CHECK(buffer_ok(&longer) && (longer.size > 0) == added);
    if (added) {
        buffer_free(&history);
        history = longer;
    }
    return added;
}

static bool changed(const char *fingerprint, int64_t created_ms)
{
    return model_history_changed(buffer_span(&history), span_text(fingerprint),
                                 created_ms);
}

static void test_only_what_is_new_is_a_change(void)
{
    CHECK(!changed("a", 0));
    CHECK(add("a", 100) && !add("a", 150));
    CHECK(!changed("a", 100) && changed("b", 50) && !changed("b", 100));
    CHECK(add("b", 200) && !add("a", 250));
    CHECK(changed("a", 199) && !changed("a", 200) && !changed("b", 200));
    buffer_free(&history);
}

static void test_the_newest_are_kept(void)
{
    char name[16];
    for (int i = 0; i < 3 * MODEL_HISTORY_LIMIT; i++) {
        snprintf(name, sizeof name, "model %d", i);
        CHECK(add(name, i));
    }
    CHECK(!add(name, 1000));
    CHECK(add("model 0", 1000));
    CHECK(changed(name, 999));
    buffer_free(&history);
}

static void test_garbage_is_an_empty_history(void)
{
    static const uint8_t cut[] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 200, 0, 0, 0, 'x'};
    static const uint8_t foreign[] = {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    buffer_append(&history, cut, sizeof cut);
    CHECK(!changed("a", -1) && add("a", 1) && !add("a", 2));
    buffer_free(&history);
    buffer_append(&history, foreign, sizeof foreign);
    CHECK(!changed("a", -1) && add("a", 1) && !add("a", 2));
    buffer_free(&history);
}

int main(void)
{
    RUN(test_only_what_is_new_is_a_change);
    RUN(test_the_newest_are_kept);
    RUN(test_garbage_is_an_empty_history);
    return unit_end();
}
