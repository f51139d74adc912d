/* SPDX-License-Identifier: MIT */
/* Entries' cards, see card.h. */
#include "card.h"

#include "duration.h"
#include "partition.h"

#define CARD_VERSION 1
#define PAGE         4096
#define INLINE_LIMIT 2000 /* a larger value gets pages of its own */
#define NODE         44   /* a key and LMDB's own bytes */
#define FIXED        340  /* card, one alias both ways, a place for pages of its own */
#define PER_TAG      76   /* in the index and on the card */
#define PER_ROW      136  /* where an entry's row is */

static uint64_t expiry(const struct entry_label *label)
{
    uint64_t created_s = label->created_ms > 0 ? (uint64_t)label->created_ms / 1000 : 0;
    if (label->ttl_s == DURATION_FOREVER || label->ttl_s > CARD_NEVER - created_s)
        return CARD_NEVER;
    return created_s + label->ttl_s;
}

#define MOST (UINT64_MAX / 8 / CARD_PRICE_SECOND) /* what cannot be true must not wrap */

static uint64_t at_most(uint64_t number)
{
    return number < MOST ? number : MOST;
}

static uint64_t tokens_worth(const struct entry_label *label, const struct prices *prices)
{
    struct price price;
    struct price_tokens tokens = {
        .in = label->tokens_in, .cached = label->tokens_cached, .out = label->tokens_out};
    if (prices && price_find(prices, label->dialect, label->host, label->model, &price))
        return price_of(&price, price_embeds(label->operation), &tokens) / 1000;
    return at_most(label->tokens_in) * CARD_PRICE_TOKEN_IN +
           at_most(label->tokens_out) * CARD_PRICE_TOKEN_OUT;
}

static uint64_t worth(const struct entry_label *label, const struct prices *prices)
{
    return at_most(label->last_byte_us) * CARD_PRICE_SECOND / 1000000 +
           tokens_worth(label, prices);
}

void card_make(const struct sealed *sealed, uint64_t size,
               const struct entry_label *label, const struct prices *prices,
               struct card *out)
{
    *out = (struct card){.day = card_day(sealed->created_ms / 1000),
                         .uses = CARD_USE,
                         .bytes = size,
                         .worth = label ? worth(label, prices) : 0,
                         .expires_s = label ? expiry(label) : CARD_NEVER};
    memcpy(out->tenant, sealed->tenant, TENANT_ID_SIZE);
}

void card_encode(const struct card *card, struct buffer *out)
{
    buffer_append_byte(out, CARD_VERSION);
    buffer_append_byte(out, card->vector);
    buffer_append_u16(out, card->day);
    buffer_append_u32(out, card->uses);
    buffer_append_u64(out, card->bytes);
    buffer_append_u64(out, card->worth);
    buffer_append_u64(out, card->expires_s);
    buffer_append(out, card->tenant, TENANT_ID_SIZE);
    buffer_append_span(out, card->tags);
}

bool card_decode(struct span value, struct card *out)
{
    struct cursor cursor = cursor_of(value);
    if (value.size < CARD_SIZE || (value.size - CARD_SIZE) % TAG_ID_SIZE ||
        cursor_u8(&cursor) != CARD_VERSION)
        return false;
    out->vector = cursor_u8(&cursor);
    out->day = cursor_u16(&cursor);
    out->uses = cursor_u32(&cursor);
    out->bytes = cursor_u64(&cursor);
    out->worth = cursor_u64(&cursor);
    out->expires_s = cursor_u64(&cursor);
    memcpy(out->tenant, cursor_bytes(&cursor, TENANT_ID_SIZE).at, TENANT_ID_SIZE);
    out->tags = cursor_bytes(&cursor, cursor.left);
    return true;
}

/* Half for each half-life, and in between along a straight line. */
uint32_t card_uses_on(const struct card *card, uint16_t day)
{
    unsigned age = day > card->day ? (unsigned)(day - card->day) : 0;
    unsigned halvings = age / CARD_HALF_LIFE_DAYS, rest = age % CARD_HALF_LIFE_DAYS;
    uint64_t uses = halvings < 32 ? card->uses >> halvings : 0;
    return (uint32_t)(uses - uses * rest / (2 * CARD_HALF_LIFE_DAYS));
}

void card_use(struct card *card, uint16_t day, uint32_t count)
{
    uint64_t uses = card_uses_on(card, day) + (uint64_t)count * CARD_USE;
    card->uses = uses < UINT32_MAX ? (uint32_t)uses : UINT32_MAX;
    if (day > card->day)
        card->day = day;
}

/* Pages that several share are filled to about two thirds, and with whole nodes. */
static uint64_t value_footprint(uint64_t bytes)
{
    if (bytes > INLINE_LIMIT)
        return (bytes + 16 + PAGE - 1) / PAGE * PAGE;
    return PAGE / ((PAGE - 16) / (bytes + NODE)) * 3 / 2;
}

/* A row of its own, its signs in a block, and where it is. */
static uint64_t vector_footprint(unsigned words)
{
    if (words == 0)
        return 0;
    return value_footprint(vector_row_size(words * 64UL) + PARTITION_BOX) +
           words * sizeof(uint64_t) + PER_ROW * 3 / 2;
}

uint64_t card_footprint(const struct card *card, size_t tags)
{
    return value_footprint(card->bytes) + vector_footprint(card->vector) +
           (FIXED + tags * PER_TAG) * 3 / 2;
}

double card_value(const struct card *card, uint64_t footprint, int64_t now_s)
{
    if (card->expires_s != CARD_NEVER && (int64_t)card->expires_s <= now_s)
        return -1;
    double uses = (double)card_uses_on(card, card_day(now_s)) + 1;
    return ((double)card->worth + 1) * uses / (double)footprint;
}
