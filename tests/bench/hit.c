/* SPDX-License-Identifier: MIT */
/* What a call costs a C program on libssl: one warm connection with a blocking socket,
 * timed from SSL_write to the last SSL_read. usage: hit HOST PORT CA COUNT [SEED] Prints
 * the median and the 99th percentile in microseconds. Without SEED it is the same
 * question again and again (hits, under preecho), with SEED a new one each time (misses).
 */
#include <netdb.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int connect_to(const char *host, const char *port)
{
    struct addrinfo *found, hints = {.ai_socktype = SOCK_STREAM};
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return -1;
    int fd = -1;
    for (struct addrinfo *at = found; at && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, at->ai_socktype, 0);
        if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

static SSL *open_tls(const char *host, const char *port, const char *ca)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    if (SSL_CTX_load_verify_locations(ctx, ca, NULL) != 1)
        return NULL;
    SSL *ssl = SSL_new(ctx);
    SSL_set_tlsext_host_name(ssl, host);
    SSL_set_fd(ssl, connect_to(host, port));
    return SSL_connect(ssl) == 1 ? ssl : NULL;
}

/* The size of the whole message once its head is in |text|; 0 before. */
static size_t whole_size(const char *text, size_t size)
{
    const char *end = memmem(text, size, "\r\n\r\n", 4);
    const char *field = strcasestr(text, "content-length:");
    if (!end || !field || field > end)
        return 0;
    return (size_t)(end + 4 - text) + strtoul(field + 15, NULL, 10);
}

static int write_question(char *request, size_t capacity, char **arguments, int number)
{
    char body[512];
    snprintf(body, sizeof(body),
             "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":"
             "\"How much does a call cost? %s %d\"}]}",
             arguments[5] ? arguments[5] : "", arguments[5] ? number : 0);
    return snprintf(request, capacity,
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: %s:%s\r\n"
                    "Authorization: Bearer sk-bench\r\nContent-Type: application/json\r\n"
                    "Content-Length: %zu\r\n\r\n%s",
                    arguments[1], arguments[2], strlen(body), body);
}

static double ask(SSL *ssl, char **arguments, int number)
{
    char request[1024];
    int size = write_question(request, sizeof(request), arguments, number);
    static char answer[65536];
    size_t got = 0, whole = 0;
    double start = now_us();
    if (SSL_write(ssl, request, size) != size)
        return -1;
    while (whole == 0 || got < whole) {
        int count = SSL_read(ssl, answer + got, (int)(sizeof(answer) - 1 - got));
        if (count <= 0)
            return -1;
        got += (size_t)count;
        answer[got] = 0;
        whole = whole ? whole : whole_size(answer, got);
    }
    return now_us() - start;
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

int main(int count, char **arguments)
{
    if (count != 5 && count != 6)
        return 64;
    SSL *ssl = open_tls(arguments[1], arguments[2], arguments[3]);
    int rounds = atoi(arguments[4]);
    double *times = calloc((size_t)rounds, sizeof(*times));
    if (!ssl || !times || ask(ssl, arguments, -1) < 0 || ask(ssl, arguments, -1) < 0) {
        fprintf(stderr, "hit: no answer from %s:%s\n", arguments[1], arguments[2]);
        return 69;
    }
    for (int i = 0; i < rounds; i++)
        times[i] = ask(ssl, arguments, i);
    qsort(times, (size_t)rounds, sizeof(*times), by_size);
    printf("%.1f %.1f\n", times[rounds / 2], times[rounds * 99 / 100]);
    return 0;
}
