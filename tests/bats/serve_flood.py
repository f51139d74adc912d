# SPDX-License-Identifier: MIT
"""Clients of `preecho serve` that are many, slow, or wrong. One line tells how it went.

usage: serve_flood.py ADDRESS:PORT COMMAND ARG...
"""
import asyncio
import os
import signal
import sys
import time

HOST, PORT = sys.argv[1].rsplit(":", 1)
LIMIT = 20  # seconds that nothing here may take


async def connect():
    return await asyncio.open_connection(HOST, int(PORT))


async def read_answer(reader):
    """Status and body of one answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    body = await reader.readexactly(int(fields.get("content-length", 0)))
    return int(lines[0].split()[1]), body


def request(target):
    return f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


async def get(target):
    reader, writer = await connect()
    writer.write(request(target))
    answer = await read_answer(reader)
    writer.close()
    return answer


def is_pattern(body, size):
    return body == (b"0123456789abcdef" * (size // 16 + 1))[:size]


def is_wanted(body, wanted):
    """As cli_seed.c has it: a text, or @SIZE."""
    return is_pattern(body, int(wanted[1:])) if wanted[0] == "@" else body == wanted.encode()


async def crowd(count, target, wanted):
    """All connect, then all ask, then all read, slowly enough to be served at the same time."""
    pairs = await asyncio.gather(*(connect() for _ in range(int(count))))
    for _, writer in pairs:
        writer.write(request(target))
    await asyncio.gather(*(writer.drain() for _, writer in pairs))
    whole = 0
    for reader, writer in pairs:
        status, body = await read_answer(reader)
        whole += status == 200 and is_wanted(body, wanted)
        writer.close()
    print(whole, "whole")


async def pipeline(count, *targets):
    reader, writer = await connect()
    writer.write(b"".join(request(target) for target in targets) * int(count))
    counts = {}
    for number in range(int(count) * len(targets)):
        status, body = await read_answer(reader)
        key = number % len(targets), status, body
        counts[key] = counts.get(key, 0) + 1
    print(", ".join(f"{n} {status} {body.decode()}".strip()
                    for (_, status, body), n in sorted(counts.items())))


async def send_raw(data):
    reader, writer = await connect()
    answer = b""
    try:
        writer.write(data)
        await writer.drain()
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), LIMIT)
    except TimeoutError:
        raise
    except OSError:  # it has hung up; ENOTCONN is no ConnectionError
        pass
    writer.close()
    return answer


async def raw(text):
    data = text.encode().decode("unicode_escape").encode("latin-1")
    sys.stdout.buffer.write(await send_raw(data))


BAD = [
    b"", b"\r\n\r\n", b"\0" * 1000, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost\r\n\r\n", b"GET / HTTP/1.1\r\n: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET  /  HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /a.example/open/x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\nx",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n", b"GET /\xff\xfe HTTP/1.1\r\nHost: \xff\r\n\r\n",
    b"G" * 100000, b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=" + b"0-1," * 5000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nIf-None-Match: " + b'"a",' * 5000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
]


async def bad():
    for data in BAD:
        answer = await send_raw(data)
        if b" 200 " in answer and b"hello" not in answer:
            sys.exit(f"{data[:60]!r}: {answer[:200]!r}")
    print("no answer but an error")


async def flood_headers():
    """Fields without end, until the other side has enough."""
    reader, writer = await connect()
    sent, answer = 0, b""
    try:
        writer.write(b"GET /a.example/open/x HTTP/1.1\r\nHost: x\r\n")
        while sent < 64 << 20:
            writer.write(b"".join(b"X-%d: %s\r\n" % (i, b"y" * 90) for i in range(100)))
            sent += 10000
            await asyncio.wait_for(writer.drain(), LIMIT)
        answer = b"takes all"
    except (ConnectionError, BrokenPipeError):
        pass
    except asyncio.TimeoutError:
        answer = b"hangs"
    try:
        answer += await asyncio.wait_for(reader.read(), LIMIT)
    except ConnectionError:
        pass
    writer.close()
    return answer


async def headers(count):
    for answer in await asyncio.gather(*(flood_headers() for _ in range(int(count)))):
        if answer and not answer.startswith(b"HTTP/1.1 4"):
            sys.exit(repr(answer[:200]))
    print("no answer but an error")


async def until_closed(reader):
    try:
        while await reader.read(65536):
            pass
    except ConnectionError:
        pass


async def dribble(target):
    """A request, byte by byte, which is never done."""
    reader, writer = await connect()
    closed = asyncio.ensure_future(until_closed(reader))
    data = request(target)[:-2] + b"X-Slow: " + b"y" * 100000
    for i in range(len(data)):
        if closed.done():
            break
        try:
            writer.write(data[i:i + 1])
            await writer.drain()
        except (ConnectionError, BrokenPipeError):
            break
        await asyncio.wait({closed}, timeout=0.05)
    await closed
    writer.close()


async def stall(target):
    """A request whose answer nobody reads."""
    reader, writer = await connect()
    writer.transport.pause_reading()
    writer.write(request(target))
    await asyncio.sleep(0)
    return reader, writer


async def slow(count, target, large):
    stalled = [await stall(large) for _ in range(20)]
    slow_ones = asyncio.gather(*(dribble(target) for _ in range(int(count))))
    await asyncio.sleep(0)
    for _ in range(20):
        assert await asyncio.wait_for(get(target), LIMIT) == (200, b"hello")
    await asyncio.wait_for(slow_ones, LIMIT)
    for reader, writer in stalled:
        writer.transport.resume_reading()
        await asyncio.wait_for(until_closed(reader), LIMIT)
        writer.close()
    print(f"served meanwhile, {count} slow clients shown the door")


async def idle(count, target):
    pairs = [await connect() for _ in range(int(count))]
    waiting = asyncio.ensure_future(get(target))
    await asyncio.sleep(0)
    for _, writer in pairs:
        writer.close()
    assert await asyncio.wait_for(waiting, LIMIT) == (200, b"hello")
    print("served")


async def until_refused():
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        try:
            _, writer = await connect()
            writer.close()
        except ConnectionRefusedError:
            return
        except ConnectionResetError:  # it was still waiting to be taken on
            pass
        await asyncio.sleep(0.05)
    sys.exit("still takes connections")


async def last(target, size, pid):
    """The server is told to end when the answer has begun."""
    reader, writer = await connect()
    writer.write(request(target))
    await reader.readuntil(b"\r\n\r\n")
    os.kill(int(pid), signal.SIGTERM)
    await until_refused()
    body = await reader.readexactly(int(size))
    print("whole" if is_pattern(body, int(size)) else "damaged")
    writer.close()


COMMANDS = {"crowd": crowd, "pipeline": pipeline, "raw": raw, "bad": bad, "headers": headers,
            "slow": slow, "idle": idle, "last": last}

if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(COMMANDS[sys.argv[2]](*sys.argv[3:]), 60))
