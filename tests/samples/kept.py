"""A practice company that stays while the program is called several times, and what it holds, read over HTTP."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from importer.sandbox import Sandbox, running
from tests.cli.commands import Ended, importer, settings_of
from tests.samples.month import Row
from tests.sandbox.caller import Caller, calling

DIMENSIONS = (
    *("source", "tfww", "fund", "function", "restriction"),
    *("sdaOrganization", "who", "flag", "project", "details"),
)
"""The ten in the order of the ledger's `analT0` to `analT9` (D-01)."""

_ZONE = ZoneInfo("America/Mexico_City")

Entry = tuple[tuple[str, ...], tuple[tuple[object, ...], ...]]
"""A journal as the ledger holds it: type, currency and period, then its lines, sorted."""


@dataclass
class KeptCompany:
    """The company with its own store; `folder` is where the program is called."""

    folder: Path
    sandbox: Sandbox
    caller: Caller
    _before: set[int] = field(default_factory=set)

    def call(self, command: str, *arguments: str | Path) -> Ended:
        """Calls a command of the program, without a way to Sovos."""
        return importer(command, *arguments, folder=self.folder, **settings_of(self.sandbox, self.folder / "store.db"))

    def journals(self) -> Counter[Entry]:
        """What was posted since the beginning, each journal with how often it is there."""
        return Counter(_entry(lines) for number, lines in self._ledger().items() if number not in self._before)

    def codes(self, category: str) -> dict[str, Any]:
        """The codes of a dimension: lookup, name, and whether it is closed."""
        rows = self.caller.get("/dimension", catID=category).response
        return {row["code"].rstrip(): (row["lookup"].rstrip(), row["name"], row["prohibitPosting"]) for row in rows}

    def addresses(self) -> dict[str, Any]:
        """The addresses, as the service gives them."""
        return {row["addressCode"].rstrip(): row for row in self.caller.get("/address").response}

    def remember(self) -> None:
        """What the ledger holds now was there before."""
        self._before = set(self._ledger())

    def _ledger(self) -> dict[int, list[Mapping[str, Any]]]:
        # All of it, many times: tests/sandbox holds such answers against the contract.
        found = self.caller.send("POST", "/journal/range/1/99999", is_documented=False).response
        return {one["jrnalNo"]: [line["journalDetail"] for line in one["lines"]] for one in found}


@contextmanager
def kept_company(folder: Path) -> Iterator[KeptCompany]:
    """A company for the length of the block."""
    with running() as sandbox, calling(sandbox.address) as caller:
        company = KeptCompany(folder, sandbox, caller)
        company.remember()
        yield company


def _entry(lines: Sequence[Mapping[str, Any]]) -> Entry:
    first = lines[0]
    shared = (first["jrnalType"].rstrip(), first["convCode"].rstrip(), str(first["period"]))
    return shared, tuple(sorted(_line(line) for line in lines))


def _line(line: Mapping[str, Any]) -> tuple[object, ...]:
    day = datetime.fromtimestamp(line["transDateTime"] / 1000, UTC).astimezone(_ZONE).date()
    amount = abs(Decimal(line["amount"]))
    codes = (line[f"analT{number}"].rstrip() for number in range(10))
    texts = (line["accntCode"], line["treference"], line["descriptn"])
    return (line["dc"], amount, day, *(text.rstrip() for text in texts), *codes)


def entries_of(rows: Sequence[Row]) -> Counter[Entry]:
    """What the ledger must hold of the rows of journals, in either layout."""
    journals: dict[object, list[Row]] = {}
    for row in rows:
        journals.setdefault(row["journal"], []).append(row)
    return Counter(_wanted(one) for one in journals.values())


def _wanted(rows: Sequence[Row]) -> Entry:
    first = rows[0]
    shared = (str(first["journalType"]), str(first["currency"]), str(first["period"]))
    return shared, tuple(sorted(_wanted_line(row) for row in rows))


def _wanted_line(row: Row) -> tuple[object, ...]:
    side, amount = row.get("transaction"), row.get("amount")
    if side is None:
        side, amount = ("D", row["debit"]) if row.get("debit") is not None else ("C", row["credit"])
    day = row["transDateTime"]
    assert isinstance(amount, Decimal) and isinstance(day, date)
    texts = (str(row[name]) for name in ("account", "treference", "description"))
    return (side, amount, day, *texts, *(str(row.get(name) or "") for name in DIMENSIONS))
