/* SPDX-License-Identifier: MIT */
/* Beginning the figures anew, see sums.h. The segments' identities are committed together with
 * the removal of the ledger's rows: killed after that, what is left of the journal counts as
 * folded, so that the figures are either as before or gone. */
#include "layout.h"
#include "ledger.h"
#include "memory.h"
#include "segment.h"
#include "uses.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct reset {
    struct writer writer;
    struct buffer sequences; /* uint64_t of the segments that go */
};

static bool segment_path(const struct reset *reset, size_t index, struct path *out)
{
    char name[SEGMENT_NAME_SIZE];
    uint64_t sequence;
    memcpy(&sequence, reset->sequences.at + index * sizeof(sequence), sizeof(sequence));
    segment_name(sequence, name);
    return path_join(out, reset->writer.layout->journal, name);
}

/* What the journal says of entries' uses has its own place. */
static int uses_keep(struct reset *reset)
{
    struct evicted evicted;
    struct buffer uncounted = {0};
    int result = evicted_load(&evicted, reset->writer.layout->data);
    if (result == STORE_OK)
        result = uses_update(&reset->writer, &evicted, &uncounted);
    buffer_free(&uncounted);
    evicted_free(&evicted);
    return result;
}

/* Lists the segments, and makes the one that follows them: numbers go on from there. Where it
 * cannot be made (the disk is full) whoever writes next does that. */
static int segments_end(struct reset *reset)
{
    const char *journal = reset->writer.layout->journal;
    struct timespec now = {0};
    uint64_t last;
    int result = segment_list(journal, &reset->sequences);
    if (result != STORE_OK || reset->sequences.size == 0)
        return result;
    memcpy(&last, reset->sequences.at + reset->sequences.size - sizeof(last),
           sizeof(last));
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)!segment_create(journal, last + 1, (int64_t)now.tv_sec * 1000);
    return STORE_OK;
}

static int identities_add(struct reset *reset, struct ledger *ledger)
{
    struct buffer head = {0};
    size_t count = reset->sequences.size / sizeof(uint64_t);
    for (size_t i = 0; i < count; i++) {
        struct path path;
        struct segment_header header;
        uint64_t size;
        buffer_clear(&head);
        if (segment_path(reset, i, &path) &&
            file_read_head(path.text, SEGMENT_HEADER_SIZE, &head, &size) == STORE_OK &&
            segment_parse(buffer_span(&head), size, &header))
            buffer_append(&ledger->identities, &header.identity, sizeof(header.identity));
    }
    bool whole = buffer_ok(&head) && buffer_ok(&ledger->identities);
    buffer_free(&head);
    return whole ? STORE_OK : STORE_NO_MEMORY;
}

static int ledger_empty(struct reset *reset)
{
    struct ledger ledger;
    int result = ledger_load(&ledger, reset->writer.layout->data);
    buffer_free(&ledger.identities);
    ledger.torn = 0;
    if (result == STORE_OK)
        result = identities_add(reset, &ledger);
    if (result == STORE_OK)
        result = ledger_clear(&reset->writer);
    if (result == STORE_OK) {
        ledger_save(&ledger, &reset->writer);
        result = writer_flush(&reset->writer);
    }
    ledger_free(&ledger);
    return result;
}

/* Programs look for their segment's file only now and then: to those that have it mapped it is
 * full from now on. */
static void segment_close(int descriptor, uint64_t size)
{
    if (size < SEGMENT_HEADER_SIZE)
        return;
    void *map = mmap(NULL, SEGMENT_HEADER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
                     descriptor, 0);
    if (map == MAP_FAILED)
        return;
    _Atomic uint64_t *next = (void *)((uint8_t *)map + SEGMENT_NEXT_OFFSET);
    atomic_fetch_add(next, UINT32_MAX);
    munmap(map, SEGMENT_HEADER_SIZE);
}

static int segment_remove(const char *path)
{
    struct stat status;
    int descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor >= 0) {
        if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode))
            segment_close(descriptor, (uint64_t)status.st_size);
        close(descriptor);
    }
    return unlink(path) == 0 || errno == ENOENT ? STORE_OK : STORE_UNAVAILABLE;
}

static int reset_all(struct reset *reset)
{
    struct path path;
    int result = uses_keep(reset);
    if (result == STORE_OK)
        result = segments_end(reset);
    if (result == STORE_OK)
        result = ledger_empty(reset);
    for (size_t i = 0; result == STORE_OK && i < reset->sequences.size / sizeof(uint64_t);
         i++)
        if (segment_path(reset, i, &path))
            result = segment_remove(path.text);
    return result;
}

int store_reset_figures(struct store *store)
{
    struct reset *reset = memory_new(sizeof(*reset));
    if (!reset)
        return STORE_NO_MEMORY;
    int result = writer_open(&reset->writer, &store->layout, true);
    if (result == STORE_OK) {
        result = reset_all(reset);
        writer_close(&reset->writer);
    }
    buffer_free(&reset->sequences);
    memory_free(reset);
    return result;
}
