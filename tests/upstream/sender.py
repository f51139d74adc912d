# SPDX-License-Identifier: MIT
"""Putting an answer on the wire: framing (RFC 9112) and the faults that spoil it."""

import asyncio
import email.utils
import glob
import os
import socket
import struct
import time

from coding import CODERS, choose_coding
from faults import fault_ms

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found",
           304: "Not Modified",
           429: "Too Many Requests", 500: "Internal Server Error",
           503: "Service Unavailable", 529: ""}


class ConnectionEnds(Exception):
    """The connection is closed (or broken) after what has been written."""


class Sender:
    """Writes answers to one connection."""

    def __init__(self, writer, examples):
        self.writer = writer
        self.examples = examples

    async def put(self, data, faults):
        """Write bytes; `tiny` makes every byte a write, hence a TLS record, of its own."""
        if "tiny" in faults:
            for start in range(len(data)):
                self.writer.write(data[start:start + 1])
                if start % 64 == 63:
                    await self.writer.drain()
        else:
            self.writer.write(data)
        await self.writer.drain()

    def reset(self):
        """Break the connection with a TCP RST."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        raise ConnectionEnds

    async def send_continue(self, faults):
        """The interim response a client waits for after `Expect: 100-continue`."""
        if "no-100" not in faults and "example" not in faults:
            await self.put(b"HTTP/1.1 100 Continue\r\n\r\n", {})

    async def send(self, call, answer):
        """Send one answer; raises ConnectionEnds when the connection is over."""
        faults = call.faults
        await asyncio.sleep(fault_ms(faults, "delay"))
        if "reset-first" in faults:
            self.reset()
        if "garbage" in faults:
            await self.put(b"\x00\x01 no HTTP \xff\r\n" + call.id().encode(), faults)
            raise ConnectionEnds
        if "hints" in faults:
            await self.put(b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n", {})
        if "example" in faults:
            await self._send_example(faults)
        else:
            await self._send_framed(call, answer)
        if "close-after" in faults or self._closes(call):
            raise ConnectionEnds

    def _closes(self, call):
        faults = call.faults
        return "close" in faults or "close-delimited" in faults or call.request.wants_close()

    async def _send_example(self, faults):
        pattern = os.path.join(self.examples, faults["example"] + "-*.res.http")
        with open(glob.glob(pattern)[0], "rb") as file:
            data = file.read()
        await self.put(data, faults)
        interim = b"HTTP/1.1 100 Continue\r\n\r\n"
        head = data.removeprefix(interim).split(b"\r\n\r\n")[0].lower()
        framed = b"content-length:" in head or b"chunked" in head
        if not framed or b"connection: close" in head:
            raise ConnectionEnds

    async def _send_framed(self, call, answer):
        faults, pieces = call.faults, answer.pieces
        if "fake-end" in faults:
            pieces = _add_fake_end(pieces, answer.stream)
        coding = choose_coding(answer, call.request, faults)
        if coding:
            pieces = [CODERS[coding](b"".join(pieces))]
        chunked = answer.chunked or {"chunk-ext", "chunk-ext-odd", "trailers", "chunked"} & set(faults)
        chunked = chunked or (coding and answer.compress)
        if "close-delimited" in faults or call.request.version == "HTTP/1.0":
            chunked = False
        head = self._head(call, answer, coding, chunked, sum(map(len, pieces)))
        if call.request.method == "HEAD":
            pieces = []
        if "split-head" in faults:
            for start in range(0, len(head), 37):
                await self.put(head[start:start + 37], faults)
                await asyncio.sleep(0.002)
            head = b""
        if chunked:
            await self._send_chunked(head, pieces, faults)
        else:
            await self._send_plain(head, b"".join(pieces), faults)

    def _head(self, call, answer, coding, chunked, length):
        faults = call.faults
        reason = REASONS.get(answer.status, "Status")
        when = call.now if "steady" in faults else time.time()
        fields = [("Date", email.utils.formatdate(when, usegmt=True)),
                  ("Content-Type", answer.media)]
        if "dateless" in call.request.query:
            del fields[0]
        if coding:
            fields.append(("Content-Encoding", coding))
        if chunked:
            fields.append(("Transfer-Encoding", "chunked"))
        elif "close-delimited" not in faults and answer.status != 304:
            fields.append(("Content-Length", str(length)))
        if "trailers" in faults:
            fields.append(("Trailer", "X-Checksum"))
        closes = self._closes(call) and "close-after" not in faults
        fields.append(("Connection", "close" if closes else "keep-alive"))
        fields += answer.headers
        if "odd-case" in faults:
            fields = [(_odd_case(name), value) for name, value in fields]
        lines = [f"HTTP/1.1 {answer.status} {reason}"]
        lines += [f"{name}: {value}" for name, value in fields]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    async def _send_plain(self, head, body, faults):
        if "early-close" in faults or "cut-stream" in faults or "reset" in faults:
            await self.put(head + body[:len(body) // 2], faults)
            await self._break_off(faults)
        await self.put(head + body, faults)

    async def _send_chunked(self, head, pieces, faults):
        broken = {"cut-stream", "early-close", "reset"} & set(faults)
        if broken and len(pieces) > 1:
            pieces = pieces[:len(pieces) // 2]
        elif broken and pieces:
            pieces = [pieces[0][:len(pieces[0]) // 2]]
        extension = _chunk_extension(faults)
        for piece in pieces:
            chunk = b"%x%s\r\n%s\r\n" % (len(piece), extension, piece)
            await self.put(head + chunk, faults)
            head = b""
            await asyncio.sleep(fault_ms(faults, "pause"))
        if broken:
            await self._break_off(faults)
        end = b"0%s\r\n" % extension
        if "trailers" in faults:
            end += b"X-Checksum: abc\r\nSet-Cookie: trailer=1\r\n"
        await self.put(head + end + b"\r\n", faults)

    async def _break_off(self, faults):
        await asyncio.sleep(0.02)
        if "reset" in faults:
            self.reset()
        raise ConnectionEnds


def _chunk_extension(faults):
    """RFC 9112, 7.1.1; the odd one is legal too, but some parsers refuse it."""
    if "chunk-ext-odd" in faults:
        return b" ; a=1;b=\"x\\\"y\""
    return b";name=\"va;lue\";other" if "chunk-ext" in faults else b""


def _odd_case(name):
    return "".join(letter.upper() if index % 2 else letter.lower()
                   for index, letter in enumerate(name))


def _add_fake_end(pieces, stream):
    """Put the bytes that would end a chunked body into the payload, as a piece of their own."""
    mark = b"0\r\n\r\n"
    if stream:
        middle = len(pieces) // 2
        return pieces[:middle] + [b": ", mark] + pieces[middle:]
    body = b"".join(pieces).rstrip()
    return [body[:-1] + b',"zero":', mark, b"}"]
