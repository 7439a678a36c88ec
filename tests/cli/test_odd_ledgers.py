"""Ledgers and services that show less than there is, later than it is, or otherwise than it was sent: nothing is posted
twice in silence, nothing is called posted that was not seen."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.cli.batches import batch
from tests.cli.commands import Ended, importer, settings_for
from tests.fates import Fate
from tests.faulty_ledger import cut_at, with_a_line_added, without_funds
from tests.faulty_service import FaultyService, faulty_service

SETTLE = 2


def run(
    service: FaultyService, folder: Path, who: str = "ana", *, settle: int = SETTLE, name: str = "june.xlsx"
) -> Ended:
    settings = settings_for(service.url, folder / f"{who}.db") | {"IMPORTER_SETTLE": str(settle)}
    return importer("run", name, "--json", "--yes", folder=folder, **settings)


def codes(end: Ended) -> Counter[str]:
    return Counter(problem["code"] for problem in end.result["problems"])


@pytest.mark.parametrize("code", ["202", "203"])
@pytest.mark.parametrize("is_posted", [False])
def test_lines_blamed_under_202_and_203_are_looked_for_at_once(tmp_path: Path, code: str, is_posted: bool) -> None:
    upload = batch(tmp_path, 3)
    with faulty_service(others=False, script={"REF-1": Fate("lines-error", is_posted, 201, code)}) as service:
        end = run(service, tmp_path, settle=600)
        statuses = [one["status"] for one in end.result["documents"]]
        assert statuses == ["posted", "posted" if is_posted else "refused", "posted"]
        assert end.code == (0 if is_posted else 1), end.err
        assert service.posted == (upload.wanted if is_posted else upload.wanted - Counter({"REF-1": 1}))


@pytest.mark.parametrize("rule", [with_a_line_added, without_funds, cut_at(5)], ids=["line", "code", "short"])
def test_a_ledger_that_changes_the_first_journal_gets_no_other(tmp_path: Path, rule: Any) -> None:
    batch(tmp_path, 10)
    with faulty_service(others=False) as service:
        service.ledger.rule = rule
        end = run(service, tmp_path)
        assert end.code == 4 and service.posted.total() == 1
        assert codes(end)["posted-differently"] >= 1
        assert [one["verified"] for one in end.result["documents"][:2]] == [False, None]
