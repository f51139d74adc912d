/* SPDX-License-Identifier: MIT */
/* Finding one variable in an environment that other threads may be changing. */
#include "current_test.h"

#include "spawn.h"

#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#define NAME       "PYTEST_CURRENT_TEST="
#define NAME_SIZE  (sizeof(NAME) - 1)
#define VALUE_SIZE 512  /* longer ones are cut */
#define VARIABLES  8192 /* of more the rest is not looked at */
#define BATCH      32

/* Bytes of this process, read by the kernel: how many, as far as they are there. */
static size_t read_memory(const struct iovec *to, const struct iovec *from, size_t count)
{
    ssize_t got = process_vm_readv(getpid(), to, 1, from, count, 0);
    return got > 0 ? (size_t)got : 0;
}

static size_t read_block(const void *from, void *to, size_t size)
{
    struct iovec source = {(void *)(uintptr_t)from, size}, target = {to, size};
    return read_memory(&target, &source, 1);
}

/* The value at |from|, which ends somewhere on this page or on a later one. */
static void append_value(const char *from, struct buffer *out)
{
    char value[VALUE_SIZE] = {0};
    size_t page = (size_t)sysconf(_SC_PAGESIZE), size = 0;
    while (size < sizeof(value) && !memchr(value, 0, size)) {
        size_t left = page - (uintptr_t)(from + size) % page;
        left = left < sizeof(value) - size ? left : sizeof(value) - size;
        size_t got = read_block(from + size, value + size, left);
        if (got == 0)
            return;
        size += got;
    }
    size = strnlen(value, size);
    const char *phase = size && value[size - 1] == ')' ? memrchr(value, '(', size) : NULL;
    if (phase && phase > value && phase[-1] == ' ')
        size = (size_t)(phase - 1 - value);
    buffer_append(out, value, size);
}

/* Of |count| variables the one that begins with NAME; NULL: none of them. One whose text
 * is not there is left out, and so is the last one of the initial environment when it is
 * shorter. */
static const char *find_among(char *const *variables, size_t count)
{
    char heads[BATCH][NAME_SIZE] = {0};
    struct iovec target, from[BATCH];
    for (size_t first = 0; first < count;) {
        size_t size = count - first;
        for (size_t i = 0; i < size; i++)
            from[i] = (struct iovec){variables[first + i], NAME_SIZE};
        target = (struct iovec){heads, size * NAME_SIZE};
        size_t whole = read_memory(&target, from, size) / NAME_SIZE;
        for (size_t i = 0; i < whole; i++)
            if (memcmp(heads[i], NAME, NAME_SIZE) == 0)
                return variables[first + i];
        first += whole < size ? whole + 1 : size;
    }
    return NULL;
}

static size_t count_set(char *const *variables, size_t count)
{
    size_t set = 0;
    while (set < count && variables[set])
        set++;
    return set;
}

static const char *find(void)
{
    char *variables[BATCH];
    char **list = __atomic_load_n(&environ, __ATOMIC_RELAXED);
    for (size_t at = 0; list && at < VARIABLES; at += BATCH) {
        size_t got = read_block(list + at, variables, sizeof(variables));
        size_t count = count_set(variables, got / sizeof(*variables));
        const char *found = find_among(variables, count);
        if (found || count < BATCH)
            return found;
    }
    return NULL;
}

void current_test(struct buffer *out)
{
    int saved = errno;
    const char *variable = spawn_is_confined() ? NULL : find();
    if (variable)
        append_value(variable + NAME_SIZE, out);
    errno = saved;
}
