# SPDX-License-Identifier: MIT
"""A provider's prefix cache, as OpenAI documents it: from 1,024 tokens on, in steps of 128.

On with the fault `prefix-cache`. A token is four bytes of the prompt: tools, then messages.
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
