/* SPDX-License-Identifier: MIT */
/* Closes every descriptor after its first request and goes on, as daemons do.
 *
 * usage: closeall_client FILE URL KEY BODY [COUNT [STEP]]
 *
 * Request 1 is made; then 3 … 1023 are closed and FILE is opened again and again, for
 * reading and writing, so that it stands under the numbers that were in use; then the
 * other requests are made on a new connection. The program itself never writes to FILE.
 */
#define _GNU_SOURCE
#include "session.h"

#include <fcntl.h>
#include <unistd.h>

#define REOPENED 64

/* Makes requests |from| to |to| on a new connection and leaves it open. */
static int ask(struct session *session, SSL_CTX *context, const struct job *job, int from,
               int to)
{
    *session = (struct session){.style = STYLE_BLOCKING, .read_size = SCRATCH_SIZE};
    session_open(session, context, &job->url);
    return session_ask(session, job, from, to);
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fail(EXIT_USAGE_ERROR, "usage: closeall_client FILE URL KEY BODY [COUNT [STEP]]");
    }
    struct job job = {0};
    job_parse(&job, argv + 2);
    SSL_CTX *context = session_context();
    struct session first, second;
    int status = ask(&first, context, &job, 0, 1);
    for (int fd = 3; fd < 1024; fd++) {
        close(fd);
    }
    for (int i = 0; i < REOPENED; i++) {
        if (open(argv[1], O_RDWR) != 3 + i) {
            fail(EXIT_USAGE_ERROR, "%s: descriptor %d is taken", argv[1], 3 + i);
        }
    }
    return status | ask(&second, context, &job, 1, job.count);
}
