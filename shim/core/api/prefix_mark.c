/* SPDX-License-Identifier: MIT */
/* See prefix_mark.h. */
#include "prefix_mark.h"

#include "dialect.h"
#include "prefix_breakpoints.h"
#include "prefix_minimum.h"
#include "rewrite.h"
#include "store/files.h"

#define HASH_SIZE 32
#define KEY_SHOWN 16 /* bytes of it: OpenAI takes 64 characters at most */

const char *prefix_mark_name(enum prefix_mark mark)
{
    static const char *const names[] = {"", "prompt_cache_key", "cache_control",
                                        "cachePoint", "cache_salt"};
    return names[mark];
}

static bool is_chat(const struct call *call)
{
    return call->operation->form->layout == layout_openai_chat;
}

/* Anthropic's own, and the clouds that pass it on as it is. */
static bool takes_breakpoints(const struct call *call)
{
    const struct dialect *dialect = call->dialect;
    return call->operation->form->layout == layout_anthropic &&
           (dialect == &dialect_anthropic || dialect == &dialect_vertex ||
            dialect == &dialect_azure || dialect == &dialect_bedrock);
}

/* The answers of `responses` repeat the key. */
static bool takes_key(const struct call *call)
{
    return is_chat(call) &&
           (call->dialect == &dialect_openai || call->dialect == &dialect_azure);
}

static bool takes_salt(const struct call *call)
{
    return call->dialect == &dialect_compatible &&
           (is_chat(call) || call->operation->form == &form_openai_completion);
}

/* Models that no breakpoints are documented for are not asked to take any: some clouds refuse it. */
static enum prefix_mark mark_of(const struct call *call, bool salted)
{
    bool marked =
        prefix_rules_of(api_dialect_name(call), call->model).kind == PREFIX_MARKED;
    if (salted)
        return takes_salt(call) ? PREFIX_MARK_SALT : PREFIX_MARK_NONE;
    if (takes_key(call))
        return PREFIX_MARK_KEY;
    if (marked && takes_breakpoints(call))
        return PREFIX_MARK_BREAKPOINTS;
    if (marked && call->operation->form->layout == layout_converse)
        return PREFIX_MARK_POINTS;
    return PREFIX_MARK_NONE;
}

/* Whether a member of that name is anywhere in |body|. */
static bool says(struct span body, const char *name)
{
    struct json_scanner scanner = json_scanner_of(body);
    for (;;) {
        enum json_token token = json_scan(&scanner);
        if (token == JSON_T_END || token == JSON_T_ERROR)
            return false;
        if (token == JSON_T_NAME && json_text_is((struct json){scanner.token}, name))
            return true;
    }
}

enum prefix_mark prefix_mark_of(const struct request *request, const struct call *call,
                                bool salted)
{
    if (!call->operation || !call->operation->form || request_is_signed(request))
        return PREFIX_MARK_NONE;
    enum prefix_mark mark = mark_of(call, salted);
    return mark != PREFIX_MARK_NONE && says(request->body, prefix_mark_name(mark))
               ? PREFIX_MARK_NONE
               : mark;
}

/* What follows behind so many bytes has no say: prompts that differ only there have more in common
 * than the provider wants at least, and shall meet. */
#define KEYED_BYTES 2048

struct beginning {
    struct key_hash *hash;
    bool any;
    size_t bytes;
};

/* True for what stands in the first message. */
static bool is_first(struct span pointer)
{
    return span_starts(pointer, "/messages/0/");
}

static bool add(const struct segment *segment, void *context)
{
    struct beginning *beginning = context;
    if (segment->part == SEGMENT_TURNS && (beginning->any || !is_first(segment->pointer)))
        return is_first(segment->pointer);
    size_t left = KEYED_BYTES - beginning->bytes;
    struct span text = segment->text;
    text.size = text.size < left ? text.size : left;
    beginning->any = beginning->any || segment->part != SEGMENT_TURNS;
    beginning->bytes += text.size;
    key_part(beginning->hash, segment->name);
    key_part(beginning->hash, text);
    return beginning->bytes < KEYED_BYTES;
}

static int hash_beginning(const struct request *request, const struct call *call,
                          struct key_hash *hash)
{
    struct beginning beginning = {.hash = hash};
    key_part(hash, span_text(call->model));
    return prompt_segments_each(call, request->body, add, &beginning) ==
                   SEGMENTS_NO_MEMORY
               ? -1
               : 0;
}

int prefix_mark_add(const struct request *request, const struct call *call,
                    const struct tenant *tenant, enum prefix_mark mark,
                    struct buffer *out)
{
    uint8_t bytes[HASH_SIZE];
    char value[2 * HASH_SIZE + 3] = "\"";
    struct key_hash hash;
    bool salt = mark == PREFIX_MARK_SALT;
    if (mark == PREFIX_MARK_BREAKPOINTS || mark == PREFIX_MARK_POINTS)
        return prefix_breakpoints_add(request, call, tenant, out);
    size_t shown = salt ? HASH_SIZE : KEY_SHOWN;
    key_begin(&hash, tenant, salt ? "provider's cache salt" : "provider's cache key");
    if (!salt && hash_beginning(request, call, &hash) != 0)
        return -1;
    key_end(&hash, bytes);
    hex_encode(bytes, shown, value + 1);
    memcpy(value + 1 + 2 * shown, "\"", 2);
    return rewrite_member(request->body, prefix_mark_name(mark), value, out) == 0 &&
                   buffer_ok(out)
               ? 0
               : -1;
}
