# SPDX-License-Identifier: MIT
"""Cohere, Ollama, TEI and TGI."""

import base64
import json
import struct

from answer import Answer, json_answer, sse_answer, sse_event


def cohere_error(call, status):
    """Cohere's error object."""
    return json_answer({"id": call.id(), "message": f"upstream {status}"}, status=status)


def ollama_error(call, status):
    """Ollama's error object."""
    return json_answer({"error": f"upstream {status} {call.id(6)}"}, status=status)


def cohere_chat(call):
    """POST /v2/chat."""
    usage = {"billed_units": {"input_tokens": 4, "output_tokens": 9},
             "tokens": {"input_tokens": 200, "output_tokens": 9}}
    if not call.json.get("stream"):
        message = {"role": "assistant", "content": [{"type": "text", "text": call.text()}]}
        if "empty" in call.faults:
            message["content"] = []
        return json_answer({"id": call.id(36), "message": message,
                            "finish_reason": "COMPLETE", "usage": usage},
                           headers=[("cache-control", "no-cache, no-store")])
    events = []

    def emit(name, **fields):
        events.append(sse_event(dict({"type": name}, **fields), name))

    emit("message-start", id=call.id(36), delta={"message": {"role": "assistant"}})
    for word in call.tokens():
        emit("content-delta", index=0, delta={"message": {"content": {"text": word}}})
    emit("content-end", index=0)
    if "error-event" in call.faults:
        emit("message-end", delta={"finish_reason": "ERROR_LIMIT", "usage": usage})
    elif "no-terminal" not in call.faults:
        emit("message-end", delta={"finish_reason": "COMPLETE", "usage": usage})
        events.append(sse_event("[DONE]"))
    return sse_answer(events, media="text/event-stream")


def cohere_chat_v1(call):
    """POST /v1/chat: one JSON object per line."""
    identity, text = call.id(36), call.text()
    if not call.json.get("stream"):
        return json_answer({"generation_id": identity, "text": text,
                            "finish_reason": "COMPLETE", "meta": {"tokens": {}}})
    lines = [{"is_finished": False, "event_type": "stream-start", "generation_id": identity}]
    lines += [{"is_finished": False, "event_type": "text-generation", "text": word}
              for word in call.tokens()]
    lines.append({"is_finished": True, "event_type": "stream-end", "finish_reason": "COMPLETE",
                  "response": {"generation_id": identity, "text": text}})
    return _lines(lines, "application/stream+json")


def _cohere_vector(call, item, kind):
    vector = call.vector(item, 8)
    if kind == "base64":
        return base64.b64encode(struct.pack("<8f", *vector)).decode()
    return vector if kind == "float" else [round(127 * number) for number in vector]


def cohere_embed(call):
    """POST /v1/embed and /v2/embed: a list of vectors, or one of each kind."""
    name = next((name for name in ("texts", "images", "inputs") if call.json.get(name)), "texts")
    items = call.json.get(name, [])
    by_type = "embedding_types" in call.json or "/v2/" in call.request.path
    kinds = call.json.get("embedding_types") or ["float"]
    lists = {kind: [_cohere_vector(call, item, kind) for item in items] for kind in kinds}
    texts = items if name == "texts" else []
    last = lists[kinds[-1]]
    if "fewer" in call.faults:
        last.pop()
    if "longer" in call.faults:
        last[-1] += [1] if isinstance(last[-1], list) else "AAAA"
    if "reversed" in call.faults:
        texts = texts[::-1]
    units = {"images": len(items)} if name == "images" else {"input_tokens": 4 * len(items)}
    answer = {"id": call.id(36), "texts": texts}
    if name == "images":
        answer["images"] = [{"width": len(item), "height": 2, "format": "png", "bit_depth": 24}
                            for item in items]
    answer["embeddings"] = lists if by_type else last
    answer["meta"] = {"api_version": {"version": "2"}, "billed_units": units}
    answer["response_type"] = "embeddings_by_type" if by_type else "embeddings_floats"
    return json_answer(answer)


def rerank(call):
    """POST …/rerank."""
    count = len(call.json.get("documents", call.json.get("texts", [])))
    results = [{"index": index, "relevance_score": round(call.random.random(), 6)}
               for index in range(count)]
    if "texts" in call.json:
        return json_answer([{"index": item["index"], "score": item["relevance_score"]}
                            for item in results])
    return json_answer({"id": call.id(36), "results": results,
                        "meta": {"billed_units": {"search_units": 1}}})


def _lines(values, media):
    pieces = [(json.dumps(value, ensure_ascii=False) + "\n").encode() for value in values]
    return Answer(media, pieces, stream=True)


def _ollama(call, wrap):
    model = call.json.get("model")
    stamp = f"2026-11-20T10:15:30.{call.random.randint(0, 999999):06d}Z"
    last = {"model": model, "created_at": stamp, "done": True, "done_reason": "stop",
            "total_duration": call.random.randint(10**8, 10**9), "prompt_eval_count": 29,
            "eval_count": len(call.tokens())}
    if call.json.get("stream") is False:
        if "error-200" in call.faults:
            return json_answer({"error": "model crashed " + call.id(6)})
        return json_answer(dict(last, **wrap(call.text())),
                           media="application/json; charset=utf-8")
    lines = [dict({"model": model, "created_at": stamp, "done": False}, **wrap(word))
             for word in call.tokens()]
    if "error-event" in call.faults:
        lines.append({"error": "out of memory " + call.id(6)})
    elif "no-terminal" not in call.faults:
        lines.append(dict(last, **wrap("")))
    return _lines(lines, "application/x-ndjson")


def ollama_chat(call):
    """POST /api/chat: streams unless told not to."""
    return _ollama(call, lambda text: {"message": {"role": "assistant", "content": text}})


def ollama_generate(call):
    """POST /api/generate."""
    return _ollama(call, lambda text: {"response": text})


def ollama_embed(call):
    """POST /api/embed, and the older /api/embeddings."""
    value = call.json.get("input", call.json.get("prompt", ""))
    if "prompt" in call.json:
        return json_answer({"embedding": call.vector(value, 8)})
    items = [value] if isinstance(value, str) else value
    return json_answer({"model": call.json.get("model"), "total_duration": call.now,
                        "embeddings": [call.vector(item, 8) for item in items]})


def tei_embed(call):
    """POST /embed: no model name anywhere."""
    value = call.json.get("inputs", "")
    items = [value] if isinstance(value, str) else value
    return json_answer([call.vector(item, 8) for item in items])


def tgi_generate(call):
    """POST /generate."""
    return json_answer({"generated_text": call.text(),
                        "details": {"generated_tokens": 9, "seed": call.random.randint(0, 99)}})
