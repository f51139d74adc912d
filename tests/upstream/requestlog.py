# SPDX-License-Identifier: MIT
"""The request log: one JSON line per request, so that a test can count what went upstream."""

import hashlib
import json
import time

import signature


def digest(data):
    """Sixteen hexadecimal digits that stand for some bytes."""
    return hashlib.sha256(data).hexdigest()[:16]


def items_of(request):
    """What vectors are asked for, None for other requests."""
    if "embed" not in request.path:
        return None
    try:
        body = json.loads(request.body)
        return next((body[name] for name in ("input", "texts", "images", "inputs")
                     if name in body), None)
    except (ValueError, TypeError):
        return None


def marks_of(request):
    """What it says to a provider's prefix cache."""
    try:
        body = json.loads(request.body)
        marks = {name: body[name] for name in ("prompt_cache_key", "cache_salt") if name in body}
        count = request.body.count(b'"cache_control"') + request.body.count(b'"cachePoint"')
        return dict(marks, breakpoints=count) if count else marks
    except (ValueError, TypeError):
        return {}


class RequestLog:
    """Appends lines to a file; every line is flushed before the answer is sent."""

    def __init__(self, path):
        self.file = open(path, "a", buffering=1, encoding="utf-8")
        self.number = 0

    def add(self, connection, encrypted, request, faults):
        """Write the line of one request and return its number, counted from 1."""
        self.number += 1
        credential = request.credential()
        self.file.write(json.dumps({
            "n": self.number, "time": round(time.time(), 6), "connection": connection,
            "tls": encrypted, "method": request.method, "path": request.path,
            "host": request.headers.get("host"),
            "credential": digest(credential.encode("latin-1")) if credential else None,
            "body": digest(request.body), "length": len(request.body),
            "raw": digest(request.raw_head + request.raw_body),
            "input": items_of(request), "marks": marks_of(request),
            "signed": signature.is_valid(request),
            "headers": [name for name, _ in request.header_list],
            "faults": faults}) + "\n")
        return self.number
