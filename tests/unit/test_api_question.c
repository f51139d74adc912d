/* SPDX-License-Identifier: MIT */
/* The last user message and the rest, dialect by dialect: which requests have one, what keeps two of
 * them apart; the key; which answers are plain words, and how two of those compare. */
#include "unit.h"

#include "core/api/question.h"
#include "core/api/wording.h"

#include <stdlib.h>

#define OPENAI    "api.openai.com"
#define ANTHROPIC "api.anthropic.com"
#define GEMINI    "generativelanguage.googleapis.com"
#define BEDROCK   "bedrock-runtime.us-east-1.amazonaws.com"
#define COHERE    "api.cohere.com"
#define OLLAMA    "localhost"
#define CHAT      "/v1/chat/completions"
#define RESPONSES "/v1/responses"
#define MESSAGES  "/v1/messages"
#define GENERATE  "/v1beta/models/gemini-2.5-flash:generateContent"
#define CONVERSE  "/model/amazon.nova-lite-v1:0/converse"
#define INVOKE    "/model/anthropic.claude-3-haiku-20240307-v1:0/invoke"

static enum reason recognise(const char *host, const char *target, const char *body,
                             struct call *call)
{
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text(host),
                              .port = 443,
                              .target = span_text(target),
                              .body = span_text(body)};
    return api_recognise(&request, call);
}

/* The text of the last user message, "-" when there is none; |rest| may be NULL. */
static const char *question(const char *host, const char *target, const char *body,
                            char rest[2000])
{
    static char text[2000];
    struct call call;
    struct question found = {0};
    enum reason reason = recognise(host, target, body, &call);
    snprintf(text, sizeof(text), "%s", reason == REASON_NONE ? "-" : "not cacheable");
    if (reason == REASON_NONE &&
        question_of(&call, span_text(body), NULL, &found) == QUESTION_FOUND)
        span_copy_text(buffer_span(&found.text), text, sizeof(text));
    if (rest)
        span_copy_text(buffer_span(&found.rest), rest, 2000);
    question_free(&found);
    api_call_free(&call);
    return text;
}

/* -- which requests have one ----------------------------------------------------------------- */

struct example {
    const char *host, *target, *body, *text;
};

#define OPEN  "{\"model\":\"m\",\"messages\":["
#define USER  "{\"role\":\"user\",\"content\":\"q\"}"
#define IMAGE "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:x\"}}"
#define CALLS                                                                            \
    "\"tool_calls\":[{\"id\":\"1\",\"type\":\"function\",\"function\":{\"name\":\"f\","  \
    "\"arguments\":\"{}\"}}]"
#define TOOLS "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]"

/* clang-format off */
static const struct example examples[] = {
    {OPENAI, CHAT, OPEN USER "]}", "q"},
    {OPENAI, CHAT, OPEN "{\"role\":\"user\",\"content\":\"a \\u00e9\\n\"}]}", "a \xc3\xa9\n"},
    {OPENAI, CHAT, OPEN "{\"role\":\"system\",\"content\":\"s\"}," USER ",{\"role\":\"assistant\",\"content\":\"a\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"last\"}]}],\"temperature\":0.5,\"tools\":[],\"tool_choice\":null}", "last"},
    {OPENAI, CHAT, OPEN "{\"r\\u006fle\":\"user\",\"content\":\"q\"}]}", "q"},
    {OPENAI, CHAT, OPEN USER "],\"n\":2}", "-"},
    {OPENAI, CHAT, OPEN USER "],\"logprobs\":true}", "-"},
    {OPENAI, CHAT, OPEN USER "]," TOOLS "}", "-"},
    {OPENAI, CHAT, OPEN USER "],\"functions\":[{\"name\":\"f\"}]}", "-"},
    {OPENAI, CHAT, OPEN USER "],\"extra_body\":{\"my_Tools\":[1]}}", "-"},
    {OPENAI, CHAT, OPEN USER "],\"modalities\":[\"text\",\"audio\"]}", "-"},
    {OPENAI, CHAT, OPEN USER "],\"response_format\":{\"type\":\"json_object\"}}", "q"},
    {OPENAI, CHAT, OPEN USER "],\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\"}}}", "-"},
    {OPENAI, CHAT, OPEN "{\"role\":\"user\",\"content\":\"\"}]}", "-"},
    {OPENAI, CHAT, OPEN "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]}]}", "-"},
    {OPENAI, CHAT, OPEN "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"}," IMAGE "]}]}", "-"},
    {OPENAI, CHAT, OPEN "{\"role\":\"user\",\"content\":[" IMAGE "]},{\"role\":\"assistant\",\"content\":\"a\"}," USER "]}", "-"},
    {OPENAI, CHAT, OPEN "{\"role\":\"user\",\"content\":\"q\",\"images\":[\"x\"]}]}", "-"},
    {OPENAI, CHAT, OPEN "{\"role\":\"assistant\",\"content\":null," CALLS "},{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":\"r\"}]}", "-"},
    {OPENAI, CHAT, OPEN "{\"role\":\"assistant\",\"content\":\"a\"," CALLS "},{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":\"r\"}," USER "]}", "-"},
    {OPENAI, CHAT, OPEN "{\"role\":\"function\",\"name\":\"f\",\"content\":\"r\"}," USER "]}", "-"},
    {OPENAI, CHAT, OPEN USER ",{\"role\":\"assistant\",\"content\":\"a\"}]}", "-"},
    {OPENAI, CHAT, OPEN USER ",{\"role\":\"system\",\"content\":\"s\"}]}", "-"},
    {OPENAI, CHAT, OPEN "{\"role\":\"stranger\",\"content\":\"a\"}," USER "]}", "-"},
    {OPENAI, CHAT, OPEN "\"q\"]}", "-"},
    {OPENAI, "/v1/completions", "{\"model\":\"m\",\"prompt\":\"q\"}", "-"},
    {OPENAI, "/v1/embeddings", "{\"model\":\"m\",\"input\":\"q\"}", "-"},

    {OPENAI, RESPONSES, "{\"model\":\"m\",\"input\":\"q\",\"instructions\":\"s\"}", "q"},
    {OPENAI, RESPONSES, "{\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":\"q\"}]}", "q"},
    {OPENAI, RESPONSES, "{\"model\":\"m\",\"input\":[{\"type\":\"message\",\"role\":\"assistant\",\"id\":\"1\",\"status\":\"completed\",\"content\":[{\"type\":\"output_text\",\"text\":\"a\",\"annotations\":[]}]},{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"q\"}]}]}", "q"},
    {OPENAI, RESPONSES, "{\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"image_url\":\"data:x\"}]}]}", "-"},
    {OPENAI, RESPONSES, "{\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":\"q\"},{\"type\":\"function_call_output\",\"call_id\":\"1\",\"output\":\"r\"}]}", "-"},
    {OPENAI, RESPONSES, "{\"model\":\"m\",\"input\":[{\"type\":\"custom\",\"role\":\"user\",\"content\":\"q\"}]}", "-"},
    {OPENAI, RESPONSES, "{\"model\":\"m\",\"input\":\"q\",\"prompt\":{\"id\":\"p\",\"version\":\"1\"}}", "-"},
    {OPENAI, RESPONSES, "{\"model\":\"m\",\"input\":\"q\",\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]}", "-"},

    {ANTHROPIC, MESSAGES, "{\"model\":\"m\",\"max_tokens\":9,\"system\":\"s\",\"messages\":[" USER "]}", "q"},
    {ANTHROPIC, MESSAGES, "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"q\",\"cache_control\":{\"type\":\"ephemeral\"}}]}]}", "q"},
    {ANTHROPIC, MESSAGES, "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"1\",\"content\":\"r\"}]}]}", "-"},
    {ANTHROPIC, MESSAGES, "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"1\",\"content\":\"r\"},{\"type\":\"text\",\"text\":\"q\"}]}]}", "-"},
    {ANTHROPIC, MESSAGES, "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"data\":\"x\"}},{\"type\":\"text\",\"text\":\"q\"}]}]}", "-"},
    {ANTHROPIC, MESSAGES, "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[" USER ",{\"role\":\"assistant\",\"content\":\"{\"}]}", "-"},
    {ANTHROPIC, MESSAGES, "{\"model\":\"m\",\"max_tokens\":9,\"tools\":[{\"name\":\"f\",\"input_schema\":{}}],\"messages\":[" USER "]}", "-"},

    {GEMINI, GENERATE, "{\"contents\":[{\"parts\":[{\"text\":\"q\"}]}]}", "q"},
    {GEMINI, GENERATE, "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"a\"}]},{\"role\":\"model\",\"parts\":[{\"text\":\"b\"}]},{\"role\":\"user\",\"parts\":[{\"text\":\"q\"}]}],\"systemInstruction\":{\"parts\":[{\"text\":\"s\"}]}}", "q"},
    {GEMINI, GENERATE, "{\"contents\":[{\"parts\":[{\"text\":\"a\"}]},{\"parts\":[{\"text\":\"q\"}]}]}", "-"},
    {GEMINI, GENERATE, "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"x\"}},{\"text\":\"q\"}]}]}", "-"},
    {GEMINI, GENERATE, "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"name\":\"f\",\"response\":{\"x\":1}}}]}]}", "-"},
    {GEMINI, GENERATE, "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"q\"}]}],\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\"}]}]}", "-"},
    {GEMINI, GENERATE, "{\"contents\":{\"parts\":[{\"text\":\"q\"}]}}", "-"},

    {BEDROCK, CONVERSE, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"q\"}]}],\"inferenceConfig\":{\"maxTokens\":9}}", "q"},
    {BEDROCK, CONVERSE, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"toolResult\":{\"toolUseId\":\"1\",\"content\":[{\"text\":\"r\"}]}}]}]}", "-"},
    {BEDROCK, CONVERSE, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"q\"},{\"image\":{\"format\":\"png\",\"source\":{\"bytes\":\"x\"}}}]}]}", "-"},
    {BEDROCK, CONVERSE, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"q\"}]}],\"toolConfig\":{\"tools\":[{\"toolSpec\":{\"name\":\"f\"}}]}}", "-"},
    {BEDROCK, INVOKE, "{\"anthropic_version\":\"bedrock-2023-05-31\",\"max_tokens\":9,\"messages\":[" USER "]}", "q"},
    {BEDROCK, INVOKE, "{\"inputText\":\"q\",\"textGenerationConfig\":{}}", "-"},

    {OLLAMA, "/api/chat", OPEN USER "],\"stream\":false}", "q"},
    {OLLAMA, "/api/chat", OPEN "{\"role\":\"user\",\"content\":\"q\",\"images\":[\"x\"]}]}", "-"},
    {OLLAMA, "/api/chat", OPEN "{\"role\":\"tool\",\"tool_name\":\"f\",\"content\":\"r\"}]}", "-"},
    {OLLAMA, "/api/generate", "{\"model\":\"m\",\"prompt\":\"q\"}", "-"},
    {COHERE, "/v2/chat", OPEN USER "]}", "q"},
    {COHERE, "/v2/chat", OPEN USER "],\"documents\":[\"d\"]}", "-"},
    {COHERE, "/v1/chat", "{\"model\":\"m\",\"message\":\"q\"}", "-"},
};
/* clang-format on */

static void test_examples(void)
{
    for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
        const struct example *example = &examples[i];
        const char *text = question(example->host, example->target, example->body, NULL);
        unit_check(strcmp(text, example->text) == 0, __FILE__, __LINE__,
                   "%s%s: \"%s\", not \"%s\": %s", example->host, example->target, text,
                   example->text, example->body);
    }
}

/* -- what must be equal ---------------------------------------------------------------------- */

static bool same_rest(const char *one, const char *other)
{
    char left[2000], right[2000];
    CHECK(strcmp(question(OPENAI, CHAT, one, left), "-") != 0);
    CHECK(strcmp(question(OPENAI, CHAT, other, right), "-") != 0);
    return strcmp(left, right) == 0;
}

#define SAID(SYSTEM, EARLIER, TEXT, MORE)                                                \
    "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"" SYSTEM          \
    "\"},{\"role\":\"user\",\"content\":\"" EARLIER                                      \
    "\"},{\"role\":\"assistant\",\"content\":\"a\"},{\"role\":\"user\","                 \
    "\"content\":\"" TEXT "\"}]" MORE "}"

static void test_rest(void)
{
    const char *base = SAID("s", "e", "one", ",\"temperature\":0");
    CHECK(same_rest(base, SAID("s", "e", "two", ",\"temperature\":0.0")));
    CHECK(
        same_rest(base, SAID("s", "e", "\\u0041", ",\"user\":\"u\",\"temperature\":0")));
    CHECK(!same_rest(base, SAID("S", "e", "one", ",\"temperature\":0")));
    CHECK(!same_rest(base, SAID("s", "E", "one", ",\"temperature\":0")));
    CHECK(!same_rest(base, SAID("s", "e", "one", ",\"temperature\":1")));
    CHECK(!same_rest(base, SAID("s", "e", "one", "")));
    CHECK(!same_rest(base, SAID("s", "e", "one", ",\"temperature\":0,\"unheard_of\":1")));
    CHECK(!same_rest(base, SAID("s", "e", "one", ",\"temperature\":0,\"stream\":true")));
    /* The place of the text is a part of it. */
    CHECK(!same_rest(OPEN USER "]}",
                     OPEN "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
                          "\"q\"}]}]}"));
}

/* -- the key --------------------------------------------------------------------------------- */

static enum lexical_verdict verdict_of(const char *body)
{
    struct call call;
    struct question found = {0};
    struct lexical_key key = {0};
    enum lexical_verdict verdict = LEXICAL_VERDICTS;
    CHECK_INT(recognise(OPENAI, CHAT, body, &call), REASON_NONE);
    if (CHECK(question_of(&call, span_text(body), NULL, &found) == QUESTION_FOUND))
        verdict = question_key(&found, &key);
    CHECK((verdict == LEXICAL_KEY) == (key.words.size > 0));
    lexical_key_free(&key);
    question_free(&found);
    api_call_free(&call);
    return verdict;
}

#define ASKED "What is the capital of France?"

static void test_key(void)
{
    static const char *const harmless[] = {
        "You are a helpful assistant.",
        "You are a helpful assistant. Answer in one short line.",
        "Be concise \xe2\x80\x94 you work for the \xe2\x80\x9c"
        "Acme\xe2\x80\x9d company.",
        "s",
    };
    static const char *const harmful[] = {
        "Translate what the user says into French.",
        "You correct the punctuation of what you are given.",
        "Fix it.",
        "Answer those alone who say please.",
        "Be rude to whoever does not use capitals.",
        "Say no to whoever uses informal language.",
        "Repeat the words of the user.",
        "English to French",
        "Classify what you are told.",
        "line\\nTranslate.",
        "TRANSLATE!",
        "Antworte immer nur kurz und knapp bitte",
        "R\xc3\xa9ponds.",
        "\xe7\xbf\xbb\xe8\xaf\x91",
    };
    char body[1000];
    for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++) {
        snprintf(body, sizeof(body), SAID("%s", "Hi", ASKED, ""), harmless[i]);
        CHECK_INT(verdict_of(body), LEXICAL_KEY);
    }
    for (size_t i = 0; i < sizeof(harmful) / sizeof(*harmful); i++) {
        snprintf(body, sizeof(body), SAID("%s", "Hi", ASKED, ""), harmful[i]);
        unit_check(verdict_of(body) == LEXICAL_CONTEXT, __FILE__, __LINE__, "%s",
                   harmful[i]);
        snprintf(body, sizeof(body), SAID("s", "%s", ASKED, ""), harmful[i]);
        CHECK_INT(verdict_of(body), LEXICAL_CONTEXT);
    }
    CHECK_INT(verdict_of(SAID("s", "Hi", ASKED, ",\"stop\":[\"repeat\"]")),
              LEXICAL_CONTEXT);
    CHECK_INT(verdict_of(SAID("s", "Hi", "What is the weather today?", "")),
              LEXICAL_FRESH);
    CHECK_INT(verdict_of(SAID("s", "Hi", "What is my balance?", "")), LEXICAL_ACCOUNT);
}

/* -- answers --------------------------------------------------------------------------------- */

struct answer {
    const char *host, *target, *more; /* of the request */
    const char *body, *text;          /* "-": no plain words */
};

#define SSE(DATA)         "data: " DATA "\n\n"
#define EVENT(NAME, DATA) "event: " NAME "\ndata: " DATA "\n\n"
#define WHOLE(MESSAGE, FINISH)                                                           \
    "{\"choices\":[{\"index\":0,\"message\":" MESSAGE ",\"finish_reason\":" FINISH "}]}"
#define DELTA(WHAT, FINISH)                                                              \
    SSE("{\"choices\":[{\"index\":0,\"delta\":" WHAT ",\"finish_reason\":" FINISH "}]}")
#define SAYS                                                                             \
    "{\"role\":\"assistant\",\"content\":\"Hi\",\"refusal\":null,\"annotations\":[]}"
#define DONE                  SSE("[DONE]")
#define STREAM                ",\"stream\":true"
#define CLAUDE(CONTENT, STOP) "{\"content\":" CONTENT ",\"stop_reason\":" STOP "}"

/* clang-format off */
static const struct answer answers[] = {
    {OPENAI, CHAT, "", WHOLE(SAYS, "\"stop\""), "Hi"},
    {OPENAI, CHAT, "", WHOLE(SAYS, "\"length\""), "-"},
    {OPENAI, CHAT, "", WHOLE(SAYS, "\"content_filter\""), "-"},
    {OPENAI, CHAT, "", WHOLE(SAYS, "null"), "-"},
    {OPENAI, CHAT, "", WHOLE("{\"content\":\"Hi\",\"tool_calls\":[{\"id\":\"1\"}]}", "\"stop\""), "-"},
    {OPENAI, CHAT, "", WHOLE("{\"content\":null,\"tool_calls\":[{\"id\":\"1\"}]}", "\"tool_calls\""), "-"},
    {OPENAI, CHAT, "", WHOLE("{\"content\":\"Hi\",\"images\":[{}]}", "\"stop\""), "-"},
    {OPENAI, CHAT, "", WHOLE("{\"content\":\"Hi\",\"annotations\":[{\"url\":\"x\"}]}", "\"stop\""), "-"},
    {OPENAI, CHAT, "", WHOLE("{\"content\":null,\"refusal\":\"No\"}", "\"stop\""), "-"},
    {OPENAI, CHAT, "", WHOLE("{\"content\":[{\"type\":\"text\"}]}", "\"stop\""), "-"},
    {OPENAI, CHAT, "", WHOLE("{\"content\":\"\"}", "\"stop\""), "-"},
    {OPENAI, CHAT, "", "{\"choices\":[]}", "-"},
    {OPENAI, CHAT, "", "no JSON", "-"},
    {OPENAI, CHAT, STREAM, DELTA("{\"role\":\"assistant\",\"content\":\"\"}", "null") DELTA("{\"content\":\"H\"}", "null") DELTA("{\"content\":\"i\"}", "null") DELTA("{}", "\"stop\"") DONE, "Hi"},
    {OPENAI, CHAT, STREAM, DELTA("{\"content\":\"H\"}", "null") DELTA("{\"tool_calls\":[{\"index\":0}]}", "null") DELTA("{}", "\"stop\"") DONE, "-"},
    {OPENAI, CHAT, STREAM, DELTA("{\"content\":\"H\"}", "null") DELTA("{}", "\"length\"") DONE, "-"},
    {OPENAI, CHAT, STREAM, DELTA("{\"content\":\"H\"}", "null") DONE, "-"},

    {OPENAI, RESPONSES, "", "{\"status\":\"completed\",\"output\":[{\"type\":\"reasoning\",\"id\":\"1\",\"summary\":[]},{\"type\":\"message\",\"id\":\"2\",\"role\":\"assistant\",\"status\":\"completed\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hi\",\"annotations\":[],\"logprobs\":[]}]}]}", "Hi"},
    {OPENAI, RESPONSES, "", "{\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hi\"}]},{\"type\":\"function_call\",\"name\":\"f\"}]}", "-"},
    {OPENAI, RESPONSES, "", "{\"status\":\"incomplete\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hi\"}]}]}", "-"},
    {OPENAI, RESPONSES, STREAM, EVENT("response.created", "{\"type\":\"response.created\",\"response\":{\"status\":\"in_progress\",\"output\":[]}}") EVENT("response.output_text.delta", "{\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}") EVENT("response.completed", "{\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hi\"}]}]}}"), "Hi"},
    {OPENAI, RESPONSES, STREAM, EVENT("response.completed", "{\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"output\":[{\"type\":\"web_search_call\"},{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hi\"}]}]}}"), "-"},

    {ANTHROPIC, MESSAGES, "", CLAUDE("[{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"x\"},{\"type\":\"text\",\"text\":\"Hi\"}]", "\"end_turn\""), "Hi"},
    {ANTHROPIC, MESSAGES, "", CLAUDE("[{\"type\":\"text\",\"text\":\"Hi\"}]", "\"max_tokens\""), "-"},
    {ANTHROPIC, MESSAGES, "", CLAUDE("[{\"type\":\"text\",\"text\":\"Hi\"},{\"type\":\"tool_use\",\"id\":\"1\",\"name\":\"f\",\"input\":{}}]", "\"tool_use\""), "-"},
    {ANTHROPIC, MESSAGES, "", CLAUDE("[{\"type\":\"text\",\"text\":\"Hi\",\"citations\":[{\"type\":\"x\"}]}]", "\"end_turn\""), "-"},
    {ANTHROPIC, MESSAGES, STREAM, EVENT("message_start", "{\"type\":\"message_start\",\"message\":{\"content\":[],\"stop_reason\":null}}") EVENT("content_block_start", "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}") EVENT("content_block_delta", "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}") EVENT("message_delta", "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":1}}") EVENT("message_stop", "{\"type\":\"message_stop\"}"), "Hi"},
    {ANTHROPIC, MESSAGES, STREAM, EVENT("content_block_start", "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"1\",\"name\":\"f\",\"input\":{}}}") EVENT("content_block_delta", "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}") EVENT("message_delta", "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}") EVENT("message_stop", "{\"type\":\"message_stop\"}"), "-"},

    {GEMINI, GENERATE, "", "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"H\"},{\"text\":\"i\"}],\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}]}", "Hi"},
    {GEMINI, GENERATE, "", "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"H\"},{\"functionCall\":{\"name\":\"f\"}}]},\"finishReason\":\"STOP\"}]}", "-"},
    {GEMINI, GENERATE, "", "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"H\"}]},\"finishReason\":\"STOP\",\"groundingMetadata\":{\"x\":1}}]}", "-"},
    {GEMINI, GENERATE, "", "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"H\"}]},\"finishReason\":\"SAFETY\"}]}", "-"},

    {BEDROCK, CONVERSE, "", "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"text\":\"Hi\"}]}},\"stopReason\":\"end_turn\"}", "Hi"},
    {BEDROCK, CONVERSE, "", "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"text\":\"Hi\"},{\"toolUse\":{\"name\":\"f\"}}]}},\"stopReason\":\"end_turn\"}", "-"},
    {BEDROCK, CONVERSE, "", "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"text\":\"Hi\"}]}},\"stopReason\":\"max_tokens\"}", "-"},

    {OLLAMA, "/api/chat", ",\"stream\":false", "{\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"done\":true,\"done_reason\":\"stop\"}", "Hi"},
    {OLLAMA, "/api/chat", "", "{\"message\":{\"role\":\"assistant\",\"content\":\"H\"},\"done\":false}\n{\"message\":{\"role\":\"assistant\",\"content\":\"i\"},\"done\":true,\"done_reason\":\"stop\"}\n", "Hi"},
    {OLLAMA, "/api/chat", "", "{\"message\":{\"role\":\"assistant\",\"content\":\"H\"},\"done\":true}\n", "-"},
    {COHERE, "/v2/chat", "", "{\"message\":{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}]},\"finish_reason\":\"COMPLETE\"}", "Hi"},
    {COHERE, "/v2/chat", "", "{\"message\":{\"role\":\"assistant\",\"tool_plan\":\"x\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}]},\"finish_reason\":\"COMPLETE\"}", "-"},
    {COHERE, "/v2/chat", STREAM, EVENT("message-start", "{\"type\":\"message-start\",\"delta\":{\"message\":{\"role\":\"assistant\",\"content\":[],\"tool_calls\":[]}}}") EVENT("content-start", "{\"type\":\"content-start\",\"delta\":{\"message\":{\"content\":{\"type\":\"text\",\"text\":\"\"}}}}") EVENT("content-delta", "{\"type\":\"content-delta\",\"delta\":{\"message\":{\"content\":{\"text\":\"Hi\"}}}}") EVENT("message-end", "{\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"COMPLETE\"}}"), "Hi"},
    {OPENAI, "/v1/completions", "", "{\"choices\":[{\"text\":\"Hi\",\"finish_reason\":\"stop\"}]}", "-"},
};
/* clang-format on */

static void test_answers(void)
{
    for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
        const struct answer *answer = &answers[i];
        char body[300];
        struct call call;
        struct buffer text = {0};
        struct response response = {.status = 200, .body = span_text(answer->body)};
        snprintf(body, sizeof(body),
                 "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","
                 "\"content\":[{\"text\":\"q\"}]}],\"input\":\"q\",\"prompt\":%s,"
                 "\"contents\":[{\"parts\":[{\"text\":\"q\"}]}]%s}",
                 strstr(answer->target, "completions") ? "\"q\"" : "null", answer->more);
        CHECK_INT(recognise(answer->host, answer->target, body, &call), REASON_NONE);
        enum wording_result result = wording_of(&call, &response, &text);
        buffer_append_byte(&text, 0);
        const char *got = result == WORDING_PLAIN ? (const char *)text.at : "-";
        unit_check(strcmp(got, answer->text) == 0, __FILE__, __LINE__, "\"%s\": %s", got,
                   answer->body);
        response.status = 400;
        CHECK_INT(wording_of(&call, &response, &text), WORDING_OTHER);
        buffer_free(&text);
        api_call_free(&call);
    }
}

/* -- likeness -------------------------------------------------------------------------------- */

#define NINE "one two three four five six seven eight "

static void test_likeness(void)
{
    static const struct {
        const char *one, *other;
        enum comparison likeness;
    } pairs[] = {
        {"Paris", "Paris", COMPARISON_EQUAL},
        {"Paris is\n it. ", "Paris is it.", COMPARISON_EQUAL},
        {"{\"a\":1,\"b\":2}", "{ \"b\": 2.0, \"a\": 1 }", COMPARISON_EQUAL},
        {"", "", COMPARISON_EQUAL},
        {"Paris.", "paris", COMPARISON_SIMILAR},
        {"It's Paris!", "It\xe2\x80\x99s Paris", COMPARISON_UNKNOWN},
        {"C++", "C", COMPARISON_UNKNOWN},
        {"...", "???", COMPARISON_UNKNOWN},
        {"It is 12.", "It is 13.", COMPARISON_DIFFERENT},
        {"It is so.", "It is not so.", COMPARISON_DIFFERENT},
        {"It isn't so.", "It is so.", COMPARISON_DIFFERENT},
        {"Yes", "Correct", COMPARISON_DIFFERENT},
        {"Paris", "The capital is Paris.", COMPARISON_UNKNOWN},
        {NINE "nine ten", NINE "nine eleven", COMPARISON_UNKNOWN},
        {NINE "nine ten", NINE "12 ten", COMPARISON_DIFFERENT},
        {NINE NINE NINE "nine", NINE NINE NINE "9", COMPARISON_UNKNOWN},
        {NINE, "nine ten eleven twelve", COMPARISON_DIFFERENT},
        {"a", "", COMPARISON_DIFFERENT},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
        for (unsigned turn = 0; turn < 2; turn++)
            unit_check(
                wording_likeness(span_text(turn ? pairs[i].other : pairs[i].one),
                                 span_text(turn ? pairs[i].one : pairs[i].other)) ==
                    pairs[i].likeness,
                __FILE__, __LINE__, "\"%s\" and \"%s\"", pairs[i].one, pairs[i].other);
}

int main(void)
{
    RUN(test_examples);
    RUN(test_rest);
    RUN(test_key);
    RUN(test_answers);
    RUN(test_likeness);
    return unit_end();
}
