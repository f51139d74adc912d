#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Python's httpx on asyncio, all requests at once: memory BIOs and epoll."""

import asyncio

import httpx

from cli import Job

job = Job()


async def post(client, body):
    """One request; status and bytes."""
    async with client.stream("POST", job.url, content=body, headers=job.headers) as response:
        pieces = [piece async for piece in response.aiter_bytes()]
        return response.status_code, b"".join(pieces)


async def main():
    """All requests at once, answers in order."""
    async with httpx.AsyncClient(timeout=20) as client:
        for answer in await asyncio.gather(*(post(client, body) for body in job.bodies)):
            job.show(*answer)


asyncio.run(main())
job.end()
