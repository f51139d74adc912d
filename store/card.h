/* SPDX-License-Identifier: MIT */
/* An entry's card: what the merger has to know of an entry without opening it. Beside the entry
 * in LMDB, under RECORD_CARD and the entry's key; hosts never read or write one.
 *
 *     offset  size  what (little-endian)
 *          0     1  version, 1
 *          1     1  words of 64 signs that its vector has (vector.h), 0: none
 *          2     2  day of the uses, since 1970
 *          4     4  uses, in 1/256
 *          8     8  size of the sealed entry
 *         16     8  worth of one use, in 1e-9 dollars
 *         24     8  expires, seconds since 1970, or 2^64 - 1: never
 *         32    16  tenant id
 *         48        ids of its tags, 16 each
 *
 * What an entry is worth to its owner is the waiting and the tokens that one use of it saves.
 * Waiting has a price so that they can be added; tokens have the one of price.h, or, where that
 * knows none, the same for every model. The recording itself is the first use. A use counts half
 * after CARD_HALF_LIFE_DAYS, a quarter after twice that, and so on.
 *
 * Pure functions; any thread. */
#ifndef STORE_CARD_H
#define STORE_CARD_H

#include "price.h"
#include "seal.h"

#define CARD_SIZE            48
#define CARD_HALF_LIFE_DAYS  30
#define CARD_USE             256     /* one use */
#define CARD_PRICE_SECOND    1000000 /* 1e-9 dollars: 3.60 an hour */
#define CARD_PRICE_TOKEN_IN  1000    /* 1 dollar for a million, where no price is known */
#define CARD_PRICE_TOKEN_OUT 4000
#define CARD_NEVER           UINT64_MAX

struct card {
    uint8_t vector; /* words of its signs, or 0; card_make() knows of none */
    uint16_t day;
    uint32_t uses;
    uint64_t bytes;
    uint64_t worth;
    uint64_t expires_s;
    uint8_t tenant[TENANT_ID_SIZE];
    struct span tags; /* ids; points into what was decoded */
};

/* The card of a new entry of |size| bytes. |label| NULL: it could not be opened, so it is
 * worth nothing. |prices| NULL: none is known. Without tags. */
void card_make(const struct sealed *sealed, uint64_t size,
               const struct entry_label *label, const struct prices *prices,
               struct card *out);
void card_encode(const struct card *card, struct buffer *out);
/* |value| may be cut after CARD_SIZE bytes. False when it is no card. */
MUST_USE bool card_decode(struct span value, struct card *out);

/* Adds |count| uses on |day|. */
void card_use(struct card *card, uint16_t day, uint32_t count);
/* Uses as they count on |day|, in 1/256. */
uint32_t card_uses_on(const struct card *card, uint16_t day);

/* About how many bytes of the data file would be free without the entry, its card, its vector's
 * row, its aliases and its place in the index of |tags| tags. */
uint64_t card_footprint(const struct card *card, size_t tags);
/* What keeping its |footprint| is worth, per byte: the least goes first. Below 0: expired. */
double card_value(const struct card *card, uint64_t footprint, int64_t now_s);

static inline uint16_t card_day(int64_t seconds)
{
    int64_t day = seconds / 86400;
    return day < 0 ? 0 : day > UINT16_MAX ? UINT16_MAX : (uint16_t)day;
}

#endif
