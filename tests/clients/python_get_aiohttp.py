#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Python's aiohttp: GETs of one address on one connection. usage: URL COUNT [NAME:VALUE...]"""

import asyncio
import sys

import aiohttp


async def main():
    """Ask, print status, Age, Cache-Status and body of each."""
    url, count, *lines = sys.argv[1:]
    fields = dict(line.split(":", 1) for line in lines)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
        for _ in range(int(count)):
            async with session.get(url, headers=fields) as answer:
                print(answer.status, answer.headers.get("age"),
                      answer.headers.get("cache-status"), await answer.text())


asyncio.run(main())
