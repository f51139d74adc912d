#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Kills programs with SIGKILL at random moments while preecho records what they do.

usage: kill_hosts.py --kills N --url URL --preload LIBRARY --client TLS_CLIENT --log REQUESTS

First five entries are recorded in peace. Then, eight at a time, programs ask for answers of
different sizes, whole and streamed, and are killed; one in three asks for an old entry. At the
end every question is asked again in peace: an old entry must be answered with its old bytes and
without the upstream, every other answer must be whole and belong to its question. Prints
{"kills", "finished", "lost", "wrong", "served"} as JSON.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import random
import re
import signal
import subprocess
import time


def body(number):
    """The question with that number: big or small, streamed or not."""
    text = f"question {number}"
    if number % 4 == 1:
        text += " [[fault:big=60]]"
    if number % 4 == 2:
        text += " [[fault:tiny]]"
    value = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]}
    if number % 2:
        value["stream"] = True
    return json.dumps(value)


def digest(text):
    """What the upstream puts into the answer to this body."""
    return hashlib.sha256(re.sub(r"\[\[fault:[^\]]*\]\]", "", text).encode()).hexdigest()[:12]


class Runs:
    """Starts clients."""

    def __init__(self, options):
        self.options = options
        self.environment = dict(os.environ, LD_PRELOAD=options.preload)

    def start(self, number):
        """A client that asks one question."""
        return subprocess.Popen(
            [self.options.client, self.options.url, "sk-kill", body(number)],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def ask(self, number):
        """The bytes of the answer, asked in peace."""
        client = self.start(number)
        answer, errors = client.communicate(timeout=30)
        if client.returncode:
            raise SystemExit(f"question {number} failed: {errors.decode()}")
        return answer

    def kill(self, number, longest):
        """Kill a client after a random time; True when it was still running."""
        client = self.start(number)
        time.sleep(random.uniform(0, longest))
        client.send_signal(signal.SIGKILL)
        client.communicate(timeout=30)
        return client.returncode == -signal.SIGKILL

    def upstream_count(self):
        """How many requests have reached the upstream."""
        with open(self.options.log, "rb") as file:
            return sum(1 for _ in file)


def is_right(number, answer):
    """A whole answer to this question."""
    text = answer.decode()
    if digest(body(number)) not in text:
        return False
    if number % 2:
        return text.endswith("data: [DONE]\n\n\n")
    return json.loads(text)["choices"][0]["finish_reason"] == "stop"


def main():
    """Record, kill, ask again."""
    parser = argparse.ArgumentParser()
    for name in ("--url", "--preload", "--client", "--log"):
        parser.add_argument(name, required=True)
    parser.add_argument("--kills", type=int, required=True)
    runs = Runs(parser.parse_args())
    old = {number: runs.ask(number) for number in range(5)}
    started = time.monotonic()
    runs.ask(5)
    longest = 1.3 * (time.monotonic() - started) + 0.03
    kills, finished, number, asked = 0, 0, 5, set()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        while kills < runs.options.kills:
            batch = []
            for _ in range(min(16, runs.options.kills - kills)):
                number += 1
                one = number % 5 if number % 3 == 0 else number
                asked.add(one)
                batch.append(pool.submit(runs.kill, one, longest))
            for done in batch:
                if done.result():
                    kills += 1
                else:
                    finished += 1
        lost = wrong = 0
        before = runs.upstream_count()
        for one, answer in old.items():
            again = runs.ask(one)
            wrong += again != answer
        lost = runs.upstream_count() - before
        rest = sorted(asked - set(old))
        answers = list(pool.map(runs.ask, rest))
        wrong += sum(not is_right(one, answer) for one, answer in zip(rest, answers))
        served = len(rest) - (runs.upstream_count() - before - lost)
    print(json.dumps({"kills": kills, "finished": finished, "lost": lost, "wrong": wrong,
                      "served": served}))


main()
