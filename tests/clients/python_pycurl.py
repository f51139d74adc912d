#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""pycurl: libcurl in its GnuTLS flavour, one handle for all requests."""

import io
import os

import pycurl

from cli import Job

job = Job()
curl = pycurl.Curl()
curl.setopt(pycurl.URL, job.url)
curl.setopt(pycurl.CAINFO, os.environ["CURL_CA_BUNDLE"])
curl.setopt(pycurl.HTTPHEADER, [f"{name}: {value}" for name, value in job.headers.items()])
curl.setopt(pycurl.TIMEOUT, 20)
for body in job.bodies:
    answer = io.BytesIO()
    curl.setopt(pycurl.POSTFIELDS, body)
    curl.setopt(pycurl.WRITEDATA, answer)
    curl.perform()
    job.show(curl.getinfo(pycurl.RESPONSE_CODE), answer.getvalue())
curl.close()
job.end()
