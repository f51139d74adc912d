#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Searches every file below some places for words, plain, in base64 and in hexadecimal.

usage: find_secrets.py WORDS PLACE...      WORDS is a file with one word per line

Prints how many files and bytes were searched; exits with 1 and tells where when one is found.
Compressed plaintext would escape the search, so a zstd or gzip header counts as found too.
"""

import base64
import os
import sys


def forms(word):
    """The ways in which the bytes of a word may stand in a file."""
    yield word
    yield word.hex().encode()
    yield word.hex().upper().encode()
    for shift in range(3):
        # Whole groups only: the first and last letters depend on the neighbours.
        text = base64.b64encode(b"\0" * shift + word)
        inner = text[4 if shift else 0:len(text) - 4]
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")


def files(places):
    """Every file below the places."""
    for place in places:
        if os.path.isfile(place):
            yield place
        for directory, _, names in os.walk(place):
            for name in names:
                yield os.path.join(directory, name)


def main():
    """Search; the exit status."""
    with open(sys.argv[1], "rb") as file:
        words = [line.strip() for line in file if len(line.strip()) >= 8]
    wanted = {form: word for word in words for form in forms(word)}
    wanted[b"\x28\xb5\x2f\xfd"] = b"a zstd frame"
    wanted[b"\x1f\x8b\x08\x00"] = b"a gzip member"
    count, size, found = 0, 0, []
    for path in files(sys.argv[2:]):
        with open(path, "rb") as file:
            data = file.read()
        count, size = count + 1, size + len(data)
        found += [f"{path}: {word!r} as {form!r}" for form, word in wanted.items() if form in data]
    print(f"{count} files, {size} bytes")
    print("\n".join(found))
    return 1 if found else 0


sys.exit(main())
