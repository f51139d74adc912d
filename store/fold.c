/* SPDX-License-Identifier: MIT */
/* Folding the journal, see fold.h. What is committed together: the rows, and which segments
 * they are of. Killed before that, nothing has happened; killed after it, the segments that
 * are still there are known, and removed without being counted the next time. */
#include "fold.h"

#include "ledger.h"
#include "segment.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLD_AT_ONCE 64
#define FINISH_S     10 /* what a writer may need between taking a slot and filling it */

struct fold {
    struct writer *writer;
    const struct fold_options *options;
    struct ledger ledger;
    struct sums sums;
    struct buffer identities; /* of the segments that are taken now */
    struct buffer content;
};

static bool fold_record(void *context, const struct journal_record *record)
{
    tally_record(context, record);
    return true;
}

static bool segment_path(const struct fold *fold, uint64_t sequence, struct path *out)
{
    char name[SEGMENT_NAME_SIZE];
    segment_name(sequence, name);
    return path_join(out, fold->writer->layout->journal, name);
}

/* True when somebody may still write into segment |sequence|. */
static bool is_warm(const struct fold *fold, uint64_t sequence)
{
    struct path path;
    struct stat status;
    struct timespec now;
    return segment_path(fold, sequence, &path) && stat(path.text, &status) == 0 &&
           clock_gettime(CLOCK_REALTIME, &now) == 0 &&
           status.st_mtim.tv_sec <= now.tv_sec &&
           status.st_mtim.tv_sec + FINISH_S > now.tv_sec;
}

/* STORE_BUSY: this one and those behind it later. */
static int records_add(struct fold *fold, uint64_t sequence,
                       const struct segment_header *header)
{
    struct sums sums = {.tags = true};
    struct journal_state state = {0};
    int result = STORE_OK;
    (void)segment_each(buffer_span(&fold->content), header, fold_record, &sums, &state);
    if (state.torn && is_warm(fold, sequence)) {
        result = STORE_BUSY;
    } else {
        tally_move(&fold->sums, &sums);
        fold->ledger.torn += state.torn;
        result = tally_ok(&fold->sums) ? STORE_OK : STORE_NO_MEMORY;
    }
    tally_clear(&sums);
    return result;
}

static int segment_add(struct fold *fold, uint64_t sequence)
{
    struct segment_header header;
    const char *journal = fold->writer->layout->journal;
    int result = segment_read(journal, sequence, &fold->content, &header);
    if (result == STORE_MISS || result == STORE_CORRUPT)
        return STORE_OK; /* nothing to count; removed with the others */
    if (result == STORE_OK && !ledger_has(&fold->ledger, header.identity))
        result = records_add(fold, sequence, &header);
    if (result == STORE_OK)
        buffer_append(&fold->identities, &header.identity, sizeof(header.identity));
    return buffer_ok(&fold->identities) ? result : STORE_NO_MEMORY;
}

static uint64_t sequence_at(struct span sequences, size_t index)
{
    uint64_t sequence;
    memcpy(&sequence, sequences.at + index * sizeof(sequence), sizeof(sequence));
    return sequence;
}

/* |*taken| becomes how many of |sequences| are in the ledger. */
static int fold_commit(struct fold *fold, struct span sequences, size_t *taken)
{
    size_t count = sequences.size / sizeof(uint64_t), added = 0;
    const struct fold_options *options = fold->options;
    int result = ledger_load(&fold->ledger, fold->writer->layout->data);
    while (result == STORE_OK && added < count) {
        result = segment_add(fold, sequence_at(sequences, added));
        added += result == STORE_OK;
    }
    if (result == STORE_BUSY)
        result = STORE_OK;
    if (result != STORE_OK || added == 0)
        return result;
    result = ledger_add(fold->writer, &fold->sums, options->now_s, options->most);
    buffer_free(&fold->ledger.identities);
    fold->ledger.identities = fold->identities;
    fold->identities = (struct buffer){0};
    if (result == STORE_OK) {
        ledger_save(&fold->ledger, fold->writer);
        result = writer_flush(fold->writer);
    }
    *taken = result == STORE_OK ? added : 0;
    return result;
}

/* A file that stays would be counted again by the fold after the next. */
static int segment_remove(const struct fold *fold, uint64_t sequence)
{
    struct path path;
    if (!segment_path(fold, sequence, &path) ||
        (unlink(path.text) != 0 && errno != ENOENT))
        return STORE_UNAVAILABLE;
    return STORE_OK;
}

static int fold_some(struct writer *writer, const struct fold_options *options,
                     struct span sequences, size_t *taken)
{
    struct fold fold = {.writer = writer, .options = options, .sums.tags = true};
    *taken = 0;
    int result = fold_commit(&fold, sequences, taken);
    for (size_t i = 0; result == STORE_OK && i < *taken; i++)
        result = segment_remove(&fold, sequence_at(sequences, i));
    ledger_free(&fold.ledger);
    tally_clear(&fold.sums);
    buffer_free(&fold.identities);
    buffer_free(&fold.content);
    return result;
}

static int ledger_tidy(struct writer *writer, const struct fold_options *options)
{
    struct ledger ledger;
    bool changed = false;
    int result = ledger_load(&ledger, writer->layout->data);
    if (result == STORE_OK)
        result = ledger_age(writer, options->now_s, options->most, &changed);
    if (result == STORE_OK && changed) {
        ledger_save(&ledger, writer);
        result = writer_flush(writer);
    }
    ledger_free(&ledger);
    return result;
}

int journal_fold(struct writer *writer, const struct fold_options *options,
                 uint64_t *folded)
{
    struct buffer sequences = {0};
    int result = segment_list(writer->layout->journal, &sequences);
    size_t kept = options->kept ? options->kept : 1, taken = 1, all = 0;
    size_t count = sequences.size / sizeof(uint64_t);
    while (result == STORE_OK && taken && count - all > kept) {
        size_t left = count - all - kept;
        size_t some = left < FOLD_AT_ONCE ? left : FOLD_AT_ONCE;
        result = fold_some(
            writer, options,
            span_of(sequences.at + all * sizeof(uint64_t), some * sizeof(uint64_t)),
            &taken);
        all += taken;
    }
    *folded += all;
    buffer_free(&sequences);
    return result == STORE_OK && all ? ledger_tidy(writer, options) : result;
}
