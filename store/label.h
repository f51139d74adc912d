/* SPDX-License-Identifier: MIT */
/* An entry's label and notes and their encoding. */
#ifndef STORE_LABEL_H
#define STORE_LABEL_H

#include "bytes.h"

#define STORE_KEY_SIZE 32

/* What `preecho ls` shows of an entry: sealed apart from the payload so that listing does
 * not read answers. Texts are cut to fit and always ended by a zero. */
struct entry_label {
    char dialect[16];
    char operation[32];
    char model[96];
    char host[128];
    char program[16];
    char tenant[64];      /* the label, not the identity */
    char fingerprint[64]; /* which model has really answered, as far as it said so */
    uint16_t port;
    uint16_t status;
    bool stream;
    bool usage_known;       /* the answer has counted its tokens */
    bool usage_estimated;   /* the tokens are our estimate */
    bool stochastic;        /* asked for with a temperature above zero */
    uint32_t ordinal;       /* which of several samples, from 0 */
    uint32_t sensitive;     /* what the prompt holds: enum sensitive_kind, as bits */
    uint64_t ttl_s;         /* how long it may be served, as was known then */
    int64_t created_ms;     /* since 1970, when the answer was complete */
    uint64_t first_byte_us; /* request complete to the first byte of the answer */
    uint64_t last_byte_us;  /* request complete to its last byte */
    uint64_t tokens_in;     /* see struct journal_record */
    uint64_t tokens_out;
    uint64_t tokens_cached;
    uint64_t tokens_cache_write;
    uint64_t request_bytes;  /* the body as the program sent it */
    uint64_t response_bytes; /* the body, decoded */
    uint8_t words
        [STORE_KEY_SIZE]; /* the alias by which other messages of the same words find it;
                                      zeroes: none does */
    uint8_t
        marks[16]; /* stands for which of the words are acronyms; zeroes: nothing says */
};

/* What an entry may be found and explained by. Tags and what is ignored are sequences of framed
 * texts (buffer_append_framed). */
struct entry_notes {
    struct span tags;
    struct span ignored; /* what of the request is not part of its key */
    struct span vector;  /* its embedding, or nothing (vector_note.h) */
    struct span sample;  /* what would have been served for it, or nothing (sample.h) */
    struct span words;   /* of its question, for the vocabulary, or nothing (lessons.h) */
};

/* Appends |label|'s encoding; ask buffer_ok() afterwards. */
void label_encode(const struct entry_label *label, struct buffer *out);
/* False when |bytes| is no label of a version we know. */
MUST_USE bool label_decode(struct span bytes, struct entry_label *out);

/* The same for a label that notes may follow. Those point into |bytes|; they are empty where
 * there are none. */
void label_encode_noted(const struct entry_label *label, const struct entry_notes *notes,
                        struct buffer *out);
MUST_USE bool label_decode_noted(struct span bytes, struct entry_label *label,
                                 struct entry_notes *notes);

/* True when the framed |texts| have |text| among them. */
bool texts_hold(struct span texts, struct span text);

#endif
