#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Signed by botocore, sent by httpx on asyncio: python_sigv4_async.py ENDPOINT MODEL BODY."""

import asyncio
import sys
import urllib.parse

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

endpoint, model, body = sys.argv[1:4]


async def main():
    """One request; its answer's bytes."""
    url = f"{endpoint}/model/{urllib.parse.quote(model, safe='')}/invoke"
    request = AWSRequest("POST", url, data=body, headers={"Content-Type": "application/json"})
    SigV4Auth(Credentials("AKIDEXAMPLE", "tests-only"), "bedrock", "us-east-1").add_auth(request)
    async with httpx.AsyncClient(timeout=20) as client:
        answer = await client.post(url, content=body, headers=dict(request.headers))
    answer.raise_for_status()
    sys.stdout.buffer.write(answer.content + b"\n")


asyncio.run(main())
