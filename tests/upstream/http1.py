# SPDX-License-Identifier: MIT
"""Reading HTTP/1.1 requests (RFC 9112) from an asyncio stream."""

import asyncio
import json
import urllib.parse

MAX_HEAD = 1 << 20


class BadRequest(Exception):
    """The bytes on the connection are no HTTP/1.1 request."""


class Request:
    """One request: parsed fields and the raw bytes it came in."""

    def __init__(self, head):
        lines = head.decode("latin-1").split("\r\n")
        try:
            self.method, self.target, self.version = lines[0].split(" ", 2)
        except ValueError:
            raise BadRequest(lines[0]) from None
        if not self.version.startswith("HTTP/1."):
            raise BadRequest(self.version)
        self.raw_head = head
        self.raw_body = b""
        self.body = b""
        self.header_list = []
        for line in lines[1:]:
            if line:
                name, _, value = line.partition(":")
                self.header_list.append((name, value.strip()))
        self.headers = {name.lower(): value for name, value in self.header_list}
        url = urllib.parse.urlsplit(self.target)
        self.path = urllib.parse.unquote(url.path)
        self.query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))

    def wants_close(self):
        """True when the client asked for, or its version implies, no keep-alive."""
        connection = self.headers.get("connection", "").lower()
        if self.version == "HTTP/1.0":
            return "keep-alive" not in connection
        return "close" in [word.strip() for word in connection.split(",")]

    def json(self):
        """The body as a JSON object, {} when it is none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    def credential(self):
        """The credential as it stood on the wire, "" for none."""
        for name in ("authorization", "x-api-key", "api-key", "x-goog-api-key"):
            if name in self.headers:
                return self.headers[name]
        return self.query.get("key", "")


async def read_request(reader, send_continue):
    """Read one request; None at a clean end. `send_continue()` answers an Expect."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial.strip():
            raise BadRequest("end inside a head") from None
        return None
    except asyncio.LimitOverrunError:
        raise BadRequest("head too long") from None
    request = Request(head.lstrip(b"\r\n"))
    if request.headers.get("expect", "").lower() == "100-continue":
        await send_continue(request)
    if "chunked" in request.headers.get("transfer-encoding", "").lower():
        await _read_chunked(reader, request)
    else:
        length = int(request.headers.get("content-length", "0") or "0")
        request.body = await reader.readexactly(length)
        request.raw_body = request.body
    return request


async def _read_chunked(reader, request):
    while True:
        line = await reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0], 16)
        request.raw_body += line
        if size == 0:
            break
        data = await reader.readexactly(size + 2)
        request.raw_body += data
        request.body += data[:-2]
    while True:
        line = await reader.readuntil(b"\r\n")
        request.raw_body += line
        if line == b"\r\n":
            return
