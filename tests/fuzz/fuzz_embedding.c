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
};

static void check(bool good)
{
    if (!good)
        abort();
}

struct parts {
    struct buffer bodies[MOST];
    size_t count;
};

static bool keep(void *context, uint32_t place, struct span body, struct span vector)
{
    struct parts *parts = context;
    check(place == parts->count && json_valid(body));
    check(span_find(body, vector) < body.size);
    if (parts->count == MOST)
        return false;
    buffer_append_span(&parts->bodies[parts->count++], body);
    return true;
}

/* The same vectors at the same places. */
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
    struct json_iterator before = json_begin(json_member(json_of(answer), list));
    struct json_iterator after =
        json_begin(json_member(json_of(buffer_span(&out)), list));
    while (json_next(&before))
        check(json_next(&after) &&
              span_equal(json_member(before.value, "embedding").text,
                         json_member(after.value, "embedding").text));
    check(!json_next(&after));
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
