/* SPDX-License-Identifier: MIT */
/* Exchanges whose last user message has the words of a recorded one: off, shadow, serve; what keeps two
 * of them apart; what an entry must be to answer another message. */
#include "unit.h"

#include "shim/core/core.h"
#include "shim/core/exchange.h"
#include "shim/core/keys.h"
#include "store/layout.h"
#include "store/memory.h"
#include "store/merge.h"
#include "store/reason.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char directory[64];

static struct config *config(void)
{
    return (struct config *)(uintptr_t)core_config();
}

/* Everything a request consists of; `text` is the last user message. */
struct asking {
    const char *token, *host, *model, *system, *more, *text;
};

static const struct asking usual = {
    "Bearer key", "api.openai.com", "gpt-4o", "You are helpful.", "", ""};

static struct asking say(const char *text)
{
    struct asking asking = usual;
    asking.text = text;
    return asking;
}

static struct exchange *begin(const struct asking *asking)
{
    char body[4000];
    struct header fields[] = {{span_text("Authorization"), span_text(asking->token)},
                              {span_text("Content-Type"), span_text("application/json")}};
    snprintf(body, sizeof(body),
             "{\"model\":\"%s\"%s,\"messages\":[{\"role\":\"system\",\"content\":\"%s\"},"
             "{\"role\":\"user\",\"content\":\"%s\"}]}",
             asking->model, asking->more, asking->system, asking->text);
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text(asking->host),
                              .port = 443,
                              .target = span_text("/v1/chat/completions"),
                              .headers = {fields, 2, 2},
                              .body = span_text(body)};
    return exchange_begin(&request, LEVEL_OPENSSL);
}

static enum verdict verdict_of(const struct exchange *exchange)
{
    return exchange ? exchange_verdict(exchange) : VERDICT_IS_BYPASS;
}

#define PLAIN "{\"role\":\"assistant\",\"content\":\"%s\"}"

static void commit(struct exchange *exchange, const char *message, const char *finish,
                   const char *answer)
{
    char said[300], body[600];
    struct header field = {span_text("Content-Type"), span_text("application/json")};
    snprintf(said, sizeof(said), message, answer);
    snprintf(body, sizeof(body),
             "{\"id\":\"%s\",\"object\":\"chat.completion\",\"model\":\"gpt-4o\","
             "\"choices\":[{\"index\":0,\"message\":%s,\"finish_reason\":\"%s\"}]}",
             answer, said, finish);
    struct response response = {
        .status = 200, .version = 11, .headers = {&field, 1, 1}, .body = span_text(body)};
    exchange_commit(exchange, &response, (struct span){0});
}

/* -- the journal ----------------------------------------------------------------------------- */

static bool take_record(void *context, const struct journal_record *record)
{
    *(struct journal_record *)context = *record;
    return true;
}

static struct journal_record latest(void)
{
    char path[80];
    struct journal_record record = {0};
    struct journal_state state = {0};
    snprintf(path, sizeof path, "%s/preecho/journal", directory);
    CHECK_INT(journal_each(path, take_record, &record, &state), STORE_OK);
    return record;
}

static void check_line(enum journal_verdict verdict, enum journal_layer layer,
                       enum reason reason)
{
    struct journal_record line = latest();
    CHECK_INT(line.verdict, verdict);
    CHECK_INT(line.layer, layer);
    CHECK_TEXT(reason_name(line.reason), reason_name(reason));
}

/* -- asking ---------------------------------------------------------------------------------- */

/* Asks; |answer| is upstream's, its id, too. What the program gets: the id of a hit, or "miss". */
static const char *ask_of(struct asking asking, const char *answer)
{
    static char got[100];
    struct exchange *exchange = begin(&asking);
    snprintf(got, sizeof(got), "bypass");
    if (verdict_of(exchange) == VERDICT_IS_HIT) {
        struct span body = exchange_record(exchange)->response.body;
        body = span_skip(body, strlen("{\"id\":\""));
        span_copy_text(span_of(body.at, span_find(body, span_text("\""))), got,
                       sizeof(got));
        exchange_served(exchange, 1, 2);
    } else if (verdict_of(exchange) == VERDICT_IS_MISS) {
        snprintf(got, sizeof(got), "miss");
        commit(exchange, PLAIN, "stop", answer);
    }
    exchange_free(exchange);
    return got;
}

static const char *ask(const char *text, const char *answer)
{
    return ask_of(say(text), answer);
}

static void rule(enum lexical_tier tier)
{
    config()->policy.lexical = tier;
}

/* -- off and serve --------------------------------------------------------------------------- */

static void test_off(void)
{
    rule(LEXICAL_TIER_OFF);
    CHECK_TEXT(ask("What is the capital of Peru?", "1"), "miss");
    CHECK_TEXT(ask("what is the capital of Peru", "2"), "miss");
    check_line(VERDICT_MISS, LAYER_NONE, REASON_NONE);
    /* What was recorded then stands for its own text alone. */
    rule(LEXICAL_TIER_SERVE);
    CHECK_TEXT(ask("What is the capital of PERU?", "3"), "miss");
    check_line(VERDICT_MISS, LAYER_SEMANTIC, REASON_NONE);
}

static void test_serve(void)
{
    rule(LEXICAL_TIER_SERVE);
    CHECK_TEXT(ask("What is the capital of Chile?", "s1"), "miss");
    uint8_t recorded[32];
    memcpy(recorded, latest().key, sizeof(recorded));
    CHECK_TEXT(ask("What is the capital of Chile?", "x"), "s1");
    check_line(VERDICT_HIT, LAYER_EXACT, REASON_NONE);
    for (int i = 0; i < 2; i++) { /* it does not become an exact one */
        CHECK_TEXT(ask("please, what's the  capital of chile", "x"), "s1");
        check_line(VERDICT_HIT, LAYER_SEMANTIC, REASON_NONE);
        CHECK_BYTES(latest().key, recorded, sizeof(recorded));
    }
    CHECK_TEXT(ask("What is the capital of China?", "s2"), "miss");
    CHECK_TEXT(ask("Isn't the capital of Chile?", "s3"), "miss");
    rule(LEXICAL_TIER_OFF);
    CHECK_TEXT(ask("please, what's the  capital of chile", "s4"), "miss");
    CHECK_TEXT(ask("please, what's the  capital of chile", "x"), "s4");
}

static void test_mark(void)
{
    struct buffer text = {0};
    rule(LEXICAL_TIER_SERVE);
    CHECK_TEXT(ask("What is the capital of Laos?", "m1"), "miss");
    struct asking asking = say("what is the capital of laos");
    struct exchange *exchange = begin(&asking);
    CHECK_INT(verdict_of(exchange), VERDICT_IS_HIT);
    struct cache_mark mark = exchange_mark(exchange);
    cache_mark_append(&mark, &text);
    CHECK(span_is(buffer_span(&text), "preecho; hit; detail=semantic"));
    /* One that could not be served went upstream. */
    exchange_drop(exchange, REASON_UNSUPPORTED_TRANSFER, 200);
    exchange_free(exchange);
    check_line(VERDICT_BYPASS, LAYER_NONE, REASON_UNSUPPORTED_TRANSFER);
    buffer_free(&text);
}

/* -- what keeps apart ------------------------------------------------------------------------ */

static void test_partition(void)
{
    const char *text = "what is the capital of Kenya";
    struct asking other;
    rule(LEXICAL_TIER_SERVE);
    CHECK_TEXT(ask("What is the capital of Kenya?", "p1"), "miss");
#define OTHERWISE(MEMBER, VALUE)                                                         \
    other = say(text);                                                                   \
    other.MEMBER = VALUE;                                                                \
    CHECK_TEXT(ask_of(other, "p"), "miss")
    OTHERWISE(token, "Bearer other");
    OTHERWISE(host, "eu.api.openai.com");
    OTHERWISE(model, "gpt-4o-mini");
    OTHERWISE(system, "You are helpful");
    OTHERWISE(more, ",\"temperature\":0");
    OTHERWISE(more, ",\"max_tokens\":5");
    OTHERWISE(more, ",\"stream\":false");
    OTHERWISE(more, ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]");
    CHECK_TEXT(ask(text, "p"), "p1");
    config()->policy.version = span_text("2");
    CHECK_TEXT(ask(text, "p2"), "miss");
    CHECK_TEXT(ask("WHAT IS THE CAPITAL OF KENYA", "p"), "p2");
    config()->policy.version = (struct span){0};
}

static void test_tool_sets(void)
{
    struct asking one = say("Who wrote Hamlet?"), other = say("who wrote hamlet");
    one.more = other.more =
        ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]";
    rule(LEXICAL_TIER_SERVE);
    CHECK_TEXT(ask_of(one, "t1"), "miss");
    CHECK_TEXT(ask_of(other, "t2"), "miss");
    check_line(VERDICT_MISS, LAYER_NONE, REASON_NONE);
}

static void test_words(void)
{
    static const char *const pairs[][2] = {
        {"What is the latest version of Go?", "what is the latest version of go"},
        {"What is my balance?", "what is my balance"},
        {"Translate hi to French", "please translate to French: hi"},
        {"What is the capital of Ghana?", "What is the capital of GHANA?"},
        {"What is 3 plus 4?", "what is 3 plus 5"},
        {"Is it safe to eat raw eggs?", "is it not safe to eat raw eggs"},
        {"What does SAP sell?", "What does sap sell?"},
    };
    rule(LEXICAL_TIER_SERVE);
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        CHECK_TEXT(ask(pairs[i][0], "w1"), "miss");
        CHECK_TEXT(ask(pairs[i][1], "w2"), "miss");
    }
}

/* -- answers --------------------------------------------------------------------------------- */

static void record_as(const char *text, const char *message, const char *finish)
{
    struct asking asking = say(text);
    enum mode mode = config()->policy.mode;
    config()->policy.mode = MODE_REFRESH;
    struct exchange *exchange = begin(&asking);
    if (CHECK(verdict_of(exchange) == VERDICT_IS_MISS))
        commit(exchange, message, finish, "a1");
    CHECK(exchange_recorded(exchange));
    exchange_free(exchange);
    config()->policy.mode = mode;
}

static void test_answers(void)
{
    const char *text = "Who wrote Faust?", *same = "who wrote faust";
    rule(LEXICAL_TIER_SERVE);
    record_as(text, "{\"content\":\"Hi\",\"tool_calls\":[{\"id\":\"%s\"}]}", "stop");
    CHECK_TEXT(ask(same, "a2"), "miss");
    CHECK_TEXT(ask("WHO WROTE FAUST", "x"), "a2");
    /* The alias is there; then its entry changes. */
    record_as(same, "{\"content\":\"%s\"}", "length");
    CHECK_TEXT(ask("who wrote faust?", "a3"), "miss");
    record_as(same, PLAIN, "stop");
    CHECK_TEXT(ask("who wrote Faust??", "x"), "a1");
    record_as(same, "{\"content\":\"Hi\",\"tool_calls\":[{\"id\":\"%s\"}]}", "stop");
    CHECK_TEXT(ask("who wrote Faust??", "x"), "miss");
}

static void test_age(void)
{
    rule(LEXICAL_TIER_SERVE);
    CHECK_TEXT(ask("Who wrote Ulysses?", "o1"), "miss");
    CHECK_TEXT(ask("who wrote ulysses", "x"), "o1");
    struct timespec moment = {0, 20000000};
    nanosleep(&moment, NULL);
    config()->policy.ttl_s = 0;
    config()->policy.stale_if_error_s = 3600;
    struct asking asking = say("who wrote Ulysses");
    struct exchange *exchange = begin(&asking);
    CHECK_INT(verdict_of(exchange), VERDICT_IS_MISS);
    CHECK(!exchange_stale(exchange)); /* no answer for when upstream fails, either */
    config()->policy.ttl_s = UINT64_MAX;
    exchange_free(exchange);
    CHECK_TEXT(ask("who wrote ulysses!", "x"), "o1");
}

static void test_modes(void)
{
    rule(LEXICAL_TIER_SERVE);
    CHECK_TEXT(ask("Who wrote Dracula?", "d1"), "miss");
    config()->policy.mode = MODE_OBSERVE;
    CHECK_TEXT(ask("who wrote dracula", "d2"), "miss");
    check_line(VERDICT_OBSERVED, LAYER_SEMANTIC, REASON_NONE);
    config()->policy.mode = MODE_REFRESH;
    CHECK_TEXT(ask("WHO WROTE DRACULA", "d3"), "miss");
    check_line(VERDICT_MISS, LAYER_SEMANTIC, REASON_NONE);
    config()->policy.mode = MODE_AUTO;
    config()->mode = MODE_REPLAY;
    CHECK_TEXT(ask("who wrote dracula", "x"), "d3");
    config()->mode = MODE_AUTO;
    config()->policy.stochastic = STOCHASTIC_SAMPLES;
    CHECK_TEXT(ask("Who wrote dracula", "d4"), "miss");
    config()->policy.stochastic = STOCHASTIC_FIRST;
}

/* -- shadow ---------------------------------------------------------------------------------- */

static void test_shadow(void)
{
    rule(LEXICAL_TIER_SHADOW);
    CHECK_TEXT(ask("Who painted Guernica?", "Picasso"), "miss");
    check_line(VERDICT_MISS, LAYER_SEMANTIC, REASON_NONE);
    CHECK_TEXT(ask("who painted guernica", "Picasso"), "miss");
    check_line(VERDICT_MISS, LAYER_SEMANTIC, REASON_SHADOW_EQUAL);
    CHECK(latest().recorded);
    CHECK_TEXT(ask("who painted guernica?", "picasso."), "miss");
    check_line(VERDICT_MISS, LAYER_SEMANTIC, REASON_SHADOW_SIMILAR);
    CHECK_TEXT(ask("WHO PAINTED GUERNICA", "Not Picasso"), "miss");
    check_line(VERDICT_MISS, LAYER_SEMANTIC, REASON_SHADOW_DIFFERENT);
    CHECK_TEXT(ask("Please, who painted Guernica?", "Picasso, not Miro"), "miss");
    check_line(VERDICT_MISS, LAYER_SEMANTIC, REASON_SHADOW_UNKNOWN);
    CHECK_TEXT(ask("who painted guernica", "x"), "Picasso"); /* its own */
    check_line(VERDICT_HIT, LAYER_EXACT, REASON_NONE);
    struct asking asking = say("who painted guernica!");
    struct exchange *exchange = begin(&asking);
    exchange_drop(exchange, REASON_STATUS, 500);
    exchange_free(exchange);
    check_line(VERDICT_MISS, LAYER_SEMANTIC, REASON_STATUS);
}

/* -- typos ----------------------------------------------------------------------------------- */

static void merge(void)
{
    struct store *store = core_store();
    struct store_paths paths = {store->layout.store, store->layout.config};
    struct merge_options options = {.wait = true};
    struct merge_counts counts;
    CHECK_INT(store_merge(&paths, &options, &counts), STORE_OK);
}

/* Whoever asks as usual. */
static struct tenant asker(void)
{
    struct header field = {span_text("Authorization"), span_text(usual.token)};
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text(usual.host),
                              .port = 443,
                              .target = span_text("/v1/chat/completions"),
                              .headers = {&field, 1, 1}};
    struct tenant tenant;
    CHECK_INT(keys_tenant(core_config(), core_store(), &request, true, &tenant),
              STORE_OK);
    return tenant;
}

/* Two thousand prompts. */
static void teach(void)
{
    struct tenant tenant = asker();
    struct entry_label label = {.host = "taught"};
    struct entry_notes notes = {.words = span_text("author wrote novel about whales")};
    for (unsigned i = 0; i < 2000; i++) {
        uint8_t key[STORE_KEY_SIZE] = {(uint8_t)i, (uint8_t)(i >> 8), 1};
        CHECK_INT(store_record(core_store(), &tenant, key, NULL, &label, &notes,
                               span_text("answer")),
                  STORE_OK);
    }
    merge();
}

static void test_typo(void)
{
    rule(LEXICAL_TIER_SERVE);
    CHECK_TEXT(ask("Which author wrote about whales?", "y1"), "miss");
    CHECK_TEXT(ask("which auhtor wrote about whales", "y2"), "miss");
    merge();
    CHECK_TEXT(ask("which author worte about whales", "y3"), "miss");
    teach();
    CHECK_TEXT(ask("which author wrote abuot whales", "x"), "y1");
    check_line(VERDICT_HIT, LAYER_SEMANTIC, REASON_NONE);
    CHECK_TEXT(ask("which author wrote abuot wahles", "x"), "y1");
    /* What was recorded as it was written stays what it is. */
    CHECK_TEXT(ask("WHICH AUHTOR WROTE ABOUT WHALES", "x"), "y2");
    CHECK_TEXT(ask("which author worte about whales?", "x"), "y3");
    CHECK_TEXT(ask("which auther wrote abuot wahles", "y4"), "miss");
    CHECK_TEXT(ask("which author wrote about wales", "y5"), "miss");
    struct asking asking = say("which author wrote abuot whales");
    asking.token = "Bearer another";
    CHECK_TEXT(ask_of(asking, "y6"), "miss");
    asking.text = "which author wrote about whales";
    CHECK_TEXT(ask_of(asking, "y7"), "miss");
    asking.text = "which author wrote about whlaes";
    CHECK_TEXT(ask_of(asking, "y8"), "miss");
    rule(LEXICAL_TIER_SHADOW);
    CHECK_TEXT(ask("which author wrote about whalse", "y1"), "miss");
    check_line(VERDICT_MISS, LAYER_SEMANTIC, REASON_SHADOW_EQUAL);
    rule(LEXICAL_TIER_OFF);
    CHECK_TEXT(ask("which author wrote about whaels", "y9"), "miss");
}

static int taught(const char *word)
{
    struct tenant tenant = asker();
    struct vocabulary *vocabulary = NULL;
    CHECK_INT(store_vocabulary(core_store(), &tenant, &vocabulary), STORE_OK);
    int count = vocabulary ? (int)vocabulary_count(vocabulary, span_text(word)) : -1;
    vocabulary_free(vocabulary);
    return count;
}

/* What is kept for a short time alone teaches nothing that stays; nor does what is not compared. */
static void test_teaching(void)
{
    rule(LEXICAL_TIER_SERVE);
    config()->policy.pii = PII_SHORT;
    CHECK_TEXT(ask("Who is unforgettable to joe@example.com?", "z1"), "miss");
    CHECK_TEXT(ask("Who is lamentable to Joe?", "z2"), "miss");
    config()->policy.pii = PII_CACHE;
    CHECK_TEXT(ask("Who is questionable to joe@example.com?", "z3"), "miss");
    CHECK_TEXT(ask("Who is venerable to Joe today?", "z4"), "miss");
    rule(LEXICAL_TIER_OFF);
    CHECK_TEXT(ask("Who is memorable to Joe?", "z5"), "miss");
    merge();
    CHECK_INT(taught("unforgettable"), 0);
    CHECK_INT(taught("lamentable"), 1);
    CHECK_INT(taught("questionable"), 1);
    CHECK_INT(taught("venerable"), 0);
    CHECK_INT(taught("memorable"), 0);
}

/* -- memory ---------------------------------------------------------------------------------- */

/* Asks until there was memory enough for some hits. */
static void check_short_memory(const char *text)
{
    unsigned hits = 0;
    for (unsigned long fails = 1; fails < 2000 && hits < 3; fails++) {
        struct asking asking = say(text);
        memory_fail_from(fails);
        struct exchange *exchange = begin(&asking);
        memory_fail_from(0);
        if (verdict_of(exchange) == VERDICT_IS_HIT) {
            hits++;
            CHECK(exchange_record(exchange)->response.status == 200);
            exchange_served(exchange, 1, 2);
        }
        exchange_free(exchange);
    }
    CHECK_INT(hits, 3);
}

static void test_short_memory(void)
{
    rule(LEXICAL_TIER_SERVE);
    CHECK_TEXT(ask("Who wrote Emma?", "e1"), "miss");
    check_short_memory("who wrote emma");
    check_short_memory("which author wrote abotu whales");
    for (unsigned long fails = 1; fails < 300; fails++) {
        struct asking asking = say("Who wrote Persuasion?");
        asking.more = ",\"seed\":1";
        struct exchange *exchange = begin(&asking);
        if (verdict_of(exchange) == VERDICT_IS_MISS) {
            memory_fail_from(fails);
            commit(exchange, PLAIN, "stop", "e2");
            memory_fail_from(0);
        }
        exchange_free(exchange);
    }
}

int main(void)
{
    snprintf(directory, sizeof(directory), "/tmp/preecho-unit-XXXXXX");
    if (!mkdtemp(directory))
        return 1;
    setenv("XDG_CACHE_HOME", directory, 1);
    setenv("XDG_CONFIG_HOME", directory, 1);
    unsetenv("PREECHO_STORE");
    unsetenv("PREECHO_MODE");
    unsetenv("PREECHO_SCOPE");
    unsetenv("PREECHO_LEXICAL");
    unsetenv("PREECHO_STOCHASTIC");
    if (core_start() != 0)
        return 1;
    RUN(test_off);
    RUN(test_serve);
    RUN(test_mark);
    RUN(test_partition);
    RUN(test_tool_sets);
    RUN(test_words);
    RUN(test_answers);
    RUN(test_age);
    RUN(test_modes);
    RUN(test_shadow);
    RUN(test_typo);
    RUN(test_teaching);
    RUN(test_short_memory);
    char command[100];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) == 0 ? unit_end() : 1;
}
