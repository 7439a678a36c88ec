"""Plays faults around the work of a request: what is done, when, and what the answer says of it."""

import heapq
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from importer.sandbox.access_log import note_fault
from importer.sandbox.company_lists import Company
from importer.sandbox.failures import AccessError, token_rejected, user_not_found
from importer.sandbox.fault_answers import Cut, Dripping, Dropped, Slow
from importer.sandbox.fault_settings import BODILESS
from importer.sandbox.faults import Fault, Faults
from importer.sandbox.json_text import write_json

Work = Callable[[Company], Response]
"""Does what a request asks, on the company given, and answers."""

PAGE = "<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Ways:
    """How a request may be answered: by its work, by a code of its table without linesError, by a refusal at the
    door."""

    work: Work
    fail: Callable[[str], Response]
    deny: Callable[[AccessError], Response]


@dataclass(slots=True)
class Playing:
    """Stands between the arrival of a request and its work. `company` gives the live one, `clock` seconds.

    Work that is to be done later is done before the first request that arrives at or after its time: nobody can tell
    the difference, and no timer runs.
    """

    company: Callable[[], Company]
    faults: Faults
    clock: Callable[[], float] = time.monotonic
    _later: list[tuple[float, int, Work]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)
    _posted_at: dict[int, float] = field(default_factory=dict)

    def answer(self, operation: str, request: Request, ways: Ways) -> Response:
        """The answer to a request that has arrived, whole or with its fault; all work is done when this returns."""
        self.do_later_work(self.clock())
        fault = self.faults.next_for(operation)
        if fault is None:
            return self._do(ways.work)
        note_fault(request.scope, str(fault))
        return self._played(fault, request, ways)

    def do_later_work(self, until: float = math.inf) -> None:
        """Does what was put off to a time up to `until`, in the order of those times."""
        while self._later and self._later[0][0] <= until:
            at, _, work = heapq.heappop(self._later)
            self._do(work, at)

    def _played(self, fault: Fault, request: Request, ways: Ways) -> Response:
        match fault.kind:
            case "late":
                heapq.heappush(self._later, (self.clock() + fault.seconds, next(self._order), ways.work))
                return Dropped()
            case "lag":
                return ways.work(self._company_before(self.clock() - fault.seconds))
            case "token-rejected":
                return ways.deny(token_rejected())
            case "user-gone":
                return ways.deny(user_not_found())
            case "too-many":
                message = {"message": "Too Many Requests", "error": True}
                return _json(429, message, {"Retry-After": str(math.ceil(fault.seconds))})
            case "cut" | "torn":
                return Cut(self._do(ways.work), tells_length=fault.kind == "cut")
            case "drip":
                return Dripping(self._do(ways.work), fault.seconds)
        return self._either_way(fault, request, ways)

    def _either_way(self, fault: Fault, request: Request, ways: Ways) -> Response:
        """Those that may be played with the work done and without."""
        done = self._do(ways.work) if fault.committed else None
        match fault.kind:
            case "slow":
                return Slow(done or Dropped(), fault.seconds)
            case "html":
                return HTMLResponse(PAGE.format(status=fault.status), fault.status)
            case "failure":
                return ways.fail(fault.code)
            case "status":
                told = bytes(done.body) if done else write_json({"message": "Received"})
                return Response(b"" if fault.status in BODILESS else told, fault.status, media_type="application/json")
            case "redirect":
                return Response(b"", fault.status, {"Location": str(request.url)})
        return Dropped(with_reset=fault.kind == "reset")

    def _do(self, work: Work, at: float | None = None) -> Response:
        """Does work now, and notes when it posted what it posted."""
        company = self.company()
        last = company.ledger.last_number
        answer = work(company)
        if company.ledger.last_number != last:
            self._posted_at[company.ledger.last_number] = self.clock() if at is None else at
        return answer

    def _company_before(self, moment: float) -> Company:
        """The company without the journals that were posted after a moment."""
        hidden = {number for number, at in self._posted_at.items() if at > moment}
        company = self.company()
        return replace(company, ledger=company.ledger.without(hidden))


def _json(status: int, members: dict[str, object], headers: dict[str, str]) -> Response:
    return Response(write_json(members), status, headers, media_type="application/json")
