# SPDX-License-Identifier: MIT
"""The web as caches see it: /web/NAME answers with the fields that its query asks for.

  control=TEXT   Cache-Control          pragma=TEXT  Pragma
  etag=TEXT      ETag, without quotes   weak=TEXT    the same as a weak one
  changed=S      Last-Modified, so many seconds ago
  expires=S      Expires, in so many seconds; expires=TEXT as it is
  vary=NAMES     Vary                   age=S        Age
  cookie=TEXT    Set-Cookie             status=N     another status
  location=URL   Location
  dateless       no Date

The fault `etag=TEXT` replaces the validator: what is behind the address has changed. A condition that
holds is answered by 304, with the fault `news=TEXT` as a further field, X-News. The body tells which
request it answers, and in which language.
"""

import email.utils
import time

from answer import Answer, json_answer

_PLAIN = (("control", "Cache-Control"), ("pragma", "Pragma"), ("vary", "Vary"), ("age", "Age"),
          ("cookie", "Set-Cookie"), ("location", "Location"))


def _date(offset):
    return email.utils.formatdate(time.time() + offset, usegmt=True)


def _tag(call):
    query = call.request.query
    if "etag" in call.faults:
        return '"' + call.faults["etag"] + '"'
    if "weak" in query:
        return 'W/"' + query["weak"] + '"'
    return '"' + query["etag"] + '"' if "etag" in query else None


def _fields(call):
    query, tag = call.request.query, _tag(call)
    fields = [(field, query[name]) for name, field in _PLAIN if name in query]
    if tag:
        fields.append(("ETag", tag))
    if "changed" in query:
        fields.append(("Last-Modified", _date(-int(query["changed"]))))
    if "expires" in query:
        text = query["expires"]
        fields.append(("Expires", _date(int(text)) if text.lstrip("-").isdigit() else text))
    return fields


def _unmodified(call):
    headers = call.request.headers
    if "if-none-match" in headers:
        tags = [tag.strip().removeprefix("W/") for tag in headers["if-none-match"].split(",")]
        return (_tag(call) or "").removeprefix("W/") in tags or tags == ["*"]
    return "if-modified-since" in headers and "changed" in call.request.query


def answer(call):
    """One answer of the web."""
    fields = _fields(call)
    if call.request.method in ("GET", "HEAD") and _unmodified(call):
        if "news" in call.faults:
            fields.append(("X-News", call.faults["news"]))
        return Answer("application/json", [], status=304, headers=fields)
    language = call.request.headers.get("accept-language", "")
    body = {"n": call.number, "path": call.request.path, "language": language, "id": call.id()}
    return json_answer(body, status=int(call.request.query.get("status", "200")), headers=fields)
