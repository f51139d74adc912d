#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes requests, then prints what a program can see of itself.

usage: self_portrait.py URL KEY COUNT
"""

import fcntl
import gc
import json
import locale
import os
import resource
import signal
import sys
import urllib.request

CHILDREN_ENDED = 0


def on_child(_number, _frame):
    """Count every SIGCHLD."""
    global CHILDREN_ENDED
    CHILDREN_ENDED += 1


def ask(url, key, number):
    """One request over a connection of its own."""
    content = {"role": "user", "content": f"portrait {number}"}
    request = urllib.request.Request(
        url, json.dumps({"model": "m", "messages": [content]}).encode(),
        {"Authorization": "Bearer " + key, "Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        json.load(response)


def children():
    """Whether waitpid(-1) finds any."""
    try:
        return os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return "none"


def status(*names):
    """Lines of /proc/self/status."""
    with open("/proc/self/status", encoding="ascii") as file:
        lines = dict(line.split(":", 1) for line in file)
    return {name: lines[name].strip() for name in names}


def open_files():
    """What is open: number and target."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            found.add((int(name), os.readlink("/proc/self/fd/" + name)))
        except FileNotFoundError:  # the one that listed them
            pass
    return found


INHERITED = open_files()


def descriptors():
    """What has been opened since: low numbers each, high ones (preecho's) as a count."""
    low, high = [], 0
    for number, target in open_files() - INHERITED:
        if number < 200:
            low.append(target)
        elif not fcntl.fcntl(number, fcntl.F_GETFD) & fcntl.FD_CLOEXEC:
            low.append(f"inheritable {number}")
        else:
            high += 1
    return f"{sorted(low)}, high ones {'few' if high <= 2 else high}"


def main():
    """Ask, then look."""
    url, key, count = sys.argv[1:]
    signal.signal(signal.SIGCHLD, on_child)
    for number in range(int(count)):
        ask(url, key, number)
    gc.collect()  # a connection in a reference cycle is still a connection
    print("descriptors", descriptors())
    print("children", children(), "SIGCHLD", CHILDREN_ENDED)
    print(status("Threads", "SigBlk", "SigIgn", "SigCgt", "Umask", "NoNewPrivs", "Seccomp"))
    print("environment", sorted(name for name in os.environ if name != "LD_PRELOAD"))
    print("locale", locale.setlocale(locale.LC_ALL), "directory", os.getcwd())
    print("limits", resource.getrlimit(resource.RLIMIT_NOFILE))


main()
