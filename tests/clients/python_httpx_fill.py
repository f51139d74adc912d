#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Python's httpx on asyncio: large questions, four at a time; every tenth is asked ten times.

usage: python_httpx_fill.py URL KEY BODY COUNT [STEP]
`@TEXT@` in BODY becomes 100 KB that compress to half.
"""

import asyncio
import random

import httpx

from cli import Job

job = Job()


def fill(body):
    """BODY with its text, always the same one for the same BODY."""
    text = random.Random(body).randbytes(50000).hex()
    return body.replace(b"@TEXT@", text.encode())


async def ask(client, lock, number, body):
    """One question, and some of them again, one after the other."""
    async with lock:
        for _ in range(10 if number % 10 == 0 else 1):
            answer = await client.post(job.url, content=body, headers=job.headers)
            if answer.status_code != 200:
                job.status = 22


async def main():
    """All questions."""
    lock = asyncio.Semaphore(4)
    async with httpx.AsyncClient(timeout=30) as client:
        await asyncio.gather(*(ask(client, lock, number, fill(body))
                               for number, body in enumerate(job.bodies)))


asyncio.run(main())
job.end()
