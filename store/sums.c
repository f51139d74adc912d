/* SPDX-License-Identifier: MIT */
/* Adding up the journal on several threads, see sums.h. Each has a table of its own and takes
 * one segment after the other; the tables are added at the end. */
#include "layout.h"
#include "ledger.h"
#include "memory.h"
#include "segment.h"

#include <sched.h>
#include <stdatomic.h>

#define THREADS       8
#define RUNS          4 /* for each thread, at least */
#define FOLD_ATTEMPTS 16

struct reading {
    const char *journal;
    const struct sums_rules *rules;
    const struct ledger *ledger;
    struct buffer sequences; /* uint64_t */
    size_t count, run;       /* of them; taken at once: neighbours share rows */
    _Atomic size_t next;     /* the first of them that nobody has taken */
    _Atomic int result;      /* of whoever failed */
};

struct worker {
    struct reading *reading;
    struct sums sums;
    struct journal_state state;
    struct buffer content; /* of a segment */
    pthread_t thread;
};

static bool add_record(void *context, const struct journal_record *record)
{
    struct worker *worker = context;
    const struct sums_rules *rules = worker->reading->rules;
    if (record->time_ms >= rules->since_ms &&
        (rules->until_ms == 0 || record->time_ms < rules->until_ms))
        tally_record(&worker->sums, record);
    return true;
}

static int add_segment(struct worker *worker, uint64_t sequence)
{
    struct segment_header header;
    struct journal_state *state = &worker->state;
    struct reading *reading = worker->reading;
    int result = segment_read(reading->journal, sequence, &worker->content, &header);
    state->foreign += result == STORE_CORRUPT;
    if (result == STORE_MISS || result == STORE_CORRUPT) /* folded meanwhile; not ours */
        return STORE_OK;
    if (result != STORE_OK || ledger_has(reading->ledger, header.identity))
        return result;
    state->segments++;
    state->bytes += worker->content.size;
    (void)segment_each(buffer_span(&worker->content), &header, add_record, worker, state);
    return tally_ok(&worker->sums) ? STORE_OK : STORE_NO_MEMORY;
}

static int add_run(struct worker *worker, size_t first)
{
    struct reading *reading = worker->reading;
    int result = STORE_OK;
    for (size_t i = first; i < first + reading->run && i < reading->count; i++) {
        uint64_t sequence;
        memcpy(&sequence, reading->sequences.at + i * sizeof(sequence), sizeof(sequence));
        if (result == STORE_OK)
            result = add_segment(worker, sequence);
    }
    return result;
}

static void *work(void *context)
{
    struct worker *worker = context;
    struct reading *reading = worker->reading;
    while (atomic_load(&reading->result) == STORE_OK) {
        size_t first = atomic_fetch_add(&reading->next, reading->run);
        if (first >= reading->count)
            break;
        int result = add_run(worker, first);
        if (result != STORE_OK)
            atomic_store(&reading->result, result);
    }
    buffer_free(&worker->content);
    return NULL;
}

/* As many as are worth it, this thread included. */
static size_t thread_count(const struct reading *reading)
{
    cpu_set_t processors;
    size_t most = THREADS;
    if (sched_getaffinity(0, sizeof(processors), &processors) == 0 &&
        (size_t)CPU_COUNT(&processors) < most)
        most = (size_t)CPU_COUNT(&processors);
    return reading->count < most ? reading->count : most;
}

static void state_add(struct journal_state *into, const struct journal_state *more)
{
    into->segments += more->segments;
    into->bytes += more->bytes;
    into->records += more->records;
    into->torn += more->torn;
    into->foreign += more->foreign;
}

/* A thread that cannot be had leaves its work to the others; the last worker is this one. */
static void work_together(struct worker *workers, size_t count)
{
    size_t begun = 0;
    while (begun + 1 < count &&
           pthread_create(&workers[begun].thread, NULL, work, &workers[begun]) == 0)
        begun++;
    (void)work(&workers[begun]);
    for (size_t i = 0; i < begun; i++)
        pthread_join(workers[i].thread, NULL);
}

static int read_segments(struct reading *reading, struct sums *sums,
                         struct journal_state *state)
{
    struct worker *workers = memory_new(THREADS * sizeof(*workers));
    reading->count = reading->sequences.size / sizeof(uint64_t);
    size_t count = thread_count(reading);
    reading->run = reading->count / (THREADS * RUNS) + 1;
    if (!workers)
        return STORE_NO_MEMORY;
    for (size_t i = 0; i < THREADS; i++)
        workers[i] = (struct worker){.reading = reading, .sums.tags = sums->tags};
    work_together(workers, count);
    for (size_t i = 0; i < THREADS; i++) {
        tally_move(sums, &workers[i].sums);
        state_add(state, &workers[i].state);
    }
    memory_free(workers);
    int result = atomic_load(&reading->result);
    return result == STORE_OK && !tally_ok(sums) ? STORE_NO_MEMORY : result;
}

/* STORE_BUSY: a merge has folded something meanwhile, so that it may be missing or here
 * twice. */
static int read_all(const struct layout *layout, const struct sums_rules *rules,
                    struct sums *sums, struct journal_state *state)
{
    struct ledger ledger = {0}, after = {0};
    struct reading reading = {
        .journal = layout->journal, .rules = rules, .ledger = &ledger};
    int result = ledger_load(&ledger, layout->data);
    if (result == STORE_OK)
        result = ledger_read(layout->data, rules, sums);
    if (result == STORE_OK)
        result = segment_list(layout->journal, &reading.sequences);
    if (result == STORE_OK)
        result = read_segments(&reading, sums, state);
    if (result == STORE_OK)
        result = ledger_load(&after, layout->data);
    if (result == STORE_OK && after.generation != ledger.generation)
        result = STORE_BUSY;
    state->torn += ledger.torn;
    buffer_free(&reading.sequences);
    ledger_free(&ledger);
    ledger_free(&after);
    return result;
}

int store_sums(struct store *store, const struct sums_rules *rules, struct sums **out,
               struct journal_state *state)
{
    struct journal_state seen = {0};
    int result = STORE_BUSY;
    struct sums *sums = memory_new(sizeof(*sums));
    *out = NULL;
    if (!sums)
        return STORE_NO_MEMORY;
    sums->tags = rules->tags;
    for (int i = 0; result == STORE_BUSY && i < FOLD_ATTEMPTS; i++) {
        tally_clear(sums);
        seen = (struct journal_state){0};
        result = read_all(&store->layout, rules, sums, &seen);
    }
    if (result != STORE_OK) {
        sums_free(sums);
        return result == STORE_BUSY ? STORE_UNAVAILABLE : result;
    }
    if (state)
        state_add(state, &seen);
    *out = sums;
    return STORE_OK;
}

size_t sums_count(const struct sums *sums)
{
    return sums->calls.count + sums->tagged.count;
}

const struct sums_row *sums_at(const struct sums *sums, size_t index)
{
    if (index < sums->calls.count)
        return rows_at(&sums->calls, index);
    return rows_at(&sums->tagged, index - sums->calls.count);
}

void sums_free(struct sums *sums)
{
    if (!sums)
        return;
    tally_clear(sums);
    memory_free(sums);
}
