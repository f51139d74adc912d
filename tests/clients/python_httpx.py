#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Python's httpx, synchronous: the HTTP layer of most Python SDKs; time-outs, hence poll."""

import httpx

from cli import Job

job = Job()
with httpx.Client(timeout=20) as client:
    for body in job.bodies:
        if job.streams:
            with client.stream("POST", job.url, content=body, headers=job.headers) as response:
                job.show(response.status_code, b"".join(response.iter_bytes()))
        else:
            response = client.post(job.url, content=body, headers=job.headers)
            job.show(response.status_code, response.content)
job.end()
