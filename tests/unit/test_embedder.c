/* SPDX-License-Identifier: MIT */
/* The embedding endpoint's client against a little server that is slow, dead, cuts off, lies. */
#include "unit.h"

#include "embedder_ask.h"
#include "store/memory.h"
#include "store_place.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <time.h>

static struct vector vector;

/* -- addresses ------------------------------------------------------------------------- */

static void check_url(const char *url, bool far, const char *host, const char *path)
{
    struct embedder embedder;
    const char *problem = embedder_set(&embedder, span_text(url), span_text("m"), far);
    unit_check((problem == NULL) == (host != NULL), __FILE__, __LINE__, "%s: %s", url,
               problem ? problem : "taken");
    if (problem || !host)
        return;
    CHECK_TEXT(embedder.host, host);
    CHECK_TEXT(embedder.path, path);
    CHECK_INT(embedder.deadline_ms, EMBEDDER_DEADLINE_MS);
}

static void test_urls(void)
{
    const char *path = "/v1/embeddings";
    check_url("http://127.0.0.1:8080/v1/embeddings", false, "127.0.0.1:8080", path);
    check_url("http://127.9.9.9", false, "127.9.9.9", path);
    check_url("http://localhost:11434/", false, "localhost:11434", path);
    check_url("http://[::1]:80/x?y=z", false, "[::1]:80", "/x?y=z");
    check_url("http://[::1]", false, "[::1]", path);
    check_url("http://10.0.0.1:1/", true, "10.0.0.1:1", path);
    check_url("http://[2001:db8::1]:9/", true, "[2001:db8::1]:9", path);
    static const char *const bad[] = {"http://10.0.0.1/",      "http://[2001:db8::1]/",
                                      "http://128.0.0.1/",     "https://127.0.0.1/",
                                      "ftp://127.0.0.1/",      "http://",
                                      "http://:80/",           "http://example.com/",
                                      "http://127.0.0.1:0/",   "http://127.0.0.1:65536/",
                                      "http://127.0.0.1:80x/", "http://user@127.0.0.1/",
                                      "http://127.0.0.1/a b",  "http://127.0.0.1/a\r\nb",
                                      "http://[::1",           "http://[::1]80",
                                      "http://127.0.0.1/#x",   "http://127.1/"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        check_url(bad[i], false, NULL, NULL);
    check_url("http://example.com/", true, NULL, NULL);
}

static struct embedder embedder_at(unsigned port)
{
    struct embedder embedder;
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", port);
    CHECK(!embedder_set(&embedder, span_text(url), span_text("mod\"el"), false));
    embedder.dimensions = 3;
    embedder.deadline_ms = 20000; /* the machine may be busy */
    return embedder;
}

static void test_request(void)
{
    struct embedder embedder = embedder_at(7);
    struct buffer request = {0};
    embedder_request(&embedder, span_text("a\"\\\n\xc3\xa4\xff\xed\xa0\x80\xe2\x82."),
                     &request);
    buffer_append_byte(&request, 0);
    CHECK_TEXT(
        (char *)request.at,
        "POST /v1/embeddings HTTP/1.1\r\nHost: 127.0.0.1:7\r\n"
        "Content-Type: application/json\r\nAccept: application/json\r\n"
        "Connection: close\r\nContent-Length: 100\r\n\r\n"
        "{\"model\":\"mod\\u0022el\",\"input\":\"a\\u0022\\u005c\\u000a\xc3\xa4"
        "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd.\","
        "\"encoding_format\":\"float\"}");
    buffer_free(&request);
}

/* -- responses ------------------------------------------------------------------------- */

#define GOOD                                                                             \
    "{\"object\":\"list\",\"model\":\"mod\\\"el\",\"data\":[{\"index\":0,\"embedding\":" \
    "[1, -0.5, 2.5e-1]}],\"usage\":{\"total_tokens\":3}}"

static void check_response(const char *response, enum embedded expected)
{
    struct embedder embedder = embedder_at(7);
    enum embedded found = embedder_response(&embedder, span_text(response), &vector);
    unit_check(found == expected, __FILE__, __LINE__, "%s instead of %s: %.300s",
               embedded_text(found), embedded_text(expected), response);
}

static void check_body(const char *body, enum embedded expected)
{
    char response[1024];
    snprintf(response, sizeof(response),
             "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu"
             "\r\n\r\n%s",
             strlen(body), body);
    check_response(response, expected);
    if (expected == EMBEDDED_OK)
        for (size_t size = 0; size < strlen(response); size++) {
            struct embedder embedder = embedder_at(7);
            CHECK(embedder_response(&embedder, span_of(response, size), &vector) !=
                  EMBEDDED_OK);
        }
}

static void test_bodies(void)
{
    check_body(GOOD, EMBEDDED_OK);
    CHECK(vector.dimensions == 3 && vector.coarse[0] == 127 && vector.coarse[1] == -64);
    check_body("", EMBEDDED_UNREADABLE);
    check_body("garbage", EMBEDDED_UNREADABLE);
    check_body("[]", EMBEDDED_UNREADABLE);
    check_body("{\"model\":\"mod\\\"el\"}", EMBEDDED_UNREADABLE);
    check_body("{\"model\":\"mod\\\"el\",\"data\":[]}", EMBEDDED_UNREADABLE);
    check_body("{\"model\":\"mod\\\"el\",\"data\":[{\"embedding\":[1,2,3]},"
               "{\"embedding\":[1,2,3]}]}",
               EMBEDDED_UNREADABLE);
    check_body("{\"model\":\"other\",\"data\":[{\"embedding\":[1,2,3]}]}",
               EMBEDDED_MODEL);
    check_body("{\"data\":[{\"embedding\":[1,2,3]}]}", EMBEDDED_MODEL);
    static const struct {
        const char *text;
        enum embedded expected;
    } vectors[] = {
        {"[1,2]", EMBEDDED_DIMENSIONS},      {"[1,2,3,4]", EMBEDDED_DIMENSIONS},
        {"[]", EMBEDDED_UNREADABLE},         {"[0,0,0]", EMBEDDED_UNREADABLE},
        {"[1,2,1e99]", EMBEDDED_UNREADABLE}, {"[1,2,null]", EMBEDDED_UNREADABLE},
        {"[1,2,NaN]", EMBEDDED_UNREADABLE},  {"\"AAAA\"", EMBEDDED_UNREADABLE},
        {"[[1,2,3]]", EMBEDDED_UNREADABLE},  {"null", EMBEDDED_UNREADABLE},
        {"[\"1\",2,3]", EMBEDDED_UNREADABLE}};
    for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
        char body[256];
        snprintf(body, sizeof(body),
                 "{\"model\":\"mod\\\"el\",\"data\":[{\"embedding\":%s}]}",
                 vectors[i].text);
        check_body(body, vectors[i].expected);
    }
}

static void test_framing(void)
{
    check_response("", EMBEDDED_DOWN);
    check_response("garbage\r\n\r\n", EMBEDDED_UNREADABLE);
    check_response("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", EMBEDDED_REFUSED);
    check_response("HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n{}", EMBEDDED_REFUSED);
    check_response("HTTP/1.0 200 OK\r\n\r\n" GOOD, EMBEDDED_OK);
    check_response("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n2\r\n}\n\r\n0\r\n\r\n",
                   EMBEDDED_UNREADABLE);
    check_response("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" GOOD,
                   EMBEDDED_OK);
    check_response("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" GOOD,
                   EMBEDDED_UNREADABLE);
}

/* -- a server -------------------------------------------------------------------------- */

enum manner { ANSWERS, CUTS, HANGS, TRICKLES, FLOODS, DROPS, SLOW_TO_ANSWER };

struct server {
    int listener;
    unsigned port;
    _Atomic enum manner manner;
    _Atomic bool ends;
    pthread_t thread;
};

static void pause_ms(long ms)
{
    struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

/* Until the client has gone. */
static void await_end(const struct server *server, int fd)
{
    char bytes[4096];
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    while (!server->ends)
        if (poll(&entry, 1, 20) > 0 && recv(fd, bytes, sizeof(bytes), 0) <= 0)
            return;
}

static void say(int fd, const char *text)
{
    (void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void answer(const struct server *server, int fd)
{
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
    enum manner manner = server->manner;
    char request[4096];
    if (manner == DROPS)
        return;
    (void)!recv(fd, request, sizeof(request), 0);
    if (manner == HANGS) {
        await_end(server, fd);
        return;
    }
    if (manner == SLOW_TO_ANSWER)
        pause_ms(50);
    if (manner == CUTS) {
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"model\"");
        return;
    }
    say(fd, head);
    while (manner == FLOODS && send(fd, request, 1024, MSG_NOSIGNAL) > 0)
        ;
    while (manner == TRICKLES && send(fd, " ", 1, MSG_NOSIGNAL) > 0)
        pause_ms(5);
    if (manner == ANSWERS || manner == SLOW_TO_ANSWER)
        say(fd, GOOD);
}

static void *serve(void *context)
{
    struct server *server = context;
    for (;;) {
        int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0 || server->ends) {
            if (fd >= 0)
                close(fd);
            return NULL;
        }
        answer(server, fd);
        close(fd);
    }
}

static void server_start(struct server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    *server = (struct server){.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    CHECK(bind(server->listener, (struct sockaddr *)&address, size) == 0);
    CHECK(listen(server->listener, 16) == 0);
    CHECK(getsockname(server->listener, (struct sockaddr *)&address, &size) == 0);
    server->port = ntohs(address.sin_port);
    CHECK(pthread_create(&server->thread, NULL, serve, server) == 0);
}

static void server_end(struct server *server)
{
    server->ends = true;
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
}

static void check_manner(struct server *server, enum manner manner, unsigned deadline_ms,
                         enum embedded expected)
{
    struct embedder embedder = embedder_at(server->port);
    struct timespec before, after;
    server->manner = manner;
    embedder.deadline_ms = deadline_ms;
    errno = 77;
    clock_gettime(CLOCK_MONOTONIC, &before);
    enum embedded found = embedder_ask(&embedder, span_text("a question"), &vector);
    clock_gettime(CLOCK_MONOTONIC, &after);
    double ms = (double)(after.tv_sec - before.tv_sec) * 1e3 +
                (double)(after.tv_nsec - before.tv_nsec) / 1e6;
    unit_check(found == expected, __FILE__, __LINE__, "manner %d: %s instead of %s",
               manner, embedded_text(found), embedded_text(expected));
    CHECK_INT(errno, 77);
    if (expected == EMBEDDED_LATE)
        CHECK(ms >= deadline_ms);
}

static void test_server(void)
{
    struct server server;
    server_start(&server);
    unsigned descriptors = open_descriptors();
    check_manner(&server, ANSWERS, 20000, EMBEDDED_OK);
    CHECK(vector.dimensions == 3 && vector.coarse[0] == 127);
    check_manner(&server, SLOW_TO_ANSWER, 20000, EMBEDDED_OK);
    check_manner(&server, CUTS, 20000, EMBEDDED_UNREADABLE);
    check_manner(&server, HANGS, 120, EMBEDDED_LATE);
    check_manner(&server, TRICKLES, 120, EMBEDDED_LATE);
    check_manner(&server, FLOODS, 20000, EMBEDDED_UNREADABLE);
    check_manner(&server, DROPS, 20000, EMBEDDED_DOWN);
    check_manner(&server, ANSWERS, 20000, EMBEDDED_OK);
    CHECK(open_descriptors() <= descriptors); /* the server has closed its own, too */
    server_end(&server);
    check_manner(&server, ANSWERS, 20000, EMBEDDED_DOWN);
}

/* A listener that nobody asks for connections, its queue full: they are never made. */
static void test_nobody(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), waiting[4];
    CHECK(bind(listener, (struct sockaddr *)&address, size) == 0);
    CHECK(listen(listener, 0) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    for (size_t i = 0; i < 4; i++) {
        waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)!connect(waiting[i], (struct sockaddr *)&address, size);
    }
    struct embedder embedder = embedder_at(ntohs(address.sin_port));
    embedder.deadline_ms = 100;
    CHECK_INT(embedder_ask(&embedder, span_text("x"), &vector), EMBEDDED_LATE);
    for (size_t i = 0; i < 4; i++)
        close(waiting[i]);
    close(listener);
}

static void test_texts(void)
{
    struct embedder embedder = embedder_at(1);
    struct buffer text = {0};
    CHECK_INT(embedder_ask(&embedder, span_text(""), &vector), EMBEDDED_TEXT);
    for (size_t i = 0; i <= EMBEDDER_TEXT; i++)
        buffer_append_byte(&text, 'x');
    CHECK_INT(embedder_ask(&embedder, buffer_span(&text), &vector), EMBEDDED_TEXT);
    buffer_free(&text);
}

static void test_memory(void)
{
    struct server server;
    server_start(&server);
    struct embedder embedder = embedder_at(server.port);
    enum embedded result = EMBEDDED_MEMORY;
    for (unsigned long from = 1; result != EMBEDDED_OK && from < 200; from++) {
        memory_fail_from(from);
        result = embedder_ask(&embedder, span_text("a question"), &vector);
        memory_fail_from(0);
        CHECK(result == EMBEDDED_OK || result == EMBEDDED_MEMORY ||
              result == EMBEDDED_UNREADABLE);
    }
    CHECK_INT(result, EMBEDDED_OK);
    server_end(&server);
}

int main(void)
{
    RUN(test_urls);
    RUN(test_request);
    RUN(test_bodies);
    RUN(test_framing);
    RUN(test_server);
    RUN(test_nobody);
    RUN(test_texts);
    RUN(test_memory);
    return unit_end();
}
