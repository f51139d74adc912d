#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Python's aiohttp, all requests at once: asyncio's memory BIOs and epoll."""

import asyncio

import aiohttp

from cli import Job

job = Job()


async def post(session, body):
    """One request; status and bytes."""
    async with session.post(job.url, data=body, headers=job.headers) as response:
        pieces = [piece async for piece in response.content.iter_any()]
        return response.status, b"".join(pieces)


async def main():
    """All requests at once, answers in order."""
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        for answer in await asyncio.gather(*(post(session, body) for body in job.bodies)):
            job.show(*answer)


asyncio.run(main())
job.end()
