/* SPDX-License-Identifier: MIT */
/* The journal: one record per request. Fixed size, checksummed, written into a mapped
 * segment whose slots are reserved by an atomic add, so that it is whole after kill -9
 * and costs no system call. Readers: statistics, reports, eviction. */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "bytes.h"

enum journal_layer {
    LAYER_NONE = 0,
    LAYER_EXACT = 1,
    LAYER_EMBEDDING = 2, /* vector by vector */
    LAYER_EDGE = 3,      /* as HTTP says; of a miss, too */
};

enum journal_verdict {
    VERDICT_BYPASS = 1, /* the request was not looked up; `reason` says why */
    VERDICT_MISS = 2,   /* looked up, sent upstream; `recorded` or `reason` (dropped) */
    VERDICT_HIT = 3,    /* answered by `layer` */
    VERDICT_STALE = 4,  /* upstream has failed, an expired entry of `layer` was served;
                           `status` is upstream's, 0 = there was no whole answer */
    VERDICT_OBSERVED =
        5, /* `layer` has an answer, but it was not asked for: mode observe */
};

#define JOURNAL_TAGS_SIZE 320
/* The tag that says which `preecho run --summary` has started the program; always the first. */
#define JOURNAL_TAG_LAUNCH "launch:"

enum journal_level { LEVEL_OPENSSL = 1, LEVEL_LIBCURL = 2 };

/* What the writer fills in. Everything is known when the exchange has ended. Texts are
 * cut and ended by a zero. No prompt, answer or credential ever stands here. */
struct journal_record {
    int64_t time_ms;        /* since 1970, when the exchange ended */
    uint64_t lookup_us;     /* time that preecho itself needed to decide */
    uint64_t first_byte_us; /* request complete to first byte, as the program saw it; of a
                               miss without the look-up */
    uint64_t last_byte_us;
    uint64_t recorded_first_byte_us; /* hits, stale: what the recorded miss took */
    uint64_t recorded_last_byte_us;
    uint64_t tokens_in; /* all of the input, what the provider's cache had included */
    uint64_t tokens_out;
    uint64_t tokens_cached;      /* of the input: read from the provider's prefix cache */
    uint64_t tokens_cache_write; /* of the input: written into it */
    uint64_t request_bytes;
    uint64_t response_bytes;
    uint32_t pid;
    uint16_t port;
    uint16_t status;
    uint8_t verdict; /* enum journal_verdict */
    uint8_t layer;   /* enum journal_layer; of a miss NONE stands for EXACT */
    uint8_t reason;  /* enum reason */
    uint8_t level;   /* enum journal_level */
    bool recorded;
    bool stream;
    bool usage_known;
    bool usage_estimated; /* the tokens are our estimate: the answer has not said */
    bool coalesced;       /* a hit that waited for the same call of somebody else */
    uint8_t tenant[16];   /* tenant id, zeroes when none was derived */
    uint8_t key[32];      /* exact key, zeroes when none was derived */
    uint8_t request[8];   /* tells equal requests of a tenant, zeroes when not known */
    char program[16];
    char dialect[16];
    char operation[32];
    char model[96];
    char host[96];
    char
        tags[JOURNAL_TAGS_SIZE]; /* each ended by a zero, then one more; what does not fit
                                     is left out: those of rules, and repo:, test:, run: */
};

#define JOURNAL_SLOT_SIZE 512

/* A record as it stands in a slot. Numbers are little-endian, times of requests microseconds.
 *
 *     offset  size  what
 *          0     8  check sum of bytes 8 to 511; written last, never 0
 *          8     2  version, 2
 *         10     2  flags: bit 0 recorded, 1 stream, 2 usage known, 3 coalesced,
 *                   4 usage estimated
 *         12     4  pid
 *         16     8  time, milliseconds since 1970
 *         24     8  look-up time
 *         32    16  first byte, last byte
 *         48    16  the recorded miss's first byte, last byte
 *         64    32  tokens: in, out, of the input cached, of the input written to the cache
 *         96    16  bytes: request, response
 *        112     8  port 2, status 2, verdict 1, layer 1, reason 1, level 1
 *        120    56  tenant 16, key 32, request 8
 *        176   336  texts: each its length, 1 byte, then its bytes, no zero. First program,
 *                   dialect, operation, model, host, which may be empty; then the tags, which
 *                   are not, up to a length of 0 or the slot's end. The rest is zeroes.
 *
 * The check sum: begin with 0x9E3779B97F4A7C15; for each of the 63 numbers of 8 bytes from
 * offset 8 on, sum = (sum ^ number) * 0xFF51AFD7ED558CCD, modulo 2^64, then sum ^= sum >> 32;
 * at the end 0 becomes 1.
 *
 * Slots of version 1 are read, too. They differ in this: no bit 4; no tokens written to the
 * cache (bytes at 88, port at 104, tenant at 112, key at 128); no request; from 160 on the
 * texts, padded with zeroes to 16, 16, 32, 96 and 96 bytes; no tags.
 *
 * What is longer than its place in struct journal_record is cut; a tag that does not fit into
 * the slot is left out. No allocation, any thread. */
void journal_encode(const struct journal_record *record, uint8_t slot[JOURNAL_SLOT_SIZE]);

/* False when the slot is empty, torn or of another version. Texts are padded with zeroes. */
MUST_USE bool journal_decode(const uint8_t slot[JOURNAL_SLOT_SIZE],
                             struct journal_record *out);

/* The tag behind |tag|, which is one of |record|'s or NULL: the first one. NULL: no more. */
MUST_USE const char *journal_next_tag(const struct journal_record *record,
                                      const char *tag);

/* The journal of a process that writes it; starts as all zeroes. One thread at a time. */
struct journal {
    uint8_t *map; /* the current segment, or NULL: none, or one that is appended to */
    size_t map_size;
    uint32_t capacity; /* slots; 0 = no segment is open */
    uint64_t sequence;
    uint64_t device, inode; /* of the current segment */
    unsigned until_check;   /* records until we look whether its file is still there */
    int64_t retry_ms;       /* no segment could be had: when to try again */
    uint64_t lost;          /* records that could not be written */
};

/* Writes one record into the segments of |directory|, which is made when it is missing.
 * What cannot be written is counted in |journal->lost|. */
void journal_add(struct journal *journal, const char *directory,
                 const struct journal_record *record);
/* Unmaps. The segments stay. */
void journal_close(struct journal *journal);

/* What journal_each() has seen beside the records that it handed over. */
struct journal_state {
    uint64_t segments;
    uint64_t bytes;   /* of their files */
    uint64_t records; /* handed over */
    uint64_t
        torn; /* reserved, but never finished: the process died (or is just writing) */
    uint64_t foreign; /* files that are no segments of a version we know */
};

/* False ends the walk. */
typedef bool (*journal_visit)(void *context, const struct journal_record *record);

/* Visits every record in |directory|, oldest segment first. Adds to |state|.
 * STORE_OK (also when there is no journal), STORE_UNAVAILABLE, STORE_REFUSED,
 * STORE_NO_MEMORY. */
MUST_USE int journal_each(const char *directory, journal_visit visit, void *context,
                          struct journal_state *state);

#endif
