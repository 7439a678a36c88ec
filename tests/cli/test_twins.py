"""A journal that was posted and has been mended since is not posted a second time; what only looks like it is."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from importer.printable import as_path_argument
from importer.sandbox import Sandbox
from tests.cli.commands import Ended, importer, settings_for, settings_of
from tests.cli.test_resume import posted_in
from tests.cli.test_resume import service as sandboxed
from tests.cli.workbooks import HEADINGS, line, write
from tests.independent_service import IndependentService, independent_service
from tests.sandbox.faults import Fault, ledger_without


@pytest.fixture
def service() -> Iterator[IndependentService]:
    with independent_service() as service:
        yield service


class Office:
    """Somebody with a folder, a store and a service."""

    def __init__(self, service: IndependentService, folder: Path) -> None:
        self.service, self.folder = service, folder

    def call(self, *arguments: str | Path, store: str = "s.db") -> Ended:
        settings = settings_for(self.service.url, self.folder / store)
        return importer(*arguments, folder=self.folder, **settings)

    def run(self, *arguments: str | Path) -> Ended:
        return self.call("run", *arguments, "--json")

    @property
    def amounts(self) -> list[str]:
        """The amount of each journal of the ledger, in its order."""
        return [f"{lines[0]['amount']:f}".removesuffix(".00") for lines in self.service.journals]


@pytest.fixture
def office(service: IndependentService, tmp_path: Path) -> Office:
    return Office(service, tmp_path)


def month(path: Path, amounts: Mapping[str, object], **changes: object) -> Path:
    """A workbook with a journal of two lines for each key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return write(path, [line(key, side, amount, **changes) for key, amount in amounts.items() for side in "DC"])


def statuses(ended: Ended) -> list[str]:
    return [one["status"] for one in ended.result["documents"]]


def codes(ended: Ended) -> list[str]:
    return [one["code"] for one in ended.result["problems"]]


def of_code(ended: Ended, code: str) -> list[dict[str, Any]]:
    return [one for one in ended.result["problems"] if one["code"] == code]


def mend(path: Path, cells: Mapping[str, object]) -> None:
    """Types into the last sheet of a workbook and saves it."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[-1]
    for spot, value in cells.items():
        sheet[spot] = value
    book.save(path)


FIVE = {f"J{number}": 100 + number for number in range(5)}


def test_a_mended_workbook_posts_what_is_new_and_holds_what_was_posted(office: Office) -> None:
    file = month(office.folder / "june.xlsx", FIVE)
    first = office.run(file)
    month(file, FIVE | {"J2": 999, "J9": 7})
    again = office.run(file)
    assert again.code == 1 and len(office.amounts) == 6, again.err
    assert statuses(again) == ["already_posted"] * 2 + ["not_sent"] + ["already_posted"] * 2 + ["posted"]
    (held,) = again.result["problems"]
    number = next(one["journal_number"] for one in first.result["documents"] if one["key"] == "J2")
    assert (held["code"], held["severity"], held["origin"]) == ("corrected-before", "error", "service")
    assert (held["document"], held["row"]) == ("J2", 6)
    for told in (number, first.result["run"], f"importer run {as_path_argument(str(file))} --post J2 REASON"):
        assert told in held["message"]
    assert again.result["corrections"] == []


def wrong_month(office: Office) -> tuple[Path, Path]:
    """A month of which one journal came back for correction: the workbook, and the corrections."""
    file = month(office.folder / "june.xlsx", {"J0": 5, "J1": "6 pesos"})
    ended = office.run(file)
    assert (ended.code, office.amounts) == (1, ["5"])
    (corrections,) = ended.result["corrections"]
    return file, office.folder / corrections


@pytest.mark.parametrize("moved", [False, True])
def test_corrections_are_posted_and_the_workbook_mended_otherwise(moved: bool, office: Office) -> None:
    file, corrections = wrong_month(office)
    if moved:
        corrections = corrections.rename(office.folder / "mended by Ana.xlsx")
    mend(corrections, {"I2": 6, "I3": 6})
    assert office.run(corrections).code == 0
    month(file, {"J0": 5, "J1": 60})
    again = office.run(file)
    assert (again.code, codes(again), office.amounts) == (1, ["corrected-before"], ["5", "6"]), again.err


def test_the_workbook_is_mended_and_its_corrections_otherwise(office: Office) -> None:
    file, corrections = wrong_month(office)
    month(file, {"J0": 5, "J1": 60})
    assert office.run(file).code == 0
    mend(corrections, {"I2": 6, "I3": 6})
    again = office.run(corrections)
    assert (again.code, codes(again), office.amounts) == (1, ["corrected-before"], ["5", "60"]), again.err


def test_corrections_of_corrections_are_those_of_the_first_workbook(office: Office) -> None:
    file, corrections = wrong_month(office)
    mend(corrections, {"I2": "7 pesos"})
    (second,) = office.run(corrections).result["corrections"]
    corrections.unlink()
    mended = (office.folder / second).rename(office.folder / "x.xlsx")
    mend(mended, {"I2": 6, "I3": 6})
    assert office.run(mended).code == 0
    month(file, {"J0": 5, "J1": 60})
    again = office.run(file)
    assert (codes(again), office.amounts) == (["corrected-before"], ["5", "6"])


def test_a_renamed_copy_of_a_month_that_came_partly_from_corrections(office: Office) -> None:
    """Neither name nor folder tells; that most of it was posted from that workbook does."""
    file = month(office.folder / "june.xlsx", {"J0": 5, "J1": "6 pesos", "J2": 7})
    (corrections,) = office.run(file).result["corrections"]
    mend(office.folder / corrections, {"I2": 6, "I3": 6})
    office.run(corrections)
    copy = month(office.folder / "copy.xlsx", {"J0": 5, "J1": 60, "J2": 7})
    again = office.run(copy)
    assert (codes(again), office.amounts) == (["corrected-before"], ["5", "7", "6"]), again.err


def test_a_renamed_copy_is_known_by_its_other_journals(office: Office) -> None:
    office.run(month(office.folder / "june.xlsx", FIVE))
    again = office.run(month(office.folder / "elsewhere" / "final.xlsx", FIVE | {"J0": 1}))
    assert (again.code, codes(again), len(office.amounts)) == (1, ["corrected-before"], 5)


def run_in(sandbox: Sandbox, folder: Path, *arguments: str | Path) -> Ended:
    times = {"IMPORTER_SETTLE": "1", "IMPORTER_TIMEOUT": "2"}
    return importer(*arguments, folder=folder, **times, **settings_of(sandbox, folder / "s.db"))


def in_sandbox(path: Path, amounts: Mapping[str, object], **changes: object) -> Path:
    """As `month`, with the code that the sandbox's accounts require."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [[*line(key, side, amount, **changes), "1001"] for key, amount in amounts.items() for side in "DC"]
    return write(path, rows, headings=(*HEADINGS, "tfww"))


@pytest.mark.parametrize("name", ["copy/june.xlsx", "copy/renamed.xlsx"])
def test_a_mended_copy_elsewhere_and_then_the_old_run_resumed(name: str, tmp_path: Path) -> None:
    in_sandbox(tmp_path / "june.xlsx", FIVE)
    with sandboxed(Fault("post_journal", nth=[3], status=221)) as sandbox:
        first = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json", "--concurrency", "1")
        assert (first.code, len(posted_in(sandbox))) == (3, 2), first.err
        mended = in_sandbox(tmp_path / name, FIVE, description="Con nota")
        copied = run_in(sandbox, tmp_path, "run", mended, "--json")
        assert (copied.code, statuses(copied)) == (1, ["not_sent"] * 2 + ["posted"] * 3), copied.err
        resumed = run_in(sandbox, tmp_path, "resume", first.result["run"], "--json")
        assert posted_in(sandbox) == [f"REF-J{number}" for number in range(5)]
    assert (resumed.code, codes(resumed)) == (1, ["corrected-before"] * 3), resumed.err
    assert statuses(resumed)[2:] == ["not_sent"] * 3


def test_one_whose_outcome_is_unknown_holds_its_twin_too(tmp_path: Path) -> None:
    in_sandbox(tmp_path / "june.xlsx", {"J0": 5})
    with sandboxed(Fault("post_journal", nth=[1])) as sandbox:
        first = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json", "--no-wait")
        assert first.code == 4
        in_sandbox(tmp_path / "june.xlsx", {"J0": 6})
        again = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json")
        assert (again.code, codes(again), posted_in(sandbox)) == (1, ["corrected-before"], []), again.err
        assert f"importer resume {first.result['run']}" in again.result["problems"][0]["message"]


def test_one_that_was_refused_by_an_answer_that_may_be_posted_is_looked_for_again(tmp_path: Path) -> None:
    """The ledger has it by now, and the store does not know."""
    in_sandbox(tmp_path / "june.xlsx", {"J0": 5})
    with sandboxed() as sandbox:
        run_in(sandbox, tmp_path, "run", "june.xlsx")
        doubt_refusal(tmp_path / "s.db")
        in_sandbox(tmp_path / "june.xlsx", {"J0": 6})
        for look in ((), ("--no-look",)):
            again = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json", *look)
            assert (again.code, codes(again)) == (1, ["corrected-before"]), again.err
            assert len(posted_in(sandbox)) == 1
            doubt_refusal(tmp_path / "s.db")
        ledger = sandbox.company.ledger
        found = [number for number, one in ledger.journals.items() if one.lines[0].treference.strip() == "REF-J0"]
        sandbox.company.ledger = ledger_without(ledger, found)
        gone = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json")
        assert (gone.code, statuses(gone), len(posted_in(sandbox))) == (0, ["posted"], 1), gone.err


def doubt_refusal(store: Path) -> None:
    """The journal of the store stands as if it had been refused with code 203 and lines with errors."""
    with sqlite3.connect(store) as connection:
        connection.execute(
            "UPDATE journals SET state = 'refused', journal_number = NULL, voucher_number = NULL,"
            " is_doubtful_refusal = 1 WHERE state <> 'planned'"
        )
    connection.close()


# What a person decides


def test_one_journal_is_released_and_nothing_else(office: Office) -> None:
    file = month(office.folder / "june.xlsx", FIVE)
    office.run(file)
    month(file, FIVE | {"J2": 999, "J3": 888})
    assert len(office.amounts) == 5
    released = office.run(file, "--post", "J2", "a second invoice")
    assert (released.code, codes(released)) == (1, ["corrected-before"]), released.err
    assert sorted(office.amounts) == ["100", "101", "102", "103", "104", "999"]
    with sqlite3.connect(office.folder / "s.db") as connection:
        kept = connection.execute("SELECT decision, reason, run FROM decisions").fetchall()
    connection.close()
    assert kept == [("post", "a second invoice", released.result["run"])]
    again = office.run(file, "--post", "june.xlsx:J3", "so is this")
    assert (again.code, statuses(again), len(office.amounts)) == (
        0,
        ["already_posted"] * 3 + ["posted", "already_posted"],
        7,
    )


@pytest.mark.parametrize("arguments", [("J9", "x"), ("J1", "x")])
def test_a_key_that_holds_nothing_is_told_before_anything_is_sent(arguments: Sequence[str], office: Office) -> None:
    file = month(office.folder / "june.xlsx", FIVE)
    ended = office.run(file, "--post", *arguments)
    assert (ended.code, office.amounts, set(statuses(ended))) == (3, [], {"not_sent"})
    plain = office.call("run", file, "--post", *arguments)
    assert f"No journal “{arguments[0]}” is held" in plain.out + plain.err
    invalid = office.run(month(office.folder / "bad.xlsx", {"J1": "x"}), "--post", *arguments)
    assert invalid.code == 3


def test_a_release_needs_a_reason(office: Office) -> None:
    file = month(office.folder / "june.xlsx", FIVE)
    ended = office.call("run", file, "--post", "J1", " ")
    assert (ended.code, office.amounts) == (2, []) and "reason" in ended.err


def test_duplicates_on_purpose_release_no_twin(office: Office) -> None:
    file = month(office.folder / "june.xlsx", FIVE)
    office.run(file)
    month(file, FIVE | {"J2": 999})
    again = office.run(file, "--allow-duplicates", "paid twice")
    assert (codes(again), len(office.amounts)) == (["corrected-before"], 9), again.err
    assert "999" not in office.amounts


# What is posted without a hold


def test_june_saved_over_for_july(office: Office) -> None:
    file = month(office.folder / "month.xlsx", FIVE)
    office.run(file)
    month(file, FIVE, period="2018007", transDateTime=date(2018, 7, 31))
    july = office.run(file)
    assert (july.code, statuses(july), len(office.amounts)) == (0, ["posted"] * 5, 10), july.err


def test_june_saved_over_for_july_with_the_dates_forgotten(office: Office) -> None:
    file = month(office.folder / "month.xlsx", FIVE)
    office.run(file)
    month(file, FIVE, period="2018007")
    july = office.run(file)
    assert (july.code, len(office.amounts)) == (0, 10), july.err


def test_a_weekly_file_with_key_1(office: Office) -> None:
    for week in range(1, 5):
        day = date(2018, 6, 7 * week)
        file = month(office.folder / "week.xlsx", {"1": 1000 + week}, transDateTime=day, treference=f"WEEK-{week}")
        ended = office.run(file)
        assert (ended.code, statuses(ended)) == (0, ["posted"]), ended.err
    assert len(office.amounts) == 4


def test_weekly_fees_that_differ_in_date_and_reference(office: Office) -> None:
    for week in range(1, 4):
        day = date(2018, 6, 7 * week)
        file = month(office.folder / "fees.xlsx", {"1": 250, "2": 30}, transDateTime=day, treference=f"FEE-{week}")
        ended = office.run(file)
        assert (ended.code, statuses(ended)) == (0, ["posted"] * 2), ended.err
    assert len(office.amounts) == 6


@pytest.mark.parametrize("names", [("a/june.xlsx", "b/june.xlsx"), ("north.xlsx", "south.xlsx")])
@pytest.mark.parametrize("together", [False, True])
def test_two_offices_with_key_1(together: bool, names: tuple[str, str], office: Office) -> None:
    """Same day and accounts; amounts and references are each office's own."""
    files = [
        month(office.folder / name, {"1": 10 + number, "2": 20 + number}, treference=f"OFFICE-{number}")
        for number, name in enumerate(names)
    ]
    ended = [office.run(*files)] if together else [office.run(file) for file in files]
    assert {one.code for one in ended} == {0} and len(office.amounts) == 4
    assert codes(ended[-1]) == []


def test_only_the_date_differs_is_held_and_asked(office: Office) -> None:
    """A mended date and a new week cannot be told apart."""
    file = month(office.folder / "fees.xlsx", {"1": 250})
    office.run(file)
    month(file, {"1": 250}, transDateTime=date(2018, 6, 23))
    again = office.run(file)
    assert (again.code, codes(again), len(office.amounts)) == (1, ["corrected-before"], 1)
    assert office.run(file, "--post", "1", "next week").code == 0 and len(office.amounts) == 2
