/* SPDX-License-Identifier: MIT */
/* A request for vectors and an answer to it, both foreign bytes: what can be taken apart is valid, and
 * put together again it is the same list of vectors. The first byte chooses the dialect; a zero byte
 * parts request and answer. */
#include <stdlib.h>

#include "shim/core/api/embedding.h"
#include "shim/core/api/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST 64

static const struct {
    const char *host, *target, *list;
} places[] = {
    {"api.openai.com", "/v1/embeddings", "data"},
    {"localhost", "/api/embed", "embeddings"},
    {"localhost", "/v1/embeddings", "data"},
    {"generativelanguage.googleapis.com", "/v1beta/models/e:batchEmbedContents",
     "embeddings"},
    {"api.cohere.com", "/v1/embed", "embeddings"},
    {"api.cohere.com", "/v2/embed", "texts"},
    {"api.cohere.com", "/v2/embed", "images"},
    {"api.cohere.com", "/v2/embed", NULL},
};

/* In an object of lists, each of vectors. */
#define KINDS "embeddings"

static void check(bool good)
{
    if (!good)
        abort();
}

struct parts {
    struct buffer bodies[MOST];
    size_t count;
};

static bool keep(void *context, uint32_t place, struct span body,
                 const struct embedding_vector *vectors, size_t count)
{
    struct parts *parts = context;
    check(place == parts->count && json_valid(body) && count > 0);
    for (size_t i = 0; i < count; i++) {
        size_t at = vectors[i].at, size = vectors[i].spelled.size;
        check(at <= body.size && size <= body.size - at &&
              memcmp(body.at + at, vectors[i].spelled.at, size) == 0);
    }
    if (parts->count == MOST)
        return false;
    buffer_append_span(&parts->bodies[parts->count++], body);
    return true;
}

/* The same items at the same places, whatever stands around them. */
static void check_list(struct json list, struct json joined)
{
    struct json_iterator before = json_begin(list), after = json_begin(joined);
    while (json_next(&before)) {
        struct json vector = json_member(before.value, "embedding");
        check(json_next(&after));
        if (vector.text.size)
            check(span_equal(vector.text, json_member(after.value, "embedding").text));
        else
            check(span_equal(before.value.text, after.value.text));
    }
    check(!json_next(&after));
}

static void check_lists(const char *list, struct json answer, struct json joined)
{
    if (list) {
        check_list(json_member(answer, list), json_member(joined, list));
        return;
    }
    struct json_iterator before = json_begin(json_member(answer, KINDS));
    struct json_iterator after = json_begin(json_member(joined, KINDS));
    while (json_next(&before)) {
        check(json_next(&after) && span_equal(before.name.text, after.name.text));
        check_list(before.value, after.value);
    }
    check(!json_next(&after));
}

static void check_round(const struct call *call, const struct parts *parts,
                        const char *list, struct span answer)
{
    struct span bodies[MOST];
    uint32_t which[MOST];
    struct buffer out = {0};
    for (uint32_t i = 0; i < parts->count; i++) {
        bodies[i] = buffer_span(&parts->bodies[i]);
        which[i] = i;
    }
    check(embedding_join(call, bodies[0], bodies, parts->count, which, parts->count,
                         &out) == EMBEDDING_OK);
    check(json_valid(buffer_span(&out)));
    check_lists(list, json_of(answer), json_of(buffer_span(&out)));
    buffer_free(&out);
}

static void try(const struct call *call, const struct request *request, const char *list,
                struct span answer)
{
    struct embedding embedding;
    struct parts parts = {.count = 0};
    if (embedding_read(call, request, &embedding) != EMBEDDING_OK)
        return;
    if (embedding_split(call, &embedding, NULL, embedding.count, answer, keep, &parts) ==
        EMBEDDING_OK)
        check_round(call, &parts, list, answer);
    for (size_t i = 0; i < parts.count; i++)
        buffer_free(&parts.bodies[i]);
    embedding_free(&embedding);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct header type = {span_text("Content-Type"), span_text("application/json")};
    struct call call;
    if (size == 0)
        return 0;
    size_t which = data[0] % (sizeof(places) / sizeof(*places));
    struct span rest = span_of(data + 1, size - 1);
    size_t cut = span_find(rest, span_of("", 1));
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text(places[which].host),
                              .port = 443,
                              .target = span_text(places[which].target),
                              .headers = {&type, 1, 1},
                              .body = span_of(rest.at, cut)};
    if (api_recognise(&request, &call) == REASON_NONE)
        try(&call, &request, places[which].list, span_skip(rest, cut + 1));
    api_call_free(&call);
    return 0;
}
