/* SPDX-License-Identifier: MIT */
/* Requests through recogniser, keys and a store of their own: miss, recording, hit, and
 * the journal that must have exactly one line for each. */
#include "unit.h"

#include "shim/core/core.h"
#include "shim/core/exchange.h"
#include "store/duration.h"
#include "store/memory.h"
#include "store/merge.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#define SLOTS_BEGIN 4096 /* store/segment.h */

static char directory[64];
static const char question[] =
    "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
static const char reordered[] =
    "{ \"messages\": [{\"content\":\"Hello\",\"role\":\"user\"}], \"model\": \"gpt-4o\" "
    "}";
static const char answer[] =
    "{\"id\":\"x\",\"object\":\"chat.completion\",\"model\":\"gpt-4o\",\"choices\":[{"
    "\"index\":0,"
    "\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]"
    ","
    "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"total_tokens\":11}}";

/* -- requests and responses ---------------------------------------------------------- */

static struct request new_request(const char *token, const char *body)
{
    struct request request = {
        .method = span_text("POST"),
        .tls = true,
        .host = span_text("API.openai.com"),
        .port = 443,
        .target = span_text("/v1/chat/completions"),
        .body = span_text(body),
    };
    CHECK(headers_add(&request.headers, span_text("Host"), span_text("API.openai.com")) ==
              0 &&
          headers_add(&request.headers, span_text("Authorization"), span_text(token)) ==
              0 &&
          headers_add(&request.headers, span_text("Content-Type"),
                      span_text("application/json")) == 0);
    return request;
}

static struct response new_response(unsigned status, struct span body)
{
    struct response response = {.status = status,
                                .version = 11,
                                .phrase = span_text("OK"),
                                .body = body,
                                .first_byte_us = 200000,
                                .last_byte_us = 300000};
    CHECK_INT(headers_add(&response.headers, span_text("Content-Type"),
                          span_text("application/json")),
              0);
    return response;
}

static struct exchange *begin(const char *token, const char *body)
{
    struct request request = new_request(token, body);
    struct exchange *exchange = exchange_begin(&request, LEVEL_OPENSSL);
    headers_free(&request.headers);
    return exchange;
}

static void commit(struct exchange *exchange, unsigned status, struct span body,
                   const char *coding)
{
    struct response response = new_response(status, body);
    if (coding)
        CHECK_INT(headers_add(&response.headers, span_text("Content-Encoding"),
                              span_text(coding)),
                  0);
    exchange_commit(exchange, &response, span_text("level"));
    headers_free(&response.headers);
}

/* A miss that is recorded. */
static void record(const char *token, const char *body)
{
    struct exchange *exchange = begin(token, body);
    if (CHECK(exchange && exchange_verdict(exchange) == VERDICT_IS_MISS))
        commit(exchange, 200, span_text(answer), NULL);
    exchange_free(exchange);
}

static enum verdict verdict_of(const char *token, const char *body)
{
    struct exchange *exchange = begin(token, body);
    enum verdict verdict = exchange ? exchange_verdict(exchange) : VERDICT_IS_BYPASS;
    if (verdict == VERDICT_IS_HIT)
        exchange_served(exchange, 10, 20);
    exchange_free(exchange);
    return verdict;
}

/* -- the journal --------------------------------------------------------------------- */

static size_t read_segment(const char *path, struct journal_record *out, size_t room)
{
    uint8_t slot[JOURNAL_SLOT_SIZE];
    size_t count = 0;
    int descriptor = open(path, O_RDONLY);
    if (descriptor < 0 || lseek(descriptor, SLOTS_BEGIN, SEEK_SET) < 0)
        return 0;
    while (count < room && read(descriptor, slot, sizeof slot) == sizeof slot &&
           journal_decode(slot, &out[count]))
        count++;
    close(descriptor);
    return count;
}

static size_t read_journal(struct journal_record *out, size_t room)
{
    char path[400];
    size_t count = 0;
    snprintf(path, sizeof path, "%s/store/journal", directory);
    DIR *segments = opendir(path);
    for (struct dirent *entry; segments && (entry = readdir(segments));) {
        snprintf(path, sizeof path, "%s/store/journal/%s", directory, entry->d_name);
        if (entry->d_name[0] != '.')
            count += read_segment(path, out + count, room - count);
    }
    if (segments)
        closedir(segments);
    return count;
}

static size_t seen; /* lines that earlier tests have written */

/* The one line that was written since the last call. */
static struct journal_record new_line(void)
{
    static struct journal_record lines[512];
    size_t count = read_journal(lines, 512);
    CHECK_INT(count, seen + 1);
    bool more = count > seen;
    seen = count;
    return more ? lines[count - 1] : (struct journal_record){0};
}

static void skip_lines(void)
{
    static struct journal_record lines[512];
    seen = read_journal(lines, 512);
}

/* -- tests --------------------------------------------------------------------------- */

static void test_first_is_a_miss_and_is_recorded(void)
{
    struct exchange *exchange = begin("Bearer one", question);
    if (!CHECK(exchange && exchange_verdict(exchange) == VERDICT_IS_MISS))
        return;
    errno = 66;
    commit(exchange, 200, span_text(answer), NULL);
    CHECK_INT(errno, 66);
    exchange_free(exchange);
    struct journal_record line = new_line();
    CHECK_INT(line.verdict, VERDICT_MISS);
    CHECK_INT(line.reason, REASON_NONE);
    CHECK(line.recorded && line.usage_known && !line.stream);
    CHECK_INT(line.layer, LAYER_NONE);
    CHECK_INT(line.level, LEVEL_OPENSSL);
    CHECK_INT(line.status, 200);
    CHECK_INT(line.first_byte_us, 200000);
    CHECK_INT(line.last_byte_us, 300000);
    CHECK_INT(line.tokens_in, 9);
    CHECK_INT(line.tokens_out, 2);
    CHECK_INT(line.request_bytes, strlen(question));
    CHECK_INT(line.response_bytes, strlen(answer));
    CHECK_INT(line.port, 443);
    CHECK_INT(line.pid, getpid());
    CHECK_TEXT(line.dialect, "openai");
    CHECK_TEXT(line.model, "gpt-4o");
    CHECK_TEXT(line.host, "api.openai.com");
    CHECK(strncmp(line.program, program_invocation_short_name, sizeof line.program - 1) ==
          0);
    CHECK(llabs(line.time_ms - (long long)time(NULL) * 1000) < 5000);
    static const uint8_t none[32];
    CHECK(memcmp(line.tenant, none, 16) != 0 && memcmp(line.key, none, 32) != 0);
}

static void test_second_is_a_hit(void)
{
    struct exchange *exchange = begin("Bearer one", question);
    if (!CHECK(exchange && exchange_verdict(exchange) == VERDICT_IS_HIT))
        return;
    const struct record *record = exchange_record(exchange);
    CHECK(span_is(record->response.body, answer));
    CHECK(span_is(record->level, "level"));
    CHECK(span_is(headers_value(&record->response.headers, "content-type"),
                  "application/json"));
    CHECK(exchange_mark(exchange).age_s < 60);
    exchange_served(exchange, 11, 22);
    exchange_free(exchange);
    struct journal_record line = new_line();
    CHECK_INT(line.verdict, VERDICT_HIT);
    CHECK_INT(line.layer, LAYER_EXACT);
    CHECK_INT(line.first_byte_us, 11 + line.lookup_us);
    CHECK_INT(line.last_byte_us, 22 + line.lookup_us);
    CHECK_INT(line.recorded_first_byte_us, 200000);
    CHECK_INT(line.recorded_last_byte_us, 300000);
    CHECK_INT(line.tokens_out, 2);
    CHECK(!line.recorded && line.usage_known);
    CHECK_TEXT(line.operation, "chat");
}

/* -- expired entries ------------------------------------------------------------------ */

/* How far the wall clock is ahead, in seconds. */
static long long clock_shift;

/* Takes the place of the C library's. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME)
        now->tv_sec += clock_shift;
    return result;
}

static void live_for(uint64_t ttl_s, uint64_t stale_if_error_s)
{
    struct config *config = (struct config *)(uintptr_t)core_config();
    config->policy.ttl_s = ttl_s;
    config->policy.stale_if_error_s = stale_if_error_s;
}

static void live_for_ever(void)
{
    clock_shift = 0;
    live_for(DURATION_FOREVER, 86400);
}

/* An exchange whose entry is |age| seconds old. */
static struct exchange *begin_later(long long age)
{
    clock_shift = age;
    return begin("Bearer one", question);
}

static void check_later(long long age, bool hit, bool stale)
{
    struct exchange *exchange = begin_later(age);
    if (CHECK(exchange)) {
        CHECK_INT(exchange_verdict(exchange), hit ? VERDICT_IS_HIT : VERDICT_IS_MISS);
        CHECK_INT(exchange_stale(exchange), stale);
    }
    exchange_free(exchange);
}

static void test_time_to_live(void)
{
    live_for(3600, 600);
    check_later(0, true, false);
    check_later(3598, true, false);
    check_later(3610, false, true);
    check_later(4190, false, true);
    check_later(4210, false, false);
    check_later(-7200, true, false); /* the clock was set back */
    live_for(3600, 0);
    check_later(3610, false, false);
    live_for(0, 600);
    check_later(0, false, true);
    live_for(DURATION_FOREVER, DURATION_FOREVER);
    check_later(400LL * 86400, true, false);
    live_for_ever();
    skip_lines();
}

static void check_stale_line(unsigned status, enum reason reason)
{
    struct journal_record line = new_line();
    CHECK_INT(line.verdict, VERDICT_STALE);
    CHECK_INT(line.layer, LAYER_EXACT);
    CHECK_INT(line.status, status);
    CHECK_INT(line.reason, reason);
    CHECK(line.first_byte_us >= 11 && line.last_byte_us >= 22);
    CHECK_INT(line.recorded_last_byte_us, 300000);
    CHECK_INT(line.tokens_out, 2);
    CHECK(!line.recorded && line.usage_known);
}

static void check_served_stale(unsigned status)
{
    struct exchange *exchange = begin_later(7200);
    if (!CHECK(exchange && exchange_stale(exchange)))
        return;
    CHECK(exchange_serve_stale(exchange, status, NULL));
    CHECK_INT(exchange_verdict(exchange), VERDICT_IS_HIT);
    CHECK(!exchange_stale(exchange) && !exchange_serve_stale(exchange, status, NULL));
    CHECK(span_is(exchange_record(exchange)->response.body, answer));
    struct cache_mark mark = exchange_mark(exchange);
    CHECK(mark.stale && mark.age_s >= 7200 && mark.age_s < 7260);
    CHECK_INT(mark.expired_s, mark.age_s - 3600);
    CHECK_INT(mark.failure, status);
    exchange_served(exchange, 11, 22);
    exchange_free(exchange);
}

static void test_stale_if_error(void)
{
    live_for(3600, 86400);
    check_served_stale(503);
    check_stale_line(503, REASON_STATUS);
    check_served_stale(0);
    check_stale_line(0, REASON_TRUNCATED);
    /* One that could not be served after all, and one that was not needed. */
    struct exchange *exchange = begin_later(7200);
    CHECK(exchange && exchange_serve_stale(exchange, 429, NULL));
    exchange_drop(exchange, REASON_STATUS, 429);
    exchange_free(exchange);
    CHECK_INT(new_line().verdict, VERDICT_MISS);
    exchange = begin_later(7200);
    exchange_forget_stale(exchange);
    CHECK(!exchange_stale(exchange) && !exchange_serve_stale(exchange, 503, NULL));
    CHECK_INT(exchange_verdict(exchange), VERDICT_IS_MISS);
    exchange_free(exchange);
    CHECK_INT(new_line().reason, REASON_ABORTED);
    check_later(7200, false, true); /* still there */
    live_for_ever();
    skip_lines();
}

static void test_failures(void)
{
    static const unsigned good[] = {429, 500, 502, 503, 504, 529};
    size_t count = 0;
    live_for(3600, 86400);
    struct exchange *exchange = begin_later(7200);
    for (unsigned status = 0; status < 1000; status++)
        count += exchange_hides(exchange, status);
    CHECK_INT(count, sizeof good / sizeof *good);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(exchange_hides(exchange, good[i]));
    exchange_forget_stale(exchange);
    CHECK(!exchange_hides(exchange, 503));
    exchange_free(exchange);
    live_for_ever();
    skip_lines();
}

static void check_mark(struct cache_mark mark, const char *expected)
{
    struct buffer text = {0};
    cache_mark_append(&mark, &text);
    buffer_append_byte(&text, 0);
    CHECK_TEXT((const char *)text.at, expected);
    buffer_free(&text);
}

static void test_marks(void)
{
    check_mark((struct cache_mark){.age_s = 9}, "preecho; hit");
    check_mark((struct cache_mark){.stale = true, .expired_s = 60, .failure = 529},
               "preecho; fwd=stale; fwd-status=529; ttl=-60");
    check_mark((struct cache_mark){.stale = true, .expired_s = 5},
               "preecho; fwd=stale; ttl=-5");
    check_mark((struct cache_mark){.stale = true}, "preecho; fwd=stale; ttl=0");
}

/* RFC 9211, 2.1 to 2.4 and 2.8: a hit, or why it went upstream and what came; how long it still
 * holds; and which layer it was. */
static void test_9211_2_marks_of_the_edge_layer(void)
{
    check_mark((struct cache_mark){.edge = true}, "preecho; hit; detail=edge");
    check_mark((struct cache_mark){.edge = true, .validated = true, .failure = 304},
               "preecho; fwd=stale; fwd-status=304; detail=edge");
    check_mark((struct cache_mark){.edge = true, .revalidated = true, .expired_s = 7},
               "preecho; hit; ttl=-7; detail=edge");
    check_mark((struct cache_mark){.edge = true, .stale = true, .expired_s = 7},
               "preecho; fwd=stale; ttl=-7; detail=edge");
}

static void test_other_spellings_and_other_people(void)
{
    CHECK_INT(verdict_of("Bearer one", reordered), VERDICT_IS_HIT);
    CHECK_INT(verdict_of("Bearer one", reordered), VERDICT_IS_HIT); /* by its alias */
    CHECK_INT(verdict_of("Bearer two", question), VERDICT_IS_MISS);
    CHECK_INT(verdict_of("Bearer one",
                         "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\","
                         "\"content\":\"hello\"}]}"),
              VERDICT_IS_MISS);
    skip_lines();
}

static void test_bypasses(void)
{
    CHECK(begin("Bearer one", "{\"model\":\"gpt-4o\",\"model\":\"b\",\"messages\":[]}") ==
          NULL);
    struct journal_record line = new_line();
    CHECK_INT(line.verdict, VERDICT_BYPASS);
    CHECK_INT(line.reason, REASON_DUPLICATE_MEMBER);
    CHECK_TEXT(line.dialect, "openai");

    struct request request = new_request("Bearer one", question);
    exchange_bypass(&request, REASON_NOT_LLM, LEVEL_LIBCURL); /* nobody's business */
    exchange_bypass(&request, REASON_TOO_LARGE, LEVEL_LIBCURL);
    line = new_line();
    CHECK_INT(line.reason, REASON_TOO_LARGE);
    CHECK_INT(line.level, LEVEL_LIBCURL);
    request.host = span_text("www.example.org");
    request.target = span_text("/index.html");
    CHECK(exchange_begin(&request, LEVEL_OPENSSL) == NULL);
    headers_free(&request.headers);
    struct journal_record lines[1];
    CHECK_INT(read_journal(lines, 0), 0);
}

static void check_not_kept(unsigned status, struct span body, const char *coding,
                           enum reason reason)
{
    static const char other[] = "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\","
                                "\"content\":\"other\"}]}";
    struct exchange *exchange = begin("Bearer one", other);
    if (!CHECK(exchange && exchange_verdict(exchange) == VERDICT_IS_MISS))
        return;
    commit(exchange, status, body, coding);
    exchange_free(exchange);
    struct journal_record line = new_line();
    CHECK_INT(line.verdict, VERDICT_MISS);
    CHECK_INT(line.reason, reason);
    CHECK_INT(line.status, status);
    CHECK(!line.recorded);
}

static void test_what_is_not_kept(void)
{
    check_not_kept(500, span_text(answer), NULL, REASON_STATUS);
    check_not_kept(301, span_text("garbage"), "gzip", REASON_STATUS);
    check_not_kept(200, span_text("{\"error\":{\"message\":\"no\"}}"), NULL,
                   REASON_ERROR_IN_BODY);
    check_not_kept(200, span_text("garbage"), "gzip", REASON_UNREADABLE_ANSWER);
    check_not_kept(200, span_text(answer), "aws-chunked", REASON_UNREADABLE_ANSWER);
}

static void test_too_large_answer(void)
{
    size_t size = ((size_t)128 << 20) + 1;
    char *large = calloc(1, size);
    check_not_kept(200, span_of(large, size), NULL, REASON_ANSWER_TOO_LARGE);
    free(large);
}

static void test_coded_answer_is_stored_plain(void)
{
    static const char body[] = "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\","
                               "\"content\":\"gzip\"}]}";
    uint8_t coded[1024];
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)answer,
                       .avail_in = sizeof answer - 1,
                       .next_out = coded,
                       .avail_out = sizeof coded};
    CHECK_INT(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, 0), Z_OK);
    CHECK_INT(deflate(&stream, Z_FINISH), Z_STREAM_END);
    struct exchange *exchange = begin("Bearer one", body);
    commit(exchange, 200, span_of(coded, stream.total_out), "gzip");
    deflateEnd(&stream);
    exchange_free(exchange);
    struct journal_record line = new_line();
    CHECK(line.recorded);
    CHECK_INT(line.response_bytes, strlen(answer));
    exchange = begin("Bearer one", body);
    if (!CHECK(exchange && exchange_verdict(exchange) == VERDICT_IS_HIT))
        return;
    const struct response *response = &exchange_record(exchange)->response;
    CHECK(span_is(response->body, answer));
    CHECK(headers_find(&response->headers, "Content-Encoding") == NULL);
    uint64_t sum = 0;
    for (size_t i = 0; i < response->piece_count; i++)
        sum += response->pieces[i].size;
    CHECK_INT(sum, strlen(answer));
    exchange_served(exchange, 1, 2);
    exchange_free(exchange);
    skip_lines();
}

static void test_one_line_each(void)
{
    struct exchange *exchange = begin("Bearer nobody", question);
    exchange_drop(exchange, REASON_TRUNCATED, 200);
    exchange_drop(exchange, REASON_STATUS, 500); /* said already */
    commit(exchange, 200, span_text(answer), NULL);
    exchange_free(exchange);
    CHECK_INT(new_line().reason, REASON_TRUNCATED);
    CHECK_INT(verdict_of("Bearer nobody", question),
              VERDICT_IS_MISS); /* freed: aborted */
    struct journal_record line = new_line();
    CHECK_INT(line.verdict, VERDICT_MISS);
    CHECK_INT(line.reason, REASON_ABORTED);

    exchange = begin("Bearer one", question);
    exchange_drop(exchange, REASON_NO_DESCRIPTOR, 0); /* a hit that could not be served */
    exchange_served(exchange, 1, 2);
    exchange_free(exchange);
    line = new_line();
    CHECK_INT(line.verdict, VERDICT_BYPASS);
    CHECK_INT(line.reason, REASON_NO_DESCRIPTOR);
    CHECK_INT(line.layer, LAYER_NONE);
    CHECK_INT(line.tokens_out, 0);
}

/* The child finds what its parent recorded, and is silent about the parent's exchanges.
 */
static void test_after_fork(void)
{
    struct exchange *exchange = begin("Bearer fork", question);
    unsigned noted = core_generation();
    pid_t child = fork();
    if (child == 0) {
        bool good =
            core_generation() == noted + 1 && core_forked(&noted) && !core_forked(&noted);
        commit(exchange, 200, span_text(answer), NULL);
        exchange_free(exchange);
        good = good && verdict_of("Bearer one", question) == VERDICT_IS_HIT;
        _exit(good ? 0 : 1);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(core_generation() == noted && !core_forked(&noted));
    struct journal_record line = new_line(); /* the child's hit, nothing else */
    CHECK_INT(line.verdict, VERDICT_HIT);
    CHECK_INT(line.pid, child);
    exchange_free(exchange);
    CHECK_INT(new_line().reason, REASON_ABORTED);
}

static void *hit_often(void *context)
{
    (void)context;
    for (int i = 0; i < 50; i++)
        CHECK_INT(verdict_of("Bearer one", question), VERDICT_IS_HIT);
    return NULL;
}

/* Threads that meet in a fresh child: one of them readies the store, the others wait for
 * it. */
static void test_threads_after_fork(void)
{
    pid_t child = fork();
    if (child == 0) {
        pthread_t threads[4];
        for (int i = 0; i < 4; i++)
            CHECK_INT(pthread_create(&threads[i], NULL, hit_often, NULL), 0);
        for (int i = 0; i < 4; i++)
            pthread_join(threads[i], NULL);
        _exit(unit_failed != 0);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    size_t before = seen;
    skip_lines();
    CHECK_INT(seen, before + 200);
}

/* Whichever request for memory fails: no crash, no leak, no wrong answer, and it works
 * again. */
static void test_short_memory(void)
{
    for (unsigned long n = 1; n < 60; n++) {
        char token[32];
        snprintf(token, sizeof token, "Bearer memory %lu", n);
        memory_fail_from(n);
        struct exchange *exchange = NULL;
        struct request request = {0};
        memory_fail_from(0);
        request = new_request(token, question);
        struct response response = new_response(200, span_text(answer));
        memory_fail_from(n);
        exchange = exchange_begin(&request, LEVEL_OPENSSL);
        if (exchange)
            exchange_commit(exchange, &response, span_text(""));
        exchange_free(exchange);
        exchange = exchange_begin(&request, LEVEL_OPENSSL);
        if (exchange && exchange_verdict(exchange) == VERDICT_IS_HIT)
            CHECK(span_is(exchange_record(exchange)->response.body, answer));
        exchange_free(exchange);
        memory_fail_from(0);
        headers_free(&request.headers);
        headers_free(&response.headers);
    }
    CHECK_INT(verdict_of("Bearer one", question), VERDICT_IS_HIT);
    skip_lines();
}

static bool grep(const char *text, const char *below)
{
    char command[200];
    snprintf(command, sizeof command, "grep -rqF -e '%s' %s/%s", text, directory, below);
    return system(command) == 0;
}

static void test_no_plaintext_on_disk(void)
{
    record("Bearer sk-proj-SECRETSECRET", "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":"
                                          "\"user\",\"content\":\"PROMPTPROMPT\"}]}");
    CHECK(!grep("SECRETSECRET", ""));
    CHECK(!grep("PROMPTPROMPT", ""));
    CHECK(!grep("chat.completion", ""));
    CHECK(grep("api.openai.com", "store/journal")); /* grep does work */
    skip_lines();
}

static int by_size(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Nanoseconds from the whole request to the unpacked record, freed again: the median. */
static uint64_t hit_cost(const struct request *request)
{
    enum { ROUNDS = 2000 };
    static uint64_t took[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        struct timespec from, to;
        clock_gettime(CLOCK_MONOTONIC, &from);
        struct exchange *exchange = exchange_begin(request, LEVEL_OPENSSL);
        if (!CHECK(exchange && exchange_verdict(exchange) == VERDICT_IS_HIT))
            return 0;
        exchange_served(exchange, 1, 2);
        exchange_free(exchange);
        clock_gettime(CLOCK_MONOTONIC, &to);
        took[i] = (uint64_t)(to.tv_sec - from.tv_sec) * 1000000000 +
                  (uint64_t)(to.tv_nsec - from.tv_nsec);
    }
    qsort(took, ROUNDS, sizeof *took, by_size);
    return took[ROUNDS / 2];
}

static void merge(void)
{
    char store[80], config[80];
    snprintf(store, sizeof store, "%s/store", directory);
    snprintf(config, sizeof config, "%s/config/preecho", directory);
    struct store_paths paths = {store, config};
    struct merge_options options = {.wait = true};
    struct merge_counts counts;
    CHECK_INT(store_merge(&paths, &options, &counts), STORE_OK);
    CHECK(counts.entries > 0 && counts.aliases > 0 && counts.damaged == 0);
}

/* Hits from the spool and, after a merge, from LMDB. The costs are printed, not judged.
 */
static void test_merge_and_print_costs(void)
{
    static char body[2200];
    int at = snprintf(body, sizeof body,
                      "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\","
                      "\"content\":\"%0*d\"}]}",
                      2000, 0);
    CHECK(at > 2000 && at < (int)sizeof body);
    record("Bearer one", body);
    struct request request = new_request("Bearer one", body);
    uint64_t spool = hit_cost(&request);
    merge();
    uint64_t merged = hit_cost(&request);
    printf("a hit of 2 KB costs %.1f us from the spool, %.1f us from LMDB\n",
           (double)spool / 1000, (double)merged / 1000);
    headers_free(&request.headers);
    CHECK_INT(verdict_of("Bearer one", question), VERDICT_IS_HIT);
    CHECK_INT(verdict_of("Bearer two", body), VERDICT_IS_MISS);
}

/* The entry in the database is old; its successor waits in the spool. */
static void test_successor(void)
{
    live_for(3600, 86400);
    clock_shift = 7200;
    record("Bearer one", question);
    check_later(7200, true, false);
    check_later(10790, true, false);
    check_later(10810, false, true);
    merge();
    check_later(7200, true, false);
    live_for_ever();
    skip_lines();
}

static void remove_directory(void)
{
    char command[80];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    CHECK_INT(system(command), 0);
}

int main(void)
{
    char path[80];
    snprintf(directory, sizeof directory, "/tmp/preecho-exchange-XXXXXX");
    if (!mkdtemp(directory))
        return 1;
    snprintf(path, sizeof path, "%s/store", directory);
    setenv("PREECHO_STORE", path, 1);
    snprintf(path, sizeof path, "%s/config", directory);
    setenv("XDG_CONFIG_HOME", path, 1);
    unsetenv("PREECHO_MODE");
    unsetenv("PREECHO_SCOPE");
    unsetenv("PREECHO_TENANT");
    CHECK_INT(core_start(), 0);
    RUN(test_first_is_a_miss_and_is_recorded);
    RUN(test_second_is_a_hit);
    RUN(test_time_to_live);
    RUN(test_stale_if_error);
    RUN(test_failures);
    RUN(test_marks);
    RUN(test_9211_2_marks_of_the_edge_layer);
    RUN(test_other_spellings_and_other_people);
    RUN(test_bypasses);
    RUN(test_what_is_not_kept);
    RUN(test_too_large_answer);
    RUN(test_coded_answer_is_stored_plain);
    RUN(test_one_line_each);
    RUN(test_after_fork);
    RUN(test_threads_after_fork);
    RUN(test_short_memory);
    RUN(test_no_plaintext_on_disk);
    RUN(test_merge_and_print_costs);
    RUN(test_successor);
    remove_directory();
    return unit_end();
}
