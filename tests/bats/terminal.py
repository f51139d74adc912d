# SPDX-License-Identifier: MIT
"""Runs a command on a terminal of a fixed size and does with it what a person would.

usage: terminal.py [--size COLUMNSxROWS] [--term TERM] STEP... -- COMMAND...

Steps, one after the other; each has ten seconds, then the run ends with status 1 and the screen:

  see:REGEX     until the screen shows it
  gone:REGEX    until it does not
  size:80x24    the terminal gets another size
  key:TEXT      typed
  run:COMMAND   a shell command is run to its end
  signal:NAME   INT, TERM, ... to the command
  screen        the screen is printed, its lines ended with |
  ansi          the screen is printed with its colours
  exit:STATUS   the command ends, with this status (or minus its signal)
  clean         the terminal is as it was: main screen, cursor visible, echo and lines
"""

import argparse
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import pyte

PATIENCE = 10
COLOURS = {"black": 30, "red": 31, "green": 32, "brown": 33, "blue": 34, "magenta": 35, "cyan": 36, "white": 37}


class Terminal:
    def __init__(self, size, term, command):
        self.main, self.far = pty.openpty()
        self.screen = pyte.Screen(*size)
        self.stream = pyte.ByteStream(self.screen)
        self.bytes = b""
        self.set_size(size)
        environment = dict(os.environ, TERM=term)
        environment.pop("COLUMNS", None), environment.pop("LINES", None)
        self.before = termios.tcgetattr(self.far)
        self.process = subprocess.Popen(
            command, stdin=self.far, stdout=self.far, stderr=self.far, env=environment,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def set_size(self, size):
        columns, rows = size
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.far, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        ready, _, _ = select.select([self.main], [], [], seconds)
        if not ready:
            return False
        piece = os.read(self.main, 65536)
        self.bytes += piece
        self.stream.feed(piece)
        return True

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def until(self, what, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                self.give_up(what)
            self.read(0.05)

    def give_up(self, what):
        self.process.kill()
        sys.exit(f"terminal: gave up at {what}; the screen:\n{self.text()}\nits bytes: {self.bytes[-600:]!r}")

    def ansi(self):
        for row in range(self.screen.lines):
            line, before = "", None
            for column in range(self.screen.columns):
                cell = self.screen.buffer[row][column]
                style = [0] + [1] * cell.bold + [7] * cell.reverse
                style += [COLOURS[cell.fg]] if cell.fg in COLOURS else []
                if style != before:
                    line += "\x1b[" + ";".join(map(str, style)) + "m"
                before = style
                line += cell.data
            print(line + "\x1b[0m")

    def clean(self):
        while self.read(0.05):
            pass
        for on, off in ((b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[?25l", b"\x1b[?25h")):
            if self.bytes.rfind(on) > self.bytes.rfind(off):
                self.give_up(f"clean: {on!r} was not undone")
        if termios.tcgetattr(self.far) != self.before:
            self.give_up("clean: the terminal's modes are not as before")

    def step(self, step):
        name, _, value = step.partition(":")
        if name == "see":
            self.until(step, lambda: re.search(value, self.text(), re.M))
        elif name == "gone":
            self.until(step, lambda: not re.search(value, self.text(), re.M))
        elif name == "size":
            self.set_size([int(number) for number in value.split("x")])
        elif name == "key":
            os.write(self.main, value.encode())
        elif name == "run":
            subprocess.run(value, shell=True, check=True)
        elif name == "signal":
            self.process.send_signal(getattr(signal, "SIG" + value))
        elif name == "screen":
            print("\n".join(line + "|" for line in self.screen.display))
        elif name == "ansi":
            self.ansi()
        elif name == "exit":
            self.until(step, lambda: self.process.poll() is not None)
            while self.read(0.05):
                pass
            if self.process.returncode != int(value):
                self.give_up(f"{step}: it was {self.process.returncode}")
        elif name == "clean":
            self.clean()
        else:
            sys.exit(f"terminal: no such step: {step}")


def size(text):
    return [int(number) for number in text.split("x")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=size, default=size("80x24"))
    parser.add_argument("--term", default="screen-256color")  # pyte knows all that it uses
    parser.add_argument("steps", nargs="*")
    at = sys.argv.index("--")
    arguments = parser.parse_args(sys.argv[1:at])
    terminal = Terminal(arguments.size, arguments.term, sys.argv[at + 1:])
    try:
        for step in arguments.steps:
            terminal.step(step)
    finally:
        if terminal.process.poll() is None:
            terminal.process.kill()
            terminal.process.wait()


main()
