"""Plays faults around the work of a request: whether the work is done, when, and what the answer is."""

import heapq
import math
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from starlette.responses import HTMLResponse, Response

from importer.sandbox import Company, Sandbox
from importer.sandbox.application import Exchange, Work, note, write_json_answer
from importer.sandbox.company import Ledger
from importer.sandbox.operations import TOKEN_REJECTED, USER_NOT_FOUND, AccessError
from tests.faults.answers import Cut, Dripping, Dropped, Slow
from tests.faults.faults import Fault, Faults, FaultScript
from tests.faults.script import BODILESS, parse_faults

PAGE = "<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"


@dataclass(slots=True)
class FaultPlayer:
    """The interceptor of a sandbox that plays a script. `company` gives the live company, `clock` seconds.

    Work that is to be done later is done before the first request that arrives at or after its time: nobody can tell
    the difference, and no timer runs.
    """

    company: Callable[[], Company]
    faults: Faults = field(default_factory=Faults)
    clock: Callable[[], float] = time.monotonic
    _later: list[tuple[float, int, Work]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)
    _posted_at: dict[int, float] = field(default_factory=dict)

    @property
    def played(self) -> list[tuple[str, Fault]]:
        """The faults of this script played so far, in order: operation and fault."""
        return self.faults.played

    def __call__(self, exchange: Exchange) -> Response:
        """The answer to a request, whole or with its fault; all work is done when this returns."""
        self.do_later_work(self.clock())
        fault = self.faults.next_for(exchange.operation)
        if fault is None:
            return self._do(exchange.work)
        note(exchange.request.scope, remark=f"fault: {fault}")
        return self._played(fault, exchange)

    def do_later_work(self, until: float = math.inf) -> None:
        """Does what was put off to a time up to `until`, in the order of those times."""
        while self._later and self._later[0][0] <= until:
            at, _, work = heapq.heappop(self._later)
            self._do(work, at)

    def _played(self, fault: Fault, exchange: Exchange) -> Response:
        match fault.kind:
            case "late":
                heapq.heappush(self._later, (self.clock() + fault.seconds, next(self._order), exchange.work))
                return Dropped()
            case "lag":
                return exchange.work(self._company_before(self.clock() - fault.seconds))
            case "token-rejected":
                return exchange.deny(AccessError(*TOKEN_REJECTED))
            case "user-gone":
                return exchange.deny(AccessError(*USER_NOT_FOUND))
            case "too-many":
                headers = {"Retry-After": str(math.ceil(fault.seconds))}
                return write_json_answer(429, {"message": "Too Many Requests", "error": True}, headers)
            case "cut" | "torn":
                return Cut(self._do(exchange.work), has_length=fault.kind == "cut")
            case "drip":
                return Dripping(self._do(exchange.work), fault.seconds)
        return self._with_or_without_work(fault, exchange)

    def _with_or_without_work(self, fault: Fault, exchange: Exchange) -> Response:
        """Those that may be played with the work done and without."""
        done = self._do(exchange.work) if fault.committed else None
        match fault.kind:
            case "slow":
                return Slow(done or Dropped(), fault.seconds)
            case "html":
                return HTMLResponse(PAGE.format(status=fault.status), fault.status)
            case "failure":
                return exchange.fail(fault.code)
            case "status":
                answer = done or write_json_answer(200, {"message": "Received"})
                body = b"" if fault.status in BODILESS else bytes(answer.body)
                return Response(body, fault.status, media_type="application/json")
            case "redirect":
                return Response(b"", fault.status, {"Location": str(exchange.request.url)})
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
        return replace(company, ledger=ledger_without(company.ledger, hidden))


def ledger_without(ledger: Ledger, numbers: Collection[int]) -> Ledger:
    """The ledger as it would be shown if these journals were not there."""
    shown = Ledger(last_number=ledger.last_number)
    for number, journal in ledger.journals.items():
        if number not in numbers:
            shown.add(journal)
    return shown


def play(sandbox: Sandbox, script: FaultScript | str, clock: Callable[[], float] | None = None) -> FaultPlayer:
    """Plays a script from the next request on, from its beginning.

    sandbox: the running sandbox; the player becomes its interceptor, or goes on with the new script if it is one
    already, so that what an earlier script put off stays put off.
    script: the script, or its TOML.
    clock: seconds, for late commits and lagging lists; `time.monotonic` by default.
    """
    service = sandbox.service
    player = service.interceptor
    if not isinstance(player, FaultPlayer):
        player = service.interceptor = FaultPlayer(lambda: service.company)
    player.faults = Faults(parse_faults(script) if isinstance(script, str) else script)
    player.clock = clock or player.clock
    return player
