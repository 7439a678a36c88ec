"""A model of the service: real JSON in and out, its faults drawn by seed."""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any

import msgspec

from importer.errors import AnswerUnclear, ImporterError, NotSent
from importer.services.http import Request, Response
from tests.schedules.ledger import Ledger, Lines, content, movement_row, range_row
from tests.schedules.world import World

TIMEOUT = 120.0
LATEST_COMMIT = 120.0
"""Seconds after a lost answer at which a journal may still land, unless the weather says otherwise."""
STALE_EVERY, STALE_SECONDS, STALE_LAG = 200.0, 20.0, 7200.0
"""Where reads are stale at times, all of them show for some seconds what was there hours ago."""
NEVER_TAKEN = "BAD"
"""References that begin so are refused by the rules of this ledger."""

_encoder = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True)
class CodeState:
    """What comes of a request, and in how many seconds: an answer, or what the transport raises."""

    seconds: float
    outcome: Response | ImporterError


@dataclass(frozen=True)
class Weather:
    """How often things go wrong: of posts those that end without a clear answer, and that never leave; of reads those
    that fail, and how old they may be, a little always or very much for some seconds; how often a journal whose answer
    is lost is altered by the ledger; how often other people post something in between.

    `latest_commit` is how many seconds after a lost answer a journal may still land, `constant_lag` by how many seconds
    every read is old, `is_frozen`: reads show what there was at the beginning; `range_limit` and `list_limit` are the
    journals of a range and the rows of a list that are shown at most, `left_out` is how often ranges leave out some."""

    ambiguous: float = 0.0
    unsent: float = 0.0
    refused: float = 0.0
    failed_reads: float = 0.0
    lag: float = 0.0
    is_stale_at_times: bool = False
    altered: float = 0.0
    others: float = 0.0
    latest_commit: float = LATEST_COMMIT
    constant_lag: float = 0.0
    is_frozen: bool = False
    range_limit: int | None = None
    list_limit: int | None = None
    left_out: float = 0.0


FINE = Weather()


@dataclass
class Service:
    """`installation` is what the store calls its ledger; `has_dates`: its answers have a `Date`. `arrived` counts the
    posts that arrived by content, `doubtful` those of them that got no clear answer, and `malformed` says what was
    wrong with the body of one. `accepted` counts for each sender the contents to which it got a good answer,
    `last_post` is when its last answer to a post arrived, `answered` the numbers that a sender was told."""

    world: World
    dice: random.Random
    ledger: Ledger
    weather: Weather
    has_dates: bool = False
    installation: str = ""
    arrived: Counter[Hashable] = field(default_factory=Counter)
    doubtful: Counter[Hashable] = field(default_factory=Counter)
    malformed: list[str] = field(default_factory=list)
    accepted: defaultdict[str, Counter[Hashable]] = field(default_factory=lambda: defaultdict(Counter))
    last_post: dict[str, float] = field(default_factory=dict)
    answered: set[int] = field(default_factory=set)

    def log_in(self) -> Response:
        """POST /login."""
        return _said(200, {"access_token": "a-token", "token_type": "Bearer"})

    def was_answered(self, request: Request, sender: str, answer: Response) -> None:
        """The answer has reached the sender."""
        if request.path == "/journal" and b"journalNumber" in answer.body:
            self.accepted[sender][content(_lines_of(request))] += 1
            number = int(json.loads(answer.body)["response"]["journalNumber"])
            self.answered.add(number)
            self.ledger.change_answered(number)

    def receive(self, request: Request, sender: str) -> CodeState:
        """What comes of a request that leaves now."""
        if request.path == "/journal":
            fate = self._post(request, sender)
            self.last_post[sender] = max(self.last_post.get(sender, 0.0), self.world.now + fate.seconds)
        elif request.path.startswith("/journal/range/"):
            fate = self._read(self._range(*map(int, request.path.split("/")[3:])))
        elif request.path == "/cash-count":
            fate = self._read(self._movements(**json.loads(request.body or b"")))
        else:
            raise AssertionError(request.path)
        return fate

    # Posting

    def _post(self, request: Request, sender: str) -> CodeState:
        lines = _lines_of(request)
        self._examine(lines)
        seconds = self.dice.uniform(0.05, 3)
        name = f"{sender} posts {lines[0]['treference']}"
        draw = self.dice.random()
        if draw < self.weather.unsent:
            self.world.tell(f"{name}: not sent")
            if self.dice.random() < 0.3:
                return CodeState(seconds, _said(220, {"message": "Incorrect authentication"}))
            return CodeState(seconds, NotSent("not-sent", detail="refused"))
        key = content(lines)
        self.arrived[key] += 1
        self._let_others_post(lines)
        is_bad = lines[0]["treference"].startswith(NEVER_TAKEN)
        if self.dice.random() < self.weather.ambiguous:
            return self._answer_lost(lines, key, seconds, sender, is_bad)
        if is_bad or self.dice.random() < self.weather.refused:
            self.world.tell(f"{name}: refused")
            faults = [{"line": self.dice.randint(1, len(lines)), "message": "Period is closed"}]
            said = {"error": True, "code": self.dice.choice((201, 203)), "message": "Error", "linesError": faults}
            return CodeState(seconds, _said(201, said))
        number = self.ledger.book(lines, self.world.now + seconds, is_ours=True, sender=sender)
        self.world.tell(f"{name}: posted as {number}")
        return CodeState(seconds + self.dice.uniform(0, 1), _posted(number))

    def _answer_lost(self, lines: Lines, key: Hashable, seconds: float, sender: str, is_bad: bool) -> CodeState:
        """No clear answer: the journal may be in the ledger before it, land later, or never."""
        name = f"{sender} posts {lines[0]['treference']}"
        self.doubtful[key] += 1
        outcome = self._unclear_outcome()
        ended = self.dice.choice((seconds, TIMEOUT)) if isinstance(outcome, AnswerUnclear) else seconds
        lands = self.dice.choice(("never", "before", "later"))
        if is_bad or lands == "never":
            self.world.tell(f"{name}: {_named(outcome)}, nothing lands")
            return CodeState(ended, outcome)
        at = self.world.now + (self.dice.uniform(0, ended) if lands == "before" else ended)
        at += self.dice.uniform(0, self.weather.latest_commit) if lands == "later" else 0
        is_altered = self.dice.random() < self.weather.altered
        number = self.ledger.book(lines, at, is_ours=True, is_altered=is_altered, sender=sender)
        self.world.tell(f"{name}: {_named(outcome)}, lands at {at:.3f} as {number}{' altered' * is_altered}")
        return CodeState(ended, outcome)

    def _unclear_outcome(self) -> Response | AnswerUnclear:
        ways: list[Response | AnswerUnclear] = [
            *[AnswerUnclear("cut", seconds="120"), AnswerUnclear("timed-out", seconds="120")] * 3,
            *[_failed(code) for code in ("201", "202", "203", "999", "")],
            Response(502, b"<html>Bad gateway</html>"),
            Response(200, b'{"message": "Successful operation", "resp'),
            _said(200, {"message": "Successful operation", "response": {}}),
            _said(204, {}),
        ]
        return self.dice.choice(ways)

    def _examine(self, lines: Lines) -> None:
        if [line["line"] for line in lines] != list(range(1, len(lines) + 1)):
            self.malformed.append("lines are not numbered from 1 on")
        if sum(Decimal(line["amount"]) * (1 if line["transaction"] == "D" else -1) for line in lines):
            self.malformed.append("debits and credits differ")

    def _let_others_post(self, lines: Lines) -> None:
        """Other people post meanwhile: something else, a routine fee that looks like ours, rarely the very same."""
        if self.dice.random() >= self.weather.others:
            return
        kind = self.dice.choice(("other", "other", "alike", "alike", "line", "same"))
        changed = [dict(line) for line in lines]
        for place, line in enumerate(changed):
            if kind == "alike":
                line["description"] = "Somebody else's"
            elif kind == "other":
                line["treference"] = "OTHER"
                line["account"] = "499000"
            elif kind == "line" and place:
                line["account"] = "499000"
        at = self.world.now + self.dice.choice((-600.0, 0.0, 1.0, 60.0))
        number = self.ledger.book(changed, at, is_ours=False)
        self.world.tell(f"somebody posts {number} ({kind}), there at {at:.3f}")

    # Reading

    def _read(self, rows: Iterable[dict[str, Any]]) -> CodeState:
        seconds = self.dice.uniform(0.05, 2)
        if self.dice.random() >= self.weather.failed_reads:
            return CodeState(seconds, _said(200, {"message": "Successfully uploaded", "response": list(rows)}))
        outcome = self.dice.choice(
            (
                NotSent("not-sent", detail="refused"),
                AnswerUnclear("cut", seconds="120"),
                Response(503, b"<html>"),
                _failed("202"),
                _failed("203"),
                _said(220, {"message": "Incorrect authentication"}),
            )
        )
        return CodeState(seconds, outcome)

    def _moment_of_read(self) -> float:
        if self.weather.is_frozen:
            return 0.0
        if self.weather.is_stale_at_times and self.world.now % STALE_EVERY < STALE_SECONDS:
            return self.world.now - STALE_LAG
        return self.world.now - self.weather.constant_lag - self.dice.random() * self.weather.lag

    def _range(self, first: int, last: int) -> Iterable[dict[str, Any]]:
        shown = islice(self.ledger.between(first, last, self._moment_of_read()), self.weather.range_limit)
        leaves_out = self.weather.left_out and self.dice.random() < self.weather.left_out
        return [range_row(one) for one in shown if not (leaves_out and self.dice.random() < 0.5)]

    def _movements(self, account: str, startDate: str, endDate: str) -> Iterable[dict[str, Any]]:  # noqa: N803 - wire
        return islice(self._all_movements(account, startDate, endDate), self.weather.list_limit)

    def _all_movements(self, account: str, first: str, last: str) -> Iterator[dict[str, Any]]:
        for one, place in self.ledger.movements(account, first, last, self._moment_of_read()):
            row = movement_row(one, place)
            yield row
            if self.dice.random() < 0.1:
                yield row


def _lines_of(request: Request) -> Lines:
    lines: Lines = json.loads(request.body or b"", parse_float=Decimal)["requestPolicyDetails"]
    return lines


def _said(status: int, body: Mapping[str, Any]) -> Response:
    return Response(status, _encoder.encode(body))


def _posted(number: int) -> Response:
    response = {"journalNumber": str(number), "voucherNumber": f"JV2018-{number}"}
    return _said(200, {"message": "Successful operation", "response": response})


def _failed(code: str) -> Response:
    return _said(201, {"error": True, "message": "Error", "description": "Error", "code": code or None})


def _named(outcome: Response | ImporterError) -> str:
    return outcome.key if isinstance(outcome, ImporterError) else f"{outcome.status} {outcome.body[:60].decode()}"
