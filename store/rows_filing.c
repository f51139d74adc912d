/* SPDX-License-Identifier: MIT */
/* Vectors that come and go, see rows_filing.h. */
#include "rows_filing.h"

#include "memory.h"
#include "rows_change.h"
#include "walk.h"

#include <stdlib.h>

#define CHANGES_MOST   1024 /* in one transaction */
#define CHANGES_LEAST  8
#define CHANGE_RECORDS 8 /* that one change may write */

/* -- notes of what is to be done ------------------------------------------------------- */

#define GONE_KEY_SIZE (1 + TENANT_ID_SIZE + STORE_KEY_SIZE)
#define COME_KEY_SIZE (PARTITION_HEAD + STORE_KEY_SIZE)

struct note_key {
    uint8_t bytes[COME_KEY_SIZE];
};

static struct span gone_key(struct note_key *out, const uint8_t *tenant,
                            const uint8_t *key)
{
    out->bytes[0] = RECORD_GONE;
    memcpy(out->bytes + 1, tenant, TENANT_ID_SIZE);
    memcpy(out->bytes + 1 + TENANT_ID_SIZE, key, STORE_KEY_SIZE);
    return span_of(out->bytes, GONE_KEY_SIZE);
}

static struct span come_key(struct note_key *out, const uint8_t *tenant,
                            const uint8_t *id, const uint8_t *key)
{
    out->bytes[0] = RECORD_COME;
    memcpy(out->bytes + 1, tenant, TENANT_ID_SIZE);
    memcpy(out->bytes + 1 + TENANT_ID_SIZE, id, PARTITION_ID_SIZE);
    memcpy(out->bytes + PARTITION_HEAD, key, STORE_KEY_SIZE);
    return span_of(out->bytes, COME_KEY_SIZE);
}

/* Appends where the entry's row is, sealed. */
static int place_find(const struct writer *writer, const uint8_t key[STORE_KEY_SIZE],
                      struct buffer *value)
{
    struct record_key name;
    return pages_find(NULL, writer->layout->data, record_key(&name, RECORD_PLACE, key),
                      PARTITION_VALUE, value);
}

/* Its row, of which |place| tells, is to go. */
static void go(struct writer *writer, const uint8_t key[STORE_KEY_SIZE],
               struct span place)
{
    struct record_key name;
    struct note_key note;
    if (place.size >= TENANT_ID_SIZE)
        writer_put(writer, gone_key(&note, place.at, key), place);
    writer_delete(writer, record_key(&name, RECORD_PLACE, key));
}

int rows_go(struct writer *writer, const uint8_t key[STORE_KEY_SIZE])
{
    struct buffer value = {0};
    int result = place_find(writer, key, &value);
    if (result == STORE_OK)
        go(writer, key, buffer_span(&value));
    buffer_free(&value);
    return result == STORE_NO_MEMORY ? result : STORE_OK;
}

/* An entry that is recorded again asks the same question; its row stays, unless another model has
 * embedded it. */
int rows_come(struct writer *writer, const struct tenant *tenant,
              const uint8_t key[STORE_KEY_SIZE], struct span vector)
{
    struct vector_note note;
    struct row_place place;
    struct note_key name;
    struct buffer value = {0};
    uint8_t id[PARTITION_ID_SIZE];
    if (vector.size == 0 || !vector_note_decode(vector, &note))
        return STORE_OK;
    partition_id(tenant, note.partition, note.model, note.dimensions, id);
    int result = place_find(writer, key, &value);
    bool same = result == STORE_OK &&
                row_place_open(tenant, key, buffer_span(&value), &place) &&
                memcmp(place.id, id, sizeof(id)) == 0;
    if (result == STORE_OK && !same)
        go(writer, key, buffer_span(&value));
    if (result != STORE_NO_MEMORY && !same)
        writer_put(writer, come_key(&name, tenant->id, id, key), (struct span){0});
    buffer_free(&value);
    return result == STORE_NO_MEMORY ? result : STORE_OK;
}

/* -- doing it -------------------------------------------------------------------------- */

struct change {
    bool comes;
    bool lost; /* nothing can be known of it any more: its id is zero */
    uint8_t tenant[TENANT_ID_SIZE];
    uint8_t id[PARTITION_ID_SIZE];
    uint8_t key[STORE_KEY_SIZE];
    uint32_t row;
};

struct updating {
    struct writer *writer;
    struct keyring *keyring;
    struct pages_session session;
    struct pages_cache cache;
    size_t most;           /* changes at once */
    struct buffer changes; /* struct change */
    struct buffer coming;  /* struct rows_coming, of one partition */
    struct buffer notes;   /* what their spans point into */
};

static bool gone_take(void *context, struct span key, struct span value, uint64_t size)
{
    struct updating *updating = context;
    struct change change = {0};
    struct row_place place;
    struct tenant tenant;
    (void)size;
    if (key.size != GONE_KEY_SIZE)
        return true;
    memcpy(change.tenant, key.at + 1, TENANT_ID_SIZE);
    memcpy(change.key, key.at + 1 + TENANT_ID_SIZE, STORE_KEY_SIZE);
    change.lost =
        keyring_tenant_by_id(updating->keyring, updating->writer->layout->config,
                             change.tenant, &tenant) != STORE_OK ||
        !row_place_open(&tenant, change.key, value, &place);
    if (!change.lost) {
        memcpy(change.id, place.id, PARTITION_ID_SIZE);
        change.row = place.row;
    }
    buffer_append(&updating->changes, &change, sizeof(change));
    return updating->changes.size < updating->most * sizeof(change);
}

static bool come_take(void *context, struct span key, struct span value, uint64_t size)
{
    struct updating *updating = context;
    struct change change = {.comes = true};
    (void)value, (void)size;
    if (key.size != COME_KEY_SIZE)
        return true;
    memcpy(change.tenant, key.at + 1, TENANT_ID_SIZE);
    memcpy(change.id, key.at + 1 + TENANT_ID_SIZE, PARTITION_ID_SIZE);
    memcpy(change.key, key.at + PARTITION_HEAD, STORE_KEY_SIZE);
    buffer_append(&updating->changes, &change, sizeof(change));
    return updating->changes.size < updating->most * sizeof(change);
}

/* Those who go first: whoever comes meets no older row of the same entry. */
static int gather(struct updating *updating)
{
    static const uint8_t gone = RECORD_GONE, come = RECORD_COME;
    const char *data = updating->writer->layout->data;
    buffer_clear(&updating->changes);
    int result =
        pages_scan(data, span_of(&gone, 1), PARTITION_VALUE, gone_take, updating);
    if (result == STORE_OK &&
        updating->changes.size < updating->most * sizeof(struct change))
        result = pages_scan(data, span_of(&come, 1), 0, come_take, updating);
    if (!buffer_ok(&updating->changes))
        return STORE_NO_MEMORY;
    return result == STORE_MISS || result == STORE_CORRUPT ? STORE_OK : result;
}

static int by_partition(const void *a, const void *b)
{
    const struct change *left = a, *right = b;
    int order = memcmp(left->tenant, right->tenant, TENANT_ID_SIZE);
    return order ? order : memcmp(left->id, right->id, PARTITION_ID_SIZE);
}

/* The row whose key is |key|'s goes: the one that was noted, or where it has been moved to since. */
static int row_goes(struct updating *updating, struct rows_change *change,
                    const struct change *one)
{
    struct record_key record;
    struct partition_key name;
    struct row_place place = {.row = one->row};
    struct buffer value = {0};
    int result =
        pages_get(change->session, record_key(&record, RECORD_PLACE, one->key), &value);
    if (result == STORE_OK &&
        row_place_open(change->tenant, one->key, buffer_span(&value), &place) &&
        memcmp(place.id, one->id, PARTITION_ID_SIZE) == 0)
        writer_delete(updating->writer, record_key(&record, RECORD_PLACE, one->key));
    else
        place.row = one->row;
    buffer_clear(&value);
    result = rows_record(
        change, partition_key(&name, RECORD_ROW, one->tenant, one->id, place.row),
        &value);
    if (result == STORE_OK && value.size >= STORE_KEY_SIZE &&
        memcmp(value.at, one->key, STORE_KEY_SIZE) == 0)
        buffer_append(&change->gone, &place.row, sizeof(place.row));
    buffer_free(&value);
    return result == STORE_NO_MEMORY || !buffer_ok(&change->gone) ? STORE_NO_MEMORY
                                                                  : STORE_OK;
}

/* Appends the note of an entry that is there. STORE_OK, STORE_MISS, STORE_NO_MEMORY. */
static int note_read(struct updating *updating, const struct tenant *tenant,
                     const struct change *one, struct vector_note *note)
{
    struct record_key name;
    struct sealed sealed;
    struct entry_label label;
    struct entry_notes notes;
    struct buffer value = {0};
    uint64_t size = 0;
    int result =
        pages_get_head(&updating->session, record_key(&name, RECORD_ENTRY, one->key),
                       WALK_LABEL, &value, &size);
    if (result == STORE_OK)
        result = sealed_parse_cut(buffer_span(&value), size, &sealed);
    if (result == STORE_OK)
        result =
            unseal_notes(&sealed, tenant, one->key, &label, &notes, &updating->notes);
    if (result == STORE_OK && !vector_note_decode(notes.vector, note))
        result = STORE_MISS;
    buffer_free(&value);
    return result == STORE_OK || result == STORE_NO_MEMORY ? result : STORE_MISS;
}

static int row_comes(struct updating *updating, const struct tenant *tenant,
                     const struct change *one)
{
    struct rows_coming coming;
    uint8_t id[PARTITION_ID_SIZE];
    int result = note_read(updating, tenant, one, &coming.note);
    if (result != STORE_OK)
        return result == STORE_MISS ? STORE_OK : result;
    const struct vector_note *note = &coming.note;
    partition_id(tenant, note->partition, note->model, note->dimensions, id);
    if (memcmp(id, one->id, sizeof(id)) != 0)
        return STORE_OK;
    memcpy(coming.key, one->key, STORE_KEY_SIZE);
    buffer_append(&updating->coming, &coming, sizeof(coming));
    return buffer_ok(&updating->coming) ? STORE_OK : STORE_NO_MEMORY;
}

/* |list|: all of one partition. Room for the notes is made first, as spans point into it. */
static int partition_update(struct updating *updating, const struct tenant *tenant,
                            const struct change *list, size_t count)
{
    struct rows_change change = {.writer = updating->writer,
                                 .session = &updating->session,
                                 .tenant = tenant,
                                 .id = list[0].id};
    int result = STORE_OK;
    buffer_clear(&updating->coming);
    buffer_clear(&updating->notes);
    if (!buffer_room(&updating->notes, (count + 1) * SEAL_LABEL_LIMIT))
        return STORE_NO_MEMORY;
    for (size_t i = 0; result == STORE_OK && i < count; i++)
        result = list[i].comes ? row_comes(updating, tenant, &list[i])
                               : row_goes(updating, &change, &list[i]);
    change.coming = (const struct rows_coming *)(const void *)updating->coming.at;
    change.coming_count = updating->coming.size / sizeof(struct rows_coming);
    if (result == STORE_OK && (change.coming_count || change.gone.size))
        result = rows_change(&change);
    buffer_free(&change.gone);
    return result;
}

static void notes_delete(struct updating *updating)
{
    struct cursor cursor = cursor_of(buffer_span(&updating->changes));
    struct note_key name;
    while (cursor.left >= sizeof(struct change)) {
        const struct change *one =
            (const void *)cursor_bytes(&cursor, sizeof(struct change)).at;
        writer_delete(updating->writer,
                      one->comes ? come_key(&name, one->tenant, one->id, one->key)
                                 : gone_key(&name, one->tenant, one->key));
    }
}

static int partitions_update(struct updating *updating)
{
    struct change *list = (struct change *)(void *)updating->changes.at;
    size_t count = updating->changes.size / sizeof(*list);
    int result = STORE_OK;
    qsort(list, count, sizeof(*list), by_partition);
    for (size_t i = 0, end; result == STORE_OK && i < count; i = end) {
        struct tenant tenant;
        for (end = i + 1; end < count && by_partition(&list[i], &list[end]) == 0;)
            end++;
        int known = keyring_tenant_by_id(
            updating->keyring, updating->writer->layout->config, list[i].tenant, &tenant);
        if (known == STORE_NO_MEMORY)
            result = known;
        else if (known == STORE_OK && !list[i].lost)
            result = partition_update(updating, &tenant, &list[i], end - i);
    }
    return result;
}

/* One transaction. */
static int update_some(struct updating *updating)
{
    struct writer *writer = updating->writer;
    updating->session = (struct pages_session){0};
    int result = pages_begin(&updating->session, &updating->cache, writer->layout->data,
                             SEAL_LIMIT);
    if (result != STORE_OK)
        return result;
    result = partitions_update(updating);
    pages_end(&updating->session);
    if (result != STORE_OK)
        return result;
    notes_delete(updating);
    return writer_flush(writer);
}

int rows_update(struct writer *writer, struct keyring *keyring)
{
    struct updating *updating = memory_new(sizeof(*updating));
    if (!updating)
        return STORE_NO_MEMORY;
    updating->writer = writer;
    updating->keyring = keyring;
    updating->most = writer->queue_changes / CHANGE_RECORDS;
    if (updating->most > CHANGES_MOST)
        updating->most = CHANGES_MOST;
    if (updating->most < CHANGES_LEAST)
        updating->most = CHANGES_LEAST;
    pages_cache_init(&updating->cache);
    int result = gather(updating);
    while (result == STORE_OK && updating->changes.size) {
        result = update_some(updating);
        if (result == STORE_OK)
            result = gather(updating);
    }
    pages_cache_free(&updating->cache);
    buffer_free(&updating->changes);
    buffer_free(&updating->coming);
    buffer_free(&updating->notes);
    memory_free(updating);
    return result;
}

/* -- forgetting ------------------------------------------------------------------------ */

static bool delete_one(void *context, struct span key, struct span value, uint64_t size)
{
    (void)value, (void)size;
    writer_delete(context, key);
    return true;
}

int rows_forget(struct writer *writer, struct span ids)
{
    static const uint8_t kinds[] = {RECORD_NEAR,       RECORD_ROW,         RECORD_COME,
                                    RECORD_GONE,       RECORD_CERTIFICATE, RECORD_CANARY,
                                    RECORD_VOCABULARY, RECORD_LESSON};
    uint8_t prefix[1 + TENANT_ID_SIZE];
    int worst = STORE_OK;
    for (size_t at = 0; at + TENANT_ID_SIZE <= ids.size; at += TENANT_ID_SIZE)
        for (size_t i = 0; i < sizeof(kinds); i++) {
            prefix[0] = kinds[i];
            memcpy(prefix + 1, ids.at + at, TENANT_ID_SIZE);
            int result = pages_scan(writer->layout->data, span_of(prefix, sizeof(prefix)),
                                    0, delete_one, writer);
            if (result != STORE_OK && result != STORE_MISS)
                worst = result;
        }
    return worst;
}
