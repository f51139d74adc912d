/* SPDX-License-Identifier: MIT */
/* The OpenSSL level against a libssl and an upstream that are played here: conversations
 * of hits, misses (as they are or with another body), expired entries that upstream fails to renew, and other requests, cut and interrupted at random (by seed), pipelined
 * or not. What goes upstream has to be exactly the requests that are no hits; what the
 * program reads has to be the answers in order; and a program that waits for its
 * descriptor has to be woken up. */
#include "unit.h"

#include "core.h"
#include "hello.h"
#include "ssl_level.h"
#include "wake.h"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS   400
#define REQUESTS 12

static unsigned long long seed;

static unsigned chance(unsigned limit)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(seed >> 33) % limit;
}

/* -- the conversation ---------------------------------------------------------------- */

/* STALE: upstream fails. REFUSED: its answer is an error that counts. */
enum kind { HIT, MISS, STALE, REFUSED, GET, OTHER_POST, KINDS };

struct talk {
    struct buffer request;
    struct buffer sent;   /* as it has to go upstream */
    struct buffer body;   /* what the program has to read */
    struct buffer answer; /* what upstream answers */
    unsigned status;      /* and with which */
    enum kind kind;
};

static struct talk talks[REQUESTS];
static bool rewriting; /* chats are asked with temperature 0 */

/* The part of the conversation that upstream sees. */
static struct {
    struct buffer expected; /* bytes that have to arrive */
    size_t ends[REQUESTS];  /* where each request ends there */
    int owner[REQUESTS];
    size_t count, answered;
    struct buffer received;
    struct buffer answers; /* on their way to the program */
    int error;             /* what SSL_get_error says of the last refusal */
} upstream;

/* Entries of an hour ago have expired. */
#define AGE 3600
static long long clock_shift;

/* Takes the place of the C library's. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME)
        now->tv_sec += clock_shift;
    return result;
}

static struct connection *connection;
static int link_ends[2];
static char ssl_place; /* its address stands for the SSL object */

static void make_body(struct buffer *body, int number)
{
    buffer_append_text(body, "{\"id\":\"");
    buffer_append_decimal(body, (uint64_t)number);
    buffer_append_text(
        body, "\",\"object\":\"chat.completion\",\"model\":\"gpt-4o\",\"choices\":"
              "[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"");
    for (unsigned i = chance(3000); i; i--)
        buffer_append_byte(body, (uint8_t)('a' + i % 26));
    buffer_append_text(body,
                       "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,"
                       "\"completion_tokens\":1,\"total_tokens\":2}}");
}

static void append_post(struct buffer *out, const char *path, struct span body,
                        bool chunked)
{
    buffer_append_text(out, "POST ");
    buffer_append_text(out, path);
    buffer_append_text(out,
                       " HTTP/1.1\r\nHost: api.openai.com\r\nAuthorization: Bearer k\r\n"
                       "Content-Type: application/json\r\n");
    if (chunked) {
        buffer_append_text(out, "Transfer-Encoding: chunked\r\n\r\n");
        char size[32];
        snprintf(size, sizeof(size), "%zx\r\n", body.size);
        buffer_append_text(out, size);
        buffer_append_span(out, body);
        buffer_append_text(out, "\r\n0\r\n\r\n");
        return;
    }
    buffer_append_text(out, "Content-Length: ");
    buffer_append_decimal(out, body.size);
    buffer_append_text(out, "\r\n\r\n");
    buffer_append_span(out, body);
}

/* The chat whose body is "{" and |rest| as temperature 0 makes it. */
static void append_cold(struct buffer *out, struct span rest)
{
    struct buffer body = {0};
    buffer_append_text(&body, "{\"temperature\":0,");
    buffer_append_span(&body, rest);
    append_post(out, "/v1/chat/completions", buffer_span(&body), false);
    buffer_free(&body);
}

static void make_request(struct talk *talk, int question)
{
    struct buffer body = {0};
    char text[200];
    /* A body that looks like a request line must never be taken for one. */
    snprintf(text, sizeof(text),
             "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"%d "
             "\\r\\nPOST /v1/chat/completions HTTP/1.1\"}]}",
             question);
    buffer_append_text(&body, text);
    if (talk->kind == GET)
        buffer_append_text(&talk->request,
                           "GET /v1/models HTTP/1.1\r\nHost: api.openai.com\r\n\r\n");
    else
        append_post(&talk->request,
                    talk->kind == OTHER_POST ? "/upload" : "/v1/chat/completions",
                    buffer_span(&body), chance(3) == 0);
    if (rewriting && talk->kind != GET && talk->kind != OTHER_POST)
        append_cold(&talk->sent, span_skip(buffer_span(&body), 1));
    else
        buffer_append_span(&talk->sent, buffer_span(&talk->request));
    buffer_free(&body);
}

static void expect_upstream(int number)
{
    buffer_append_span(&upstream.expected, buffer_span(&talks[number].sent));
    upstream.ends[upstream.count] = upstream.expected.size;
    upstream.owner[upstream.count++] = number;
}

/* -- the upstream -------------------------------------------------------------------- */

static void answer(int number)
{
    struct span body = buffer_span(&talks[number].answer);
    struct buffer *out = &upstream.answers;
    char size[64];
    if (chance(4) == 0)
        buffer_append_text(out, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
    snprintf(size, sizeof(size), "HTTP/1.1 %u Status\r\n", talks[number].status);
    buffer_append_text(out, size);
    buffer_append_text(out, "Content-Type: application/json\r\n");
    if (chance(2)) {
        buffer_append_text(out, "Content-Length: ");
        buffer_append_decimal(out, body.size);
        buffer_append_text(out, "\r\n\r\n");
        buffer_append_span(out, body);
        return;
    }
    buffer_append_text(out, "Transfer-Encoding: chunked\r\n\r\n");
    while (body.size) {
        size_t count = 1 + chance(700);
        count = count < body.size ? count : body.size;
        snprintf(size, sizeof(size), "%zX;x=y\r\n", count);
        buffer_append_text(out, size);
        buffer_append(out, body.at, count);
        buffer_append_text(out, "\r\n");
        body = span_skip(body, count);
    }
    buffer_append_text(out, "0\r\nTrailer: t\r\n\r\n");
}

static int play_write(SSL *ssl, const void *data, int size)
{
    (void)ssl;
    if (chance(4) == 0) {
        upstream.error = SSL_ERROR_WANT_WRITE;
        return -1;
    }
    if (chance(2))
        size = 1 + (int)chance((unsigned)size); /* SSL_MODE_ENABLE_PARTIAL_WRITE */
    buffer_append(&upstream.received, data, (size_t)size);
    while (upstream.answered < upstream.count &&
           upstream.received.size >= upstream.ends[upstream.answered])
        answer(upstream.owner[upstream.answered++]);
    return size;
}

static int play_read(SSL *ssl, void *data, int size)
{
    (void)ssl;
    if (upstream.answers.size == 0 || chance(4) == 0) {
        upstream.error = SSL_ERROR_WANT_READ;
        return -1;
    }
    size_t count =
        upstream.answers.size < (size_t)size ? upstream.answers.size : (size_t)size;
    count = 1 + chance((unsigned)count);
    memcpy(data, upstream.answers.at, count);
    buffer_drop_front(&upstream.answers, count);
    return (int)count;
}

static int play_peek(SSL *ssl, void *data, int size)
{
    (void)ssl;
    (void)data;
    (void)size;
    return -1;
}

static int play_get_error(const SSL *ssl, int result)
{
    (void)ssl;
    return result > 0 ? SSL_ERROR_NONE : upstream.error;
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
    .SSL_peek = play_peek,
    .SSL_write = play_write,
    .SSL_get_error = play_get_error,
    .SSL_get_fd = play_get_fd,
    .SSL_get_verify_result = play_verified,
    .SSL_get_certificate = play_no_certificate,
    .SSL_get0_alpn_selected = play_alpn,
};

/* -- the program --------------------------------------------------------------------- */

struct program {
    struct buffer written; /* everything it has to write from here on */
    size_t written_at, last_size;
    struct http_parser *parser;
    int next; /* the talk whose answer comes next */
    bool wrong;
};

static void take_answer(struct program *program)
{
    const struct response *response = http_response(program->parser);
    if (http_parser_interim(program->parser))
        return;
    struct span expected = buffer_span(&talks[program->next].body);
    unsigned status = talks[program->next].kind == REFUSED ? 400 : 200;
    program->wrong = program->wrong || response->status != status ||
                     !span_equal(response->body, expected);
    program->next++;
}

static void read_some(struct program *program)
{
    uint8_t data[1024];
    connection->answer.ours = false;
    int got = ssl_give(connection, data, 1 + chance(sizeof(data) - 1), false);
    struct pollfd entry = {link_ends[0], POLLIN, 0};
    if (got < 0 && connection_available(connection))
        program->wrong = true;
    if (got < 0 && connection->answer.ours && poll(&entry, 1, 0) == 0)
        program->wrong = true; /* would wait for ever */
    for (int at = 0; at < got;) {
        at += (int)http_parser_feed(program->parser, data + at, (size_t)(got - at), 0);
        enum http_state state = http_parser_state(program->parser);
        if (state == HTTP_BODY)
            http_parser_keep_body(program->parser, 1 << 20);
        if (state == HTTP_COMPLETE)
            take_answer(program);
        if (state == HTTP_ERROR) {
            program->wrong = true;
            return;
        }
    }
}

/* A refused write is repeated with the same bytes, as OpenSSL demands. */
static void write_some(struct program *program)
{
    size_t left = program->written.size - program->written_at;
    size_t size = program->last_size;
    if (size == 0)
        size = chance(3) ? left : 1 + chance((unsigned)left);
    int sent = ssl_take(connection, program->written.at + program->written_at, size);
    program->last_size = sent > 0 ? 0 : size;
    if (sent > 0)
        program->written_at += (size_t)sent;
}

static void converse(struct program *program, int until)
{
    for (int steps = 0; program->next < until && !program->wrong && steps < 100000;
         steps++) {
        if (program->written_at < program->written.size && chance(2))
            write_some(program);
        else
            read_some(program);
    }
}

/* The descriptor is the program's own again once everything has been read. */
static bool descriptor_is_back(void)
{
    struct pollfd entry = {link_ends[0], POLLIN, 0};
    return !descriptor_swapped(&connection->descriptor) && poll(&entry, 1, 0) == 0;
}

static bool play(bool pipelined)
{
    struct program program = {.parser = http_response_parser_new()};
    for (int i = 0; i < REQUESTS; i++) {
        buffer_append_span(&program.written, buffer_span(&talks[i].request));
        if (!pipelined)
            converse(&program, i + 1);
    }
    converse(&program, REQUESTS);
    bool good =
        !program.wrong && program.next == REQUESTS && descriptor_is_back() &&
        span_equal(buffer_span(&upstream.received), buffer_span(&upstream.expected));
    http_parser_free(program.parser);
    buffer_free(&program.written);
    return good;
}

static void reset(void)
{
    for (int i = 0; i < REQUESTS; i++) {
        buffer_free(&talks[i].request);
        buffer_free(&talks[i].sent);
        buffer_free(&talks[i].body);
        buffer_free(&talks[i].answer);
    }
    buffer_free(&upstream.expected);
    buffer_free(&upstream.received);
    buffer_free(&upstream.answers);
    memset(&upstream, 0, sizeof(upstream));
}

static void open_connection(void)
{
    connection = connection_get((SSL *)&ssl_place, (const void *)play_read, true);
    connection->checked = true;
    connection->started = true;
}

/* The answers of questions that have been asked before, by their number: those of the first
 * round an hour ago, those of the second just now. */
static struct buffer known[2 * REQUESTS];

static void prepare_known(struct talk *talk, int number)
{
    static const unsigned failures[] = {429, 500, 502, 503, 504, 529};
    int question = (int)chance(REQUESTS) + (talk->kind == HIT ? REQUESTS : 0);
    make_request(talk, question);
    if (talk->kind != REFUSED)
        buffer_append_span(&talk->body, buffer_span(&known[question]));
    if (talk->kind == HIT)
        return;
    make_body(&talk->answer, number);
    if (talk->kind == REFUSED)
        buffer_append_span(&talk->body, buffer_span(&talk->answer));
    talk->status = talk->kind == REFUSED ? 400 : failures[chance(6)];
    expect_upstream(number);
}

static void prepare_new(struct talk *talk, int number, int question)
{
    make_request(talk, question);
    make_body(&talk->answer, number);
    buffer_append_span(&talk->body, buffer_span(&talk->answer));
    talk->status = 200;
    expect_upstream(number);
    if (question < 2 * REQUESTS)
        buffer_append_span(&known[question], buffer_span(&talk->body));
}

static void prepare_talk(int i, int round, bool all_new)
{
    struct talk *talk = &talks[i];
    talk->kind = all_new ? MISS : (enum kind)chance(KINDS);
    if (talk->kind == HIT || talk->kind == STALE || talk->kind == REFUSED)
        prepare_known(talk, i);
    else
        prepare_new(talk, i, all_new ? round * REQUESTS + i : 1000 * round + i);
}

static bool run_round(int round, bool all_new)
{
    seed = (unsigned long long)round * 2654435761u + 17;
    reset();
    for (int i = 0; i < REQUESTS; i++)
        prepare_talk(i, round, all_new);
    open_connection();
    bool good = play(chance(2) && !all_new);
    connection_drop(connection);
    return good;
}

static void test_conversations(void)
{
    clock_shift = -AGE;
    CHECK(run_round(0, true));
    clock_shift = 0;
    CHECK(run_round(1, true));
    for (int round = 2; round <= ROUNDS; round++)
        if (!unit_check(run_round(round, false), __FILE__, __LINE__, "round %d", round))
            break;
    reset();
    for (int i = 0; i < 2 * REQUESTS; i++)
        buffer_free(&known[i]);
}

static void test_rewritten_conversations(void)
{
    struct config *config = (struct config *)(uintptr_t)core_config();
    config->policy.stochastic = STOCHASTIC_ZERO;
    config->keying[0] = 1;
    rewriting = true;
    test_conversations();
}

int main(void)
{
    char directory[] = "/tmp/preecho-unit-XXXXXX";
    static _Atomic int watching;
    static const struct stub_api stub = {.watching = &watching};
    if (!mkdtemp(directory))
        return 1;
    setenv("XDG_CACHE_HOME", directory, 1);
    setenv("XDG_CONFIG_HOME", directory, 1);
    setenv("PREECHO_TTL", "30m", 1);
    if (core_start() != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, link_ends) != 0)
        return 1;
    libssl_start(&stub);
    hello_start(&watching);
    libssl_adopt((const void *)play_read, &played);
    RUN(test_conversations);
    RUN(test_rewritten_conversations);
    CHECK_INT(watching, 0);
    char command[64];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) == 0 ? unit_end() : 1;
}
