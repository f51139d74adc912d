/* SPDX-License-Identifier: MIT */
/* Two threads, each with its own TLS connection and half of the requests, at the same
 * time.
 *
 * usage: threads_client URL KEY BODY [COUNT [STEP]]
 * Prints the answers in the order of the requests. */
#define _GNU_SOURCE
#include "session.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 2

struct worker {
    const struct job *job;
    SSL_CTX *context;
    struct response *responses;
    int first;
};

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct session session = {.style = STYLE_POLL, .read_size = SCRATCH_SIZE};
    struct text rest = {0};
    session_open(&session, worker->context, &worker->job->url);
    for (int i = worker->first; i < worker->job->count; i += THREADS) {
        struct text request = job_request(worker->job, i, "");
        if (!session_write(&session, &request) ||
            !session_read(&session, &worker->responses[i], &rest)) {
            fail(EXIT_TRANSPORT, "request %d failed", i);
        }
        text_free(&request);
    }
    session_close(&session);
    text_free(&rest);
    return NULL;
}

int main(int argc, char **argv)
{
    struct job job = {0};
    job_parse(&job, argv + (argc > 1));
    SSL_CTX *context = session_context();
    struct response *responses = calloc((size_t)job.count, sizeof *responses);
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){&job, context, responses, i};
        if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0) {
            fail(EXIT_TRANSPORT, "no thread");
        }
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    int status = 0;
    for (int i = 0; i < job.count; i++) {
        response_print(&responses[i]);
        status = responses[i].status >= 300 ? EXIT_HTTP_ERROR : status;
        response_free(&responses[i]);
    }
    free(responses);
    SSL_CTX_free(context);
    return status;
}
