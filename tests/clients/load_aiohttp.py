#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""aiohttp under load; see load.py."""

import asyncio

import aiohttp

from load import CONNECTIONS, REQUESTS, Load


async def post(load, session, body):
    """One request."""
    async with session.post(load.url, data=body, headers=load.headers) as answer:
        load.check(body, await answer.read())


async def main(load):
    """All rounds, a session for each."""
    for number in load.rounds:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        async with aiohttp.ClientSession(connector=connector) as session:
            bodies = [load.body(number, index) for index in range(REQUESTS)]
            await asyncio.gather(*(post(load, session, body) for body in bodies))


everything = Load()
asyncio.run(main(everything))
everything.end()
