/* SPDX-License-Identifier: MIT */
/* Usage: state TEST... Linked to copy.c. Looks at what a hook must leave alone: errno,
 * dlerror(3), the state of children. Each test prints its name and what it saw. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

int SSL_connect(void *ssl);
int SSL_write(void *ssl, const void *data, int size);
int SSL_pending(const void *ssl);

static int start_errno;

__attribute__((constructor)) static void note_errno(void)
{
    start_errno = errno;
}

/* No copied function sets errno, and so nothing may. */
static void test_errno(void)
{
    printf("start %d\n", start_errno);
    for (int round = 0; round < 2; round++) {
        errno = EXDEV;
        int sum = SSL_pending(NULL) + SSL_connect(NULL) + SSL_write(NULL, "x", 1);
        printf("%d %s\n", sum, strerror(errno));
        errno = EXDEV;
        void *found = dlsym(RTLD_DEFAULT, "SSL_write");
        printf("dlsym %d %s\n", found != NULL, strerror(errno));
    }
}

static void test_libc_errno(void)
{
    struct iovec part = {NULL, 0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    errno = 0;
    printf("write %zd %s\n", write(-1, "x", 1), strerror(errno));
    errno = 0;
    printf("writev %zd %s\n", writev(-1, &part, 1), strerror(errno));
    errno = 0;
    printf("send %zd %s\n", send(0x7fff, "x", 1, 0), strerror(errno));
    errno = 0;
    printf("sendto %zd %s\n", sendto(-1, "x", 1, 0, NULL, 0), strerror(errno));
    errno = 0;
    printf("sendmsg %zd %s\n", sendmsg(-1, &message, 0), strerror(errno));
    errno = 0;
    printf("epoll %d %s\n", epoll_create1(-1), strerror(errno));
    errno = EXDEV;
    int set = epoll_create(1);
    printf("epoll %d %s\n", set >= 0, strerror(errno));
}

/* An error that the program has not yet asked for. Passing through does not touch it;
 * loading the core would: it is off in this test. */
static void test_dlerror(void)
{
    void *handle = dlopen("/nothing/there.so", RTLD_NOW);
    (void)!SSL_connect(NULL);
    (void)!SSL_pending(NULL);
    const char *message = dlerror();
    printf("%d %s\n", handle != NULL, message ? message : "lost");
    (void)!SSL_connect(NULL);
    message = dlerror();
    printf("%s\n", message ? message : "clear");
}

static void test_fork(void)
{
    fflush(stdout);
    pid_t child = fork();
    if (!child)
        _exit(SSL_connect(NULL) + SSL_write(NULL, "x", 1));
    int status = 0;
    waitpid(child, &status, 0);
    printf("child %d parent %d\n", WEXITSTATUS(status), SSL_connect(NULL));
}

static void test_vfork(void)
{
    fflush(stdout);
    pid_t child = vfork();
    if (!child) {
        (void)!write(1, "vforked\n", 8);
        execlp("echo", "echo", "executed", (char *)NULL);
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("child %d\n", WEXITSTATUS(status));
}

static pthread_barrier_t barrier;

static void *race(void *sum)
{
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 1000; i++)
        *(int *)sum += SSL_connect(NULL) + SSL_write(NULL, "x", 1) + SSL_pending(NULL);
    return NULL;
}

#define RACERS 8
static void test_threads(void)
{
    pthread_t threads[RACERS];
    int sums[RACERS] = {0}, total = 0;
    pthread_barrier_init(&barrier, NULL, RACERS);
    for (int i = 0; i < RACERS; i++)
        pthread_create(&threads[i], NULL, race, &sums[i]);
    for (int i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
        total += sums[i];
    }
    printf("sum %d\n", total);
}

static void say_cleaned(const int *unused)
{
    (void)unused;
    printf("cleaned up\n");
}

/* write(2) is a place where a thread may be cancelled. The unwinder, as it does for a C++
 * exception, then goes through the hook's frame to reach the handlers behind it. */
static void *fill(void *pipes)
{
    static char bytes[65536];
    __attribute__((cleanup(say_cleaned), unused)) int guard = 0;
    for (;;)
        (void)!write(((int *)pipes)[1], bytes, sizeof bytes);
    return NULL;
}

static void test_cancel(void)
{
    int pipes[2];
    pthread_t thread;
    void *result = NULL;
    (void)!pipe(pipes);
    pthread_create(&thread, NULL, fill, pipes);
    usleep(50000);
    pthread_cancel(thread);
    pthread_join(thread, &result);
    printf("cancelled %d\n", result == PTHREAD_CANCELED);
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    {"errno", test_errno},   {"libc_errno", test_libc_errno}, {"dlerror", test_dlerror},
    {"fork", test_fork},     {"vfork", test_vfork},           {"threads", test_threads},
    {"cancel", test_cancel},
};

int main(int count, char **arguments)
{
    for (int i = 1; i < count; i++) {
        for (size_t row = 0; row < sizeof tests / sizeof *tests; row++) {
            if (!strcmp(arguments[i], tests[row].name)) {
                printf("-- %s\n", tests[row].name);
                tests[row].run();
            }
        }
    }
    return 0;
}
