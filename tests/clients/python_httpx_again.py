#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Python's httpx on asyncio: one question again and again, until the answer is another one.

After the first answer a line goes to stdout; the exit status is 1 when nothing changes.
"""

import asyncio
import sys

import httpx

from cli import Job

job = Job()


async def ask(client):
    """The answer's bytes."""
    return (await client.post(job.url, content=job.bodies[0], headers=job.headers)).content


async def main():
    """True when the answer has changed within 8 seconds."""
    async with httpx.AsyncClient(timeout=20) as client:
        first = await ask(client)
        print("asked", flush=True)
        for _ in range(80):
            await asyncio.sleep(0.1)
            if await ask(client) != first:
                return True
    return False


sys.exit(0 if asyncio.run(main()) else 1)
