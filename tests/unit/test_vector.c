/* SPDX-License-Identifier: MIT */
/* Embeddings: spellings of numbers, the format, the loops of this processor against the portable
 * ones, the search against a plain one. */
#include "unit.h"
#include "vectors.h"

#include "store/memory.h"

static float values[VECTOR_DIMENSIONS];
static struct vector vector, other;
static struct vector_search search;

/* -- numbers ------------------------------------------------------------------------- */

static size_t parsed(const char *text)
{
    size_t count;
    return vector_parse(span_text(text), values, &count) ? count : 0;
}

static void check_number(const char *text, float expected)
{
    char array[600];
    snprintf(array, sizeof(array), "[%s]", text);
    unit_check(parsed(array) == 1, __FILE__, __LINE__, "%s", text);
    float error = values[0] - expected, size = expected < 0 ? -expected : expected;
    unit_check(error <= size * 1e-6F && -error <= size * 1e-6F, __FILE__, __LINE__,
               "%s is %g", text, (double)values[0]);
}

static void test_numbers(void)
{
    check_number("0", 0);
    check_number("-0.0", 0);
    check_number("1", 1);
    check_number("-0.0123456789", -0.0123456789F);
    check_number("1e-05", 1e-5F);
    check_number("-1.25E+2", -125);
    check_number("123456789012345678901234567890", 1.2345679e29F);
    check_number("0.123456789012345678901234567890", 0.12345679F);
    check_number("123456789012345678901234567890.5e-29", 1.2345679F);
    check_number("0.0000000000000000000000000000000000001", 1e-37F);
    check_number("1e-999", 0);
    check_number("0e999", 0);
    check_number("3.3e38", 3.3e38F);
    CHECK_INT(parsed(" [ 1 ,\t-2.5\r\n, 3e0 ] \n"), 3);
    CHECK(values[0] == 1 && values[1] == -2.5F && values[2] == 3);
}

static void test_bad_numbers(void)
{
    static const char *const bad[] = {
        "",        "[",       "]",       "[]",     "1",       "[1",    "1]",
        "[1,]",    "[,1]",    "[1 2]",   "[1]]",   "[1] x",   "[+1]",  "[.5]",
        "[5.]",    "[-]",     "[1e]",    "[1e+]",  "[1e-]",   "[--1]", "[0x1]",
        "[nan]",   "[NaN]",   "[inf]",   "[null]", "[\"1\"]", "[[1]]", "[1e39]",
        "[-1e39]", "[1e999]", "[1,5;2]", "[1e5.5]"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        unit_check(parsed(bad[i]) == 0, __FILE__, __LINE__, "%s", bad[i]);
    size_t count;
    CHECK(!vector_parse(span_of("[1\0]", 4), values, &count));
    CHECK(!vector_parse(span_of(NULL, 0), values, &count));
}

static void test_many_numbers(void)
{
    struct buffer text = {0};
    size_t count;
    buffer_append_byte(&text, '[');
    for (size_t i = 0; i < VECTOR_DIMENSIONS; i++)
        buffer_append_text(&text, i ? ",0.5" : "0.5");
    buffer_append_byte(&text, ']');
    CHECK(vector_parse(buffer_span(&text), values, &count));
    CHECK_INT(count, VECTOR_DIMENSIONS);
    text.size--;
    buffer_append_text(&text, ",1]");
    CHECK(!vector_parse(buffer_span(&text), values, &count));
    buffer_free(&text);
}

static void test_encode(void)
{
    const float four[] = {0.5F, -0.25F, 0, -1e-9F};
    CHECK(vector_encode(four, 4, &vector));
    CHECK_INT(vector.dimensions, 4);
    CHECK_INT(vector.fine[0], VECTOR_FINE);
    CHECK_INT(vector.fine[1], -2048);
    CHECK_INT(vector.coarse[0], 127);
    CHECK_INT(vector.coarse[1], -64);
    CHECK_INT(vector.coarse[3], 0);
    CHECK_INT(vector.signs[0], 10); /* components 1 and 3 */
    CHECK_INT(vector.square, 4095 * 4095 + 2048 * 2048);
    const float nothing[] = {0, -0.0F};
    CHECK(!vector_encode(nothing, 2, &vector));
    CHECK(!vector_encode(four, 0, &vector));
    CHECK(!vector_encode(values, VECTOR_DIMENSIONS + 1, &vector));
    const float infinite[] = {1, 1.0F / 0.0F}, none[] = {1, 0.0F / 0.0F};
    CHECK(!vector_encode(infinite, 2, &vector));
    CHECK(!vector_encode(none, 2, &vector));
    const float tiny[] = {1e-44F, -1e-44F};
    CHECK(vector_encode(tiny, 2, &vector));
    CHECK(vector.coarse[0] == 127 && vector.coarse[1] == -127);
}

/* -- loops --------------------------------------------------------------------------- */

static void check_distances(const struct vector_kernel *kernel, struct random *random,
                            size_t words, size_t groups)
{
    static uint8_t all[VECTOR_WORDS * VECTOR_ROWS * 8 + 1];
    static uint64_t signs[VECTOR_WORDS];
    uint16_t mine[VECTOR_ROWS], theirs[VECTOR_ROWS];
    bool differ = random_word(random) % 4 == 0;
    for (size_t i = 0; i < sizeof(all); i++)
        all[i] = differ ? 0xff : (uint8_t)random_word(random);
    for (size_t i = 0; i < words; i++)
        signs[i] = differ ? 0 : random_word(random);
    vector_kernel_portable.distances(signs, all + 1, words, groups, mine);
    kernel->distances(signs, all + 1, words, groups, theirs);
    unit_check(memcmp(mine, theirs, groups * VECTOR_GROUP * sizeof(*mine)) == 0, __FILE__,
               __LINE__, "%s: %zu words, %zu groups", kernel->name, words, groups);
    if (differ)
        CHECK_INT(theirs[groups * VECTOR_GROUP - 1], words * 64);
}

static void check_products(const struct vector_kernel *kernel, struct random *random,
                           size_t count, bool worst)
{
    static int16_t fine[VECTOR_DIMENSIONS + 1];
    static uint8_t codes[VECTOR_DIMENSIONS + 1];
    for (size_t i = 0; i < count; i++) {
        fine[i + 1] =
            worst ? -VECTOR_FINE : (int16_t)(random_word(random) % 8191 - VECTOR_FINE);
        codes[i + 1] = worst ? 128 : (uint8_t)random_word(random);
    }
    struct vector_products mine =
        vector_kernel_portable.products(fine + 1, codes + 1, count);
    struct vector_products theirs = kernel->products(fine + 1, codes + 1, count);
    unit_check(mine.dot == theirs.dot && mine.square == theirs.square, __FILE__, __LINE__,
               "%s: %zu products", kernel->name, count);
    if (worst)
        CHECK_INT(theirs.dot, (long long)count * VECTOR_FINE * 128);
}

static void test_loops(void)
{
    struct random random = {7};
    size_t loops = 0;
    for (const struct vector_kernel *kernel; (kernel = vector_kernel_at(loops));
         loops++) {
        for (size_t words = 1; words <= VECTOR_WORDS; words++)
            check_distances(kernel, &random, words, 1 + random_word(&random) % 64);
        for (size_t count = 0; count < 100; count++)
            check_products(kernel, &random, count, false);
        check_products(kernel, &random, VECTOR_DIMENSIONS, false);
        check_products(kernel, &random, VECTOR_DIMENSIONS, true);
        printf("# %s\n", kernel->name);
    }
    CHECK(vector_kernel() == vector_kernel_at(loops - 1));
}

/* -- blocks -------------------------------------------------------------------------- */

static void random_vector(struct random *random, size_t dimensions, struct vector *out)
{
    for (size_t i = 0; i < dimensions; i++)
        values[i] = random_normal(random);
    CHECK(vector_encode(values, dimensions, out));
}

static bool block_good(const struct block *block, size_t rows, size_t dimensions)
{
    struct vector_signs signs;
    return vector_signs_read(buffer_span(&block->signs), &signs) && signs.rows == rows &&
           signs.dimensions == dimensions;
}

static void block_free(struct block *block)
{
    buffer_free(&block->signs);
    buffer_free(&block->rows);
}

static void test_append(void)
{
    static const size_t sizes[] = {1, 63, 64, 65, 384};
    uint8_t key[STORE_KEY_SIZE] = {0}, signs[48], taken[48];
    struct random random = {3};
    for (size_t i = 0; i < 5; i++) {
        struct block block = {{0}, {0}};
        for (size_t row = 0; row < VECTOR_ROWS; row++) {
            random_vector(&random, sizes[i], &vector);
            CHECK(block_add(&block, &vector, key));
            CHECK(block_good(&block, row + 1, sizes[i]));
            struct vector_signs read;
            CHECK(vector_signs_read(buffer_span(&block.signs), &read));
            vector_signs_take(&read, row, taken);
            vector_signs_of(&vector, signs);
            CHECK_BYTES(taken, signs, vector_signs_size(sizes[i]));
        }
        CHECK(!block_add(&block, &vector, key));
        CHECK(block_good(&block, VECTOR_ROWS, sizes[i]));
        block_free(&block);
    }
}

/* The format itself, byte by byte, as vector_block.h has it. */
static void test_format(void)
{
    const float three[] = {1, -1, -0.5F};
    uint8_t key[STORE_KEY_SIZE], signs[8 + 32] = {1, 0, 3, 0, 1, 0, 0, 0, 6};
    uint8_t row[32 + 3];
    struct block block = {{0}, {0}};
    memset(key, 'k', sizeof(key));
    memset(row, 'k', 32);
    row[32] = 127;
    row[33] = (uint8_t)-127;
    row[34] = (uint8_t)-64;
    CHECK(vector_encode(three, 3, &vector));
    CHECK(block_add(&block, &vector, key));
    CHECK_INT(block.signs.size, sizeof(signs));
    CHECK_INT(block.rows.size, sizeof(row));
    CHECK_BYTES(block.signs.at, signs, sizeof(signs));
    CHECK_BYTES(block.rows.at, row, sizeof(row));
    block_free(&block);
}

static void test_mismatch(void)
{
    struct random random = {4};
    struct blocks blocks = {0};
    uint8_t signs[16] = {0};
    random_vector(&random, 65, &vector);
    random_vector(&random, 64, &other);
    blocks_add(&blocks, &vector);
    struct block *block = &blocks.list[0];
    CHECK(!vector_signs_put(&block->signs, 64, 1, signs));
    CHECK(!vector_signs_put(&block->signs, 65, 2, signs));
    CHECK(!vector_signs_put(&block->signs, 0, 0, signs));
    CHECK(!vector_signs_put(&block->signs, VECTOR_DIMENSIONS + 1, 0, signs));
    CHECK(block_good(block, 1, 65));
    vector_search_begin(&search, &other);
    CHECK(!vector_search_signs(&search, 0, buffer_span(&block->signs)));
    CHECK_INT(search.count, 0);
    blocks_free(&blocks);
}

/* A row in the middle becomes another one; the last ones go. */
static void test_change(void)
{
    struct random random = {14};
    struct blocks blocks = {0}, expected = {0};
    uint8_t signs[16];
    struct vector_signs read;
    for (size_t i = 0; i < 11; i++) {
        random_vector(&random, 100, &vector);
        blocks_add(&blocks, &vector);
        if (i != 3 && i < 7)
            blocks_add(&expected, &vector);
        else if (i == 3)
            blocks_add(&expected, &other);
        else if (i == 10)
            vector_signs_of(&vector, signs);
        if (i == 2)
            random_vector(&random, 100, &other);
    }
    struct buffer *value = &blocks.list[0].signs;
    CHECK(!vector_signs_cut(value, 12));
    vector_signs_of(&other, signs);
    CHECK(vector_signs_put(value, 100, 3, signs));
    CHECK(vector_signs_cut(value, 7));
    CHECK(span_equal(buffer_span(value), buffer_span(&expected.list[0].signs)));
    CHECK(vector_signs_cut(value, 0));
    CHECK(vector_signs_read(buffer_span(value), &read) && read.rows == 0);
    blocks_free(&blocks);
    blocks_free(&expected);
}

/* Any length but the right one, and any change of a number of the head, is noticed or harmless. */
static void test_malformed(void)
{
    struct random random = {5};
    struct blocks blocks = {0};
    struct vector_signs signs;
    random_vector(&random, 100, &vector);
    for (size_t i = 0; i < 6; i++)
        blocks_add(&blocks, &vector);
    struct buffer *value = &blocks.list[0].signs;
    for (size_t size = 0; size < value->size; size++)
        CHECK(!vector_signs_read(span_of(value->at, size), &signs));
    for (size_t i = 0; i < 8; i++)
        for (unsigned change = 1; change < 256; change++) {
            value->at[i] ^= (uint8_t)change;
            bool good = vector_signs_read(buffer_span(value), &signs);
            unit_check(!good ||
                           (i == 2 && signs.dimensions > 64 && signs.dimensions <= 128) ||
                           (i == 4 && signs.rows > 4 && signs.rows <= 8),
                       __FILE__, __LINE__, "byte %zu, change %u", i, change);
            value->at[i] ^= (uint8_t)change;
        }
    CHECK(block_good(&blocks.list[0], 6, 100));
    blocks_free(&blocks);
}

/* More rows than a block has, though the length fits. */
static void test_too_many(void)
{
    static uint8_t value[8 + 300 * 8] = {1, 0, 1};
    struct vector_signs signs;
    for (unsigned rows = 0; rows <= 300; rows += 4) {
        value[4] = (uint8_t)rows;
        value[5] = (uint8_t)(rows >> 8);
        CHECK(vector_signs_read(span_of(value, 8 + rows * 8), &signs) ==
              (rows <= VECTOR_ROWS));
    }
}

static void test_memory(void)
{
    struct random random = {6};
    uint8_t key[STORE_KEY_SIZE] = {0};
    random_vector(&random, 384, &vector);
    for (unsigned long from = 1; from < 20; from++) {
        struct block block = {{0}, {0}};
        bool added = true;
        memory_fail_from(from);
        for (size_t row = 0; row < 9 && added; row++)
            added = block_add(&block, &vector, key);
        memory_fail_from(0);
        CHECK(!added || from > 8);
        CHECK(added || !buffer_ok(&block.signs) || !buffer_ok(&block.rows));
        block_free(&block);
    }
}

/* -- search -------------------------------------------------------------------------- */

static void test_search_few(void)
{
    struct random random = {8};
    struct blocks blocks = {0};
    random_vector(&random, 384, &vector);
    blocks_search(&blocks, &vector, &search);
    CHECK_INT(search.count, 0);
    blocks_add(&blocks, &vector);
    for (size_t i = 1; i <= 4; i++) { /* the last one is too far */
        for (size_t k = 0; k < 384; k++)
            values[k] = (float)vector.fine[k] * (k % 8 < i ? -1 : 1);
        CHECK(vector_encode(values, 384, &other));
        blocks_add(&blocks, &other);
    }
    blocks_search(&blocks, &vector, &search);
    CHECK_INT(search.count, 4);
    for (size_t i = 0; i < 4; i++) {
        CHECK_INT(search.best[i].distance, 48 * i);
        CHECK_INT(found_number(&search.best[i]), i);
        CHECK(search.best[i].cosine > 1 - 0.3 * (double)i - 0.01 &&
              search.best[i].cosine <= 1 - 0.15 * (double)i);
    }
    blocks_free(&blocks);
}

/* Equally near: the first of them, latest first. */
static void test_equal(void)
{
    struct random random = {9};
    struct blocks blocks = {0};
    random_vector(&random, 128, &vector);
    for (size_t i = 0; i < 300; i++)
        blocks_add(&blocks, &vector);
    blocks_search(&blocks, &vector, &search);
    CHECK_INT(search.count, VECTOR_BEST);
    for (size_t i = 0; i < search.count; i++)
        CHECK_INT(found_number(&search.best[i]), 63 - i);
    blocks_free(&blocks);
}

/* Blocks in another order, rows that are missing, of other dimensions, or zero. */
static void test_order(void)
{
    struct random random = {10};
    struct blocks blocks = {0};
    static struct vector_search again;
    uint8_t zero[STORE_KEY_SIZE + 96] = {0};
    for (size_t i = 0; i < 1000; i++) {
        random_vector(&random, 96, &vector);
        blocks_add(&blocks, &vector);
    }
    blocks_search(&blocks, &vector, &search);
    vector_search_begin(&again, &vector);
    for (size_t i = blocks.count; i-- > 0;)
        CHECK(
            vector_search_signs(&again, (uint32_t)i, buffer_span(&blocks.list[i].signs)));
    vector_search_finalists(&again);
    for (size_t i = again.count; i-- > 0;)
        CHECK(vector_search_row(
            &again, i,
            block_row(&blocks.list[again.best[i].block], 96, again.best[i].row)));
    vector_search_end(&again);
    CHECK_INT(again.count, search.count);
    for (size_t i = 0; i < search.count; i++)
        CHECK(found_number(&again.best[i]) == found_number(&search.best[i]) &&
              again.best[i].cosine == search.best[i].cosine);
    vector_search_begin(&again, &vector);
    CHECK(vector_search_signs(&again, 0, buffer_span(&blocks.list[0].signs)));
    CHECK(!vector_search_row(&again, 0, span_text("codes")));
    CHECK(!vector_search_row(&again, 1, span_of(zero, sizeof(zero))));
    CHECK(vector_search_row(&again, 2, block_row(&blocks.list[0], 96, 5)));
    vector_search_end(&again);
    CHECK_INT(again.count, 1);
    blocks_free(&blocks);
}

/* Against all cosines in floats: prompts in clusters, questions near to one of them. */
static void test_recall(void)
{
    enum { COUNT = 5000, DIMENSIONS = 384, QUESTIONS = 300 };
    struct random random = {11};
    struct blocks blocks = {0};
    float *all = malloc(COUNT * DIMENSIONS * sizeof(*all)), centre[DIMENSIONS];
    size_t asked = 0, right = 0;
    double worst = 0;
    for (size_t i = 0; i < COUNT; i++) {
        float *one = all + i * DIMENSIONS;
        for (size_t k = 0; k < DIMENSIONS; k++) {
            centre[k] = i % 50 ? centre[k] : random_normal(&random);
            one[k] = centre[k] + 0.7F * random_normal(&random);
        }
        float_normalise(one, DIMENSIONS);
        CHECK(vector_encode(one, DIMENSIONS, &vector));
        blocks_add(&blocks, &vector);
    }
    for (size_t i = 0; i < QUESTIONS; i++) {
        const float *near = all + random_word(&random) % COUNT * DIMENSIONS;
        float noise = (float)(0.45 * random_part(&random)) / 19.6F;
        for (size_t k = 0; k < DIMENSIONS; k++)
            values[k] = near[k] + noise * random_normal(&random);
        float_normalise(values, DIMENSIONS);
        CHECK(vector_encode(values, DIMENSIONS, &vector));
        blocks_search(&blocks, &vector, &search);
        double most = -1, ours;
        size_t nearest = 0;
        for (size_t k = 0; k < COUNT; k++) {
            double cosine = float_dot(values, all + k * DIMENSIONS, DIMENSIONS);
            nearest = cosine > most ? k : nearest;
            most = cosine > most ? cosine : most;
        }
        ours = search.best[0].cosine - most;
        worst = ours > worst ? ours : -ours > worst ? -ours : worst;
        asked += most >= 0.9;
        right += most >= 0.9 && found_number(&search.best[0]) == nearest;
    }
    printf("# nearest found %zu of %zu, cosine wrong by %.5f at most\n", right, asked,
           worst);
    CHECK(asked > 250 && right == asked);
    CHECK(worst < 0.003);
    free(all);
    blocks_free(&blocks);
}

int main(void)
{
    RUN(test_numbers);
    RUN(test_bad_numbers);
    RUN(test_many_numbers);
    RUN(test_encode);
    RUN(test_loops);
    RUN(test_append);
    RUN(test_format);
    RUN(test_mismatch);
    RUN(test_change);
    RUN(test_malformed);
    RUN(test_too_many);
    RUN(test_memory);
    RUN(test_search_few);
    RUN(test_equal);
    RUN(test_order);
    RUN(test_recall);
    return unit_end();
}
