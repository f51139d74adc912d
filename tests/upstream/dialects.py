# SPDX-License-Identifier: MIT
"""From a request to the dialect that answers it: by path, as real services do."""

import re

import anthropic
import bedrock
import gemini
import openai
import others
import web
from answer import Answer, json_answer

_GEMINI = re.compile(r"/models/([^/:]+):(\w+)$")
_BEDROCK = re.compile(r"^/model/(.+)/([a-z-]+)$")

# Path endings in the order they are tried: longer ones first.
_ENDINGS = (
    ("/chat/completions", openai.chat, openai.error),
    ("/completions", openai.completions, openai.error),
    ("/completion", openai.completions, openai.error),
    ("/responses", openai.responses, openai.error),
    ("/moderations", openai.moderations, openai.error),
    ("/audio/speech", openai.speech, openai.error),
    ("/audio/transcriptions", openai.speech, openai.error),
    ("/v1/messages/count_tokens", anthropic.count_tokens, anthropic.error),
    ("/messages", anthropic.messages, anthropic.error),
    (":rawPredict", anthropic.messages, anthropic.error),
    (":streamRawPredict", anthropic.messages, anthropic.error),
    ("/v1/complete", anthropic.complete, anthropic.error),
    ("/v2/chat", others.cohere_chat, others.cohere_error),
    ("/v1/chat", others.cohere_chat_v1, others.cohere_error),
    ("/v2/embed", others.cohere_embed, others.cohere_error),
    ("/v1/embed", others.cohere_embed, others.cohere_error),
    ("/rerank", others.rerank, others.cohere_error),
    ("/api/chat", others.ollama_chat, others.ollama_error),
    ("/api/generate", others.ollama_generate, others.ollama_error),
    ("/api/embed", others.ollama_embed, others.ollama_error),
    ("/api/embeddings", others.ollama_embed, others.ollama_error),
    ("/embeddings", openai.embeddings, openai.error),
    ("/embed", others.tei_embed, others.ollama_error),
    ("/generate", others.tgi_generate, others.ollama_error),
)


def _route(call):
    request = call.request
    if request.path.startswith("/web/"):
        return lambda: web.answer(call), openai.error
    if request.method == "GET" and request.path.endswith("/models"):
        return lambda: openai.models(call), openai.error
    if request.method != "POST":
        return lambda: _other(call), openai.error
    match = _GEMINI.search(request.path)
    if match and match[2] in gemini.METHODS:
        return lambda: gemini.METHODS[match[2]](call, match[1]), gemini.error
    match = _BEDROCK.match(request.path)
    if match and match[2] in bedrock.OPERATIONS:
        return lambda: bedrock.OPERATIONS[match[2]](call), bedrock.error
    for ending, handler, failure in _ENDINGS:
        if request.path.endswith(ending):
            return lambda: handler(call), failure
    return lambda: _other(call), openai.error


def _other(call):
    """Anything that is no LLM call: the web as usual; every answer differs."""
    if call.request.method == "HEAD":
        return Answer("text/plain", [b""])
    if call.request.path.startswith("/bytes/"):
        return Answer("application/octet-stream", [b"\0" * int(call.request.path[7:])])
    return json_answer({"path": call.request.path, "n": call.number, "id": call.id()})


def answer_call(call):
    """The dialect's answer to this call, with the faults that change its content."""
    handler, failure = _route(call)
    if "status" in call.faults:
        return failure(call, call.faults["status"])
    if "html" in call.faults:
        return Answer("text/html", [b"<html><body>gateway " + call.id().encode() + b"</body>"])
    return handler()
