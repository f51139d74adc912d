/* SPDX-License-Identifier: MIT */
/* Leases: one holder among threads and processes, and no way of ending keeps one. */
#include "unit.h"

#include "store/lease.h"
#include "store/memory.h"
#include "store_place.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

static struct place place;
static struct store *store;
static struct tenant tenant;
static uint8_t key[STORE_KEY_SIZE], other[STORE_KEY_SIZE];

static int take(struct lease *lease)
{
    return lease_take(store, &tenant, key, lease);
}

/* What another process gets. */
static int take_elsewhere(const uint8_t *wanted)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct store *own = place_open(&place);
        struct lease lease;
        int result = lease_take(own, &tenant, wanted, &lease);
        _exit(-result);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? -WEXITSTATUS(status) : 1;
}

static void test_one_holder(void)
{
    struct lease first, second, third;
    unsigned before = open_descriptors();
    CHECK_INT(take(&first), STORE_OK);
    CHECK(first.held && !first.near);
    CHECK_INT(take(&second), STORE_BUSY);
    CHECK(!second.held && second.near);
    CHECK_INT(second.place, first.place);
    CHECK_INT(take_elsewhere(key), STORE_BUSY);
    CHECK_INT(take_elsewhere(other), STORE_OK);
    CHECK_INT(lease_take(store, &tenant, other, &third), STORE_OK);
    CHECK(third.place != first.place);
    CHECK_INT(open_descriptors(), before + 1);
    lease_release(store, &second); /* it was not held */
    CHECK_INT(take_elsewhere(key), STORE_BUSY);
    lease_release(store, &first);
    lease_release(store, &first);
    CHECK_INT(take_elsewhere(key), STORE_OK);
    CHECK_INT(take_elsewhere(other), STORE_BUSY);
    lease_release(store, &third);
    CHECK_INT(take_elsewhere(other), STORE_OK);
    CHECK_INT(open_descriptors(), before);
}

/* In any order: the list stays whole. */
static void test_many(void)
{
    enum { MANY = 50 };
    static struct lease leases[MANY];
    uint8_t name[STORE_KEY_SIZE];
    for (unsigned i = 0; i < MANY; i++) {
        number_key(i, 3, name);
        CHECK_INT(lease_take(store, &tenant, name, &leases[i]), STORE_OK);
    }
    for (unsigned i = 0; i < MANY; i++)
        lease_release(store, &leases[i * 7 % MANY]);
    for (unsigned i = 0; i < MANY; i += 10) {
        number_key(i, 3, name);
        CHECK_INT(take_elsewhere(name), STORE_OK);
    }
}

static void test_other_tenants(void)
{
    struct tenant stranger = place_tenant(store, "stranger");
    struct lease own, theirs;
    CHECK_INT(take(&own), STORE_OK);
    CHECK_INT(lease_take(store, &stranger, key, &theirs), STORE_OK);
    CHECK(own.place != theirs.place);
    lease_release(store, &own);
    lease_release(store, &theirs);
}

/* -- threads ----------------------------------------------------------------------------- */

static _Atomic unsigned holders, most, taken;

static void *compete(void *argument)
{
    (void)argument;
    for (unsigned i = 0; i < 500; i++) {
        struct lease lease;
        if (take(&lease) != STORE_OK) {
            CHECK(!lease.near);
            continue;
        }
        unsigned now = ++holders;
        most = now > most ? now : most;
        taken++;
        holders--;
        lease_release(store, &lease);
    }
    return NULL;
}

static void test_threads(void)
{
    pthread_t threads[8];
    for (unsigned i = 0; i < 8; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, compete, NULL), 0);
    for (unsigned i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(most, 1);
    CHECK(taken > 0);
    CHECK_INT(take_elsewhere(key), STORE_OK);
}

/* -- ways to end -------------------------------------------------------------------------- */

/* A process that holds the lease and has a child of its own; |ends|[1] is closed when both have
 * died. */
static pid_t start_holder(int ends[2])
{
    char byte;
    int ready[2];
    if (pipe(ends) != 0 || pipe(ready) != 0)
        exit(2);
    pid_t holder = fork();
    if (holder == 0) {
        struct store *own = place_open(&place);
        struct lease lease;
        if (lease_take(own, &tenant, key, &lease) == STORE_OK) {
            if (fork() > 0)
                (void)!write(ready[1], "", 1);
            else
                signal(SIGTERM, SIG_DFL);
            pause();
        }
        _exit(1);
    }
    close(ends[1]);
    close(ready[1]);
    CHECK_INT(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return holder;
}

static void test_kill_frees_it_though_a_child_lives(void)
{
    int ends[2];
    pid_t holder = start_holder(ends);
    CHECK_INT(take_elsewhere(key), STORE_BUSY);
    kill(holder, SIGKILL);
    waitpid(holder, NULL, 0);
    struct pollfd entry = {ends[0], POLLIN, 0};
    CHECK_INT(poll(&entry, 1, 0), 0); /* the child is still there */
    CHECK_INT(take_elsewhere(key), STORE_OK);
    close(ends[0]);
    kill(0, SIGTERM); /* the child; we are deaf to it */
}

static void test_fork(void)
{
    struct lease lease;
    int status = 0;
    CHECK_INT(take(&lease), STORE_OK);
    pid_t child = fork();
    if (child == 0) {
        struct lease again;
        store_after_fork(store);
        bool good = take(&again) == STORE_BUSY && !again.near;
        lease_release(store, &lease); /* the parent's */
        good = good && take(&again) == STORE_BUSY;
        unsigned before = open_descriptors();
        struct lease own;
        good = good && lease_take(store, &tenant, other, &own) == STORE_OK;
        good = good && open_descriptors() == before + 1;
        lease_release(store, &own);
        _exit(good ? 0 : 1);
    }
    waitpid(child, &status, 0);
    CHECK_INT(status, 0);
    CHECK_INT(take_elsewhere(key), STORE_BUSY);
    lease_release(store, &lease);
    CHECK_INT(take_elsewhere(key), STORE_OK);
}

static void test_another_program(void)
{
    int ends[2], status = 0;
    char byte;
    CHECK_INT(pipe(ends), 0);
    pid_t holder = fork();
    if (holder == 0) {
        struct store *own = place_open(&place);
        struct lease lease;
        dup2(ends[1], 1);
        if (lease_take(own, &tenant, key, &lease) == STORE_OK)
            execl("/bin/sh", "sh", "-c", "echo; sleep 20", (char *)NULL);
        _exit(1);
    }
    close(ends[1]);
    CHECK_INT(read(ends[0], &byte, 1), 1);
    CHECK_INT(take_elsewhere(key), STORE_OK);
    kill(holder, SIGKILL);
    waitpid(holder, &status, 0);
    close(ends[0]);
}

/* A host that closes all descriptors and opens others under the same numbers. */
static void test_closed_by_the_host(void)
{
    struct lease lease, second;
    CHECK_INT(take(&lease), STORE_OK);
    int number = store->leases.descriptor;
    CHECK(number >= 32);
    close(number);
    int file = open("/dev/null", O_RDONLY);
    CHECK_INT(dup2(file, number), number);
    close(file);
    CHECK_INT(take_elsewhere(key), STORE_OK);
    CHECK_INT(lease_take(store, &tenant, other, &second), STORE_OK);
    lease_release(store, &lease);
    lease_release(store, &second);
    CHECK(fcntl(number, F_GETFD) >= 0); /* the host's file */
    close(number);
    CHECK_INT(take(&lease), STORE_OK);
    CHECK_INT(take_elsewhere(key), STORE_BUSY);
    lease_release(store, &lease);
}

/* -- waiting ------------------------------------------------------------------------------- */

static void test_waiting(void)
{
    struct lease lease;
    int ends[2], status = 0;
    CHECK_INT(take(&lease), STORE_OK);
    CHECK_INT(pipe(ends), 0);
    pid_t waiter = fork();
    if (waiter == 0) {
        (void)!write(ends[1], "", 1);
        int result = lease_await(place.store, lease.place);
        (void)!write(ends[1], "", 1);
        _exit(result == STORE_OK ? 0 : 1);
    }
    char byte;
    struct pollfd entry = {ends[0], POLLIN, 0};
    CHECK_INT(read(ends[0], &byte, 1), 1);
    CHECK_INT(poll(&entry, 1, 200), 0);
    lease_release(store, &lease);
    CHECK_INT(poll(&entry, 1, 5000), 1);
    waitpid(waiter, &status, 0);
    CHECK_INT(status, 0);
    close(ends[0]);
    close(ends[1]);
    CHECK_INT(take_elsewhere(key), STORE_OK);
}

static void test_few_descriptors(void)
{
    struct rlimit before, few = {16, 16};
    struct lease lease;
    CHECK_INT(getrlimit(RLIMIT_NOFILE, &before), 0);
    few.rlim_max = before.rlim_max;
    unsigned open = open_descriptors();
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &few), 0);
    CHECK_INT(take(&lease), STORE_UNAVAILABLE);
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &before), 0);
    CHECK_INT(open_descriptors(), open);
}

/* -- failures ------------------------------------------------------------------------------ */

static void test_failures(void)
{
    struct lease lease;
    char path[512];
    snprintf(path, sizeof(path), "%s", place_path(&place, "leases"));
    CHECK_INT(chmod(path, 0622), 0);
    CHECK_INT(take(&lease), STORE_REFUSED);
    CHECK_INT(unlink(path), 0);
    CHECK_INT(symlink("/dev/null", path), 0);
    CHECK_INT(take(&lease), STORE_REFUSED);
    CHECK_INT(unlink(path), 0);
    CHECK_INT(mkdir(path, 0700), 0);
    CHECK(take(&lease) < 0 && !lease.held);
    lease_release(store, &lease);
    CHECK_INT(rmdir(path), 0);
    unsigned before = open_descriptors();
    memory_fail_from(1); /* none is needed */
    CHECK_INT(take(&lease), STORE_OK);
    lease_release(store, &lease);
    memory_fail_from(0);
    CHECK_INT(open_descriptors(), before);
    struct stat status;
    CHECK_INT(stat(path, &status), 0);
    CHECK_INT(status.st_size, 0);
    CHECK_INT(status.st_mode & 0777, 0600);
}

int main(void)
{
    signal(SIGTERM, SIG_IGN);
    setpgid(0, 0);
    place_make(&place);
    store = place_open(&place);
    tenant = place_tenant(store, "alice");
    number_key(1, 1, key);
    number_key(2, 1, other);
    RUN(test_one_holder);
    RUN(test_many);
    RUN(test_other_tenants);
    RUN(test_threads);
    RUN(test_kill_frees_it_though_a_child_lives);
    RUN(test_fork);
    RUN(test_another_program);
    RUN(test_closed_by_the_host);
    RUN(test_waiting);
    RUN(test_few_descriptors);
    RUN(test_failures);
    store_close(store);
    place_remove(&place);
    return unit_end();
}
