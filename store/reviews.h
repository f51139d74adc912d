/* SPDX-License-Identifier: MIT */
/* What somebody has said of samples (sample.h) after looking at both answers, for tools.
 *
 *     RECORD_REVIEW  entry's key    tenant (16), then sealed (partition.h): candidate's key (32),
 *                                  enum review (1)
 *
 * It goes with the entry, and says nothing of another candidate.
 *
 * Thread class: one thread. */
#ifndef STORE_REVIEWS_H
#define STORE_REVIEWS_H

#include "partition.h"
#include "sample.h"
#include "writer.h"

/* REVIEW_NONE when there is none, or it cannot be read. */
enum review review_find(const struct layout *layout, const struct tenant *tenant,
                        const uint8_t key[STORE_KEY_SIZE],
                        const uint8_t candidate[STORE_KEY_SIZE]);
/* The same for those who have a store. */
enum review store_review(struct store *store, const struct tenant *tenant,
                         const uint8_t key[STORE_KEY_SIZE],
                         const uint8_t candidate[STORE_KEY_SIZE]);

/* Puts one, in place of an earlier one; REVIEW_NONE removes it. Waits for a merge that is running.
 * writer_flush's results. */
MUST_USE int store_review_put(struct store *store, const struct tenant *tenant,
                              const uint8_t key[STORE_KEY_SIZE],
                              const uint8_t candidate[STORE_KEY_SIZE],
                              enum review review);

#endif
