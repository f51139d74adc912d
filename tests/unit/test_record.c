/* SPDX-License-Identifier: MIT */
/* Records: what goes in, what stays out, and what broken bytes do. */
#include "core/api/record.h"

#include "unit.h"
#include "wire.h"

static bool has_text(struct span bytes, const char *text)
{
    return span_find(bytes, span_text(text)) < bytes.size;
}

typedef bool keeping(const struct headers *headers, struct span name);

static void check_headers(const struct headers *found, const struct headers *sent,
                          keeping *keeps)
{
    size_t next = 0;
    for (size_t i = 0; i < sent->count; i++) {
        if (!keeps(sent, sent->at[i].name))
            continue;
        CHECK(next < found->count);
        if (next == found->count)
            return;
        CHECK(span_equal(found->at[next].name, sent->at[i].name));
        CHECK(span_equal(found->at[next].value, sent->at[i].value));
        next++;
    }
    CHECK_INT(found->count, next);
}

static void test_round_trip(void)
{
    for (unsigned i = 1; i <= 49; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%02u-", i);
        struct wire_request request = wire_request(name);
        struct wire_response response = wire_response(name);
        struct record record;
        struct buffer packed = {0};
        response.response.first_byte_us = 5;
        response.response.last_byte_us = UINT64_MAX;
        record_pack(&request.request, &response.response, span_text("level"), &packed);
        CHECK(buffer_ok(&packed));
        CHECK_INT(record_unpack(buffer_span(&packed), &record), 0);
        CHECK(span_equal(record.request.method, request.request.method));
        CHECK(span_equal(record.request.host, request.request.host));
        CHECK(span_equal(record.request.body, request.request.body));
        CHECK_INT(record.request.tls, request.request.tls);
        CHECK_INT(record.request.port, request.request.port);
        CHECK_INT(record.response.status, response.response.status);
        CHECK_INT(record.response.version, 11);
        CHECK_INT(record.response.chunked, response.response.chunked);
        CHECK(span_equal(record.response.body, response.response.body));
        CHECK(record.response.last_byte_us == UINT64_MAX);
        CHECK(span_is(record.level, "level"));
        check_headers(&record.response.headers, &response.response.headers,
                      span_is(request.request.method, "GET") ? record_keeps_edge
                                                             : record_keeps);
        record_free(&record);
        buffer_free(&packed);
        wire_request_free(&request);
        wire_response_free(&response);
    }
}

static void test_no_credentials(void)
{
    static const char *const secrets[] = {
        "sk-",  "EXAMPLE0001",   "AIza",   "ya29",    "AKIDEXAMPLE", "Signature",
        "IQoJ", "EXAMPLEcohere", "Bearer", "__cf_bm", "org-example", "api-key"};
    for (unsigned i = 1; i <= 49; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%02u-", i);
        struct wire_request request = wire_request(name);
        struct wire_response response = wire_response(name);
        struct buffer packed = {0};
        struct call call;
        /* Only what may be kept is ever recorded; an error may quote the key it refuses.
         */
        bool kept = api_recognise(&request.request, &call) == REASON_NONE &&
                    api_check(&call, &response.response) == REASON_NONE;
        record_pack(&request.request, &response.response, (struct span){0}, &packed);
        for (size_t j = 0; kept && j < sizeof(secrets) / sizeof(*secrets); j++)
            if (has_text(buffer_span(&packed), secrets[j]))
                unit_check(0, __FILE__, __LINE__, "%s holds %s", name, secrets[j]);
        CHECK(packed.size > 0);
        api_call_free(&call);
        buffer_free(&packed);
        wire_request_free(&request);
        wire_response_free(&response);
    }
}

static void test_stripped_fields(void)
{
    static const char *const kept[] = {
        "Content-Type",         "x-request-id", "request-id",       "openai-version",
        "openai-processing-ms", "CF-RAY",       "X-Amzn-RequestId", "Vary",
        "x-ms-region",          "ETag",
    };
    static const char *const gone[] = {
        "Connection",
        "Keep-Alive",
        "Transfer-Encoding",
        "TE",
        "Trailer",
        "Upgrade",
        "Proxy-Authenticate",
        "Date",
        "Age",
        "Set-Cookie",
        "Content-Encoding",
        "Content-Length",
        "x-ratelimit-limit-requests",
        "X-RateLimit-Remaining-Tokens",
        "anthropic-ratelimit-tokens-reset",
        "Retry-After",
        "retry-after-ms",
        "X-Hop",
        "anthropic-organization-id",
        "openai-organization",
    };
    struct headers headers = {0};
    CHECK_INT(
        headers_add(&headers, span_text("connection"), span_text("keep-alive , x-hop")),
        0);
    for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
        CHECK(record_keeps(&headers, span_text(kept[i])));
    for (size_t i = 0; i < sizeof(gone) / sizeof(*gone); i++)
        CHECK(!record_keeps(&headers, span_text(gone[i])));
    headers_free(&headers);
}

/* Reasoning, ids of tool calls, padding: the body's bytes are the recorded ones. */
static void test_repeated_fields_and_pieces(void)
{
    static const struct piece pieces[] = {{3, 10}, {0, 11}, {2, 12}};
    struct request request = {.method = span_text("POST"),
                              .target = span_text("/x?key=s&a=b")};
    struct response response = {
        .status = 200,
        .body = span_text("abc\nd"),
        .pieces = pieces,
        .piece_count = 3,
        .close_delimited = true,
    };
    struct buffer packed = {0};
    struct record record;
    for (unsigned i = 0; i < 2; i++)
        CHECK_INT(headers_add(&response.headers, span_text("Vary"), span_text("Origin")),
                  0);
    record_pack(&request, &response, (struct span){0}, &packed);
    CHECK_INT(record_unpack(buffer_span(&packed), &record), 0);
    CHECK(span_is(record.request.target, "/x?a=b"));
    CHECK_INT(record.response.headers.count, 2);
    CHECK(record.response.close_delimited);
    CHECK_INT(record.response.piece_count, 3);
    CHECK_INT(record.response.pieces[2].size, 2);
    CHECK_INT(record.response.pieces[2].at_us, 12);
    record_free(&record);
    buffer_free(&packed);
    /* Pieces of another body, a compressed one, are not kept. */
    response.body = span_text("abc");
    record_pack(&request, &response, (struct span){0}, &packed);
    CHECK_INT(record_unpack(buffer_span(&packed), &record), 0);
    CHECK_INT(record.response.piece_count, 0);
    record_free(&record);
    buffer_free(&packed);
    headers_free(&response.headers);
}

static struct buffer pack_example(void)
{
    static const struct piece pieces[] = {{838, 10}};
    struct wire_request request = wire_request("01-");
    struct wire_response response = wire_response("01-");
    struct buffer packed = {0};
    response.response.pieces = pieces;
    response.response.piece_count = 1;
    record_pack(&request.request, &response.response, span_text("L"), &packed);
    wire_request_free(&request);
    wire_response_free(&response);
    return packed;
}

static void test_broken(void)
{
    struct buffer packed = pack_example();
    struct record record;
    CHECK_INT(record_unpack(buffer_span(&packed), &record), 0);
    CHECK_INT(record.response.piece_count, 1);
    record_free(&record);
    for (size_t size = 0; size < packed.size; size++)
        CHECK(record_unpack(span_of(packed.at, size), &record) == -1);
    for (size_t i = 0; i < packed.size; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            packed.at[i] ^= (uint8_t)(1u << bit);
            if (record_unpack(buffer_span(&packed), &record) == 0)
                record_free(&record);
            packed.at[i] ^= (uint8_t)(1u << bit);
        }
    }
    buffer_append_byte(&packed, 0);
    CHECK(record_unpack(buffer_span(&packed), &record) == -1);
    packed.at[3]++;
    CHECK(record_unpack(buffer_span(&packed), &record) == -1);
    buffer_free(&packed);
}

static void test_memory(void)
{
    struct buffer packed = pack_example();
    bool done = false;
    for (unsigned long n = 1; !done && n < 50; n++) {
        struct record record;
        memory_fail_from(n);
        done = record_unpack(buffer_span(&packed), &record) == 0;
        memory_fail_from(0);
        if (done)
            record_free(&record);
    }
    CHECK(done);
    buffer_free(&packed);
    struct wire_request request = wire_request("01-");
    struct response response = {.status = 200};
    done = false;
    for (unsigned long n = 1; !done && n < 50; n++) {
        memory_fail_from(n);
        record_pack(&request.request, &response, (struct span){0}, &packed);
        memory_fail_from(0);
        done = buffer_ok(&packed);
        buffer_free(&packed);
    }
    CHECK(done);
    wire_request_free(&request);
}

/* RFC 9111, 4.1: what tells the variants of an answer to a GET apart stays, if it is no secret. */
static void test_variant(void)
{
    static const char *const names[] = {"Accept-Language", "X-Flavour", "Cookie",
                                        "X-Session-Id", "Authorization"};
    struct request request = {.method = span_text("GET"),
                              .host = span_text("a.example"),
                              .target = span_text("/")};
    struct response response = {.status = 200, .version = 11};
    struct record record;
    for (unsigned round = 0; round < 2; round++) {
        struct buffer packed = {0};
        headers_free(&request.headers);
        headers_free(&response.headers);
        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
            CHECK_INT(headers_add(&request.headers, span_text(names[i]), span_text("v")),
                      0);
        CHECK_INT(headers_add(&response.headers, span_text("Vary"),
                              span_text("accept-language, Cookie, x-session-id, "
                                        "authorization")),
                  0);
        record_pack(&request, &response, (struct span){0}, &packed);
        CHECK_INT(record_unpack(buffer_span(&packed), &record), 0);
        CHECK_INT(record.request.headers.count, round == 0);
        if (record.request.headers.count)
            CHECK(span_is(record.request.headers.at[0].name, "Accept-Language"));
        record_free(&record);
        buffer_free(&packed);
        request.method = span_text("POST");
    }
    headers_free(&request.headers);
    headers_free(&response.headers);
}

int main(void)
{
    RUN(test_variant);
    RUN(test_round_trip);
    RUN(test_no_credentials);
    RUN(test_stripped_fields);
    RUN(test_repeated_fields_and_pieces);
    RUN(test_broken);
    RUN(test_memory);
    return unit_end();
}
