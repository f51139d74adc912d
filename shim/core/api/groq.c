/* SPDX-License-Identifier: MIT */
/* Groq (https://console.groq.com/docs/api-reference). Compound models search the web:
 * refused with the chat form. */
#include "compatible.h"

static const char *const hosts[] = {"api.groq.com", NULL};

static const struct operation operations[] = {
    ROW_CHAT("/openai/v1/chat/completions", NULL),
    ROW_RESPONSES("/openai/v1/responses"),
    ROW_EMBEDDINGS("/openai/v1/embeddings", NULL),
    ROW_ONCE("speech", "/openai/v1/audio/speech", form_openai_speech, NULL),
    STATEFUL("/openai/v1/batches**"),
    STATEFUL("/openai/v1/files**"),
    {0},
};

const struct dialect dialect_groq = {
    .name = "groq",
    .hosts = hosts,
    .operations = operations,
};
