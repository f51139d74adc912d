/* SPDX-License-Identifier: MIT */
/* Header lines of libcurl transfers: sorting, packing, replaying. */
#include "curl_certinfo.h"
#include "curl_level.h"
#include "curl_replay.h"
#include "store/memory.h"
#include "unit.h"

static struct curl_lines lines;

static void take(const char *const *texts)
{
    curl_lines_free(&lines);
    for (; *texts; texts++)
        CHECK_INT(curl_lines_add(&lines, span_text(*texts), 0, 0), 0);
}

#define TAKE(...) take((const char *const[]){__VA_ARGS__, NULL})

static void test_plain(void)
{
    TAKE("HTTP/1.1 200 Very good\r\n", "A: b\r\n", "Empty:\r\n", "\r\n");
    CHECK_INT(curl_lines_sort(&lines), 200);
    struct response response = {0};
    CHECK_INT(curl_lines_response(&lines, &response), 0);
    CHECK_INT(response.version, 11);
    CHECK(span_is(response.phrase, "Very good"));
    CHECK_INT(response.headers.count, 2);
    CHECK(span_is(headers_value(&response.headers, "a"), "b"));
    headers_free(&response.headers);
}

static void test_blocks(void)
{
    TAKE("HTTP/1.1 200 Connection established\r\n", "\r\n", "HTTP/1.1 100 Continue\r\n",
         "\r\n", "HTTP/2 201 \r\n", "a: b\r\n", "\r\n", "trailing: c\r\n");
    CHECK_INT(curl_lines_sort(&lines), 201);
    CHECK_INT(lines.at[0].origin, CURLH_CONNECT);
    CHECK_INT(lines.at[3].origin, CURLH_1XX);
    CHECK_INT(lines.at[5].origin, CURLH_HEADER);
    CHECK_INT(lines.at[7].origin, CURLH_TRAILER);
    struct response response = {0};
    CHECK_INT(curl_lines_response(&lines, &response), 0);
    CHECK_INT(response.version, 20);
    CHECK_INT(response.headers.count, 1);
    headers_free(&response.headers);
}

static void test_several_requests(void)
{
    TAKE("HTTP/1.1 307 Temporary Redirect\r\n", "Location: /x\r\n", "\r\n",
         "HTTP/1.1 200 OK\r\n", "\r\n");
    CHECK_INT(curl_lines_sort(&lines), 0);
    TAKE("HTTP/1.1 401 Unauthorized\r\n", "\r\n", "HTTP/1.1 200 OK\r\n", "\r\n");
    CHECK_INT(curl_lines_sort(&lines), 0);
    TAKE("no status\r\n");
    CHECK_INT(curl_lines_sort(&lines), 0);
    curl_lines_free(&lines);
    CHECK_INT(curl_lines_sort(&lines), 0);
}

static void test_close(void)
{
    TAKE("HTTP/1.1 200 OK\r\n", "Content-Length: 1\r\n", "\r\n");
    CHECK(!curl_lines_close(&lines));
    TAKE("HTTP/1.1 200 OK\r\n", "Content-Length: 1\r\n", "connection: close\r\n", "\r\n");
    CHECK(curl_lines_close(&lines));
    TAKE("HTTP/1.1 200 OK\r\n", "\r\n");
    CHECK(curl_lines_close(&lines));
    TAKE("HTTP/2 200 \r\n", "\r\n");
    CHECK(!curl_lines_close(&lines));
}

static void test_pack(void)
{
    struct buffer packed = {0};
    struct curl_lines back = {0};
    TAKE("HTTP/1.1 200 OK\r\n", "Set-Cookie: secret=1\r\n", "set-cookie2: x\r\n",
         "X-RateLimit-Remaining: 1\r\n", "anthropic-ratelimit-x: 1\r\n", "Keep: me\r\n",
         "\r\n");
    CHECK_INT(curl_lines_sort(&lines), 200);
    curl_lines_pack(&lines, &packed);
    CHECK(span_find(buffer_span(&packed), span_text("secret")) == packed.size);
    struct cursor cursor = cursor_of(buffer_span(&packed));
    CHECK_INT(curl_lines_unpack(&cursor, &back), 0);
    CHECK_INT(back.count, 3);
    CHECK(back.at[0].status);
    CHECK(span_is(curl_lines_text(&back, 1), "Keep: me\r\n"));
    curl_lines_free(&back);
    for (size_t size = 0; size < packed.size; size++) {
        cursor = cursor_of(span_of(packed.at, size));
        CHECK_INT(curl_lines_unpack(&cursor, &back), -1);
        curl_lines_free(&back);
    }
    buffer_free(&packed);
}

static const struct cache_mark mark = {.age_s = 7};

#define MARKS "Age: 7\r\nCache-Status: preecho; hit\r\n"

static const char *shown(const struct curl_lines *from)
{
    static char text[1024];
    span_copy_text(buffer_span(&from->text), text, sizeof text);
    return text;
}

/* A level as libcurl would have left it, from the lines in hand. */
static struct curl_level level_of(bool decoded)
{
    struct curl_level level = {.decoded = decoded, .lines = lines};
    lines = (struct curl_lines){0};
    return level;
}

static const char *replayed(const struct curl_level *level, const char *accepted,
                            int64_t *length)
{
    static struct curl_lines out;
    struct record record = {.response = {.body = span_text("12345")}};
    struct curl_options options = {.text = {[CURL_TEXT_ENCODING] = (char *)accepted}};
    bool identity;
    curl_lines_free(&out);
    CHECK_INT(curl_replay_lines(level, &record, &mark, &options, &out, length, &identity),
              0);
    return shown(&out);
}

static void test_replay_coding(void)
{
    int64_t length;
    TAKE("HTTP/1.1 200 OK\r\n", "content-encoding: gzip\r\n", "content-length: 77\r\n",
         "\r\n");
    CHECK_INT(curl_lines_sort(&lines), 200);
    struct curl_level level = level_of(true);
    CHECK_TEXT(replayed(&level, "gzip", &length),
               "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 77\r\n" MARKS
               "\r\n");
    CHECK_INT(length, 77);
    /* Without libcurl's help the program must not be told of a coding that is undone. */
    CHECK_TEXT(replayed(&level, NULL, &length),
               "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n" MARKS "\r\n");
    CHECK_INT(length, 5);
    level.decoded = false;
    CHECK_TEXT(replayed(&level, "gzip", &length),
               "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n" MARKS "\r\n");
    curl_level_free(&level);
}

/* What the recorded exchange's time says, and what an upstream cache added, is replaced. */
static void test_replay_age(void)
{
    int64_t length;
    TAKE("HTTP/2 200 \r\n", "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n", "age: 99\r\n",
         "\r\n", "trailer: x\r\n");
    CHECK_INT(curl_lines_sort(&lines), 200);
    struct curl_level level = level_of(false);
    CHECK_TEXT(replayed(&level, NULL, &length),
               "HTTP/2 200 \r\nage: 7\r\ncache-status: preecho; hit\r\n\r\n"
               "trailer: x\r\n");
    CHECK_INT(length, -1);
    curl_level_free(&level);
}

/* Recorded below libssl there are no lines: they are made. */
static void test_replay_without_lines(void)
{
    struct header fields[] = {{span_text("Content-Type"), span_text("text/plain")},
                              {span_text("Content-Length"), span_text("9")}};
    struct record record = {.response = {.status = 200,
                                         .phrase = span_text("OK"),
                                         .headers = {fields, 2, 2},
                                         .body = span_text("12345")}};
    struct curl_level level = {0};
    struct curl_options options = {0};
    struct curl_lines out = {0};
    int64_t length;
    bool identity;
    CHECK_INT(
        curl_replay_lines(&level, &record, &mark, &options, &out, &length, &identity), 0);
    CHECK_TEXT(shown(&out), "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                            "Content-Length: 5\r\n" MARKS "\r\n");
    CHECK_INT(length, 5);
    curl_lines_free(&out);
    record.response.chunked = true;
    CHECK_INT(
        curl_replay_lines(&level, &record, &mark, &options, &out, &length, &identity), 0);
    CHECK_TEXT(shown(&out), "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                            "Transfer-Encoding: chunked\r\n" MARKS "\r\n");
    CHECK_INT(length, -1);
    curl_lines_free(&out);
}

static void test_certinfo(void)
{
    struct buffer packed = {0};
    buffer_append_u32(&packed, 2);
    buffer_append_framed(&packed, span_of("Subject:a", 10));
    buffer_append_framed(&packed, span_of("Issuer:b", 9));
    buffer_append_framed(&packed, span_of(NULL, 0));
    buffer_append_framed(&packed, span_of("Subject:c", 10));
    buffer_append_framed(&packed, span_of(NULL, 0));
    struct curl_certinfo *info = curl_certinfo_unpack(buffer_span(&packed));
    if (!CHECK(info))
        return;
    CHECK_INT(info->num_of_certs, 2);
    CHECK_TEXT(info->certinfo[0]->next->data, "Issuer:b");
    CHECK(!info->certinfo[0]->next->next);
    CHECK_TEXT(info->certinfo[1]->data, "Subject:c");
    memory_free(info);
    for (size_t size = 1; size < packed.size; size++)
        CHECK(!curl_certinfo_unpack(span_of(packed.at, size)));
    buffer_free(&packed);
}

static void test_level_damaged(void)
{
    struct curl_level level;
    struct buffer packed = {0};
    CHECK_INT(curl_level_unpack(buffer_span(&packed), &level), -1);
    buffer_append_u16(&packed, 1);
    buffer_append_byte(&packed, 1);
    buffer_append_u16(&packed, 1);
    buffer_append_u32(&packed, CURLINFO_CONTENT_TYPE);
    buffer_append_framed(&packed, span_of("a/b", 4));
    TAKE("HTTP/1.1 200 OK\r\n", "\r\n");
    curl_lines_pack(&lines, &packed);
    buffer_append_framed(&packed, span_of(NULL, 0));
    CHECK_INT(curl_level_unpack(buffer_span(&packed), &level), 0);
    CHECK(level.decoded);
    CHECK_TEXT(curl_level_value(&level, CURLINFO_CONTENT_TYPE)->text, "a/b");
    CHECK(!curl_level_value(&level, CURLINFO_SCHEME));
    curl_level_free(&level);
    for (size_t size = 0; size < packed.size; size++)
        CHECK_INT(curl_level_unpack(span_of(packed.at, size), &level), -1);
    for (unsigned long at = 1; at < 4; at++) {
        memory_fail_from(at);
        CHECK_INT(curl_level_unpack(buffer_span(&packed), &level), -1);
        memory_fail_from(0);
    }
    buffer_free(&packed);
}

int main(void)
{
    RUN(test_plain);
    RUN(test_blocks);
    RUN(test_several_requests);
    RUN(test_close);
    RUN(test_pack);
    RUN(test_replay_coding);
    RUN(test_replay_age);
    RUN(test_replay_without_lines);
    RUN(test_certinfo);
    RUN(test_level_damaged);
    curl_lines_free(&lines);
    return unit_end();
}
