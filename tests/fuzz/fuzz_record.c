/* SPDX-License-Identifier: MIT */
/* Unpacking arbitrary bytes; what unpacks packs and unpacks to the same again. */
#include <stdlib.h>

#include "shim/core/api/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static void check_pieces(const struct response *response)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < response->piece_count; i++)
        sum += response->pieces[i].size;
    check(response->piece_count == 0 || sum == response->body.size);
}

static void pack_again(const struct record *record)
{
    struct buffer packed = {0};
    struct record again;
    record_pack(&record->request, &record->response, record->level, &packed);
    check(record_unpack(buffer_span(&packed), &again) == 0);
    check(span_equal(again.request.host, record->request.host));
    check(span_equal(again.request.body, record->request.body));
    check(span_equal(again.response.phrase, record->response.phrase));
    check(span_equal(again.response.body, record->response.body));
    check(span_equal(again.level, record->level));
    check(again.response.status == record->response.status);
    check(again.response.headers.count <= record->response.headers.count);
    record_free(&again);
    buffer_free(&packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct record record;
    struct buffer packed = {0};
    /* The bytes as a record, and as the parts of one. */
    struct span half = span_of(data, size / 2),
                rest = span_skip(span_of(data, size), size / 2);
    struct header field = {half, rest};
    struct request request = {.host = half, .target = rest, .headers = {&field, 1, 1}};
    struct response response = {.status = 200, .body = rest, .headers = {&field, 1, 1}};
    if (record_unpack(span_of(data, size), &record) == 0) {
        check_pieces(&record.response);
        pack_again(&record);
        record_free(&record);
    }
    record_pack(&request, &response, half, &packed);
    check(record_unpack(buffer_span(&packed), &record) == 0);
    record_free(&record);
    buffer_free(&packed);
    return 0;
}
