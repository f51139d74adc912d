/* SPDX-License-Identifier: MIT */
/* How long a look-up among embeddings takes on one thread, in memory and in a store, and how often it
 * finds the one that a search through all of them in floats finds. Prints one
 * row per size, as `make bench` shows them.
 *
 * Time is the thread's own: somebody else's work on the same machine does not count. */
#include "store/filing.h"
#include "store/near.h"
#include "store/rows_filing.h"
#include "tests/unit/store_place.h"
#include "tests/unit/vectors.h"

#include <time.h>

#define DIMENSIONS 384
#define LOOKUPS    101
#define WARM       200  /* look-ups in a store that are not counted */
#define CLUSTER    40   /* prompts that are much alike */
#define QUESTIONS  2000 /* for the recall */

static struct vector vector;
static struct vector_search search;

static double now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int order(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Number |number| of vectors of which CLUSTER each have a centre in common (mean cosine 0.66). */
static void clustered(size_t number, float *centre, float *out, struct random *random)
{
    for (size_t k = 0; k < DIMENSIONS; k++) {
        centre[k] = number % CLUSTER ? centre[k] : random_normal(random);
        out[k] = centre[k] + 0.72F * random_normal(random);
    }
    float_normalise(out, DIMENSIONS);
}

/* |all|, when it is not NULL, gets them as floats. */
static void fill(struct blocks *blocks, size_t count, float *all, struct random *random)
{
    static float centre[DIMENSIONS], one[DIMENSIONS];
    for (size_t i = 0; i < count; i++) {
        clustered(i, centre, one, random);
        vectors_require(vector_encode(one, DIMENSIONS, &vector), "not encoded");
        blocks_add(blocks, &vector);
        if (all)
            memcpy(all + i * DIMENSIONS, one, sizeof(one));
    }
}

/* At a cosine from 0.9 to 1 of |near|. */
static void ask(const float *near, float *question, struct random *random)
{
    float noise = (float)(0.48 * random_part(random)) / 19.6F;
    for (size_t k = 0; k < DIMENSIONS; k++)
        question[k] = near[k] + noise * random_normal(random);
    float_normalise(question, DIMENSIONS);
    vectors_require(vector_encode(question, DIMENSIONS, &vector), "not encoded");
}

static double median_ms(const struct blocks *blocks, struct random *random)
{
    static float question[DIMENSIONS], base[DIMENSIONS];
    double times[LOOKUPS];
    for (size_t i = 0; i < LOOKUPS; i++) {
        for (size_t k = 0; k < DIMENSIONS; k++)
            base[k] = random_normal(random);
        float_normalise(base, DIMENSIONS);
        ask(base, question, random);
        double start = now_ms();
        blocks_search(blocks, &vector, &search);
        times[i] = now_ms() - start;
    }
    qsort(times, LOOKUPS, sizeof(*times), order);
    return times[LOOKUPS / 2];
}

static size_t nearest_of(const float *all, size_t count, const float *question,
                         double *most)
{
    size_t nearest = 0;
    *most = -2;
    for (size_t i = 0; i < count; i++) {
        double cosine = float_dot(question, all + i * DIMENSIONS, DIMENSIONS);
        nearest = cosine > *most ? i : nearest;
        *most = cosine > *most ? cosine : *most;
    }
    return nearest;
}

static void recall(const struct blocks *blocks, const float *all, struct random *random)
{
    static float question[DIMENSIONS];
    size_t asked = 0, found = 0;
    for (size_t i = 0; i < QUESTIONS; i++) {
        double most;
        ask(all + random_word(random) % blocks->vectors * DIMENSIONS, question, random);
        size_t nearest = nearest_of(all, blocks->vectors, question, &most);
        blocks_search(blocks, &vector, &search);
        asked += most >= 0.9;
        found += most >= 0.9 && found_number(&search.best[0]) == nearest;
    }
    printf("%-46s %.4f of %zu\n", "nearest of 100,000 found (>= 0.999)",
           (double)found / (double)asked, asked);
}

/* The signs one after the other, as in a file: the processor reads ahead. */
static uint8_t *pack(struct blocks *blocks)
{
    size_t size = 0;
    for (size_t i = 0; i < blocks->count; i++)
        size += blocks->list[i].signs.size;
    uint8_t *all = malloc(size), *at = all;
    vectors_require(all != NULL, "no memory");
    for (size_t i = 0; i < blocks->count; i++) {
        struct buffer *signs = &blocks->list[i].signs;
        memcpy(at, signs->at, signs->size);
        free(signs->at);
        signs->at = at;
        at += signs->size;
    }
    return all;
}

static void unpack(struct blocks *blocks, uint8_t *all)
{
    for (size_t i = 0; i < blocks->count; i++)
        blocks->list[i].signs = (struct buffer){0};
    free(all);
}

static void measure(const char *what, size_t count, bool compare)
{
    struct random random = {count};
    struct blocks blocks = {0};
    float *all = compare ? malloc(count * DIMENSIONS * sizeof(*all)) : NULL;
    vectors_require(all || !compare, "no memory");
    fill(&blocks, count, all, &random);
    uint8_t *packed = pack(&blocks);
    printf("%-46s %.2f ms (%s)\n", what, median_ms(&blocks, &random),
           vector_kernel()->name);
    if (all)
        recall(&blocks, all, &random);
    free(all);
    unpack(&blocks, packed);
    blocks_free(&blocks);
}

/* -- in a store ----------------------------------------------------------------------- */

static const uint8_t partition[VECTOR_PARTITION_SIZE];

static void store_add(struct store *store, struct writer *writer,
                      const struct tenant *tenant, uint64_t number)
{
    struct entry_label label = {.dialect = "openai", .ttl_s = UINT64_MAX};
    struct buffer note = {0}, blob = {0};
    struct record_key name;
    uint8_t key[STORE_KEY_SIZE];
    number_key(number, 1, key);
    vector_note_encode(partition, span_text("model"), &vector, &note);
    struct entry_notes notes = {.vector = buffer_span(&note)};
    vectors_require(seal_entry(tenant, key, &label, &notes, span_text("answer"), &blob) ==
                        STORE_OK,
                    "seal");
    writer_put(writer, record_key(&name, RECORD_ENTRY, key), buffer_span(&blob));
    vectors_require(filing_add(writer, &store->keyring, key, buffer_span(&blob),
                               blob.size, 0) == STORE_OK,
                    "file");
    if (writer_is_full(writer))
        vectors_require(writer_flush(writer) == STORE_OK, "write");
    buffer_free(&note);
    buffer_free(&blob);
}

static void store_fill(struct store *store, const struct tenant *tenant, size_t count,
                       float *all)
{
    struct random random = {count};
    struct writer writer;
    float centre[DIMENSIONS];
    vectors_require(writer_open(&writer, &store->layout, true) == STORE_OK, "open");
    for (size_t i = 0; i < count; i++, all += DIMENSIONS) {
        clustered(i, centre, all, &random);
        vectors_require(vector_encode(all, DIMENSIONS, &vector), "not encoded");
        store_add(store, &writer, tenant, i);
    }
    vectors_require(writer_flush(&writer) == STORE_OK, "write");
    vectors_require(rows_update(&writer, &store->keyring) == STORE_OK, "update");
    writer_close(&writer);
}

static void store_measure(const char *what, size_t count)
{
    struct place place;
    struct near near;
    struct random random = {3};
    double times[LOOKUPS], first = 0;
    float *all = malloc(count * DIMENSIONS * sizeof(*all));
    vectors_require(all != NULL, "no memory");
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "one");
    store_fill(store, &tenant, count, all);
    for (size_t i = 0; i < WARM + LOOKUPS; i++) {
        static float question[DIMENSIONS];
        ask(all + random_word(&random) % count * DIMENSIONS, question, &random);
        double start = now_ms();
        int result =
            store_near(store, &tenant, partition, span_text("model"), &vector, &near);
        double taken = now_ms() - start;
        first = i ? first : taken;
        if (i >= WARM)
            times[i - WARM] = taken;
        vectors_require(result == STORE_OK && near.rows == count &&
                            near.list[0].cosine > 0.85,
                        "not found");
    }
    qsort(times, LOOKUPS, sizeof(*times), order);
    printf("%-46s %.2f ms (first: %.1f ms)\n", what, times[LOOKUPS / 2], first);
    free(all);
    store_close(store);
    place_remove(&place);
}

int main(int count, char **arguments)
{
    (void)arguments;
    store_measure("in a store, of 100,000 x 384 (<= 1 ms)", 100000);
    if (count > 1)
        return 0; /* `bench_vector store`: while working on it */
    measure("nearest of 100,000 x 384 (<= 1 ms)", 100000, true);
    measure("nearest of 1,000,000 x 384 (<= 8 ms)", 1000000, false);
    return 0;
}
