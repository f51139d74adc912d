#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A line for each test of CPython's --junit-xml: name, tab, how it ended.

usage: outcomes.py FILE
A failure carries its exception's type, a test left out its reason.
"""

import sys
import xml.etree.ElementTree as tree


def outcome(case):
    """passed, failed: TYPE, or skipped: REASON."""
    for kind in ("error", "failure"):
        if (found := case.find(kind)) is not None:
            return f"failed: {found.get('type')}"
    if (found := case.find("skipped")) is not None:
        return "skipped: " + " ".join((found.text or "").split())
    return "passed" if case.get("result") == "completed" else str(case.get("result"))


def main():
    """All test cases of the file; an end with status 1 when there is none."""
    cases = list(tree.parse(sys.argv[1]).iter("testcase"))
    for case in cases:
        print(case.get("name"), outcome(case), sep="\t")
    sys.exit(not cases)


main()
