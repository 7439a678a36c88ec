"""Workbooks of many journals, and the program kept going until nothing is left open."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.cli.commands import Ended, importer, settings_for
from tests.cli.workbooks import line, write
from tests.faulty_ledger import OtherLedger
from tests.faulty_service import FaultyService

ROUNDS = 12
"""So often the program is called before a test gives up on it."""


@dataclass(frozen=True)
class Batch:
    """A workbook and what the ledger must hold in the end: how many journals of each reference."""

    path: Path
    wanted: Counter[str]

    @property
    def journals(self) -> int:
        """How many journals the workbook has."""
        return self.wanted.total()


def batch(folder: Path, journals: int, twins: int = 0) -> Batch:
    """A workbook of so many journals of two to four lines, the last `twins` of them equal to the first ones."""
    rows: list[Any] = []
    wanted: Counter[str] = Counter()
    for number in range(journals):
        original = number - (journals - twins) if number >= journals - twins else number
        rows += _rows(f"J{number}", original)
        wanted[f"REF-{original}"] += 1
    return Batch(write(folder / "june.xlsx", rows), wanted)


def _rows(key: str, number: int) -> list[Any]:
    texts = {
        "treference": f"REF-{number}",
        "description": f"Journal {number} é",
        "transDateTime": date(2018, 6, 1 + number % 28),
    }
    cents = 1003 * (number + 1)
    halves = [cents // 3, cents - cents // 3] if number % 3 == 0 else [cents]
    debits = [line(key, "D", one / 100, account=f"61{number % 5:02}10", **texts) for one in halves]
    return [*debits, line(key, "C", cents / 100, **texts)]


def hurried(service: FaultyService, folder: Path) -> dict[str, str]:
    """The settings of a test: little patience and little time to settle."""
    return settings_for(service.url, folder / "store.db") | {"IMPORTER_SETTLE": "1", "IMPORTER_TIMEOUT": "2"}


def resumed_until_done(first: Ended, folder: Path, settings: dict[str, str]) -> list[Ended]:
    """The endings of a run and of as many resumptions as it takes. A journal that stays in doubt was sent twice without
    an answer (a busy machine is late, too): as the report says, a person has it sent once more."""
    endings, stuck = [first], set[str]()
    while endings[-1].code in (3, 4) and len(endings) < ROUNDS:
        decided = [word for key in sorted(stuck) for word in ("--send", key)]
        before = in_doubt(endings[-1])
        endings.append(importer("resume", *decided, "--json", "--yes", folder=folder, **settings))
        stuck = before & in_doubt(endings[-1])
    return endings


def in_doubt(ended: Ended) -> set[str]:
    """The keys of the journals whose outcome is unknown."""
    documents = ended.result["documents"] if ended.out.strip() not in ("", "null") else []
    return {one["key"] for one in documents if one["status"] == "unknown"}


def assert_all_is_well(service: FaultyService, wanted: Batch, folder: Path, settings: dict[str, str]) -> None:
    """Each journal is in the ledger exactly once, under the number that is told; a further run sends nothing."""
    assert service.faults == []
    assert service.posted == wanted.wanted
    before = service.arrived["post_journal"]
    again = importer("run", wanted.path.name, "--json", folder=folder, **settings)
    assert (again.code, service.arrived["post_journal"]) == (0, before), again.err
    assert again.result["totals"]["already_posted"] == wanted.journals
    assert told_numbers(again) == ledger_numbers(service.ledger)
    audited = importer("audit", "--json", folder=folder, **settings)
    assert audited.code == 0, audited.out + audited.err


def told_numbers(ended: Ended) -> list[int]:
    """The journal numbers of a result document, sorted."""
    return sorted(int(one["journal_number"]) for one in ended.result["documents"])


def ledger_numbers(ledger: OtherLedger) -> list[int]:
    """The numbers of our journals in the ledger, sorted."""
    return [one.number for one in ledger.ours]


def explained(endings: list[Ended], service: FaultyService) -> str:
    """What happened, for whoever reads a failing test."""
    told = [f"{one.code}: {one.err.strip()[-300:]}" for one in endings]
    return "\n".join([f"seed {service.seed}", *told, *map(str, service.played)])
