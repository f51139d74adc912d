/* SPDX-License-Identifier: MIT */
/* Requests with another body or further fields: what stays, byte for byte, and what tells the
 * length. */
#include "unit.h"

#include "shim/core/http_body.h"
#include "store/memory.h"

#define POST "POST /v1/chat/completions HTTP/1.1\r\n"

static const struct {
    const char *message, *expected; /* with the body "{new}"; NULL: refused */
} cases[] = {
    {POST "Host: a\r\nContent-Length: 3\r\nX: y\r\n\r\nold",
     POST "Host: a\r\nContent-Length: 5\r\nX: y\r\n\r\n{new}"},
    {POST "content-LENGTH:3\r\n\r\nold", POST "content-LENGTH:5\r\n\r\n{new}"},
    {POST "Content-Length: \t 3  \r\n\r\nold", POST "Content-Length: \t 5\r\n\r\n{new}"},
    {POST "Content-Length: 3\nX: y\n\nold", NULL},
    {POST "Content-Length: 3\r\nX: y\n\r\nold", NULL},
    {POST "Content-Length: 3\r\nX: y\rZ: y\r\n\r\nold", NULL},
    {POST "Content-Length: 3\r\n\r\a: old\r\n\r\n", NULL},
    {POST "Content-Length : 3\r\n\r\nold", NULL},
    {POST "Content-Length: 3\r\n", NULL},
    {"\r\n\r\n" POST "Content-Length: 3\r\n\r\nold",
     "\r\n\r\n" POST "Content-Length: 5\r\n\r\n{new}"},
    {POST
     "A: b\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n3\r\nold\r\n0\r\nT: t\r\n\r\n",
     POST "A: b\r\nContent-Length: 5\r\nX: y\r\n\r\n{new}"},
    {POST "transfer-encoding:chunked\r\n\r\n3\r\nold\r\n0\r\n\r\n",
     POST "content-length:5\r\n\r\n{new}"},
    {POST "Transfer-Encoding:\r\n chunked\r\nX: y\r\n z\r\n\r\n3\r\nold\r\n0\r\n\r\n",
     POST "Content-Length:5\r\nX: y\r\n z\r\n\r\n{new}"},
    {POST "Expect: 100-continue\r\nX-Content-Length: 9\r\nContent-Length: 3\r\n\r\nold",
     POST
     "Expect: 100-continue\r\nX-Content-Length: 9\r\nContent-Length: 5\r\n\r\n{new}"},
    {POST "Content-Length: 3\r\n\r\nContent-Length: 3\r\n",
     POST "Content-Length: 5\r\n\r\n{new}"},
    {POST "Host: a\r\n\r\n", NULL},
    {POST "Host: a\r\n\r\nContent-Length: 3\r\n", NULL},
    {"", NULL},
    {"\r\n", NULL},
};

static void test_bodies(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buffer out = {0};
        bool good =
            http_replace_body(span_text(cases[i].message), span_text("{new}"), &out);
        CHECK_INT(good, cases[i].expected != NULL);
        buffer_append_byte(&out, 0);
        if (good && cases[i].expected)
            CHECK_TEXT((const char *)out.at, cases[i].expected);
        buffer_free(&out);
    }
}

#define GET "GET /v1/models HTTP/1.1\r\n"

static const struct {
    const char *message, *expected; /* with "A: b\r\nC: d\r\n"; NULL: refused */
} field_cases[] = {
    {GET "Host: a\r\n\r\n", GET "Host: a\r\nA: b\r\nC: d\r\n\r\n"},
    {GET "\r\n", GET "A: b\r\nC: d\r\n\r\n"},
    {"\r\n\r\n" GET "Host: a\r\n\r\n", "\r\n\r\n" GET "Host: a\r\nA: b\r\nC: d\r\n\r\n"},
    {GET "X: y\r\n z\r\n\r\n", GET "X: y\r\n z\r\nA: b\r\nC: d\r\n\r\n"},
    {POST "Content-Length: 3\r\n\r\nold",
     POST "Content-Length: 3\r\nA: b\r\nC: d\r\n\r\nold"},
    {GET "Host: a\r\n", NULL},
    {GET "Host: a\n\n", NULL},
    {GET "Host: a\rX: y\r\n\r\n", NULL},
    {"\r\n", NULL},
    {"", NULL},
};

static void test_fields(void)
{
    for (size_t i = 0; i < sizeof field_cases / sizeof *field_cases; i++) {
        struct buffer out = {0};
        bool good = http_add_fields(span_text(field_cases[i].message),
                                    span_text("A: b\r\nC: d\r\n"), &out);
        CHECK_INT(good, field_cases[i].expected != NULL);
        buffer_append_byte(&out, 0);
        if (good && field_cases[i].expected)
            CHECK_TEXT((const char *)out.at, field_cases[i].expected);
        buffer_free(&out);
    }
}

static void test_short_memory(void)
{
    struct buffer out = {0};
    memory_fail_from(1);
    (void)!http_replace_body(span_text(cases[0].message), span_text("{new}"), &out);
    memory_fail_from(0);
    CHECK(!buffer_ok(&out));
    buffer_free(&out);
    memory_fail_from(1);
    (void)!http_add_fields(span_text(field_cases[0].message), span_text("A: b\r\n"),
                           &out);
    memory_fail_from(0);
    CHECK(!buffer_ok(&out));
    buffer_free(&out);
}

int main(void)
{
    RUN(test_bodies);
    RUN(test_fields);
    RUN(test_short_memory);
    return unit_end();
}
