# SPDX-License-Identifier: MIT
"""AWS Bedrock's dialect: converse, invoke and the binary event stream with its two CRCs."""

import base64
import json
import struct
import zlib

import anthropic
import prefix
from answer import Answer, json_answer

_PADDING = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def error(call, status):
    """Bedrock's error: the kind is in a header."""
    kinds = {429: "ThrottlingException", 503: "ServiceUnavailableException"}
    return json_answer({"message": "upstream " + call.id(8)}, status=status,
                       headers=[("x-amzn-ErrorType", kinds.get(status, "InternalServerException"))])


def frame(kind, value, message="event"):
    """One event stream message: prelude, prelude CRC, headers, payload, CRC."""
    name = ":event-type" if message == "event" else ":exception-type"
    head = b""
    for key, text in ((name, kind), (":content-type", "application/json"),
                      (":message-type", message)):
        head += struct.pack(">B", len(key)) + key.encode() + b"\x07"
        head += struct.pack(">H", len(text)) + text.encode()
    payload = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    prelude = struct.pack(">II", 16 + len(head) + len(payload), len(head))
    data = prelude + struct.pack(">I", zlib.crc32(prelude)) + head + payload
    return data + struct.pack(">I", zlib.crc32(data))


def _padding(call):
    return _PADDING[:call.random.randint(1, len(_PADDING))]


def _usage(call):
    count = len(call.tokens())
    usage = {"inputTokens": 12, "outputTokens": count, "totalTokens": 12 + count}
    if "prefix-cache" in call.faults:
        usage.update(zip(("inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens"),
                         prefix.breakpoints(call, call.model())))
    return usage


def converse(call):
    """POST /model/{id}/converse."""
    content = [] if "empty" in call.faults else [{"text": call.text()}]
    value = {"metrics": {"latencyMs": 12},
             "output": {"message": {"content": content, "role": "assistant"}},
             "stopReason": "end_turn", "usage": _usage(call)}
    return json_answer(value, headers=[("x-amzn-RequestId", call.id(36))])


def converse_stream(call):
    """POST /model/{id}/converse-stream."""
    frames = [frame("messageStart", {"p": _padding(call), "role": "assistant"})]
    for word in call.tokens():
        frames.append(frame("contentBlockDelta", {
            "contentBlockIndex": 0, "delta": {"text": word}, "p": _padding(call)}))
    if "error-event" in call.faults:
        frames.append(frame("modelStreamErrorException", {"message": "x"}, "exception"))
        return _frames(call, frames)
    frames.append(frame("contentBlockStop", {"contentBlockIndex": 0, "p": _padding(call)}))
    frames.append(frame("messageStop", {"p": _padding(call), "stopReason": "end_turn"}))
    if "no-terminal" not in call.faults:
        frames.append(frame("metadata", {"metrics": {"latencyMs": 702}, "p": _padding(call),
                                         "usage": _usage(call)}))
    return _frames(call, frames)


def invoke(call):
    """POST /model/{id}/invoke with the body of Claude, Titan or Cohere's vectors."""
    counts = [("X-Amzn-Bedrock-Input-Token-Count", "12"),
              ("X-Amzn-Bedrock-Output-Token-Count", "9"), ("x-amzn-RequestId", call.id(36))]
    if "inputText" in call.json:
        vector = call.vector(call.json["inputText"], 8)
        return json_answer({"embedding": vector, "inputTextTokenCount": 3}, headers=counts)
    if "texts" in call.json:
        vectors = [call.vector(text, 8) for text in call.json["texts"]]
        return json_answer({"embeddings": vectors, "id": call.id(),
                            "response_type": "embeddings_floats",
                            "texts": call.json["texts"]}, headers=counts)
    answer = anthropic.messages(call)
    if "prefix-cache" in call.faults:
        told = json.loads(answer.pieces[0])["usage"]["input_tokens"]
        counts[0] = (counts[0][0], str(told))
    answer.headers, answer.compress = counts, False
    return answer


def invoke_stream(call):
    """POST /model/{id}/invoke-with-response-stream: the vendor's events in base64."""
    call.json["stream"] = True
    frames = []
    for event in anthropic.messages(call).pieces:
        data = json.loads(event.split(b"data: ", 1)[1])
        if data["type"] == "message_stop":
            data["amazon-bedrock-invocationMetrics"] = {
                "inputTokenCount": 12, "outputTokenCount": 9, "invocationLatency": 702,
                "firstByteLatency": 300}
        payload = base64.b64encode(json.dumps(data).encode()).decode()
        frames.append(frame("chunk", {"bytes": payload, "p": _padding(call)}))
    return _frames(call, frames)


def _frames(call, frames):
    """Frames and HTTP chunks are unrelated: cut the byte stream elsewhere."""
    data, pieces = b"".join(frames), []
    while data:
        size = call.random.randint(40, 400)
        pieces.append(data[:size])
        data = data[size:]
    return Answer("application/vnd.amazon.eventstream", pieces, stream=True,
                  headers=[("x-amzn-RequestId", call.id(36))])


OPERATIONS = {"converse": converse, "converse-stream": converse_stream, "invoke": invoke,
              "invoke-with-response-stream": invoke_stream}
