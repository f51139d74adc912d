/* SPDX-License-Identifier: MIT */
/* The OpenSSL level asking upstream for something else than the program does: whether an expired
 * answer still holds, and for some of the vectors of a batch. Whatever comes back, in whatever pieces,
 * and however short memory is, the program never reads the 304, or the part, that it has not asked
 * for. libssl and the upstream are played here. */
#include "unit.h"

#include "core.h"
#include "hello.h"
#include "ssl_level.h"
#include "store/memory.h"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define FIRST                                                                            \
    "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nCache-Control: max-age=60\r\n"                    \
    "Content-Length: 5\r\n\r\nfirst"
#define SECOND      "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond"
#define CONFIRMED   "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n"
#define TRUNCATED   "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: 5\r\n\r\nfir"
#define NOT_HTTP    "304 what is this\r\n\r\n"
#define SHORTAGES   400
#define READS_MOST  20
#define ANSWER_MOST 1024

static long long clock_shift;

/* Takes the place of the C library's. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME)
        now->tv_sec += clock_shift;
    return result;
}

/* -- the upstream -------------------------------------------------------------------------- */

static struct {
    const char *answer; /* what is left of it */
    size_t piece;       /* so much of it at once */
    char request[512];
    size_t request_size;
    bool ends; /* the connection, behind the answer */
} upstream;

static int link_ends[2];
static char ssl_place;

static int play_write(SSL *ssl, const void *data, int size)
{
    size_t room = sizeof upstream.request - 1 - upstream.request_size;
    (void)ssl;
    CHECK((size_t)size <= room);
    memcpy(upstream.request + upstream.request_size, data, (size_t)size);
    upstream.request_size += (size_t)size;
    return size;
}

static int play_read(SSL *ssl, void *data, int size)
{
    size_t left = strlen(upstream.answer);
    size_t count = upstream.piece < left ? upstream.piece : left;
    (void)ssl;
    if (count == 0)
        return -1;
    count = count < (size_t)size ? count : (size_t)size;
    memcpy(data, upstream.answer, count);
    upstream.answer += count;
    return (int)count;
}

static int play_get_error(const SSL *ssl, int result)
{
    (void)ssl;
    if (result > 0)
        return SSL_ERROR_NONE;
    return upstream.ends ? SSL_ERROR_ZERO_RETURN : SSL_ERROR_WANT_READ;
}

static int play_one(const SSL *ssl)
{
    (void)ssl;
    return 1;
}

static int play_zero(const SSL *ssl)
{
    (void)ssl;
    return 0;
}

static long play_verified(const SSL *ssl)
{
    (void)ssl;
    return X509_V_OK;
}

static X509 *play_no_certificate(const SSL *ssl)
{
    (void)ssl;
    return NULL;
}

static int play_get_fd(const SSL *ssl)
{
    (void)ssl;
    return link_ends[0];
}

static void play_alpn(const SSL *ssl, const unsigned char **protocol, unsigned *size)
{
    (void)ssl;
    *protocol = NULL;
    *size = 0;
}

static int play_mark(void)
{
    return 1;
}

static const struct libssl played = {
    .ERR_set_mark = play_mark,
    .ERR_pop_to_mark = play_mark,
    .ERR_clear_last_mark = play_mark,
    .SSL_is_init_finished = play_one,
    .SSL_is_server = play_zero,
    .SSL_read = play_read,
    .SSL_write = play_write,
    .SSL_get_error = play_get_error,
    .SSL_get_fd = play_get_fd,
    .SSL_get_verify_result = play_verified,
    .SSL_get_certificate = play_no_certificate,
    .SSL_get0_alpn_selected = play_alpn,
};

/* -- the program --------------------------------------------------------------------------- */

static struct connection *connection;
static char read_text[ANSWER_MOST];

static void open_connection(const char *answer, size_t piece)
{
    memset(&upstream, 0, sizeof upstream);
    upstream.answer = answer;
    upstream.piece = piece;
    connection = connection_get((SSL *)&ssl_place, (const void *)play_read, true);
    connection->checked = true;
    connection->started = true;
}

static unsigned
    address; /* which one is asked for: each begins with nothing known of it */

static void ask(void)
{
    char request[128];
    int size = snprintf(request, sizeof request,
                        "GET /models?%u HTTP/1.1\r\nHost: api.openai.com\r\n"
                        "Authorization: Bearer k\r\n\r\n",
                        address);
    CHECK_INT(ssl_take(connection, request, (size_t)size), size);
}

/* Reads into `read_text` until there is no more for now. True: it was the end. */
static bool read_all(void)
{
    size_t size = 0;
    int got = 1;
    for (int i = 0; got > 0 && i < READS_MOST * 10; i++) {
        connection->answer.ours = false;
        got = ssl_give(connection, read_text + size, sizeof read_text - 1 - size, false);
        size += got > 0 ? (size_t)got : 0;
    }
    read_text[size] = 0;
    return got == 0;
}

static bool ends_with(const char *end)
{
    size_t size = strlen(read_text), least = strlen(end);
    return size >= least && strcmp(read_text + size - least, end) == 0;
}

/* -- the tests ----------------------------------------------------------------------------- */

static void record(void)
{
    address++;
    clock_shift = -3600;
    open_connection(FIRST, 1000);
    ask();
    CHECK(!read_all());
    CHECK_TEXT(read_text, FIRST);
    connection_drop(connection);
    clock_shift = 0;
}

static void test_3_3_an_incomplete_answer_is_not_kept(void)
{
    address++;
    for (int i = 0; i < 2; i++) {
        open_connection(TRUNCATED, 1000);
        upstream.ends = true;
        ask();
        CHECK(upstream.request_size && !strstr(upstream.request, "If-None-Match"));
        (void)read_all();
        CHECK_TEXT(read_text, TRUNCATED);
        connection_drop(connection);
    }
}

static void test_a_304_is_answered_by_what_is_kept(void)
{
    for (size_t piece = 1; piece < sizeof CONFIRMED; piece += 7) {
        record();
        open_connection(CONFIRMED, piece);
        ask();
        CHECK(strstr(upstream.request, "\r\nIf-None-Match: \"a\"\r\n\r\n") != NULL);
        CHECK(!read_all());
        CHECK(ends_with("\r\n\r\nfirst") && !strstr(read_text, "304 Not"));
        CHECK(strstr(read_text, "preecho; fwd=stale; fwd-status=304; detail=edge"));
        connection_drop(connection);
    }
}

static void test_another_answer_is_the_answer(void)
{
    record();
    open_connection(SECOND, 10);
    ask();
    CHECK(strstr(upstream.request, "If-None-Match") != NULL);
    CHECK(!read_all());
    CHECK_TEXT(read_text, SECOND);
    connection_drop(connection);
}

static void test_what_is_no_answer_is_the_end(void)
{
    record();
    open_connection(NOT_HTTP, 1000);
    ask();
    CHECK(read_all());
    CHECK_TEXT(read_text, "");
    connection_drop(connection);
}

/* One allocation after the other fails, and all behind it, while the answer is read. */
static void check_shortage(unsigned number, unsigned *served, unsigned *ended)
{
    record();
    open_connection(CONFIRMED, 9);
    ask();
    if (!CHECK(strstr(upstream.request, "If-None-Match") != NULL))
        return;
    memory_fail_from(number);
    bool end = read_all();
    memory_fail_from(0);
    *ended += end && !read_text[0];
    *served += ends_with("\r\n\r\nfirst");
    unit_check(!strstr(read_text, "304 Not") && (end || ends_with("\r\n\r\nfirst")),
               __FILE__, __LINE__, "shortage %u: \"%s\"", number, read_text);
    connection_drop(connection);
}

static void test_short_memory(void)
{
    unsigned served = 0, ended = 0;
    for (unsigned number = 1; number < SHORTAGES && served < 3; number++)
        check_shortage(number, &served, &ended);
    CHECK(served >= 3 && ended > 10);
}

/* -- a part of a batch --------------------------------------------------------------------- */

static void ask_vectors(const char *one, const char *other)
{
    char request[256], body[96];
    snprintf(body, sizeof body, "{\"model\":\"m\",\"input\":[\"%s %u\",\"%s %u\"]}", one,
             address, other, address);
    int size = snprintf(request, sizeof request,
                        "POST /v1/embeddings HTTP/1.1\r\nHost: api.openai.com\r\n"
                        "Authorization: Bearer k\r\nContent-Type: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n%s",
                        strlen(body), body);
    CHECK_INT(ssl_take(connection, request, (size_t)size), size);
}

/* An answer with |vectors|, each a JSON array. */
static const char *answer_of(const char *const vectors[], size_t count)
{
    static char answer[1024];
    char body[512], *end = body;
    end += sprintf(end, "{\"object\":\"list\",\"data\":[");
    for (size_t i = 0; i < count; i++)
        end += sprintf(end, "%s{\"object\":\"embedding\",\"index\":%zu,\"embedding\":%s}",
                       i ? "," : "", i, vectors[i]);
    sprintf(end, "],\"model\":\"m\",\"usage\":{\"prompt_tokens\":2,\"total_tokens\":2}}");
    snprintf(answer, sizeof answer,
             "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
             "%zu\r\n\r\n%s",
             strlen(body), body);
    return answer;
}

static void record_vectors(void)
{
    const char *const both[] = {"[1,1]", "[2,2]"};
    address++;
    open_connection(answer_of(both, 2), 1000);
    ask_vectors("a", "b");
    CHECK(!read_all() && strstr(read_text, "[2,2]"));
    connection_drop(connection);
}

static void ask_for_a_part(void)
{
    const char *const third[] = {"[3,3]"};
    record_vectors();
    open_connection(answer_of(third, 1), 50);
    ask_vectors("b", "c");
    CHECK(strstr(upstream.request, "[\"c ") != NULL);
}

static bool has_both(void)
{
    const char *first = strstr(read_text, "[2,2]");
    return first && strstr(first, "[3,3]");
}

static void test_a_part_is_completed(void)
{
    ask_for_a_part();
    CHECK(!read_all() && has_both());
    connection_drop(connection);
}

static void check_shortage_of_a_part(unsigned number, unsigned *served, unsigned *others)
{
    ask_for_a_part();
    memory_fail_from(number);
    bool end = read_all();
    memory_fail_from(0);
    bool again =
        !end && strstr(upstream.request, "[\"b "); /* the program's own is sent */
    *served += has_both();
    *others += !read_text[0];
    unit_check(has_both() || (!read_text[0] && (end || again)), __FILE__, __LINE__,
               "shortage %u: \"%s\"", number, read_text);
    connection_drop(connection);
}

static void test_short_memory_for_a_part(void)
{
    unsigned served = 0, others = 0;
    for (unsigned number = 1; number < SHORTAGES && served < 3; number++)
        check_shortage_of_a_part(number, &served, &others);
    CHECK(served >= 3 && others > 10);
}

int main(void)
{
    char directory[] = "/tmp/preecho-unit-XXXXXX", command[64];
    static _Atomic int watching;
    static const struct stub_api stub = {.watching = &watching};
    if (!mkdtemp(directory))
        return 1;
    setenv("XDG_CACHE_HOME", directory, 1);
    setenv("XDG_CONFIG_HOME", directory, 1);
    if (core_start() != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, link_ends) != 0)
        return 1;
    libssl_start(&stub);
    hello_start(&watching);
    libssl_adopt((const void *)play_read, &played);
    RUN(test_3_3_an_incomplete_answer_is_not_kept);
    RUN(test_a_304_is_answered_by_what_is_kept);
    RUN(test_another_answer_is_the_answer);
    RUN(test_what_is_no_answer_is_the_end);
    RUN(test_short_memory);
    RUN(test_a_part_is_completed);
    RUN(test_short_memory_for_a_part);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command) == 0 ? unit_end() : 1;
}
