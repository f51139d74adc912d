# SPDX-License-Identifier: MIT
"""The command line that all script clients share: URL KEY BODY [COUNT [STEP]]."""

import os
import sys
import time

sys.dont_write_bytecode = True


class Job:
    """Bodies to post to `url` with `key`; `@N@` in BODY is 1, 1 + STEP, 1 + 2 STEP …

    CLIENT_PAUSE in the environment is a time in milliseconds to pass behind every answer.
    """

    def __init__(self):
        arguments = sys.argv[1:]
        self.url, self.key, body = arguments[:3]
        count = int(arguments[3]) if len(arguments) > 3 else 1
        step = int(arguments[4]) if len(arguments) > 4 else 1
        self.bodies = [body.replace("@N@", str(1 + index * step)).encode()
                       for index in range(count)]
        self.headers = {"Authorization": "Bearer " + self.key,
                        "Content-Type": "application/json"}
        self.streams = b'"stream":true' in body.encode()
        self.pause = int(os.environ.get("CLIENT_PAUSE", "0")) / 1000
        self.status = 0

    def show(self, status, body):
        """Print one answer's bytes and a line feed."""
        sys.stdout.buffer.write(body + b"\n")
        if status >= 300:
            self.status = 22
        time.sleep(self.pause)

    def end(self):
        """Leave with 22 when an answer had an error status."""
        sys.stdout.flush()
        sys.exit(self.status)
