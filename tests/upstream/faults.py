# SPDX-License-Identifier: MIT
"""Faults on demand: what a request may ask the upstream to do wrong.

A request names its faults in the header `x-test-fault: delay=200, cut-stream` or, for
programs that cannot add a header, by markers inside its body: `[[fault:delay=200]]`.

  delay=MS        wait before the first byte of the answer
  pause=MS        wait between the pieces of a stream
  401 … 529       answer with this status and the dialect's own error object
  error-200       an error object with status 200
  error-event     a stream that breaks off with the dialect's error event
  no-terminal     a stream without its terminal event, HTTP framing whole
  empty           an answer whose content is empty
  fewer           one vector less than was asked for
  reversed        the vectors' places from the last to the first
  longer          one number more in the last vector
  other-model     an answer that another model has given
  html            status 200 and a page of HTML
  cut-stream      close before the last chunk
  early-close     close after half of the promised Content-Length
  reset           TCP RST after half of the answer
  reset-first     TCP RST before the answer
  garbage         bytes that are no HTTP at all
  gzip deflate br zstd   this Content-Encoding, whatever the client accepts
  identity        never compress
  chunked         Transfer-Encoding: chunked for a plain body
  chunk-ext       chunk extensions on every chunk
  chunk-ext-odd   legal ones that strict parsers refuse
  trailers        trailer fields after the last chunk
  tiny            one byte per write (one per TLS record)
  close-delimited no length, the end of the connection is the end of the body
  close           say `Connection: close` and do it
  close-after     promise keep-alive, then close after the answer
  no-100          never send 100 Continue
  hints           103 Early Hints before the answer
  fake-end        `0\\r\\n\\r\\n` inside the payload, also at a chunk boundary
  odd-case        header names in odd letter case
  split-head      the head in several writes, cut inside header names
  steady          the same request always gets the same answer
  big=KIB         an answer text of this size
  etag=X news=X   what /web/ addresses lead to has changed, see web.py
  fingerprint=X   an answer of another configuration of the model
  example=NN      the recorded answer of tests/wire/examples/NN-*.res.http, byte for byte
"""

import re

_MARKER = re.compile(rb"\[\[fault:([a-zA-Z0-9=.,_ -]+)\]\]")


def parse_faults(header, body):
    """Return {name: value or None}; a bare number becomes {"status": number}."""
    wanted = header.split(",") if header else []
    for match in _MARKER.findall(body or b""):
        wanted += match.decode("ascii").split(",")
    faults = {}
    for item in wanted:
        name, _, value = item.strip().partition("=")
        if not name:
            continue
        if name.isdigit():
            faults["status"] = int(name)
        else:
            faults[name] = value or None
    return faults


def fault_ms(faults, name):
    """The value of a time fault in seconds, 0 when absent."""
    return float(faults.get(name) or 0) / 1000.0
