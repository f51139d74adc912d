/* SPDX-License-Identifier: MIT */
/* Arbitrary bytes as a line of a cassette. What can be read is written, and read to the same
 * again; what a program could have recorded is packed, as `preecho import` does. */
#include <stdlib.h>

#include "tools/import_entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static void check_same(const struct cassette_entry *a, const struct cassette_entry *b)
{
    check(span_equal(a->request.host, b->request.host));
    check(span_equal(a->request.target, b->request.target));
    check(span_equal(a->request.body, b->request.body));
    check(span_equal(a->response.body, b->response.body));
    check(span_equal(a->response.phrase, b->response.phrase));
    check(a->request.headers.count == b->request.headers.count);
    check(a->response.headers.count == b->response.headers.count);
    check(a->response.piece_count == b->response.piece_count);
    check(a->response.status == b->response.status);
    check(a->request.port == b->request.port && a->request.tls == b->request.tls);
    check(a->request.unverified == b->request.unverified);
    check(a->label.created_ms == b->label.created_ms);
    check(a->label.ttl_s == b->label.ttl_s && a->label.ordinal == b->label.ordinal);
    check(span_equal(buffer_span(&a->tags), buffer_span(&b->tags)));
}

static void check_again(const struct cassette_entry *entry)
{
    struct cassette_entry again;
    char problem[CASSETTE_PROBLEM_SIZE];
    struct record record = {.request = entry->request, .response = entry->response};
    char *line = cassette_write(&record, &entry->label, buffer_span(&entry->tags));
    check(line != NULL);
    check(cassette_read(span_text(line), &again, problem));
    check_same(entry, &again);
    cassette_free(&again);
    free(line);
}

static void pack(struct cassette_entry *entry)
{
    static char empty[] = "";
    struct config config = {.tenant = empty};
    struct call call = {0};
    char problem[CASSETTE_PROBLEM_SIZE];
    if (import_check(entry, &config, &call, problem)) {
        struct buffer packed = {0};
        struct record record;
        record_pack(&entry->request, &entry->response, (struct span){0}, &packed);
        check(record_unpack(buffer_span(&packed), &record) == 0);
        record_free(&record);
        buffer_free(&packed);
    }
    api_call_free(&call);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cassette_entry entry;
    char problem[CASSETTE_PROBLEM_SIZE] = "";
    if (!cassette_read(span_of(data, size), &entry, problem)) {
        check(problem[0] != 0);
        return 0;
    }
    check_again(&entry);
    pack(&entry);
    cassette_free(&entry);
    return 0;
}
