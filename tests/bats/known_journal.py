#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A journal whose figures are known, and the figures, computed without any code of preecho's.

usage: known_journal.py write STORE SEED CALLS     writes STORE/journal
       known_journal.py check STORE SEED CALLS [BY [SINCE_S UNTIL_S]] <STATS_JSON
       known_journal.py large STORE                writes one of few calls with huge numbers

The layout is that of store/segment.h and store/journal.h; prices come from store/prices.tsv and
STORE/../prices.tsv. `check` prints every figure that differs and ends with 1 when one does.
"""
import fnmatch
import json
import os
import random
import struct
import sys
import time
from decimal import Decimal

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SLOT, HEADER, CAPACITY = 512, 4096, 4096
MASK = (1 << 64) - 1
BYPASS, MISS, HIT, STALE, OBSERVED = 1, 2, 3, 4, 5
VERDICTS = {BYPASS: "bypassed", MISS: "misses", HIT: "hits", STALE: "stale", OBSERVED: "observed"}
BEGIN_S = 1795000000
DAYS = 9


def reasons():
    names = []
    with open(f"{ROOT}/store/reasons.def", encoding="utf-8") as file:
        for line in file:
            if line.startswith("REASON("):
                names.append(line.split('"')[1])
    return names


REASONS = reasons()
REPLAY, REVALIDATED = REASONS.index("replay"), REASONS.index("revalidated")

# model, dialect, host, operation
KINDS = [
    ("gpt-4o-mini-2024-07-18", "openai", "api.openai.com", "chat"),
    ("gpt-4o", "openai", "api.openai.com", "responses"),
    ("gpt-4.1-nano", "azure", "unit.openai.azure.com", "chat"),
    ("text-embedding-3-small", "openai", "api.openai.com", "embeddings"),
    ("claude-sonnet-4-5-20250929", "anthropic", "api.anthropic.com", "messages"),
    ("claude-haiku-4-5@20251001", "vertex", "aiplatform.googleapis.com", "messages"),
    ("gemini-2.5-pro", "gemini", "generativelanguage.googleapis.com", "generateContent"),
    ("deepseek-chat", "deepseek", "api.deepseek.com", "chat"),
    ("command-r7b-12-2024", "cohere", "api.cohere.com", "chat"),
    ("openai/gpt-oss-20b", "groq", "api.groq.com", "chat"),
    ("llama-of-ours", "compatible", "localhost", "chat"),
    ("qwen3", "ollama", "localhost", "chat"),
    ("house-model", "compatible", "llm.example.com", "chat"),
    ("", "bedrock", "bedrock-runtime.eu-west-1.amazonaws.com", "converse"),
]
PROGRAMS = ["python3", "node", "curl", "agent-with-a-na"]
TAGS = ["git:agent", "run:77", "team:search", "doc:äöü", "test:a.py::t1", "test:b.py::t2[x y]",
        "long:" + "x" * 50]


def make_call(rng):
    model, dialect, host, operation = rng.choice(KINDS)
    verdict = rng.choices([BYPASS, MISS, HIT, STALE, OBSERVED], [15, 30, 45, 4, 6])[0]
    usage = rng.choices(["reported", "estimated", "unknown"], [80, 10, 10])[0]
    tokens_in = rng.randrange(1, 30000)
    cached = rng.randrange(0, tokens_in) if rng.random() < 0.3 else 0
    written = rng.randrange(0, tokens_in - cached) if rng.random() < 0.2 else 0
    last = int(rng.expovariate(1 / 2e6)) if verdict in (MISS, OBSERVED, STALE) else rng.randrange(50, 5000)
    recorded_last = rng.randrange(1000, 20000000)
    call = {
        "time_ms": BEGIN_S * 1000 + rng.randrange(DAYS * 86400 * 1000),
        "model": model, "dialect": dialect, "host": host, "operation": operation,
        "program": rng.choice(PROGRAMS), "verdict": verdict, "usage": usage,
        "in": tokens_in, "cached": cached, "written": written,
        "out": 0 if "embed" in operation else rng.randrange(0, 4000),
        "tenant": bytes([rng.randrange(0, 3)] * 16),
        "stream": rng.random() < 0.4, "recorded": False, "coalesced": False,
        "first": last // 2, "last": last,
        "recorded_first": 0, "recorded_last": 0, "reason": 0,
        "layer": 0 if verdict in (BYPASS, MISS) else 1,
        "tags": rng.sample(TAGS, rng.choice([0, 0, 1, 2, 3])),
        "level": rng.choice([1, 2]),
    }
    if verdict == BYPASS:
        call["reason"] = rng.choice([1, 4, 5, 14, REPLAY])
    if verdict == MISS:
        call["recorded"] = rng.random() < 0.8
        call["reason"] = 0 if call["recorded"] else rng.choice([20, 21, 26, REPLAY])
    if verdict in (HIT, STALE):
        call["recorded_first"], call["recorded_last"] = recorded_last // 3, recorded_last
        call["coalesced"] = verdict == HIT and rng.random() < 0.05
        call["reason"] = REVALIDATED if verdict == HIT and rng.random() < 0.05 else 0
    if call["model"] == "" and verdict != BYPASS:
        call["model"] = "amazon.nova-lite-v1:0"
    return call


def make_calls(seed, count):
    rng = random.Random(seed)
    return [make_call(rng) for _ in range(count)]


# -- writing ------------------------------------------------------------------------------------


def check_sum(slot):
    total = 0x9E3779B97F4A7C15
    for (number,) in struct.iter_unpack("<Q", slot[8:]):
        total = ((total ^ number) * 0xFF51AFD7ED558CCD) & MASK
        total ^= total >> 32
    return total or 1


def encode(call):
    flags = (call["recorded"] | call["stream"] << 1 | (call["usage"] == "reported") << 2
             | call["coalesced"] << 3 | (call["usage"] == "estimated") << 4)
    known = call["usage"] != "unknown"
    head = struct.pack(
        "<HHIq11Q", 2, flags, 4711, call["time_ms"], 7, call["first"], call["last"],
        call["recorded_first"], call["recorded_last"],
        *((call["in"], call["out"], call["cached"], call["written"]) if known else (0,) * 4),
        1000, 2000)
    head += struct.pack("<HHBBBB", 443, 200, call["verdict"], call["layer"], call["reason"],
                        call["level"])
    head += call["tenant"] + bytes(32) + bytes(8)
    assert len(head) == 168, len(head)
    texts = b""
    for name in ("program", "dialect", "operation", "model", "host"):
        text = call[name].encode()
        texts += bytes([len(text)]) + text
    for tag in call["tags"]:
        text = tag.encode()
        texts += bytes([len(text)]) + text
    assert len(texts) <= 336
    slot = bytes(8) + head + texts.ljust(336, b"\0")
    return struct.pack("<Q", check_sum(slot)) + slot[8:]


def write_segment(directory, sequence, slots):
    header = struct.pack("<8sIIIIQqQ", b"preechoJ", 1, SLOT, CAPACITY, 1, sequence,
                         BEGIN_S * 1000, sequence * 7919).ljust(64, b"\0")
    header += struct.pack("<Q", len(slots))
    body = b"".join(slots).ljust(CAPACITY * SLOT, b"\0")
    with open(f"{directory}/{sequence:016x}", "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(header.ljust(HEADER, b"\0") + body)


def write(store, calls, torn=()):
    """A slot that was reserved and never written stands before each call of |torn|."""
    directory = f"{store}/journal"
    os.makedirs(directory, mode=0o700, exist_ok=True)
    slots = []
    for number, call in enumerate(calls):
        slots += [bytes(SLOT)] * (number in torn) + [encode(call)]
    for sequence, begin in enumerate(range(0, len(slots), CAPACITY), 1):
        write_segment(directory, sequence, slots[begin:begin + CAPACITY])


# -- computing ----------------------------------------------------------------------------------

PROVIDERS = {"azure": ["openai", "anthropic"], "gemini": ["google"],
             "vertex": ["google", "anthropic"],
             "compatible": ["openai", "anthropic", "google"]}


def price_rows(paths):
    rows = []
    for path in paths:
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            for line in file:
                words = line.split("#")[0].split()
                if words:
                    rows.append(words)
    return rows


def matches(pattern, text):
    return fnmatch.fnmatchcase(text.lower(), pattern.lower().replace("[", "[[]").replace("?", "[?]"))


def price_of(rows, call):
    """Prices of input, cached, written, output in 1e-12 dollars for a token, or None."""
    names = [call["dialect"], call["host"], *PROVIDERS.get(call["dialect"], [])]
    for words in rows:
        if not matches(words[1], call["model"]) or not any(matches(words[0], n) for n in names):
            continue
        if words[2] == "-":
            return None
        pico = [None if word == "-" else int(Decimal(word) * 10**6) for word in words[2:]]
        full, cached, written, out = pico[:4]
        if "embed" in call["operation"].lower():
            full = cached = written = pico[4] if len(pico) > 4 and pico[4] is not None else full
        return (full, full if cached is None else cached, full if written is None else written, out)
    return None


def new_worth():
    return {"calls": 0, "tokens_in": 0, "tokens_out": 0, "tokens_cached": 0,
            "tokens_cache_write": 0, "pico_dollars": 0,
            "estimated": {"tokens": 0, "pico_dollars": 0}, "unpriced": {"calls": 0, "tokens": 0}}


def add_worth(worth, call, price):
    if call["usage"] == "unknown":
        return
    tokens, money = call["in"] + call["out"], 0
    worth["calls"] += 1
    worth["tokens_in"] += call["in"]
    worth["tokens_out"] += call["out"]
    worth["tokens_cached"] += call["cached"]
    worth["tokens_cache_write"] += call["written"]
    if price:
        full, cached, written, out = price
        money = (full * (call["in"] - call["cached"] - call["written"]) + cached * call["cached"]
                 + written * call["written"] + out * call["out"])
        worth["pico_dollars"] += money
    else:
        worth["unpriced"]["calls"] += 1
        worth["unpriced"]["tokens"] += tokens
    if call["usage"] == "estimated":
        worth["estimated"]["tokens"] += tokens
        worth["estimated"]["pico_dollars"] += money


def figures(calls, rows):
    total = {name: 0 for name in ("requests", "hits", "misses", "stale", "coalesced", "revalidated",
                                  "streams", "recorded", "dropped", "tokens_unknown")}
    total.update(bypassed={}, dropped_by={}, spent=new_worth())
    layer = {"lookups": 0, "hits": 0, "misses": 0, "saved": new_worth()}
    observed = {"requests": 0, "cost": new_worth()}
    observed_us = saved_us = cache_saved = 0
    times = {"hits": [], "misses": []}
    for call in calls:
        verdict, reason, price = call["verdict"], REASONS[call["reason"]], price_of(rows, call)
        made = verdict in (BYPASS, MISS, OBSERVED) and call["reason"] != REPLAY
        total["requests"] += 1
        total["streams"] += call["stream"]
        if verdict in (HIT, MISS, STALE):
            layer["lookups"] += 1
            total[VERDICTS[verdict]] += 1
            layer["hits" if verdict == HIT else "misses"] += 1
        if verdict == HIT:
            total["coalesced"] += call["coalesced"]
            total["revalidated"] += call["reason"] == REVALIDATED
            saved_us += max(0, call["recorded_last"] - call["last"])
            add_worth(layer["saved"], call, price)
            times["hits"].append(call)
        if verdict == MISS:
            total["recorded" if call["recorded"] else "dropped"] += 1
            if not call["recorded"]:
                total["dropped_by"][reason] = total["dropped_by"].get(reason, 0) + 1
        if verdict == OBSERVED:
            observed["requests"] += 1
            observed_us += call["last"]
            add_worth(observed["cost"], call, price)
        if verdict == BYPASS:
            total["bypassed"][reason] = total["bypassed"].get(reason, 0) + 1
        if made:
            add_worth(total["spent"], call, price)
            if price and call["usage"] != "unknown" and "embed" not in call["operation"]:
                cache_saved += (call["cached"] * (price[0] - price[1])
                                - call["written"] * (price[2] - price[0]))
            if verdict != BYPASS:
                times["misses"].append(call)
        if call["usage"] == "unknown" and (verdict in (HIT, OBSERVED) or call["recorded"]):
            total["tokens_unknown"] += 1
    saved = layer["saved"]
    layer["tokens_saved"] = saved["tokens_in"] + saved["tokens_out"]
    layer["hit_rate"] = layer["hits"] / layer["lookups"] if layer["lookups"] else 0
    layer["latency_saved_seconds"] = saved_us / 1e6
    observed["latency_seconds"] = observed_us / 1e6
    observed["tokens"] = observed["cost"]["tokens_in"] + observed["cost"]["tokens_out"]
    total["layers"] = {"exact": layer}
    total["observed"] = observed
    total["provider_cache"] = {"tokens_read": total["spent"]["tokens_cached"],
                               "tokens_written": total["spent"]["tokens_cache_write"],
                               "saved": {"pico_dollars": cache_saved}}
    total["latency"] = {who: latency(of) for who, of in times.items()}
    return total


def latency(calls):
    def one(name):
        values = sorted(call[name] for call in calls)
        if not values:
            return {"median_seconds": 0, "mean_seconds": 0}
        return {"median_seconds": ("about", values[(len(values) - 1) // 2] / 1e6),
                "mean_seconds": sum(values) / 1e6 / len(values)}
    return {"calls": len(calls), "first_byte": one("first"), "last_byte": one("last")}


def unpriced(calls, rows):
    found = {}
    for call in calls:
        counts = call["verdict"] == HIT or (call["verdict"] != STALE and call["reason"] != REPLAY)
        if call["usage"] == "unknown" or not counts or price_of(rows, call):
            continue
        row = found.setdefault((call["model"], call["dialect"], call["host"]), [0, 0])
        row[0] += 1
        row[1] += call["in"] + call["out"]
    return found


def group_names(by, call):
    if by == "tag":
        return call["tags"]
    if by == "test":
        return [tag[5:] for tag in call["tags"] if tag.startswith("test:")]
    if by == "day":
        return [time.strftime("%Y-%m-%d", time.localtime(call["time_ms"] // 1000))]
    if by == "tenant":
        return ["" if call["tenant"] == bytes(16) else call["tenant"].hex()]
    return [call[by]]


def grouped(by, calls):
    groups = {}
    for call in calls:
        for name in group_names(by, call):
            groups.setdefault(name, []).append(call)
    return groups


# -- comparing ----------------------------------------------------------------------------------


def same(expected, actual):
    if isinstance(expected, tuple):  # ("about", a median): to within a bucket
        return abs(actual - expected[1]) <= 0.42 * expected[1] + 1e-6
    if isinstance(expected, float):
        return abs(expected - actual) <= 1e-9 * max(1.0, abs(expected))
    return type(expected) is type(actual) and expected == actual or expected == actual == 0


def differences(expected, actual, path=""):
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return [f"{path}: {actual!r} is no object"]
        return [line for name, value in expected.items()
                for line in (differences(value, actual[name], f"{path}.{name}") if name in actual
                             else [f"{path}.{name} is missing"])]
    return [] if same(expected, actual) else [f"{path} is {actual!r}, not {expected!r}"]


def dollars_agree(value, path=""):
    """Wherever both forms of an amount stand they say the same."""
    if isinstance(value, list):
        return [line for i, item in enumerate(value) for line in dollars_agree(item, f"{path}[{i}]")]
    if not isinstance(value, dict):
        return []
    lines = [line for name, item in value.items() for line in dollars_agree(item, f"{path}.{name}")]
    if "dollars" in value and abs(value["dollars"] * 10**12 - value["pico_dollars"]) > 1e-9 * abs(value["pico_dollars"]):
        lines.append(f"{path}: {value['dollars']} and {value['pico_dollars']}")
    return lines


def check(calls, rows, by, actual):
    lines = differences(figures(calls, rows), actual)
    lines += dollars_agree(actual)
    found = {(row["model"], row["dialect"], row["host"]): [row["calls"], row["tokens"]]
             for row in actual["unpriced"]}
    lines += differences({str(k): v for k, v in unpriced(calls, rows).items()},
                         {str(k): v for k, v in found.items()}, "unpriced")
    if by:
        groups = grouped(by, calls)
        names = [group["name"] for group in actual["groups"]]
        if sorted(names) != sorted(groups):
            lines.append(f"groups {sorted(names)}, not {sorted(groups)}")
        for group in actual["groups"]:
            lines += differences(figures(groups.get(group["name"], []), rows), group,
                                 f"{by} {group['name']}")
    return lines


def main():
    command, store = sys.argv[1:3]
    if command == "large":
        calls = make_calls("large", 40)
        for call in calls:
            for name in ("in", "cached", "written", "out", "last", "recorded_last", "first"):
                call[name] *= 10**9
            call["model"] = call["model"] and "m" * 60 + call["model"][:35]
        write(store, calls)
        return 0
    seed, count = sys.argv[3], int(sys.argv[4])
    calls = make_calls(seed, count)
    if command == "write":
        write(store, calls, torn=(17, count // 2, count - 1))
        return 0
    by = sys.argv[5] if len(sys.argv) > 5 else ""
    if len(sys.argv) > 7:
        since, until = int(sys.argv[6]) * 1000, int(sys.argv[7]) * 1000
        calls = [call for call in calls if since <= call["time_ms"] < until]
    rows = price_rows([os.environ.get("PRICES", ""), f"{ROOT}/store/prices.tsv"])
    lines = check(calls, rows, by, json.load(sys.stdin))
    print("\n".join(lines[:20]) if lines else f"{len(calls)} calls agree")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
