/* SPDX-License-Identifier: MIT */
/* Two requests' bodies, parted by a zero: what their pieces have in common and where they part agree,
 * and the place is one that the later body has. A mark for the cache changes nothing else. */
#include <stdlib.h>

#include "shim/core/api/api.h"
#include "shim/core/api/json_pointer.h"
#include "shim/core/api/prefix_mark.h"
#include "tools/prefix_cause.h"
#include "tools/prefix_pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const targets[][2] = {
    {"api.openai.com", "/v1/chat/completions"},
    {"api.openai.com", "/v1/responses"},
    {"api.anthropic.com", "/v1/messages"},
    {"generativelanguage.googleapis.com", "/v1beta/models/g:generateContent"},
    {"bedrock-runtime.us-east-1.amazonaws.com", "/model/a/converse"},
    {"api.cohere.com", "/v1/chat"},
    {"localhost", "/api/generate"},
    {"localhost", "/v1/chat/completions"},
};

#define ANTHROPIC 2 /* of them */

static const struct piece_hasher hasher = {{1}};

static void check(bool good)
{
    if (!good)
        abort();
}

static size_t times_in(struct span text, const char *wanted)
{
    size_t count = 0, at;
    while ((at = span_find(text, span_text(wanted))) < text.size) {
        count++;
        text = span_skip(text, at + strlen(wanted));
    }
    return count;
}

/* What can be read of the prompt is the same, and there are no more than three. */
static void check_breakpoints(const struct request *request, const struct call *call,
                              struct buffer *marked)
{
    static const struct tenant tenant;
    struct prefix_place place;
    buffer_clear(marked); /* what was new is there again now */
    check(prefix_mark_add(request, call, &tenant, PREFIX_MARK_BREAKPOINTS, marked) == 0);
    if (marked->size) {
        struct span with = buffer_span(marked);
        check(json_valid(with));
        check(prefix_place_find(call, request->body, call, with, &place) == 0);
        check(!place.any);
        prefix_place_free(&place);
        check(times_in(with, "\"cache_control\":{") <=
              times_in(request->body, "\"cache_control\":{") + 3);
    }
    buffer_free(marked);
}

/* With the mark it is the same request but for that. */
static void check_mark(const struct request *request, const struct call *call,
                       bool salted)
{
    static const struct tenant tenant;
    enum prefix_mark mark = prefix_mark_of(request, call, salted);
    struct buffer marked = {0}, before = {0}, after = {0};
    if (mark == PREFIX_MARK_NONE)
        return;
    const char *const ignored[] = {prefix_mark_name(mark), NULL};
    check(prefix_mark_add(request, call, &tenant, mark, &marked) == 0);
    if (mark == PREFIX_MARK_BREAKPOINTS) {
        check_breakpoints(request, call, &marked);
        return;
    }
    check(json_canonical(request->body, NULL, &before) == JSON_OK);
    check(json_canonical(buffer_span(&marked), ignored, &after) == JSON_OK);
    check(span_equal(buffer_span(&before), buffer_span(&after)));
    buffer_free(&marked);
    buffer_free(&before);
    buffer_free(&after);
}

static bool recognise(const char *const target[2], struct span body, struct call *call)
{
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text(target[0]),
                              .port = 443,
                              .target = span_text(target[1]),
                              .body = body};
    if (api_recognise(&request, call) != REASON_NONE)
        return false;
    check_mark(&request, call, false);
    check_mark(&request, call, true);
    return true;
}

static void check_pieces(const struct pieces *a, const struct pieces *b,
                         const struct prefix_place *place)
{
    size_t common = pieces_common(a, b);
    uint64_t bytes = pieces_until(b, common), shared = pieces_shared(a, b);
    check(common <= a->count && common <= b->count && pieces_common(b, a) == common);
    check(shared >= bytes && shared <= pieces_bytes(b));
    check(pieces_shared(a, a) == pieces_bytes(a));
    /* Where neither ends they part; both may begin with all pieces of one, and part in a cut one. */
    if (common < a->count && common < b->count)
        check(place->any);
}

static void check_place(struct span body, const struct prefix_place *place)
{
    struct json value = json_at_pointer(json_of(body), buffer_span(&place->pointer));
    check(json_kind(value) != JSON_KIND_ABSENT);
    check(place->cause < CAUSE_COUNT);
    check(prefix_cause_name(place->cause) && prefix_cause_text(place->cause));
}

static void compare(const struct call *before_call, struct span before,
                    const struct call *call, struct span now)
{
    struct pieces a, b;
    struct prefix_place place;
    check(pieces_of(&hasher, before_call, before, &a) != SEGMENTS_NO_MEMORY);
    check(pieces_of(&hasher, call, now, &b) != SEGMENTS_NO_MEMORY);
    check(prefix_place_find(before_call, before, call, now, &place) == 0);
    check_pieces(&a, &b, &place);
    if (place.any)
        check_place(now, &place);
    prefix_place_free(&place);
    pieces_free(&a);
    pieces_free(&b);
}

/* A body of Anthropic's with a system text that is long enough to be cached. */
static void check_long(struct span body)
{
    struct buffer grown = {0};
    struct call call;
    if (!span_starts(body, "{\""))
        return;
    buffer_append_text(&grown, "{\"system\":\"");
    for (size_t i = 0; i < 5000; i++)
        buffer_append_byte(&grown, 'x');
    buffer_append_text(&grown, "\",");
    buffer_append_span(&grown, span_skip(body, 1));
    (void)!recognise(targets[ANTHROPIC], buffer_span(&grown), &call);
    api_call_free(&call);
    buffer_free(&grown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const char *const *target = targets[data[0] % (sizeof(targets) / sizeof(*targets))];
    struct span both = span_of(data + 1, size - 1);
    size_t middle = span_find(both, span_of("", 1));
    struct span before = span_of(both.at, middle), now = span_skip(both, middle + 1);
    struct call before_call, call;
    bool first = recognise(target, before, &before_call);
    bool second = recognise(target, now, &call);
    check_long(now);
    if (first && second)
        compare(&before_call, before, &call, now);
    api_call_free(&before_call);
    api_call_free(&call);
    return 0;
}
