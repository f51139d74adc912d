/* SPDX-License-Identifier: MIT */
/* Requests for vectors taken apart, and answers put together. */
#include "unit.h"

#include "core/api/embedding.h"
#include "wire.h"

#define OPENAI "api.openai.com", "/v1/embeddings"

/* A request as the core sees it: views |body|. */
static struct request asked(const char *host, const char *path, const char *body)
{
    static struct header field = {{(const uint8_t *)"Content-Type", 12},
                                  {(const uint8_t *)"application/json", 16}};
    return (struct request){.method = span_text("POST"),
                            .tls = true,
                            .host = span_text(host),
                            .port = 443,
                            .target = span_text(path),
                            .headers = {&field, 1, 1},
                            .body = span_text(body)};
}

static struct call call_of(const struct request *request)
{
    struct call call;
    CHECK_INT(api_recognise(request, &call), REASON_NONE);
    return call;
}

/* What |places| of |body| are asked for by, as text; "whole": they cannot be. */
static const char *ask(const char *host, const char *path, const char *body,
                       const uint32_t *places, size_t count)
{
    static char text[512];
    struct request request = asked(host, path, body);
    struct call call = call_of(&request);
    struct embedding embedding;
    struct buffer out = {0};
    snprintf(text, sizeof(text), "whole");
    if (embedding_read(&call, &request, &embedding) == EMBEDDING_OK) {
        embedding_ask(&embedding, places, count, &out);
        span_copy_text(buffer_span(&out), text, sizeof(text));
        embedding_free(&embedding);
    }
    buffer_free(&out);
    api_call_free(&call);
    return text;
}

static const uint32_t first[] = {0}, others[] = {0, 2};

static void test_some_of_the_items(void)
{
    CHECK_TEXT(
        ask(OPENAI, "{ \"input\" : [ \"A\" , \"B\",\"C\"], \"model\":\"m\" }", others, 2),
        "{ \"input\" : [\"A\",\"C\"], \"model\":\"m\" }");
    CHECK_TEXT(ask(OPENAI, "{\"model\":\"m\",\"input\":[[1,2],[3],[4, 5]]}", others, 2),
               "{\"model\":\"m\",\"input\":[[1,2],[4, 5]]}");
    CHECK_TEXT(ask(OPENAI, "{\"input\":\"A\\u0041]\",\"model\":\"m\"}", first, 1),
               "{\"input\":[\"A\\u0041]\"],\"model\":\"m\"}");
    CHECK_TEXT(ask(OPENAI, "{\"input\":[1, 2],\"model\":\"m\"}", first, 1),
               "{\"input\":[[1, 2]],\"model\":\"m\"}");
    CHECK_TEXT(ask("localhost:11434", "/api/embed", "{\"model\":\"m\",\"input\":\"A\"}",
                   first, 1),
               "{\"model\":\"m\",\"input\":[\"A\"]}");
}

static void test_what_is_no_list_of_items(void)
{
    CHECK_TEXT(ask(OPENAI, "{\"model\":\"m\",\"input\":[\"a\"],\"late_chunking\":true}",
                   first, 1),
               "whole");
    CHECK_TEXT(ask("api.cohere.com", "/v2/embed", "{\"model\":\"m\",\"texts\":[\"a\"]}",
                   first, 1),
               "whole");
    CHECK_TEXT(ask("localhost:80", "/embed_all", "{\"inputs\":[\"a\"]}", first, 1),
               "whole");
    CHECK_TEXT(ask("localhost:80", "/embed_sparse", "{\"inputs\":[\"a\"]}", first, 1),
               "whole");
    CHECK_TEXT(ask("api.cohere.com", "/v1/embed", "{\"model\":\"m\",\"texts\":[\"a\"]}",
                   first, 1),
               "whole");
    CHECK_TEXT(ask("localhost:11434", "/api/embeddings",
                   "{\"model\":\"m\",\"prompt\":\"a\"}", first, 1),
               "whole");
    CHECK_TEXT(ask("generativelanguage.googleapis.com", "/v1beta/models/e:embedContent",
                   "{\"content\":{\"parts\":[{\"text\":\"a\"}]}}", first, 1),
               "whole");
    CHECK_TEXT(ask("bedrock-runtime.eu-west-1.amazonaws.com",
                   "/model/cohere.embed-english-v3/invoke", "{\"texts\":[\"a\"]}", first,
                   1),
               "whole");
    CHECK_TEXT(ask("bedrock-runtime.eu-west-1.amazonaws.com",
                   "/model/amazon.titan-embed-text-v2:0/invoke", "{\"inputText\":\"a\"}",
                   first, 1),
               "whole");
}

/* Who speaks OpenAI's form, and members of their own that stay as they are. */
static void test_dialects(void)
{
    static const struct {
        const char *host, *path, *members;
    } dialects[] = {
        {OPENAI, "\"dimensions\":3"},
        {"x.openai.azure.com", "/openai/deployments/d/embeddings?api-version=1",
         "\"x\":1"},
        {"x.openai.azure.com", "/openai/v1/embeddings", "\"encoding_format\":\"base64\""},
        {"api.mistral.ai", "/v1/embeddings", "\"output_dtype\":\"int8\""},
        {"api.voyageai.com", "/v1/embeddings", "\"input_type\":\"query\""},
        {"api.cohere.com", "/compatibility/v1/embeddings", "\"x\":1"},
        {"localhost:8080", "/v1/embeddings", "\"truncate_prompt_tokens\":4"},
    };
    char body[256], wanted[256];
    for (size_t i = 0; i < sizeof(dialects) / sizeof(*dialects); i++) {
        snprintf(body, sizeof(body),
                 "{\"model\":\"m\",%s,\"input\":[\"A\", \"B\",\"C\"]}",
                 dialects[i].members);
        snprintf(wanted, sizeof(wanted), "{\"model\":\"m\",%s,\"input\":[\"A\",\"C\"]}",
                 dialects[i].members);
        CHECK_TEXT(ask(dialects[i].host, dialects[i].path, body, others, 2), wanted);
    }
    CHECK_TEXT(ask("localhost:80", "/embed",
                   "{\"inputs\":[\"A\",\"B\",\"C\"],\"truncate\":true}", others, 2),
               "{\"inputs\":[\"A\",\"C\"],\"truncate\":true}");
    CHECK_TEXT(ask("localhost:80", "/embed", "{\"inputs\":\"A\"}", first, 1),
               "{\"inputs\":[\"A\"]}");
}

/* -- splitting and joining ----------------------------------------------------------- */

struct parts {
    struct buffer bodies[8];
    size_t count;
};

static bool keep(void *context, uint32_t place, struct span body, struct span vector)
{
    struct parts *parts = context;
    CHECK_INT(place, parts->count);
    CHECK(span_find(body, vector) < body.size);
    buffer_append_span(&parts->bodies[parts->count++], body);
    return true;
}

static void parts_free(struct parts *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        buffer_free(&parts->bodies[i]);
    *parts = (struct parts){0};
}

static enum embedding_result split(const struct request *request, const char *answer,
                                   struct parts *parts)
{
    struct call call = call_of(request);
    struct embedding embedding;
    *parts = (struct parts){0};
    enum embedding_result result = embedding_read(&call, request, &embedding);
    if (result == EMBEDDING_OK) {
        result = embedding_split(&call, &embedding, NULL, embedding.count,
                                 span_text(answer), keep, parts);
        embedding_free(&embedding);
    }
    api_call_free(&call);
    return result;
}

/* |which| of the parts in |order|, around them the first one's frame. */
static enum embedding_result join(const struct request *request,
                                  const struct parts *parts, const uint32_t *order,
                                  size_t count, struct buffer *out)
{
    struct span bodies[8];
    struct call call = call_of(request);
    for (size_t i = 0; i < parts->count; i++)
        bodies[i] = buffer_span(&parts->bodies[i]);
    enum embedding_result result =
        embedding_join(&call, bodies[0], bodies, parts->count, order, count, out);
    api_call_free(&call);
    return result;
}

static void check_part(const struct parts *parts, size_t i, const char *text)
{
    char found[512];
    span_copy_text(buffer_span(&parts->bodies[i]), found, sizeof(found));
    CHECK_TEXT(found, text);
}

static const uint32_t in_order[] = {0, 1, 2, 3, 4, 5, 6, 7};

/* Taken apart and put together in the same order it is the same bytes. */
static void check_round(const struct request *request, const char *answer)
{
    struct parts parts;
    struct buffer out = {0};
    if (CHECK(split(request, answer, &parts) == EMBEDDING_OK)) {
        CHECK_INT(join(request, &parts, in_order, parts.count, &out), EMBEDDING_OK);
        CHECK(span_is(buffer_span(&out), answer));
    }
    buffer_free(&out);
    parts_free(&parts);
}

#define THREE "{\"model\":\"m\",\"input\":[\"A\",\"BBB\",\"A\"]}"

static void test_splitting(void)
{
    struct request request =
        asked(OPENAI, "{\"model\":\"m\",\"input\":[\"A\",\"BBBB\"]}");
    struct parts parts;
    CHECK_INT(split(&request,
                    "{\"data\": [ {\"embedding\":[1e0, 0.50],\"index\":0},"
                    "{\"index\": 1, \"embedding\":[-0,3]} ],\"model\":\"m\","
                    "\"usage\":{\"prompt_tokens\":9,\"total_tokens\":10,\"x\":null}}",
                    &parts),
              EMBEDDING_OK);
    CHECK_INT(parts.count, 2);
    check_part(&parts, 0,
               "{\"data\": [ {\"embedding\":[1e0, 0.50],\"index\":0} ],\"model\":\"m\","
               "\"usage\":{\"prompt_tokens\":3,\"total_tokens\":3,\"x\":null}}");
    check_part(&parts, 1,
               "{\"data\": [ {\"index\": 0, \"embedding\":[-0,3]} ],\"model\":\"m\","
               "\"usage\":{\"prompt_tokens\":6,\"total_tokens\":7,\"x\":null}}");
    parts_free(&parts);
}

static void test_rounds(void)
{
    struct request request = asked(OPENAI, THREE);
    check_round(&request,
                "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\","
                "\"index\":0,\"embedding\":\"AAAA\"},{\"object\":\"embedding\","
                "\"index\":1,\"embedding\":\"BBBB\"},{\"index\":2,\"embedding\":"
                "\"CCCC\"}],\"usage\":{\"prompt_tokens\":7,\"total_tokens\":7}}");
    check_round(&request,
                "{\n  \"usage\": {\n    \"prompt_tokens\": 7\n  },\n  \"data\": [\n"
                "    {\"index\": 0, \"embedding\": [1]},\n    {\"index\": 1, "
                "\"embedding\": [2]},\n    {\"index\": 2, \"embedding\": [3]}\n  ]\n}");
    check_round(&request,
                "{\"data\": [{\"index\": 0, \"embedding\": [1]}, {\"index\": 1, "
                "\"embedding\": [2]}, {\"index\": 2, \"embedding\": [3]}], "
                "\"model\": \"m\"}");
    request = asked("localhost:11434", "/api/embed", THREE);
    check_round(&request, "{\"model\":\"m\",\"embeddings\":[[1,2],[3,4],[5,6]],"
                          "\"total_duration\":5,\"prompt_eval_count\":11}");
    request =
        asked("generativelanguage.googleapis.com", "/v1beta/models/e:batchEmbedContents",
              "{\"requests\":[{\"model\":\"models/e\",\"content\":{\"parts\":[{\"text\":"
              "\"a\"}]}},{\"model\":\"models/e\",\"content\":{\"parts\":[{\"text\":"
              "\"b\"}]}}]}");
    check_round(&request, "{\"embeddings\":[{\"values\":[1,2]},{\"values\":[3,4]}]}");
    request = asked("localhost:80", "/embed", "{\"inputs\":[\"a\",\"b\",\"c\"]}");
    check_round(&request, "[[1,2],[3.50,-4e-3],[5,6]]");
}

static void test_joining(void)
{
    static const uint32_t order[] = {1, 0, 1, 1};
    struct request request = asked(OPENAI, "{\"model\":\"m\",\"input\":[\"A\",\"B\"]}");
    struct parts parts;
    struct buffer out = {0};
    CHECK_INT(
        split(
            &request,
            "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":[2]}],"
            "\"usage\":{\"total_tokens\":11}}",
            &parts),
        EMBEDDING_OK);
    CHECK_INT(join(&request, &parts, order, 4, &out), EMBEDDING_OK);
    CHECK(span_is(
        buffer_span(&out),
        "{\"data\":[{\"index\":0,\"embedding\":[2]},{\"index\":1,\"embedding\":[1]},"
        "{\"index\":2,\"embedding\":[2]},{\"index\":3,\"embedding\":[2]}],"
        "\"usage\":{\"total_tokens\":23}}"));
    buffer_free(&out);
    buffer_clear(&parts.bodies[1]);
    buffer_append_text(&parts.bodies[1],
                       "{\"data\":[{\"index\":0,\"embedding\":[2,3]}]}");
    CHECK_INT(join(&request, &parts, order, 4, &out), EMBEDDING_WHOLE);
    buffer_free(&out);
    parts_free(&parts);
}

static void check_odd(const struct request *request, const char *answer)
{
    struct parts parts;
    enum embedding_result result = split(request, answer, &parts);
    CHECK(result == EMBEDDING_ODD || result == EMBEDDING_WHOLE);
    CHECK_INT(parts.count, 0);
    parts_free(&parts);
}

static void test_odd_answers(void)
{
    static const char *const answers[] = {
        "{\"data\":[{\"index\":0,\"embedding\":[1]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":[1]},"
        "{\"index\":2,\"embedding\":[1]}]}",
        "{\"data\":[{\"index\":1,\"embedding\":[1]},{\"index\":0,\"embedding\":[1]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":0,\"embedding\":[1]}]}",
        "{\"data\":[{\"embedding\":[1]},{\"embedding\":[1]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":[1,2]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":\"AA\"}]}",
        "{\"data\":[{\"index\":0,\"embedding\":\"AAAA\"},{\"index\":1,\"embedding\":"
        "\"AA\"}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[]},{\"index\":1,\"embedding\":[]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":null},{\"index\":1,\"embedding\":null}]}",
        "{\"data\":{\"index\":0}}",
        "{\"data\":[",
        "[]",
        "",
    };
    struct request request = asked(OPENAI, "{\"model\":\"m\",\"input\":[\"A\",\"B\"]}");
    for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
        check_odd(&request, answers[i]);
}

static void test_short_memory(void)
{
    struct request request = asked(OPENAI, THREE);
    const char *answer =
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":"
        "[2]},{\"index\":2,\"embedding\":[3]}]}";
    struct call call = call_of(&request);
    bool good = false;
    for (unsigned long at = 1; at < 40 && !good; at++) {
        struct embedding embedding;
        struct parts parts = {0};
        memory_fail_from(at);
        if (embedding_read(&call, &request, &embedding) == EMBEDDING_OK) {
            good = embedding_split(&call, &embedding, NULL, 3, span_text(answer), keep,
                                   &parts) == EMBEDDING_OK;
            for (size_t i = 0; i < parts.count; i++)
                good = good && buffer_ok(&parts.bodies[i]);
            embedding_free(&embedding);
        }
        memory_fail_from(0);
        parts_free(&parts);
    }
    CHECK(good);
    api_call_free(&call);
}

int main(void)
{
    RUN(test_some_of_the_items);
    RUN(test_what_is_no_list_of_items);
    RUN(test_dialects);
    RUN(test_splitting);
    RUN(test_rounds);
    RUN(test_joining);
    RUN(test_odd_answers);
    RUN(test_short_memory);
    return unit_end();
}
