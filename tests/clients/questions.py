#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a program may ask between handshake and request: to stderr; then one request: to stdout.

usage: questions.py blocking|asyncio URL KEY BODY
"""

import asyncio
import hashlib
import http.client
import ssl
import sys
import urllib.parse

STYLE = sys.argv.pop(1)

from cli import Job  # noqa: E402


def tell(name, value):
    """One line."""
    print(f"{name}: {value}", file=sys.stderr)


def ask_ssl(tls):
    """What SSLSocket and SSLObject have in common."""
    certificate = tls.getpeercert(True)
    tell("certificate", sorted(tls.getpeercert().items()))
    tell("binary certificate", certificate and hashlib.sha256(certificate).hexdigest())
    tell("version", tls.version())
    tell("cipher", tls.cipher())
    tell("compression", tls.compression())
    tell("alpn", tls.selected_alpn_protocol())
    tell("reused", tls.session_reused)
    tell("pending", tls.pending())
    tell("name", tls.server_hostname)


def ask_chain(inner):
    """CPython's own, not yet public."""
    if hasattr(inner, "get_verified_chain"):
        tell("verified chain", len(inner.get_verified_chain()))
        tell("unverified chain", len(inner.get_unverified_chain()))


def new_context():
    """The default context, with what HTTP clients offer."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def run_blocking(job, url):
    """http.client, connected first."""
    client = http.client.HTTPSConnection(url.hostname, url.port, context=new_context(),
                                         timeout=20)
    client.connect()
    ask_ssl(client.sock)
    ask_chain(getattr(client.sock, "_sslobj"))
    tell("peer", client.sock.getpeername()[:2])
    tell("family", client.sock.family)
    tell("local", client.sock.getsockname()[0])
    client.request("POST", url.path, job.bodies[0], job.headers)
    answer = client.getresponse()
    job.show(answer.status, answer.read())
    tell("peer behind", client.sock.getpeername()[:2])
    tell("version behind", client.sock.version())
    client.close()


async def run_asyncio(job, url):
    """A stream's transport."""
    reader, writer = await asyncio.open_connection(url.hostname, url.port, ssl=new_context())
    ask_ssl(writer.get_extra_info("ssl_object"))
    tell("peer", writer.get_extra_info("peername")[:2])
    tell("extra", [str(writer.get_extra_info(name)) for name in ("peercert", "cipher")])
    head = f"POST {url.path} HTTP/1.0\r\nHost: {url.netloc}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in job.headers.items())
    body = job.bodies[0]
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    answer = await reader.read()
    job.show(int(answer.split()[1]), answer.partition(b"\r\n\r\n")[2])
    writer.close()


def main():
    """Ask in this style."""
    job = Job()
    url = urllib.parse.urlsplit(job.url)
    if STYLE == "asyncio":
        asyncio.run(run_asyncio(job, url))
    else:
        run_blocking(job, url)
    job.end()


main()
