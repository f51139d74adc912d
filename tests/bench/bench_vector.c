/* SPDX-License-Identifier: MIT */
/* How long a look-up among embeddings takes on one thread, and how often it finds the one that a
 * search through all of them in floats finds. Prints one row per size, as `make bench` shows them.
 *
 * Time is the thread's own: somebody else's work on the same machine does not count. */
#include "tests/unit/vectors.h"

#include <time.h>

#define DIMENSIONS 384
#define LOOKUPS    101
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

/* |count| vectors of which CLUSTER each have a centre in common (mean cosine 0.66); |all|, when
 * it is not NULL, gets them as floats. */
static void fill(struct blocks *blocks, size_t count, float *all, struct random *random)
{
    static float centre[DIMENSIONS], one[DIMENSIONS];
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < DIMENSIONS; k++) {
            centre[k] = i % CLUSTER ? centre[k] : random_normal(random);
            one[k] = centre[k] + 0.72F * random_normal(random);
        }
        float_normalise(one, DIMENSIONS);
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

int main(void)
{
    measure("nearest of 100,000 x 384 (<= 1 ms)", 100000, true);
    measure("nearest of 1,000,000 x 384 (<= 8 ms)", 1000000, false);
    return 0;
}
