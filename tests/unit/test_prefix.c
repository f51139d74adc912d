/* SPDX-License-Identifier: MIT */
/* The pure parts of `preecho prefix`: pieces, places, causes, minimums. */
#include "unit.h"

#include "core/api/api.h"
#include "core/api/json_pointer.h"
#include "store/memory.h"
#include "tools/json_place.h"
#include "tools/prefix.h"

#include <stdlib.h>

/* -- requests -------------------------------------------------------------------------------- */

static void recognise(const char *target, const char *body, struct call *call)
{
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text(strstr(target, "messages")
                                                    ? "api.anthropic.com"
                                                    : "api.openai.com"),
                              .port = 443,
                              .target = span_text(target),
                              .body = span_text(body)};
    unit_check(api_recognise(&request, call) == REASON_NONE, __FILE__, __LINE__,
               "not cacheable: %s", body);
}

#define CHAT     "/v1/chat/completions"
#define MESSAGES "/v1/messages"

/* -- pieces ---------------------------------------------------------------------------------- */

static void test_piece_size(void)
{
    CHECK_INT(piece_size(span_text("")), 0);
    CHECK_INT(piece_size(span_text("one\ntwo")), 4);
    CHECK_INT(piece_size(span_text("x")), 1);
    char *wide = malloc(1000);
    memset(wide, 'x', 1000);
    CHECK_INT(piece_size(span_of(wide, 1000)), PIECE_MOST);
    free(wide);
}

/* A text that differs in its first word has the same pieces after the first few. */
static void test_pieces_meet_again(void)
{
    static const char words[] =
        "the quick brown fox jumps over the lazy dog and then runs "
        "away from all of the other animals that live in this old "
        "forest near a river with many stones and a wooden bridge";
    char a[400], b[400];
    size_t ends_a[400] = {0}, ends_b[400] = {0}, same = 0;
    snprintf(a, sizeof(a), "now: 1 %s", words);
    snprintf(b, sizeof(b), "now: 12345 %s", words);
    for (size_t at = 0; a[at];)
        at += piece_size(span_text(a + at)), ends_a[strlen(a) - at] = 1;
    for (size_t at = 0; b[at];)
        at += piece_size(span_text(b + at)), ends_b[strlen(b) - at] = 1;
    for (size_t i = 0; i < 400; i++)
        same += ends_a[i] && ends_b[i];
    CHECK(same > 1);
}

static struct piece_hasher hasher;

static struct pieces cut(const char *target, const char *body)
{
    struct call call;
    struct pieces pieces;
    recognise(target, body, &call);
    CHECK_INT(pieces_of(&hasher, &call, span_text(body), &pieces), SEGMENTS_KNOWN);
    api_call_free(&call);
    return pieces;
}

#define BODY(SYSTEM, USER)                                                               \
    "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"" SYSTEM          \
    "\"},{\"role\":\"user\",\"content\":\"" USER "\"}]}"

static void test_pieces(void)
{
    struct pieces a = cut(CHAT, BODY("one\\ntwo\\nthree\\n", "q"));
    struct pieces b = cut(CHAT, BODY("one\\nTWO\\nthree\\n", "q"));
    struct pieces more = cut(CHAT, BODY("one\\ntwo\\nthree\\n", "q\\nr"));
    CHECK_INT(pieces_bytes(&a), strlen("one\ntwo\nthree\nsystemquser"));
    CHECK_INT(pieces_common(&a, &a), a.count);
    CHECK_INT(pieces_until(&a, pieces_common(&a, &b)), strlen("systemone\n"));
    CHECK_INT(pieces_shared(&a, &b), pieces_bytes(&a) - strlen("two\n"));
    CHECK_INT(pieces_until(&a, pieces_common(&a, &more)),
              strlen("systemone\ntwo\nthree\nuser"));
    CHECK(pieces_have(&b, a.at[1].hash) && !pieces_have(&b, a.at[2].hash));
    struct pieces system;
    pieces_of_part(&hasher, &a, SEGMENT_SYSTEM, &system);
    CHECK_INT(pieces_bytes(&system), strlen("one\ntwo\nthree\nsystem"));
    pieces_free(&system);
    pieces_free(&a);
    pieces_free(&b);
    pieces_free(&more);
}

/* Under another key nothing is equal: what is kept tells nothing. */
static void test_pieces_are_keyed(void)
{
    struct pieces a = cut(CHAT, BODY("s", "q"));
    piece_hasher_init(&hasher);
    struct pieces b = cut(CHAT, BODY("s", "q"));
    CHECK_INT(pieces_shared(&a, &b), 0);
    pieces_free(&a);
    pieces_free(&b);
}

/* -- causes ---------------------------------------------------------------------------------- */

static const struct {
    const char *before, *now;
    enum prefix_cause cause;
} texts[] = {
    {"It is 2026-11-27T13:04:27Z.", "It is 2026-11-27T13:04:31Z.", CAUSE_TIME},
    {"It is 2026-11-27.", "It is 2026-11-28.", CAUSE_TIME},
    {"Today: Friday, 27 November 2026", "Today: Saturday, 28 November 2026", CAUSE_TIME},
    {"Today: November 27, 2026 ok", "Today: December 1, 2026 ok", CAUSE_TIME},
    {"Date: Fri, 27 Nov 2026 13:04:27 GMT", "Date: Fri, 27 Nov 2026 13:04:28 GMT",
     CAUSE_TIME},
    {"at 9:59 AM", "at 10:01 AM", CAUSE_TIME},
    {"27.11.2026, 13:04", "28.11.2026, 09:10", CAUSE_TIME},
    {"11/27/2026", "11/28/2026", CAUSE_TIME},
    {"now=1795787067 x", "now=1795787099 x", CAUSE_TIME},
    {"now=1795787067123 x", "now=1795787099456 x", CAUSE_TIME},
    {"id 6ba7b810-9dad-11d1-80b4-00c04fd430c8", "id 7ba7b811-9dad-11d1-80b4-00c04fd430c8",
     CAUSE_UUID},
    {"id 6ba7b810-9dad-11d1-80b4-00c04fd430c8", "id 6ba7b810-9dad-11d1-80b4-00c04fd430c9",
     CAUSE_UUID},
    {"This is turn 9 of 50", "This is turn 10 of 50", CAUSE_COUNTER},
    {"#1", "#2", CAUSE_COUNTER},
    {"x-anthropic-billing-header: cc_version=2.1.1; cch=0af3;",
     "x-anthropic-billing-header: cc_version=2.1.1; cch=91bc;", CAUSE_BILLING},
    {"nonce a3f9c2e17b;", "nonce 0d7be8812c;", CAUSE_NONCE},
    {"Version 1.2.34 of it", "Version 1.2.35 of it", CAUSE_VOLATILE},
    {"Tell me about whales", "Tell me about trains", CAUSE_TEXT},
    {"gpt-4o-mini", "gpt-4o-nano", CAUSE_TEXT},
    {"Hello Ann. You are an assistant that answers briefly.",
     "Hello Bob. You are an assistant that answers briefly.", CAUSE_VOLATILE},
    {"same", "same and more", CAUSE_TEXT},
};

static void test_causes_of_texts(void)
{
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        size_t at = 0;
        while (texts[i].before[at] && texts[i].before[at] == texts[i].now[at])
            at++;
        enum prefix_cause cause = prefix_cause_of_texts(span_text(texts[i].before),
                                                        span_text(texts[i].now), at);
        unit_check(cause == texts[i].cause, __FILE__, __LINE__, "%s: %s", texts[i].now,
                   prefix_cause_name(cause));
    }
}

/* -- places ---------------------------------------------------------------------------------- */

#define TOOLS(LIST)                                                                      \
    "{\"model\":\"m\",\"tools\":[" LIST                                                  \
    "],\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}"
#define TOOL(NAME, TEXT)                                                                 \
    "{\"type\":\"function\",\"function\":{\"name\":\"" NAME "\",\"description\":\"" TEXT \
    "\"}}"
#define TURN(ROLE, TEXT) "{\"role\":\"" ROLE "\",\"content\":\"" TEXT "\"}"
#define TURNS(LIST)      "{\"model\":\"m\",\"messages\":[" LIST "]}"
#define CLAUDE(MORE, LIST)                                                               \
    "{\"model\":\"m\",\"max_tokens\":9," MORE "\"messages\":[" LIST "]}"

/* clang-format off */
static const struct {
    const char *target, *before, *now, *pointer;
    size_t offset;
    enum prefix_cause cause;
} places[] = {
    {CHAT, BODY("at 2026-11-27 go", "q"), BODY("at 2026-11-28 go", "q"),
     "/messages/0/content", 12, CAUSE_TIME},
    {CHAT, TOOLS(TOOL("a", "x") "," TOOL("b", "y")), TOOLS(TOOL("b", "y") "," TOOL("a", "x")),
     "/tools/0/function/name", 0, CAUSE_TOOL_ORDER},
    {CHAT, TOOLS("{\"type\":\"function\",\"function\":{\"name\":\"a\",\"strict\":true}}"),
     TOOLS("{\"type\":\"function\",\"function\":{\"strict\":true,\"name\":\"a\"}}"),
     "/tools/0/function/strict", 0, CAUSE_MEMBER_ORDER},
    {CHAT, TOOLS(TOOL("a", "x")), TOOLS(TOOL("a", "x") "," TOOL("b", "y")),
     "/tools/1", 0, CAUSE_TOOLS},
    {CHAT, TOOLS(TOOL("a", "x")), TOOLS(TOOL("a", "\\u00e9\\\"other")),
     "/tools/0/function/description", 0, CAUSE_TOOLS},
    {CHAT, TOOLS(TOOL("a", "\\u00e9\\\"at 13:04:05")), TOOLS(TOOL("a", "\\u00e9\\\"at 13:04:07")),
     "/tools/0/function/description", 13, CAUSE_TIME},
    {CHAT, TURNS(TURN("user", "a") "," TURN("assistant", "b") "," TURN("user", "c")),
     TURNS(TURN("user", "c")), "/messages/0/content", 0, CAUSE_REMOVED},
    {CHAT, TURNS(TURN("user", "old question")),
     TURNS(TURN("user", "found: x y z") "," TURN("user", "old question")),
     "/messages/0/content", 0, CAUSE_INSERTED},
    {CHAT, "{\"model\":\"m\",\"response_format\":{\"type\":\"text\"},\"messages\":[" TURN("user", "a") "]}",
     "{\"model\":\"m\",\"response_format\":{\"type\":\"json_object\"},\"messages\":[" TURN("user", "a") "]}",
     "/response_format/type", 0, CAUSE_SETTING},
    {MESSAGES, CLAUDE("", "{\"role\":\"user\",\"content\":[{\"type\":\"tool_use\",\"input\":{\"a\":1,\"b\":2}}]}"),
     CLAUDE("", "{\"role\":\"user\",\"content\":[{\"type\":\"tool_use\",\"input\":{\"b\":2,\"a\":1}}]}"),
     "/messages/0/content/0/input/b", 0, CAUSE_MEMBER_ORDER},
    {MESSAGES, CLAUDE("\"system\":\"abc def\",", TURN("user", "q")),
     CLAUDE("\"system\":[{\"type\":\"text\",\"text\":\"abc xyz\"}],", TURN("user", "q")),
     "/system/0/text", 4, CAUSE_TEXT},
};
/* clang-format on */

static void check_place(size_t i)
{
    struct call before, now;
    struct prefix_place place;
    struct buffer pointer = {0};
    recognise(places[i].target, places[i].before, &before);
    recognise(places[i].target, places[i].now, &now);
    CHECK_INT(prefix_place_find(&before, span_text(places[i].before), &now,
                                span_text(places[i].now), &place),
              0);
    CHECK(place.any);
    buffer_append_span(&pointer, buffer_span(&place.pointer));
    buffer_append_byte(&pointer, 0);
    CHECK_TEXT((const char *)pointer.at, places[i].pointer);
    CHECK_INT(place.offset, places[i].offset);
    CHECK_TEXT(prefix_cause_name(place.cause), prefix_cause_name(places[i].cause));
    CHECK(json_kind(json_at_pointer(json_of(span_text(places[i].now)),
                                    buffer_span(&place.pointer))) != JSON_KIND_ABSENT);
    buffer_free(&pointer);
    prefix_place_free(&place);
    api_call_free(&before);
    api_call_free(&now);
}

static void test_places(void)
{
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
        check_place(i);
}

/* What only goes on does not part; where to cache is nothing to part at. */
static void test_no_place(void)
{
    static const char *const pairs[][2] = {
        {TURNS(TURN("user", "a")), TURNS(TURN("user", "a") "," TURN("assistant", "b"))},
        {TURNS("{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}"),
         TURNS("{\"content\":\"a\",\"role\":\"user\"}")},
    };
    for (size_t i = 0; i < 2; i++) {
        struct call before, now;
        struct prefix_place place;
        recognise(CHAT, pairs[i][0], &before);
        recognise(CHAT, pairs[i][1], &now);
        CHECK_INT(prefix_place_find(&before, span_text(pairs[i][0]), &now,
                                    span_text(pairs[i][1]), &place),
                  0);
        CHECK(!place.any);
        prefix_place_free(&place);
        api_call_free(&before);
        api_call_free(&now);
    }
}

static void test_excerpts(void)
{
    struct call before, now;
    struct prefix_place place;
    static const char first[] =
        BODY("Long text that stands before it, \\u00e4\\u00f6\\u00fc 1 and after", "q");
    static const char second[] =
        BODY("Long text that stands before it, \\u00e4\\u00f6\\u00fc 2 and after", "q");
    recognise(CHAT, first, &before);
    recognise(CHAT, second, &now);
    CHECK_INT(
        prefix_place_find(&before, span_text(first), &now, span_text(second), &place), 0);
    buffer_append_byte(&place.then, 0);
    buffer_append_byte(&place.now, 0);
    CHECK_TEXT((const char *)place.then.at,
               "...tands before it, \u00e4\u00f6\u00fc 1 and after");
    CHECK_TEXT((const char *)place.now.at,
               "...tands before it, \u00e4\u00f6\u00fc 2 and after");
    prefix_place_free(&place);
    api_call_free(&before);
    api_call_free(&now);
}

static void test_memory(void)
{
    struct call before, now;
    struct prefix_place place;
    int result = -1;
    unsigned long fail = 1;
    recognise(places[1].target, places[1].before, &before);
    recognise(places[1].target, places[1].now, &now);
    for (; fail < 200 && result != 0; fail++) {
        memory_fail_from(fail);
        result = prefix_place_find(&before, span_text(places[1].before), &now,
                                   span_text(places[1].now), &place);
        memory_fail_from(0);
    }
    CHECK_INT(result, 0);
    CHECK(fail > 5);
    prefix_place_free(&place);
    api_call_free(&before);
    api_call_free(&now);
}

static void test_json_place(void)
{
    static const char text[] = "[1,{\"a\":\"x\\ny\",\"b\":[true,{}]}]";
    static const struct {
        const char *at, *pointer;
        size_t offset;
    } cases[] = {
        {"1,", "/0", 0},  {"x", "/1/a", 0},      {"\\n", "/1/a", 1},  {"ny", "/1/a", 1},
        {"y", "/1/a", 2}, {"true", "/1/b/0", 0}, {"ue", "/1/b/0", 2}, {"{}", "/1/b/1", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buffer pointer = {0};
        size_t offset;
        json_place(span_text(text), (size_t)(strstr(text, cases[i].at) - text), &pointer,
                   &offset);
        buffer_append_byte(&pointer, 0);
        CHECK_TEXT((const char *)pointer.at, cases[i].pointer);
        CHECK_INT(offset, cases[i].offset);
        buffer_free(&pointer);
    }
}

static void test_rules(void)
{
    static const struct {
        const char *dialect, *model;
        uint64_t minimum, step;
        enum prefix_kind kind;
    } rules[] = {
        {"openai", "gpt-4o", 1024, 128, PREFIX_STEPS},
        {"openai", "gpt-5-mini", 1024, 128, PREFIX_STEPS},
        {"openai", "gpt-5.6-luna", 1024, 0, PREFIX_WHOLE},
        {"azure", "my-deployment", 1024, 128, PREFIX_STEPS},
        {"anthropic", "claude-opus-4-5-20251101", 4096, 0, PREFIX_MARKED},
        {"anthropic", "claude-opus-4-7", 2048, 0, PREFIX_MARKED},
        {"anthropic", "claude-opus-4-8", 1024, 0, PREFIX_MARKED},
        {"anthropic", "claude-opus-4-1-20250805", 1024, 0, PREFIX_MARKED},
        {"anthropic", "claude-opus-5-5", 512, 0, PREFIX_MARKED},
        {"anthropic", "claude-fable-5", 512, 0, PREFIX_MARKED},
        {"anthropic", "claude-mythos-preview", 2048, 0, PREFIX_MARKED},
        {"anthropic", "claude-sonnet-4-6", 1024, 0, PREFIX_MARKED},
        {"anthropic", "claude-sonnet-5", 1024, 0, PREFIX_MARKED},
        {"anthropic", "claude-haiku-4-5-20251001", 4096, 0, PREFIX_MARKED},
        {"anthropic", "claude-3-haiku-20240307", 2048, 0, PREFIX_MARKED},
        {"vertex", "claude-opus-4-7", 2048, 0, PREFIX_MARKED},
        {"bedrock", "anthropic.claude-opus-4-7-v1:0", 4096, 0, PREFIX_MARKED},
        {"bedrock", "anthropic.claude-3-5-haiku-20241022-v1:0", 2048, 0, PREFIX_MARKED},
        {"bedrock", "anthropic.claude-3-haiku-20240307-v1:0", 0, 0, PREFIX_NONE},
        {"bedrock", "eu.amazon.nova-pro-v1:0", 1024, 0, PREFIX_MARKED},
        {"bedrock", "meta.llama3-70b-instruct-v1:0", 0, 0, PREFIX_NONE},
        {"gemini", "gemini-2.5-flash", 2048, 0, PREFIX_STEPS},
        {"gemini", "gemini-3.6-flash", 4096, 0, PREFIX_STEPS},
        {"deepseek", "deepseek-chat", 64, 64, PREFIX_STEPS},
        {"ollama", "llama3", 0, 0, PREFIX_STEPS},
    };
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        struct prefix_rules found = prefix_rules_of(rules[i].dialect, rules[i].model);
        unit_check(found.minimum == rules[i].minimum && found.step == rules[i].step &&
                       found.kind == rules[i].kind,
                   __FILE__, __LINE__, "%s %s", rules[i].dialect, rules[i].model);
    }
}

int main(void)
{
    piece_hasher_init(&hasher);
    RUN(test_piece_size);
    RUN(test_pieces_meet_again);
    RUN(test_pieces);
    RUN(test_pieces_are_keyed);
    RUN(test_causes_of_texts);
    RUN(test_places);
    RUN(test_no_place);
    RUN(test_excerpts);
    RUN(test_memory);
    RUN(test_json_place);
    RUN(test_rules);
    return unit_end();
}
