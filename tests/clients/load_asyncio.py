#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""asyncio's own TLS streams under load; see load.py."""

import asyncio
import urllib.parse

from load import CONNECTIONS, REQUESTS, Load


async def read_answer(reader):
    """One HTTP/1.1 answer with its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return await reader.readexactly(int(line[15:]))
    answer = b""
    while (size := int(await reader.readuntil(b"\r\n"), 16)) > 0:
        answer += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return answer


async def work(load, number, first):
    """One connection with its share of a round's requests."""
    url = urllib.parse.urlsplit(load.url)
    reader, writer = await asyncio.open_connection(
        url.hostname, url.port or 443, ssl=True, limit=1 << 20)
    share = REQUESTS // CONNECTIONS
    for index in range(first * share, (first + 1) * share):
        body = load.body(number, index)
        head = f"POST {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in load.headers.items())
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        load.check(body, await read_answer(reader))
    writer.close()
    await writer.wait_closed()


async def main(load):
    """All rounds."""
    for number in load.rounds:
        await asyncio.gather(*(work(load, number, first) for first in range(CONNECTIONS)))


everything = Load()
asyncio.run(main(everything))
everything.end()
