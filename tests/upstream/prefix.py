# SPDX-License-Identifier: MIT
"""Providers' prefix caches as they document them, on with the fault `prefix-cache`.

OpenAI's: a request goes to the machine that the first 256 tokens and `prompt_cache_key` choose; what
its prompt begins with has been kept there if it was asked for within ten minutes: from 1,024 tokens
on, in steps of 128.
Anthropic's: up to four breakpoints say what is kept, for five minutes or an hour since its last use,
where it is as long as the model wants; it is read where one of 20 blocks, from a breakpoint
backwards, ends what was kept. Bedrock's Converse says it with `cachePoint`.
Tokens are those of a tokeniser of this file: words, in parts of six letters at most.
"""

import fnmatch
import json
import re
import threading
import time

STEP = 128
LEAST = 1024
ROUTED = 256
IDLE = 600
LIVES = {"5m": 300, "1h": 3600}
LOOK_BACK = 20
MINIMUMS = (("*opus-4-[56]*", 4096), ("*haiku-4-5*", 4096), ("*opus-4-7*", 2048),
            ("*3-5-haiku*", 2048), ("*opus-5*", 512), ("*claude*", 1024), ("*nova*", 1024))

_known = {}
_lock = threading.Lock()
_WORD = re.compile(r" ?[A-Za-z]{1,6}|[0-9]{1,3}|\n|[^A-Za-z0-9\n]", re.DOTALL)


def _split(value):
    """The tokens of a text, or of a value as JSON."""
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return _WORD.findall(text)


class _Prompt:
    """Tokens, and what stands for all up to any of them."""

    def __init__(self):
        self.chain = [hash("beginning")]

    def add(self, tokens):
        """Append them."""
        for token in tokens:
            self.chain.append(hash((self.chain[-1], token)))

    def __len__(self):
        return len(self.chain) - 1


def _identity(call):
    headers = call.request.headers
    return headers.get("x-api-key", headers.get("authorization", ""))


# -- OpenAI ----------------------------------------------------------------------------------------

def _content(content):
    """What the model reads of a message's content."""
    if isinstance(content, list):
        return [token for part in content for token in _split(part.get("text") or part)]
    return _split(content or "")


def _chat(body):
    prompt = _Prompt()
    for tool in body.get("tools") or []:
        prompt.add(["<tool>"] + _split(tool))
    if body.get("response_format"):
        prompt.add(["<schema>"] + _split(body["response_format"]))
    for message in body.get("messages") or []:
        prompt.add(["<start>", message.get("role", ""), "<message>"])
        prompt.add(_content(message.get("content")))
        if message.get("tool_calls"):
            prompt.add(_split(message["tool_calls"]))
        prompt.add(["<end>"])
    prompt.add(["<start>", "assistant", "<message>"])
    return prompt


def tokens(call):
    """(all tokens of the prompt, those that the cache had); the prompt is in it from now on."""
    prompt, now = _chat(call.json), time.monotonic()
    machine = (_identity(call), call.json.get("model"), call.json.get("prompt_cache_key"),
               prompt.chain[min(ROUTED, len(prompt))])
    steps = range(LEAST, len(prompt) + 1, STEP)
    with _lock:
        known = _known.setdefault(machine, {})
        had = 0
        for size in steps:
            if now - known.get(prompt.chain[size], -IDLE) >= IDLE:
                break
            had = size
        known.update((prompt.chain[size], now) for size in steps)
    return len(prompt), had


# -- Anthropic -------------------------------------------------------------------------------------

def _sections(body):
    """Lists of blocks in the prompt's order: (role, blocks)."""
    config = body.get("toolConfig") or {}
    yield "tools", body.get("tools") or config.get("tools") or []
    yield "system", body.get("system") or []
    for message in body.get("messages") or []:
        yield message["role"], message["content"]


def _life(mark):
    return LIVES[(mark or {}).get("ttl", "5m")]


def _blocks(body):
    """[tokens, how long it is to be kept or None] of each block."""
    blocks = []
    settings = [body.get("tool_choice"), body.get("thinking")]
    for role, section in _sections(body):
        for block in [{"type": "text", "text": section}] if isinstance(section, str) else section:
            if "cachePoint" in block:
                blocks[-1][1] = _life(block["cachePoint"])
                continue
            plain = {name: block[name] for name in block if name != "cache_control"}
            said = ["<" + role + ">"] + _split(plain.get("text", plain))
            if role not in ("tools", "system"):
                said[0] += json.dumps(settings)
            blocks.append([said, _life(block["cache_control"]) if "cache_control" in block
                           else None])
    if "cache_control" in body:
        blocks[-1][1] = _life(body["cache_control"])
    return blocks


def _least(model):
    return next((least for name, least in MINIMUMS if fnmatch.fnmatch(model, name)), LEAST)


def breakpoints(call, model):
    """(tokens beside the cache, read from it, written into it)."""
    blocks, prompt, ends = _blocks(call.json), _Prompt(), []
    for said, _ in blocks:
        prompt.add(said)
        ends.append(len(prompt))
    marked = [place for place, (_, life) in enumerate(blocks) if life]
    if len(marked) > 4:
        raise ValueError("more than four breakpoints")
    now = time.monotonic()
    with _lock:
        known = _known.setdefault((_identity(call), model), {})
        had = max((ends[place] for last in marked
                   for place in range(max(0, last - LOOK_BACK + 1), last + 1)
                   if known.get(prompt.chain[ends[place]], (0, 0))[0] > now), default=0)
        if had:
            life = known[prompt.chain[had]][1]
            known[prompt.chain[had]] = (now + life, life)
        kept = [(ends[last], blocks[last][1]) for last in marked if ends[last] >= _least(model)]
        known.update((prompt.chain[end], (now + life, life)) for end, life in kept)
    written = max(0, max((end for end, _ in kept), default=0) - had)
    return len(prompt) - had - written, had, written
