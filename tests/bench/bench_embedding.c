/* SPDX-License-Identifier: MIT */
/* What vectors cost: a batch of 2,048 texts with 3,072 numbers each, served from the store, beside
 * copying as many bytes, Redis' MGET of the same vectors, and a table of SQLite. Prints rows for
 * tests/bench/run.
 *   bench_embedding DIRECTORY [REDIS-SOCKET]    |DIRECTORY|: an empty one */
#include "shim/core/core.h"
#include "shim/core/exchange.h"
#include "store/layout.h"
#include "store/merge.h"

#include <hiredis/hiredis.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ITEMS      2048
#define DIMENSIONS 3072
#define RAW_SIZE   (DIMENSIONS * sizeof(float))
#define ROUNDS     9
#define TEXT       "passage %u of the corpus, as it was cut out"

static float vectors[ITEMS][DIMENSIONS];
static const char *directory;

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int order(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "bench_embedding: %s failed\n", what);
    exit(1);
}

/* The median of |ROUNDS| calls, in microseconds. */
static double time_of(void (*work)(void *context), void *context)
{
    double samples[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        double start = now_us();
        work(context);
        samples[i] = now_us() - start;
    }
    qsort(samples, ROUNDS, sizeof(*samples), order);
    return samples[ROUNDS / 2];
}

static void fill_vectors(void)
{
    uint64_t state = 88172645463325252u;
    for (size_t i = 0; i < ITEMS; i++)
        for (size_t k = 0; k < DIMENSIONS; k++) {
            state = state * 6364136223846793005 + 1442695040888963407;
            vectors[i][k] = (float)((double)(int64_t)state / 9.3e18) * 0.06f;
        }
}

/* -- preecho --------------------------------------------------------------------------- */

/* As many numbers as floats have, or base64, as providers write them. */
static void append_vector(struct buffer *out, const float *vector, bool base64)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *bytes = (const uint8_t *)vector;
    char number[32];
    buffer_append_byte(out, base64 ? '"' : '[');
    for (size_t i = 0; base64 && i < RAW_SIZE; i += 3) {
        uint32_t three =
            (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6)
            buffer_append_byte(out, (uint8_t)digits[three >> shift & 63]);
    }
    for (size_t k = 0; !base64 && k < DIMENSIONS; k++) {
        snprintf(number, sizeof(number), "%s%.9g", k ? "," : "", (double)vector[k]);
        buffer_append_text(out, number);
    }
    buffer_append_byte(out, base64 ? '"' : ']');
}

static void append_answer(struct buffer *out, bool base64)
{
    buffer_append_text(out, "{\"object\":\"list\",\"data\":[");
    for (unsigned i = 0; i < ITEMS; i++) {
        buffer_append_text(out, i ? ",{\"object\":\"embedding\",\"index\":"
                                  : "{\"object\":\"embedding\",\"index\":");
        buffer_append_decimal(out, i);
        buffer_append_text(out, ",\"embedding\":");
        append_vector(out, vectors[i], base64);
        buffer_append_byte(out, '}');
    }
    buffer_append_text(out, "],\"model\":\"text-embedding-3-large\",\"usage\":"
                            "{\"prompt_tokens\":20480,\"total_tokens\":20480}}");
}

/* |first|: the text that the batch begins with; the others follow, and then those before it. */
static void append_question(struct buffer *out, bool base64, unsigned first)
{
    char text[64];
    buffer_append_text(out, "{\"model\":\"text-embedding-3-large\",\"input\":[");
    for (unsigned i = 0; i < ITEMS; i++) {
        snprintf(text, sizeof(text), "%s\"" TEXT "\"", i ? "," : "", (i + first) % ITEMS);
        buffer_append_text(out, text);
    }
    buffer_append_text(out, base64 ? "],\"encoding_format\":\"base64\"}" : "]}");
}

static struct exchange *begin(struct span body)
{
    struct header fields[] = {{span_text("Authorization"), span_text("Bearer key")},
                              {span_text("Content-Type"), span_text("application/json")}};
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text("api.openai.com"),
                              .port = 443,
                              .target = span_text("/v1/embeddings"),
                              .headers = {fields, 2, 2},
                              .body = body};
    return exchange_begin(&request, LEVEL_OPENSSL);
}

/* Returns how long that took, in microseconds. */
static double record(bool base64)
{
    static struct header field = {{(const uint8_t *)"Content-Type", 12},
                                  {(const uint8_t *)"application/json", 16}};
    struct buffer question = {0}, answer = {0};
    append_question(&question, base64, 0);
    append_answer(&answer, base64);
    struct response response = {.status = 200,
                                .version = 11,
                                .headers = {&field, 1, 1},
                                .body = buffer_span(&answer)};
    struct exchange *exchange = begin(buffer_span(&question));
    must(exchange != NULL && exchange_verdict(exchange) == VERDICT_IS_MISS, "a miss");
    double start = now_us();
    exchange_commit(exchange, &response, (struct span){0});
    double us = now_us() - start;
    must(exchange_recorded(exchange), "recording");
    exchange_free(exchange);
    buffer_free(&question);
    buffer_free(&answer);
    return us;
}

static void serve(void *context)
{
    struct exchange *exchange = begin(*(struct span *)context);
    must(exchange != NULL && exchange_verdict(exchange) == VERDICT_IS_HIT, "a hit");
    exchange_served(exchange, 1, 2);
    exchange_free(exchange);
}

static double time_batch(bool base64, unsigned first)
{
    struct buffer question = {0};
    append_question(&question, base64, first);
    struct span body = buffer_span(&question);
    double us = time_of(serve, &body);
    buffer_free(&question);
    return us;
}

/* -- copying --------------------------------------------------------------------------- */

static void copy(void *context)
{
    const struct buffer *from = context;
    uint8_t *to = malloc(from->size);
    must(to != NULL, "malloc");
    memcpy(to, from->at, from->size);
    __asm__ volatile("" : : "r"(to) : "memory");
    free(to);
}

static double time_copy(bool base64)
{
    struct buffer answer = {0};
    append_answer(&answer, base64);
    double us = time_of(copy, &answer);
    buffer_free(&answer);
    return us;
}

struct pair {
    const uint8_t *from;
    uint8_t *to;
    size_t size;
};

static void copy_warm(void *context)
{
    struct pair *pair = context;
    memcpy(pair->to, pair->from, pair->size);
    __asm__ volatile("" : : "r"(pair->to) : "memory");
}

/* What copying takes where no page has to be given first. */
static double time_warm(bool base64)
{
    struct buffer answer = {0};
    append_answer(&answer, base64);
    struct pair pair = {answer.at, malloc(answer.size), answer.size};
    must(pair.to != NULL, "malloc");
    copy_warm(&pair);
    double us = time_of(copy_warm, &pair);
    free(pair.to);
    buffer_free(&answer);
    return us;
}

/* -- others ---------------------------------------------------------------------------- */

static void text_of(char text[64], unsigned number)
{
    snprintf(text, 64, TEXT, number);
}

struct redis {
    redisContext *connection;
    const char *words[ITEMS + 1];
    char texts[ITEMS][64];
};

static void redis_get(void *context)
{
    struct redis *redis = context;
    redisReply *reply =
        redisCommandArgv(redis->connection, ITEMS + 1, redis->words, NULL);
    must(reply && reply->elements == ITEMS && reply->element[1]->len == RAW_SIZE, "MGET");
    freeReplyObject(reply);
}

static double time_redis(const char *socket)
{
    static struct redis redis;
    redis.connection = redisConnectUnix(socket);
    must(redis.connection && !redis.connection->err, "connecting to Redis");
    redis.words[0] = "MGET";
    for (unsigned i = 0; i < ITEMS; i++) {
        text_of(redis.texts[i], i);
        redis.words[i + 1] = redis.texts[i];
        freeReplyObject(redisCommand(redis.connection, "SET %s %b", redis.texts[i],
                                     vectors[i], RAW_SIZE));
    }
    double us = time_of(redis_get, &redis);
    redisFree(redis.connection);
    return us;
}

static void sqlite_get(void *context)
{
    sqlite3_stmt *statement = context;
    static float got[DIMENSIONS];
    char text[64];
    for (unsigned i = 0; i < ITEMS; i++) {
        text_of(text, i);
        sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
        must(sqlite3_step(statement) == SQLITE_ROW, "SELECT");
        memcpy(got, sqlite3_column_blob(statement, 0), RAW_SIZE);
        sqlite3_reset(statement);
    }
}

static sqlite3 *sqlite_fill(void)
{
    char path[256], text[64];
    sqlite3 *table;
    sqlite3_stmt *statement;
    snprintf(path, sizeof(path), "%s/vectors.sqlite", directory);
    must(sqlite3_open(path, &table) == SQLITE_OK, "SQLite");
    sqlite3_exec(table,
                 "CREATE TABLE vectors (name TEXT PRIMARY KEY, vector BLOB); BEGIN", NULL,
                 NULL, NULL);
    sqlite3_prepare_v2(table, "INSERT INTO vectors VALUES (?, ?)", -1, &statement, NULL);
    for (unsigned i = 0; i < ITEMS; i++) {
        text_of(text, i);
        sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
        sqlite3_bind_blob(statement, 2, vectors[i], RAW_SIZE, SQLITE_STATIC);
        must(sqlite3_step(statement) == SQLITE_DONE, "INSERT");
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    must(sqlite3_exec(table, "COMMIT", NULL, NULL, NULL) == SQLITE_OK, "COMMIT");
    return table;
}

static double time_sqlite(void)
{
    sqlite3 *table = sqlite_fill();
    sqlite3_stmt *statement;
    sqlite3_prepare_v2(table, "SELECT vector FROM vectors WHERE name = ?", -1, &statement,
                       NULL);
    double us = time_of(sqlite_get, statement);
    sqlite3_finalize(statement);
    sqlite3_close(table);
    return us;
}

/* -- all ------------------------------------------------------------------------------- */

static void merge(void)
{
    struct merge_options options = {.wait = true};
    struct merge_counts counts;
    char store[256], config[256];
    snprintf(store, sizeof(store), "%s/store", directory);
    snprintf(config, sizeof(config), "%s/config/preecho", directory);
    struct store_paths paths = {store, config};
    must(store_merge(&paths, &options, &counts) == STORE_OK, "merging");
}

static double disk_bytes(void)
{
    char path[256];
    struct stat status;
    snprintf(path, sizeof(path), "%s/store/data.mdb", directory);
    must(stat(path, &status) == 0, "data.mdb");
    return (double)status.st_blocks * 512;
}

/* A row as tests/bench/run has them. */
static void say(const char *form, const char *what, const char *figures, ...)
{
    char title[64];
    va_list values;
    snprintf(title, sizeof(title), "%s: %s", form, what);
    printf("%-46s ", title);
    va_start(values, figures);
    vprintf(figures, values);
    va_end(values);
    putchar('\n');
}

static void say_form(bool base64)
{
    double before = base64 ? 0 : disk_bytes();
    double recorded = record(base64);
    merge();
    double again = time_batch(base64, 0), turned = time_batch(base64, 7),
           copied = time_copy(base64);
    const char *form = base64 ? "base64" : "floats";
    say(form, "2,048 x 3,072 again / copying (< 3)", "%.2f   (%.1f ms / %.1f ms)",
        again / copied, again / 1e3, copied / 1e3);
    say(form, "in another order / copying (< 3)", "%.2f   (%.1f ms / %.1f ms)",
        turned / copied, turned / 1e3, copied / 1e3);
    say(form, "copying into warm memory", "%.1f ms", time_warm(base64) / 1e3);
    say(form, "recording 2,048", "%.1f ms", recorded / 1e3);
    say(form, "bytes on disk per vector / float32", "%.2f   (%.0f)",
        (disk_bytes() - before) / ITEMS / (double)RAW_SIZE,
        (disk_bytes() - before) / ITEMS);
    say(form, "vectors per second", "%.0f", ITEMS / turned * 1e6);
}

int main(int count, char **arguments)
{
    char path[256];
    if (count < 2)
        return 64;
    directory = arguments[1];
    snprintf(path, sizeof(path), "%s/store", directory);
    setenv("PREECHO_STORE", path, 1);
    snprintf(path, sizeof(path), "%s/config", directory);
    setenv("XDG_CONFIG_HOME", path, 1);
    if (core_start() != 0)
        return 1;
    fill_vectors();
    say_form(true);
    say_form(false);
    say("float32", "vectors per second, SQLite", "%.0f", ITEMS / time_sqlite() * 1e6);
    if (count > 2)
        say("float32", "vectors per second, Redis MGET", "%.0f",
            ITEMS / time_redis(arguments[2]) * 1e6);
    return 0;
}
