/* SPDX-License-Identifier: MIT */
/* How long a look-up among embeddings takes on one thread, in a store whose signs a program has
 * unsealed before and in one that it has just opened; and how often it finds the one that a search
 * through all of them in floats finds. Prints one row per size, as `make bench` shows them.
 *
 * Time is the thread's own: somebody else's work on the same machine does not count. */
#include "store/near.h"
#include "store/partition.h"
#include "store/writer.h"
#include "tests/unit/store_place.h"
#include "tests/unit/vectors.h"

#include <time.h>

#define DIMENSIONS 384
#define LOOKUPS    101
#define WARM       20   /* look-ups that are not counted */
#define COLD       5    /* stores opened anew */
#define CLUSTER    40   /* prompts that are much alike */
#define QUESTIONS  2000 /* for the recall */
#define MODEL      span_text("model")

static const uint8_t partition[VECTOR_PARTITION_SIZE];
static struct vector vector;

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

static double median(double *times, size_t count)
{
    qsort(times, count, sizeof(*times), order);
    return times[count / 2];
}

/* -- vectors -------------------------------------------------------------------------- */

/* Number |number| of vectors of which CLUSTER each have a centre in common (mean cosine 0.66). */
static void clustered(size_t number, float *centre, float *out, struct random *random)
{
    for (size_t k = 0; k < DIMENSIONS; k++) {
        centre[k] = number % CLUSTER ? centre[k] : random_normal(random);
        out[k] = centre[k] + 0.72F * random_normal(random);
    }
    float_normalise(out, DIMENSIONS);
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

/* -- a store -------------------------------------------------------------------------- */

/* A partition's records as the merger writes them (tests/unit/test_rows.c is about that). */
struct filling {
    const struct tenant *tenant;
    struct writer writer;
    uint8_t id[PARTITION_ID_SIZE];
    struct buffer signs, stamps;
};

static void put(struct filling *filling, struct span name, struct span plain,
                struct buffer *box)
{
    buffer_clear(box);
    box_seal(filling->tenant, name, plain, box);
    vectors_require(buffer_ok(box), "not sealed");
    writer_put(&filling->writer, name, buffer_span(box));
    if (writer_is_full(&filling->writer))
        vectors_require(writer_flush(&filling->writer) == STORE_OK, "write");
}

static void put_row(struct filling *filling, uint32_t number)
{
    struct partition_key name;
    struct buffer row = {0}, box = {0};
    uint8_t key[STORE_KEY_SIZE] = {0};
    memcpy(key, &number, sizeof(number));
    buffer_append(&row, key, sizeof(key));
    buffer_append(&row, vector.coarse, DIMENSIONS);
    put(filling,
        partition_key(&name, RECORD_ROW, filling->tenant->id, filling->id, number),
        buffer_span(&row), &box);
    buffer_free(&row);
    buffer_free(&box);
}

static void put_block(struct filling *filling, uint32_t block)
{
    struct partition_key name;
    struct buffer box = {0};
    put(filling,
        partition_key(&name, RECORD_NEAR, filling->tenant->id, filling->id, block),
        buffer_span(&filling->signs), &box);
    buffer_append(&filling->stamps, box.at, VECTOR_STAMP_SIZE);
    buffer_clear(&filling->signs);
    buffer_free(&box);
}

static void put_head(struct filling *filling, uint32_t rows)
{
    struct partition_key name;
    struct partition_head head = {DIMENSIONS, rows, filling->stamps.at};
    struct buffer plain = {0}, box = {0};
    partition_head_encode(&head, &plain);
    put(filling, partition_head_key(&name, filling->tenant->id, filling->id),
        buffer_span(&plain), &box);
    buffer_free(&plain);
    buffer_free(&box);
}

/* Every |step|th vector goes to |some|. */
static void fill(struct store *store, const struct tenant *tenant, uint32_t count,
                 uint32_t step, float *some)
{
    static float centre[DIMENSIONS], one[DIMENSIONS];
    static uint8_t signs[VECTOR_WORDS * sizeof(uint64_t)];
    struct random random = {count};
    struct filling filling = {.tenant = tenant};
    partition_id(tenant, partition, MODEL, DIMENSIONS, filling.id);
    vectors_require(writer_open(&filling.writer, &store->layout, true) == STORE_OK,
                    "open");
    for (uint32_t i = 0; i < count; i++) {
        clustered(i, centre, one, &random);
        vectors_require(vector_encode(one, DIMENSIONS, &vector), "not encoded");
        vector_signs_of(&vector, signs);
        vectors_require(
            vector_signs_put(&filling.signs, DIMENSIONS, i % VECTOR_ROWS, signs),
            "not appended");
        put_row(&filling, i);
        if (i % VECTOR_ROWS == VECTOR_ROWS - 1 || i == count - 1)
            put_block(&filling, i / VECTOR_ROWS);
        if (i % step == 0)
            memcpy(some + i / step * DIMENSIONS, one, sizeof(one));
    }
    put_head(&filling, count);
    vectors_require(writer_flush(&filling.writer) == STORE_OK, "write");
    writer_close(&filling.writer);
    buffer_free(&filling.signs);
    buffer_free(&filling.stamps);
}

/* -- measuring ------------------------------------------------------------------------ */

static struct near near;

/* Asks for a neighbour of one of |count| vectors; the time in milliseconds. */
static double look(struct store *store, const struct tenant *tenant, const float *some,
                   uint32_t count, struct random *random)
{
    static float question[DIMENSIONS];
    ask(some + random_word(random) % count * DIMENSIONS, question, random);
    double start = now_ms();
    int result = store_near(store, tenant, partition, MODEL, &vector, &near);
    double taken = now_ms() - start;
    vectors_require(result == STORE_OK && near.list[0].cosine > 0.85, "not found");
    return taken;
}

/* What a program that asks once has to wait for: nothing is unsealed yet. */
static double cold_ms(struct place *place, const float *some, uint32_t count)
{
    double times[COLD];
    struct random random = {7};
    for (size_t i = 0; i < COLD; i++) {
        struct store *store = place_open(place);
        struct tenant tenant = place_tenant(store, "one");
        times[i] = look(store, &tenant, some, count, &random);
        store_close(store);
    }
    return median(times, COLD);
}

static double warm_ms(struct store *store, const struct tenant *tenant, const float *some,
                      uint32_t count)
{
    double times[LOOKUPS];
    struct random random = {3};
    for (size_t i = 0; i < WARM; i++)
        look(store, tenant, some, count, &random);
    for (size_t i = 0; i < LOOKUPS; i++)
        times[i] = look(store, tenant, some, count, &random);
    return median(times, LOOKUPS);
}

static void recall(struct store *store, const struct tenant *tenant, const float *all,
                   uint32_t count)
{
    static float question[DIMENSIONS];
    struct random random = {5};
    size_t asked = 0, found = 0;
    for (size_t i = 0; i < QUESTIONS; i++) {
        double most;
        ask(all + random_word(&random) % count * DIMENSIONS, question, &random);
        uint32_t nearest = (uint32_t)nearest_of(all, count, question, &most);
        vectors_require(store_near(store, tenant, partition, MODEL, &vector, &near) ==
                            STORE_OK,
                        "not found");
        asked += most >= 0.9;
        found += most >= 0.9 && memcmp(near.list[0].key, &nearest, sizeof(nearest)) == 0;
    }
    printf("%-46s %.4f of %zu\n", "nearest above 0.9 found (>= 0.999)",
           (double)found / (double)asked, asked);
}

static void measure(const char *what, uint32_t count, uint32_t step)
{
    struct place place;
    uint32_t kept = (count + step - 1) / step;
    float *some = malloc(kept * DIMENSIONS * sizeof(*some));
    vectors_require(some != NULL, "no memory");
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "one");
    fill(store, &tenant, count, step, some);
    double cold = cold_ms(&place, some, kept);
    printf("%-46s %.2f ms   (%s; the first one %.1f ms)\n", what,
           warm_ms(store, &tenant, some, kept), vector_kernel()->name, cold);
    fflush(stdout);
    if (step == 1)
        recall(store, &tenant, some, count);
    free(some);
    store_close(store);
    place_remove(&place);
}

int main(void)
{
    measure("nearest of 100,000 x 384 (<= 1 ms)", 100000, 1);
    measure("nearest of 1,000,000 x 384 (<= 8 ms)", 1000000, 500);
    return 0;
}
