/* SPDX-License-Identifier: MIT */
/* Fills a store with samples of the semantic layer for the tests of `preecho semantic`.
 * Usage: semantic_seed STORE CONFIG add IDENTITY MODEL FIRST COUNT SIMILARITY COMPARISON [canary|GUARD]
 *                                                COUNT samples from number FIRST on, a second apart
 *        semantic_seed STORE CONFIG certificate IDENTITY MODEL
 *                                                the threshold and the canaries that a host would see
 *        semantic_seed STORE CONFIG grant TENANT MODEL CLASS SIMILARITY DAYS
 *                                                a certificate for the tenant of this id, 1 % at most, so
 *                                                old
 * Elsewhere the class is "openai gpt-4o". Each sample is noted with an entry of its own, "new question N" and
 * "the new answer N"; its candidate is an entry of "old" ones. */
#include "shim/core/api/guard.h"
#include "shim/core/api/record.h"
#include "store/certificates.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "semantic_seed: %s\n", what);
    exit(1);
}

static void key_of(const char *kind, unsigned long number, const struct tenant *tenant,
                   uint8_t key[STORE_KEY_SIZE])
{
    struct key_hash hash;
    key_begin(&hash, tenant, kind);
    key_part(&hash, span_of(&number, sizeof(number)));
    key_end(&hash, key);
}

/* An entry with a question of its own; |note| may be empty. */
static void record(struct store *store, const struct tenant *tenant, const char *kind,
                   unsigned long number, struct span note)
{
    uint8_t key[STORE_KEY_SIZE];
    char question[256], answer[256];
    struct buffer payload = {0};
    struct entry_notes notes = {.sample = note};
    struct entry_label label = {.dialect = "openai",
                                .operation = "chat",
                                .model = "gpt-4o",
                                .host = "api.openai.com",
                                .created_ms = (int64_t)time(NULL) * 1000,
                                .ttl_s = UINT64_MAX};
    snprintf(question, sizeof(question),
             "{\"model\":\"gpt-4o\",\"temperature\":0,\"messages\":"
             "[{\"role\":\"user\",\"content\":\"%s question %lu\"}]}",
             kind, number);
    snprintf(answer, sizeof(answer),
             "{\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"message\":"
             "{\"role\":\"assistant\",\"content\":\"the %s answer %lu\"}}]}",
             kind, number);
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text("api.openai.com"),
                              .port = 443,
                              .target = span_text("/v1/chat/completions"),
                              .body = span_text(question)};
    struct response response = {.status = 200, .version = 11, .body = span_text(answer)};
    must(headers_add(&request.headers, span_text("content-type"),
                     span_text("application/json")) == 0,
         "headers");
    record_pack(&request, &response, (struct span){0}, &payload);
    key_of(kind, number, tenant, key);
    must(store_record(store, tenant, key, NULL, &label, &notes, buffer_span(&payload)) ==
             STORE_OK,
         "record");
    headers_free(&request.headers);
    buffer_free(&payload);
}

static struct certificate_scope scope_of(const char *model)
{
    struct certificate_scope scope = {.class = "openai gpt-4o", .guards = GUARD_VERSION};
    span_copy_text(span_text(model), scope.model, sizeof(scope.model));
    return scope;
}

static void add(struct store *store, const struct tenant *tenant, char **words)
{
    bool canary = words[5] && strcmp(words[5], "canary") == 0;
    unsigned long first = strtoul(words[1], NULL, 10),
                  count = strtoul(words[2], NULL, 10);
    for (unsigned long i = first; i < first + count; i++) {
        struct buffer note = {0};
        struct sample sample = {
            .time_ms = ((int64_t)time(NULL) - 100000 + (int64_t)i) * 1000,
            .similarity = (uint32_t)(strtod(words[3], NULL) * CERTIFICATE_ONE),
            .comparison = (enum comparison)strtoul(words[4], NULL, 10),
            .canary = canary,
            .guard =
                words[5] && !canary ? (uint8_t)strtoul(words[5], NULL, 10) : GUARD_NONE,
            .scope = scope_of(words[0])};
        if (canary)
            sample.time_ms = ((int64_t)time(NULL) + 10) * 1000;
        key_of("old", i, tenant, sample.candidate);
        sample_encode(&sample, &note);
        record(store, tenant, "old", i, (struct span){0});
        record(store, tenant, "new", i, buffer_span(&note));
        buffer_free(&note);
    }
}

static void show(struct store *store, const struct tenant *tenant, const char *model)
{
    struct certificate_scope scope = scope_of(model);
    struct certificate certificate;
    int result = store_certificate(store, tenant, &scope, &certificate);
    if (result == STORE_MISS) {
        printf("none\n");
        return;
    }
    must(result == STORE_OK, "certificate");
    printf("%u %u %d\n", certificate.threshold, (unsigned)certificate.canary.counts.hits,
           certificate_state(&certificate, &scope, (int64_t)time(NULL) * 1000));
}

static void grant(struct store *store, const struct tenant *tenant, char **words)
{
    struct certify_rules rules = {0.01, 0.95};
    struct certify_result result = {.verdict = CERTIFY_GRANTED,
                                    .threshold =
                                        (unsigned)(strtod(words[2], NULL) * 1000 + 0.5),
                                    .least = 299,
                                    .older = {.hits = 299},
                                    .newer = {.hits = 299}};
    struct certificate_scope scope = scope_of(words[0]);
    struct certificate certificate;
    int64_t age_s = strtol(words[3], NULL, 10) * 24 * 3600;
    span_copy_text(span_text(words[1]), scope.class, sizeof(scope.class));
    must(certificate_issue(&result, &rules, &scope, ((int64_t)time(NULL) - age_s) * 1000,
                           &certificate),
         "issue");
    must(certificates_put(store, tenant, &scope, &certificate) == STORE_OK, "put");
}

static void find_tenant(struct store *store, const char *digits, struct tenant *out)
{
    uint8_t id[TENANT_ID_SIZE];
    size_t size;
    must(sodium_hex2bin(id, sizeof(id), digits, strlen(digits), NULL, &size, NULL) == 0 &&
             size == sizeof(id),
         "id");
    must(store_tenant_by_id(store, id, out) == STORE_OK, "tenant");
}

int main(int count, char **words)
{
    struct store *store;
    struct tenant tenant;
    must(count >= 6, "usage");
    struct store_paths paths = {words[1], words[2]};
    must(store_open(&store, &paths) == STORE_OK, "open");
    bool grants = strcmp(words[3], "grant") == 0 && count >= 9;
    if (grants)
        find_tenant(store, words[4], &tenant);
    else
        must(store_tenant(store, span_text(words[4]), true, &tenant) == STORE_OK,
             "tenant");
    if (grants)
        grant(store, &tenant, words + 5);
    else if (strcmp(words[3], "add") == 0 && count >= 10)
        add(store, &tenant, words + 5);
    else if (strcmp(words[3], "certificate") == 0)
        show(store, &tenant, words[5]);
    else
        must(false, "usage");
    store_close(store);
    return 0;
}
