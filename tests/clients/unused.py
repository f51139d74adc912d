#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Connections that nobody uses: opened and closed, many times, in three ways.

usage: unused.py URL TIMES      prints `leaked N`, descriptors
"""

import asyncio
import gc
import os
import socket
import ssl
import sys
import time
import urllib.parse

URL = urllib.parse.urlsplit(sys.argv[1])
TIMES = range(int(sys.argv[2]))
PLACE = (URL.hostname, URL.port or 443)


def descriptors():
    """How many there are."""
    return len(os.listdir("/proc/self/fd"))


async def open_and_close():
    """A memory BIO's handshake, and an end."""
    _, writer = await asyncio.open_connection(*PLACE, ssl=True)
    writer.close()
    await writer.wait_closed()


def main():
    """The three ways, and the count."""
    context = ssl.create_default_context()
    before = descriptors()
    for _ in TIMES:
        socket.create_connection(PLACE, 10).close()
    for index in TIMES:
        raw = socket.create_connection(PLACE, 10)
        tls = context.wrap_socket(raw, server_hostname=PLACE[0])
        if index % 2:
            tls.settimeout(2)
            tls.unwrap()
        tls.close()
        raw.close()
    for _ in TIMES:
        asyncio.run(open_and_close())
    end = time.monotonic() + 2
    while descriptors() > before and time.monotonic() < end:
        del tls, raw
        tls = raw = None
        gc.collect()
        time.sleep(0.02)
    print("leaked", descriptors() - before)


main()
