#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Several requests at once on one event loop: python_order.py httpx|aiohttp URL KEY BODY...

Prints the number of each, counted from 1, with its status, when its answer is whole.
"""

import asyncio
import sys

sys.dont_write_bytecode = True

LIBRARY, URL, KEY = sys.argv[1:4]
BODIES = sys.argv[4:]
HEADERS = {"Authorization": "Bearer " + KEY, "Content-Type": "application/json"}


async def post_httpx(client, body):
    """One request; its status."""
    return (await client.post(URL, content=body, headers=HEADERS)).status_code


async def post_aiohttp(session, body):
    """The same."""
    async with session.post(URL, data=body, headers=HEADERS) as response:
        await response.read()
        return response.status


async def tell(post, client, number, body):
    """Waits for one answer, and says so."""
    print(number, await post(client, body.encode()), flush=True)


async def main():
    """All at once."""
    if LIBRARY == "httpx":
        import httpx
        client, post = httpx.AsyncClient(timeout=20), post_httpx
    else:
        import aiohttp
        client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20))
        post = post_aiohttp
    async with client:
        await asyncio.gather(*(tell(post, client, number, body)
                               for number, body in enumerate(BODIES, 1)))


asyncio.run(main())
