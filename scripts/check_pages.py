"""Every page that driftlab writes, in headless Chromium, on a desktop and a phone, light and dark. Called by scripts/check-outputs.

    check_pages.py RESULTS [PICTURES]

It fails where a page asks for anything beside itself, says anything on the console, opens a dialog, is wider than the screen, leaves a picture or a table without a name, or leads nowhere.
"""

import base64
import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket

RESULTS = Path(sys.argv[1]).resolve()
PICTURES = Path(sys.argv[2]) if len(sys.argv) > 2 else None
SCREENS = [(1280, 900), (390, 844)]

# What scrolls sideways must be reachable by keyboard; what is linked to must be there.
QUESTIONS = """JSON.stringify({
  width: document.scrollingElement.scrollWidth,
  unreachable: [...document.querySelectorAll('*')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0
      && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)).map(e => e.outerHTML.slice(0, 80)),
  scripts: document.scripts.length,
  title: document.title,
  heading: document.querySelector('h1').innerText,
  nowhere: [...document.querySelectorAll('a[href^="#"]')].filter(a => !document.getElementById(decodeURIComponent(a.hash.slice(1)))).map(a => a.hash),
  beside: [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')).filter(h => !/^(#|https?:)/.test(h)),
  load: Math.round(performance.timing.loadEventEnd - performance.timing.navigationStart),
})"""


class Browser:
    def __init__(self):
        self.folder = tempfile.mkdtemp()
        options = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
        command = ["chromium", *options.split(), "--remote-debugging-port=0", "--remote-allow-origins=*", f"--user-data-dir={self.folder}", "about:blank"]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        port = Path(self.folder) / "DevToolsActivePort"
        for _ in range(600):
            if port.exists() and port.read_text().count("\n"):
                break
            assert self.process.poll() is None, "chromium ended by itself"
            time.sleep(0.1)
        address = f"http://127.0.0.1:{port.read_text().splitlines()[0]}/json"
        tabs = json.load(urllib.request.urlopen(address))
        tab = next(tab for tab in tabs if tab["type"] == "page")
        self.socket = websocket.create_connection(tab["webSocketDebuggerUrl"], timeout=300)
        self.number, self.events = 0, []
        for domain in ["Network", "Log", "Runtime", "Page", "Accessibility"]:
            self.ask(f"{domain}.enable")

    def ask(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.events.append(answer)

    def happened(self, *methods):
        return [event["params"] for event in self.events if event.get("method") in methods]

    def open(self, path):
        self.events = []
        self.ask("Page.navigate", url=path.as_uri())
        while not self.happened("Page.loadEventFired"):
            self.events.append(json.loads(self.socket.recv()))

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def look(browser, path):
    """What is wrong with a page, and how it is told."""
    wrong = []
    for scheme in ["light", "dark"]:
        browser.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        for width, height in SCREENS:
            browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
            browser.open(path)
            answers = json.loads(browser.ask("Runtime.evaluate", expression=QUESTIONS, returnByValue=True)["result"]["value"])
            where = f"{path.relative_to(RESULTS)} at {width} px, {scheme}"
            requests = [event["request"]["url"] for event in browser.happened("Network.requestWillBeSent")]
            said = browser.happened("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Page.javascriptDialogOpening")
            wrong += [f"{where}: asks for {url}" for url in requests if url != path.as_uri()]
            wrong += [f"{where}: says {what}" for what in said]
            wrong += [f"{where}: leads to {what}, which is not there" for what in answers["nowhere"]]
            wrong += [f"{where}: leads to {beside}, which is not there" for beside in answers["beside"] if not (path.parent / beside).is_file()]
            wrong += [f"{where}: cannot be scrolled by keyboard: {what}" for what in answers["unreachable"]]
            if answers["width"] > width:
                wrong.append(f"{where}: is {answers['width']} px wide")
            if answers["scripts"]:
                wrong.append(f"{where}: has a script")
            if PICTURES:
                PICTURES.mkdir(parents=True, exist_ok=True)
                size = browser.ask("Page.getLayoutMetrics")["cssContentSize"]
                clip = {"x": 0, "y": 0, "width": width, "height": min(size["height"], 12000), "scale": 1}
                data = browser.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
                name = "-".join(path.relative_to(RESULTS).parts[:-1])
                (PICTURES / f"{name}-{width}-{scheme}.png").write_bytes(base64.b64decode(data))
    nodes = [node for node in browser.ask("Accessibility.getFullAXTree")["nodes"] if not node["ignored"]]
    role = lambda node: node["role"]["value"]
    named = lambda node: node.get("name", {}).get("value")
    count = lambda *roles: sum(role(node) in roles for node in nodes)
    where = path.relative_to(RESULTS)
    unnamed = [role(node) for node in nodes if role(node) in ("SvgRoot", "image", "table", "link", "region", "navigation", "radiogroup", "heading") and not named(node)]
    wrong += [f"{where}: a {what} without a name" for what in unnamed]
    if not count("heading") or count("columnheader") < count("table"):
        wrong.append(f"{where}: tables without headings, or none of the page")
    printed = base64.b64decode(browser.ask("Page.printToPDF")["data"])
    told = (
        f"{where}: {path.stat().st_size:,} bytes, {count('heading')} headings, {count('table')} tables with {count('columnheader')} headers, "
        f"{count('SvgRoot', 'image')} described pictures; loaded in {answers['load']} ms; printed {len(printed):,} bytes"
    )
    return wrong, told, answers


def main():
    pages = sorted(path for path in RESULTS.rglob("*.html") if "latest" not in path.relative_to(RESULTS).parts)
    # Of a matrix the page of the whole and that of its first combination.
    pages = [path for path in pages if "combinations" not in path.parts or path.parent.name == "001"]
    assert len(pages) >= 5, f"there should be more pages than {pages}"
    browser = Browser()
    try:
        all_wrong, headings = [], []
        for path in pages:
            wrong, told, answers = look(browser, path)
            print(told)
            all_wrong += wrong
            headings.append(answers["heading"])
    finally:
        browser.close()
    if not any("<script>alert(1)</script>" in heading for heading in headings):
        all_wrong.append(f"a title with a script must show as text: {headings}")
    for line in all_wrong:
        print(line, file=sys.stderr)
    if all_wrong:
        sys.exit(1)
    print(f"{len(pages)} pages in Chromium, {len(SCREENS)} screens, light and dark: nothing asked for, nothing said, everything named")


main()
