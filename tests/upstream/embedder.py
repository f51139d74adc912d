#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The test embedding endpoint: POST /v1/embeddings as OpenAI has it, plain HTTP on loopback.

usage: embedder.py --dir DIR [--model NAME] [--dimensions N]

It takes a free port and announces itself in DIR/port, lines of NAME=VALUE for a shell, once it
answers: EMBEDDER_PORT, EMBEDDER_PID. Every request is a line of JSON in DIR/asked.log, written
before it is answered. It ends with SIGTERM or with the process that started it.

A text's vector is a function of the text alone. By itself a text is at right angles, or nearly so,
to every other one. Files in DIR, read anew for each request, say otherwise:

  meanings   lines of MEANING, COSINE, TEXT with a tab between: the cosine between this text and
             one of the same meaning whose own cosine is 1. Of two with less, it is the product.
             In TEXT `*` stands for anything, which then belongs to the meaning.
  faults     a line of faults with commas between; more lines of FAULTS, a tab, TEXT: the faults
             of this text alone (`*` again)

  delay=MS        wait before the first byte
  never           never answer; the connection stays open
  close           close the connection without a byte
  status=N        this status, and an error object
  garbage         bytes that are no HTTP
  html            status 200 and a page of HTML
  no-json         status 200, a type of JSON, and no JSON
  no-data         an object without vectors
  two             two vectors
  text            a vector whose components are texts
  zero            a vector of zeroes
  huge            components that no float can hold
  base64          a vector as base64, which was not asked for
  truncated       half of the promised body, then the end
  oversized       8 MiB in front of the vector
  drip            a byte now and then, for as long as anybody listens
  chunked         Transfer-Encoding: chunked
  http10          HTTP/1.0, the end of the connection is the end of the body
  interim         103 Early Hints before the answer
  dimensions=N    this many components
  model=NAME      another model's name
"""

import argparse
import asyncio
import ctypes
import hashlib
import json
import math
import os
import random
import re
import signal
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from http1 import MAX_HEAD, BadRequest, read_request  # noqa: E402


def _rows(path, columns):
    """The lines of a file, each as so many columns; none of a file that is not there."""
    try:
        with open(path, encoding="utf-8") as file:
            rows = [line.rstrip("\n").split("\t") for line in file if line.strip()]
    except FileNotFoundError:
        return []
    return [row for row in rows if len(row) <= columns]


def _matches(pattern, text):
    """What each `*` of the pattern stands for in the text; None when it does not match."""
    match = re.fullmatch(re.escape(pattern).replace(r"\*", "(.*)"), text, re.DOTALL)
    return None if match is None else match.groups()


def _direction(name, dimensions):
    """A vector of length 1 that nobody else's is near to."""
    source = random.Random(hashlib.sha256(name.encode()).digest())
    vector = [source.gauss(0, 1) for _ in range(dimensions)]
    return _scaled(vector, 1 / _length(vector))


def _length(vector):
    return math.sqrt(sum(value * value for value in vector))


def _scaled(vector, factor):
    return [value * factor for value in vector]


def _near(direction, other, cosine):
    """A vector of length 1 with this cosine to `direction`, towards `other`."""
    along = sum(a * b for a, b in zip(direction, other))
    aside = [b - along * a for a, b in zip(direction, other)]
    aside = _scaled(aside, math.sqrt(max(0, 1 - cosine * cosine)) / _length(aside))
    return [cosine * a + b for a, b in zip(direction, aside)]


class Embedder:
    """The model, the files that it obeys, and the log."""

    def __init__(self, arguments):
        self.directory = arguments.dir
        self.model = arguments.model
        self.dimensions = arguments.dimensions
        self.log = open(os.path.join(arguments.dir, "asked.log"), "a", buffering=1,
                        encoding="utf-8")

    def meaning_of(self, text):
        """What it is a wording of, and how near it comes."""
        for name, cosine, pattern in _rows(os.path.join(self.directory, "meanings"), 3):
            stars = _matches(pattern, text)
            if stars is not None:
                return " ".join((name, *stars)), float(cosine)
        return "text " + text, 1.0

    def vector(self, text, dimensions):
        """The text's place."""
        meaning, cosine = self.meaning_of(text)
        direction = _direction(meaning, dimensions)
        if cosine >= 1:
            return direction
        return _near(direction, _direction("wording " + text, dimensions), cosine)

    def faults_of(self, text):
        """{name: value or None} of what this request has to suffer from."""
        faults = {}
        for row in _rows(os.path.join(self.directory, "faults"), 2):
            if len(row) == 1 or _matches(row[1], text) is not None:
                for item in row[0].split(","):
                    name, _, value = item.strip().partition("=")
                    faults[name] = value or None
        return faults

    def note(self, request, text, port):
        """One line of the log."""
        asked = request.json()
        self.log.write(json.dumps({
            "port": port, "method": request.method, "path": request.path, "text": text,
            "model": asked.get("model"), "members": sorted(asked),
            "headers": request.headers}) + "\n")

    async def serve(self, reader, writer):
        """One connection, one request."""
        try:
            request = await read_request(reader, lambda _: asyncio.sleep(0))
            if request is not None:
                text = request.json().get("input")
                text = text if isinstance(text, str) else json.dumps(text)
                self.note(request, text, writer.get_extra_info("peername")[1])
                await _send(writer, self.faults_of(text), self, request, text)
        except (BadRequest, ConnectionError, asyncio.IncompleteReadError):
            pass
        writer.close()


def _components(vector, faults):
    if "zero" in faults:
        return [0] * len(vector)
    if "text" in faults:
        return [str(value) for value in vector]
    if "huge" in faults:
        return [1e300] * len(vector)
    if "base64" in faults:
        return "AACAPwAAAAA="
    return [round(value, 7) for value in vector]


def _document(faults, embedder, text):
    """The answer's body."""
    if "no-json" in faults:
        return b'{"object":"list","data":[{"embedding":[0.1,'
    if "html" in faults:
        return b"<!doctype html><title>It works</title>"
    dimensions = int(faults.get("dimensions") or embedder.dimensions)
    item = {"object": "embedding", "index": 0,
            "embedding": _components(embedder.vector(text, dimensions), faults)}
    data = [] if "no-data" in faults else [item] * (2 if "two" in faults else 1)
    body = json.dumps({"object": "list", "data": data,
                       "model": faults.get("model") or embedder.model,
                       "usage": {"prompt_tokens": 1, "total_tokens": 1}}).encode()
    return b" " * (8 << 20 if "oversized" in faults else 0) + body


def _answer(faults, embedder, request, text):
    """Status and body."""
    if request.method != "POST" or request.path != "/v1/embeddings":
        return 404, b'{"error":{"message":"no such thing"}}'
    if faults.get("status"):
        return int(faults["status"]), b'{"error":{"message":"as it was told"}}'
    return 200, _document(faults, embedder, text)


def _framed(faults, status, body):
    """The bytes of a response."""
    version = b"1.0" if "http10" in faults else b"1.1"
    kind = b"text/html" if "html" in faults else b"application/json"
    head = b"HTTP/%s %d Whatever\r\nContent-Type: %s\r\n" % (version, status, kind)
    if "interim" in faults:
        head = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + head
    if "chunked" in faults:
        pieces = [body[at:at + 100] for at in range(0, len(body), 100)]
        framed = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
        return head + b"Transfer-Encoding: chunked\r\n\r\n" + framed + b"0\r\n\r\n"
    if "http10" not in faults:
        head += b"Content-Length: %d\r\nConnection: close\r\n" % len(body)
    if "truncated" in faults:
        body = body[:len(body) // 2]
    return head + b"\r\n" + body


async def _send(writer, faults, embedder, request, text):
    if "delay" in faults:
        await asyncio.sleep(int(faults["delay"]) / 1000)
    if "never" in faults:
        await asyncio.Event().wait()
    if "close" in faults:
        return
    if "garbage" in faults:
        writer.write(b"\x16\x03\x01 220 ready\r\n\r\n")
        return await writer.drain()
    framed = _framed(faults, *_answer(faults, embedder, request, text))
    if "drip" in faults:
        for at in range(len(framed)):
            writer.write(framed[at:at + 1])
            await writer.drain()
            await asyncio.sleep(0.1)
    writer.write(framed)
    await writer.drain()


def _die_with_parent():
    """PR_SET_PDEATHSIG: none is left behind when a test run is killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


async def main():
    """Start, announce, serve until told to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", required=True)
    parser.add_argument("--model", default="test-embedder")
    parser.add_argument("--dimensions", type=int, default=64)
    arguments = parser.parse_args()
    _die_with_parent()
    embedder = Embedder(arguments)
    server = await asyncio.start_server(embedder.serve, "127.0.0.1", 0, limit=MAX_HEAD,
                                        backlog=1024)
    name = os.path.join(arguments.dir, "port")
    with open(name + ".new", "w", encoding="utf-8") as file:
        file.write(f"EMBEDDER_PORT={server.sockets[0].getsockname()[1]}\n"
                   f"EMBEDDER_PID={os.getpid()}\n")
    os.rename(name + ".new", name)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
