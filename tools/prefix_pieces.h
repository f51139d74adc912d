/* SPDX-License-Identifier: MIT */
/* A prompt as keyed hashes of its pieces: what two prompts have in common, without their texts. A
 * piece is a few words of one segment (prompt_segments.h), cut behind words that the text itself
 * chooses, so that texts which differ in one place have the same pieces before and behind it. One
 * thread; ends the command when memory is short. */
#ifndef TOOLS_PREFIX_PIECES_H
#define TOOLS_PREFIX_PIECES_H

#include "shim/core/api/prompt_segments.h"

#define PIECE_LEAST                                                                      \
    16 /* bytes, but for ends of lines and texts: single words tell nothing */
#define PIECE_MOST  256
#define PIECE_MEDIA 4096 /* what a picture or the like counts as, whatever its size */

struct prompt_piece {
    uint64_t hash;  /* of it alone */
    uint64_t chain; /* of it and all before it */
    uint64_t end;   /* bytes up to its end */
    uint32_t block; /* of the prompt, from 0: a tool, a text, a picture ... */
    uint32_t
        turn; /* the same, of whole parts and, within the conversation, whole turns */
    enum segment_part part;
};

struct pieces {
    struct prompt_piece *at;
    size_t count, capacity;
    struct piece_weight *sorted; /* private */
};

/* Under a key that is forgotten with it. */
struct piece_hasher {
    uint8_t key[16];
};
void piece_hasher_init(struct piece_hasher *hasher);

/* The size of the first piece of |text|; 0 only of nothing. */
size_t piece_size(struct span text);
/* The hash of a piece; |segment|, unless NULL: the one that it begins. */
uint64_t piece_hash(const struct piece_hasher *hasher, const struct segment *segment,
                    struct span text);

/* Fills |out| in. Not SEGMENTS_NO_MEMORY. */
enum segments_result pieces_of(const struct piece_hasher *hasher, const struct call *call,
                               struct span body, struct pieces *out);
/* Those of one part, as if there were no others. */
void pieces_of_part(const struct piece_hasher *hasher, const struct pieces *all,
                    enum segment_part part, struct pieces *out);
void pieces_free(struct pieces *pieces);
uint64_t pieces_bytes(const struct pieces *pieces);

/* True when the first |count| are whole blocks, or whole parts and turns. */
bool pieces_end_block(const struct pieces *pieces, size_t count);
bool pieces_end_turn(const struct pieces *pieces, size_t count);

/* How many pieces both begin with. */
size_t pieces_common(const struct pieces *a, const struct pieces *b);
/* The bytes of the first |count|. */
uint64_t pieces_until(const struct pieces *pieces, size_t count);
/* The bytes of what stands in both, wherever. */
uint64_t pieces_shared(const struct pieces *a, const struct pieces *b);
/* Whether |hash| is one of them. */
bool pieces_have(const struct pieces *pieces, uint64_t hash);

#endif
