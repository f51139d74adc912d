/* SPDX-License-Identifier: MIT */
/* The process's settings and store, and how a forked child is told from its parent: a
 * page that the kernel wipes on fork (madvise(2), MADV_WIPEONFORK), so that no handler is
 * needed. */
#include "core.h"

#include "log.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* How long a thread waits for another one that opens the store. */
#define OPENING_US 50000

static struct config config;
static char program[64];

/* -- fork ---------------------------------------------------------------------------- */

/* The page's first word is the process's generation plus one; the kernel zeroes it in a
 * child. NULL: no such page, process ids are compared instead. */
static _Atomic unsigned *generation_page;
static _Atomic unsigned last_word = 1;
static _Atomic pid_t last_pid;

static void make_generation_page(void)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    atomic_store(&last_pid, getpid());
    if (page == MAP_FAILED)
        return;
    if (madvise(page, size, MADV_WIPEONFORK) != 0) {
        munmap(page, size);
        return;
    }
    generation_page = page;
    atomic_store(generation_page, 1);
}

/* One of the child's threads gets its number in; the others take that one. */
static unsigned renew_word(void)
{
    unsigned none = 0;
    unsigned next = atomic_load(&last_word) + 1;
    atomic_store(&last_word, next);
    return atomic_compare_exchange_strong(generation_page, &none, next) ? next : none;
}

static unsigned generation_by_pid(void)
{
    pid_t pid = getpid();
    pid_t before = atomic_load(&last_pid);
    if (pid != before && atomic_compare_exchange_strong(&last_pid, &before, pid))
        atomic_fetch_add(&last_word, 1);
    return atomic_load(&last_word) - 1;
}

unsigned core_generation(void)
{
    if (!generation_page)
        return generation_by_pid();
    unsigned word = atomic_load_explicit(generation_page, memory_order_acquire);
    return (word ? word : renew_word()) - 1;
}

bool core_forked(unsigned *seen)
{
    unsigned generation = core_generation();
    if (__atomic_load_n(seen, __ATOMIC_RELAXED) == generation)
        return false;
    return __atomic_exchange_n(seen, generation, __ATOMIC_ACQ_REL) != generation;
}

/* -- the store ----------------------------------------------------------------------- */

static struct store *store;           /* NULL when it cannot be used */
static _Atomic unsigned store_opener; /* generation + 1 of who opens, or has opened */
static _Atomic unsigned store_ready;  /* the same, once it is done */

static void prepare_store(void)
{
    if (store) {
        store_after_fork(store);
        return;
    }
    struct store_paths paths = {config.store, config.directory};
    struct store *opened;
    int result = store_open(&opened, &paths);
    if (result == STORE_OK) {
        store_limit(opened, config.policy.max_size);
        store = opened;
    } else {
        log_line(LOG_ERROR, "store %s: %s", config.store, store_result_text(result));
    }
}

/* Another thread is at it. Not for ever: it may have been cancelled. */
static bool wait_for_store(unsigned turn)
{
    uint64_t deadline = core_now_us() + OPENING_US;
    while (atomic_load(&store_ready) != turn) {
        if (core_now_us() > deadline)
            return false;
        sched_yield();
    }
    return true;
}

struct store *core_store(void)
{
    unsigned turn = core_generation() + 1;
    if (atomic_load_explicit(&store_ready, memory_order_acquire) == turn)
        return store;
    unsigned before = atomic_load(&store_opener);
    if (before == turn || !atomic_compare_exchange_strong(&store_opener, &before, turn))
        return wait_for_store(turn) ? store : NULL;
    prepare_store();
    atomic_store_explicit(&store_ready, turn, memory_order_release);
    return store;
}

/* -- the rest ------------------------------------------------------------------------ */

const struct config *core_config(void)
{
    return &config;
}

const char *core_program(void)
{
    return program;
}

uint64_t core_now_us(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static const char *environment(const char *name)
{
    return getenv(name); // NOLINT(concurrency-mt-unsafe): the stub loads the core once
}

int core_start(void)
{
    if (config_read(&config, environment) != 0)
        return -1;
    log_open(&config);
    if (config.problem[0])
        log_line(LOG_ERROR, "switched off: %s", config.problem);
    if (config.mode == MODE_OFF)
        return -1;
    make_generation_page();
    span_copy_text(span_text(program_invocation_short_name), program, sizeof program);
    return 0;
}
