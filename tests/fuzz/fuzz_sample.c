/* SPDX-License-Identifier: MIT */
/* Notes of the semantic layer and heads of partitions, as a damaged store may hold them; what is
 * read is written the same. */
#include "store/partition.h"
#include "store/sample.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sample(struct span bytes)
{
    struct sample sample, again;
    struct buffer out = {0};
    if (!sample_decode(bytes, &sample))
        return;
    sample_encode(&sample, &out);
    if (!buffer_ok(&out) || !span_equal(buffer_span(&out), bytes) ||
        !sample_decode(buffer_span(&out), &again))
        abort();
    buffer_free(&out);
}

static void check_head(struct span bytes)
{
    struct partition_head head;
    struct buffer out = {0};
    if (!partition_head_decode(bytes, &head))
        return;
    partition_head_encode(&head, &out);
    if (!span_equal(buffer_span(&out), bytes))
        abort();
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = span_of(data, size);
    struct vector_note note;
    check_sample(bytes);
    check_head(bytes);
    if (vector_note_decode(bytes, &note) && note.codes + note.dimensions != data + size)
        abort();
    return 0;
}
