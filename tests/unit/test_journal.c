/* SPDX-License-Identifier: MIT */
/* Tests of store/{record,segment,journal}.c. */
#include "unit.h"

#include "store/memory.h"
#include "store/reason.h"
#include "store/segment.h"
#include "store_place.h"

#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <sys/resource.h>
#include <sys/wait.h>

static struct journal_record record_of(uint64_t number)
{
    struct journal_record record = {.time_ms = (int64_t)number,
                                    .lookup_us = 1,
                                    .first_byte_us = 2,
                                    .last_byte_us = 3,
                                    .recorded_first_byte_us = 4,
                                    .recorded_last_byte_us = 1003,
                                    .tokens_in = 6,
                                    .tokens_out = 7,
                                    .tokens_cached = 8,
                                    .tokens_cache_write = 10,
                                    .request_bytes = 9,
                                    .response_bytes = number,
                                    .pid = 11,
                                    .port = 443,
                                    .status = 200,
                                    .verdict = VERDICT_HIT,
                                    .layer = LAYER_EXACT,
                                    .reason = REASON_H2,
                                    .level = LEVEL_LIBCURL,
                                    .recorded = true,
                                    .stream = true,
                                    .usage_known = true,
                                    .usage_estimated = true,
                                    .tenant = {1, 2},
                                    .key = {3, 4},
                                    .request = {5, 6}};
    snprintf(record.program, sizeof(record.program), "program");
    snprintf(record.dialect, sizeof(record.dialect), "openai");
    snprintf(record.operation, sizeof(record.operation), "chat");
    snprintf(record.model, sizeof(record.model), "model-%llu",
             (unsigned long long)number);
    memset(record.host, 'h', sizeof(record.host) - 1);
    return record;
}

static void test_record(void)
{
    uint8_t slot[JOURNAL_SLOT_SIZE], again[JOURNAL_SLOT_SIZE];
    struct journal_record record = record_of(5), back = {0};
    journal_encode(&record, slot);
    CHECK(journal_decode(slot, &back));
    journal_encode(&back, again);
    CHECK_BYTES(slot, again, sizeof(slot));
    CHECK_TEXT(back.model, record.model);
    CHECK_INT(back.response_bytes, record.response_bytes);
    CHECK_INT(back.level, record.level);
    CHECK(back.recorded && back.stream && back.usage_known && back.usage_estimated);
    CHECK(!back.coalesced);
    CHECK_INT(back.tokens_cached, record.tokens_cached);
    CHECK_INT(back.tokens_cache_write, record.tokens_cache_write);
    CHECK_BYTES(back.key, record.key, sizeof(back.key));
    CHECK_BYTES(back.request, record.request, sizeof(back.request));
    for (size_t bit = 0; bit < sizeof(slot) * 8; bit++) {
        slot[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK(!journal_decode(slot, &back));
        slot[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    memset(slot, 0, sizeof(slot));
    CHECK(!journal_decode(slot, &back));
    memset(slot, 255, sizeof(slot));
    CHECK(!journal_decode(slot, &back));
}

/* What stands behind a text's zero, or in a text without one, does not get into the file.
 */
static void test_text_padding(void)
{
    uint8_t slot[JOURNAL_SLOT_SIZE];
    struct journal_record record = record_of(1);
    memcpy(record.program, "abc\0SECRET", 11);
    memset(record.model, 'm', sizeof(record.model));
    journal_encode(&record, slot);
    struct span bytes = span_of(slot, sizeof(slot));
    CHECK_INT(span_find(bytes, span_text("SECRET")), sizeof(slot));
    CHECK(journal_decode(slot, &record));
    CHECK_TEXT(record.program, "abc");
    CHECK_INT(strlen(record.model), sizeof(record.model) - 1);
}

/* A slot as version 1 has written it: numbers from 1 on, texts padded to their sizes. The check sum
 * is what that version has computed. */
static void first_version_slot(struct buffer *out)
{
    static const struct {
        const char *text;
        size_t size;
    } texts[] = {{"curl", 16},
                 {"openai", 16},
                 {"chat", 32},
                 {"gpt-4o", 96},
                 {"api.openai.com", 96}};
    buffer_append_u64(out, 0xE5780C3E549BDB18);
    buffer_append_u16(out, 1);
    buffer_append_u16(out, 1 | 8); /* recorded, coalesced */
    buffer_append_u32(out, 11);
    buffer_append_u64(out, 1700000000123);
    for (uint64_t number = 1; number <= 10; number++)
        buffer_append_u64(out, number);
    buffer_append_u16(out, 443);
    buffer_append_u16(out, 200);
    buffer_append(out, "\3\1\14\2\15", 5); /* a hit by the exact layer, ...; tenant 13 */
    while (out->size < 128)
        buffer_append_byte(out, 0);
    buffer_append_byte(out, 14); /* key */
    for (size_t i = 0, end = 160; i < sizeof(texts) / sizeof(*texts); i++) {
        while (out->size < end)
            buffer_append_byte(out, 0);
        buffer_append_text(out, texts[i].text);
        end += texts[i].size;
    }
    while (out->size < JOURNAL_SLOT_SIZE)
        buffer_append_byte(out, 0);
}

static void test_first_version(void)
{
    struct buffer slot = {0};
    struct journal_record back;
    memset(&back, 255, sizeof(back));
    first_version_slot(&slot);
    CHECK_INT(slot.size, JOURNAL_SLOT_SIZE);
    CHECK(journal_decode(slot.at, &back));
    CHECK(back.recorded && back.coalesced && !back.usage_estimated && !back.stream);
    CHECK_INT(back.time_ms, 1700000000123);
    CHECK_INT(back.tokens_cached, 8);
    CHECK_INT(back.tokens_cache_write, 0);
    CHECK_INT(back.request_bytes, 9);
    CHECK_INT(back.response_bytes, 10);
    CHECK_INT(back.level, LEVEL_LIBCURL);
    CHECK_INT(back.tenant[0], 13);
    CHECK_INT(back.key[0], 14);
    CHECK_INT(back.request[0], 0);
    CHECK_TEXT(back.program, "curl");
    CHECK_TEXT(back.operation, "chat");
    CHECK_TEXT(back.model, "gpt-4o");
    CHECK_TEXT(back.host, "api.openai.com");
    CHECK_TEXT(back.tags, "");
    buffer_free(&slot);
}

/* Where things stand, for those who read the journal by journal.h alone. */
static void test_layout(void)
{
    uint8_t slot[JOURNAL_SLOT_SIZE];
    struct journal_record record = {.tokens_cache_write = 7, .port = 443, .request = {9}};
    memcpy(record.program, "curl", 5);
    memcpy(record.host, "a.b", 4);
    memcpy(record.tags, "git:x\0run:1\0", 13);
    journal_encode(&record, slot);
    CHECK_INT(slot[8], 2);
    CHECK_INT(slot[88], 7);
    CHECK_INT(slot[112] | slot[113] << 8, 443);
    CHECK_INT(slot[168], 9);
    static const char texts[] = "\4curl\0\0\0\3a.b\5git:x\5run:1";
    CHECK_BYTES(slot + 176, texts, sizeof(texts));
}

static void add_tag(struct journal_record *record, size_t *used, char letter, size_t size)
{
    memset(record->tags + *used, letter, size);
    *used += size + 1;
}

static void test_next_tag(void)
{
    struct journal_record record = {.tags = "git:x\0run:1"};
    const char *tag = journal_next_tag(&record, NULL);
    CHECK_TEXT(tag, "git:x");
    tag = journal_next_tag(&record, tag);
    CHECK_TEXT(tag, "run:1");
    CHECK(!journal_next_tag(&record, tag));
    memset(record.tags, 't', sizeof(record.tags)); /* ended by nothing */
    CHECK(!journal_next_tag(&record, NULL));
    record.tags[sizeof(record.tags) - 2] = 0;
    tag = journal_next_tag(&record, NULL);
    CHECK_INT(tag ? strlen(tag) : 0, sizeof(record.tags) - 2);
    CHECK(!journal_next_tag(&record, tag));
}

/* Short texts leave room for tags; of those that do not fit none is cut. */
static void test_tags(void)
{
    uint8_t slot[JOURNAL_SLOT_SIZE];
    struct journal_record record = record_of(1), back; /* its texts leave 336 - 124 */
    size_t used = 0;
    add_tag(&record, &used, 'a', 190);
    add_tag(&record, &used, 'b', 30); /* does not fit */
    add_tag(&record, &used, 'c', 20); /* just fits */
    journal_encode(&record, slot);
    CHECK_INT(slot[JOURNAL_SLOT_SIZE - 1], 'c');
    CHECK(journal_decode(slot, &back));
    CHECK_INT(strlen(back.tags), 190);
    CHECK_INT(strspn(back.tags + 191, "c"), 20);
    CHECK_INT(back.tags[191 + 21], 0);
    memset(record.tags, 't',
           sizeof(record.tags)); /* ended by nothing: too long for a length */
    journal_encode(&record, slot);
    CHECK(journal_decode(slot, &back));
    CHECK_TEXT(back.tags, "");
    CHECK_TEXT(back.host, record.host);
}

struct sum {
    uint64_t records;
    uint64_t numbers;
    bool stop;
};

static bool sum_up(void *context, const struct journal_record *record)
{
    struct sum *sum = context;
    sum->records++;
    sum->numbers += record->response_bytes;
    return !sum->stop;
}

static void test_write_and_read(void)
{
    struct place place;
    struct journal journal = {0};
    struct journal_state state = {0};
    struct sum sum = {0};
    place_make(&place);
    const char *directory = place_path(&place, "journal");
    CHECK_INT(journal_each(directory, sum_up, &sum, &state), STORE_OK); /* none yet */
    CHECK_INT(sum.records, 0);
    uint64_t expected = 0, count = 2 * SEGMENT_CAPACITY + 10;
    for (uint64_t i = 0; i < count; i++) {
        struct journal_record record = record_of(i);
        journal_add(&journal, directory, &record);
        expected += i;
    }
    CHECK_INT(journal.lost, 0);
    CHECK_INT(journal_each(directory, sum_up, &sum, &state), STORE_OK);
    CHECK_INT(sum.records, count);
    CHECK_INT(sum.numbers, expected);
    CHECK_INT(state.segments, 3);
    CHECK_INT(state.records, count);
    CHECK_INT(state.torn + state.foreign, 0);
    sum = (struct sum){.stop = true};
    CHECK_INT(journal_each(directory, sum_up, &sum, &state), STORE_OK);
    CHECK_INT(sum.records, 1);
    CHECK_INT(files_in(directory, 't'), 0);
    journal_close(&journal);
    place_remove(&place);
}

/* A hit's record costs no system call: the segment is mapped, nothing is open. */
static void test_no_descriptor(void)
{
    struct place place;
    struct journal journal = {0};
    struct journal_record record = record_of(1);
    place_make(&place);
    unsigned before = open_descriptors();
    journal_add(&journal, place_path(&place, "journal"), &record);
    CHECK_INT(open_descriptors(), before);
    CHECK_INT(journal.lost, 0);
    journal_close(&journal);
    place_remove(&place);
}

#define PROCESSES 20
#define EACH      2000

/* A rotated journal loses nothing under many writers, some of which are threads, some of
 * which fork in the middle. */
static void write_many(const char *directory, uint64_t first, unsigned count)
{
    struct journal journal = {0};
    for (unsigned i = 0; i < count; i++) {
        struct journal_record record = record_of(first + i);
        journal_add(&journal, directory, &record);
        if (i == count / 2) { /* parent and child go on with the same map */
            pid_t child = fork();
            if (child == 0) {
                for (unsigned more = i + 1; more < count; more += 2) {
                    record = record_of(first + more);
                    journal_add(&journal, directory, &record);
                }
                _exit(journal.lost != 0);
            }
            for (unsigned more = i + 2; more < count; more += 2) {
                record = record_of(first + more);
                journal_add(&journal, directory, &record);
            }
            int status;
            waitpid(child, &status, 0);
            _exit(status != 0 || journal.lost != 0);
        }
    }
}

static void test_many_processes(void)
{
    struct place place;
    struct journal_state state = {0};
    struct sum sum = {0};
    pid_t children[PROCESSES];
    place_make(&place);
    const char *directory = place_path(&place, "journal");
    for (unsigned i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            write_many(directory, i * EACH, EACH);
    }
    for (unsigned i = 0; i < PROCESSES; i++) {
        int status;
        waitpid(children[i], &status, 0);
        CHECK_INT(status, 0);
    }
    CHECK_INT(journal_each(directory, sum_up, &sum, &state), STORE_OK);
    uint64_t total = (uint64_t)PROCESSES * EACH;
    CHECK_INT(sum.records, total);
    CHECK_INT(sum.numbers, total * (total - 1) / 2);
    CHECK_INT(state.torn, 0);
    place_remove(&place);
}

struct thread_work {
    struct store *store;
    uint64_t first;
};

static void *write_thread(void *context)
{
    struct thread_work *work = context;
    for (unsigned i = 0; i < EACH; i++) {
        struct journal_record record = record_of(work->first + i);
        store_journal(work->store, &record);
    }
    return NULL;
}

static void test_threads(void)
{
    struct place place;
    pthread_t threads[8];
    struct thread_work work[8];
    struct sums_row sum;
    place_make(&place);
    struct store *store = place_open(&place);
    for (unsigned i = 0; i < 8; i++) {
        work[i] = (struct thread_work){store, i * EACH};
        pthread_create(&threads[i], NULL, write_thread, &work[i]);
    }
    for (unsigned i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    place_sum(store, 0, &sum);
    CHECK_INT(sum.calls, 8 * EACH);
    CHECK_INT(place_calls(store, VERDICT_HIT), 8 * EACH);
    CHECK_INT(sum.saved_us, 8 * EACH * 1000);
    CHECK_INT(sum.tokens_in + sum.tokens_out, 8 * EACH * 13);
    store_close(store);
    place_remove(&place);
}

/* Adds records until it is killed; says through |ready| when the first one is there. */
static void write_until_killed(const char *directory, int ready)
{
    struct journal journal = {0};
    struct journal_record record = record_of(1);
    journal_add(&journal, directory, &record);
    (void)!write(ready, "", 1);
    for (;;)
        journal_add(&journal, directory, &record);
}

/* Killed at random moments, every other time only after its first record (a busy machine may not
 * let it get that far): whole records or counted torn ones, never nonsense. */
static void test_kill(void)
{
    int ready[2];
    char byte;
    struct place place;
    struct journal_state state = {0};
    struct sum sum = {0};
    place_make(&place);
    const char *directory = place_path(&place, "journal");
    srand(1);
    for (int round = 0; round < 60; round++) {
        CHECK_INT(pipe(ready), 0);
        pid_t child = fork();
        if (child == 0)
            write_until_killed(directory, ready[1]);
        close(ready[1]);
        if (round & 1)
            CHECK_INT(read(ready[0], &byte, 1), 1);
        usleep((useconds_t)(rand() % 3000));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        close(ready[0]);
    }
    CHECK_INT(journal_each(directory, sum_up, &sum, &state), STORE_OK);
    CHECK(state.records > 0);
    CHECK(state.torn <= 60);
    CHECK_INT(sum.numbers, sum.records);
    CHECK_INT(state.foreign, 0);
    printf("# %llu records, %llu torn\n", (unsigned long long)state.records,
           (unsigned long long)state.torn);
    place_remove(&place);
}

static void damage(const char *path, size_t offset, uint8_t byte)
{
    int descriptor = open(path, O_RDWR);
    CHECK(pwrite(descriptor, &byte, 1, (off_t)offset) == 1);
    close(descriptor);
}

static void test_damage(void)
{
    struct place place;
    struct journal journal = {0};
    struct journal_state state = {0};
    struct sum sum = {0};
    char path[600];
    place_make(&place);
    const char *directory = place_path(&place, "journal");
    for (uint64_t i = 0; i < 100; i++) {
        struct journal_record record = record_of(i);
        journal_add(&journal, directory, &record);
    }
    journal_close(&journal);
    snprintf(path, sizeof(path), "%s/0000000000000001", directory);
    damage(path, SEGMENT_HEADER_SIZE + 10 * JOURNAL_SLOT_SIZE + 100, 'x');
    damage(path, SEGMENT_NEXT_OFFSET,
           5); /* the counter went back: all records are seen */
    CHECK_INT(journal_each(directory, sum_up, &sum, &state), STORE_OK);
    CHECK_INT(sum.records, 99);
    CHECK_INT(state.torn, 1);
    damage(path, SEGMENT_NEXT_OFFSET + 7,
           255); /* the counter ran away: another segment */
    struct journal_record record = record_of(1);
    journal_add(&journal, directory, &record);
    CHECK_INT(files_in(directory, '0'), 2);
    damage(path, 0, 'x'); /* no segment any more */
    state = (struct journal_state){0};
    sum = (struct sum){0};
    CHECK_INT(journal_each(directory, sum_up, &sum, &state), STORE_OK);
    CHECK_INT(sum.records, 1);
    CHECK_INT(state.foreign, 1);
    journal_close(&journal);
    snprintf(path, sizeof(path), "%s/0000000000000002", directory);
    damage(path, 8, 9); /* another version is newest: ours comes after it */
    journal_add(&journal, directory, &record);
    CHECK_INT(files_in(directory, '0'), 3);
    journal_close(&journal);
    snprintf(path, sizeof(path), "%s/0000000000000003", directory);
    CHECK(truncate(path, 5000) == 0); /* cut: not mapped, so no SIGBUS */
    journal_add(&journal, directory, &record);
    CHECK_INT(journal.lost, 0);
    CHECK_INT(files_in(directory, '0'), 4);
    journal_close(&journal);
    place_remove(&place);
}

/* Removed under a running process: it goes on in a new one soon. */
static void test_removed(void)
{
    struct place place;
    struct journal journal = {0};
    struct journal_state state = {0};
    struct sum sum = {0};
    struct journal_record record = record_of(1);
    char path[600];
    place_make(&place);
    const char *directory = place_path(&place, "journal");
    journal_add(&journal, directory, &record);
    snprintf(path, sizeof(path), "%s/0000000000000001", directory);
    unlink(path);
    rmdir(directory);
    for (int i = 0; i < 200; i++)
        journal_add(&journal, directory, &record);
    CHECK_INT(journal_each(directory, sum_up, &sum, &state), STORE_OK);
    CHECK(sum.records > 100);
    journal_close(&journal);
    place_remove(&place);
}

/* Appended segments, as on file systems that do not overwrite in place. */
static void appended_make(const char *directory, uint64_t sequence)
{
    char path[600], name[SEGMENT_NAME_SIZE];
    CHECK_INT(segment_create(directory, sequence, 1), STORE_OK);
    segment_name(sequence, name);
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    damage(path, 20, SEGMENT_APPENDED);
    CHECK(truncate(path, SEGMENT_HEADER_SIZE) == 0);
}

static void test_appended(void)
{
    struct place place;
    struct journal_state state = {0};
    struct sum sum = {0};
    char path[600];
    place_make(&place);
    const char *directory = place_path(&place, "journal");
    CHECK_INT(directory_check(directory, true), STORE_OK);
    appended_make(directory, 1);
    pid_t children[4];
    for (int i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct journal journal = {0};
            unsigned before = open_descriptors();
            for (uint64_t n = 0; n < 500; n++) {
                struct journal_record record = record_of(n);
                journal_add(&journal, directory, &record);
            }
            _exit(open_descriptors() != before || journal.lost > 250 ? 255
                                                                     : (int)journal.lost);
        }
    }
    uint64_t lost = 0;
    for (int i = 0; i < 4; i++) {
        int status;
        waitpid(children[i], &status, 0);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) != 255);
        lost += (uint64_t)WEXITSTATUS(status);
    }
    CHECK_INT(journal_each(directory, sum_up, &sum, &state), STORE_OK);
    CHECK_INT(sum.records + lost, 2000);
    CHECK_INT(files_in(directory, '0'), 1);
    /* A torn tail is overwritten; a full segment is followed by another. */
    snprintf(path, sizeof(path), "%s/0000000000000001", directory);
    struct stat status;
    CHECK(stat(path, &status) == 0);
    CHECK(truncate(path, status.st_size - 100) == 0);
    struct journal journal = {0};
    struct journal_record record = record_of(1);
    journal_add(&journal, directory, &record);
    sum = (struct sum){0};
    CHECK_INT(journal_each(directory, sum_up, &sum, &state), STORE_OK);
    CHECK_INT(sum.records + lost, 2000);
    for (int i = 0; i < SEGMENT_CAPACITY; i++)
        journal_add(&journal, directory, &record);
    CHECK_INT(journal.lost, 0);
    CHECK_INT(files_in(directory, '0'), 2);
    journal_close(&journal);
    place_remove(&place);
}

/* A limit on file sizes would send SIGXFSZ, which ends the host. */
static void test_file_size_limit(void)
{
    struct place place;
    place_make(&place);
    const char *directory = place_path(&place, "journal");
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {100000, 100000};
        struct journal journal = {0};
        struct journal_record record = record_of(1);
        setrlimit(RLIMIT_FSIZE, &limit);
        journal_add(&journal, directory, &record);
        journal_add(&journal, directory, &record);
        _exit(journal.lost == 2 ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    CHECK_INT(status, 0);
    CHECK_INT(files_in(directory, 0), 0);
    place_remove(&place);
}

static void test_names(void)
{
    uint64_t sequence;
    char name[SEGMENT_NAME_SIZE];
    segment_name(0x1234, name);
    CHECK_TEXT(name, "0000000000001234");
    CHECK(segment_name_parse(name, &sequence) && sequence == 0x1234);
    CHECK(!segment_name_parse("0000000000000000", &sequence));
    CHECK(!segment_name_parse("00000000000012345", &sequence));
    CHECK(!segment_name_parse("000000000000123G", &sequence));
    CHECK(!segment_name_parse("t-0000000000001", &sequence));
}

int main(void)
{
    if (sodium_init() < 0)
        return 2;
    RUN(test_record);
    RUN(test_text_padding);
    RUN(test_first_version);
    RUN(test_layout);
    RUN(test_tags);
    RUN(test_next_tag);
    RUN(test_names);
    RUN(test_write_and_read);
    RUN(test_no_descriptor);
    RUN(test_many_processes);
    RUN(test_threads);
    RUN(test_kill);
    RUN(test_damage);
    RUN(test_removed);
    RUN(test_appended);
    RUN(test_file_size_limit);
    return unit_end();
}
