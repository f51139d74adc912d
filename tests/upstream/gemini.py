# SPDX-License-Identifier: MIT
"""Gemini's dialect: generateContent, its two stream forms, embeddings, token counts."""

import json

from answer import Answer, json_answer, sse_answer, sse_event


def error(call, status):
    """Google's error object."""
    names = {401: "UNAUTHENTICATED", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}
    return json_answer({"error": {"code": status, "message": "upstream " + call.id(8),
                                  "status": names.get(status, "INTERNAL")}},
                       status=status, indent=2)


_HEADERS = [("Vary", "Origin"), ("Vary", "X-Origin"), ("Vary", "Referer"),
            ("Server", "scaffolding on HTTPServer2"), ("Server-Timing", "gfet4t7; dur=12")]


def _part(call, model, identity, text, count, reason=None):
    candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
    if reason:
        candidate["finishReason"] = reason
    return {"candidates": [candidate],
            "usageMetadata": {"promptTokenCount": 6, "candidatesTokenCount": count,
                              "totalTokenCount": 6 + count},
            "modelVersion": model, "responseId": identity}


def generate(call, model):
    """POST …:generateContent."""
    value = _part(call, model, call.id(), call.text(), len(call.tokens()), "STOP")
    if "empty" in call.faults:
        value["candidates"] = []
    if "error-200" in call.faults:
        value = {"error": {"code": 500, "message": call.id(), "status": "INTERNAL"}}
    answer = json_answer(value, indent=2, headers=_HEADERS)
    answer.chunked = True
    return answer


def stream(call, model):
    """POST …:streamGenerateContent, `alt=sse` or a JSON array sent in pieces."""
    identity, values = call.id(), []
    for count, word in enumerate(call.tokens(), 1):
        values.append(_part(call, model, identity, word, count))
    if "error-event" in call.faults:
        values.append({"error": {"code": 503, "message": "x", "status": "UNAVAILABLE"}})
    elif "no-terminal" not in call.faults:
        values.append(_part(call, model, identity, "", len(values), "STOP"))
    if call.request.query.get("alt") == "sse":
        return sse_answer([sse_event(value, eol="\r\n") for value in values], _HEADERS,
                          "text/event-stream")
    pieces = []
    for index, value in enumerate(values):
        pieces.append(("[" if index == 0 else ",\r\n") + json.dumps(value, indent=2) + "\n")
    pieces.append("]")
    return Answer("application/json; charset=UTF-8", [piece.encode() for piece in pieces],
                  stream=True, headers=_HEADERS)


def embed(call, _model):
    """POST …:embedContent."""
    parts = call.json.get("content", {}).get("parts", [])
    size = int(call.json.get("outputDimensionality") or 8)
    return json_answer({"embedding": {"values": call.vector(parts, size)}}, indent=2)


def batch_embed(call, _model):
    """POST …:batchEmbedContents."""
    vectors = []
    for item in call.json.get("requests", []):
        size = int(item.get("outputDimensionality") or 8)
        vectors.append({"values": call.vector(item.get("content"), size)})
    if "fewer" in call.faults:
        vectors = vectors[:-1]
    return json_answer({"embeddings": vectors}, indent=2)


def count_tokens(call, _model):
    """POST …:countTokens."""
    return json_answer({"totalTokens": 1000 + call.number}, indent=2)


def predict(call, _model):
    """POST …:predict of Vertex' text embeddings."""
    predictions = [{"embeddings": {"values": call.vector(item.get("content"), 8),
                                   "statistics": {"token_count": 3}}}
                   for item in call.json.get("instances", [])]
    return json_answer({"predictions": predictions}, indent=2)


METHODS = {"generateContent": generate, "streamGenerateContent": stream,
           "embedContent": embed, "batchEmbedContents": batch_embed,
           "countTokens": count_tokens, "predict": predict}
