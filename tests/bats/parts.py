# SPDX-License-Identifier: MIT
"""DIRECTORY: its files `then` and `now` are request bodies; `place` says where they part. Fails unless
the values there are alike up to the byte that it names, and not beyond."""

import json
import sys


def value_at(body, pointer):
    """The string that a JSON pointer leads to; None: it is none."""
    for step in pointer.split("/")[1:]:
        body = body[int(step)] if isinstance(body, list) else body[step]
    return body if isinstance(body, str) else None


def read(name):
    """A file of the directory."""
    with open(f"{sys.argv[1]}/{name}", encoding="utf-8") as file:
        return file.read()


pointer, offset = read("place").rsplit(" ", 1)
then, now = (value_at(json.loads(read(name)), pointer) for name in ("then", "now"))
if then is None or now is None:
    assert offset == "0\n", (pointer, offset)
else:
    then, now, offset = then.encode(), now.encode(), int(offset)
    assert then[:offset] == now[:offset], (pointer, offset, then, now)
    assert then[offset:][:1] != now[offset:][:1], (pointer, offset, then, now)
