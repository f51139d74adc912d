/* SPDX-License-Identifier: MIT */
/* Fills a store for the tests of the command, through the same functions as a host
 * process.
 *
 * usage: seed STORE CONFIG LINE...   each LINE one of
 *
 *   entry USER NUMBER MODEL HOST AGE_SECONDS   an entry, and the journal line of its miss
 *   stream USER NUMBER MODEL HOST AGE_SECONDS  the same with an answer that is no text
 *   get USER HOST:PORT TARGET AGE_SECONDS ASKED SAID BODY
 *       a recording by GET: ASKED and SAID are fields of request and response, separated by |
 *       ("Name: value|Name: value"), BODY is a text or @SIZE
 *   hit NUMBER                                 the journal line of a hit
 *   bypass REASON | drop REASON                by its number in reasons.def
 *
 * Prints the key of each entry in hexadecimal digits. */
#include "shim/core/api/record.h"
#include "shim/core/keys.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CHECK(condition)                                                                 \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            fprintf(stderr, "seed: %s failed\n", #condition);                            \
            exit(1);                                                                     \
        }                                                                                \
    } while (0)

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint8_t
    latest_tenant[16]; /* of the latest entry; lines after it are this tenant's */

/* The journal's numbers are those that the tests compute with. */
static void add_journal(struct store *store, uint8_t verdict, uint8_t reason,
                        unsigned number)
{
    struct journal_record record = {.time_ms = now_ms(),
                                    .verdict = verdict,
                                    .reason = reason,
                                    .layer = verdict == VERDICT_BYPASS ? LAYER_NONE
                                                                       : LAYER_EXACT,
                                    .level = LEVEL_OPENSSL,
                                    .recorded = verdict == VERDICT_MISS && !reason,
                                    .usage_known = true,
                                    .tokens_in = 100 + number,
                                    .tokens_out = 10,
                                    .lookup_us = 10,
                                    .first_byte_us = 500,
                                    .last_byte_us = 1000,
                                    .recorded_first_byte_us = 1000000,
                                    .recorded_last_byte_us = 1501000,
                                    .program = "seed",
                                    .dialect = "openai",
                                    .operation = "chat",
                                    .model = "model",
                                    .host = "host"};
    memcpy(record.tenant, latest_tenant, sizeof(record.tenant));
    store_journal(store, &record);
}

static void pack(const char *prompt, const char *host, bool binary, struct buffer *out)
{
    static const char answer[] = "{\"choices\":[{\"message\":{\"content\":\"The answer, "
                                 "\xc3\xbc \x1b[31mred\"}}]}\n";
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text(host),
                              .port = 443,
                              .target = span_text("/v1/chat/completions"),
                              .body = span_text(prompt)};
    struct response response = {.status = 200,
                                .version = 11,
                                .phrase = span_text("OK"),
                                .body = binary ? span_of("\0\1\2bytes\xff", 9)
                                               : span_of(answer, sizeof(answer) - 1)};
    CHECK(headers_add(&request.headers, span_text("openai-beta"), span_text("x=1")) == 0);
    CHECK(headers_add(&response.headers, span_text("Content-Type"),
                      span_text("application/json")) == 0);
    record_pack(&request, &response, (struct span){NULL, 0}, out);
    CHECK(buffer_ok(out));
    headers_free(&request.headers);
    headers_free(&response.headers);
}

/* SEED_TAGS, separated by commas. */
static void add_tags(struct buffer *tags)
{
    const char *list = getenv("SEED_TAGS");
    while (list && *list) {
        size_t size = strcspn(list, ",");
        buffer_append_framed(tags, span_of(list, size));
        list += size + (list[size] == ',');
    }
}

static void add_entry(struct store *store, char **words)
{
    struct tenant tenant;
    struct key_hash hash;
    struct buffer payload = {0}, tags = {0};
    const char *tenant_label = getenv("SEED_TENANT");
    uint8_t key[32], alias[32];
    char prompt[128];
    snprintf(prompt, sizeof(prompt), "{\"messages\":\"prompt-in-the-clear %s\"}",
             words[2]);
    CHECK(store_tenant(store, span_text(words[1]), true, &tenant) == STORE_OK);
    memcpy(latest_tenant, tenant.id, sizeof(latest_tenant));
    key_begin(&hash, &tenant, "seed key");
    key_part(&hash, span_text(words[2]));
    key_end(&hash, key);
    key_begin(&hash, &tenant, "seed alias");
    key_part(&hash, span_text(words[2]));
    key_end(&hash, alias);
    struct entry_label label = {.dialect = "openai",
                                .operation = "chat",
                                .port = 443,
                                .status = 200,
                                .stream = words[0][0] == 's',
                                .usage_known = true,
                                .created_ms =
                                    now_ms() - 1000 * strtoll(words[5], NULL, 10),
                                .first_byte_us = 1000000,
                                .last_byte_us = 1500000,
                                .tokens_in = 100,
                                .tokens_out = 10,
                                .ttl_s = UINT64_MAX,
                                .request_bytes = strlen(prompt),
                                .response_bytes = 60};
    span_copy_text(span_text(words[3]), label.model, sizeof(label.model));
    span_copy_text(span_text(words[4]), label.host, sizeof(label.host));
    span_copy_text(span_text(tenant_label ? tenant_label : ""), label.tenant,
                   sizeof(label.tenant));
    pack(prompt, words[4], label.stream, &payload);
    add_tags(&tags);
    struct entry_notes notes = {.tags = buffer_span(&tags)};
    CHECK(store_record(store, &tenant, key, alias, &label, &notes,
                       buffer_span(&payload)) == STORE_OK);
    buffer_free(&payload);
    buffer_free(&tags);
    add_journal(store, VERDICT_MISS, 0, 0);
    for (int i = 0; i < 32; i++)
        printf("%02x", key[i]);
    putchar('\n');
}

static void add_fields(struct headers *headers, const char *lines)
{
    for (size_t size; *lines; lines += size + (lines[size] == '|')) {
        size = strcspn(lines, "|");
        size_t name = strcspn(lines, ":");
        CHECK(name + 2 <= size);
        CHECK(headers_add(headers, span_of(lines, name),
                          span_of(lines + name + 2, size - name - 2)) == 0);
    }
}

static void make_body(const char *word, struct buffer *out)
{
    size_t size = word[0] == '@' ? strtoul(word + 1, NULL, 10) : 0;
    if (word[0] != '@')
        buffer_append_text(out, word);
    for (size_t i = 0; i < size; i++)
        buffer_append_byte(out, (uint8_t)("0123456789abcdef"[i % 16]));
    CHECK(buffer_ok(out));
}

/* SEED_TTL: how long it may be served, in seconds. */
static void add_get(struct store *store, char **words)
{
    struct tenant tenant;
    struct policy policy = {0};
    struct buffer payload = {0}, body = {0};
    uint8_t key[32], alias[32];
    const char *ttl = getenv("SEED_TTL"), *colon = strrchr(words[2], ':');
    CHECK(colon);
    make_body(words[7], &body);
    struct request request = {.method = span_text("GET"),
                              .tls = true,
                              .host = span_of(words[2], (size_t)(colon - words[2])),
                              .port = (uint16_t)strtoul(colon + 1, NULL, 10),
                              .target = span_text(words[3]),
                              .body = span_text("an epoch")};
    struct response response = {.status = 200, .version = 11, .body = buffer_span(&body)};
    add_fields(&request.headers, words[5]);
    add_fields(&response.headers, words[6]);
    CHECK(store_tenant(store, span_text(words[1]), true, &tenant) == STORE_OK);
    keys_edge(&policy, &tenant, &request, alias);
    keys_edge_variant(&policy, &tenant, &request, &response.headers, request.body, key);
    struct entry_label label = {.dialect = "http",
                                .operation = "edge",
                                .program = "seed",
                                .port = request.port,
                                .status = 200,
                                .ttl_s = ttl ? strtoull(ttl, NULL, 10) : UINT64_MAX,
                                .created_ms =
                                    now_ms() - 1000 * strtoll(words[4], NULL, 10),
                                .response_bytes = body.size};
    span_copy_text(request.host, label.host, sizeof(label.host));
    record_pack(&request, &response, (struct span){NULL, 0}, &payload);
    CHECK(buffer_ok(&payload));
    CHECK(store_record(store, &tenant, key, alias, &label, NULL, buffer_span(&payload)) ==
          STORE_OK);
    headers_free(&request.headers);
    headers_free(&response.headers);
    buffer_free(&payload);
    buffer_free(&body);
    for (int i = 0; i < 32; i++)
        printf("%02x", key[i]);
    putchar('\n');
}

/* One LINE; returns how many words it took. */
static int add_line(struct store *store, char **words, int count)
{
    char kind = words[0][0];
    int need = kind == 'e' || kind == 's' ? 6 : kind == 'g' ? 8 : 2;
    CHECK(count >= need);
    if (kind == 'g') {
        add_get(store, words);
        return need;
    }
    unsigned number = (unsigned)strtoul(words[1], NULL, 10);
    if (need == 6)
        add_entry(store, words);
    else if (kind == 'h')
        add_journal(store, VERDICT_HIT, 0, number);
    else
        add_journal(store, kind == 'b' ? VERDICT_BYPASS : VERDICT_MISS, (uint8_t)number,
                    0);
    return need;
}

int main(int count, char **arguments)
{
    struct store *store;
    CHECK(count >= 3);
    struct store_paths paths = {arguments[1], arguments[2]};
    CHECK(store_open(&store, &paths) == STORE_OK);
    for (int i = 3; i < count;)
        i += add_line(store, arguments + i, count - i);
    store_close(store);
    return 0;
}
