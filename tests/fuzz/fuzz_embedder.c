/* SPDX-License-Identifier: MIT */
/* What an embedding endpoint may answer, and what it may be called. */
#include "embedder_ask.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vector vector;

static void check_response(struct span bytes)
{
    struct embedder embedder;
    if (embedder_set(&embedder, span_text("http://127.0.0.1:1"), span_text("m"), false))
        abort();
    if (embedder_response(&embedder, bytes, &vector) == EMBEDDED_OK &&
        (vector.dimensions == 0 || vector.dimensions > VECTOR_DIMENSIONS ||
         vector.square <= 0))
        abort();
}

/* Whatever is accepted makes a request of one line more than its fields. */
static void check_url(struct span bytes)
{
    struct embedder embedder;
    struct buffer request = {0};
    size_t lines = 0;
    if (embedder_set(&embedder, bytes, span_text("m"), true))
        return;
    embedder_request(&embedder, bytes, &request);
    for (size_t i = 0; i < request.size; i++)
        lines += request.at[i] == '\n';
    if (lines != 7)
        abort();
    buffer_free(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_response(span_of(data, size));
    check_url(span_of(data, size));
    return 0;
}
