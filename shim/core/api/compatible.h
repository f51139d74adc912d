/* SPDX-License-Identifier: MIT */
/* Rows for providers that offer OpenAI's operations under a base path of their own. */
#ifndef CORE_API_COMPATIBLE_H
#define CORE_API_COMPATIBLE_H

#include "dialect.h"

#define ROW_CHAT(PATH, IGNORED)                                                          \
    {                                                                                    \
        "chat", PATH, &form_openai_chat, IGNORED, STREAMED_IF_ASKED, STREAM_SSE_DONE,    \
            REASON_NONE                                                                  \
    }
#define ROW_COMPLETIONS(PATH, IGNORED)                                                   \
    {                                                                                    \
        "completions", PATH, &form_openai_completion, IGNORED, STREAMED_IF_ASKED,        \
            STREAM_SSE_DONE, REASON_NONE                                                 \
    }
#define ROW_RESPONSES(PATH)                                                              \
    {                                                                                    \
        "responses", PATH, &form_openai_responses, NULL, STREAMED_IF_ASKED,              \
            STREAM_SSE_RESPONSES, REASON_NONE                                            \
    }
#define ROW_MESSAGES(PATH)                                                               \
    {                                                                                    \
        "messages", PATH, &form_anthropic_messages, NULL, STREAMED_IF_ASKED,             \
            STREAM_SSE_ANTHROPIC, REASON_NONE                                            \
    }
#define ROW_EMBEDDINGS(PATH, IGNORED)                                                    \
    ROW_ONCE("embeddings", PATH, form_openai_embeddings, IGNORED)
#define ROW_RERANK(PATH) ROW_ONCE("rerank", PATH, form_rerank, NULL)
/* An operation that answers in one piece. */
#define ROW_ONCE(NAME, PATH, FORM, IGNORED)                                              \
    {                                                                                    \
        NAME, PATH, &(FORM), IGNORED, STREAMED_NEVER, STREAM_NONE, REASON_NONE           \
    }

#endif
