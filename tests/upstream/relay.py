# SPDX-License-Identifier: MIT
"""A relay that can be made slow to accept: what lies between a program and a far server.

usage: relay.py TARGET-PORT

Prints its own port, then passes every connection's bytes on to the target and back. At
SIGUSR1 its queue fills up for 0.6 s ("full" is printed): the kernel drops whoever wants to
connect, who tries again a second after his first attempt.
"""

import os
import signal
import socket
import sys
import threading
import time

HELD = threading.Event()


def pump(source, sink):
    """Bytes from one socket to the other until the first ends."""
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def relay(caller, target):
    """Both ways, until both ends are through."""
    with caller, socket.create_connection(("127.0.0.1", target)) as server:
        back = threading.Thread(target=pump, args=(server, caller))
        back.start()
        pump(caller, server)
        back.join()


def hold(listener):
    """One caller of our own fills the queue of a listener that lets nobody wait."""
    HELD.clear()
    with socket.create_connection(listener.getsockname()):
        print("full", flush=True)
        time.sleep(0.6)


def main():
    """Accept; between two connections look whether to stop."""
    target = int(sys.argv[1])
    signal.signal(signal.SIGUSR1, lambda *_: HELD.set())
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    print(listener.getsockname()[1], flush=True)
    listener.settimeout(0.02)
    parent = os.getppid()
    while os.getppid() == parent:  # nothing is left behind by a test that was killed
        if HELD.is_set():
            hold(listener)
        try:
            caller = listener.accept()[0]
        except TimeoutError:
            continue
        caller.settimeout(None)
        threading.Thread(target=relay, args=(caller, target), daemon=True).start()


main()
