#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Python's urllib: a blocking socket BIO, `Connection: close`, no content coding."""

import urllib.error
import urllib.request

from cli import Job

job = Job()
for body in job.bodies:
    request = urllib.request.Request(job.url, body, job.headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            job.show(response.status, response.read())
    except urllib.error.HTTPError as error:
        job.show(error.code, error.read())
job.end()
