/* SPDX-License-Identifier: MIT */
/* Counting requests: per key, per test, in threads and children; and reading the test's
 * name from an environment that changes meanwhile. */
#include "unit.h"

#include "shim/core/core.h"
#include "shim/core/current_test.h"
#include "shim/core/samples.h"
#include "store/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The next number for the key that |seed| stands for; -1: none. */
static long long take(unsigned seed)
{
    uint8_t key[STORE_KEY_SIZE] = {0};
    struct sample_place sample;
    memcpy(key, &seed, sizeof(seed));
    return samples_take(key, &sample) == 0 ? (long long)sample.number : -1;
}

static void test_counts_per_key(void)
{
    for (int i = 0; i < 5; i++)
        CHECK_INT(take(1), i);
    CHECK_INT(take(2), 0);
    CHECK_INT(take(1), 5);
}

static void test_places_are_given_back(void)
{
    uint8_t key[STORE_KEY_SIZE] = {9, 9};
    struct sample_place first, second;
    CHECK_INT(samples_take(key, &first), 0);
    samples_return(&first);
    CHECK_INT(samples_take(key, &first), 0);
    CHECK_INT(first.number, 0);
    CHECK_INT(samples_take(key, &second), 0);
    samples_return(&first); /* somebody has gone by */
    CHECK_INT(samples_take(key, &first), 0);
    CHECK_INT(first.number, 2);
    struct sample_place unknown = {.number = 3};
    samples_return(&unknown);
}

static void test_short_memory(void)
{
    for (unsigned long at = 1; at < 10; at++) {
        memory_fail_from(at);
        long long got = take(100);
        memory_fail_from(0);
        CHECK(got == -1 || got == 0);
        if (got == 0)
            break;
        CHECK(at < 9);
    }
    CHECK_INT(take(100), 1);
}

static void *take_many(void *seen)
{
    for (int i = 0; i < 10000; i++) {
        long long got = take(200);
        if (got >= 0 && got < 40000)
            ((_Atomic char *)seen)[got]++;
    }
    return NULL;
}

static void test_threads(void)
{
    static _Atomic char seen[40000];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        if (!CHECK(pthread_create(&threads[i], NULL, take_many, (void *)seen) == 0))
            return;
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof(seen); i++)
        wrong += seen[i] != 1;
    CHECK_INT(wrong, 0);
}

/* A child goes on where its parent was, and the parent is not moved. */
static void test_children(void)
{
    int status = 0;
    CHECK_INT(take(300), 0);
    CHECK_INT(take(300), 1);
    pid_t child = fork();
    if (child == 0)
        _exit(take(300) == 2 && take(300) == 3 ? 0 : 1);
    CHECK(waitpid(child, &status, 0) == child);
    CHECK_INT(status, 0);
    CHECK_INT(take(300), 2);
}

static void test_tests_count_anew(void)
{
    CHECK_INT(take(400), 0);
    setenv("PYTEST_CURRENT_TEST", "test_a.py::test_one (setup)", 1);
    CHECK_INT(take(400), 0);
    setenv("PYTEST_CURRENT_TEST", "test_a.py::test_one (call)", 1);
    CHECK_INT(take(400), 1);
    setenv("PYTEST_CURRENT_TEST", "test_a.py::test_two (call)", 1);
    CHECK_INT(take(400), 0);
    setenv("PYTEST_CURRENT_TEST", "test_a.py::test_one (teardown)", 1);
    CHECK_INT(take(400), 2);
    unsetenv("PYTEST_CURRENT_TEST");
    CHECK_INT(take(400), 1);
}

/* -- the test's name ---------------------------------------------------------------- */

static void check_name(const char *expected)
{
    struct buffer out = {0};
    current_test(&out);
    buffer_append_byte(&out, 0);
    CHECK_TEXT((const char *)out.at, expected);
    buffer_free(&out);
}

static void test_names(void)
{
    static char long_name[2000] = "t";
    check_name("");
    setenv("PYTEST_CURRENT_TEST", "a.py::test[x (y)] (call)", 1);
    check_name("a.py::test[x (y)]");
    setenv("PYTEST_CURRENT_TEST", "a.py::no phase", 1);
    check_name("a.py::no phase");
    setenv("PYTEST_CURRENT_TEST", "(call)", 1);
    check_name("(call)");
    setenv("PYTEST_CURRENT_TEST", "", 1);
    check_name("");
    memset(long_name, 't', sizeof(long_name) - 1);
    setenv("PYTEST_CURRENT_TEST", long_name, 1);
    long_name[512] = 0;
    check_name(long_name);
    setenv("PYTEST_CURRENT_TEST", "a", 1);
    check_name("a");
    unsetenv("PYTEST_CURRENT_TEST");
}

/* Among many others, at every place, and beside texts and arrays that are not there. */
static void test_odd_environments(void)
{
    static char name[] = "PYTEST_CURRENT_TEST=here (call)", other[] = "A=b";
    static char *list[202];
    char **before = environ;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *edge =
        mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(munmap(edge + page, page) == 0);
    for (size_t at = 0; at < 200; at += 7) {
        for (size_t i = 0; i < 200; i++)
            list[i] = i % 5 ? other : edge + page + i; /* not there */
        list[at] = name;
        environ = list;
        check_name("here");
    }
    memcpy(edge + page - sizeof(name), name, sizeof(name)); /* up to the end of a page */
    list[196] = edge + page - sizeof(name);
    check_name("here");
    list[196] = edge + page - 3;
    check_name("");
    environ = (char **)(void *)(edge + page);
    check_name("");
    environ = NULL;
    check_name("");
    environ = before;
    munmap(edge, page);
}

static _Atomic bool over;

static void *change(void *nothing)
{
    char name[32];
    for (unsigned i = 0; !over; i++) {
        snprintf(name, sizeof(name), "VARIABLE_%u", i % 500);
        setenv(name, "value", 1);
        setenv("PYTEST_CURRENT_TEST", i % 2 ? "t (call)" : "t (setup)", 1);
        if (i % 500 == 499)
            for (unsigned j = 0; j < 500; j++) {
                snprintf(name, sizeof(name), "VARIABLE_%u", j);
                unsetenv(name);
            }
    }
    return nothing;
}

static void test_changing_environment(void)
{
    pthread_t thread;
    size_t odd = 0;
    if (!CHECK(pthread_create(&thread, NULL, change, NULL) == 0))
        return;
    for (int i = 0; i < 3000; i++) {
        struct buffer out = {0};
        current_test(&out);
        odd += out.size && !span_is(buffer_span(&out), "t");
        buffer_free(&out);
    }
    over = true;
    pthread_join(thread, NULL);
    CHECK_INT(odd, 0);
    check_name("t");
    unsetenv("PYTEST_CURRENT_TEST");
}

/* The last test: it fills the table. */
static void test_limit(void)
{
    unsigned counted = 0;
    char **before = environ;
    environ = NULL; /* nothing to be read a million times */
    for (unsigned i = 0; i < SAMPLES_LIMIT; i++)
        counted += take(1000 + i) == 0;
    environ = before;
    CHECK(counted < SAMPLES_LIMIT && counted > SAMPLES_LIMIT - 100);
    CHECK_INT(take(999999999), -1);
    CHECK_INT(take(1000), 1); /* those that are there go on */
}

int main(void)
{
    unsetenv("PYTEST_CURRENT_TEST");
    RUN(test_counts_per_key);
    RUN(test_places_are_given_back);
    RUN(test_short_memory);
    RUN(test_threads);
    RUN(test_children);
    RUN(test_tests_count_anew);
    RUN(test_names);
    RUN(test_odd_environments);
    RUN(test_changing_environment);
    RUN(test_limit);
    return unit_end();
}
