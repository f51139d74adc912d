#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Kills programs with SIGKILL at random moments while preecho records what they do.

usage: kill_hosts.py --kills N --url URL --preload LIBRARY --client TLS_CLIENT --log REQUESTS
           [--texts N]

First five entries are recorded in peace. Then, eight at a time, programs ask for answers of
different sizes, whole and streamed, and are killed; one in three asks for an old entry. At the
end every question is asked again in peace: an old entry must be answered with its old bytes and
without the upstream, every other answer must be whole and belong to its question. With --texts each
question asks for the vectors of so many texts, half of which another one asks for, too. Prints
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


def batch(number, texts):
    """The question for vectors with that number."""
    first = number * texts // 2
    return json.dumps({"model": "v", "input": [f"text {first + i}" for i in range(texts)]})


def chat(number):
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

    def body(self, number):
        """The question with that number."""
        texts = self.options.texts
        return batch(number, texts) if texts else chat(number)

    def start(self, number, environment=None):
        """A client that asks one question."""
        return subprocess.Popen(
            [self.options.client, self.options.url, "sk-kill", self.body(number)],
            env=environment or self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def is_right(self, number, answer):
        """A whole answer to this question: what upstream says, if vectors are asked for."""
        if not self.options.texts:
            return is_right(number, answer)
        expected, _ = self.start(number, os.environ).communicate(timeout=30)
        return vectors(answer) == vectors(expected)

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


def vectors(answer):
    """Those of an answer, but for their last numbers, which are the upstream's whim."""
    return [item["embedding"][:-1] for item in json.loads(answer)["data"]]


def is_right(number, answer):
    """A whole answer to this question."""
    text = answer.decode()
    if digest(chat(number)) not in text:
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
    parser.add_argument("--texts", type=int, default=0)
    runs = Runs(parser.parse_args())
    old = {number: runs.ask(number) for number in range(5)}
    begun = time.monotonic()
    runs.ask(5)
    longest = 1.3 * (time.monotonic() - begun) + 0.03
    kills, finished, number, asked = 0, 0, 5, set()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        while kills < runs.options.kills:
            started = []
            for _ in range(min(16, runs.options.kills - kills)):
                number += 1
                one = number % 5 if number % 3 == 0 else number
                asked.add(one)
                started.append(pool.submit(runs.kill, one, longest))
            for done in started:
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
        served = len(rest) - (runs.upstream_count() - before - lost)
        wrong += sum(pool.map(lambda one, answer: not runs.is_right(one, answer), rest, answers))
    print(json.dumps({"kills": kills, "finished": finished, "lost": lost, "wrong": wrong,
                      "served": served}))


main()
