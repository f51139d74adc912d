/* SPDX-License-Identifier: MIT */
/* Cards and the index of tags, see filing.h. */
#include "filing.h"

#include "card.h"
#include "certificates.h"
#include "key_list.h"
#include "lessons.h"
#include "pages.h"
#include "rows_filing.h"
#include "walk.h"

#define CARD_LIMIT ((size_t)1 << 16)
#define FIND_FIRST 1024 /* members of a tag that are read at first */

static const uint8_t no_tag[TAG_ID_SIZE];

static bool ids_hold(struct span ids, const uint8_t *id)
{
    for (size_t i = 0; i + TAG_ID_SIZE <= ids.size; i += TAG_ID_SIZE)
        if (memcmp(ids.at + i, id, TAG_ID_SIZE) == 0)
            return true;
    return false;
}

/* Appends the ids of the framed |tags|, each once. */
static int ids_of(const struct layout *layout, struct keyring *keyring, struct span tags,
                  struct buffer *ids)
{
    struct cursor cursor = cursor_of(tags);
    while (cursor.left) {
        uint8_t id[TAG_ID_SIZE];
        struct span text = cursor_framed(&cursor);
        if (!cursor_ok(&cursor))
            break;
        int result = keyring_tag(keyring, layout->config, text, id);
        if (result != STORE_OK)
            return result;
        if (!ids_hold(buffer_span(ids), id))
            buffer_append(ids, id, sizeof(id));
    }
    return buffer_ok(ids) ? STORE_OK : STORE_NO_MEMORY;
}

/* Words of its signs, or 0. */
static uint8_t words_of(struct span vector)
{
    struct vector_note note;
    return vector.size && vector_note_decode(vector, &note)
               ? (uint8_t)vector_words(note.dimensions)
               : 0;
}

/* The card and, in |ids|, the tags that the value itself tells of; its vector comes, its words are
 * learnt. */
static int card_read(struct writer *writer, struct keyring *keyring,
                     const uint8_t key[STORE_KEY_SIZE], const struct sealed *sealed,
                     uint64_t size, struct card *card, struct buffer *ids)
{
    struct tenant tenant;
    struct entry_label label;
    struct entry_notes notes = {0};
    struct buffer plain = {0};
    const struct layout *layout = writer->layout;
    int result = keyring_tenant_by_id(keyring, layout->config, sealed->tenant, &tenant);
    if (result == STORE_OK)
        result = unseal_notes(sealed, &tenant, key, &label, &notes, &plain);
    if (result == STORE_OK)
        result = ids_of(layout, keyring, notes.tags, ids);
    if (result == STORE_OK)
        result = rows_come(writer, &tenant, key, notes.vector);
    if (result == STORE_OK)
        result = canaries_come(writer, &tenant, key, notes.sample);
    if (result == STORE_OK)
        result = lessons_come(writer, &tenant, key, notes.words);
    uint8_t words = result == STORE_OK ? words_of(notes.vector) : 0;
    buffer_free(&plain);
    card_make(sealed, size, result == STORE_OK ? &label : NULL, writer->prices, card);
    card->vector = words;
    if (result == STORE_OK || result == STORE_NO_MEMORY)
        return result;
    buffer_append(ids, no_tag, sizeof(no_tag));
    return buffer_ok(ids) ? STORE_OK : STORE_NO_MEMORY;
}

static int card_find(const struct writer *writer, const uint8_t key[STORE_KEY_SIZE],
                     struct buffer *value, struct card *out)
{
    struct record_key name;
    int result = pages_find(NULL, writer->layout->data,
                            record_key(&name, RECORD_CARD, key), CARD_LIMIT, value);
    if (result == STORE_OK && !card_decode(buffer_span(value), out))
        result = STORE_MISS;
    return result;
}

static void tags_delete(struct writer *writer, struct span ids, struct span but,
                        const uint8_t key[STORE_KEY_SIZE])
{
    struct tag_key name;
    for (size_t i = 0; i + TAG_ID_SIZE <= ids.size; i += TAG_ID_SIZE)
        if (!ids_hold(but, ids.at + i))
            writer_delete(writer, tag_key(&name, ids.at + i, key));
}

/* Its uses go on counting when an entry is recorded again. */
static int replace(struct writer *writer, const uint8_t key[STORE_KEY_SIZE],
                   struct span ids, struct card *card)
{
    struct card old;
    struct buffer value = {0};
    int result = card_find(writer, key, &value, &old);
    if (result == STORE_OK) {
        uint16_t day = card->day;
        card->day = old.day;
        card->uses = old.uses;
        card_use(card, day, 1);
        tags_delete(writer, old.tags, ids, key);
    }
    buffer_free(&value);
    return result == STORE_NO_MEMORY ? result : STORE_OK;
}

static int card_put(struct writer *writer, const uint8_t key[STORE_KEY_SIZE],
                    struct span ids, struct card *card)
{
    struct record_key name;
    struct tag_key tag;
    struct buffer value = {0};
    card->tags = ids;
    card_encode(card, &value);
    int result = buffer_ok(&value) ? STORE_OK : STORE_NO_MEMORY;
    if (result == STORE_OK)
        writer_put(writer, record_key(&name, RECORD_CARD, key), buffer_span(&value));
    buffer_free(&value);
    for (size_t i = 0; result == STORE_OK && i < ids.size; i += TAG_ID_SIZE)
        writer_put(writer, tag_key(&tag, ids.at + i, key), (struct span){0});
    return result;
}

int filing_add(struct writer *writer, struct keyring *keyring,
               const uint8_t key[STORE_KEY_SIZE], struct span value, uint64_t size,
               uint32_t uses)
{
    struct sealed sealed;
    struct card card;
    struct buffer ids = {0};
    if (sealed_parse_cut(value, size, &sealed) != STORE_OK)
        return STORE_OK;
    int result = card_read(writer, keyring, key, &sealed, size, &card, &ids);
    if (result == STORE_OK)
        result = replace(writer, key, buffer_span(&ids), &card);
    if (result == STORE_OK && uses)
        card_use(&card, card.day, uses);
    if (result == STORE_OK)
        result = card_put(writer, key, buffer_span(&ids), &card);
    buffer_free(&ids);
    return result;
}

static bool alias_delete(void *context, struct span key, struct span value, uint64_t size)
{
    struct writer *writer = context;
    struct record_key alias;
    (void)value, (void)size;
    if (key.size == sizeof(struct reverse_key)) {
        writer_delete(writer,
                      record_key(&alias, RECORD_ALIAS, key.at + 1 + STORE_KEY_SIZE));
        writer_delete(writer, key);
    }
    return true;
}

int filing_remove(struct writer *writer, const uint8_t key[STORE_KEY_SIZE])
{
    struct record_key name;
    struct card card;
    struct buffer value = {0};
    int result = card_find(writer, key, &value, &card);
    if (result == STORE_OK)
        tags_delete(writer, card.tags, (struct span){0}, key);
    buffer_free(&value);
    if (result != STORE_NO_MEMORY)
        result = rows_go(writer, key);
    if (result == STORE_NO_MEMORY)
        return result;
    result = pages_scan(writer->layout->data, record_key(&name, RECORD_REVERSE, key), 0,
                        alias_delete, writer);
    writer_delete(writer, record_key(&name, RECORD_CARD, key));
    writer_delete(writer, record_key(&name, RECORD_REVIEW, key));
    writer_delete(writer, record_key(&name, RECORD_ENTRY, key));
    return result == STORE_NO_MEMORY ? result : STORE_OK;
}

struct completion {
    struct writer *writer;
    struct keyring *keyring;
    int result;
};

static bool complete_one(void *context, struct span key, struct span value, uint64_t size)
{
    struct completion *completion = context;
    struct writer *writer = completion->writer;
    if (key.size != 1 + STORE_KEY_SIZE)
        return true;
    completion->result =
        filing_add(writer, completion->keyring, key.at + 1, value, size, 0);
    if (completion->result == STORE_OK && writer_is_full(writer))
        completion->result = writer_flush(writer);
    return completion->result == STORE_OK;
}

bool filing_is_complete(const char *data)
{
    static const uint8_t name = RECORD_FILED;
    struct buffer value = {0};
    int result = pages_find(NULL, data, span_of(&name, 1), 16, &value);
    buffer_free(&value);
    return result == STORE_OK;
}

int filing_complete(struct writer *writer, struct keyring *keyring)
{
    static const uint8_t name = RECORD_FILED;
    struct completion completion = {.writer = writer, .keyring = keyring};
    if (filing_is_complete(writer->layout->data))
        return STORE_OK;
    int result = pages_scan(writer->layout->data, span_text("e"), WALK_LABEL,
                            complete_one, &completion);
    if (completion.result != STORE_OK)
        return completion.result;
    if (result == STORE_OK || result == STORE_MISS)
        writer_put(writer, span_of(&name, 1), (struct span){0});
    else if (result != STORE_CORRUPT)
        return result;
    return writer_flush(writer); /* of a damaged file as much as can be read */
}

struct members {
    struct buffer *keys;
    size_t most;
};

static bool take_member(void *context, struct span key, struct span value, uint64_t size)
{
    struct members *members = context;
    (void)value, (void)size;
    if (key.size == sizeof(struct tag_key))
        buffer_append(members->keys, key.at + 1 + TAG_ID_SIZE, STORE_KEY_SIZE);
    return members->keys->size / STORE_KEY_SIZE < members->most;
}

/* Appends at most |most| members of the tag |id|. */
static int members_of(const char *data, const uint8_t *id, size_t most,
                      struct buffer *keys)
{
    struct tag_key name;
    struct members members = {keys, most};
    struct span prefix = tag_key(&name, id, (const uint8_t[STORE_KEY_SIZE]){0});
    prefix.size -= STORE_KEY_SIZE;
    int result = pages_scan(data, prefix, 0, take_member, &members);
    if (!buffer_ok(keys))
        return STORE_NO_MEMORY;
    return result == STORE_MISS ? STORE_OK : result;
}

/* The members of the tag that has the fewest, or nearly: all are read side by side, further at
 * every turn, until one has come to its end. */
static int fewest_members(const char *data, struct span ids, struct buffer *keys)
{
    for (size_t most = FIND_FIRST;; most *= 4) {
        for (size_t i = 0; i + TAG_ID_SIZE <= ids.size; i += TAG_ID_SIZE) {
            buffer_clear(keys);
            int result = members_of(data, ids.at + i, most, keys);
            if (result != STORE_OK || keys->size / STORE_KEY_SIZE < most)
                return result;
        }
    }
}

int filing_find(const struct layout *layout, struct keyring *keyring, struct span tags,
                struct buffer *keys)
{
    struct buffer ids = {0};
    int result = ids_of(layout, keyring, tags, &ids);
    if (result == STORE_OK)
        result = fewest_members(layout->data, buffer_span(&ids), keys);
    else if (result == STORE_MISS)
        result = STORE_OK; /* no secret: nothing was ever sealed */
    if (result == STORE_OK)
        result = members_of(layout->data, no_tag, SIZE_MAX, keys);
    buffer_free(&ids);
    key_list_sort_unique(keys);
    return result;
}

int filing_members(const struct layout *layout, struct keyring *keyring, struct span tag,
                   struct buffer *keys)
{
    struct buffer ids = {0};
    int result = ids_of(layout, keyring, tag, &ids);
    if (result == STORE_OK && ids.size == TAG_ID_SIZE)
        result = members_of(layout->data, ids.at, SIZE_MAX, keys);
    else if (result == STORE_MISS)
        result = STORE_OK; /* as above */
    buffer_free(&ids);
    return result;
}
