# SPDX-License-Identifier: MIT
"""What the load programs in Python share.

usage: load_….py URL KEY TAG ROUNDS

A round is REQUESTS requests on CONNECTIONS new connections, all at once. Every other request is
the same in all rounds, the rest is new in each round and under each TAG. The upstream begins an
answer with a digest of the body that it answers, so a wrong answer is seen. The last line says what
came: `right N wrong N leaked N`, the last of them descriptors.
"""

import gc
import hashlib
import json
import os
import sys
import time

REQUESTS, CONNECTIONS = 200, 50

sys.dont_write_bytecode = True


class Load:
    """The bodies of each round, and what came of them."""

    def __init__(self):
        self.url, self.key, self.tag, rounds = sys.argv[1:5]
        self.rounds = range(int(rounds))
        self.headers = {"Authorization": "Bearer " + self.key,
                        "Content-Type": "application/json"}
        self.right = self.wrong = 0
        self.before = len(os.listdir("/proc/self/fd"))

    def body(self, number, index):
        """The body of request `index` of a round."""
        text = f"Kept {index}" if index % 2 == 0 else f"New {index} {number} {self.tag}"
        message = {"role": "user", "content": text}
        return json.dumps({"model": "gpt-4o-mini", "messages": [message]}).encode()

    def check(self, body, answer):
        """Count an answer."""
        digest = hashlib.sha256(body).hexdigest()[:12].encode()
        if b'"Re ' + digest + b":" in answer:
            self.right += 1
        else:
            self.wrong += 1
            print(f"wrong: {body!r} got {answer[:300]!r}", file=sys.stderr)

    def end(self):
        """Print the sums; connections that are on their way out get two seconds for it."""
        leaked = 1
        end = time.monotonic() + 2
        while leaked > 0 and time.monotonic() < end:
            gc.collect()
            leaked = len(os.listdir("/proc/self/fd")) - self.before
            time.sleep(0.02)
        print(f"right {self.right} wrong {self.wrong} leaked {leaked}")
        sys.exit(1 if self.wrong or leaked > 0 else 0)
