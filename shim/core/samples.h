/* SPDX-License-Identifier: MIT */
/* Which of several recorded answers the next request for the same key gets: a count per
 * key, kept in memory for the life of the process. Within a test of pytest
 * (current_test.h) counting starts anew, under the test's name. A forked child goes on
 * with copies of its parent's counts.
 *
 * Nothing is forgotten, since a count that starts again would repeat answers: beyond
 * SAMPLES_LIMIT keys there is no counting any more. Any thread; not for signals. */
#ifndef CORE_SAMPLES_H
#define CORE_SAMPLES_H

#include "store/label.h"

#define SAMPLES_LIMIT ((unsigned)1 << 20)

/* One place in the count of a key. */
struct sample_place {
    uint8_t counter[16]; /* of which key, in which test */
    uint64_t number;     /* from 0 */
};

/* Takes the next place for |key|. 0, or -1: memory is short, or there are too many keys.
 */
MUST_USE int samples_take(const uint8_t key[STORE_KEY_SIZE], struct sample_place *out);
/* Nothing came of the request: the next one gets its place, unless a later one has gone
 * by. */
void samples_return(const struct sample_place *sample);

#endif
