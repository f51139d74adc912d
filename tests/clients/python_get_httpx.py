#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Python's httpx in asyncio: GETs of one address at once. usage: URL COUNT [NAME:VALUE...]"""

import asyncio
import sys

import httpx


async def main():
    """Ask, print status, Age, Cache-Status and body of each."""
    url, count, *lines = sys.argv[1:]
    fields = dict(line.split(":", 1) for line in lines)
    async with httpx.AsyncClient(timeout=20) as client:
        for answer in await asyncio.gather(*(client.get(url, headers=fields)
                                             for _ in range(int(count)))):
            print(answer.status_code, answer.headers.get("age"),
                  answer.headers.get("cache-status"), answer.text)


asyncio.run(main())
