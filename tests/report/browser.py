"""A headless Chromium that shows a page at a given width, driven over the DevTools pipe (no port, no
driver)."""

import json
import os
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome") if os.name == "posix" else ()
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
"""Where Chromium is; None where there is none, or where descriptors cannot be handed to it."""

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
]

START = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
for number, end in zip((3, 4), ends):
    os.dup2(end, number)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Chromium reads its commands from descriptor 3 and answers on 4; this puts the pipes there."""


class Browser:
    """One page of a running browser. Messages are JSON texts that end in a zero byte, as
    `--remote-debugging-pipe` has it."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._sent = 0
        self._unread = b""
        self._session: str | None = None
        self.requests: list[str] = []
        self.complaints: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """One command; returns its result, and keeps what is told about requests and complaints meanwhile."""
        self._sent += 1
        number = self._sent
        command: dict[str, object] = {"id": number, "method": method, "params": parameters}
        if self._session is not None:
            command["sessionId"] = self._session
        os.write(self._to, json.dumps(command).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == number:
                assert "error" not in told, told
                answer: dict[str, Any] = told["result"]
                return answer

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._unread:
            piece = os.read(self._from, 1 << 20)
            assert piece, "the browser went away"
            self._unread += piece
        text, _, self._unread = self._unread.partition(b"\0")
        told: dict[str, Any] = json.loads(text)
        if told.get("method") == "Network.requestWillBeSent":
            self.requests.append(told["params"]["request"]["url"])
        elif told.get("method") == "Log.entryAdded":
            self.complaints.append(told["params"]["entry"]["text"])
        return told

    def show(self, page: Path, width: int, height: int = 900, dark: bool = False) -> None:
        """Opens a file at a width in CSS pixels, and waits until it is loaded."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=scheme)
        self.call("Page.navigate", url=page.as_uri())
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression, asked from outside the page."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"]["value"]

    def restyle(self, rules: str) -> None:
        """Adds rules of CSS to the page that is shown, in place of those added before."""
        self.ask(
            "(() => { const sheet = new CSSStyleSheet();"
            f" sheet.replaceSync({json.dumps(rules)}); document.adoptedStyleSheets = [sheet]; return 0; }})()"
        )

    def picture(self, file: Path, most_height: int | None = None) -> None:
        """Writes the whole page (or its first `most_height` pixels) as PNG."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        height = min(size["height"], most_height or size["height"])
        clip = {"x": 0, "y": 0, "width": size["width"], "height": height, "scale": 1}
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        file.write_bytes(b64decode(shot["data"]))

    def printed(self, file: Path) -> None:
        """Writes the page as it prints on paper."""
        paper = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        file.write_bytes(b64decode(paper["data"]))


@contextmanager
def open_browser(profile: Path) -> Iterator[Browser]:
    """A browser with a new profile, closed at the end. `CHROMIUM` must be there."""
    to_browser_out, to_browser = os.pipe()
    from_browser, from_browser_in = os.pipe()
    ends = (str(to_browser_out), str(from_browser_in))
    process = subprocess.Popen(
        [sys.executable, "-c", START, *ends, str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}"],
        pass_fds=(to_browser_out, from_browser_in),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_browser_out)
    os.close(from_browser_in)
    try:
        yield Browser(to_browser, from_browser)
    finally:
        os.close(to_browser)
        os.close(from_browser)
        process.terminate()
        process.wait(timeout=20)
