/* SPDX-License-Identifier: MIT */
/* Recordings that wait for the merger in one file together, since a file for each takes long. Only
 * who asks for many entries, or for one that may have been recorded like this, looks into these.
 *
 * A file, "b-" and a random name in the spool (numbers little-endian):
 *
 *     offset  size  what
 *          0     8  "preechoB"
 *          8     2  format version: 1
 *         10     2  0
 *         12     4  how many entries: 1 to BATCH_ENTRIES
 *         16        for each of them, in the order of their keys, none twice:
 *                   key (32), where it begins (8), its size (8): 0 when it was removed
 *                   then the sealed entries (seal.h)
 *
 * It appears complete or not at all (spool.h). Nothing vouches for the index; an entry opens under
 * its own key alone. What was recorded alone under a key of a batch is newer than that.
 *
 * Thread class: any thread on distinct objects; batch_erase() for who has the writer (writer.h). */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include "spool.h"
#include "store.h"

#define BATCH_HEADER_SIZE 16
#define BATCH_INDEX_SIZE  (STORE_KEY_SIZE + 16)
#define BATCH_ENTRIES     1024
#define BATCH_LEAST       16                  /* fewer become a file each */
#define BATCH_BYTES       ((size_t)768 << 10) /* of entries: no more are added */
#define BATCH_HEAD_LIMIT  (BATCH_HEADER_SIZE + BATCH_ENTRIES * BATCH_INDEX_SIZE)

/* An entry of a batch. */
struct batched {
    uint8_t key[STORE_KEY_SIZE];
    uint64_t offset, size;
    uint32_t number; /* in the index */
    uint32_t file;   /* see struct batches */
};

/* Notes that the last |size| bytes of |batch->entries| are |key|'s. One key twice: the latter counts. */
void batch_add(struct store_batch *batch, const uint8_t key[STORE_KEY_SIZE], size_t size);
/* True when it is to be written before more is added. */
bool batch_is_full(const struct store_batch *batch);
/* Appends the file; |batch->items| is what it has in its index then. */
void batch_encode(struct store_batch *batch, struct buffer *out);
void batch_free(struct store_batch *batch);

/* How many entries the file has that begins with |head| and is |size| bytes long. 0: it is no such
 * file, or damaged. */
MUST_USE size_t batch_count(struct span head, uint64_t size);
/* Why: STORE_CORRUPT, STORE_UNAVAILABLE (another version). */
MUST_USE int batch_fault(struct span head);
/* Its |number|-th; false: it was removed. */
MUST_USE bool batch_at(struct span head, size_t number, struct batched *out);

struct batch_name {
    char text[SPOOL_NAME_SIZE];
    int64_t modified_ns;
};

/* Every entry that waits in such files. Starts as all zeroes. */
struct batches {
    struct buffer items; /* struct batched, by key, of one key the latest first */
    struct buffer files; /* struct batch_name, the latest first */
    int descriptor;      /* of the file that was read last, and its number above 0 */
    uint32_t opened;
};

/* STORE_OK, also when there are none; STORE_UNAVAILABLE, STORE_NO_MEMORY. Free in any case. */
MUST_USE int batches_load(struct batches *batches, const char *spool);
static inline size_t batches_count(const struct batches *batches)
{
    return batches->items.size / sizeof(struct batched);
}
const struct batched *batches_at(const struct batches *batches, size_t i);
/* The latest with |key|, or NULL. */
const struct batched *batches_find(const struct batches *batches,
                                   const uint8_t key[STORE_KEY_SIZE]);
/* Appends its first |most| bytes. STORE_OK, STORE_MISS (the merger has it), STORE_UNAVAILABLE,
 * STORE_NO_MEMORY. */
MUST_USE int batches_read(struct batches *batches, const char *spool,
                          const struct batched *item, size_t most, struct buffer *out);
void batches_free(struct batches *batches);

/* Takes the entries with |keys|, which ascend, out of all files. batches_load's results. */
MUST_USE int batch_erase(const char *spool, struct span keys);

#endif
