"""A line for each request: when, method, path, status, operation, duration, and the fault played. No header, no body,
no query, and of known paths the template only, for codes of people and addresses stand in the path."""

import time
from collections.abc import Callable
from datetime import datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_PATH = 200
_NOTES = "importer.sandbox.notes"


def note_operation(scope: Scope, operation: str, template: str) -> None:
    """Tells the log which operation a request turned out to be."""
    if _NOTES in scope:
        scope[_NOTES].update(operation=operation, path=template)


def note_fault(scope: Scope, fault: str) -> None:
    """Tells the log what went wrong with a request on purpose."""
    if _NOTES in scope:
        scope[_NOTES]["fault"] = f" fault: {fault}"


class AccessLog:
    """Stands around an application and hands a line to `write` when a request has been answered."""

    def __init__(self, application: ASGIApp, write: Callable[[str], object]) -> None:
        self.application = application
        self.write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["raw_path"].decode("ascii", "backslashreplace")[:LONGEST_PATH]
        notes = {"operation": "-", "path": path, "status": "-", "fault": ""}

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
            self.write(f"{now} {method} {notes['path']} {status} {operation} {taken:.1f}ms{notes['fault']}\n")
