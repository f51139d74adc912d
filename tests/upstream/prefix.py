# SPDX-License-Identifier: MIT
"""Providers' prefix caches as they document them, on with the fault `prefix-cache`.

OpenAI's: from 1,024 tokens on, in steps of 128. Anthropic's: up to four breakpoints in the request
say what is kept, from 1,024 tokens on; it is read where one of the last 20 blocks before a breakpoint
ends what was kept. A token is four bytes of the prompt: tools, system texts, messages.
"""

import json
import threading

STEP = 128
LEAST = 1024

_known = {}
_lock = threading.Lock()


def _text(content):
    """What the model reads of a message's content."""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content)
    return content if isinstance(content, str) else ""


def _prompt(body):
    parts = [json.dumps(tool, separators=(",", ":")) for tool in body.get("tools") or []]
    parts += [message.get("role", "") + ":" + _text(message.get("content"))
              for message in body.get("messages") or []]
    return "\x00".join(parts).encode()


def tokens(call):
    """(all tokens of the prompt, those that the cache had); the prompt is in it from now on."""
    prompt = _prompt(call.json)
    whose = (call.request.headers.get("authorization", ""), call.json.get("model"),
             call.json.get("prompt_cache_key"))
    count = len(prompt) // 4
    steps = [hash(prompt[:size * 4]) for size in range(LEAST, count + 1, STEP)]
    with _lock:
        known = _known.setdefault(whose, set())
        had = 0
        while had < len(steps) and steps[had] in known:
            had += 1
        known.update(steps)
    return count, LEAST + (had - 1) * STEP if had else 0


def _blocks(body):
    """(text, whether a breakpoint stands behind it) of each block, in the prompt's order."""
    blocks = [(json.dumps({name: tool[name] for name in tool if name != "cache_control"}), tool)
              for tool in body.get("tools") or []]
    turns = [("system", body.get("system") or [])]
    turns += [(message["role"], message["content"]) for message in body.get("messages") or []]
    for role, content in turns:
        content = [{"text": content}] if isinstance(content, str) else content
        blocks += [(role + ":" + str(block.get("text", "")), block) for block in content]
    return [(text, "cache_control" in block) for text, block in blocks]


def breakpoints(call):
    """(tokens beside the cache, read from it, written into it)."""
    whose = (call.request.headers.get("x-api-key", call.request.headers.get("authorization", "")),
             call.json.get("model"))
    text, ends, marked = "", [], []
    for block, mark in _blocks(call.json):
        text += block + "\x00"
        if mark:
            marked.append(len(ends))
        ends.append((hash(text), len(text.encode()) // 4))
    if len(marked) > 4:
        raise ValueError("more than four breakpoints")
    with _lock:
        known = _known.setdefault(whose, set())
        had = max([ends[at][1] for last in marked for at in range(max(0, last - 20), last + 1)
                   if ends[at][0] in known], default=0)
        kept = max([ends[last][1] for last in marked if ends[last][1] >= LEAST], default=0)
        known.update(ends[last][0] for last in marked if ends[last][1] >= LEAST)
    count = ends[-1][1] if ends else 0
    return count - max(had, kept), had, max(0, kept - had)
