/* SPDX-License-Identifier: MIT */
/* Cassettes: what is written is read again, and what is not sound is refused with its reason. */
#include "unit.h"

#include "store/duration.h"
#include "store/memory.h"
#include "tools/cassette.h"
#include "tools/credential.h"
#include "tools/import_entry.h"
#include "tools/line.h"

#include <stdlib.h>

static void add(struct headers *headers, const char *name, const char *value)
{
    CHECK_INT(headers_add(headers, span_text(name), span_text(value)), 0);
}

#define BODY                                                                             \
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\xc3\xa9\"}]}"
#define ANSWER                                                                           \
    "{\"choices\":[{\"message\":{\"content\":\"y\"},\"finish_reason\":\"stop\"}]}"

static const struct piece pieces[] = {{2, 10}, {0, 11}, {3, 12}};

/* An answer whose bytes are no text, in pieces. */
static struct record new_record(void)
{
    struct record record = {0};
    struct request *request = &record.request;
    struct response *response = &record.response;
    request->method = span_text("POST");
    request->tls = true;
    request->host = span_text("api.openai.com");
    request->port = 443;
    request->target = span_text("/v1/chat/completions?a=b");
    request->body = span_text(BODY);
    add(&request->headers, "Content-Type", "application/json");
    response->status = 200;
    response->version = 11;
    response->phrase = span_text("OK");
    response->body = span_of("a\0\xff\n\"", 5);
    response->chunked = true;
    response->pieces = pieces;
    response->piece_count = 3;
    response->first_byte_us = 123456;
    response->last_byte_us = 234567;
    add(&response->headers, "X-One", "a");
    add(&response->headers, "x-one", "b\xe9");
    return record;
}

static struct entry_label new_label(void)
{
    struct entry_label label = {.created_ms = 1795771576123,
                                .ttl_s = 3600,
                                .ordinal = 2,
                                .sensitive = 1,
                                .usage_known = true,
                                .tokens_in = 7,
                                .program = "python3",
                                .fingerprint = "fp_1"};
    return label;
}

static void test_round_trip(void)
{
    struct record record = new_record();
    struct entry_label label = new_label();
    struct buffer tags = {0};
    struct cassette_entry entry;
    char problem[CASSETTE_PROBLEM_SIZE] = "";
    buffer_append_framed(&tags, span_text("doc:42"));
    buffer_append_framed(&tags, span_of("\xff", 1));
    char *line = cassette_write(&record, &label, buffer_span(&tags));
    CHECK(line && !strchr(line, '\n'));
    CHECK(strstr(line, "\"recorded\":\"2026-11-27T09:26:16.123Z\"") != NULL);
    CHECK(strstr(line, "\"sensitive\":[\"e-mail\"]") != NULL);
    if (!CHECK(cassette_read(span_text(line), &entry, problem)))
        fprintf(stderr, "%s\n", problem);
    CHECK(span_is(entry.request.host, "api.openai.com"));
    CHECK(span_is(entry.request.target, "/v1/chat/completions?a=b"));
    CHECK(span_is(entry.request.body, BODY));
    CHECK(entry.request.tls && !entry.request.unverified);
    CHECK_INT(entry.request.port, 443);
    CHECK(span_equal(entry.response.body, record.response.body));
    CHECK_INT(entry.response.headers.count, 2);
    CHECK(span_is(entry.response.headers.at[1].value, "b\xe9"));
    CHECK_INT(entry.response.piece_count, 3);
    CHECK_INT(entry.response.pieces[2].size, 3);
    CHECK_INT(entry.response.pieces[2].at_us, 12);
    CHECK(entry.response.chunked && !entry.response.close_delimited);
    CHECK_INT(entry.response.version, 11);
    CHECK_INT(entry.response.last_byte_us, 234567);
    CHECK_INT(entry.label.created_ms, label.created_ms);
    CHECK_INT(entry.label.ttl_s, 3600);
    CHECK_INT(entry.label.ordinal, 2);
    CHECK_TEXT(entry.label.program, "python3");
    CHECK_TEXT(entry.label.fingerprint, "fp_1");
    CHECK(span_equal(buffer_span(&entry.tags), buffer_span(&tags)));
    struct record again = {.request = entry.request, .response = entry.response};
    entry.label.usage_known = true;
    entry.label.tokens_in = 7;
    entry.label.sensitive = 1;
    char *second = cassette_write(&again, &entry.label, buffer_span(&entry.tags));
    CHECK_TEXT(second, line);
    free(second);
    free(line);
    cassette_free(&entry);
    buffer_free(&tags);
    headers_free(&record.request.headers);
    headers_free(&record.response.headers);
}

/* -- lines that are not sound -------------------------------------------------------------- */

#define ABOUT    "\"about\":{\"recorded\":\"2026-11-27T09:26:16.123Z\"}"
#define REQUEST_ "\"method\":\"POST\",\"scheme\":\"https\",\"host\":\"api.openai.com\""
#define REQUEST                                                                          \
    "\"request\":{" REQUEST_ ",\"port\":443,\"target\":\"/v1/chat/completions\","        \
    "\"headers\":[],\"body\":\"x\"}"
#define RESPONSE_                                                                        \
    "\"status\":200,\"http\":\"1.1\",\"phrase\":\"OK\",\"chunked\":false,"               \
    "\"close_delimited\":false,\"first_byte_us\":1,\"last_byte_us\":2"
#define RESPONSE                                                                         \
    "\"response\":{" RESPONSE_ ",\"headers\":[],\"body\":\"ab\",\"pieces\":[]}"
#define LINE(ABOUT, REQUEST, RESPONSE)                                                   \
    "{\"preecho\":1," ABOUT "," REQUEST "," RESPONSE "}"
#define WITH_ABOUT(REST)   LINE("\"about\":{" REST "}", REQUEST, RESPONSE)
#define RECORDED           "\"recorded\":\"2026-11-27T09:26:16.123Z\""
#define WITH_REQUEST(REST) LINE(ABOUT, "\"request\":{" REST "}", RESPONSE)
#define WITH_HEADERS(LIST)                                                               \
    LINE(ABOUT, REQUEST,                                                                 \
         "\"response\":{" RESPONSE_ ",\"body\":\"ab\",\"pieces\":[],\"headers\":" LIST   \
         "}")
#define WITH_BODY(BODY, PIECES)                                                          \
    LINE(ABOUT, REQUEST,                                                                 \
         "\"response\":{" RESPONSE_ ",\"headers\":[],\"body\":" BODY                     \
         ",\"pieces\":" PIECES "}")

/* clang-format off */
static const struct {
    const char *line, *problem;
} bad[] = {
    {"", "column"},
    {"nonsense", "column 8"},
    {"{\"preecho\":1", "column"},
    {"{\"preecho\":1} {}", "column"},
    {"{\"preecho\":1,\"preecho\":1}", "duplicate"},
    {"[]", "no version"},
    {"{}", "no version"},
    {"{\"preecho\":\"1\"}", "no version"},
    {"{\"preecho\":2," ABOUT "," REQUEST "," RESPONSE "}", "a version that"},
    {"{\"preecho\":1," REQUEST "," RESPONSE "}", "about"},
    {LINE(ABOUT ",\"more\":1", REQUEST, RESPONSE), "more"},
    {WITH_ABOUT(""), "recorded"},
    {WITH_ABOUT(RECORDED ",\"programm\":\"x\""), "programm"},
    {WITH_ABOUT("\"recorded\":\"yesterday\""), "recorded: not like"},
    {WITH_ABOUT("\"recorded\":\"2026-11-27T09:26:16.123\""), "recorded: not like"},
    {WITH_ABOUT("\"recorded\":\"2026-11-27T09:26:16.123Zx\""), "recorded: not like"},
    {WITH_ABOUT("\"recorded\":\"0026-11-27T09:26:16.123Z\""), "recorded: not like"},
    {WITH_ABOUT(RECORDED ",\"ttl\":-2"), "ttl"},
    {WITH_ABOUT(RECORDED ",\"ttl\":9223372036854775807"), "ttl"},
    {WITH_ABOUT(RECORDED ",\"sample\":4294967296"), "sample"},
    {WITH_ABOUT(RECORDED ",\"tags\":{}"), "tags: no list"},
    {WITH_ABOUT(RECORDED ",\"tags\":[1]"), "tags: neither"},
    {WITH_REQUEST(""), "request"},
    {WITH_REQUEST(REQUEST_ ",\"port\":0,\"target\":\"/\",\"headers\":[],\"body\":\"\""), "port"},
    {WITH_REQUEST(REQUEST_ ",\"port\":65536,\"target\":\"/\",\"headers\":[],\"body\":\"\""), "port"},
    {WITH_REQUEST(REQUEST_ ",\"port\":1,\"target\":\"/ x\",\"headers\":[],\"body\":\"\""), "target"},
    {WITH_REQUEST(REQUEST_ ",\"port\":1,\"target\":\"\",\"headers\":[],\"body\":\"\""), "target"},
    {WITH_REQUEST(REQUEST_ ",\"port\":1,\"target\":\"/\",\"headers\":[],\"body\":1"), "request body"},
    {WITH_REQUEST("\"method\":\"PO ST\",\"scheme\":\"https\",\"host\":\"h\",\"port\":1,\"target\":\"/\","
                  "\"headers\":[],\"body\":\"\""), "method"},
    {WITH_REQUEST("\"method\":\"POST\",\"scheme\":\"ftp\",\"host\":\"h\",\"port\":1,\"target\":\"/\","
                  "\"headers\":[],\"body\":\"\""), "scheme"},
    {WITH_REQUEST("\"method\":\"POST\",\"scheme\":\"http\",\"host\":\"h/x\",\"port\":1,\"target\":\"/\","
                  "\"headers\":[],\"body\":\"\""), "host"},
    {WITH_HEADERS("{}"), "response headers: no list"},
    {WITH_HEADERS("[\"a\"]"), "not pairs"},
    {WITH_HEADERS("[[\"a\"]]"), "not pairs"},
    {WITH_HEADERS("[[\"a\",\"b\",\"c\"]]"), "not pairs"},
    {WITH_HEADERS("[[\"a b\",\"c\"]]"), "response headers"},
    {WITH_HEADERS("[[\"a:\",\"c\"]]"), "response headers"},
    {WITH_HEADERS("[[\"\",\"c\"]]"), "response headers"},
    {WITH_HEADERS("[[\"a\",\"c\\r\\nX: y\"]]"), "control characters"},
    {WITH_HEADERS("[[\"a\",{\"base64\":\"DQo=\"}]]"), "control characters"},
    {WITH_HEADERS("[[\"a\",{\"base64\":\"DQo\"}]]"), "neither"},
    {WITH_HEADERS("[[\"a\",{\"base64\":\"DQo=\",\"x\":1}]]"), "neither"},
    {WITH_HEADERS("[[\"a\",{\"base64\":1}]]"), "neither"},
    {WITH_BODY("\"a\\u0000b\"", "[]"), "column"},
    {WITH_BODY("\"ab\"", "1"), "pieces: no list"},
    {WITH_BODY("\"ab\"", "[[1]]"), "pieces"},
    {WITH_BODY("\"ab\"", "[[1,2,3]]"), "pieces"},
    {WITH_BODY("\"ab\"", "[[3,1]]"), "pieces"},
    {WITH_BODY("\"ab\"", "[[-1,1],[3,1]]"), "pieces"},
    {WITH_BODY("\"ab\"", "[[2,-1]]"), "pieces"},
    {WITH_BODY("\"ab\"", "[[1,1]]"), "smaller than the body"},
    {LINE(ABOUT, REQUEST, "\"response\":{}"), "response"},
    {LINE(ABOUT, REQUEST, "\"response\":{\"status\":199,\"http\":\"1.1\",\"phrase\":\"\",\"chunked\":false,"
          "\"close_delimited\":false,\"first_byte_us\":1,\"last_byte_us\":2,\"headers\":[],\"body\":\"\",\"pieces\":[]}"),
     "status"},
    {LINE(ABOUT, REQUEST, "\"response\":{\"status\":200,\"http\":\"9\",\"phrase\":\"\",\"chunked\":false,"
          "\"close_delimited\":false,\"first_byte_us\":1,\"last_byte_us\":2,\"headers\":[],\"body\":\"\",\"pieces\":[]}"),
     "http"},
    {LINE(ABOUT, REQUEST, "\"response\":{\"status\":200,\"http\":\"2\",\"phrase\":\"\\n\",\"chunked\":false,"
          "\"close_delimited\":false,\"first_byte_us\":1,\"last_byte_us\":2,\"headers\":[],\"body\":\"\",\"pieces\":[]}"),
     "phrase"},
    {LINE(ABOUT, REQUEST, "\"response\":{\"status\":200,\"http\":\"2\",\"phrase\":\"\",\"chunked\":false,"
          "\"close_delimited\":false,\"first_byte_us\":-1,\"last_byte_us\":2,\"headers\":[],\"body\":\"\",\"pieces\":[]}"),
     "below zero"},
};
/* clang-format on */

static void test_bad_lines(void)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct cassette_entry entry;
        char problem[CASSETTE_PROBLEM_SIZE] = "";
        bool good = cassette_read(span_text(bad[i].line), &entry, problem);
        unit_check(!good && strstr(problem, bad[i].problem), __FILE__, __LINE__,
                   "%s: \"%s\" instead of \"%s\"", bad[i].line, good ? "good" : problem,
                   bad[i].problem);
        if (good)
            cassette_free(&entry);
    }
}

static void test_good_lines(void)
{
    static const char *const good[] = {
        LINE(ABOUT, REQUEST, RESPONSE),
        WITH_BODY("\"ab\"", "[[2,1]]"),
        WITH_BODY("\"\"", "[]"),
        WITH_BODY("{\"base64\":\"\"}", "[]"),
        WITH_BODY("{\"base64\":\"AP8=\"}", "[[1,1],[1,2]]"),
        WITH_ABOUT(RECORDED
                   ",\"ttl\":0,\"sample\":0,\"tags\":[],\"model\":\"m\",\"stream\":true"),
        " { \"response\" : {" RESPONSE_ ",\"headers\":[[\"a\",\"b\\tc\"]],\"body\":\"\","
        "\"pieces\":[]}," REQUEST "," ABOUT ",\"preecho\":1}",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        struct cassette_entry entry;
        char problem[CASSETTE_PROBLEM_SIZE] = "";
        if (!unit_check(cassette_read(span_text(good[i]), &entry, problem), __FILE__,
                        __LINE__, "%s: %s", good[i], problem))
            continue;
        CHECK_INT(entry.label.ttl_s, i == 5 ? 0 : (long long)DURATION_FOREVER);
        cassette_free(&entry);
    }
}

static void test_memory(void)
{
    static const char line[] = LINE(ABOUT ",\"x\":1", REQUEST, RESPONSE);
    static const char good[] =
        "{\"preecho\":1," ABOUT ","
        "\"request\":{" REQUEST_
        ",\"port\":443,\"target\":\"/x\",\"headers\":[[\"a\",\"b\"]],"
        "\"body\":\"x\"}," RESPONSE "}";
    struct cassette_entry entry;
    char problem[CASSETTE_PROBLEM_SIZE] = "";
    unsigned long count = 1;
    memory_fail_from(1);
    CHECK(!cassette_read(span_text(line), &entry, problem));
    for (bool read = false; !read && count < 20; count++) {
        memory_fail_from(count);
        read = cassette_read(span_text(good), &entry, problem);
        memory_fail_from(0);
        if (read)
            cassette_free(&entry);
        else
            CHECK(strstr(problem, "memory is short") != NULL);
    }
    CHECK(count > 2 && count < 20);
}

/* -- what may be imported ------------------------------------------------------------------ */

static bool importable(const char *target, const char *body, const char *answer,
                       unsigned status, char problem[CASSETTE_PROBLEM_SIZE])
{
    static char tenant[] = "tests";
    struct config config = {.tenant = tenant};
    struct cassette_entry entry = {0};
    struct call call = {0};
    entry.request = (struct request){.method = span_text("POST"),
                                     .tls = true,
                                     .host = span_text("api.openai.com"),
                                     .port = 443,
                                     .target = span_text(target),
                                     .body = span_text(body)};
    entry.response.status = status;
    entry.response.body = span_text(answer);
    bool good = import_check(&entry, &config, &call, problem);
    if (good) {
        CHECK_TEXT(entry.label.dialect, "openai");
        CHECK_TEXT(entry.label.operation, "chat");
        CHECK_TEXT(entry.label.model, "m");
        CHECK_TEXT(entry.label.tenant, "tests");
        CHECK_INT(entry.label.response_bytes, strlen(answer));
    }
    api_call_free(&call);
    return good;
}

static void test_importable(void)
{
    char problem[CASSETTE_PROBLEM_SIZE] = "";
    CHECK(importable("/v1/chat/completions", BODY, ANSWER, 200, problem));
    CHECK(importable("/v1/chat/completions", BODY, "{}", 400, problem));
    CHECK(!importable("/v1/chat/completions", BODY, "{\"error\":{}}", 200, problem));
    CHECK(strstr(problem, "never kept") != NULL);
    CHECK(!importable("/v1/chat/completions", BODY, "{\"cho", 200, problem));
    CHECK(!importable("/v1/chat/completions", BODY, ANSWER, 500, problem));
    CHECK(!importable("/v1/chat/completions", BODY, ANSWER, 302, problem));
    CHECK(!importable("/v1/files", BODY, ANSWER, 200, problem));
    CHECK(strstr(problem, "never answered") != NULL);
    CHECK(!importable("/v1/chat/completions", "nonsense", ANSWER, 200, problem));
}

static void check_credential(const char *host, const char *target, const char *name,
                             const char *value)
{
    struct credential credential = {.key = "k1"};
    struct headers headers = {0};
    struct call call;
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text(host),
                              .port = 443,
                              .target = span_text(target),
                              .body = span_text("{\"model\":\"m\",\"max_tokens\":1,"
                                                "\"messages\":[],\"contents\":[]}")};
    (void)!api_recognise(&request, &call);
    CHECK_INT(credential_add(&credential, &call, &headers), 0);
    CHECK_INT(headers.count, 1);
    CHECK(span_is(headers.at[0].name, name));
    CHECK(span_is(headers.at[0].value, value));
    headers_free(&headers);
    credential_free(&credential);
    api_call_free(&call);
}

static void test_credential(void)
{
    struct credential credential = {0};
    check_credential("api.openai.com", "/v1/chat/completions", "authorization",
                     "Bearer k1");
    check_credential("api.anthropic.com", "/v1/messages", "x-api-key", "k1");
    check_credential("generativelanguage.googleapis.com", "/v1/models/g:generateContent",
                     "x-goog-api-key", "k1");
    check_credential("r.openai.azure.com", "/openai/deployments/d/chat/completions",
                     "api-key", "k1");
    CHECK(!credential_is_given(&credential));
    CHECK(!credential_add_field(&credential, "no field"));
    CHECK(!credential_add_field(&credential, ": x"));
    CHECK(!credential_add_field(&credential, "a: b\r\nc: d"));
    CHECK(credential_add_field(&credential, "a: b"));
    setenv("TEST_KEY", "k2", 1);
    setenv("TEST_FIELD", "x-api-key: k3", 1);
    setenv("TEST_EMPTY", "", 1);
    CHECK(!credential_add_variable(&credential, "TEST_EMPTY"));
    CHECK(!credential_add_variable(&credential, "TEST_UNSET"));
    CHECK(credential_add_variable(&credential, "TEST_FIELD"));
    CHECK(credential_add_variable(&credential, "TEST_KEY"));
    CHECK(!credential_add_variable(&credential, "TEST_KEY"));
    struct headers headers = {0};
    struct call call = {0};
    CHECK_INT(credential_add(&credential, &call, &headers), 0);
    CHECK_INT(headers.count, 3);
    CHECK(span_is(headers.at[1].value, "k3"));
    headers_free(&headers);
    memory_fail_from(1);
    CHECK_INT(credential_add(&credential, &call, &headers), -1);
    memory_fail_from(0);
    headers_free(&headers);
    credential_free(&credential);
}

static void test_lines(void)
{
    static char text[] = "one\n\ntoolong\nlong\nend";
    struct line_reader reader = {.file = fmemopen(text, strlen(text), "r"), .limit = 4};
    CHECK_INT(line_next(&reader), LINE_OK);
    CHECK(span_is(buffer_span(&reader.line), "one"));
    CHECK_INT(line_next(&reader), LINE_OK);
    CHECK_INT(reader.line.size, 0);
    CHECK_INT(line_next(&reader), LINE_TOO_LONG);
    CHECK_INT(line_next(&reader), LINE_OK);
    CHECK(span_is(buffer_span(&reader.line), "long"));
    CHECK_INT(line_next(&reader), LINE_OK);
    CHECK(span_is(buffer_span(&reader.line), "end"));
    CHECK_INT(reader.number, 5);
    CHECK_INT(line_next(&reader), LINE_END);
    fclose(reader.file);
    buffer_free(&reader.line);
}

int main(void)
{
    RUN(test_round_trip);
    RUN(test_bad_lines);
    RUN(test_good_lines);
    RUN(test_memory);
    RUN(test_importable);
    RUN(test_credential);
    RUN(test_lines);
    return unit_end();
}
