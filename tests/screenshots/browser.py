#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Headless Chromium, driven through a pipe (DevTools protocol): no port, no network, no package.

usage: browser.py check PAGE...            what a reader would stumble over, as JSON; status 1 if any
       browser.py shoot PAGE PNG WIDTH light|dark [HEIGHT]

`check` opens each page at 1280, 768 and 360 pixels, light and dark, with its tables folded and
unfolded, and looks for: messages on the console, requests, plots without size or marks, texts that
lie on one another or leave the window, contrast below 4.5, ids that are there twice.
"""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

WIDTHS = (1280, 768, 360)
SCHEMES = ("light", "dark")

# Runs in the page; returns what is wrong and what there is.
LOOK = r"""
(() => {
  const wrong = [];
  const shown = element => element.checkVisibility();
  const luminance = colour => {
    const [r, g, b] = colour.match(/[\d.]+/g).map(Number).map(v => {
      v /= 255;
      return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backdrop = element => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (!/, 0\)$|transparent/.test(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const parent = node.parentElement;
    if (!node.data.trim() || !shown(parent) || parent.closest('title, desc')) continue;
    const inSvg = parent.closest('svg');
    const style = getComputedStyle(parent);
    const colour = inSvg ? style.fill : style.color;
    const ratio = contrast(colour, backdrop(inSvg ? inSvg.parentElement : parent));
    if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(2)}: ${node.data}`);
    if (parseFloat(style.fontSize) < 11) wrong.push(`small text: ${node.data}`);
    const scrolled = parent.closest('.scroll');
    const hidden = parent.closest('.cards thead') && style.position !== 'static' ||
      parent.closest('thead') && getComputedStyle(parent.closest('thead')).position === 'absolute';
    if (hidden) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width < 1 || box.height < 1) continue;
      if (!scrolled && (box.left < 0 || box.right > document.documentElement.clientWidth))
        wrong.push(`leaves the window: ${node.data} (${box.left} to ${box.right})`);
      texts.push({box, node, scrolled});
    }
  }
  const apart = 1;
  for (let i = 0; i < texts.length; i++)
    for (let j = i + 1; j < texts.length; j++) {
      const a = texts[i].box, b = texts[j].box;
      if (texts[i].node === texts[j].node || texts[i].scrolled !== texts[j].scrolled) continue;
      if (a.left + apart < b.right && b.left + apart < a.right &&
          a.top + 3 < b.bottom && b.top + 3 < a.bottom)
        wrong.push(`overlap: ${texts[i].node.data} / ${texts[j].node.data}`);
    }
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth)
    wrong.push(`the page is ${document.documentElement.scrollWidth} wide`);
  const plots = {};
  for (const svg of document.querySelectorAll('svg[role=img]')) {
    const box = svg.getBoundingClientRect();
    const id = svg.closest('figure').id;
    plots[id] = svg.querySelectorAll('.mark').length;
    if (box.width < 200 || box.height < 50) wrong.push(`${id}: no size`);
    for (const mark of svg.querySelectorAll('.mark')) {
      const at = mark.getBoundingClientRect();
      if (at.left < box.left - 4 || at.right > box.right + 4 || at.top < box.top - 4 ||
          at.bottom > box.bottom + 4 || !(at.height > 0))
        wrong.push(`${id}: a mark is not in the picture`);
      if (!mark.querySelector('title')) wrong.push(`${id}: a mark says nothing`);
    }
    const [title, text] = svg.getAttribute('aria-labelledby').split(' ').map(
      name => document.getElementById(name).textContent);
    if (!title || !text) wrong.push(`${id}: no title or description`);
    if (!svg.closest('figure').querySelector('table caption')) wrong.push(`${id}: no table`);
    const ticks = [...svg.querySelectorAll('.tick')].filter(shown);
    if (ticks.length < 3 || svg.querySelectorAll('.axis').length < 1) wrong.push(`${id}: no axis`);
  }
  const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
  for (const id of new Set(ids))
    if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push(`id twice: ${id}`);
  if (document.querySelector('script, link, iframe, object, embed, img, b[onclick]'))
    wrong.push('an element that should not be there');
  for (const element of document.querySelectorAll('*'))
    for (const attribute of element.attributes)
      if (/^on|^href$|^src$/.test(attribute.name)) wrong.push(`attribute ${attribute.name}`);
  return {wrong, plots, texts: texts.length, title: document.title,
          repeated: document.querySelectorAll('#repeated tbody tr').length};
})()
"""


class Browser:
    """One Chromium with one page."""

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="preecho-browser-")
        there, self.out = os.pipe()
        self.into, back = os.pipe()
        # Chromium reads from descriptor 3 and writes to 4.
        command = (f'exec 3<&{there} 4>&{back}; exec chromium --headless=new --no-sandbox '
                   '--disable-gpu --disable-dev-shm-usage --hide-scrollbars --no-first-run '
                   '--disable-background-networking --disable-component-update '
                   '--proxy-server=127.0.0.1:9 --force-color-profile=srgb '
                   f'--remote-debugging-pipe --user-data-dir={self.home} about:blank')
        self.process = subprocess.Popen(
            ["bash", "-c", command], pass_fds=(there, back), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self.home, "LD_PRELOAD": ""})
        os.close(there)
        os.close(back)
        self.rest = b""
        self.number = 0
        self.events = []
        target = next(item for item in self.call("Target.getTargets")["targetInfos"]
                      if item["type"] == "page")
        self.session = None
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"],
                                 flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def receive(self):
        """The next message."""
        while b"\0" not in self.rest:
            more = os.read(self.into, 1 << 16)
            if not more:
                raise SystemExit("browser.py: chromium has ended")
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        """One command, and its result; events meanwhile are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if getattr(self, "session", None):
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"browser.py: {method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, path, width, height, scheme):
        """Loads a file as a window of that size sees it."""
        self.events = []
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 500)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.navigate", url=pathlib.Path(path).resolve().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.receive())

    def run(self, script):
        """The value of an expression in the page."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in result:
            raise SystemExit(f"browser.py: {result['exceptionDetails']}")
        return result["result"].get("value")

    def noise(self, path):
        """Messages on the console, and requests other than for the page."""
        own = pathlib.Path(path).resolve().as_uri()
        for event in self.events:
            method, what = event.get("method", ""), event.get("params", {})
            if method == "Network.requestWillBeSent" and what["request"]["url"] != own:
                yield "request: " + what["request"]["url"]
            elif method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown",
                            "Log.entryAdded"):
                yield f"console: {json.dumps(what)[:300]}"

    def close(self):
        """Ends it."""
        os.close(self.out)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def check(browser, path):
    """One page, in every way. What is wrong, and what was seen."""
    wrong, seen = set(), {}
    for width in WIDTHS:
        for scheme in SCHEMES:
            for unfolded in (False, True):
                browser.open(path, width, 900, scheme)
                if unfolded:
                    browser.run("document.querySelectorAll('details')"
                                ".forEach(each => { each.open = true; })")
                seen = browser.run(LOOK)
                where = f"{width} {scheme}{' unfolded' if unfolded else ''}: "
                wrong.update(where + text for text in seen.pop("wrong"))
                wrong.update(where + text for text in browser.noise(path))
    return {"page": os.path.basename(path), "wrong": sorted(wrong), **seen}


def shoot(browser, path, picture, width, scheme, height="0"):
    """A picture of the page; all of it unless there is a height."""
    browser.open(path, int(width), int(height) or 300, scheme)
    shot = browser.call("Page.captureScreenshot", format="png",
                        captureBeyondViewport=height == "0")
    pathlib.Path(picture).write_bytes(base64.b64decode(shot["data"]))


def main():
    """See above."""
    browser = Browser()
    status = 0
    try:
        if sys.argv[1] == "check":
            for path in sys.argv[2:]:
                found = check(browser, path)
                print(json.dumps(found, ensure_ascii=False), flush=True)
                status |= bool(found["wrong"])
        else:
            shoot(browser, *sys.argv[2:])
    finally:
        browser.close()
    sys.exit(status)


main()
