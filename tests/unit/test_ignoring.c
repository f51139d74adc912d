/* SPDX-License-Identifier: MIT */
/* What rules leave out of a request's canonical form. */
#include "unit.h"

#include "shim/core/api/difference.h"
#include "shim/core/config_rules.h"
#include "shim/core/ignoring.h"
#include "store/memory.h"

#include <unistd.h>

static const char *nowhere(const char *name)
{
    return strcmp(name, "HOME") == 0 ? "/nowhere" : NULL;
}

static void read_rules(struct config *config, const char *rules)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/preecho-ignoring-%d.conf", (int)getpid());
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(rules, file) >= 0);
    fclose(file);
    CHECK_INT(config_check(config, nowhere, path, NULL, NULL), 0);
    CHECK_TEXT(config->problem, "");
    unlink(path);
}

/* |text| under |rules| as |expected|, with |used| rules that had an effect, each ended by a line
 * feed. */
static void check(const char *rules, const char *text, const char *expected,
                  const char *used)
{
    struct config config;
    bool failed;
    read_rules(&config, rules);
    struct ignoring *ignoring = ignoring_new(&config, &config.policy, &failed);
    struct buffer out = {0}, framed = {0}, lines = {0};
    CHECK(!failed);
    CHECK_INT(json_canonical_without(span_text(text), (const char *const[]){"user", NULL},
                                     ignoring_json(ignoring), &out),
              JSON_OK);
    CHECK(json_valid(buffer_span(&out)));
    ignoring_used(ignoring, &framed);
    struct cursor cursor = cursor_of(buffer_span(&framed));
    while (cursor.left && cursor_ok(&cursor)) {
        buffer_append_span(&lines, cursor_framed(&cursor));
        buffer_append_byte(&lines, '\n');
    }
    buffer_append_byte(&lines, 0);
    buffer_append_byte(&out, 0);
    CHECK_TEXT((const char *)out.at, expected);
    CHECK_TEXT((const char *)lines.at, used);
    buffer_free(&out);
    buffer_free(&framed);
    buffer_free(&lines);
    ignoring_free(ignoring);
    config_free(&config);
}

static void test_pointers(void)
{
    check("ignore = /a", "{\"a\":1,\"b\":2,\"user\":\"u\"}", "{\"b\":2}", "/a\n");
    check("ignore = /a", "{\"b\":2}", "{\"b\":2}", "");
    check("ignore = /m/id\nignore = /b", "{\"m\":{\"id\":1},\"c\":0}", "{\"c\":0}",
          "/m/id\n");
    check("ignore = /l/*/t", "{\"l\":[{\"t\":1,\"x\":2},{\"x\":3}]}",
          "{\"l\":[{\"x\":2},{\"x\":3}]}", "/l/*/t\n");
    check("ignore = /l/1", "{\"l\":[1,2,3]}", "{\"l\":[1,3]}", "/l/1\n");
    check("ignore = /l/0", "{\"l\":[{\"a\":1},[2],3]}", "{\"l\":[[2],3]}", "/l/0\n");
    check("ignore = /l/2/0", "{\"l\":[{\"a\":1},[2],[3,4]]}",
          "{\"l\":[{\"a\":1},[2],[4]]}", "/l/2/0\n");
    check("ignore = /l/*", "{\"l\":[1,{\"a\":2},\"x\"]}", "{\"l\":[]}", "/l/*\n");
    check("ignore = /a~0b", "{\"a~b\":1,\"c\":2}", "{\"c\":2}", "/a~0b\n");
    check("ignore = /l/x", "{\"l\":[1]}", "{\"l\":[1]}", "");
    check("ignore = /0", "{\"0\":1,\"1\":2}", "{\"1\":2}", "/0\n");
}

static void test_texts(void)
{
    check("ignore_text = [0-9]+", "{\"a\":\"on 12 of 3\",\"b\":45}",
          "{\"a\":\"on \\/ of \\/\",\"b\":45}", "[0-9]+\n");
}

static void test_holes(void)
{
    check("ignore_text = [0-9]+", "\"on 12 of 3\"", "\"on \\/ of \\/\"", "[0-9]+\n");
    check("ignore_text = [0-9]", "\"12\"", "\"\\/\\/\"",
          "[0-9]\n"); /* each has its own */
    check("ignore_text = b+\nignore_text = c", "\"abbcd\"", "\"a\\/\\/d\"", "b+\nc\n");
    check("ignore_text = no\nignore_text = abc\nignore_text = bcd", "\"xabcdx\"",
          "\"x\\/\\/x\"", "abc\nbcd\n");
    check("ignore_text = ^Today is .*$", "\"Be brief.\\nToday is Monday.\\nGo on.\"",
          "\"Be brief.\\u000a\\/\\u000aGo on.\"", "^Today is .*$\n");
    check("ignore_text = x\"y", "\"ax\\\"yb\"", "\"a\\/b\"", "x\"y\n");
    check("ignore_text = \xc3\xa9", "\"a\\u00e9b\"", "\"a\\/b\"", "\xc3\xa9\n");
    check("ignore_text = b", "\"a\\ud800b\\u0001\"", "\"a\\ud800\\/\\u0001\"", "b\n");
    check("ignore_text = a", "[\"a/\",\"\\/a\"]", "[\"\\//\",\"/\\/\"]", "a\n");
    check("ignore_text = k", "{\"k\":\"v\"}", "{\"k\":\"v\"}", ""); /* names stay */
    check("ignore_text = x$", "\"xx\"", "\"x\\/\"", "x$\n");
    check("ignore_text = ^x", "\"xx\"", "\"\\/x\"", "^x\n");
    check("ignore_text = \\<", "\"a b\"", "\"a b\"", ""); /* nothing is nothing */
}

/* A text that looks like a hole is none. */
static void test_no_confusion(void)
{
    char hole[64], plain[64];
    struct config config;
    bool failed;
    read_rules(&config, "ignore_text = [0-9]+");
    struct ignoring *ignoring = ignoring_new(&config, &config.policy, &failed);
    const char *const texts[] = {"\"a/b1\"", "\"a\\/b1\"", "\"a\\\\/b1\"", "\"a2b1\""};
    for (size_t i = 0; i < 4; i++) {
        struct buffer out = {0};
        CHECK_INT(json_canonical_without(span_text(texts[i]), NULL,
                                         ignoring_json(ignoring), &out),
                  JSON_OK);
        span_copy_text(buffer_span(&out), i == 3 ? hole : plain, sizeof plain);
        if (i < 3)
            CHECK(strstr(plain, i == 2 ? "a\\\\/b" : "a/b") != NULL);
        buffer_free(&out);
    }
    CHECK_TEXT(hole, "\"a\\/b\\/\"");
    ignoring_free(ignoring);
    config_free(&config);
}

static void test_long_lines_are_not_searched(void)
{
    struct buffer text = {0}, out = {0};
    struct config config;
    bool failed;
    read_rules(&config, "ignore_text = x");
    struct ignoring *ignoring = ignoring_new(&config, &config.policy, &failed);
    buffer_append_byte(&text, '"');
    for (size_t i = 0; i <= JSON_LINE_LIMIT; i++)
        buffer_append_byte(&text, 'x');
    buffer_append_text(&text, "\\nx\"");
    CHECK_INT(
        json_canonical_without(buffer_span(&text), NULL, ignoring_json(ignoring), &out),
        JSON_OK);
    CHECK(span_ends(buffer_span(&out), "xx\\u000a\\/\""));
    buffer_free(&text);
    buffer_free(&out);
    ignoring_free(ignoring);
    config_free(&config);
}

static void test_sections(void)
{
    struct config config;
    bool failed = true;
    read_rules(&config, "[match \"h\"]\nignore = /a");
    CHECK(ignoring_new(&config, &config.policy, &failed) == NULL && !failed);
    struct policy policy;
    struct policy_facts facts = {.host = span_text("h")};
    policy_find(&config, &facts, &policy);
    struct ignoring *ignoring = ignoring_new(&config, &policy, &failed);
    CHECK(ignoring != NULL && !failed);
    ignoring_free(ignoring);
    memory_fail_from(1);
    CHECK(ignoring_new(&config, &policy, &failed) == NULL && failed);
    memory_fail_from(0);
    config_free(&config);
}

static void test_bad_pointers(void)
{
    static const char *const bad[] = {"",      "/",   "a",    "/a/",   "//a",  "/a//b",
                                      "/a~1b", "/a~", "/a~2", "/a\"b", "/a\\b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        unit_check(ignoring_pointer_problem(span_text(bad[i])) != NULL, __FILE__,
                   __LINE__, "%s", bad[i]);
}

static void test_short_memory(void)
{
    struct config config;
    bool failed, good = false;
    read_rules(&config, "ignore_text = [0-9]+\nignore = /a");
    struct ignoring *ignoring = ignoring_new(&config, &config.policy, &failed);
    for (unsigned long n = 1; n < 30 && !good; n++) {
        struct buffer out = {0};
        memory_fail_from(n);
        enum json_result result = json_canonical_without(
            span_text("{\"a\":1,\"b\":\"x1\"}"), NULL, ignoring_json(ignoring), &out);
        memory_fail_from(0);
        good = result == JSON_OK;
        CHECK(good ? n > 3 : result == JSON_NO_MEMORY);
        buffer_free(&out);
    }
    CHECK(good);
    ignoring_free(ignoring);
    config_free(&config);
}

/* The nearest recording's request is compared without the same parts. */
static void test_differences(void)
{
    struct config config;
    bool failed;
    struct call call;
    struct json_likeness likeness;
    struct header type = {span_text("Content-Type"), span_text("application/json")};
    struct request here = {.tls = true,
                           .method = span_text("POST"),
                           .host = span_text("api.openai.com"),
                           .port = 443,
                           .target = span_text("/v1/embeddings"),
                           .headers = {&type, 1, 1},
                           .body = span_text("{\"model\":\"m\",\"input\":\"at 1\"}")};
    struct request there = here;
    there.body = span_text("{\"model\":\"m\",\"input\":\"at 22\"}");
    read_rules(&config, "ignore_text = [0-9]+");
    struct ignoring *ignoring = ignoring_new(&config, &config.policy, &failed);
    CHECK_INT(api_recognise(&here, &call), REASON_NONE);
    CHECK_INT(api_difference(&here, &call, &there, NULL, NULL, &likeness), 0);
    CHECK_INT(likeness.different, 1);
    CHECK_INT(api_canonicalise(&call, here.body, ignoring_json(ignoring)), REASON_NONE);
    CHECK_INT(api_difference(&here, &call, &there, NULL, NULL, &likeness), 0);
    CHECK_INT(likeness.different, 0);
    api_call_free(&call);
    ignoring_free(ignoring);
    config_free(&config);
}

int main(void)
{
    RUN(test_pointers);
    RUN(test_texts);
    RUN(test_holes);
    RUN(test_no_confusion);
    RUN(test_long_lines_are_not_searched);
    RUN(test_sections);
    RUN(test_bad_pointers);
    RUN(test_short_memory);
    RUN(test_differences);
    return unit_end();
}
