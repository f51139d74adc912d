#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A test run as pytest makes one: usage: python_tests.py URL KEY BODY TEST...

Each TEST asks once, with PYTEST_CURRENT_TEST set as pytest sets it; `-` stands for no test. An
asyncio program: every request comes from the event loop.
"""

import asyncio
import os
import sys

import httpx


async def ask(client, url, key, body):
    """One request; its bytes to stdout and a line feed."""
    headers = {"Authorization": "Bearer " + key, "Content-Type": "application/json"}
    answer = await client.post(url, content=body.encode(), headers=headers)
    sys.stdout.buffer.write(answer.content + b"\n")


async def main(url, key, body, *tests):
    """All tests, one after the other."""
    async with httpx.AsyncClient(timeout=20) as client:
        for name in tests:
            if name != "-":
                os.environ["PYTEST_CURRENT_TEST"] = f"test_x.py::{name} (call)"
            await ask(client, url, key, body)
            os.environ.pop("PYTEST_CURRENT_TEST", None)


asyncio.run(main(*sys.argv[1:]))
