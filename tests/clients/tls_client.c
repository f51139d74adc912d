/* SPDX-License-Identifier: MIT */
/* A program that calls libssl itself, in the style of I/O that --style names.
 *
 * usage: tls_client [OPTION...] URL KEY BODY [COUNT [STEP]]
 *   --style NAME    blocking, select, poll, epoll, epoll-edge, epoll-oneshot, memory
 *   --sleep MS      wait before each request, also between handshake and first request
 *   --pause MS      wait between the requests
 *   --pipeline      all requests in one SSL_write
 *   --ex            SSL_read_ex and SSL_write_ex
 *   --peek          SSL_peek before each SSL_read
 *   --read N        read at most N bytes at once
 *   --write N       write at most N bytes at once
 *   --field TEXT    a further header field
 *   --host NAME     ask for this host, wherever URL leads
 *   --raw           BODY is a file: send its bytes as they are, print the answer's bytes
 *   --own-verify    verify certificates by a callback of the program's own
 *   --abort         close the connection after the first bytes of the answer
 */
#define _GNU_SOURCE
#include "session.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    struct session session;
    int sleep_ms, pause_ms;
    bool pipeline, raw, abort, own_verify;
    struct text fields;
    const char *host;
};

static const struct option long_options[] = {
    {"style", 1, NULL, 's'},      {"sleep", 1, NULL, 'w'}, {"pause", 1, NULL, 'u'},
    {"pipeline", 0, NULL, 'p'},   {"ex", 0, NULL, 'e'},    {"peek", 0, NULL, 'k'},
    {"read", 1, NULL, 'r'},       {"write", 1, NULL, 'o'}, {"field", 1, NULL, 'f'},
    {"raw", 0, NULL, 'R'},        {"abort", 0, NULL, 'a'}, {"host", 1, NULL, 'H'},
    {"own-verify", 0, NULL, 'V'}, {NULL, 0, NULL, 0},
};

static void take_option(struct options *options, int letter)
{
    switch (letter) {
    case 's':
        options->session.style = style_parse(optarg);
        break;
    case 'w':
        options->sleep_ms = atoi(optarg);
        break;
    case 'u':
        options->pause_ms = atoi(optarg);
        break;
    case 'p':
        options->pipeline = true;
        break;
    case 'e':
        options->session.use_ex = true;
        break;
    case 'k':
        options->session.peek = true;
        break;
    case 'r':
        options->session.read_size = strtoul(optarg, NULL, 10);
        break;
    case 'o':
        options->session.write_size = strtoul(optarg, NULL, 10);
        break;
    case 'f':
        text_add(&options->fields, optarg, strlen(optarg));
        text_add(&options->fields, "\r\n", 2);
        break;
    case 'H':
        options->host = optarg;
        break;
    case 'R':
        options->raw = true;
        break;
    case 'a':
        options->abort = true;
        break;
    case 'V':
        options->own_verify = true;
        break;
    default:
        fail(EXIT_USAGE_ERROR, "see the head of tls_client.c");
    }
}

static struct text file_bytes(const char *path)
{
    struct text text = {0};
    char bytes[1024];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail(EXIT_USAGE_ERROR, "%s: cannot be read", path);
    }
    for (size_t size; (size = fread(bytes, 1, sizeof bytes, file)) > 0;) {
        text_add(&text, bytes, size);
    }
    fclose(file);
    return text;
}

static struct text request_bytes(const struct options *options, const struct job *job,
                                 int index)
{
    if (options->raw) {
        return file_bytes(job->body);
    }
    return job_request(job, index, options->fields.at ? options->fields.at : "");
}

/* Writes requests |from| to |to| in one go. */
static bool write_requests(struct options *options, const struct job *job, int from,
                           int to)
{
    struct text bytes = {0};
    for (int i = from; i < to; i++) {
        struct text one = request_bytes(options, job, i);
        text_add(&bytes, one.at, one.size);
        text_free(&one);
    }
    bool good = session_write(&options->session, &bytes);
    text_free(&bytes);
    return good;
}

/* One answer printed; false when the connection cannot be used again. */
static bool read_answer(struct options *options, struct text *rest, int *status)
{
    struct response response = {0};
    bool good = session_read(&options->session, &response, rest);
    if (!good) {
        fprintf(stderr, "the answer did not arrive whole\n");
        *status = EXIT_TRANSPORT;
    } else if (response.status >= 300) {
        *status = EXIT_HTTP_ERROR;
    }
    if (options->raw) {
        fwrite(response.raw.at, 1, response.raw.size, stdout);
    } else {
        response_print(&response);
    }
    good = good && !response.close;
    response_free(&response);
    return good;
}

static void abort_early(struct options *options)
{
    char bytes[64];
    if (options->session.style != STYLE_BLOCKING) {
        fail(EXIT_USAGE_ERROR, "--abort is for --style blocking");
    }
    if (SSL_read(options->session.ssl, bytes, sizeof bytes) > 0) {
        fwrite(bytes, 1, 8, stdout);
    }
    session_close(&options->session);
}

/* The connection for request |index|: a new one where there is none, or where the server
 * has closed the old one while the program was waiting. */
static void have_session(struct options *options, SSL_CTX *context, const struct job *job,
                         int index)
{
    struct session *session = &options->session;
    int ms = options->sleep_ms + (index > 0 ? options->pause_ms : 0);
    if (session->ssl == NULL) {
        session_open(session, context, &job->url);
    }
    if (ms > 0 && !session_idle(session, ms)) {
        session_close(session);
        session_open(session, context, &job->url);
    }
}

static int verify_own(X509_STORE_CTX *store, void *argument)
{
    (void)argument;
    return X509_verify_cert(store);
}

static int run(struct options *options, const struct job *job)
{
    SSL_CTX *context = session_context();
    if (options->own_verify) {
        SSL_CTX_set_cert_verify_callback(context, verify_own, NULL);
    }
    struct text rest = {0};
    int status = 0, written = 0;
    for (int i = 0; i < job->count; i++) {
        if (written <= i) {
            int to = options->pipeline ? job->count : i + 1;
            have_session(options, context, job, i);
            if (!write_requests(options, job, i, to)) {
                fail(EXIT_TRANSPORT, "the request could not be written");
            }
            written = to;
        }
        if (options->abort) {
            abort_early(options);
        } else if (!read_answer(options, &rest, &status)) {
            session_close(&options->session);
            text_free(&rest);
            written = i + 1; /* what was pipelined behind it is asked again */
        }
    }
    if (options->session.ssl != NULL) {
        session_close(&options->session);
    }
    text_free(&rest);
    SSL_CTX_free(context);
    return status;
}

int main(int argc, char **argv)
{
    struct options options = {.session.read_size = SCRATCH_SIZE};
    int letter;
    while ((letter = getopt_long(argc, argv, "+", long_options, NULL)) != -1) {
        take_option(&options, letter);
    }
    struct job job = {0};
    job_parse(&job, argv + optind);
    job.host = options.host;
    options.session.host = options.host;
    int status = run(&options, &job);
    text_free(&options.fields);
    return status;
}
