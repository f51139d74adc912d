# SPDX-License-Identifier: MIT
"""OpenAI's dialect and those who speak it: Azure, Groq, Mistral, OpenRouter, vLLM, llama.cpp."""

import base64
import struct

from answer import Answer, json_answer, sse_answer, sse_event


def flavour(call):
    """Who of the family answers; decided by path and model as the real services are."""
    path, model = call.request.path, str(call.json.get("model", ""))
    host = call.request.headers.get("host", "")
    if "/openai/deployments/" in path:
        return "azure"
    if path.startswith("/openai/v1/") or "groq" in host:
        return "groq"
    if path.startswith("/api/v1/"):
        return "openrouter"
    if model.startswith("mistral"):
        return "mistral"
    if model.startswith("llama.cpp"):
        return "llamacpp"
    if "/" in model:
        return "vllm"
    return "openai"


def error(call, status):
    """The family's error object."""
    kinds = {401: ("invalid_request_error", "invalid_api_key"),
             429: ("tokens", "rate_limit_exceeded")}
    kind, code = kinds.get(status, ("server_error", None))
    body = {"error": {"message": f"Upstream says {status} ({call.id(8)}).",
                      "type": kind, "param": None, "code": code}}
    headers = [("x-request-id", "req_" + call.id())]
    if status == 429:
        headers += [("retry-after", "1"), ("retry-after-ms", "20")]
    return json_answer(body, status=status, indent=2, headers=headers)


def _headers(call):
    return [("openai-organization", "org-test"), ("openai-processing-ms", "12"),
            ("openai-version", "2020-10-01"), ("x-ratelimit-limit-requests", "10000"),
            ("x-ratelimit-remaining-requests", str(9999 - call.number % 9000)),
            ("x-request-id", "req_" + call.id()),
            ("Set-Cookie", f"__cf_bm={call.id(16)}; HttpOnly; Secure; Path=/")]


def _fingerprint(call):
    """The configuration that answers: the same until a request asks for another."""
    return "fp_" + (call.faults.get("fingerprint") or "f5bdcc3276")


def _usage(call):
    prompt, completion = 9 + len(call.request.body) // 4, len(call.tokens())
    return {"prompt_tokens": prompt, "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0}}


def _logprobs(call, text):
    if not call.json.get("logprobs"):
        return None
    value = -call.random.random()
    return {"content": [{"token": text, "logprob": value, "bytes": list(text.encode()),
                         "top_logprobs": []}], "refusal": None}


def _tool_calls(call):
    tools = call.json.get("tools")
    if not tools or call.json.get("tool_choice") == "none":
        return None
    name = tools[0].get("function", {}).get("name", "tool")
    return [{"id": "call_" + call.id(), "type": "function",
             "function": {"name": name, "arguments": '{"city":"Oslo","n":%d}' % call.number}}]


def _message(call):
    text = call.text()
    message = {"role": "assistant", "content": text, "refusal": None}
    if call.json.get("reasoning_effort"):
        message["reasoning_content"] = "Thinking " + call.id(8)
    calls = _tool_calls(call)
    if calls:
        message.update(content=None, tool_calls=calls)
    return message


def chat(call):
    """POST …/chat/completions."""
    if call.json.get("stream"):
        return _chat_stream(call)
    choices = []
    for index in range(int(call.json.get("n") or 1)):
        message = _message(call)
        reason = "tool_calls" if message.get("tool_calls") else "stop"
        choices.append({"index": index, "message": message,
                        "logprobs": _logprobs(call, "x"), "finish_reason": reason})
    body = {"id": "chatcmpl-" + call.id(29), "object": "chat.completion",
            "created": call.now, "model": call.json.get("model", "deployment"),
            "choices": choices, "usage": _usage(call), "service_tier": "default",
            "system_fingerprint": _fingerprint(call)}
    if "error-200" in call.faults:
        body = {"error": "Unexpected endpoint or method. " + call.id(8)}
    kind = flavour(call)
    indent = 2 if kind in ("openai", "llamacpp") else None
    answer = json_answer(body, indent=indent, headers=_headers(call))
    answer.compress = kind in ("openai", "mistral", "groq")
    return answer


def _chunk(call, base, delta, reason=None, **more):
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    if delta.get("content") and call.json.get("logprobs"):
        choice["logprobs"] = _logprobs(call, delta["content"])
    value = dict(base, choices=[choice], **more)
    if flavour(call) == "openai":
        value["obfuscation"] = call.id(call.random.randint(1, 16))
    return sse_event(value)


def _chat_stream(call):
    base = {"id": "chatcmpl-" + call.id(29), "object": "chat.completion.chunk",
            "created": call.now, "model": call.json.get("model", "deployment"),
            "system_fingerprint": _fingerprint(call)}
    usage = bool((call.json.get("stream_options") or {}).get("include_usage"))
    more = {"usage": None} if usage else {}
    kind, events = flavour(call), []
    if kind == "azure":
        events.append(sse_event(dict(base, id="", model="", choices=[],
                                     prompt_filter_results=[{"prompt_index": 0}])))
    if kind == "openrouter":
        events += [b": OPENROUTER PROCESSING\n\n"] * 3
    events.append(_chunk(call, base, {"role": "assistant", "content": ""}, **more))
    reason, calls = "stop", _tool_calls(call)
    if calls:
        reason = "tool_calls"
        events += _tool_chunks(call, base, calls[0], more)
    else:
        if call.json.get("reasoning_effort"):
            events.append(_chunk(call, base, {"reasoning_content": "Hm " + call.id(6)}, **more))
        events += [_chunk(call, base, {"content": word}, **more) for word in call.tokens()]
    if "error-event" in call.faults:
        failure = {"error": {"message": "broke off " + call.id(6), "type": "server_error",
                             "status_code": 500}}
        return sse_answer(events + [sse_event(failure, "error" if kind == "groq" else None)],
                          _headers(call))
    events.append(_chunk(call, base, {}, reason, **more))
    if kind == "openrouter":
        events.append(_chunk(call, base, {}, reason, usage=_usage(call)))
    if usage:
        events.append(sse_event(dict(base, choices=[], usage=_usage(call))))
    if "no-terminal" not in call.faults:
        events.append(sse_event("[DONE]"))
    return sse_answer(events, _headers(call))


def _tool_chunks(call, base, tool, more):
    function = tool["function"]
    first = dict(tool, index=0, function={"name": function["name"], "arguments": ""})
    events = [_chunk(call, base, {"tool_calls": [first]}, **more)]
    for start in range(0, len(function["arguments"]), 5):
        part = {"index": 0, "function": {"arguments": function["arguments"][start:start + 5]}}
        events.append(_chunk(call, base, {"tool_calls": [part]}, **more))
    return events


def completions(call):
    """POST …/completions, the older text form; also llama.cpp's /completion."""
    base = {"id": "cmpl-" + call.id(29), "object": "text_completion", "created": call.now,
            "model": call.json.get("model", "default")}
    if not call.json.get("stream"):
        choice = {"index": 0, "text": call.text(), "logprobs": None, "finish_reason": "stop"}
        return json_answer(dict(base, choices=[choice], usage=_usage(call)), indent=2)
    events = []
    for word in call.tokens():
        choice = {"index": 0, "text": word, "logprobs": None, "finish_reason": None}
        events.append(sse_event(dict(base, choices=[choice])))
    choice = {"index": 0, "text": "", "logprobs": None, "finish_reason": "stop"}
    events.append(sse_event(dict(base, choices=[choice])))
    if "no-terminal" not in call.faults:
        events.append(sse_event("[DONE]"))
    return sse_answer(events)


def _response_object(call, identity, status, text):
    output = []
    if text is not None:
        part = {"type": "output_text", "annotations": [], "logprobs": [], "text": text}
        output.append({"id": "msg_" + identity, "type": "message", "status": "completed",
                       "content": [part], "role": "assistant"})
    usage = {"input_tokens": 11, "input_tokens_details": {"cached_tokens": 0},
             "output_tokens": 9, "output_tokens_details": {"reasoning_tokens": 0},
             "total_tokens": 20}
    return {"id": "resp_" + identity, "object": "response", "created_at": call.now,
            "status": status, "error": None, "incomplete_details": None,
            "instructions": call.json.get("instructions"), "model": call.json.get("model"),
            "output": output, "previous_response_id": None,
            "store": call.json.get("store", True), "tool_choice": "auto", "tools": [],
            "usage": usage if status == "completed" else None, "metadata": {}}


def responses(call):
    """POST …/responses."""
    identity = call.id(40)
    if not call.json.get("stream"):
        value = _response_object(call, identity, "completed", call.text())
        answer = json_answer(value, indent=2, headers=_headers(call))
        answer.compress = True
        return answer
    number, events = 0, []

    def emit(name, **fields):
        nonlocal number
        events.append(sse_event(dict({"type": name, "sequence_number": number}, **fields), name))
        number += 1

    emit("response.created", response=_response_object(call, identity, "in_progress", None))
    place = {"item_id": "msg_" + identity, "output_index": 0, "content_index": 0}
    for word in call.tokens():
        emit("response.output_text.delta", delta=word, logprobs=[],
             obfuscation=call.id(call.random.randint(1, 16)), **place)
    emit("response.output_text.done", text=call.text(), logprobs=[], **place)
    if "error-event" in call.faults:
        emit("error", code="server_error", message="broke off", param=None)
    elif "no-terminal" not in call.faults:
        emit("response.completed",
             response=_response_object(call, identity, "completed", call.text()))
    return sse_answer(events, _headers(call))


def embeddings(call):
    """POST …/embeddings."""
    value = call.json.get("input", "")
    single = isinstance(value, str) or (bool(value) and isinstance(value[0], int))
    items = [value] if single else list(value)
    dimensions = int(call.json.get("dimensions") or 8)
    data = []
    for index, item in enumerate(items):
        vector = call.vector(item, dimensions)
        if call.json.get("encoding_format") == "base64":
            vector = base64.b64encode(struct.pack(f"<{dimensions}f", *vector)).decode()
        data.append({"object": "embedding", "index": index, "embedding": vector})
    if "fewer" in call.faults:
        data = data[:-1]
    if "reversed" in call.faults:
        for item in data:
            item["index"] = len(data) - 1 - item["index"]
    if "longer" in call.faults:
        data[-1]["embedding"] += [0.5] if isinstance(data[-1]["embedding"], list) else "AAAA"
    model = "another" if "other-model" in call.faults else call.json.get("model")
    body = {"object": "list", "data": data, "model": model,
            "usage": {"prompt_tokens": 4 * len(items), "total_tokens": 4 * len(items)}}
    answer = json_answer(body, indent=2, headers=_headers(call))
    answer.compress = True
    return answer


def models(call):
    """GET …/models."""
    entry = {"id": "gpt-4o-mini", "object": "model", "created": call.now, "owned_by": call.id(6)}
    return json_answer({"object": "list", "data": [entry]}, indent=2, headers=_headers(call))


def moderations(call):
    """POST …/moderations."""
    result = {"flagged": False, "categories": {}, "category_scores": {"hate": 0.01}}
    return json_answer({"id": "modr-" + call.id(), "model": "omni", "results": [result]})


def speech(call):
    """POST …/audio/*: an operation no cache may answer."""
    return Answer("audio/mpeg", [call.id(64).encode()])
