#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs a command on a terminal of its own and prints what the terminal got, as a Python literal.

usage: raw_terminal.py [--stderr-only] COLUMNS COMMAND...

With --stderr-only standard output goes where ours goes, and only stderr is the terminal. The exit
status is the command's.
"""
import fcntl
import os
import pty
import struct
import sys
import termios


def run(columns, command, stderr_only):
    stdout = os.dup(1)
    child, master = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        if stderr_only:
            os.dup2(stdout, 1)
        os.execvp(command[0], command)
    seen = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        seen += piece
    return seen, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


words = sys.argv[1:]
alone = words[0] == "--stderr-only"
if alone:
    words.pop(0)
seen, status = run(int(words[0]), words[1:], alone)
print(repr(seen.decode(errors="replace")), file=sys.stderr)
sys.exit(status)
