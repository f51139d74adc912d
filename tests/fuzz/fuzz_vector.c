/* SPDX-License-Identifier: MIT */
/* Embeddings as a server spells them, and blocks of vectors as a damaged store may hold them. What
 * is read is searched and changed; all loops of this processor agree. */
#include "store/vector_search.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vector vector;
static struct vector_search search;
static float values[VECTOR_DIMENSIONS];

static void require(bool good)
{
    if (!good)
        abort();
}

static void check_text(struct span text)
{
    size_t count;
    if (!vector_parse(text, values, &count))
        return;
    require(count && count <= VECTOR_DIMENSIONS);
    if (vector_encode(values, count, &vector))
        require(vector.square >= VECTOR_FINE * VECTOR_FINE);
}

static void check_loops(const struct vector_signs *signs)
{
    uint16_t mine[VECTOR_ROWS], theirs[VECTOR_ROWS];
    size_t groups = (signs->rows + VECTOR_GROUP - 1) / VECTOR_GROUP;
    const struct vector_kernel *kernel;
    vector_kernel_portable.distances(vector.signs, signs->groups,
                                     vector_words(signs->dimensions), groups, mine);
    for (size_t i = 1; (kernel = vector_kernel_at(i)); i++) {
        kernel->distances(vector.signs, signs->groups, vector_words(signs->dimensions),
                          groups, theirs);
        require(memcmp(mine, theirs, groups * VECTOR_GROUP * sizeof(*mine)) == 0);
    }
}

static void check_search(struct span signs, struct span row)
{
    vector_search_begin(&search, &vector);
    (void)!vector_search_signs(&search, 7, signs);
    vector_search_finalists(&search);
    for (size_t i = 0; i < search.count; i++)
        (void)!vector_search_row(&search, i, row);
    vector_search_end(&search);
    for (size_t i = 0; i < search.count; i++)
        require(search.best[i].cosine > -1.01 && search.best[i].cosine < 1.01 &&
                (i == 0 || search.best[i].cosine <= search.best[i - 1].cosine));
}

static void check_changes(struct span signs)
{
    static uint8_t row[VECTOR_WORDS * sizeof(uint64_t)];
    struct buffer value = {0};
    struct vector_signs now;
    buffer_append_span(&value, signs);
    bool read = vector_signs_read(signs, &now);
    size_t rows = read ? now.rows : 0;
    if (read && rows)
        vector_signs_take(&now, rows - 1, row);
    if (vector_signs_put(&value, vector.dimensions, rows, row)) {
        require(vector_signs_read(buffer_span(&value), &now) && now.rows == rows + 1);
        require(vector_signs_cut(&value, rows / 2));
        require(vector_signs_read(buffer_span(&value), &now) && now.rows == rows / 2);
    } else {
        require(value.size == signs.size && (!read || rows == VECTOR_ROWS));
    }
    buffer_free(&value);
}

/* The first two bytes: how long the signs are; a row is the rest. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor cursor = cursor_of(span_of(data, size));
    struct vector_signs signs;
    check_text(span_of(data, size));
    size_t first = cursor_u16(&cursor);
    struct span left = cursor_bytes(&cursor, first < cursor.left ? first : cursor.left);
    struct span right = span_of(cursor.at, cursor.left);
    bool read = vector_signs_read(left, &signs);
    size_t dimensions = read ? signs.dimensions : 70;
    for (size_t i = 0; i < dimensions; i++)
        values[i] = (float)(i * 7919 % 23) - 11;
    require(vector_encode(values, dimensions, &vector));
    if (read)
        check_loops(&signs);
    check_search(left, right);
    check_changes(left);
    return 0;
}
