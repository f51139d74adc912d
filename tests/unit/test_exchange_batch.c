/* SPDX-License-Identifier: MIT */
/* Requests for vectors against an upstream that computes a vector from the text, and sometimes
 * does not. */
#include "unit.h"

#include "shim/core/api/json.h"
#include "shim/core/core.h"
#include "shim/core/exchange.h"
#include "store/memory.h"

#include <stdlib.h>
#include <unistd.h>

#define BATCHES 10000
#define TEXTS   40
#define MOST    12

static struct config *config(void)
{
    return (struct config *)(uintptr_t)core_config();
}

static uint32_t random_below(uint32_t limit)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % limit;
}

/* -- the upstream ---------------------------------------------------------------------- */

enum fault {
    FAULT_NONE,
    FAULT_FEWER,
    FAULT_ORDER,
    FAULT_SIZE,
    FAULT_STATUS,
    FAULT_ERROR,
    FAULTS
};

struct shape {
    unsigned dimensions;
    bool base64;
};

static unsigned sent[TEXTS][3]; /* how often each text went upstream well, by shape */

static unsigned digest(struct span text, unsigned at, const struct shape *shape)
{
    unsigned sum = 7 * shape->dimensions + at + 1;
    for (size_t i = 0; i < text.size; i++)
        sum = sum * 31 + text.at[i];
    return sum % 1000;
}

static void append_vector(struct buffer *out, struct span text, const struct shape *shape,
                          unsigned dimensions)
{
    char number[16];
    buffer_append_byte(out, shape->base64 ? '"' : '[');
    for (unsigned i = 0; i < dimensions; i++) {
        unsigned value = digest(text, i, shape);
        if (shape->base64)
            snprintf(number, sizeof(number), "%04u", value);
        else
            snprintf(number, sizeof(number), "%s0.%03u0", i ? "," : "", value);
        buffer_append_text(out, number);
    }
    buffer_append_byte(out, shape->base64 ? '"' : ']');
}

static void append_item(struct buffer *out, struct span text, unsigned index,
                        const struct shape *shape, unsigned dimensions)
{
    buffer_append_text(out, "{\"index\":");
    buffer_append_decimal(out, index);
    buffer_append_text(out, ",\"embedding\":");
    append_vector(out, text, shape, dimensions);
    buffer_append_byte(out, '}');
}

static void answer_to(struct span body, const struct shape *shape, enum fault fault,
                      struct buffer *out)
{
    struct json_iterator items = json_begin(json_member(json_of(body), "input"));
    size_t count = json_count(json_member(json_of(body), "input")), tokens = 0;
    buffer_append_text(out, "{\"model\":\"m\",\"data\":[");
    for (unsigned i = 0; json_next(&items); i++) {
        unsigned dimensions = shape->dimensions + (fault == FAULT_SIZE && i + 1 == count);
        if (fault == FAULT_FEWER && i + 1 == count)
            break;
        tokens += items.value.text.size;
        buffer_append_text(out, i ? "," : "");
        append_item(out, items.value.text, i + (fault == FAULT_ORDER), shape, dimensions);
    }
    buffer_append_text(out, "],\"usage\":{\"prompt_tokens\":");
    buffer_append_decimal(out, tokens);
    buffer_append_text(out, "}}");
}

/* False: one of them had been answered before, or stands there twice. */
static bool count_sent(struct span body, unsigned kind)
{
    struct json_iterator items = json_begin(json_member(json_of(body), "input"));
    bool once = true;
    while (json_next(&items))
        once &= ++sent[atoi((const char *)items.value.text.at + 2)][kind] == 1;
    return once;
}

/* -- the program ----------------------------------------------------------------------- */

struct asking {
    unsigned texts[MOST];
    unsigned count, kind;
    struct shape shape;
    char body[512];
};

static void write_body(struct asking *asking)
{
    static const struct shape shapes[] = {{3, false}, {2, true}, {5, false}};
    asking->shape = shapes[asking->kind];
    int used = snprintf(asking->body, sizeof(asking->body),
                        "{\"model\":\"m\",\"kind\":%u,\"input\":[", asking->kind);
    for (unsigned i = 0; i < asking->count; i++)
        used += snprintf(asking->body + used, sizeof(asking->body) - (size_t)used,
                         "%s\"t%u\"", i ? "," : "", asking->texts[i]);
    snprintf(asking->body + used, sizeof(asking->body) - (size_t)used, "]}");
}

static void choose(struct asking *asking)
{
    asking->count = 1 + random_below(MOST);
    asking->kind = random_below(3);
    for (unsigned i = 0; i < asking->count; i++)
        asking->texts[i] = random_below(TEXTS);
    write_body(asking);
}

static struct exchange *begin_at(const char *host, const char *target, const char *body)
{
    struct header fields[] = {{span_text("Authorization"), span_text("Bearer key")},
                              {span_text("Content-Type"), span_text("application/json")}};
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text(host),
                              .port = 443,
                              .target = span_text(target),
                              .headers = {fields, 2, 2},
                              .body = span_text(body)};
    return exchange_begin(&request, LEVEL_OPENSSL);
}

static struct exchange *begin(const char *body)
{
    return begin_at("api.openai.com", "/v1/embeddings", body);
}

/* Every vector is its text's, and every index its place. */
static bool is_right(struct span body, const struct asking *asking)
{
    struct json_iterator items = json_begin(json_member(json_of(body), "data"));
    size_t wanted = 0;
    unsigned i = 0;
    for (; json_next(&items); i++) {
        char text[16];
        uint64_t index;
        struct buffer vector = {0};
        if (i == asking->count)
            return false;
        snprintf(text, sizeof(text), "\"t%u\"", asking->texts[i]);
        wanted += strlen(text);
        append_vector(&vector, span_text(text), &asking->shape, asking->shape.dimensions);
        bool good =
            json_u64(json_member(items.value, "index"), &index) && index == i &&
            span_equal(json_member(items.value, "embedding").text, buffer_span(&vector));
        buffer_free(&vector);
        if (!good)
            return false;
    }
    uint64_t tokens;
    return i == asking->count &&
           json_u64(json_at(json_of(body), "usage/prompt_tokens"), &tokens) &&
           tokens == wanted;
}

static struct response response_of(unsigned status, struct span body)
{
    static struct header field = {{(const uint8_t *)"Content-Type", 12},
                                  {(const uint8_t *)"application/json", 16}};
    return (struct response){
        .status = status, .version = 11, .headers = {&field, 1, 1}, .body = body};
}

struct outcome {
    bool hit, shown; /* served; or the program has seen an answer of upstream's */
    bool right;
    unsigned calls;
};

/* One call to upstream. True: it is over for the program. */
static bool call_upstream(struct exchange *exchange, const struct asking *asking,
                          enum fault fault, struct outcome *outcome)
{
    struct span sent_body = exchange_upstream_body(exchange);
    struct buffer answer = {0};
    bool partial = exchange_is_partial(exchange), over = true;
    if (sent_body.size == 0)
        sent_body = span_text(asking->body);
    unsigned status = fault == FAULT_STATUS ? 500 : 200;
    if (fault == FAULT_STATUS || fault == FAULT_ERROR)
        buffer_append_text(&answer, "{\"error\":{\"message\":\"no\"}}");
    else
        answer_to(sent_body, &asking->shape, fault, &answer);
    struct response response = response_of(status, buffer_span(&answer));
    bool first = outcome->calls++ == 0;
    if (fault == FAULT_NONE)
        CHECK(count_sent(sent_body, asking->kind) || !first);
    if (partial && status == 200) {
        over = exchange_complete(exchange, &response);
        outcome->right =
            over && is_right(exchange_record(exchange)->response.body, asking);
        CHECK_INT(over, fault == FAULT_NONE);
    } else {
        outcome->shown = true;
        outcome->right = fault != FAULT_NONE || is_right(response.body, asking);
        exchange_commit(exchange, &response, (struct span){0});
    }
    buffer_free(&answer);
    return over;
}

static struct outcome ask(const struct asking *asking, enum fault fault)
{
    struct outcome outcome = {0};
    struct exchange *exchange = begin(asking->body);
    if (!CHECK(exchange != NULL))
        return outcome;
    if (exchange_verdict(exchange) == VERDICT_IS_HIT) {
        outcome.hit = true;
        outcome.right = is_right(exchange_record(exchange)->response.body, asking);
        exchange_served(exchange, 1, 2);
    } else if (!call_upstream(exchange, asking, fault, &outcome)) {
        CHECK(!exchange_is_partial(exchange));
        CHECK(call_upstream(exchange, asking, FAULT_NONE, &outcome));
    }
    exchange_free(exchange);
    return outcome;
}

/* -- tests ----------------------------------------------------------------------------- */

static bool all_sent(const struct asking *asking)
{
    for (unsigned i = 0; i < asking->count; i++)
        if (!sent[asking->texts[i]][asking->kind])
            return false;
    return true;
}

static bool has_two(const struct asking *asking)
{
    for (unsigned i = 1; i < asking->count; i++)
        if (asking->texts[i] != asking->texts[0])
            return true;
    return false;
}

/* All that was recorded is of another version. */
static void retire(unsigned number)
{
    static char version[16];
    snprintf(version, sizeof(version), "%u", number);
    config()->policy.version = span_text(version);
    memcpy(config()->keying, &number, sizeof(number));
    memset(sent, 0, sizeof(sent));
}

/* A text goes out a second time only beside others, where a part was answered oddly. */
static void test_random_batches(void)
{
    unsigned hits = 0, odd = 0;
    for (unsigned i = 0; i < BATCHES; i++) {
        struct asking asking;
        choose(&asking);
        enum fault fault =
            random_below(4) == 0 ? (enum fault)random_below(FAULTS) : FAULT_NONE;
        if (fault == FAULT_SIZE && !has_two(&asking))
            fault = FAULT_NONE; /* nobody could tell */
        if (i % 100 == 0)
            retire(i);
        bool known = all_sent(&asking);
        struct outcome outcome = ask(&asking, fault);
        if (!CHECK(outcome.right && outcome.hit == known))
            fprintf(stderr, "number %u, fault %d: hit %d, known %d, right %d: %s\n", i,
                    fault, outcome.hit, known, outcome.right, asking.body);
        hits += outcome.hit;
        odd += outcome.calls > 1;
    }
    CHECK(hits > BATCHES / 4 && odd > 100);
    printf("%u batches, %u hits, %u asked again\n", BATCHES, hits, odd);
}

/* Asks when memory is short from the |from|-th allocation on. |part|: upstream's answer to what is
 * missing. False: what the program was given is wrong. |*whole|: upstream was asked for all. */
static bool ask_short(const struct asking *asking, struct span part, struct span all,
                      unsigned long from, bool *whole)
{
    struct response response = response_of(200, part);
    bool right = true;
    memory_fail_from(from);
    struct exchange *exchange = begin(asking->body);
    bool hit = exchange && exchange_verdict(exchange) == VERDICT_IS_HIT;
    if (exchange && !hit && exchange_is_partial(exchange))
        hit = exchange_complete(exchange, &response);
    *whole = !hit;
    if (exchange && !hit) {
        right = !exchange_is_partial(exchange);
        response.body = all;
        exchange_commit(exchange, &response, (struct span){0});
    }
    memory_fail_from(0);
    if (hit)
        right = is_right(exchange_record(exchange)->response.body, asking);
    exchange_free(exchange);
    return right;
}

static void test_memory_is_short(void)
{
    struct asking known = {.texts = {1, 2}, .count = 2};
    struct asking asking = {.texts = {1, 3, 2, 1}, .count = 4};
    struct buffer part = {0}, all = {0};
    unsigned long from = 0, whole = 0;
    bool asked_whole = true;
    write_body(&known);
    write_body(&asking);
    answer_to(span_text("{\"input\":[\"t3\"]}"), &asking.shape, FAULT_NONE, &part);
    answer_to(span_text(asking.body), &asking.shape, FAULT_NONE, &all);
    for (bool over = false; !over && CHECK(from < 2000);) {
        retire(20000 + (unsigned)from++);
        ask(&known, FAULT_NONE);
        CHECK(ask_short(&asking, buffer_span(&part), buffer_span(&all), from,
                        &asked_whole));
        whole += asked_whole;
        memset(sent, 0, sizeof(sent));
        CHECK(ask(&asking, FAULT_NONE).right);
        over = !asked_whole && from > 300;
    }
    CHECK(whole > 50 && !asked_whole);
    printf("%lu rounds, %lu asked for all\n", from, whole);
    buffer_free(&part);
    buffer_free(&all);
}

/* What a field says of the cost of a batch is no item's. */
static void test_costs_in_fields(void)
{
    struct header fields[] = {
        {span_text("Content-Type"), span_text("application/json")},
        {span_text("X-Compute-Tokens"), span_text("12")},
    };
    struct response response = {.status = 200,
                                .version = 11,
                                .headers = {fields, 2, 2},
                                .body = span_text("[[1,2],[3.50,-4e-3]]")};
    struct exchange *exchange =
        begin_at("localhost", "/embed", "{\"inputs\":[\"one\",\"two\"]}");
    if (!CHECK(exchange && exchange_verdict(exchange) == VERDICT_IS_MISS))
        return;
    exchange_commit(exchange, &response, (struct span){0});
    CHECK(exchange_recorded(exchange));
    exchange_free(exchange);
    exchange = begin_at("localhost", "/embed", "{\"inputs\":\"two\"}");
    if (CHECK(exchange && exchange_verdict(exchange) == VERDICT_IS_HIT)) {
        const struct response *found = &exchange_record(exchange)->response;
        CHECK(span_is(found->body, "[[3.50,-4e-3]]"));
        CHECK(headers_value(&found->headers, "X-Compute-Tokens").size == 0);
        CHECK(headers_value(&found->headers, "Content-Type").size > 0);
        exchange_served(exchange, 1, 2);
    }
    exchange_free(exchange);
}

int main(void)
{
    char directory[] = "/tmp/preecho-unit-XXXXXX";
    if (!mkdtemp(directory))
        return 1;
    setenv("XDG_CACHE_HOME", directory, 1);
    setenv("XDG_CONFIG_HOME", directory, 1);
    unsetenv("PREECHO_STORE");
    unsetenv("PREECHO_MODE");
    unsetenv("PREECHO_SCOPE");
    unsetenv("PREECHO_EMBEDDING");
    if (core_start() != 0)
        return 1;
    config()->policy.coalesce = false;
    RUN(test_random_batches);
    RUN(test_memory_is_short);
    RUN(test_costs_in_fields);
    char command[64];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) == 0 ? unit_end() : 1;
}
