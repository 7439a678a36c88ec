"""Two people with a store each post the same workbook: what cannot be prevented is reported by whoever could see it,
and nothing is lost."""

import re
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli.batches import batch
from tests.cli.commands import Ended, ended, importer, settings_for, started
from tests.faulty_ledger import OtherLedger
from tests.faulty_service import faulty_service

JOURNALS = 60
PATIENCE = 60.0
"""Seconds that a test waits for a request before it gives up."""


@dataclass
class Gate:
    """Holds the first request of an operation until it is opened; `has_come` is set when that request has arrived."""

    operation: str
    has_come: threading.Event = field(default_factory=threading.Event)
    is_open: threading.Event = field(default_factory=threading.Event)

    def tap(self, operation: str, moment: str) -> None:
        """What the service calls for each request."""
        if (operation, moment) == (self.operation, "arrived") and not self.has_come.is_set():
            self.has_come.set()
            assert self.is_open.wait(PATIENCE)


def meeting(parties: int, operation: str) -> Callable[[str, str], None]:
    """A tap that lets the first requests of an operation wait for each other."""
    barrier = threading.Barrier(parties)
    arrived = iter(range(parties))

    def tap(name: str, moment: str) -> None:
        if (name, moment) == (operation, "arrived") and next(arrived, None) is not None:
            barrier.wait(PATIENCE)

    return tap


def settings_of(url: str, folder: Path, who: str) -> dict[str, str]:
    return settings_for(url, folder / f"{who}.db") | {"IMPORTER_SETTLE": "2", "IMPORTER_TIMEOUT": str(int(PATIENCE))}


def reported_twice(run: Ended) -> dict[str, set[int]]:
    """The numbers that a result names for each journal that it calls posted twice."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for problem in run.result["problems"]:
        if problem["code"] == "posted-twice":
            found[problem["document"]] |= {int(number) for number in re.findall(r"\b\d{4,}\b", problem["message"])}
    return found


def doubled(ledger: OtherLedger) -> dict[str, set[int]]:
    """The numbers of our journals that stand in the ledger more than once, by the key of their workbook."""
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    for one in ledger.ours:
        numbers[one.reference.replace("REF-", "J")].add(one.number)
    return {key: several for key, several in numbers.items() if len(several) > 1}


def assert_each_double_is_reported(ledger: OtherLedger, runs: list[Ended]) -> None:
    twice = doubled(ledger)
    reports = [reported_twice(run) for run in runs]
    assert twice.keys() == set[str]().union(*reports)
    for run, reported in zip(runs, reports, strict=True):
        assert all(numbers == twice[key] for key, numbers in reported.items())
        assert run.code == 4 if reported else run.code in (0, 4), run.err
        for document in run.result["documents"]:
            if document["key"] in reported:
                assert document["status"] in ("posted", "already_posted")


@pytest.mark.long
def test_two_stores_that_start_in_the_same_second_report_every_double(tmp_path: Path) -> None:
    upload = batch(tmp_path, JOURNALS)
    with faulty_service(others=False, tap=meeting(2, "post_journal")) as service:
        runs = [
            started(
                *("importer", "run", "june.xlsx", "--json", "--yes"),
                folder=tmp_path,
                **settings_of(service.url, tmp_path, who),
            )
            for who in ("ana", "bea")
        ]
        ends = [ended(run) for run in runs]
    assert service.faults == []
    assert max(service.posted.values()) == 2
    assert_each_double_is_reported(service.ledger, ends)
    for end in ends:
        for document in end.result["documents"]:
            is_there = service.posted[document["key"].replace("J", "REF-")] > 0
            assert is_there or document["status"] == "not_sent"
    assert service.posted.keys() <= upload.wanted.keys()


def test_a_store_that_looked_before_another_posted_reports_every_double(tmp_path: Path) -> None:
    batch(tmp_path, JOURNALS)
    gate = Gate("post_journal")
    with faulty_service(others=False, tap=gate.tap) as service:
        command = ("importer", "run", "june.xlsx", "--json", "--yes")
        late = started(*command, folder=tmp_path, **settings_of(service.url, tmp_path, "bea"))
        assert gate.has_come.wait(PATIENCE)
        first = importer(*command[1:], folder=tmp_path, **settings_of(service.url, tmp_path, "ana"))
        gate.is_open.set()
        second = ended(late)
    assert first.code == 0, first.err
    assert second.code == 4, second.err
    assert doubled(service.ledger)
    assert_each_double_is_reported(service.ledger, [first, second])


@pytest.mark.long
def test_every_report_names_the_higher_number_as_the_one_to_reverse(tmp_path: Path) -> None:
    """Two people who both obey must not cancel both journals."""
    batch(tmp_path, 2)
    with faulty_service(others=False, tap=meeting(2, "post_journal")) as service:
        runs = [
            started(
                *("importer", "run", "june.xlsx", "--json", "--yes"),
                folder=tmp_path,
                **settings_of(service.url, tmp_path, who),
            )
            for who in ("ana", "bea")
        ]
        ends = [ended(run) for run in runs]
    sentences: defaultdict[str, set[str]] = defaultdict(set)
    for problem in [one for end in ends for one in end.result["problems"] if one["code"] == "posted-twice"]:
        sentences[problem["document"]].add(_to_be_reversed(problem))
    twice = doubled(service.ledger)
    assert sentences == {key: {str(max(numbers))} for key, numbers in twice.items()} and twice


def _to_be_reversed(problem: dict[str, Any]) -> str:
    found = re.search(r"importer reverse (\d+)", f"{problem['message']} {problem['suggestion'] or ''}")
    assert found is not None, problem
    return found[1]


def test_a_second_store_that_comes_later_posts_nothing(tmp_path: Path) -> None:
    upload = batch(tmp_path, 20, twins=3)
    with faulty_service(others=False) as service:
        for who in ("ana", "bea"):
            end = importer(
                "run", "june.xlsx", "--json", "--yes", folder=tmp_path, **settings_of(service.url, tmp_path, who)
            )
            assert end.code == 0, end.err
    assert service.posted == upload.wanted
    assert end.result["totals"]["already_posted"] == 20
