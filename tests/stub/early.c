/* SPDX-License-Identifier: MIT */
/* Uses hooked functions from a constructor, before the stub's own has run. Built as a
 * program, as a library of one, and as a preloaded library. Prints one line of what it
 * got. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

int SSL_connect(void *ssl);
int SSL_write(void *ssl, const void *data, int size);

#ifndef WHEN
#define WHEN "program"
#endif

__attribute__((constructor)) static void early(void)
{
    char text[128];
    struct iovec part = {text, 0};
    errno = 0;
    ssize_t sent = send(-1, "x", 1, 0);
    int send_errno = errno;
    void *found = dlsym(RTLD_DEFAULT, "getpid");
    part.iov_len = (size_t)snprintf(text, sizeof text, "%s: %d %d send %zd %s dlsym %d\n",
                                    WHEN, SSL_connect(NULL), SSL_write(NULL, "x", 1),
                                    sent, strerror(send_errno), found != NULL);
    if (write(1, "", 0) == 0)
        (void)!writev(1, &part, 1);
}

#ifdef PROGRAM
int main(void)
{
    return SSL_connect(NULL) == 1 ? 0 : 1;
}
#endif
