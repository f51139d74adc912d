/* SPDX-License-Identifier: MIT */
/* The journal: one record per request. Fixed size, checksummed, written into a mapped segment
 * whose slots are reserved by an atomic add, so that it is whole after kill -9 and costs no
 * system call. Readers: statistics, reports, eviction. */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "bytes.h"

enum journal_layer { LAYER_NONE = 0, LAYER_EXACT = 1 };

enum journal_verdict {
    VERDICT_BYPASS = 1, /* the request was not looked up; `reason` says why */
    VERDICT_MISS = 2,   /* looked up, sent upstream; `recorded` or `reason` (dropped) */
    VERDICT_HIT = 3,    /* answered by `layer` */
};

enum journal_level { LEVEL_OPENSSL = 1, LEVEL_LIBCURL = 2 };

/* What the writer fills in. Everything is known when the exchange has ended. Texts are cut and
 * ended by a zero. No prompt, answer or credential ever stands here. */
struct journal_record {
    int64_t time_ms;        /* since 1970, when the exchange ended */
    uint64_t lookup_us;     /* time that preecho itself needed to decide */
    uint64_t first_byte_us; /* request complete to first byte, as the program saw it */
    uint64_t last_byte_us;
    uint64_t recorded_first_byte_us; /* hits: what the recorded miss took */
    uint64_t recorded_last_byte_us;
    uint64_t tokens_in;
    uint64_t tokens_out;
    uint64_t tokens_cached;
    uint64_t request_bytes;
    uint64_t response_bytes;
    uint32_t pid;
    uint16_t port;
    uint16_t status;
    uint8_t verdict; /* enum journal_verdict */
    uint8_t layer;   /* enum journal_layer */
    uint8_t reason;  /* enum reason */
    uint8_t level;   /* enum journal_level */
    bool recorded;
    bool stream;
    bool usage_known;
    uint8_t tenant[16]; /* tenant id, zeroes when none was derived */
    uint8_t key[32];    /* exact key, zeroes when none was derived */
    char program[16];
    char dialect[16];
    char operation[32];
    char model[96];
    char host[96];
};

#endif
