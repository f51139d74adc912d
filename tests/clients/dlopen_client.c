/* SPDX-License-Identifier: MIT */
/* Loads libssl with dlopen(RTLD_LOCAL) and finds its functions with dlsym, as .NET, Qt
 * and Julia do. Blocking.
 *
 * usage: dlopen_client URL KEY BODY [COUNT [STEP]] */
#define _GNU_SOURCE
#include "client.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#define VERIFY_PEER          1
#define CTRL_SET_SERVER_NAME 55

/* The few functions this program calls; pointers stand for libssl's own types. */
static struct {
    void *(*TLS_client_method)(void);
    void *(*SSL_CTX_new)(const void *method);
    int (*SSL_CTX_set_default_verify_paths)(void *context);
    void (*SSL_CTX_set_verify)(void *context, int mode, void *callback);
    void (*SSL_CTX_free)(void *context);
    void *(*SSL_new)(void *context);
    int (*SSL_set_fd)(void *ssl, int fd);
    int (*SSL_set1_host)(void *ssl, const char *host);
    long (*SSL_ctrl)(void *ssl, int command, long number, void *pointer);
    int (*SSL_connect)(void *ssl);
    int (*SSL_write)(void *ssl, const void *bytes, int size);
    int (*SSL_read)(void *ssl, void *bytes, int size);
    int (*SSL_shutdown)(void *ssl);
    void (*SSL_free)(void *ssl);
} tls;

static void *find(void *library, const char *name)
{
    void *found = dlsym(library, name);
    if (found == NULL) {
        fail(EXIT_TRANSPORT, "%s", dlerror());
    }
    return found;
}

#define FIND(name) *(void **)&tls.name = find(library, #name)

static void tls_load(void)
{
    void *library = dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fail(EXIT_TRANSPORT, "%s", dlerror());
    }
    FIND(TLS_client_method);
    FIND(SSL_CTX_new);
    FIND(SSL_CTX_set_default_verify_paths);
    FIND(SSL_CTX_set_verify);
    FIND(SSL_CTX_free);
    FIND(SSL_new);
    FIND(SSL_set_fd);
    FIND(SSL_set1_host);
    FIND(SSL_ctrl);
    FIND(SSL_connect);
    FIND(SSL_write);
    FIND(SSL_read);
    FIND(SSL_shutdown);
    FIND(SSL_free);
}

static void *tls_open(void *context, const struct url *url, int fd)
{
    void *ssl = tls.SSL_new(context);
    tls.SSL_set_fd(ssl, fd);
    tls.SSL_set1_host(ssl, url->host);
    tls.SSL_ctrl(ssl, CTRL_SET_SERVER_NAME, 0, (void *)url->host);
    if (tls.SSL_connect(ssl) != 1) {
        fail(EXIT_TRANSPORT, "TLS handshake failed");
    }
    return ssl;
}

static int ask(void *ssl, const struct job *job, int index)
{
    char bytes[1024];
    struct text request = job_request(job, index, "");
    struct response response = {0};
    if (tls.SSL_write(ssl, request.at, (int)request.size) != (int)request.size) {
        fail(EXIT_TRANSPORT, "the request could not be written");
    }
    while (response.state != RESPONSE_DONE) {
        int size = tls.SSL_read(ssl, bytes, sizeof bytes);
        if (size <= 0) {
            fail(EXIT_TRANSPORT, "the answer did not arrive whole");
        }
        response_feed(&response, bytes, (size_t)size);
    }
    response_print(&response);
    int status = response.status >= 300 ? EXIT_HTTP_ERROR : 0;
    response_free(&response);
    text_free(&request);
    return status;
}

int main(int argc, char **argv)
{
    struct job job = {0};
    job_parse(&job, argv + (argc > 1));
    tls_load();
    void *context = tls.SSL_CTX_new(tls.TLS_client_method());
    tls.SSL_CTX_set_default_verify_paths(context);
    tls.SSL_CTX_set_verify(context, VERIFY_PEER, NULL);
    int fd = tcp_connect(&job.url), status = 0;
    void *ssl = tls_open(context, &job.url, fd);
    for (int i = 0; i < job.count; i++) {
        status |= ask(ssl, &job, i);
    }
    tls.SSL_shutdown(ssl);
    tls.SSL_free(ssl);
    tls.SSL_CTX_free(context);
    close(fd);
    return status;
}
