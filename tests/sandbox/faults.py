"""Faults of a practice company: answers that are lost, a page in place of an answer, failures, a user who is gone."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass

from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from importer.sandbox import Sandbox
from importer.sandbox.application import BAD_GATEWAY, write_json_answer
from importer.sandbox.company import Ledger
from importer.sandbox.operations import USER_NOT_FOUND


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to requests of an operation: to those whose numbers `nth` has, counted from 1, or to all when it is
    empty. Without a `status` no answer comes; 201 is a failure of this `code`. `committed`: the work is done all the
    same."""

    operation: str
    nth: Collection[int] = ()
    status: int = 0
    code: str = ""
    committed: bool = False

    def answer(self) -> Response:
        """What comes in place of the work's own answer."""
        match self.status:
            case 0:
                return _Dropped()
            case 201:
                members = {"message": "Incorrect query", "description": "Error", "code": self.code, "error": True}
                return write_json_answer(201, members)
            case 221:
                return write_json_answer(221, {"message": USER_NOT_FOUND[1], "error": True})
        return HTMLResponse(BAD_GATEWAY, self.status)


class _Dropped(Response):
    """No answer: the connection is closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # `receive` is a method of uvicorn's cycle of request and response, which knows the connection.
        transport: asyncio.Transport = getattr(receive, "__self__").transport  # noqa: B009  # no attribute of a Callable
        transport.close()
        while (await receive())["type"] != "http.disconnect":
            pass


def play(sandbox: Sandbox, *faults: Fault) -> None:
    """Plays these faults from the next request on, in place of earlier ones; of several the first one that fits."""
    counts: Counter[str] = Counter()

    def intercept(operation: str, work: Callable[[], Response]) -> Response:
        counts[operation] += 1
        for fault in faults:
            if fault.operation == operation and (not fault.nth or counts[operation] in fault.nth):
                if fault.committed:
                    work()
                return fault.answer()
        return work()

    sandbox.service.interceptor = intercept


def ledger_without(ledger: Ledger, numbers: Collection[int]) -> Ledger:
    """The ledger as it would be shown if these journals were not there."""
    shown = Ledger(last_number=ledger.last_number)
    for number, journal in ledger.journals.items():
        if number not in numbers:
            shown.add(journal)
    return shown
