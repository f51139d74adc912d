#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Python's aiohttp, one request after the other on one connection; CLIENT_PAUSE passes in the
event loop."""

import asyncio

import aiohttp

from cli import Job

job = Job()
pause, job.pause = job.pause, 0


async def main():
    """Ask, wait, ask."""
    connector = aiohttp.TCPConnector(limit=1)
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        for body in job.bodies:
            async with session.post(job.url, data=body, headers=job.headers) as response:
                job.show(response.status, await response.read())
            await asyncio.sleep(pause)


asyncio.run(main())
job.end()
