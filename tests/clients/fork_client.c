/* SPDX-License-Identifier: MIT */
/* Forks after its first request.
 *
 * usage: fork_client [--daemon] URL KEY BODY [COUNT [STEP]]
 *
 * Request 1 is made before the fork. Without --daemon the child makes the others on a
 * connection of its own and the parent then makes them again on the old one. With
 * --daemon the parent does nothing more, and the child goes on with the connection that
 * it inherited, as programs do that go into the background. */
#define _GNU_SOURCE
#include "session.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int child_main(struct session *session, SSL_CTX *context, const struct job *job,
                      bool daemon)
{
    if (daemon) {
        return session_ask(session, job, 1, job->count);
    }
    struct session own = {.style = STYLE_BLOCKING, .read_size = SCRATCH_SIZE};
    session_open(&own, context, &job->url);
    int status = session_ask(&own, job, 1, job->count);
    session_close(&own);
    return status;
}

int main(int argc, char **argv)
{
    bool daemon = argc > 1 && strcmp(argv[1], "--daemon") == 0;
    struct job job = {0};
    job_parse(&job, argv + 1 + daemon);
    SSL_CTX *context = session_context();
    struct session session = {.style = STYLE_BLOCKING, .read_size = SCRATCH_SIZE};
    session_open(&session, context, &job.url);
    int status = session_ask(&session, &job, 0, 1), waited = 0;
    pid_t child = fork();
    if (child < 0) {
        fail(EXIT_TRANSPORT, "no child");
    }
    if (child == 0) {
        _exit(child_main(&session, context, &job, daemon));
    }
    waitpid(child, &waited, 0);
    status |= WIFEXITED(waited) ? WEXITSTATUS(waited) : EXIT_TRANSPORT;
    if (!daemon) {
        status |= session_ask(&session, &job, 1, job.count);
        session_close(&session);
    }
    SSL_CTX_free(context);
    return status;
}
