/* SPDX-License-Identifier: MIT */
/* What was evicted, and how much of it was asked for again: a limit that is too small shows
 * there. In LMDB under RECORD_EVICTED: a version (1 byte), how many entries were evicted, how
 * many of them were asked for again (8 bytes each). Under RECORD_EVICTED and a number from 0 on,
 * rings of the first 8 bytes of the latest evicted keys: no more than EVICTED_KEPT are known.
 *
 * Thread class: one thread. */
#ifndef STORE_EVICTED_H
#define STORE_EVICTED_H

#include "writer.h"

#define EVICTED_CHUNK  4096 /* keys under one number */
#define EVICTED_CHUNKS 16
#define EVICTED_KEPT   ((size_t)EVICTED_CHUNK * EVICTED_CHUNKS)

struct evicted_counts {
    uint64_t evicted;
    uint64_t asked_again;
};

/* Of the LMDB file |data|; zeroes when there are none. STORE_OK, STORE_NO_MEMORY. */
MUST_USE int evicted_count(const char *data, struct evicted_counts *out);

struct evicted {
    struct evicted_counts counts;
    struct buffer ring; /* EVICTED_KEPT numbers; 0 = nothing */
    uint32_t touched;   /* which chunks are to be saved, as bits */
    bool changed;       /* the counts are */
};

/* Reads all of it. STORE_OK, STORE_NO_MEMORY; evicted_free() in any case. */
MUST_USE int evicted_load(struct evicted *evicted, const char *data);
/* One more. */
void evicted_add(struct evicted *evicted, const uint8_t key[STORE_KEY_SIZE]);
/* These keys, each once and ascending, were asked for in vain. */
void evicted_ask(struct evicted *evicted, struct span keys);
/* Queues what has changed. */
void evicted_save(struct evicted *evicted, struct writer *writer);
void evicted_free(struct evicted *evicted);

#endif
