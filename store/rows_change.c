/* SPDX-License-Identifier: MIT */
/* Rows of a partition move, see rows_change.h. */
#include "rows_change.h"

#include "memory.h"
#include "rows_plan.h"

struct block {
    bool loaded;
    struct buffer signs;
};

/* A partition while it is changed. */
struct partition {
    struct rows_change *change;
    size_t dimensions;
    uint32_t rows; /* before */
    struct rows_plan plan;
    uint32_t count; /* blocks, before or afterwards, whichever is more */
    struct block *blocks;
    struct buffer stamps; /* of |count| blocks */
    struct buffer scratch, box, place;
};

int rows_record(struct rows_change *change, struct span name, struct buffer *out)
{
    struct buffer value = {0};
    int result = pages_get(change->session, name, &value);
    if (result == STORE_OK && !box_open(change->tenant, name, buffer_span(&value), out))
        result = STORE_MISS;
    if (!buffer_ok(out) || !buffer_ok(&value))
        result = STORE_NO_MEMORY;
    buffer_free(&value);
    return result == STORE_OK || result == STORE_NO_MEMORY ? result : STORE_MISS;
}

static struct span name_of(const struct partition *partition, struct partition_key *out,
                           int kind, uint32_t number)
{
    const struct rows_change *change = partition->change;
    return partition_key(out, kind, change->tenant->id, change->id, number);
}

/* One that is missing or damaged holds nothing: it is begun anew. */
static int head_load(struct partition *partition)
{
    struct rows_change *change = partition->change;
    struct partition_key name;
    struct partition_head head;
    struct buffer plain = {0};
    int result = rows_record(
        change, partition_head_key(&name, change->tenant->id, change->id), &plain);
    if (result == STORE_OK && partition_head_decode(buffer_span(&plain), &head)) {
        partition->dimensions = head.dimensions;
        partition->rows = head.rows;
        buffer_append(&partition->stamps, head.stamps,
                      (size_t)partition_blocks(head.rows) * VECTOR_STAMP_SIZE);
    } else if (change->coming_count) {
        partition->dimensions = change->coming[0].note.dimensions;
    }
    buffer_free(&plain);
    return result == STORE_NO_MEMORY || !buffer_ok(&partition->stamps) ? STORE_NO_MEMORY
                                                                       : STORE_OK;
}

/* A block that cannot be read has no signs, but its rows. */
static bool block_fill(const struct partition *partition, uint32_t number,
                       struct buffer *signs)
{
    static const uint8_t none[VECTOR_WORDS * sizeof(uint64_t)];
    uint32_t rows = partition->rows - number * VECTOR_ROWS;
    buffer_clear(signs);
    for (uint32_t row = 0; row < rows && row < VECTOR_ROWS; row++)
        if (!vector_signs_put(signs, partition->dimensions, row, none))
            return false;
    return true;
}

/* The block that |row| is in, to be changed; NULL when memory is short. */
static struct buffer *block_of(struct partition *partition, uint32_t row)
{
    uint32_t number = row / VECTOR_ROWS, left = partition->rows - number * VECTOR_ROWS;
    struct block *block = &partition->blocks[number];
    struct partition_key name;
    struct vector_signs signs;
    if (block->loaded || number >= partition_blocks(partition->rows)) {
        block->loaded = true;
        return &block->signs;
    }
    int result = rows_record(
        partition->change, name_of(partition, &name, RECORD_NEAR, number), &block->signs);
    if (result == STORE_NO_MEMORY)
        return NULL;
    block->loaded = true;
    if (result != STORE_OK || !vector_signs_read(buffer_span(&block->signs), &signs) ||
        signs.dimensions != partition->dimensions ||
        signs.rows != (left < VECTOR_ROWS ? left : VECTOR_ROWS))
        return block_fill(partition, number, &block->signs) ? &block->signs : NULL;
    return &block->signs;
}

/* Queues |plain| sealed. */
static int put_sealed(struct partition *partition, struct span name, struct span plain)
{
    struct buffer *box = &partition->box;
    buffer_clear(box);
    box_seal(partition->change->tenant, name, plain, box);
    if (!buffer_ok(box))
        return STORE_NO_MEMORY;
    writer_put(partition->change->writer, name, buffer_span(box));
    return STORE_OK;
}

static int put_place(struct partition *partition, const uint8_t *key, uint32_t row)
{
    const struct rows_change *change = partition->change;
    struct record_key name;
    struct row_place place = {.row = row};
    memcpy(place.id, change->id, PARTITION_ID_SIZE);
    buffer_clear(&partition->place);
    row_place_seal(change->tenant, key, &place, &partition->place);
    if (!buffer_ok(&partition->place))
        return STORE_NO_MEMORY;
    writer_put(change->writer, record_key(&name, RECORD_PLACE, key),
               buffer_span(&partition->place));
    return STORE_OK;
}

/* |plain|: key and codes. */
static int put_row(struct partition *partition, uint32_t row, struct span plain,
                   const uint8_t *signs)
{
    struct partition_key name;
    struct buffer *block = block_of(partition, row);
    if (!block ||
        !vector_signs_put(block, partition->dimensions, row % VECTOR_ROWS, signs))
        return STORE_NO_MEMORY;
    int result = put_sealed(partition, name_of(partition, &name, RECORD_ROW, row), plain);
    return result == STORE_OK ? put_place(partition, plain.at, row) : result;
}

static int come(struct partition *partition, const struct rows_coming *coming,
                uint32_t row)
{
    buffer_clear(&partition->scratch);
    buffer_append(&partition->scratch, coming->key, STORE_KEY_SIZE);
    buffer_append(&partition->scratch, coming->note.codes, partition->dimensions);
    if (!buffer_ok(&partition->scratch))
        return STORE_NO_MEMORY;
    return put_row(partition, row, buffer_span(&partition->scratch), coming->note.signs);
}

static int all_come(struct partition *partition)
{
    const struct rows_change *change = partition->change;
    struct cursor cursor = cursor_of(buffer_span(&partition->plan.come));
    int result = STORE_OK;
    for (size_t i = 0; result == STORE_OK && i < change->coming_count; i++) {
        uint32_t row;
        memcpy(&row, cursor_bytes(&cursor, sizeof(row)).at, sizeof(row));
        result = come(partition, &change->coming[i], row);
    }
    return result;
}

/* One whose record cannot be read leaves its new row empty: no search finds it. */
static int move(struct partition *partition, const struct row_move *step)
{
    static const uint8_t nobody[STORE_KEY_SIZE + VECTOR_DIMENSIONS];
    uint8_t signs[VECTOR_WORDS * sizeof(uint64_t)];
    struct partition_key name;
    struct vector_signs block;
    struct buffer *value = block_of(partition, step->from);
    size_t size = vector_row_size(partition->dimensions);
    if (!value || !vector_signs_read(buffer_span(value), &block))
        return STORE_NO_MEMORY;
    vector_signs_take(&block, step->from % VECTOR_ROWS, signs);
    buffer_clear(&partition->scratch);
    int result =
        rows_record(partition->change, name_of(partition, &name, RECORD_ROW, step->from),
                    &partition->scratch);
    if (result == STORE_NO_MEMORY)
        return result;
    struct span plain = buffer_span(&partition->scratch);
    if (result != STORE_OK || plain.size != size)
        plain = span_of(nobody, size);
    return put_row(partition, step->to, plain, signs);
}

static int all_move(struct partition *partition)
{
    struct cursor cursor = cursor_of(buffer_span(&partition->plan.moves));
    struct row_move step;
    int result = STORE_OK;
    while (result == STORE_OK && cursor.left >= sizeof(step)) {
        memcpy(&step, cursor_bytes(&cursor, sizeof(step)).at, sizeof(step));
        result = move(partition, &step);
    }
    return result;
}

/* What lies beyond the last row goes. */
static int cut(struct partition *partition)
{
    struct writer *writer = partition->change->writer;
    struct partition_key name;
    uint32_t rows = partition->plan.rows, had = partition_blocks(partition->rows);
    for (uint32_t row = rows; row < partition->rows; row++)
        writer_delete(writer, name_of(partition, &name, RECORD_ROW, row));
    for (uint32_t i = partition_blocks(rows); i < had; i++)
        writer_delete(writer, name_of(partition, &name, RECORD_NEAR, i));
    if (rows >= partition->rows || rows % VECTOR_ROWS == 0)
        return STORE_OK;
    struct buffer *last = block_of(partition, rows);
    return last && vector_signs_cut(last, rows % VECTOR_ROWS) ? STORE_OK
                                                              : STORE_NO_MEMORY;
}

static int blocks_put(struct partition *partition)
{
    struct partition_key name;
    int result = STORE_OK;
    for (uint32_t i = 0; result == STORE_OK && i < partition_blocks(partition->plan.rows);
         i++) {
        if (!partition->blocks[i].loaded)
            continue;
        result = put_sealed(partition, name_of(partition, &name, RECORD_NEAR, i),
                            buffer_span(&partition->blocks[i].signs));
        if (result == STORE_OK)
            memcpy(partition->stamps.at + (size_t)i * VECTOR_STAMP_SIZE,
                   partition->box.at, VECTOR_STAMP_SIZE);
    }
    return result;
}

static int head_put(struct partition *partition)
{
    const struct rows_change *change = partition->change;
    struct partition_head head = {.dimensions = partition->dimensions,
                                  .rows = partition->plan.rows,
                                  .stamps = partition->stamps.at};
    struct partition_key name;
    struct span key = partition_head_key(&name, change->tenant->id, change->id);
    if (head.rows == 0) {
        writer_delete(change->writer, key);
        return STORE_OK;
    }
    buffer_clear(&partition->scratch);
    partition_head_encode(&head, &partition->scratch);
    if (!buffer_ok(&partition->scratch))
        return STORE_NO_MEMORY;
    return put_sealed(partition, key, buffer_span(&partition->scratch));
}

static int blocks_make(struct partition *partition)
{
    uint32_t had = partition_blocks(partition->rows),
             has = partition_blocks(partition->plan.rows);
    partition->count = had > has ? had : has;
    partition->blocks =
        memory_new((partition->count ? partition->count : 1) * sizeof(struct block));
    size_t more = (size_t)(partition->count - had) * VECTOR_STAMP_SIZE;
    uint8_t *room = buffer_room(&partition->stamps, more);
    if (!partition->blocks || !room)
        return STORE_NO_MEMORY;
    memset(room, 0, more);
    partition->stamps.size += more;
    return STORE_OK;
}

/* Rows are read before any is written over: moves read what comers have not taken. */
static int apply(struct partition *partition)
{
    int result = blocks_make(partition);
    if (result == STORE_OK)
        result = all_move(partition);
    if (result == STORE_OK)
        result = all_come(partition);
    if (result == STORE_OK)
        result = cut(partition);
    if (result == STORE_OK)
        result = blocks_put(partition);
    return result == STORE_OK ? head_put(partition) : result;
}

static void partition_free(struct partition *partition)
{
    for (uint32_t i = 0; partition->blocks && i < partition->count; i++)
        buffer_free(&partition->blocks[i].signs);
    memory_free(partition->blocks);
    rows_plan_free(&partition->plan);
    buffer_free(&partition->stamps);
    buffer_free(&partition->scratch);
    buffer_free(&partition->box);
    buffer_free(&partition->place);
}

int rows_change(struct rows_change *change)
{
    struct partition partition = {.change = change};
    int result = head_load(&partition);
    if (result == STORE_OK && partition.dimensions == 0)
        return STORE_OK; /* nothing comes, and there is nothing to go */
    if (result == STORE_OK)
        result = rows_plan(partition.rows, &change->gone, (uint32_t)change->coming_count,
                           PARTITION_ROWS, &partition.plan);
    if (result == STORE_OK)
        result = apply(&partition);
    partition_free(&partition);
    return result == STORE_FULL ? STORE_OK : result;
}
