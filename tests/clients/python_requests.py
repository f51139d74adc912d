#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Python's requests: a session that keeps its connection; streams are read in pieces."""

import requests

from cli import Job

job = Job()
with requests.Session() as session:
    for body in job.bodies:
        response = session.post(job.url, body, headers=job.headers, timeout=20,
                                stream=job.streams)
        if job.streams:
            content = b"".join(response.iter_content(chunk_size=None))
        else:
            content = response.content
        job.show(response.status_code, content)
job.end()
