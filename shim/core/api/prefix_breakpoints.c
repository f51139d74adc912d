/* SPDX-License-Identifier: MIT */
/* See prefix_breakpoints.h. */
#include "prefix_breakpoints.h"

#include "dialect.h"
#include "prefix_minimum.h"
#include "store/wildcard.h"

#include <stdatomic.h>
#include <stdlib.h>

#define BYTES_A_TOKEN 4
#define SEEN          4096 /* beginnings that are remembered; later ones take their places */
#define NONE          SIZE_MAX
#define MARK          "\"cache_control\":{\"type\":\"ephemeral\"}"
#define POINT         ",{\"cachePoint\":{\"type\":\"default\"}}"
#define INSERTIONS    6 /* two for each breakpoint */

/* Hashes under a tenant's key; 0: free. */
static _Atomic uint64_t seen[SEEN];

/* Where breakpoints may stand. */
struct places {
    const struct tenant *tenant;
    uint64_t chain, bytes, least;
    bool begun, tools, system; /* the last two: a breakpoint behind them */
    enum segment_part part;    /* of the latest segment */
    size_t turn,
        last_turn; /* of the latest segment; the last that is there again, or NONE */
};

struct insertions {
    struct {
        const uint8_t *at;
        const char *text;
    } list[INSERTIONS];
    size_t count;
};

/* -- what was seen before -------------------------------------------------------------------- */

static uint64_t chain_of(const struct places *places, const struct segment *segment)
{
    uint8_t bytes[32];
    uint64_t chain;
    struct key_hash hash;
    key_begin(&hash, places->tenant, "beginning of a prompt");
    key_part(&hash, span_of(&places->chain, sizeof(places->chain)));
    key_part(&hash, segment->name);
    key_part(&hash, segment->text);
    key_end(&hash, bytes);
    memcpy(&chain, bytes, sizeof(chain));
    return chain ? chain : 1;
}

/* Remembers the beginning; true when it was there, and is long enough. */
static bool is_known(const struct places *places)
{
    _Atomic uint64_t *slot = &seen[places->chain % SEEN];
    uint64_t before = atomic_exchange_explicit(slot, places->chain, memory_order_relaxed);
    return before == places->chain && places->bytes >= places->least;
}

/* A part, or a turn, has ended. */
static void end_part(struct places *places)
{
    if (!places->begun || !is_known(places))
        return;
    if (places->part == SEGMENT_TOOLS)
        places->tools = true;
    else if (places->part == SEGMENT_SYSTEM && places->turn == NONE)
        places->system = true;
    else if (places->turn != NONE)
        places->last_turn = places->turn;
}

/* The number of the message that |pointer| leads into, or NONE. */
static size_t turn_of(struct span pointer)
{
    static const char list[] = "/messages/";
    size_t turn = 0;
    if (!span_starts(pointer, list))
        return NONE;
    for (pointer = span_skip(pointer, sizeof(list) - 1);
         pointer.size && *pointer.at >= '0' && *pointer.at <= '9';
         pointer = span_skip(pointer, 1))
        turn = turn * 10 + (size_t)(*pointer.at - '0');
    return turn;
}

static bool take(const struct segment *segment, void *context)
{
    struct places *places = context;
    size_t turn = turn_of(segment->pointer);
    if (segment->part != places->part || turn != places->turn)
        end_part(places);
    places->begun = true;
    places->part = segment->part;
    places->turn = turn;
    places->chain = chain_of(places, segment);
    places->bytes += segment->media ? 0 : segment->text.size;
    return true;
}

/* -- breakpoints ----------------------------------------------------------------------------- */

static void insert(struct insertions *insertions, const uint8_t *at, const char *text)
{
    insertions->list[insertions->count].at = at;
    insertions->list[insertions->count++].text = text;
}

static struct json last_item(struct json list)
{
    struct json last = {{NULL, 0}};
    for (struct json_iterator items = json_begin(list); json_next(&items);)
        last = items.value;
    return last;
}

/* What a model has thought carries none, nor does an empty text. */
static bool can_carry(struct json block)
{
    struct json type = json_member(block, "type");
    return json_kind(block) == JSON_KIND_OBJECT && json_is_set(block) &&
           !json_text_is(type, "thinking") && !json_text_is(type, "redacted_thinking") &&
           (!json_text_is(type, "text") || json_is_set(json_member(block, "text")));
}

/* Behind |content|, a text or a list of blocks. */
static void mark(struct insertions *insertions, struct json content)
{
    const uint8_t *at = content.text.at;
    if (json_kind(content) == JSON_KIND_STRING && json_is_set(content)) {
        insert(insertions, at, "[{\"type\":\"text\",\"text\":");
        insert(insertions, at + content.text.size, "," MARK "}]");
        return;
    }
    struct json block = last_item(content);
    if (can_carry(block))
        insert(insertions, block.text.at + 1, MARK ",");
}

/* A block of its own, behind the last of |list|. */
static void mark_list(struct insertions *insertions, struct json list)
{
    struct json block = last_item(list);
    if (json_kind(block) == JSON_KIND_OBJECT && json_is_set(block) &&
        json_kind(json_member(block, "reasoningContent")) == JSON_KIND_ABSENT)
        insert(insertions, list.text.at + list.text.size - 1, POINT);
}

static struct json message_at(struct json body, size_t turn)
{
    struct json_iterator messages = json_begin(json_member(body, "messages"));
    while (json_next(&messages))
        if (turn-- == 0)
            return messages.value;
    return (struct json){{NULL, 0}};
}

static int by_place(const void *left, const void *right)
{
    const uint8_t *a = *(const uint8_t *const *)left, *b = *(const uint8_t *const *)right;
    return (a > b) - (a < b);
}

static void append(struct span body, struct insertions *insertions, struct buffer *out)
{
    const uint8_t *at = body.at;
    qsort(insertions->list, insertions->count, sizeof(*insertions->list), by_place);
    for (size_t i = 0; i < insertions->count; i++) {
        buffer_append(out, at, (size_t)(insertions->list[i].at - at));
        buffer_append_text(out, insertions->list[i].text);
        at = insertions->list[i].at;
    }
    buffer_append(out, at, (size_t)(body.at + body.size - at));
}

static void mark_places(const struct places *places, struct json body,
                        struct insertions *out)
{
    if (places->tools)
        mark(out, json_member(body, "tools"));
    if (places->system)
        mark(out, json_member(body, "system"));
    if (places->last_turn != NONE)
        mark(out, json_member(message_at(body, places->last_turn), "content"));
}

/* Amazon's models take none behind their tools. */
static void mark_lists(const struct places *places, const struct call *call,
                       struct json body, struct insertions *out)
{
    bool claude = wildcard_matches(span_text("*claude*"), span_text(call->model), true);
    if (places->tools && claude)
        mark_list(out, json_at(body, "toolConfig/tools"));
    if (places->system)
        mark_list(out, json_member(body, "system"));
    if (places->last_turn != NONE)
        mark_list(out, json_member(message_at(body, places->last_turn), "content"));
}

int prefix_breakpoints_add(const struct request *request, const struct call *call,
                           const struct tenant *tenant, struct buffer *out)
{
    struct json body = json_of(request->body);
    struct insertions insertions = {.count = 0};
    struct places places = {.tenant = tenant, .turn = NONE, .last_turn = NONE};
    places.least =
        prefix_minimum(api_dialect_name(call), call->model) * (uint64_t)BYTES_A_TOKEN;
    if (prompt_segments_each(call, request->body, take, &places) == SEGMENTS_NO_MEMORY)
        return -1;
    end_part(&places);
    if (call->operation->form->layout == layout_converse)
        mark_lists(&places, call, body, &insertions);
    else
        mark_places(&places, body, &insertions);
    if (insertions.count)
        append(request->body, &insertions, out);
    return buffer_ok(out) ? 0 : -1;
}
