# SPDX-License-Identifier: MIT
"""What a dialect hands to the wire: status, headers, body in pieces, and the call it answers."""

import hashlib
import json
import os
import random
import re
import time
import zlib

WORDS = (
    "amber birch cobalt delta ember fjord garnet harbor indigo juniper kelp lagoon "
    "maple nectar orchid pebble quartz raven saffron tundra umber velvet willow yarrow"
).split()


# What preecho may have added for a provider's prefix cache: real ones' answers do not show it.
_ADDED = ("prompt_cache_key", "cache_salt", "cache_control")


def _unmarked(value):
    """The same without that; a list of one text is the text."""
    if isinstance(value, dict):
        return {name: _unmarked(value[name]) for name in value if name not in _ADDED}
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) and \
            value[0].get("type") == "text":
        return value[0]["text"]
    if isinstance(value, list):
        return [_unmarked(item) for item in value
                if not isinstance(item, dict) or "cachePoint" not in item]
    return value


class Answer:
    """One response before framing. `pieces` are the chunks of a stream, or one body."""

    def __init__(self, media, pieces, *, status=200, stream=False, headers=()):
        self.status = status
        self.media = media
        self.pieces = list(pieces)
        self.stream = stream
        self.headers = list(headers)
        self.chunked = stream
        self.compress = False


class Call:
    """A request with its faults and its own source of ids and words."""

    def __init__(self, request, number, faults):
        self.request = request
        self.number = 0 if "steady" in faults else number
        self.faults = faults
        self.json = request.json()
        if "steady" in faults:
            seed = zlib.crc32(self.prompt())
            self.now = 1700000000
        else:
            seed = int.from_bytes(os.urandom(8), "big") ^ number
            self.now = int(time.time())
        self.random = random.Random(seed)
        self._tokens = None

    def model(self):
        """Which model is asked: of the body, or of the path."""
        named = re.search(r"/models?/([^/]+?)(?:[:/](?:[a-z-]+|[a-zA-Z]+Predict))$",
                          self.request.path)
        return self.json.get("model") or (named.group(1) if named else "")

    def id(self, length=24):
        """A fresh id, unlike that of any other answer."""
        return "".join(self.random.choices("0123456789abcdefghijkmnpqrstuvwxyz", k=length))

    def tokens(self):
        """The answer's text in pieces as a model would stream it.

        It begins with a digest of the prompt, so that an answer to another prompt is seen.
        """
        if self._tokens is None:
            self._tokens = [] if "empty" in self.faults else self._new_tokens()
        return self._tokens

    def _new_tokens(self):
        if "says" in self.faults:
            return re.findall(r"\S+\s*", self.faults["says"])
        text = ["Re ", self.prompt_digest(), ":"]
        text += [" " + self.random.choice(WORDS) for _ in range(6)]
        text.append(" " + self.id(10))
        text.append(" \u00fcber \u20ac \U0001f600")
        if "fake-end" in self.faults:
            text += ["\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"]
        size = int(self.faults.get("big") or 0) * 1024
        while size > 0:
            piece = " " + self.id(63)
            text.append(piece * min(64, 1 + size // 64))
            size -= len(text[-1])
        return text + ["."]

    def text(self):
        """The whole answer's text."""
        return "".join(self.tokens())

    def prompt(self):
        """The bytes that the answer depends on: the body, or what a prefix cache leaves of it."""
        if "prefix-cache" not in self.faults:
            return self.request.body
        return json.dumps(_unmarked(self.json)).encode()

    def prompt_digest(self):
        """Twelve hexadecimal digits of the request body without its fault markers."""
        body = re.sub(rb"\[\[fault:[^\]]*\]\]", b"", self.prompt())
        return hashlib.sha256(body).hexdigest()[:12]

    def vector(self, text, dimensions):
        """A unit-scale vector that depends on the text alone, but for its last element."""
        source = random.Random(hashlib.sha256(repr(text).encode()).digest())
        vector = [round(source.uniform(-1, 1), 6) for _ in range(dimensions - 1)]
        return vector + [round(self.random.uniform(-1, 1), 6)]


def json_answer(value, *, status=200, indent=None, headers=(), media="application/json"):
    """An answer of one JSON document."""
    separators = None if indent else (",", ":")
    body = json.dumps(value, indent=indent, separators=separators, ensure_ascii=False)
    return Answer(media, [body.encode()], status=status, headers=headers)


def sse_event(value, name=None, eol="\n"):
    """One server-sent event; `value` is text or a JSON value."""
    if not isinstance(value, str):
        value = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    head = f"event: {name}{eol}" if name else ""
    return f"{head}data: {value}{eol}{eol}".encode()


def sse_answer(events, headers=(), media="text/event-stream; charset=utf-8"):
    """An answer that is a stream of events."""
    return Answer(media, events, stream=True, headers=headers)
