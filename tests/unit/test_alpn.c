/* SPDX-License-Identifier: MIT */
/* ALPN offers without h2. */
#include "unit.h"

#include "alpn.h"
#include "store/memory.h"

static int one, two;

static const char *stripped(const void *object)
{
    static char text[80];
    struct buffer out = {0};
    bool ok = alpn_without_h2(object, &out);
    span_copy_text(buffer_span(&out), text, sizeof(text));
    buffer_free(&out);
    return ok ? text : "-";
}

static void test_both(void)
{
    alpn_note(&one, span_text("\x02h2\x08http/1.1"));
    CHECK_TEXT(stripped(&one), "\x08http/1.1");
    CHECK_TEXT(stripped(&two), "-");
    alpn_note(&one, span_text("\x08http/1.1\x02h2\x03"
                              "foo"));
    CHECK_TEXT(stripped(&one), "\x08http/1.1\x03"
                               "foo");
}

static void test_one_alone(void)
{
    alpn_note(&one, span_text("\x02h2"));
    CHECK_TEXT(stripped(&one), "-");
    alpn_note(&one, span_text("\x08http/1.1"));
    CHECK_TEXT(stripped(&one), "-");
    alpn_note(&one, span_text(""));
    CHECK_TEXT(stripped(&one), "-");
    alpn_note(&one, span_text("\x7f"
                              "cut"));
    CHECK_TEXT(stripped(&one), "-");
}

static void test_forgotten(void)
{
    alpn_note(&one, span_text("\x02h2\x08http/1.1"));
    alpn_forget(&one);
    alpn_forget(&one);
    CHECK_TEXT(stripped(&one), "-");
}

static void test_short_memory(void)
{
    alpn_forget(&one);
    memory_fail_from(1);
    alpn_note(&one, span_text("\x02h2\x08http/1.1"));
    memory_fail_from(0);
    CHECK_TEXT(stripped(&one), "-");
}

int main(void)
{
    RUN(test_both);
    RUN(test_one_alone);
    RUN(test_forgotten);
    RUN(test_short_memory);
    return unit_end();
}
