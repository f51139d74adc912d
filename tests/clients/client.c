/* SPDX-License-Identifier: MIT */
/* Command line, requests and small helpers of the C clients; see client.h. */
#define _GNU_SOURCE
#include "client.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void fail(int status, const char *format, ...)
{
    static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER;
    va_list arguments;
    va_start(arguments, format);
    /* Kept: of several threads that fail at the same time one speaks for all. */
    pthread_mutex_lock(&first);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    fflush(stdout);
    _exit(status);
}

void text_add(struct text *text, const void *bytes, size_t size)
{
    char *at = realloc(text->at, text->size + size + 1);
    if (at == NULL) {
        fail(EXIT_TRANSPORT, "out of memory");
    }
    if (size > 0) {
        memcpy(at + text->size, bytes, size);
    }
    text->at = at;
    text->size += size;
    text->at[text->size] = '\0';
}

void text_free(struct text *text)
{
    free(text->at);
    *text = (struct text){0};
}

static bool url_parse(struct url *url, const char *address)
{
    int end = 0;
    if (sscanf(address, "https://%127[^:/]:%7[0-9]%n", url->host, url->port, &end) == 2) {
        url->tls = true;
    } else if (sscanf(address, "http://%127[^:/]:%7[0-9]%n", url->host, url->port,
                      &end) != 2) {
        return false;
    }
    snprintf(url->path, sizeof url->path, "%s", address[end] ? address + end : "/");
    return true;
}

void job_parse(struct job *job, char **argv)
{
    int given = 0;
    while (argv[given] != NULL) {
        given++;
    }
    if (given < 3 || given > 5 || !url_parse(&job->url, argv[0])) {
        fail(EXIT_USAGE_ERROR, "usage: CLIENT [OPTION...] URL KEY BODY [COUNT [STEP]]");
    }
    job->address = argv[0];
    job->key = argv[1];
    job->body = argv[2];
    job->count = given > 3 ? atoi(argv[3]) : 1;
    job->step = given > 4 ? atoi(argv[4]) : 1;
}

char *job_body(const struct job *job, int index)
{
    struct text text = {0};
    char number[16];
    int digits = snprintf(number, sizeof number, "%d", 1 + index * job->step);
    const char *at = job->body;
    for (const char *mark; (mark = strstr(at, "@N@")) != NULL; at = mark + 3) {
        text_add(&text, at, (size_t)(mark - at));
        text_add(&text, number, (size_t)digits);
    }
    text_add(&text, at, strlen(at));
    return text.at;
}

struct text job_request(const struct job *job, int index, const char *fields)
{
    char *body = job_body(job, index), *head = NULL;
    bool bare = strcmp(job->key, "-") == 0;
    int size = asprintf(&head,
                        "POST %s HTTP/1.1\r\nHost: %s%s%s\r\n%s%s%s"
                        "Content-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n",
                        job->url.path, job->host ? job->host : job->url.host,
                        job->host ? "" : ":", job->host ? "" : job->url.port,
                        bare ? "" : "Authorization: Bearer ", bare ? "" : job->key,
                        bare ? "" : "\r\n", strlen(body), fields);
    struct text request = {0};
    text_add(&request, head, (size_t)size);
    text_add(&request, body, strlen(body));
    free(head);
    free(body);
    return request;
}

int tcp_connect(const struct url *url)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int result = getaddrinfo(url->host, url->port, &hints, &list);
    if (result != 0) {
        fail(EXIT_TRANSPORT, "%s: %s", url->host, gai_strerror(result));
    }
    int fd = -1;
    for (struct addrinfo *one = list; one != NULL; one = one->ai_next) {
        fd = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol);
        if (fd >= 0 && connect(fd, one->ai_addr, one->ai_addrlen) == 0) {
            break;
        }
        close(fd);
        fd = -1;
    }
    freeaddrinfo(list);
    if (fd < 0) {
        fail(EXIT_TRANSPORT, "%s:%s: connection failed", url->host, url->port);
    }
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}
