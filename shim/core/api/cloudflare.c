/* SPDX-License-Identifier: MIT */
/* Cloudflare Workers AI (https://developers.cloudflare.com/workers-ai). The OpenAI-like
 * paths of the same host and of the AI gateway are recognised by their endings
 * (compatible.c). */
#include "compatible.h"

static const char *const run_content[] = {
    "result/response", "result/tool_calls", "result/data", "result/choices", NULL,
};

/* Its streams do not say when they are finished. */
static const struct refusal run_refusals[] = {
    {"stream", IF_SET, NULL, REASON_OPERATION},
    {0},
};

static const struct texts run_texts[] = {
    {.each = "", .at = "prompt", PROMPT_USER},
    {.each = "", .at = "text|text/*"},
    {.more = texts_openai_chat},
};

/* clang-format off */
#define RUN_ANSWER                                                                        \
    .texts = run_texts,                                                                   \
    .inputs = "text",                                                                     \
    .outputs = "result/data",                                                             \
    .refusals = run_refusals,                                                             \
    .content = run_content,                                                               \
    .usage = USAGE({"result/usage/prompt_tokens", NULL, USAGE_IN, 0},                    \
              {"result/usage/completion_tokens", NULL, USAGE_OUT, 0})
/* clang-format on */

/* The model stands in the path and has slashes: "@cf/meta/llama-3". */
static const struct form form_run = {
    .needs = "messages[]|prompt",
    .chance = {.at = "temperature"},
    RUN_ANSWER,
};

/* Vectors and the like. */
static const struct form form_run_text = {.needs = "text", RUN_ANSWER};

static const char *const mixed_hosts[] = {"api.cloudflare.com",
                                          "gateway.ai.cloudflare.com", NULL};

static const struct operation operations[] = {
    ROW_ONCE("run", "/client/v4/accounts/*/ai/run/**", form_run, NULL),
    ROW_ONCE("run", "/client/v4/accounts/*/ai/run/**", form_run_text, NULL),
    {0},
};

const struct dialect dialect_cloudflare = {
    .name = "cloudflare",
    .mixed_hosts = mixed_hosts,
    .operations = operations,
    .error = ERROR_CLOUDFLARE,
};
