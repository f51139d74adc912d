/* SPDX-License-Identifier: MIT */
/* One question to an embedding model, asked by a helper process while the program waits: an event
 * loop must not stand still, and nothing of the program's own is used for it. The question, and later
 * the answer, lie in memory that host and helper share (memfd_create(2)); nobody else has it, no file,
 * no argument.
 *
 * Thread class: any thread, one at a time per job; not for signals. Keeps errno. */
#ifndef CORE_EMBEDDING_JOB_H
#define CORE_EMBEDDING_JOB_H

#include "embedder.h"
#include "store/vector.h"

#include <stdatomic.h>

/* What lies in that memory; both sides are of one build, or do not understand each other. */
#define EMBEDDING_SHEET_VERSION 1

struct embedding_sheet {
    uint32_t version;
    uint32_t size; /* of this */
    struct embedder embedder;
    uint32_t text_size;
    uint8_t text[EMBEDDER_TEXT];
    _Atomic uint32_t answered; /* set last */
    uint32_t embedded;         /* enum embedded */
    struct vector vector;
};

struct embedding_job;

/* Starts a helper that asks |embedder| for the vector of |text|. It writes one byte to |far|, a
 * socket, when there is an answer, at the latest a little behind the deadline. NULL: that cannot be
 * done here. Takes about a millisecond. */
MUST_USE struct embedding_job *embedding_job_start(const struct embedder *embedder,
                                                   struct span text, int far);
/* What has come of it, when the byte has been read: EMBEDDED_OK, and |*out| is the vector, valid until
 * the job is freed. */
MUST_USE enum embedded embedding_job_take(const struct embedding_job *job,
                                          const struct vector **out);
void embedding_job_free(struct embedding_job *job);

#endif
