"""A run is resumed after things have changed: its workbook was mended, its folder has a namesake, the ledger cannot be
read."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from importer.sandbox import Sandbox
from tests.cli.commands import importer, settings_of
from tests.cli.test_resume import LOST_BEFORE, posted_in, run_in, workbook
from tests.cli.workbooks import HEADINGS, line, write
from tests.sandbox.faults import Fault, play

SECOND_STOPS = Fault("post_journal", nth=[2], status=221)
UNREADABLE = Fault("get_journal_range", status=201, code="201")


def fees(folder: Path, month: str, second: str) -> Path:
    folder.mkdir(exist_ok=True)
    day = date(2018, 6, 15 if month == "april" else 30)  # fees that differ in date and reference are no twins
    rows = [
        [*line(key, side, Decimal(amount), treference=f"REF-{month}-{key}-{amount}", transDateTime=day), "1001"]
        for key, amount in (("A", "100.00"), ("B", second))
        for side in "DC"
    ]
    return write(folder / "fees.xlsx", rows, headings=(*HEADINGS, "tfww"))


def stopped(sandbox: Sandbox, folder: Path, store: Path) -> str:
    """A run of `fees.xlsx` that has posted A and not B; its name."""
    play(sandbox, SECOND_STOPS)
    settings = settings_of(sandbox, store) | {"IMPORTER_CONCURRENCY": "1"}
    ended = importer("run", "fees.xlsx", "--json", folder=folder, **settings)
    assert [one["status"] for one in ended.result["documents"]] == ["posted", "not_sent"], ended.err
    play(sandbox)
    name: str = ended.result["run"]
    return name


@pytest.mark.parametrize("spelling", ["absolute", "dotted", "linked"])
def test_a_mended_journal_is_known_by_every_spelling_of_its_path(
    spelling: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    file = fees(tmp_path / "june", "june", "200.00")
    store = tmp_path / "s.db"
    stopped(sandbox, file.parent, store)
    fees(tmp_path / "june", "june", "250.00")
    if spelling == "linked":
        (tmp_path / "current").symlink_to(file.parent, target_is_directory=True)
    path = {"absolute": str(file), "dotted": "../june/fees.xlsx", "linked": "../current/fees.xlsx"}[spelling]
    settings = settings_of(sandbox, store)
    mended = importer("run", path, "--json", folder=file.parent, **settings)
    assert mended.code == 0, mended.err
    resumed = importer("resume", "--json", folder=file.parent, **settings)
    assert posted_in(sandbox) == ["REF-june-A-100.00", "REF-june-B-250.00"]
    assert [one["status"] for one in resumed.result["documents"]] == ["posted", "not_sent"]


def test_workbooks_of_one_name_in_two_folders_are_two(sandbox: Sandbox, tmp_path: Path) -> None:
    store = tmp_path / "s.db"
    march, april = (fees(tmp_path / month, month, amount) for month, amount in (("march", "200"), ("april", "210")))
    run = stopped(sandbox, march.parent, store)
    settings = settings_of(sandbox, store)
    assert importer("run", "fees.xlsx", "--json", folder=april.parent, **settings).code == 0
    resumed = importer("resume", "--json", folder=march.parent, **settings)
    assert (resumed.code, resumed.result["run"]) == (0, run), resumed.err
    assert len(posted_in(sandbox)) == 4


def verdicts(result: dict[str, Any]) -> list[tuple[str, bool | None]]:
    return [(one["status"], one["verified"]) for one in result["documents"]]


@pytest.mark.usefixtures("_short_looks")
def test_a_resume_that_cannot_read_the_ledger_takes_back_nothing_that_was_seen(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    workbook(tmp_path)
    first = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json").result
    assert verdicts(first) == [("posted", True)] * 3
    ledger, number = sandbox.company.ledger, int(first["documents"][1]["journal_number"])
    changed = ledger.journals[number]
    ledger.journals[number] = replace(changed, lines=tuple(replace(one, description="Otra") for one in changed.lines))
    differing = run_in(sandbox, tmp_path, "resume", first["run"], "--json")
    assert (differing.code, verdicts(differing.result)[1]) == (4, ("posted", False))
    play(sandbox, UNREADABLE)
    resumed = run_in(sandbox, tmp_path, "resume", first["run"], "--json")
    assert resumed.code == 4 and verdicts(resumed.result) == [("posted", True), ("posted", False), ("posted", True)]
    assert told(resumed.result) == told(differing.result)


def told(result: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [(one["code"], one["row"], one["message"]) for one in result["problems"]]


@pytest.mark.usefixtures("_short_looks")
def test_a_journal_that_could_not_be_read_is_not_said_to_be_missing(sandbox: Sandbox, tmp_path: Path) -> None:
    workbook(tmp_path, 1)
    play(sandbox, UNREADABLE)
    ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json", "--no-look", "--no-wait")
    assert ended.code == 3 and "not-shown" not in {one["code"] for one in ended.result["problems"]}
    (problem,) = (one for one in ended.result["problems"] if one["row"] is not None)
    assert (problem["code"], "could not be read back" in problem["message"]) == ("not-verified", True)


def test_resumes_that_do_not_wait_prove_together_that_a_journal_is_not_there(sandbox: Sandbox, tmp_path: Path) -> None:
    workbook(tmp_path, 2)
    play(sandbox, LOST_BEFORE)
    assert run_in(sandbox, tmp_path, "run", "june.xlsx", "--no-wait").code == 4
    codes = [run_in(sandbox, tmp_path, "resume", "--no-wait", "--json").code]
    while codes[-1] == 4 and len(codes) < 60:  # as often as it takes until the settling time is over
        codes.append(run_in(sandbox, tmp_path, "resume", "--no-wait", "--json").code)
    assert codes[0] == 4 and codes[-1] == 0, codes
    assert posted_in(sandbox) == ["REF-J0", "REF-J1"]
