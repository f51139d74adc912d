/* SPDX-License-Identifier: MIT */
/* Many who write the journal at once, beside a merger that folds it, and some who are killed: what
 * was written is there, once, and what was not finished is counted. */
#include "unit.h"

#include "store/segment.h"
#include "store_place.h"

#include <signal.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* Every member that can tell is made of |number|. */
static struct journal_record record_of(uint64_t number)
{
    struct journal_record record = {.time_ms = 1700000000000,
                                    .verdict = VERDICT_MISS,
                                    .request_bytes = number,
                                    .response_bytes = ~number,
                                    .tokens_in = number % 1000};
    snprintf(record.model, sizeof(record.model), "model-%llu",
             (unsigned long long)number % 7);
    snprintf(record.tags, sizeof(record.tags) - 1, "number:%llu",
             (unsigned long long)number);
    return record;
}

static bool is_whole(const struct journal_record *record)
{
    struct journal_record expected = record_of(record->request_bytes);
    return record->response_bytes == expected.response_bytes &&
           record->tokens_in == expected.tokens_in &&
           strcmp(record->model, expected.model) == 0 &&
           strcmp(record->tags, expected.tags) == 0;
}

/* -- beside a merger ------------------------------------------------------------------------- */

#define WRITERS 50
#define EACH    2000

static pid_t start_writer(const char *directory, uint64_t first)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    struct journal journal = {0};
    for (uint64_t i = 0; i < EACH; i++) {
        struct journal_record record = record_of(first + i);
        record.request_bytes = 1; /* rows add them up */
        record.response_bytes = first + i;
        journal_add(&journal, directory, &record);
        if (i % 256 == 0)
            usleep(1000); /* so that all write at once, whoever begins first */
    }
    _exit(journal.lost != 0);
}

static uint64_t merge(const struct place *place)
{
    struct merge_options options = {.wait = true, .segments_kept = 2};
    struct merge_counts counts = {0};
    CHECK_INT(store_merge(&place->paths, &options, &counts), STORE_OK);
    return counts.segments;
}

/* Merges again and again until |*stop|; adds to |*folded| what it has folded. */
static pid_t start_merger(const struct place *place, volatile uint64_t *stop,
                          volatile uint64_t *folded)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    while (!*stop) {
        *folded += merge(place);
        usleep(1000);
    }
    _exit(unit_failed != 0);
}

static void check_sums(struct place *place, uint64_t calls)
{
    struct sums *sums;
    struct sums_rules rules = {0};
    struct journal_state state = {0};
    struct store *store = place_open(place);
    uint64_t found = 0, ones = 0, numbers = 0;
    CHECK_INT(store_sums(store, &rules, &sums, &state), STORE_OK);
    for (size_t i = 0; i < sums_count(sums); i++) {
        found += sums_at(sums, i)->calls;
        ones += sums_at(sums, i)->request_bytes;
        numbers += sums_at(sums, i)->response_bytes;
    }
    CHECK_INT(found, calls);
    CHECK_INT(ones, calls);
    CHECK_INT(numbers, calls * (calls - 1) / 2);
    CHECK_INT(state.torn + state.foreign, 0);
    sums_free(sums);
    store_close(store);
}

static void *shared(size_t size)
{
    void *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

static int wait_for(pid_t child)
{
    int status = -1;
    CHECK_INT(waitpid(child, &status, 0), child);
    return status;
}

static void test_beside_a_merger(void)
{
    struct place place;
    pid_t writers[WRITERS];
    uint64_t *numbers = shared(2 * sizeof(*numbers));
    place_make(&place);
    store_close(place_open(&place));
    const char *directory = place_path(&place, "journal");
    pid_t merger = start_merger(&place, &numbers[0], &numbers[1]);
    for (uint64_t i = 0; i < WRITERS; i++)
        writers[i] = start_writer(directory, i * EACH);
    for (unsigned i = 0; i < WRITERS; i++)
        CHECK_INT(wait_for(writers[i]), 0);
    numbers[0] = true;
    CHECK_INT(wait_for(merger), 0);
    uint64_t beside = numbers[1];
    check_sums(&place, (uint64_t)WRITERS * EACH);
    uint64_t after = merge(&place);
    check_sums(&place, (uint64_t)WRITERS * EACH);
    printf("# %llu segments folded beside the writers, %llu after them\n",
           (unsigned long long)beside, (unsigned long long)after);
    CHECK(beside > 0);
    munmap(numbers, 2 * sizeof(*numbers));
    place_remove(&place);
}

/* -- killed ---------------------------------------------------------------------------------- */

#define ROUNDS 60

/* Counts in |*written| what has been added. */
static pid_t start_victim(const char *directory, uint64_t first,
                          volatile uint64_t *written)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    struct journal journal = {0};
    for (;;) {
        struct journal_record record = record_of(first + *written);
        journal_add(&journal, directory, &record);
        ++*written;
    }
}

struct reading {
    uint64_t records, broken;
};

static bool read_record(void *context, const struct journal_record *record)
{
    struct reading *reading = context;
    reading->records++;
    reading->broken += !is_whole(record);
    return true;
}

/* Slots that somebody has taken, of mapped segments. */
static uint64_t count_taken(const char *directory)
{
    struct buffer sequences = {0}, content = {0};
    uint64_t taken = 0;
    CHECK_INT(segment_list(directory, &sequences), STORE_OK);
    for (size_t i = 0; i < sequences.size; i += sizeof(uint64_t)) {
        uint64_t sequence;
        struct segment_header header;
        memcpy(&sequence, sequences.at + i, sizeof(sequence));
        if (CHECK(segment_read(directory, sequence, &content, &header) == STORE_OK) &&
            header.kind == SEGMENT_MAPPED)
            taken += header.next < header.capacity ? header.next : header.capacity;
    }
    buffer_free(&sequences);
    buffer_free(&content);
    return taken;
}

/* What was written is there; of each who was killed at most one record is neither. */
static void check_killed(const char *directory, uint64_t written, uint64_t kills)
{
    struct reading reading = {0};
    struct journal_state state = {0};
    CHECK_INT(journal_each(directory, read_record, &reading, &state), STORE_OK);
    CHECK_INT(reading.records, state.records);
    CHECK_INT(reading.broken, 0);
    CHECK(state.records >= written && state.records + state.torn <= written + kills);
    uint64_t taken = count_taken(directory);
    if (taken) /* the file system lets segments be mapped */
        CHECK_INT(state.records + state.torn, taken);
    CHECK_INT(state.foreign, 0);
    printf("# %llu records, %llu torn by %llu kills\n", (unsigned long long)state.records,
           (unsigned long long)state.torn, (unsigned long long)kills);
}

static void test_two_are_killed(void)
{
    struct place place;
    uint64_t *written = shared(2 * sizeof(*written)), all = 0;
    place_make(&place);
    const char *directory = place_path(&place, "journal");
    srand(5);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        written[0] = written[1] = 0;
        pid_t one = start_victim(directory, round << 32, &written[0]);
        pid_t other = start_victim(directory, round << 32 | 1U << 31, &written[1]);
        usleep((useconds_t)(rand() % 3000));
        kill(one, SIGKILL);
        usleep((useconds_t)(rand() % 500));
        kill(other, SIGKILL);
        CHECK(WIFSIGNALED(wait_for(one)) && WIFSIGNALED(wait_for(other)));
        all += written[0] + written[1];
    }
    CHECK(all > 0);
    check_killed(directory, all, 2 * ROUNDS);
    struct journal journal = {0}; /* who comes later goes on behind them */
    struct journal_record record = record_of(1);
    journal_add(&journal, directory, &record);
    CHECK_INT(journal.lost, 0);
    journal_close(&journal);
    check_killed(directory, all + 1, 2 * ROUNDS);
    munmap(written, 2 * sizeof(*written));
    place_remove(&place);
}

int main(void)
{
    if (sodium_init() < 0)
        return 2;
    RUN(test_beside_a_merger);
    RUN(test_two_are_killed);
    return unit_end();
}
