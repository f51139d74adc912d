#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A program that goes on after a failure: one line for each request, the answer or the error.

usage: failing.py LIBRARY URL KEY BODY [COUNT [STEP]]
LIBRARY is urllib, requests, httpx, httpx_async or aiohttp. CLIENT_TIMEOUT are its seconds. A
failure is printed as {"failure": {"inner": …, "outer": …}}: what the system or OpenSSL said, and
what the library made of it.
"""

import asyncio
import errno
import json
import os
import re
import ssl
import sys

LIBRARY = sys.argv.pop(1)
TIMEOUT = float(os.environ.get("CLIENT_TIMEOUT", "20"))

from cli import Job  # noqa: E402


def chain(error):
    """The error and everything that it was made from, the innermost last."""
    found, todo = [], [error]
    while todo:
        one = todo.pop(0)
        if one in found:
            continue
        found.append(one)
        inside = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        todo += [each for each in inside if isinstance(each, BaseException)]
    return found


NUMBERS = {os.strerror(number): number for number in errno.errorcode}


def system_error(error):
    """The number of a system's error, also where only its text has come through OpenSSL."""
    if isinstance(error, ssl.SSLError):
        return NUMBERS.get(re.sub(r" \(_ssl\.c:\d+\)$", "", str(error.args[-1])))
    return error.errno if isinstance(error, OSError) else None


def inner(error):
    """What the system or OpenSSL said, without the words of a library."""
    errors = chain(error)[::-1]
    for one in errors:
        refused = re.search(r"certificate verify failed: (.*) \(_ssl", str(one))
        if refused:
            return f"certificate: {refused[1]}"
    for one in errors:
        number = system_error(one)
        if number:
            return f"{number} {os.strerror(abs(number))}"
    if any(isinstance(one, TimeoutError) for one in errors):
        return "time-out"
    return type(errors[0]).__name__


def outer(error):
    """The library's error without addresses in memory and lines of C."""
    text = f"{type(error).__name__}: {error}"
    return re.sub(r"0x[0-9a-f]+", "0x", re.sub(r"_ssl\.c:\d+", "_ssl.c", text))


def show_failure(job, error):
    """One line instead of an answer."""
    line = json.dumps({"failure": {"inner": inner(error), "outer": outer(error)}})
    job.show(0, line.encode())
    job.status = 7


def run_urllib(job):
    """Python's urllib, a connection for each request."""
    import urllib.request
    for body in job.bodies:
        request = urllib.request.Request(job.url, body, job.headers)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                job.show(response.status, response.read())
        except OSError as error:
            show_failure(job, error)


def run_requests(job):
    """One session of requests."""
    import requests
    with requests.Session() as session:
        for body in job.bodies:
            try:
                answer = session.post(job.url, body, headers=job.headers, timeout=TIMEOUT)
                job.show(answer.status_code, answer.content)
            except requests.RequestException as error:
                show_failure(job, error)


def run_httpx(job):
    """One client of httpx."""
    import httpx
    with httpx.Client(timeout=TIMEOUT) as client:
        for body in job.bodies:
            try:
                answer = client.post(job.url, content=body, headers=job.headers)
                job.show(answer.status_code, answer.content)
            except (httpx.HTTPError, OSError) as error:
                show_failure(job, error)


async def loop_httpx_async(job):
    """One client of httpx in an event loop."""
    import httpx
    async with httpx.AsyncClient(timeout=TIMEOUT) as client:
        for body in job.bodies:
            try:
                answer = await client.post(job.url, content=body, headers=job.headers)
                job.show(answer.status_code, answer.content)
            except (httpx.HTTPError, OSError) as error:
                show_failure(job, error)


async def loop_aiohttp(job):
    """One session of aiohttp."""
    import aiohttp
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        for body in job.bodies:
            try:
                async with session.post(job.url, data=body, headers=job.headers) as answer:
                    job.show(answer.status, await answer.read())
            except (aiohttp.ClientError, OSError, asyncio.TimeoutError) as error:
                show_failure(job, error)


def main():
    """Run the library's function."""
    job = Job()
    if "loop_" + LIBRARY in globals():
        asyncio.run(globals()["loop_" + LIBRARY](job))
    else:
        globals()["run_" + LIBRARY](job)
    job.end()


main()
