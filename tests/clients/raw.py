#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A program that connects and does not speak TLS by OpenSSL: prints what comes back, in hex.

usage: raw.py plain|refused|hello|silent HOST PORT
"""

import re
import socket
import struct
import sys

HOW, HOST, PORT = sys.argv[1:4]


def hello(ciphers):
    """A ClientHello of TLS 1.2, made by hand."""
    extensions = struct.pack(">HHHH", 10, 4, 2, 23) + struct.pack(">HHBB", 11, 2, 1, 0)
    extensions += struct.pack(">HHHHH", 13, 6, 4, 0x0403, 0x0804)
    body = struct.pack(">H", 0x0303) + bytes(range(32)) + b"\0"
    body += struct.pack(f">H{len(ciphers)}H", 2 * len(ciphers), *ciphers) + b"\1\0"
    body += struct.pack(">H", len(extensions)) + extensions
    message = b"\1" + struct.pack(">I", len(body))[1:] + body
    return struct.pack(">BHH", 22, 0x0301, len(message)) + message


BYTES = {"plain": b"GET / HTTP/1.0\r\n\r\n", "refused": hello([0x0003]),
         "hello": hello([0xC02B, 0xC02C]), "silent": b""}


def main():
    """Say it, listen."""
    with socket.create_connection((HOST, int(PORT)), 3) as raw:
        raw.settimeout(3 if BYTES[HOW] else 1)
        if BYTES[HOW]:
            raw.sendall(BYTES[HOW])
        try:
            answer = re.sub(rb"\r\nDate: [^\r]*", b"", raw.recv(65536))
            # The server's random number and its key differ every time.
            print(answer[:1].hex() + answer[5:6].hex() if HOW == "hello" else answer.hex())
        except OSError as error:
            print(type(error).__name__, error)


main()
