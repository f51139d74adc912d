#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Reads a journal by what store/journal.h and store/segment.h say: one line of JSON per record.

usage: journal.py DIRECTORY
"""

import json
import pathlib
import struct
import sys

SLOT = 512
SEGMENT_HEADER = 4096
NUMBERS = [
    "lookup", "first", "last", "recorded_first", "recorded_last",
    "in", "out", "cached", "cache_write", "request_bytes", "response_bytes",
]
VERDICTS = ["", "bypass", "miss", "hit", "stale", "observed"]
FLAGS = ["recorded", "stream", "known", "coalesced", "estimated"]
ALL = (1 << 64) - 1


def check_sum(slot):
    """Of a slot without its own."""
    value = 0x9E3779B97F4A7C15
    for (number,) in struct.iter_unpack("<Q", slot[8:]):
        value = (value ^ number) * 0xFF51AFD7ED558CCD & ALL
        value ^= value >> 32
    return value or 1


def texts(packed):
    """The packed texts, up to the first empty one behind the five that may be empty."""
    found = []
    while packed and (packed[0] or len(found) < 5):
        found.append(packed[1 : packed[0] + 1].decode())
        packed = packed[packed[0] + 1 :]
    return found


def read(slot):
    """A record, or None."""
    total, version, flags, pid, time = struct.unpack_from("<QHHIQ", slot)
    if version != 2 or total != check_sum(slot):
        return None
    record = dict(zip(NUMBERS, struct.unpack_from("<11Q", slot, 24)))
    record |= {name: bool(flags >> bit & 1) for bit, name in enumerate(FLAGS)}
    port, status, verdict, layer, reason, level = struct.unpack_from("<HHBBBB", slot, 112)
    record |= {"time": time, "pid": pid, "port": port, "status": status, "layer": layer}
    record |= {"verdict": VERDICTS[verdict], "reason": reason, "level": level}
    record |= {"key": slot[136:168].hex(), "request": slot[168:176].hex()}
    names = texts(slot[176:])
    record |= dict(zip(["program", "dialect", "operation", "model", "host"], names))
    return record | {"tags": names[5:]}


for path in sorted(pathlib.Path(sys.argv[1]).glob("[0-9a-f]" * 16)):
    content = path.read_bytes()
    for at in range(SEGMENT_HEADER, len(content) - SLOT + 1, SLOT):
        found = read(content[at : at + SLOT])
        if found:
            print(json.dumps(found))
