#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A crowd in one process: COUNT times the same request at once.

usage: crowd.py LIBRARY URL KEY BODY [COUNT]
LIBRARY is httpx_async, aiohttp, threads (of requests), pycurl_multi, or nested: requests in one
thread, each before the answer to the one before has been read. Prints every answer. The last line
of stderr says how often an event loop turned meanwhile, and how many descriptors are left over.
"""

import asyncio
import gc
import io
import os
import sys
import threading
import time

LIBRARY = sys.argv.pop(1)

from cli import Job  # noqa: E402

JOB = Job()
TURN = 0.01


def descriptors():
    """How many are open."""
    return len(os.listdir("/proc/self/fd"))


async def tick():
    """Count the turns of the event loop that take their time."""
    turns = 0
    try:
        while True:
            await asyncio.sleep(TURN)
            turns += 1
    except asyncio.CancelledError:
        return turns


async def at_once(post):
    """All requests, and the ticking beside them."""
    ticking = asyncio.create_task(tick())
    answers = await asyncio.gather(*(post(body) for body in JOB.bodies))
    ticking.cancel()
    return answers, await ticking


async def by_httpx():
    """httpx: memory BIOs."""
    import httpx
    async with httpx.AsyncClient(timeout=20, limits=httpx.Limits()) as client:
        async def post(body):
            answer = await client.post(JOB.url, content=body, headers=JOB.headers)
            return answer.status_code, answer.content
        return await at_once(post)


async def by_aiohttp():
    """aiohttp: memory BIOs, another transport."""
    import aiohttp
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(timeout=timeout) as client:
        async def post(body):
            async with client.post(JOB.url, data=body, headers=JOB.headers) as answer:
                return answer.status, await answer.read()
        return await at_once(post)


def in_threads():
    """requests: a thread and a session for each."""
    import requests
    answers = [None] * len(JOB.bodies)

    def work(index):
        with requests.Session() as session:
            answer = session.post(JOB.url, JOB.bodies[index], headers=JOB.headers, timeout=20)
            answers[index] = answer.status_code, answer.content

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(answers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers, 0


def nested():
    """requests: one thread, all asked before the first is read."""
    import requests
    sessions = [requests.Session() for _ in JOB.bodies]
    asked = [session.post(JOB.url, body, headers=JOB.headers, timeout=20, stream=True)
             for session, body in zip(sessions, JOB.bodies)]
    answers = [(answer.status_code, answer.content) for answer in asked]
    for session in sessions:
        session.close()
    return answers, 0


def by_multi():
    """pycurl: one multi handle."""
    import pycurl
    multi, handles = pycurl.CurlMulti(), []
    for body in JOB.bodies:
        curl, answer = pycurl.Curl(), io.BytesIO()
        curl.setopt(pycurl.URL, JOB.url)
        curl.setopt(pycurl.CAINFO, os.environ["CURL_CA_BUNDLE"])
        curl.setopt(pycurl.HTTPHEADER,
                    [f"{name}: {value}" for name, value in JOB.headers.items()])
        curl.setopt(pycurl.POSTFIELDS, body)
        curl.setopt(pycurl.WRITEDATA, answer)
        curl.setopt(pycurl.TIMEOUT, 20)
        multi.add_handle(curl)
        handles.append((curl, answer))
    running, turns = 1, 0
    while running:
        while multi.perform()[0] == pycurl.E_CALL_MULTI_PERFORM:
            pass
        running = multi.perform()[1]
        multi.select(1.0)
        turns += 1
    answers = [(curl.getinfo(pycurl.RESPONSE_CODE), answer.getvalue())
               for curl, answer in handles]
    for curl, _ in handles:
        multi.remove_handle(curl)
        curl.close()
    multi.close()
    return answers, turns


WAYS = {"httpx_async": lambda: asyncio.run(by_httpx()),
        "aiohttp": lambda: asyncio.run(by_aiohttp()),
        "threads": in_threads, "nested": nested, "pycurl_multi": by_multi}
before = descriptors()
everything, times = WAYS[LIBRARY]()
for status, content in everything:
    JOB.show(status, content)
end = time.monotonic() + 2
while descriptors() > before and time.monotonic() < end:
    gc.collect()
    time.sleep(0.02)
print(f"turns {times} leaked {descriptors() - before}", file=sys.stderr)
JOB.end()
