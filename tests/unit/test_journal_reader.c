/* SPDX-License-Identifier: MIT */
/* Tests of store/journal_reader.c: every record once and in order, whatever happens meanwhile. */
#include "unit.h"

#include "store/journal_reader.h"
#include "store/memory.h"
#include "store/segment.h"
#include "store_place.h"

#include <sched.h>
#include <sys/wait.h>

struct reading {
    struct place place;
    char directory[512];
    struct journal journal;
    struct journal_reader *reader;
    struct journal_record record;
};

static void begin(struct reading *reading)
{
    memset(reading, 0, sizeof(*reading));
    place_make(&reading->place);
    snprintf(reading->directory, sizeof(reading->directory), "%s",
             place_path(&reading->place, "journal"));
    CHECK_INT(journal_reader_new(reading->directory, &reading->reader), STORE_OK);
}

static void end(struct reading *reading)
{
    journal_reader_free(reading->reader);
    journal_close(&reading->journal);
    place_remove(&reading->place);
}

static void add(struct reading *reading, uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++) {
        struct journal_record record = {.verdict = VERDICT_HIT, .response_bytes = i};
        journal_add(&reading->journal, reading->directory, &record);
    }
    CHECK_INT(reading->journal.lost, 0);
}

static int next(struct reading *reading, int64_t now_ms)
{
    return journal_reader_next(reading->reader, now_ms, &reading->record);
}

/* The next |count| records are those from |first| on. */
static void check_next(struct reading *reading, uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++) {
        CHECK_INT(next(reading, 0), STORE_OK);
        CHECK_INT(reading->record.response_bytes, i);
    }
}

static void segment_path(const struct reading *reading, uint64_t sequence, char path[560])
{
    char name[SEGMENT_NAME_SIZE];
    segment_name(sequence, name);
    snprintf(path, 560, "%s/%s", reading->directory, name);
}

static void patch(const struct reading *reading, uint64_t sequence, uint64_t offset,
                  const void *bytes, size_t size)
{
    char path[560];
    segment_path(reading, sequence, path);
    int file = open(path, O_RDWR | O_CLOEXEC);
    CHECK_INT(pwrite(file, bytes, size, (off_t)offset), (ssize_t)size);
    close(file);
}

/* What a writer that dies right after its reservation leaves. Returns the slot's index. */
static uint64_t reserve(const struct reading *reading, uint64_t sequence)
{
    char path[560];
    uint64_t taken = 0;
    segment_path(reading, sequence, path);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    CHECK_INT(pread(file, &taken, sizeof(taken), SEGMENT_NEXT_OFFSET), sizeof(taken));
    close(file);
    uint64_t more = taken + 1;
    patch(reading, sequence, SEGMENT_NEXT_OFFSET, &more, sizeof(more));
    return taken;
}

static void finish(const struct reading *reading, uint64_t sequence, uint64_t index,
                   uint64_t number)
{
    struct journal_record record = {.verdict = VERDICT_HIT, .response_bytes = number};
    uint8_t slot[JOURNAL_SLOT_SIZE];
    journal_encode(&record, slot);
    patch(reading, sequence, SEGMENT_HEADER_SIZE + index * JOURNAL_SLOT_SIZE, slot,
          sizeof(slot));
}

static void remove_segment(const struct reading *reading, uint64_t sequence)
{
    char path[560];
    segment_path(reading, sequence, path);
    CHECK_INT(unlink(path), 0);
}

static void test_follow(void)
{
    struct reading reading;
    begin(&reading);
    CHECK_INT(next(&reading, 0), STORE_MISS); /* no journal */
    add(&reading, 0, 3);
    check_next(&reading, 0, 3);
    CHECK_INT(next(&reading, 0), STORE_MISS);
    add(&reading, 3, 2 * SEGMENT_CAPACITY);
    check_next(&reading, 3, 2 * SEGMENT_CAPACITY);
    CHECK_INT(next(&reading, 0), STORE_MISS);
    CHECK_INT(journal_reader_torn(reading.reader), 0);
    end(&reading);
}

/* A segment ends exactly where the reader is, and the next one comes later. */
static void test_full(void)
{
    struct reading reading;
    begin(&reading);
    add(&reading, 0, SEGMENT_CAPACITY);
    check_next(&reading, 0, SEGMENT_CAPACITY);
    CHECK_INT(next(&reading, 0), STORE_MISS);
    add(&reading, SEGMENT_CAPACITY, 1);
    check_next(&reading, SEGMENT_CAPACITY, 1);
    end(&reading);
}

/* Dead writers' slots are waited for once, together, and then no longer stand in the way. */
static void test_torn(void)
{
    struct reading reading;
    begin(&reading);
    add(&reading, 0, 1);
    reserve(&reading, 1);
    reserve(&reading, 1);
    add(&reading, 1, 2);
    check_next(&reading, 0, 1);
    CHECK_INT(next(&reading, 1000), STORE_BUSY);
    CHECK_INT(next(&reading, 1000 + JOURNAL_READER_PATIENCE_MS - 1), STORE_BUSY);
    CHECK_INT(next(&reading, 1000 + JOURNAL_READER_PATIENCE_MS), STORE_OK);
    CHECK_INT(reading.record.response_bytes, 1);
    check_next(&reading, 2, 1);
    CHECK_INT(journal_reader_torn(reading.reader), 2);
    CHECK_INT(next(&reading, 2000), STORE_MISS);
    reserve(&reading, 1); /* a later one is waited for anew */
    CHECK_INT(next(&reading, 3000), STORE_BUSY);
    CHECK_INT(next(&reading, JOURNAL_READER_NO_WAIT), STORE_MISS);
    CHECK_INT(journal_reader_torn(reading.reader), 3);
    end(&reading);
}

/* One that is finished in time comes at its place. */
static void test_slow_writer(void)
{
    struct reading reading;
    uint8_t half[JOURNAL_SLOT_SIZE / 2] = {1};
    begin(&reading);
    add(&reading, 0, 1);
    uint64_t index = reserve(&reading, 1);
    patch(&reading, 1, SEGMENT_HEADER_SIZE + index * JOURNAL_SLOT_SIZE + 8, half,
          sizeof(half));
    add(&reading, 2, 1);
    check_next(&reading, 0, 1);
    CHECK_INT(next(&reading, 0), STORE_BUSY);
    finish(&reading, 1, index, 1);
    check_next(&reading, 1, 2);
    CHECK_INT(journal_reader_torn(reading.reader), 0);
    end(&reading);
}

/* In a segment that is not the newest when it is opened nobody is writing any more. */
static void test_torn_long_ago(void)
{
    struct reading reading;
    begin(&reading);
    add(&reading, 0, 5);
    reserve(&reading, 1);
    add(&reading, 5, SEGMENT_CAPACITY);
    check_next(&reading, 0, SEGMENT_CAPACITY + 5);
    CHECK_INT(journal_reader_torn(reading.reader), 1);
    end(&reading);
}

/* The reader's own segment and older ones are folded under it. */
static void test_folded(void)
{
    struct reading reading;
    begin(&reading);
    add(&reading, 0, 3 * SEGMENT_CAPACITY + 1);
    check_next(&reading, 0, 100);
    remove_segment(&reading, 1);
    remove_segment(&reading, 2);
    check_next(&reading, 100, SEGMENT_CAPACITY - 100);
    check_next(&reading, 2 * SEGMENT_CAPACITY, SEGMENT_CAPACITY + 1);
    CHECK_INT(next(&reading, 0), STORE_MISS);
    end(&reading);
}

/* Everything is removed and begun anew, at once or after a while; the numbers begin anew, too. */
static void test_begun_anew(void)
{
    struct reading reading;
    begin(&reading);
    for (uint64_t round = 0; round < 6; round++) {
        uint64_t count = round % 2 ? 10 : SEGMENT_CAPACITY + 1;
        add(&reading, 0, count);
        if (round == 4) /* not read any further before it goes */
            check_next(&reading, 0, 1);
        else
            check_next(&reading, 0, count);
        if (round != 4)
            CHECK_INT(next(&reading, 0), STORE_MISS);
        for (uint64_t i = 1; i <= count / SEGMENT_CAPACITY + 1; i++)
            remove_segment(&reading, i);
        if (round % 3 == 0)
            CHECK_INT(rmdir(reading.directory), 0);
        if (round == 2)
            CHECK_INT(next(&reading, 0), STORE_MISS);
        journal_close(&reading.journal);
        if (round ==
            4) { /* the open segment is still read, the removed one behind it is not */
            add(&reading, 7, 1);
            check_next(&reading, 1, SEGMENT_CAPACITY - 1);
            check_next(&reading, 7, 1);
            remove_segment(&reading, 1);
            journal_close(&reading.journal);
        }
    }
    end(&reading);
}

/* Only the newest is removed: what is left was read before and does not come again. */
static void test_newest_removed(void)
{
    struct reading reading;
    begin(&reading);
    add(&reading, 0, 2 * SEGMENT_CAPACITY + 1);
    check_next(&reading, 0, 2 * SEGMENT_CAPACITY + 1);
    remove_segment(&reading, 3);
    CHECK_INT(next(&reading, 0), STORE_MISS);
    journal_close(&reading.journal);
    add(&reading, 1, 1); /* segment 2 is full, so this is segment 3 again */
    check_next(&reading, 1, 1);
    CHECK_INT(next(&reading, 0), STORE_MISS);
    end(&reading);
}

/* A segment that nobody fills any more: a newer one was begun before. */
static void test_left_unfilled(void)
{
    struct reading reading;
    begin(&reading);
    add(&reading, 0, 10);
    check_next(&reading, 0, 10);
    CHECK_INT(next(&reading, 0), STORE_MISS);
    CHECK_INT(segment_create(reading.directory, 2, 1), STORE_OK);
    journal_close(&reading.journal);
    add(&reading, 10, 5);
    check_next(&reading, 10, 5);
    CHECK_INT(journal_reader_torn(reading.reader), 0);
    end(&reading);
}

/* On file systems without mapped segments: a file that grows. */
static void test_appended(void)
{
    struct reading reading;
    char path[560];
    uint8_t kind = SEGMENT_APPENDED;
    begin(&reading);
    CHECK_INT(directory_check(reading.directory, true), STORE_OK);
    CHECK_INT(segment_create(reading.directory, 1, 1), STORE_OK);
    patch(&reading, 1, 20, &kind, 1);
    segment_path(&reading, 1, path);
    CHECK_INT(truncate(path, SEGMENT_HEADER_SIZE), 0);
    CHECK_INT(next(&reading, 0), STORE_MISS);
    add(&reading, 0, 3);
    check_next(&reading, 0, 3);
    CHECK_INT(next(&reading, 0), STORE_MISS);
    CHECK_INT(truncate(path, SEGMENT_HEADER_SIZE + 3 * JOURNAL_SLOT_SIZE + 100), 0);
    CHECK_INT(next(&reading, 0), STORE_MISS); /* half a slot is none */
    CHECK_INT(segment_create(reading.directory, 2, 1), STORE_OK);
    journal_close(&reading.journal);
    add(&reading, 3, 2);
    check_next(&reading, 3, 2);
    CHECK_INT(journal_reader_torn(reading.reader), 0);
    end(&reading);
}

static void test_foreign_and_unsafe(void)
{
    struct reading reading;
    char path[560];
    uint8_t version = 99;
    begin(&reading);
    add(&reading, 0, 2 * SEGMENT_CAPACITY + 1);
    patch(&reading, 2, 8, &version, 1);
    check_next(&reading, 0, SEGMENT_CAPACITY);
    check_next(&reading, 2 * SEGMENT_CAPACITY, 1);
    CHECK_INT(next(&reading, 0), STORE_MISS);
    add(&reading, 0, SEGMENT_CAPACITY);
    segment_path(&reading, 4, path);
    CHECK_INT(chmod(path, 0666), 0);
    check_next(&reading, 0, SEGMENT_CAPACITY - 1);
    CHECK_INT(next(&reading, 0), STORE_REFUSED);
    CHECK_INT(chmod(path, 0600), 0);
    check_next(&reading, SEGMENT_CAPACITY - 1, 1);
    end(&reading);
}

/* Nothing is lost or repeated when memory is short and comes back. */
static void test_memory(void)
{
    struct reading reading;
    begin(&reading);
    add(&reading, 0, 2 * SEGMENT_CAPACITY + 1);
    uint64_t expected = 0, failures = 0;
    for (unsigned i = 0; i < 5 * SEGMENT_CAPACITY && expected <= 2 * SEGMENT_CAPACITY;
         i++) {
        memory_fail_from(i % 3);
        int result = next(&reading, 0);
        memory_fail_from(0);
        failures += result == STORE_NO_MEMORY;
        if (result == STORE_OK)
            CHECK_INT(reading.record.response_bytes, expected++);
    }
    CHECK_INT(expected, 2 * SEGMENT_CAPACITY + 1);
    CHECK(failures > 0);
    journal_reader_free(reading.reader);
    memory_fail_from(1);
    CHECK_INT(journal_reader_new(reading.directory, &reading.reader), STORE_NO_MEMORY);
    memory_fail_from(0);
    CHECK(!reading.reader);
    end(&reading);
}

#define PROCESSES 4
#define EACH      5000

static void write_all(struct reading *reading, uint64_t first)
{
    for (uint64_t i = first; i < first + EACH; i++) {
        struct journal_record record = {.verdict = VERDICT_HIT, .response_bytes = i};
        journal_add(&reading->journal, reading->directory, &record);
        if (i % 16 == 0)
            (void)sched_yield();
    }
    _exit(reading->journal.lost != 0);
}

/* Writers on all sides while it is read: everything once, each writer's records in its order. */
static void test_concurrent(void)
{
    struct reading reading;
    uint64_t seen[PROCESSES] = {0}, count = 0;
    begin(&reading);
    for (uint64_t i = 0; i < PROCESSES; i++)
        if (fork() == 0)
            write_all(&reading, i * EACH);
    for (int64_t i = 0; i < 1000000 && count < PROCESSES * EACH; i++) {
        int result = next(&reading, 0); /* time stands still: nothing is given up */
        if (result != STORE_OK) {
            CHECK(result == STORE_MISS || result == STORE_BUSY);
            (void)sched_yield();
            continue;
        }
        uint64_t writer = reading.record.response_bytes / EACH;
        if (!CHECK(writer < PROCESSES))
            break;
        CHECK_INT(reading.record.response_bytes % EACH, seen[writer]++);
        count++;
    }
    for (int status, i = 0; i < PROCESSES; i++)
        CHECK(wait(&status) > 0 && status == 0);
    CHECK_INT(count, PROCESSES * EACH);
    CHECK_INT(next(&reading, 0), STORE_MISS);
    CHECK_INT(journal_reader_torn(reading.reader), 0);
    end(&reading);
}

int main(void)
{
    RUN(test_follow);
    RUN(test_full);
    RUN(test_torn);
    RUN(test_slow_writer);
    RUN(test_torn_long_ago);
    RUN(test_folded);
    RUN(test_begun_anew);
    RUN(test_newest_removed);
    RUN(test_left_unfilled);
    RUN(test_appended);
    RUN(test_foreign_and_unsafe);
    RUN(test_memory);
    RUN(test_concurrent);
    return unit_end();
}
