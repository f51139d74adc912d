#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A program that asks one question by httpx, for the time from its start to its end.

usage: whole.py URL KEY BODY [FILE]
With FILE it does all the same, but reads the answer there instead of calling.
"""

import sys

import httpx

url, key, body = sys.argv[1:4]
headers = {"Authorization": "Bearer " + key, "Content-Type": "application/json"}
with httpx.Client(timeout=20) as client:
    if len(sys.argv) > 4:
        with open(sys.argv[4], "rb") as file:
            answer = file.read()
    else:
        answer = client.post(url, content=body.encode(), headers=headers).content
sys.stdout.buffer.write(answer)
