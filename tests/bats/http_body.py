#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints the body of a raw HTTP/1.1 response without transfer and content coding.

usage: http_body.py FILE
"""

import gzip
import sys


def unchunk(data):
    """The payload of a chunked body."""
    body = b""
    while True:
        line, data = data.split(b"\r\n", 1)
        size = int(line.split(b";")[0], 16)
        if size == 0:
            return body
        body, data = body + data[:size], data[size + 2:]


def main():
    """Decode one response."""
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    head, data = data.split(b"\r\n\r\n", 1)
    while head.startswith(b"HTTP/1.1 1"):
        head, data = data.split(b"\r\n\r\n", 1)
    lower = head.lower()
    if b"\r\ntransfer-encoding: chunked" in lower:
        data = unchunk(data)
    if b"\r\ncontent-encoding: gzip" in lower:
        data = gzip.decompress(data)
    sys.stdout.buffer.write(data)


main()
