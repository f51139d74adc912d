/* SPDX-License-Identifier: MIT */
/* System prompts that differ by little, and what they have in common; see prefix.h. */
#include "prefix.h"

#include "print.h"

#include <stdlib.h>

#define VERSIONS_MOST 256
/* Two versions are alike when this much of the larger one stands in both. */
#define ALIKE_PART 3
#define ALIKE_OF   4
#define GAP        "[...]"

static struct prefix_version *find(struct prefix_group *group,
                                   const struct pieces *pieces)
{
    uint64_t chain = pieces->at[pieces->count - 1].chain;
    for (size_t i = 0; i < group->version_count; i++) {
        const struct pieces *known = &group->versions[i].pieces;
        if (known->count == pieces->count && known->at[known->count - 1].chain == chain)
            return &group->versions[i];
    }
    return NULL;
}

static struct prefix_version *add(struct prefix_group *group, struct pieces *pieces)
{
    size_t index = group->version_count++;
    group->versions =
        print_grown(group->versions, group->version_count * sizeof(*group->versions));
    group->versions[index] = (struct prefix_version){.pieces = *pieces, .cluster = index};
    *pieces = (struct pieces){0};
    return &group->versions[index];
}

void prefix_note_version(struct prefix *prefix, const struct prefix_call *call)
{
    struct prefix_group *group = call->group;
    struct pieces pieces = {0};
    pieces_of_part(&prefix->hasher, &call->pieces, SEGMENT_SYSTEM, &pieces);
    struct prefix_version *version = pieces.count ? find(group, &pieces) : NULL;
    if (pieces.count && !version) {
        if (group->version_count < VERSIONS_MOST)
            version = add(group, &pieces);
        else
            group->unlisted++;
    }
    if (version) {
        version->calls++;
        memcpy(version->key, call->key, STORE_KEY_SIZE);
    }
    pieces_free(&pieces);
}

static int most_used_first(const void *left, const void *right)
{
    const struct prefix_version *a = left, *b = right;
    if (a->calls != b->calls)
        return a->calls < b->calls ? 1 : -1;
    return memcmp(a->key, b->key, STORE_KEY_SIZE);
}

static bool alike(const struct pieces *a, const struct pieces *b)
{
    uint64_t left = pieces_bytes(a), right = pieces_bytes(b);
    return pieces_shared(a, b) * ALIKE_OF >= (left > right ? left : right) * ALIKE_PART;
}

void prefix_cluster(struct prefix_group *group)
{
    if (group->version_count)
        qsort(group->versions, group->version_count, sizeof(*group->versions),
              most_used_first);
    for (size_t i = 0; i < group->version_count; i++) {
        struct prefix_version *version = &group->versions[i];
        version->cluster = i;
        for (size_t head = 0; head < i && version->cluster == i; head++)
            if (group->versions[head].cluster == head &&
                alike(&group->versions[head].pieces, &version->pieces))
                version->cluster = head;
    }
}

/* Whether all versions of the cluster have the piece. */
static bool all_have(const struct prefix_group *group, size_t head, uint64_t hash)
{
    for (size_t i = head; i < group->version_count; i++)
        if (group->versions[i].cluster == head &&
            !pieces_have(&group->versions[i].pieces, hash))
            return false;
    return true;
}

size_t prefix_cluster_size(const struct prefix_group *group, size_t head, uint64_t *calls,
                           uint64_t *common)
{
    const struct pieces *pieces = &group->versions[head].pieces;
    size_t count = 0;
    *calls = *common = 0;
    for (size_t i = head; i < group->version_count; i++) {
        bool member = group->versions[i].cluster == head;
        count += member;
        *calls += member ? group->versions[i].calls : 0;
    }
    for (size_t i = 0; i < pieces->count; i++)
        if (all_have(group, head, pieces->at[i].hash))
            *common += pieces->at[i].end - pieces_until(pieces, i);
    return count;
}

/* -- the common text ------------------------------------------------------------------------- */

struct text {
    const struct prefix *prefix;
    const struct prefix_group *group;
    size_t head;
    bool gap; /* the text so far ends with one */
    struct buffer *out;
};

static bool ends_line(struct span text)
{
    return text.size && text.at[text.size - 1] == '\n';
}

/* A gap is marked once, however many lines it spans. */
static void add_piece(struct text *text, const struct segment *begins, struct span piece)
{
    struct buffer *out = text->out;
    bool common = all_have(text->group, text->head,
                           piece_hash(&text->prefix->hasher, begins, piece));
    if (!common && !text->gap)
        buffer_append_text(out, GAP);
    else if (common && text->gap && !ends_line(buffer_span(out)))
        buffer_append_byte(out, ' ');
    if (common)
        buffer_append_span(out, piece);
    else if (ends_line(piece) && !ends_line(buffer_span(out)))
        buffer_append_byte(out, '\n');
    text->gap = !common;
}

static bool add_segment(const struct segment *segment, void *context)
{
    struct text *text = context;
    const struct segment *begins = segment;
    if (segment->part != SEGMENT_SYSTEM || segment->media ||
        span_is(segment->name, "role"))
        return true;
    if (text->out->size && !ends_line(buffer_span(text->out)))
        buffer_append_byte(text->out, '\n');
    for (struct span left = segment->text; left.size; begins = NULL) {
        size_t size = piece_size(left);
        add_piece(text, begins, span_of(left.at, size));
        left = span_skip(left, size);
    }
    return true;
}

static void add_texts(const struct call *call, struct span body, void *context)
{
    struct text *text = context;
    if (prompt_segments_each(call, body, add_segment, text) == SEGMENTS_NO_MEMORY)
        text->out->failed = true;
}

bool prefix_cluster_text(struct prefix *prefix, const struct prefix_group *group,
                         size_t head, struct buffer *out)
{
    struct text text = {prefix, group, head, false, out};
    return prefix_open(prefix, group->versions[head].key, add_texts, &text) &&
           buffer_ok(out);
}
