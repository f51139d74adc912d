#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The test upstream: the LLM providers' HTTP dialects on loopback, plain and TLS.

usage: upstream.py --dir DIR [--delay MS] [--address ADDRESS] [--port PORT] [--certificate NAME]

DIR holds server.pem and server.key (see ca.sh). The upstream takes free ports, writes its
requests to DIR/requests.log, its accepted connections to DIR/connections.log, and announces
itself in DIR/ports, lines of NAME=VALUE for a shell, once it answers: TLS_PORT, PLAIN_PORT,
and HASTY_PORT, TLS too, which closes every connection that is idle for 150 ms. As long
as there is a file DIR/faults, every request has the faults in it, besides its own. It ends with
SIGTERM or with the process that started it. --address is where it listens instead of 127.0.0.1
and ::1, --port the port of the TLS listener instead of a free one, --certificate a file of DIR
instead of server.pem.
"""

import argparse
import asyncio
import ctypes
import os
import signal
import ssl
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from answer import Call  # noqa: E402
from dialects import answer_call  # noqa: E402
from faults import parse_faults  # noqa: E402
from http1 import MAX_HEAD, BadRequest, read_request  # noqa: E402
from requestlog import RequestLog  # noqa: E402
from sender import ConnectionEnds, Sender  # noqa: E402

IDLE_LIMIT = 0.15
EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "wire", "examples")


class Upstream:
    """Listeners, log and connection count."""

    def __init__(self, directory, delay):
        self.directory = directory
        self.delay = delay
        self.log = RequestLog(os.path.join(directory, "requests.log"))
        self.connections = open(os.path.join(directory, "connections.log"), "a",
                                buffering=1, encoding="utf-8")
        self.count = 0

    def common_faults(self):
        """What every request has to suffer from for the time being."""
        try:
            with open(os.path.join(self.directory, "faults"), encoding="ascii") as file:
                return parse_faults(file.read(), b"")
        except FileNotFoundError:
            return {}

    async def serve_hastily(self, reader, writer):
        """One connection that must not be idle."""
        await self.serve(reader, writer, IDLE_LIMIT)

    async def serve(self, reader, writer, patience=None):
        """One connection from accept to close."""
        self.count += 1
        encrypted = writer.get_extra_info("ssl_object") is not None
        self.connections.write(f"{self.count} {'tls' if encrypted else 'plain'}\n")
        try:
            await self._answer_all(reader, writer, self.count, encrypted, patience)
        except (ConnectionEnds, ConnectionError, asyncio.IncompleteReadError, ssl.SSLError,
                asyncio.TimeoutError):
            pass
        except BadRequest:
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
                         b"Connection: close\r\n\r\n")
        writer.close()

    async def _answer_all(self, reader, writer, connection, encrypted, patience):
        sender = Sender(writer, EXAMPLES)

        async def send_continue(request):
            await sender.send_continue(
                parse_faults(request.headers.get("x-test-fault"), b""))

        while True:
            request = await asyncio.wait_for(read_request(reader, send_continue), patience)
            if request is None:
                return
            faults = parse_faults(request.headers.get("x-test-fault"), request.body)
            faults.update(self.common_faults())
            if self.delay and "delay" not in faults:
                faults["delay"] = str(self.delay)
            number = self.log.add(connection, encrypted, request, faults)
            call = Call(request, number, faults)
            await sender.send(call, answer_call(call))


async def _listen(serve, context, address=None, port=0):
    """Listen on one port of the address, else of 127.0.0.1 and, where there is IPv6, ::1."""
    options = {"limit": MAX_HEAD, "ssl": context, "backlog": 1024}
    server = await asyncio.start_server(serve, address or "127.0.0.1", port, **options)
    port = server.sockets[0].getsockname()[1]
    servers = [server]
    if address:
        return port, servers
    try:
        servers.append(await asyncio.start_server(serve, "::1", port, **options))
    except OSError:
        pass
    return port, servers


def _die_with_parent():
    """PR_SET_PDEATHSIG: no upstream is left behind when a test run is killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


async def main():
    """Start, announce, serve until told to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", required=True)
    parser.add_argument("--delay", type=int, default=0)
    parser.add_argument("--address")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--certificate", default="server.pem")
    arguments = parser.parse_args()
    _die_with_parent()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(arguments.dir, arguments.certificate),
                            os.path.join(arguments.dir, "server.key"))
    context.set_alpn_protocols(["http/1.1"])
    upstream = Upstream(arguments.dir, arguments.delay)
    address = arguments.address
    tls, tls_servers = await _listen(upstream.serve, context, address, arguments.port)
    plain, plain_servers = await _listen(upstream.serve, None, address)
    hasty, hasty_servers = await _listen(upstream.serve_hastily, context, address)
    ports = os.path.join(arguments.dir, "ports")
    with open(ports + ".new", "w", encoding="utf-8") as file:
        file.write(f"TLS_PORT={tls}\nPLAIN_PORT={plain}\nHASTY_PORT={hasty}\n"
                   f"UPSTREAM_PID={os.getpid()}\n")
    os.rename(ports + ".new", ports)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()
    for server in tls_servers + plain_servers + hasty_servers:
        server.close()


if __name__ == "__main__":
    asyncio.run(main())
