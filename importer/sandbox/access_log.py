"""A line for each request: when, method, path, status, operation, duration, and a remark. No header, no body,
no query, and of known paths the template only, for codes of people and addresses stand in the path."""

import time
from collections.abc import Callable
from datetime import datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_PATH = 200
_NOTES = "importer.sandbox.notes"


def note(scope: Scope, **facts: str) -> None:
    """Adds to the line of a request: `operation`, `path` (the template) or `remark`, which stands at its end."""
    if _NOTES in scope:
        scope[_NOTES].update(facts)


class AccessLog:
    """Stands around an application and hands a line to `write` when a request has been answered."""

    def __init__(self, application: ASGIApp, write: Callable[[str], object]) -> None:
        self.application = application
        self.write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["raw_path"].decode("ascii", "backslashreplace")[:LONGEST_PATH]
        notes = {"operation": "-", "path": path, "status": "-", "remark": ""}

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                notes["status"] = str(message["status"])
            await send(message)

        began = time.perf_counter()
        try:
            await self.application({**scope, _NOTES: notes}, receive, send_noted)
        finally:
            taken = (time.perf_counter() - began) * 1000
            now = datetime.now().astimezone().isoformat(timespec="milliseconds")
            method, status, operation = scope["method"], notes["status"], notes["operation"]
            remark = notes["remark"] and f" {notes['remark']}"
            self.write(f"{now} {method} {notes['path']} {status} {operation} {taken:.1f}ms{remark}\n")
