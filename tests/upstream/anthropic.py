# SPDX-License-Identifier: MIT
"""Anthropic's dialect: messages, their stream, token counts."""

import prefix
from answer import json_answer, sse_answer, sse_event


def error(call, status):
    """Anthropic's error object."""
    kinds = {401: "authentication_error", 429: "rate_limit_error", 529: "overloaded_error"}
    body = {"type": "error", "error": {"type": kinds.get(status, "api_error"),
                                       "message": f"Upstream says {status}"},
            "request_id": "req_" + call.id()}
    return json_answer(body, status=status, headers=[("x-should-retry", "false")])


def _headers(call):
    return [("anthropic-organization-id", "00000000-0000-4000-8000-000000000001"),
            ("anthropic-ratelimit-requests-remaining", str(3999 - call.number % 3000)),
            ("request-id", "req_" + call.id()), ("retry-after", "3"),
            ("Cache-Control", "no-cache")]


def _padded(call, value, name):
    """An event with the random run of spaces before its last brace, as the service sends it."""
    event = sse_event(value, name)
    return event[:-3] + b" " * call.random.randint(0, 15) + event[-3:]


def _usage(call):
    beside, read, written = 12, 0, 0
    if "prefix-cache" in call.faults:
        beside, read, written = prefix.breakpoints(call, call.model())
    return {"input_tokens": beside, "cache_creation_input_tokens": written,
            "cache_read_input_tokens": read,
            "output_tokens": len(call.tokens()), "service_tier": "standard"}


def _message(call, content, reason):
    return {"model": call.json.get("model"), "id": "msg_" + call.id(), "type": "message",
            "role": "assistant", "content": content, "stop_reason": reason,
            "stop_sequence": None, "usage": _usage(call)}


def _blocks(call):
    blocks = []
    if call.json.get("thinking"):
        blocks.append({"type": "thinking", "thinking": "Hm, " + call.id(8),
                       "signature": call.id(40)})
    if call.json.get("tools"):
        blocks.append({"type": "tool_use", "id": "toolu_" + call.id(),
                       "name": call.json["tools"][0].get("name", "tool"),
                       "input": {"city": "Oslo", "n": call.number}})
    elif "empty" not in call.faults:
        blocks.append({"type": "text", "text": call.text()})
    return blocks


def messages(call):
    """POST …/messages."""
    if call.json.get("stream"):
        return _stream(call)
    reason = "tool_use" if call.json.get("tools") else "end_turn"
    value = _message(call, _blocks(call), reason)
    if "error-200" in call.faults:
        value = {"type": "error", "error": {"type": "api_error", "message": call.id()}}
    answer = json_answer(value, headers=_headers(call))
    answer.compress = True
    return answer


def _deltas(block):
    if block["type"] == "thinking":
        return [{"type": "thinking_delta", "thinking": block["thinking"]},
                {"type": "signature_delta", "signature": block["signature"]}]
    if block["type"] == "tool_use":
        return [{"type": "input_json_delta", "partial_json": part}
                for part in ('{"city":', '"Oslo","n":', '%d}' % block["input"]["n"])]
    return [{"type": "text_delta", "text": word}
            for word in block["text"].replace(" ", "\0 ").split("\0")]


def _stream(call):
    events, blocks = [], _blocks(call)

    def emit(name, **fields):
        events.append(_padded(call, dict({"type": name}, **fields), name))

    emit("message_start", message=_message(call, [], None))
    for index, block in enumerate(blocks):
        start = {key: "" for key in block if key not in ("type", "id", "name", "input")}
        start.update({key: block[key] for key in ("type", "id", "name") if key in block})
        emit("content_block_start", index=index, content_block=start)
        events.append(b'event: ping\ndata: {"type": "ping"}\n\n')
        for delta in _deltas(block):
            emit("content_block_delta", index=index, delta=delta)
        emit("content_block_stop", index=index)
    if "error-event" in call.faults:
        emit("error", error={"type": "overloaded_error", "message": "Overloaded"})
        return sse_answer(events, _headers(call))
    reason = "tool_use" if call.json.get("tools") else "end_turn"
    emit("message_delta", delta={"stop_reason": reason, "stop_sequence": None},
         usage=_usage(call))
    if "no-terminal" not in call.faults:
        emit("message_stop")
    return sse_answer(events, _headers(call))


def count_tokens(call):
    """POST …/messages/count_tokens; the number differs from call to call."""
    return json_answer({"input_tokens": 1000 + call.number})


def complete(call):
    """POST /v1/complete, the legacy form."""
    return json_answer({"type": "completion", "id": "compl_" + call.id(),
                        "completion": call.text(), "stop_reason": "stop_sequence",
                        "model": call.json.get("model")})
