#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Posts each line of a file, a body, with httpx on asyncio, eight at a time; prints of each answer, in
the lines' order, its Cache-Status.

usage: python_lines.py URL KEY FILE
"""

import asyncio
import sys

import httpx

URL, KEY, FILE = sys.argv[1:]
HEADERS = {"Authorization": "Bearer " + KEY, "Content-Type": "application/json"}


async def main():
    """All lines."""
    with open(FILE, "rb") as file:
        bodies = file.read().splitlines()
    results = [""] * len(bodies)
    numbers = iter(range(len(bodies)))

    async def work(client):
        for number in numbers:
            answer = await client.post(URL, content=bodies[number], headers=HEADERS)
            answer.raise_for_status()
            results[number] = answer.headers.get("cache-status", "none")

    async with httpx.AsyncClient(timeout=60) as client:
        await asyncio.gather(*(work(client) for _ in range(8)))
    print("\n".join(results))


asyncio.run(main())
