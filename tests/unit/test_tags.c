/* SPDX-License-Identifier: MIT */
/* Tags of rules and those that are known anyway; JSON pointers; patterns. */
#include "unit.h"

#include "shim/core/api/json_pointer.h"
#include "shim/core/setting.h"
#include "shim/core/tag_rule.h"
#include "shim/core/tags.h"
#include "store/memory.h"
#include "store/wildcard.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* -- JSON pointers --------------------------------------------------------------------- */

static void check_pointer(const char *pointer, const char *expected)
{
    static const char text[] =
        "{\"a\":{\"b/c\":[10,{\"~\":\"x\"}],\"\":3},\"\\u00e9\":4,\"0\":5}";
    struct json value = json_at_pointer(json_of(span_text(text)), span_text(pointer));
    char found[128];
    span_copy_text(value.text, found, sizeof found);
    CHECK_TEXT(found, expected);
}

static void test_pointers(void)
{
    check_pointer("/a/b~1c/0", "10");
    check_pointer("/a/b~1c/1/~0", "\"x\"");
    check_pointer("/a/", "3");
    check_pointer("/0", "5");
    check_pointer("/\xc3\xa9", "4");
    check_pointer("/a/b~1c/2", "");
    check_pointer("/a/b~1c/00", "");
    check_pointer("/a/b~1c/-", "");
    check_pointer("/a/b~1c/99999999999", "");
    check_pointer("/a/b/c", "");
    check_pointer("/0/x", "");
    CHECK(json_pointer_valid(span_text("")) && json_pointer_valid(span_text("/a~0~1")));
    CHECK(!json_pointer_valid(span_text("a")) && !json_pointer_valid(span_text("/a~")) &&
          !json_pointer_valid(span_text("/a~2")));
}

/* -- patterns -------------------------------------------------------------------------- */

static bool matches(const char *pattern, const char *text)
{
    return wildcard_matches(span_text(pattern), span_text(text), false);
}

static void test_wildcards(void)
{
    CHECK(matches("", "") && matches("*", "") && matches("**", "abc") &&
          matches("abc", "abc"));
    CHECK(matches("a*c", "ac") && matches("a*c", "abcbc") && matches("*b*", "abc"));
    CHECK(matches("a*b*c", "aXbYbZc") && matches("*/v1/*", "x/v1/v1/y"));
    CHECK(!matches("", "a") && !matches("a", "") && !matches("a*c", "abd"));
    CHECK(!matches("abc", "ABC") &&
          wildcard_matches(span_text("aB*"), span_text("AbX"), true));
    CHECK(!matches("a?c", "abc") && matches("[a]", "[a]"));
    char text[4096], pattern[64];
    memset(text, 'a', sizeof text - 1); /* would take for ever with backtracking */
    text[sizeof text - 1] = 0;
    for (size_t i = 0; i < sizeof pattern - 2; i += 2)
        memcpy(pattern + i, "a*", 3);
    CHECK(matches(pattern, text));
    memcpy(pattern + sizeof pattern - 3, "b", 2);
    CHECK(!matches(pattern, text));
}

static void check_nearest(const char *text, const char *expected)
{
    CHECK_TEXT(setting_nearest_name(span_text(text)), expected);
}

static void test_suggestions(void)
{
    check_nearest("tll", "ttl");
    check_nearest("max-age", "max_age");
    check_nearest("verison", "version");
    check_nearest("stale_if_eror", "stale_if_error");
    check_nearest("stalewhilerevalidate", "stale_while_revalidate");
    check_nearest("x", "");
    check_nearest("temperature", "");
    check_nearest("", "");
    char endless[200];
    memset(endless, 't', sizeof endless);
    endless[199] = 0;
    check_nearest(endless, "");
}

/* -- rules ----------------------------------------------------------------------------- */

static struct header fields[] = {
    {{(const uint8_t *)"X-Doc", 5}, {(const uint8_t *)"d 7", 3}}};
static const struct request request = {
    .host = {(const uint8_t *)"API.example", 11},
    .target = {(const uint8_t *)"/v1/docs/42/chat?key=secret", 27},
    .headers = {fields, 1, 1},
    .body = {(const uint8_t
                  *)"{\"metadata\":{\"doc\":\"doc-9\",\"n\":5,\"l\":[]},\"t\":true}",
             53},
};

static void check_tag(const char *rule, const char *expected)
{
    struct buffer out = {0};
    char text[128];
    CHECK(tag_rule_problem(span_text(rule)) == NULL);
    tag_rule_apply(span_text(rule), &request, &out);
    span_copy_text(buffer_span(&out), text, sizeof text);
    CHECK_TEXT(text, expected);
    buffer_free(&out);
}

static void test_rules(void)
{
    check_tag("team blue", "team blue");
    check_tag("back\\slash", "back\\slash");
    check_tag("path:\\0 from path", "path:/v1/docs/42/chat");
    check_tag("doc:\\1 from path matching /docs/([0-9]+)/", "doc:42");
    check_tag("\\2-\\1\\\\ from path matching /(v.)/([a-z]+)", "docs-v1\\");
    check_tag("doc:\\1 from body:/metadata/doc matching ^doc-(.*)$", "doc:9");
    check_tag("n:\\0 from body:/metadata/n", "n:5");
    check_tag("t:\\0 from body:/t", "t:true");
    check_tag("l:\\0 from body:/metadata/l", "");
    check_tag("x:\\0 from body:/nothing", "");
    check_tag("h:\\0 from header:x-doc", "h:d 7");
    check_tag("h:\\0 from header:x-doc matching d  *.", "h:d 7");
    check_tag("h:\\0 from header:x-other", "");
    check_tag("h:\\1 from header:x-doc matching (no)", "");
    check_tag("h:\\1. from header:x-doc matching d(no)?", "h:.");
}

static void test_rules_that_make_no_sense(void)
{
    static const char *const bad[] = {"",
                                      "a from",
                                      "a from nowhere",
                                      "a from header:",
                                      "a from header:authorization",
                                      "a from header:X-Api-Key",
                                      "a from header:Cookie",
                                      "a from body:",
                                      "a from body:x",
                                      "a from body:/a~",
                                      "a from path matching (",
                                      "\\1 from path",
                                      "\\2 from path matching (a)",
                                      "\\x from path",
                                      "\\ from path",
                                      "a from path matching (a)\\1"};
    for (size_t i = 2; i < sizeof bad / sizeof *bad; i++)
        unit_check(tag_rule_problem(span_text(bad[i])) != NULL, __FILE__, __LINE__, "%s",
                   bad[i]);
    CHECK(tag_rule_problem(span_text(bad[0])) != NULL);
}

/* -- all of them ----------------------------------------------------------------------- */

/* The tags of |request|, one a line. */
static void collect(const struct config *config, char *text, size_t capacity)
{
    struct buffer out = {0};
    struct policy_facts facts = {
        .host = request.host, .program = span_text("prog"), .model = span_text("m\x01n")};
    tags_collect(config, &config->policy, &facts, &request, &out);
    CHECK(buffer_ok(&out));
    struct cursor cursor = cursor_of(buffer_span(&out));
    for (text[0] = 0; cursor.left;) {
        struct span tag = cursor_framed(&cursor);
        size_t size = strlen(text);
        CHECK(cursor_ok(&cursor) && tag.size <= TAG_LIMIT);
        snprintf(text + size, capacity - size, "%.*s\n", (int)tag.size,
                 (const char *)tag.at);
    }
    buffer_free(&out);
}

static const char *nothing(const char *name)
{
    return strcmp(name, "HOME") == 0             ? "/nowhere"
           : strcmp(name, "GITHUB_RUN_ID") == 0  ? "77"
           : strcmp(name, "PREECHO_TENANT") == 0 ? "me"
                                                 : NULL;
}

static void read_rules(struct config *config, const char *rules)
{
    FILE *file = fopen("/tmp/preecho-tags.conf", "w");
    CHECK(file && fputs(rules, file) >= 0);
    fclose(file);
    CHECK_INT(config_check(config, nothing, "/tmp/preecho-tags.conf", NULL, NULL), 0);
    CHECK_TEXT(config->problem, "");
    unlink("/tmp/preecho-tags.conf");
}

static void test_collecting(void)
{
    struct config config;
    char text[8192];
    setenv("PYTEST_CURRENT_TEST", "t.py::t (call)", 1);
    read_rules(&config, "tag = a\ntag = a\ntag = n:\\0 from body:/metadata/n\n"
                        "[match \"h\"]\ntag = not this\n");
    collect(&config, text, sizeof text);
    unsetenv("PYTEST_CURRENT_TEST");
    CHECK_TEXT(text,
               "program:prog\nhost:api.example\nmodel:m n\ntest:t.py::t\nrun:77\na\n"
               "n:5\n");
    config_free(&config);
}

static const char *launched(const char *name)
{
    return strcmp(name, "PREECHO_RUN") == 0 ? "12345678.0abcdef0" : nothing(name);
}

static const char *launched_badly(const char *name)
{
    return strcmp(name, "PREECHO_RUN") == 0 ? "12345678 x" : nothing(name);
}

/* Which run a call belongs to comes first in the journal, and never into an entry's tags. */
static void test_launch(void)
{
    struct config config;
    char text[8192];
    struct buffer out = {0};
    CHECK_INT(config_read(&config, launched), 0);
    CHECK_TEXT(config.launch, "12345678.0abcdef0");
    tags_of_call(&config, &config.policy, span_text("prog"), &request, &out);
    struct cursor cursor = cursor_of(buffer_span(&out));
    CHECK(span_is(cursor_framed(&cursor), "launch:12345678.0abcdef0"));
    buffer_free(&out);
    collect(&config, text, sizeof text);
    CHECK(!strstr(text, "launch:"));
    config_free(&config);
    CHECK_INT(config_read(&config, launched_badly), 0);
    CHECK_TEXT(config.launch, "");
    config_free(&config);
}

static void test_too_many(void)
{
    struct config config;
    char text[8192], rules[4096] = "";
    for (unsigned i = 0; i < 40; i++)
        snprintf(rules + strlen(rules), 64, "tag = tag %u\n", i);
    memset(rules + strlen(rules), 0, 1);
    read_rules(&config, rules);
    collect(&config, text, sizeof text);
    unsigned lines = 0;
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    CHECK_INT(lines, TAGS_LIMIT);
    for (unsigned long n = 1; n < 40; n++) {
        struct buffer out = {0};
        struct policy_facts facts = {.program = span_text("prog")};
        memory_fail_from(n);
        tags_collect(&config, &config.policy, &facts, &request, &out);
        memory_fail_from(0);
        CHECK(buffer_ok(&out) ? n > 1 : n < 20);
        buffer_free(&out);
    }
    config_free(&config);
}

int main(void)
{
    RUN(test_pointers);
    RUN(test_wildcards);
    RUN(test_suggestions);
    RUN(test_rules);
    RUN(test_rules_that_make_no_sense);
    RUN(test_collecting);
    RUN(test_launch);
    RUN(test_too_many);
    return unit_end();
}
