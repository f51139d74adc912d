/* SPDX-License-Identifier: MIT */
/* Remembering the ClientHellos that pass. */
#include "hello.h"

#include <stdatomic.h>

#define HELLOS                                                                           \
    1024 /* handshakes under way at once, after which the oldest is forgotten */

#define RANDOM_AT 11
#define ANNOUNCED (-2) /* in place of a descriptor */

/* `turn` is odd while a slot is being written; a reader that saw it change looks
 * elsewhere. */
struct hello {
    _Atomic unsigned turn;
    _Atomic int fd;
    _Atomic uint64_t random[HELLO_RANDOM_SIZE / 8];
};

static struct hello hellos[HELLOS];
static _Atomic unsigned next_slot;
static _Atomic int *watching;

void hello_start(_Atomic int *count)
{
    watching = count;
}

void hello_expect(void)
{
    atomic_fetch_add_explicit(watching, 1, memory_order_relaxed);
}

void hello_forget(void)
{
    atomic_fetch_sub_explicit(watching, 1, memory_order_relaxed);
}

static bool is_hello(const uint8_t *bytes, size_t size)
{
    return size >= RANDOM_AT + HELLO_RANDOM_SIZE && bytes[0] == 0x16 && bytes[1] == 3 &&
           bytes[5] == 1;
}

static void remember(int fd, const uint8_t random[HELLO_RANDOM_SIZE])
{
    unsigned slot =
        atomic_fetch_add_explicit(&next_slot, 1, memory_order_relaxed) % HELLOS;
    struct hello *hello = &hellos[slot];
    atomic_fetch_add_explicit(&hello->turn, 1, memory_order_acq_rel);
    for (size_t i = 0; i < HELLO_RANDOM_SIZE / 8; i++) {
        uint64_t word;
        memcpy(&word, random + 8 * i, 8);
        atomic_store_explicit(&hello->random[i], word, memory_order_relaxed);
    }
    atomic_store_explicit(&hello->fd, fd, memory_order_relaxed);
    atomic_fetch_add_explicit(&hello->turn, 1, memory_order_release);
}

void hello_watch(int fd, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    if (bytes && is_hello(bytes, size))
        remember(fd, bytes + RANDOM_AT);
}

void hello_announce(const uint8_t random[HELLO_RANDOM_SIZE])
{
    remember(ANNOUNCED, random);
}

static bool matches(struct hello *hello, const uint8_t random[HELLO_RANDOM_SIZE], int *fd)
{
    unsigned turn = atomic_load_explicit(&hello->turn, memory_order_acquire);
    if (turn == 0 || (turn & 1))
        return false;
    for (size_t i = 0; i < HELLO_RANDOM_SIZE / 8; i++) {
        uint64_t word;
        memcpy(&word, random + 8 * i, 8);
        if (atomic_load_explicit(&hello->random[i], memory_order_relaxed) != word)
            return false;
    }
    *fd = atomic_load_explicit(&hello->fd, memory_order_relaxed);
    atomic_thread_fence(memory_order_acquire);
    return atomic_load_explicit(&hello->turn, memory_order_relaxed) == turn;
}

static bool find(const uint8_t random[HELLO_RANDOM_SIZE], bool announced, int *fd)
{
    for (size_t i = 0; i < HELLOS; i++)
        if (matches(&hellos[i], random, fd) && (*fd == ANNOUNCED) == announced)
            return true;
    return false;
}

bool hello_announced(const void *data, size_t size)
{
    const uint8_t *bytes = data;
    int fd;
    return is_hello(bytes, size) && find(bytes + RANDOM_AT, true, &fd);
}

int hello_descriptor(const uint8_t random[HELLO_RANDOM_SIZE])
{
    int fd;
    return find(random, false, &fd) ? fd : -1;
}
