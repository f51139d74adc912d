# SPDX-License-Identifier: MIT
"""AWS Signature Version 4, as whoever holds the secret checks it."""

import hashlib
import hmac
import re
import urllib.parse

SECRET = "tests-only"

_FORM = re.compile(r"AWS4-HMAC-SHA256 Credential=[^/]+/(\d+/[^/]+/[^/]+/aws4_request), ?"
                   r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$")


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _canonical(request, names):
    """What is signed: every part of the request in the one form that both sides can make."""
    path, _, query = request.target.partition("?")
    fields = [f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in names]
    return "\n".join([request.method, urllib.parse.quote(path, safe="/~"),
                      "&".join(sorted(query.split("&"))), *fields, "", ";".join(names),
                      hashlib.sha256(request.body).hexdigest()])


def is_valid(request):
    """True when its signature fits what has come; None when it has none of this form."""
    match = _FORM.match(request.headers.get("authorization", ""))
    if not match:
        return None
    scope, names, signature = match.group(1), match.group(2).split(";"), match.group(3)
    digest = hashlib.sha256(_canonical(request, names).encode()).hexdigest()
    key = b"AWS4" + SECRET.encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    text = "\n".join(["AWS4-HMAC-SHA256", request.headers.get("x-amz-date", ""), scope, digest])
    return hmac.compare_digest(_hmac(key, text).hex(), signature)
