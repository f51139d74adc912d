/* SPDX-License-Identifier: MIT */
/* The rows of removed journal segments, as LMDB keeps them. Under RECORD_TOTALS alone: what is
 * in the ledger (struct ledger). Under RECORD_TOTALS, a letter and a day (4 bytes, big-endian,
 * since 1970), each as period.h says: 'd', the rows of that day; 'T', its rows with tags; 'm', the
 * rows of the month that begins on that day.
 *
 * A day's rows tell the hour while it is young. When it is old it becomes a part of its month,
 * which tells no tenant and no program, and its tags are forgotten; that comes sooner when the
 * ledger would get too large. A single day that is too large gives up hours, seldom used tags,
 * and then who and what, in this order (detail.h).
 *
 * Thread class: one thread. */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include "tally.h"
#include "writer.h"

#define LEDGER_HOURS_DAYS 30  /* whose rows tell the hour */
#define LEDGER_DAYS       400 /* that are kept apart */
#define LEDGER_MOST       ((uint64_t)64 << 20)

struct ledger {
    uint64_t generation; /* another one after every change */
    uint64_t torn;       /* records of removed segments that were never finished */
    struct buffer
        identities; /* uint64_t of the segments that the last fold took: one whose file was
                       not removed any more is not counted again */
};

/* Of the LMDB file |data|; zeroes when there is none. STORE_OK, STORE_NO_MEMORY. */
MUST_USE int ledger_load(struct ledger *ledger, const char *data);
/* Queues it, with another generation. */
void ledger_save(struct ledger *ledger, struct writer *writer);
void ledger_free(struct ledger *ledger);

/* True when segment |identity| is in the ledger. */
bool ledger_has(const struct ledger *ledger, uint64_t identity);

/* Adds the ledger's rows to |sums|, as far as |rules| want them. Not in one transaction: if
 * the generation has changed it has to be done again. STORE_OK, STORE_NO_MEMORY. */
MUST_USE int ledger_read(const char *data, const struct sums_rules *rules,
                         struct sums *sums);

/* Queues |sums| added to what the ledger has. |most|: bytes that the ledger may take, 0 =
 * LEDGER_MOST. STORE_OK, STORE_NO_MEMORY, STORE_CORRUPT, STORE_UNAVAILABLE. */
MUST_USE int ledger_add(struct writer *writer, const struct sums *sums, int64_t now_s,
                        uint64_t most);

/* Queues what age and |most| ask for; |*changed| becomes true when there was something.
 * Nothing else of the ledger may be queued. ledger_add's results. */
MUST_USE int ledger_age(struct writer *writer, int64_t now_s, uint64_t most,
                        bool *changed);

/* Queues the removal of all rows. STORE_OK, STORE_NO_MEMORY, STORE_CORRUPT,
 * STORE_UNAVAILABLE. */
MUST_USE int ledger_clear(struct writer *writer);

#endif
