#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An agent on asyncio: URL KEY TURNS [PLACE [SEED]]. Every turn sends the whole conversation, and
prints the answer and how much of the prompt the provider had in its cache.

PLACE is where the time of the turn stands: `system` (the default: in the system prompt), `last`
(behind the question), `uuid`, `counter` (instead of a time), `tools` (the tools come in another
order), `members` (so do their members), `billing` (a header for billing stands first), `middle` (a
word in the midst of the rules), `none`. Where URL ends with /messages, or in a cloud's operation, it
speaks Anthropic's dialect, without tools; with /converse Bedrock's. SEED makes the questions those of another run;
AGENT_CLOCK in the environment is how many seconds later it is, AGENT_HOST the provider's name; with
AGENT_SIGNED requests are signed by AWS's botocore.
"""

import asyncio
import datetime
import json
import os
import sys
import uuid

import httpx

RULES = "".join(f"Rule {number}: when a traveller asks about case {number}, look it up in the "
                f"catalogue of {number * 7} entries and say plainly what was found there.\n"
                for number in range(1, 61))
BEGAN = datetime.datetime(2026, 11, 27, 13, 4, 27) + datetime.timedelta(
    seconds=int(os.environ.get("AGENT_CLOCK", "0")))


HOST = {"Host": os.environ["AGENT_HOST"]} if "AGENT_HOST" in os.environ else {}


def tool(name):
    """The description of one tool."""
    return {"type": "function",
            "function": {"name": name, "description": f"Look {name} up in the catalogue.",
                         "parameters": {"type": "object",
                                        "properties": {"city": {"type": "string"}}}}}


def turned(value):
    """The same with the members of all objects in another order."""
    if isinstance(value, dict):
        return {name: turned(value[name]) for name in reversed(list(value))}
    return value


def stamp(place, turn):
    """What the system prompt says of the moment."""
    now = (BEGAN + datetime.timedelta(seconds=41 * turn)).isoformat() + "Z"
    return {"system": f"The time is {now}.\n", "uuid": f"Session {uuid.uuid4()}.\n",
            "billing": f"x-billing-header: cc_version=2.1; cch={uuid.uuid4().hex[:5]};\n",
            "counter": f"This is turn {turn} of many.\n"}.get(place, "")


def rules(place, turn):
    """What the agent shall do."""
    if place != "middle":
        return RULES
    moods = ["cheerful", "thoughtful", "patient", "brisk", "formal"]
    return f"You feel {moods[turn % len(moods)]} today, and so does everybody.\n" + RULES


def request(place, turn, turns):
    """The body of one turn."""
    tools = [tool(name) for name in ("flights", "hotels", "trains")]
    if place == "tools" and turn % 2:
        tools.reverse()
    if place == "members" and turn % 2:
        tools = [turned(one) for one in tools]
    system = "You are a travel agent.\n" + stamp(place, turn) + rules(place, turn)
    messages = [{"role": "system", "content": system}] + turns
    if place == "last":
        messages[-1] = dict(messages[-1], content=messages[-1]["content"] + f" ({turn})")
    return {"model": "gpt-4o-mini", "temperature": 0, "tools": tools, "tool_choice": "none",
            "messages": messages}


def for_anthropic(body, url):
    """The same in Anthropic's dialect; in a cloud the path names the model."""
    body = {"max_tokens": 100, "system": body["messages"][0]["content"],
            "messages": body["messages"][1:]}
    if url.endswith("/messages"):
        return {"model": "claude-sonnet-4-5", **body}
    return {"anthropic_version": "bedrock-2023-05-31", **body}


def for_converse(body):
    """The same in Bedrock's dialect."""
    tools = [{"toolSpec": {"name": one["function"]["name"],
                           "description": one["function"]["description"] * 120,
                           "inputSchema": {"json": one["function"]["parameters"]}}}
             for one in body["tools"]]
    turns = [{"role": one["role"], "content": [{"text": one["content"]}]}
             for one in body["messages"]]
    return {"toolConfig": {"tools": tools}, "system": turns[0]["content"], "messages": turns[1:],
            "inferenceConfig": {"temperature": 0}}


def translated(body, url):
    """What is sent to `url`."""
    if url.endswith("/converse"):
        return for_converse(body)
    return body if url.endswith("/completions") else for_anthropic(body, url)


def headers_of(url, key, body):
    """The credential and the like."""
    headers = {"Content-Type": "application/json", **HOST}
    if "AGENT_SIGNED" not in os.environ:
        return {"Authorization": "Bearer " + key, **headers}
    from botocore.auth import SigV4Auth  # only here: it takes its time
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    request = AWSRequest("POST", url, data=body, headers=headers)
    SigV4Auth(Credentials(key, "tests-only"), "bedrock", "eu-west-1").add_auth(request)
    return dict(request.headers)


def read(answer):
    """The answer's text, and how much of the prompt was in the provider's cache."""
    if "output" in answer:
        return (answer["output"]["message"]["content"][0]["text"],
                answer["usage"]["cacheReadInputTokens"])
    if "content" in answer:
        return answer["content"][0]["text"], answer["usage"]["cache_read_input_tokens"]
    return (answer["choices"][0]["message"]["content"],
            answer["usage"]["prompt_tokens_details"]["cached_tokens"])


async def main():
    """All turns, one after the other."""
    url, key, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    place = sys.argv[4] if len(sys.argv) > 4 else "system"
    seed = sys.argv[5] if len(sys.argv) > 5 else "1"
    turns = []
    async with httpx.AsyncClient(timeout=20) as client:
        for turn in range(count):
            turns.append({"role": "user", "content": f"Question {seed}.{turn}: which train?"})
            body = json.dumps(translated(request(place, turn, turns), url))
            answer = await client.post(url, content=body, headers=headers_of(url, key, body))
            answer.raise_for_status()
            text, cached = read(answer.json())
            turns.append({"role": "assistant", "content": text})
            print(json.dumps({"text": text, "cached": cached}))


asyncio.run(main())
