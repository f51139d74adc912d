/* SPDX-License-Identifier: MIT */
/* What the journal says of an exchange beside its verdict: what it has taken, which requests are the
 * same, and tags. */
#include "unit.h"

#include "shim/core/core.h"
#include "shim/core/exchange.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64];
static const char *header = ""; /* a field that rules may ask for */

#define QUESTION(TEXT)                                                                   \
    "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"" TEXT "\"}]}"
#define ANSWER_START                                                                     \
    "{\"object\":\"chat.completion\",\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,"    \
    "\"message\":{\"role\":\"assistant\",\"content\":\"12345\"},\"finish_reason\":"      \
    "\"stop\"}]"
#define COUNTED                                                                          \
    ANSWER_START ",\"usage\":{\"prompt_tokens\":90,\"completion_tokens\":2,"             \
                 "\"prompt_tokens_details\":{\"cached_tokens\":64,"                      \
                 "\"cache_write_tokens\":16}}}"
#define UNCOUNTED ANSWER_START "}"
#define LIVE                                                                             \
    "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"12345678\"}]," \
    "\"web_search_options\":{\"user_location\":1}}"

static struct config *config(void)
{
    return (struct config *)(uintptr_t)core_config();
}

static bool take_record(void *context, const struct journal_record *record)
{
    *(struct journal_record *)context = *record;
    return true;
}

/* The latest; there are |count| of them now. */
static struct journal_record line(uint64_t count)
{
    char path[80];
    struct journal_record record = {0};
    struct journal_state state = {0};
    snprintf(path, sizeof path, "%s/store/journal", directory);
    CHECK_INT(journal_each(path, take_record, &record, &state), STORE_OK);
    CHECK_INT(state.records, count);
    return record;
}

static uint64_t count_lines(void)
{
    char path[80];
    struct journal_record record;
    struct journal_state state = {0};
    snprintf(path, sizeof path, "%s/store/journal", directory);
    CHECK_INT(journal_each(path, take_record, &record, &state), STORE_OK);
    return state.records;
}

static struct exchange *begin(const char *key, const char *body)
{
    struct header fields[] = {
        {span_text("Authorization"), span_text(key)},
        {span_text("Content-Type"), span_text("application/json")},
        {span_text("X-Feature"), span_text(header)},
    };
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text("api.openai.com"),
                              .port = 443,
                              .target = span_text("/v1/chat/completions"),
                              .headers = {fields, 3, 3},
                              .body = span_text(body)};
    return exchange_begin(&request, LEVEL_OPENSSL);
}

/* Asks |body|; what is not served is answered by |answer|. The line about it. */
static struct journal_record ask(const char *key, const char *body, const char *answer)
{
    uint64_t before = count_lines();
    struct header field = {span_text("Content-Type"), span_text("application/json")};
    struct response response = {.status = 200,
                                .version = 11,
                                .headers = {&field, 1, 1},
                                .body = span_text(answer),
                                .first_byte_us = 2000,
                                .last_byte_us = 3000};
    struct exchange *exchange = begin(key, body);
    if (exchange && exchange_verdict(exchange) == VERDICT_IS_HIT)
        exchange_served(exchange, 1, 2);
    else if (exchange)
        exchange_commit(exchange, &response, (struct span){0});
    exchange_free(exchange);
    return line(before + 1);
}

static void test_counted(void)
{
    const char *question = QUESTION("counted");
    for (int verdict = VERDICT_MISS; verdict <= VERDICT_HIT; verdict++) {
        struct journal_record record = ask("Bearer a", question, COUNTED);
        CHECK_INT(record.verdict, verdict);
        CHECK(record.usage_known && !record.usage_estimated);
        CHECK_INT(record.tokens_in, 90);
        CHECK_INT(record.tokens_cached, 64);
        CHECK_INT(record.tokens_cache_write, 16);
        CHECK_INT(record.tokens_out, 2);
    }
}

/* A hit has the estimate from the recording; an answer that is not kept has one, too. */
static void test_estimated(void)
{
    const char *question = QUESTION("123456789"); /* 9 bytes, and 5 of the answer */
    for (int verdict = VERDICT_MISS; verdict <= VERDICT_HIT; verdict++) {
        struct journal_record record = ask("Bearer a", question, UNCOUNTED);
        CHECK_INT(record.verdict, verdict);
        CHECK(record.usage_estimated && !record.usage_known);
        CHECK_INT(record.tokens_in, 3);
        CHECK_INT(record.tokens_out, 2);
    }
    config()->policy.pii = PII_SKIP;
    struct journal_record record = ask("Bearer a", QUESTION("a@example.com"), UNCOUNTED);
    config()->policy.pii = PII_CACHE;
    CHECK_INT(record.reason, REASON_SENSITIVE);
    CHECK(record.usage_estimated && !record.recorded);
    CHECK_INT(record.tokens_in, 4);
    record = ask("Bearer a", QUESTION("cut"), "{\"choices\":[");
    CHECK_INT(record.reason, REASON_UNREADABLE_ANSWER);
    CHECK(!record.usage_estimated && record.tokens_in == 0);
}

/* The answer to a bypassed call passes by unread; its input is guessed where it can be read. */
static void test_bypassed(void)
{
    struct journal_record record = ask("Bearer a", LIVE, "");
    CHECK_INT(record.verdict, VERDICT_BYPASS);
    CHECK_INT(record.reason, REASON_LIVE_TOOLS);
    CHECK(record.usage_estimated && !record.usage_known);
    CHECK_INT(record.tokens_in, 2);
    CHECK_INT(record.tokens_out, 0);
    record = ask("Bearer a", "{\"messages\":[", "");
    CHECK_INT(record.reason, REASON_NOT_JSON);
    CHECK(!record.usage_estimated && record.tokens_in == 0);
}

/* What an observed call would have saved is the recording's; a call that fails saves nothing. */
static void test_observed(void)
{
    const char *question = QUESTION("observed");
    (void)ask("Bearer a", question, COUNTED);
    config()->policy.mode = MODE_OBSERVE;
    struct journal_record record = ask("Bearer a", question, UNCOUNTED);
    CHECK_INT(record.verdict, VERDICT_OBSERVED);
    CHECK_INT(record.tokens_in, 90);
    CHECK_INT(record.recorded_last_byte_us, 3000);
    CHECK_INT(record.last_byte_us, 3000);
    uint64_t before = count_lines();
    exchange_free(begin("Bearer a", question));
    record = line(before + 1);
    config()->policy.mode = MODE_AUTO;
    CHECK_INT(record.verdict, VERDICT_MISS);
    CHECK_INT(record.reason, REASON_ABORTED);
    CHECK(!record.usage_known && record.tokens_in == 0 && record.tokens_cache_write == 0);
    CHECK_INT(record.layer, LAYER_NONE);
    CHECK_INT(record.recorded_last_byte_us, 0);
}

static bool same_request(const struct journal_record *a, const struct journal_record *b)
{
    static const uint8_t none[8];
    CHECK(memcmp(a->request, none, sizeof none) != 0);
    CHECK(memcmp(b->request, none, sizeof none) != 0);
    return memcmp(a->request, b->request, sizeof a->request) == 0;
}

/* Also however it is spelt, whichever of several answers it gets, and when none can be kept: then,
 * as it is written. Not across tenants. */
static void test_same_requests(void)
{
    const char *spelt =
        "{ \"messages\":[{\"content\":\"same\",\"role\":\"user\"}],\"model\":\"gpt-4o\"}";
    struct journal_record miss = ask("Bearer a", QUESTION("same"), COUNTED);
    struct journal_record hit = ask("Bearer a", QUESTION("same"), COUNTED);
    struct journal_record other = ask("Bearer a", spelt, COUNTED);
    CHECK(same_request(&miss, &hit) && same_request(&miss, &other));
    other = ask("Bearer a", QUESTION("not the same"), COUNTED);
    CHECK(!same_request(&miss, &other));
    other = ask("Bearer b", QUESTION("same"), COUNTED);
    CHECK(!same_request(&miss, &other));

    config()->policy.stochastic = STOCHASTIC_SAMPLES;
    config()->policy.samples = 2;
    struct journal_record first = ask("Bearer a", QUESTION("sample"), COUNTED);
    struct journal_record second = ask("Bearer a", QUESTION("sample"), COUNTED);
    config()->policy.stochastic = STOCHASTIC_FIRST;
    CHECK(first.recorded && second.recorded);
    CHECK(memcmp(first.key, second.key, sizeof first.key) != 0);
    CHECK(same_request(&first, &second));

    struct journal_record bypass = ask("Bearer nobody", LIVE, "");
    other = ask("Bearer nobody", LIVE, "");
    CHECK_INT(other.verdict, VERDICT_BYPASS);
    CHECK(same_request(&bypass, &other) && !same_request(&bypass, &miss));
}

static bool has_tag(const struct journal_record *record, const char *tag)
{
    for (const char *at = record->tags; *at; at += strlen(at) + 1)
        if (strcmp(at, tag) == 0)
            return true;
    return false;
}

static unsigned count_tags(const struct journal_record *record)
{
    unsigned count = 0;
    for (const char *at = record->tags; *at; at += strlen(at) + 1)
        count++;
    return count;
}

static void test_tags(void)
{
    const char *question = QUESTION("tags");
    config()->tested = true;
    setenv("PYTEST_CURRENT_TEST", "a.py::one (call)", 1);
    header = "search";
    struct journal_record miss = ask("Bearer a", question, COUNTED);
    CHECK(has_tag(&miss, "fixed") && has_tag(&miss, "feature:search"));
    CHECK(has_tag(&miss, "said:tags") && has_tag(&miss, "test:a.py::one"));
    CHECK(has_tag(&miss, "run:77"));
    CHECK_INT(count_tags(&miss) - (config()->repository != NULL), 5);
    /* A hit's are its own, not those of the call that was recorded. */
    header = "chat";
    setenv("PYTEST_CURRENT_TEST", "a.py::two (call)", 1);
    struct journal_record hit = ask("Bearer a", question, COUNTED);
    CHECK_INT(hit.verdict, VERDICT_HIT);
    CHECK(has_tag(&hit, "feature:chat") && has_tag(&hit, "test:a.py::two"));
    CHECK(!has_tag(&hit, "feature:search") && !has_tag(&hit, "test:a.py::one"));
    CHECK_INT(count_tags(&hit), count_tags(&miss));
    /* Who does not run tests is not asked for one. */
    config()->tested = false;
    hit = ask("Bearer a", question, COUNTED);
    CHECK_INT(count_tags(&hit), count_tags(&miss) - 1);
    unsetenv("PYTEST_CURRENT_TEST");
    struct journal_record bypass = ask("Bearer a", LIVE, "");
    CHECK(has_tag(&bypass, "said:12345678") && has_tag(&bypass, "feature:chat"));
    bypass = ask("Bearer a", "{\"messages\":[{\"content\":\"x\"}]", "");
    CHECK(has_tag(&bypass, "fixed") && has_tag(&bypass, "feature:chat"));
    header = "";
}

/* Requests that are told by their heads. */
static void test_head(void)
{
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text("api.openai.com"),
                              .port = 443,
                              .target = span_text("/v1/files")};
    uint64_t before = count_lines();
    exchange_bypass(&request, REASON_STATEFUL, LEVEL_OPENSSL);
    struct journal_record record = line(before + 1);
    CHECK_INT(record.verdict, VERDICT_BYPASS);
    CHECK(has_tag(&record, "fixed") && has_tag(&record, "run:77"));
    CHECK(!record.usage_estimated);
}

static void write_rules(void)
{
    char path[100];
    snprintf(path, sizeof path, "%s/config", directory);
    CHECK_INT(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/config/preecho", directory);
    CHECK_INT(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/config/preecho/preecho.conf", directory);
    FILE *file = fopen(path, "we");
    if (!CHECK(file))
        return;
    fputs("tag = fixed\n"
          "tag = feature:\\0 from header:x-feature\n"
          "tag = said:\\0 from body:/messages/0/content\n",
          file);
    fclose(file);
}

int main(void)
{
    char path[80], command[80];
    snprintf(directory, sizeof directory, "/tmp/preecho-line-XXXXXX");
    if (!mkdtemp(directory))
        return 1;
    write_rules();
    snprintf(path, sizeof path, "%s/store", directory);
    setenv("PREECHO_STORE", path, 1);
    snprintf(path, sizeof path, "%s/config", directory);
    setenv("XDG_CONFIG_HOME", path, 1);
    setenv("GITHUB_RUN_ID", "77", 1);
    unsetenv("PREECHO_MODE");
    unsetenv("PREECHO_SCOPE");
    unsetenv("PREECHO_TENANT");
    CHECK_INT(core_start(), 0);
    RUN(test_counted);
    RUN(test_estimated);
    RUN(test_bypassed);
    RUN(test_observed);
    RUN(test_same_requests);
    RUN(test_tags);
    RUN(test_head);
    snprintf(command, sizeof command, "rm -r %s", directory);
    CHECK_INT(system(command), 0);
    return unit_end();
}
