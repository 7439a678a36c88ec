"""A sheet that Excel copied is posted once, and a person decides where the copies differ."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.cli.test_twins import FIVE, Office, codes, mend, month, of_code, statuses, wrong_month
from tests.cli.workbooks import HEADINGS, line
from tests.independent_service import independent_service
from tests.xlsx.archives import sheet_of, workbook


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with independent_service() as service:
        yield Office(service, tmp_path)


def with_sheets(path: Path, *sheets: Mapping[str, object], hidden: bool = False, keyed: bool = True) -> Path:
    """A workbook with a sheet of journals for each mapping of keys to amounts; the last one may be hidden."""
    first, last = 0 if keyed else 1, len(sheets)
    tables = [
        [HEADINGS[first:], *(line(key, side, amount)[first:] for key, amount in amounts.items() for side in "DC")]
        for amounts in sheets
    ]
    titles = ["Journals", *(f"Journals ({number})" for number in range(2, last + 1))]
    states = {last: "hidden"} if hidden else None
    path.write_bytes(workbook(*map(sheet_of, tables), titles=titles, states=states))
    return path


@pytest.mark.parametrize("hidden", [False, True])
def test_a_copied_sheet_is_posted_once(hidden: bool, office: Office) -> None:
    file = with_sheets(office.folder / "june.xlsx", FIVE, FIVE, hidden=hidden)
    ended = office.run(file)
    assert (ended.code, len(office.amounts)) == (1, 5), ended.err
    assert statuses(ended) == ["posted"] * 5 + ["not_sent"] * 5
    held = of_code(ended, "copied-sheet")
    assert [(one["sheet"], one["document"]) for one in held] == [("Journals (2)", key) for key in FIVE]
    assert {(one["severity"], one["origin"]) for one in held} == {("error", "service")}
    assert "duplicate-document" not in codes(ended) and ended.result["corrections"] == []
    again = office.run(file)
    assert (again.code, len(office.amounts)) == (1, 5) and statuses(again)[:5] == ["already_posted"] * 5


def test_a_sheet_that_is_one_journal_without_a_key(office: Office) -> None:
    ended = office.run(with_sheets(office.folder / "june.xlsx", {"A": 5}, {"A": 5}, keyed=False))
    assert (ended.code, codes(ended), office.amounts) == (1, ["copied-sheet"], ["5"]), ended.err


def test_journals_that_differ_on_the_copies_are_both_held(office: Office) -> None:
    file = with_sheets(office.folder / "june.xlsx", FIVE, FIVE | {"J1": 999})
    ended = office.run(file)
    assert (ended.code, sorted(office.amounts)) == (1, ["100", "102", "103", "104"]), ended.err
    assert [one["status"] for one in ended.result["documents"] if one["key"] == "J1"] == ["not_sent"] * 2
    messages = {one["sheet"]: one["message"] for one in of_code(ended, "copied-sheet") if one["document"] == "J1"}
    assert messages.keys() == {"Journals", "Journals (2)"}
    assert "--post Journals:J1 REASON" in messages["Journals"]
    assert '--post "Journals (2):J1" REASON' in messages["Journals (2)"]


def test_one_of_the_copies_is_released(office: Office) -> None:
    file = with_sheets(office.folder / "june.xlsx", FIVE, FIVE | {"J1": 999})
    for name in ("J1", "june.xlsx:J1"):
        doubtful = office.run(file, "--post", name, "the newer one")
        assert (doubtful.code, office.amounts) == (3, [])
        assert "Journals:J1, Journals (2):J1" in office.call("run", file, "--post", name, "the newer one").out
    ended = office.run(file, "--post", "Journals (2):J1", "the newer one", "--post", "june.xlsx:Journals (2):J0", "2 x")
    assert (ended.code, sorted(office.amounts)) == (1, ["100", "100", "102", "103", "104", "999"]), ended.err
    again = office.run(file, "--post", "Journals (2):J1", "the newer one", "--post", "Journals (2):J0", "2 x")
    assert (again.code, len(office.amounts)) == (1, 6)


def test_fewer_than_half_are_equal_by_chance_and_both_sent(office: Office) -> None:
    others = {"J0": 100, "K1": 1, "K2": 2}
    ended = office.run(with_sheets(office.folder / "june.xlsx", FIVE, others))
    assert (ended.code, len(office.amounts), codes(ended)) == (0, 8, ["duplicate-document"]), ended.err


def test_sheets_of_two_months_with_the_same_keys_are_no_copies(office: Office) -> None:
    ended = office.run(with_sheets(office.folder / "june.xlsx", FIVE, {key: 50 + n for n, key in enumerate(FIVE)}))
    assert (ended.code, len(office.amounts), codes(ended)) == (0, 10, []), ended.err


def test_a_check_tells_the_same(office: Office) -> None:
    file = with_sheets(office.folder / "june.xlsx", FIVE, FIVE | {"J1": 999})
    for arguments in (("check", file, "--json"), ("run", file, "--json", "--only-if-clean")):
        ended = office.call(*arguments)
        assert (ended.code, codes(ended), office.amounts) == (1, ["copied-sheet"] * 6, []), ended.err
        assert len([one for one in statuses(ended) if one == "not_sent"]) == (6 if arguments[0] == "check" else 10)


def test_what_is_wrong_on_both_copies_hides_no_copy(office: Office) -> None:
    ended = office.run(
        with_sheets(office.folder / "june.xlsx", {"A": "x", "B": "y", "C": 5}, {"A": "x", "B": "y", "C": 5})
    )
    assert (ended.code, office.amounts) == (1, ["5"]), ended.err
    assert [one["document"] for one in of_code(ended, "copied-sheet")] == ["C"]


def test_a_sheet_copied_into_another_workbook_and_mended_there(office: Office) -> None:
    files = month(office.folder / "june.xlsx", FIVE), month(office.folder / "new.xlsx", FIVE | {"J1": 999})
    ended = office.run(*files)
    assert (ended.code, sorted(office.amounts)) == (1, ["100", "102", "103", "104"]), ended.err
    assert [one["file"] for one in of_code(ended, "copied-sheet")] == [str(file) for file in files]
    released = office.run(*files, "--post", "new.xlsx:J1", "mended")
    assert (released.code, len(office.amounts)) == (1, 5) and "999" in office.amounts


def test_duplicates_on_purpose_release_no_copy(office: Office) -> None:
    file = with_sheets(office.folder / "june.xlsx", FIVE, FIVE)
    assert office.run(file, "--allow-duplicates", "paid twice").code == 1 and len(office.amounts) == 5
    assert office.run(file, "--allow-duplicates", "paid twice").code == 1 and len(office.amounts) == 10


def test_two_people_mend_one_journal_otherwise(office: Office) -> None:
    _, corrections = wrong_month(office)
    copy = Path(shutil.copy(corrections, office.folder / "mended by Ana.xlsx"))
    mend(corrections, {"I2": 6, "I3": 6})
    mend(copy, {"I2": 7, "I3": 7})
    ended = office.run(corrections, copy)
    assert (ended.code, office.amounts) == (1, ["5"]), ended.err
    assert statuses(ended) == ["not_sent"] * 2
    first, second = (one["message"] for one in of_code(ended, "copied-sheet"))
    assert "mended by Ana.xlsx" in first and corrections.name in second
    name = f"{copy.name}:{ended.result['documents'][0]['key']}"
    released = office.run(corrections, copy, "--post", name, "Ana is right")
    assert sorted(office.amounts) == ["5", "7"], released.err


def test_corrections_and_the_workbook_mended_otherwise_in_one_upload(office: Office) -> None:
    file, corrections = wrong_month(office)
    mend(corrections, {"I2": 6, "I3": 6})
    mend(file, {"H4": 7, "H5": 7})
    ended = office.run(file, corrections)
    assert (ended.code, codes(ended), office.amounts) == (1, ["copied-sheet"] * 2, ["5"]), ended.err


def test_corrections_mended_alike_are_one_journal(office: Office) -> None:
    file, corrections = wrong_month(office)
    copy = Path(shutil.copy(corrections, office.folder / "mended by Ana.xlsx"))
    for one in (corrections, copy):
        mend(one, {"I2": 6, "I3": 6})
    ended = office.run(file, corrections, copy)
    assert sorted(office.amounts) == ["5", "6"], ended.err
