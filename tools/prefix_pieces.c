/* SPDX-License-Identifier: MIT */
/* See prefix_pieces.h. */
#include "prefix_pieces.h"

#include "print.h"

#include <sodium.h>
#include <stdlib.h>
#include <sysexits.h>

_Static_assert(sizeof(((struct piece_hasher *)0)->key) == crypto_shorthash_KEYBYTES,
               "the key is SipHash's");

struct piece_weight {
    uint64_t hash, bytes;
};

/* Which item of its list a segment stands in, and which block of that. */
struct stand {
    enum segment_part part;
    size_t item, block;
};

struct cutter {
    const struct piece_hasher *hasher;
    struct pieces *out;
    struct stand stand; /* of the latest piece */
    uint32_t block, turn;
};

void piece_hasher_init(struct piece_hasher *hasher)
{
    randombytes_buf(hasher->key, sizeof(hasher->key));
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

/* One word in eight ends a piece, always the same ones; so does a line. */
static bool ends_piece(uint32_t word)
{
    return (word * 2654435761u) >> 29 == 0;
}

size_t piece_size(struct span text)
{
    uint32_t word = 2166136261u;
    size_t most = text.size < PIECE_MOST ? text.size : PIECE_MOST;
    for (size_t i = 0; i < most; i++) {
        uint8_t byte = text.at[i];
        if (byte == '\n' || (i + 1 >= PIECE_LEAST && is_space(byte) && ends_piece(word)))
            return i + 1;
        word = is_space(byte) ? 2166136261u : (word ^ byte) * 16777619u;
    }
    return most;
}

static uint64_t hash_of(const struct piece_hasher *hasher, struct span bytes)
{
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, bytes.at, bytes.size, hasher->key);
    return hash;
}

static uint64_t hash_of_two(const struct piece_hasher *hasher, uint64_t first,
                            uint64_t second)
{
    uint64_t both[] = {first, second};
    return hash_of(hasher, span_of(both, sizeof(both)));
}

uint64_t piece_hash(const struct piece_hasher *hasher, const struct segment *segment,
                    struct span text)
{
    uint64_t hash = hash_of(hasher, text);
    return segment ? hash_of_two(hasher, hash_of(hasher, segment->name), hash) : hash;
}

/* -- blocks ---------------------------------------------------------------------------------- */

static size_t number_of(struct span *pointer)
{
    size_t number = 0;
    for (; pointer->size && *pointer->at >= '0' && *pointer->at <= '9';
         *pointer = span_skip(*pointer, 1))
        number = number * 10 + (size_t)(*pointer->at - '0');
    return number;
}

/* "/messages/3/content/1/text": item 3, block 1. What stands beside the content is part of its last
 * block. */
static struct stand stand_of(const struct segment *segment, const struct stand *latest)
{
    struct stand stand = {.part = segment->part};
    struct span pointer = segment->pointer;
    while (pointer.size && (*pointer.at < '0' || *pointer.at > '9'))
        pointer = span_skip(pointer, 1);
    stand.item = number_of(&pointer);
    if (span_starts(pointer, "/content/")) {
        pointer = span_skip(pointer, strlen("/content/"));
        stand.block = number_of(&pointer);
    } else if (latest->part == stand.part && latest->item == stand.item) {
        stand.block = latest->block;
    }
    return stand;
}

static void step(struct cutter *cutter, const struct segment *segment)
{
    struct stand now = stand_of(segment, &cutter->stand), last = cutter->stand;
    bool first = !cutter->out->count;
    bool item = now.part != last.part || now.item != last.item;
    bool turn = now.part != last.part || (item && now.part == SEGMENT_TURNS);
    cutter->block += !first && (item || now.block != last.block);
    cutter->turn += !first && turn;
    cutter->stand = now;
}

bool pieces_end_block(const struct pieces *pieces, size_t count)
{
    return count && (count == pieces->count ||
                     pieces->at[count].block != pieces->at[count - 1].block);
}

bool pieces_end_turn(const struct pieces *pieces, size_t count)
{
    return count && (count == pieces->count ||
                     pieces->at[count].turn != pieces->at[count - 1].turn);
}

static void add(struct cutter *cutter, enum segment_part part, uint64_t hash,
                uint64_t bytes)
{
    struct pieces *out = cutter->out;
    if (out->count == out->capacity) {
        out->capacity = out->capacity ? 2 * out->capacity : 64;
        out->at = print_grown(out->at, out->capacity * sizeof(*out->at));
    }
    uint64_t chain = out->count ? out->at[out->count - 1].chain : 0;
    out->at[out->count] =
        (struct prompt_piece){.hash = hash,
                              .chain = hash_of_two(cutter->hasher, chain, hash),
                              .end = pieces_bytes(out) + bytes,
                              .block = cutter->block,
                              .turn = cutter->turn,
                              .part = part};
    out->count++;
}

static bool cut(const struct segment *segment, void *context)
{
    struct cutter *cutter = context;
    const struct segment *begins = segment;
    step(cutter, segment);
    if (segment->media) {
        uint64_t hash = piece_hash(cutter->hasher, segment, segment->text);
        add(cutter, segment->part, hash, PIECE_MEDIA);
        return true;
    }
    for (struct span left = segment->text; left.size; begins = NULL) {
        size_t size = piece_size(left);
        uint64_t hash = piece_hash(cutter->hasher, begins, span_of(left.at, size));
        add(cutter, segment->part, hash, size);
        left = span_skip(left, size);
    }
    return true;
}

static int by_hash(const void *left, const void *right)
{
    const struct piece_weight *a = left, *b = right;
    return (a->hash > b->hash) - (a->hash < b->hash);
}

static void sort(struct pieces *pieces)
{
    pieces->sorted = print_grown(NULL, (pieces->count + 1) * sizeof(*pieces->sorted));
    for (size_t i = 0; i < pieces->count; i++)
        pieces->sorted[i] = (struct piece_weight){
            pieces->at[i].hash, pieces->at[i].end - pieces_until(pieces, i)};
    qsort(pieces->sorted, pieces->count, sizeof(*pieces->sorted), by_hash);
}

enum segments_result pieces_of(const struct piece_hasher *hasher, const struct call *call,
                               struct span body, struct pieces *out)
{
    struct cutter cutter = {.hasher = hasher, .out = out};
    *out = (struct pieces){0};
    enum segments_result result = prompt_segments_each(call, body, cut, &cutter);
    if (result == SEGMENTS_NO_MEMORY) {
        print_error("memory is short");
        exit(EX_OSERR);
    }
    sort(out);
    return result;
}

void pieces_of_part(const struct piece_hasher *hasher, const struct pieces *all,
                    enum segment_part part, struct pieces *out)
{
    struct cutter cutter = {.hasher = hasher, .out = out};
    *out = (struct pieces){0};
    for (size_t i = 0; i < all->count; i++)
        if (all->at[i].part == part)
            add(&cutter, part, all->at[i].hash, all->at[i].end - pieces_until(all, i));
    sort(out);
}

void pieces_free(struct pieces *pieces)
{
    free(pieces->at);
    free(pieces->sorted);
    *pieces = (struct pieces){0};
}

uint64_t pieces_until(const struct pieces *pieces, size_t count)
{
    return count ? pieces->at[count - 1].end : 0;
}

uint64_t pieces_bytes(const struct pieces *pieces)
{
    return pieces_until(pieces, pieces->count);
}

/* Where the chains are equal, so is everything before. */
size_t pieces_common(const struct pieces *a, const struct pieces *b)
{
    size_t low = 0, high = a->count < b->count ? a->count : b->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (a->at[middle].chain == b->at[middle].chain)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t pieces_shared(const struct pieces *a, const struct pieces *b)
{
    size_t i = 0, j = 0;
    uint64_t bytes = 0;
    while (i < a->count && j < b->count) {
        uint64_t left = a->sorted[i].hash, right = b->sorted[j].hash;
        if (left == right)
            bytes += a->sorted[i].bytes;
        i += left <= right;
        j += right <= left;
    }
    return bytes;
}

bool pieces_have(const struct pieces *pieces, uint64_t hash)
{
    struct piece_weight wanted = {.hash = hash};
    return pieces->count &&
           bsearch(&wanted, pieces->sorted, pieces->count, sizeof(wanted), by_hash);
}
