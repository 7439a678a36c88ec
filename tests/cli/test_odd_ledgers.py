"""Ledgers and services that show less than there is, later than it is, or otherwise than it was sent: nothing is posted
twice in silence, nothing is called posted that was not seen."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.batches import batch, ledger_numbers, told_numbers
from tests.cli.commands import Ended, importer, settings_for
from tests.cli.workbooks import line, write
from tests.fates import Fate
from tests.faulty_ledger import cut_at, with_a_line_added, without_funds
from tests.faulty_service import FaultyService, faulty_service

SETTLE = 40
"""Seconds; only a test whose ledger never shows something waits for them."""


def run(
    service: FaultyService, folder: Path, who: str = "ana", *, settle: int = SETTLE, name: str = "june.xlsx"
) -> Ended:
    patience = {"IMPORTER_SETTLE": str(settle), "IMPORTER_TIMEOUT": str(max(settle // 2, 1))}
    settings = settings_for(service.url, folder / f"{who}.db") | patience
    return importer("run", name, "--json", "--yes", folder=folder, **settings)


def codes(end: Ended) -> Counter[str]:
    return Counter(problem["code"] for problem in end.result["problems"])


def most_often(service: FaultyService) -> int:
    return max(service.posted.values())


def foreign(account: str, amount: float = 77.0) -> Sequence[dict[str, Any]]:
    """Somebody else's journal on an account that ours use."""
    common = {
        "treference": "FOREIGN",
        "description": "Somebody else's",
        "transDateTime": "2018-06-10",
        "currency": "MXN1",
        "journalType": "JV",
        "period": "2018006",
        "amount": amount,
    }
    return [
        {**common, "account": account, "transaction": "D"},
        {**common, "account": "499000", "transaction": "C"},
    ]


# Reads that show less than there is


def test_ranges_capped_at_ten_journals_hide_nothing(tmp_path: Path) -> None:
    upload = batch(tmp_path, 24)
    with faulty_service(others=False, range_cap=10) as service:
        first, second = run(service, tmp_path), run(service, tmp_path, "bea")
        assert (first.code, second.code) == (0, 0), first.err + second.err
        assert all(one["verified"] for one in first.result["documents"])
        assert second.result["totals"]["already_posted"] == 24
        assert service.posted == upload.wanted and service.faults == []


@pytest.mark.usefixtures("_short_looks")
def test_lists_capped_at_forty_rows_double_nothing_in_silence(tmp_path: Path) -> None:
    """Where our account and days have more rows than the list shows, the first journal is not found there: the rest
    does not leave."""
    rows = []
    for number in range(45):
        rows += [line(f"J{number}", "D", 100 + number), line(f"J{number}", "C", 100 + number, account="371110")]
    write(tmp_path / "june.xlsx", rows)
    with faulty_service(others=False, list_cap=40) as service:
        ends = [run(service, tmp_path, who) for who in ("ana", "bea")]
        more_than_once = {one for one, times in service.posted.items() if times > 1}
        said = {
            one["document"].replace("J", "REF-J")
            for end in ends
            for one in end.result["problems"]
            if one["code"] in ("not-shown", "posted-twice")
        }
        assert more_than_once <= said
        assert len(more_than_once) <= 1
        assert ends[1].code == (4 if more_than_once else 0), ends[1].err
        for one in ends[1].result["documents"]:
            assert one["status"] in ("posted", "already_posted", "not_sent")


def test_a_number_that_is_never_shown_holds_only_what_it_could_be(tmp_path: Path) -> None:
    rows = []
    for number, account in enumerate(("611010", "611010", "622020", "633030")):
        day = {"transDateTime": "2018-06-10"}
        credit = f"37{number}110"
        rows += [
            line(f"J{number}", "D", 50 + number, account=account, **day),
            line(f"J{number}", "C", 50 + number, account=account if number < 2 else credit, **day),
        ]
    write(tmp_path / "june.xlsx", rows)
    with faulty_service(others=False) as service:
        service.ledger.hidden.add(service.ledger.book_foreign(foreign("611010"), at=0.0))
        end = run(service, tmp_path)
        assert end.code == 1, end.err
        assert [one["status"] for one in end.result["documents"]] == ["not_sent", "not_sent", "posted", "posted"]
        assert codes(end) == {"look-incomplete": 2}
        assert {problem["severity"] for problem in end.result["problems"]} == {"error"}


# Reads that are late


def test_a_ledger_that_shows_a_journal_after_a_second_is_waited_for(tmp_path: Path) -> None:
    upload = batch(tmp_path, 12)
    with faulty_service(others=False, lag=1.2) as service:
        end = run(service, tmp_path, settle=30)
        assert end.code == 0, end.err
        assert service.posted == upload.wanted
        assert all(one["verified"] for one in end.result["documents"]) and codes(end) == {}


@pytest.mark.parametrize("oddity", [{"lag": 60.0}, {"is_frozen": True}], ids=str)
@pytest.mark.usefixtures("_short_looks")
def test_a_ledger_that_does_not_show_the_first_journal_gets_no_other(tmp_path: Path, oddity: dict[str, Any]) -> None:
    """From each store one journal leaves: all the others wait until the ledger shows it."""
    batch(tmp_path, 30)
    with faulty_service(others=False, **oddity) as service:
        ends = [run(service, tmp_path, who, settle=1) for who in ("ana", "bea")]
        assert service.posted.total() == 2
    for end in ends:
        assert end.code == 4, end.err
        assert codes(end)["not-shown"] == 1
        assert Counter(one["status"] for one in end.result["documents"]) == {"posted": 1, "not_sent": 29}


# Numbers that are given twice


def test_a_counter_that_is_set_back_makes_nothing_be_sent_again(tmp_path: Path) -> None:
    batch(tmp_path, 4)
    with faulty_service(others=False) as service:
        first = run(service, tmp_path)
        assert first.code == 0, first.err
        service.ledger.last -= 4
        rows = [line(f"K{number}", side, 900 + number) for number in range(6) for side in "DC"]
        write(tmp_path / "july.xlsx", rows)
        second = run(service, tmp_path, name="july.xlsx")
        assert service.arrived["post_journal"] == 4 + 6
        assert second.code == 4, second.err
        assert {one["status"] for one in second.result["documents"]} == {"posted"}
        assert told_numbers(second) == [int(one.number) for one in service.ledger.ours if "REF-K" in one.reference]
        assert codes(second)["number-reused"] + codes(second)["gone"] >= 1
        again = run(service, tmp_path)
        assert again.code == 4 and codes(again)["gone"] == len(service.ledger.replaced), again.out
        assert service.arrived["post_journal"] == 4 + 6


def test_a_lost_answer_under_a_number_given_twice_is_found(tmp_path: Path) -> None:
    """The ledger's content decides who owns a number: the older journal is gone, nothing is sent again."""
    batch(tmp_path, 4)
    with faulty_service(others=False) as service:
        assert run(service, tmp_path).code == 0
        service.ledger.last -= 4
        write(tmp_path / "july.xlsx", [line("K0", side, 900) for side in "DC"])
        service.script = {"REF-K0": Fate("drop", committed=True)}
        second = run(service, tmp_path, name="july.xlsx")
        (document,) = second.result["documents"]
        assert (document["status"], document["recovered"]) == ("posted", True), second.err
        (older,) = service.ledger.replaced
        assert document["journal_number"] == str(older.number)
        assert service.arrived["post_journal"] == 4 + 1
        again = run(service, tmp_path)
        assert again.code == 4 and codes(again) == {"gone": 1}, again.err
        assert service.arrived["post_journal"] == 4 + 1


def test_what_people_delete_and_edit_is_reported_and_not_sent_again(tmp_path: Path) -> None:
    batch(tmp_path, 4)
    with faulty_service(others=False) as service:
        first = run(service, tmp_path)
        numbers = ledger_numbers(service.ledger)
        booked = service.ledger.booked
        keys = [f"J{booked[number].lines[0]['treference'].removeprefix('REF-')}" for number in numbers]
        del booked[numbers[0]]
        edited = booked[numbers[1]]
        booked[numbers[1]] = replace(edited, lines=[{**one, "description": "By hand"} for one in edited.lines])
        again = run(service, tmp_path)
        assert first.code == 0 and again.code == 4, again.err
        said = {(problem["code"], problem["document"]) for problem in again.result["problems"]}
        assert said == {("gone", keys[0]), ("changed-since", keys[1])}
        assert service.arrived["post_journal"] == 4


# Answers and texts


@pytest.mark.parametrize("code", ["202", "203"])
@pytest.mark.parametrize("is_posted", [True, False])
def test_lines_blamed_under_202_and_203_are_looked_for_at_once(tmp_path: Path, code: str, is_posted: bool) -> None:
    upload = batch(tmp_path, 3)
    with faulty_service(others=False, script={"REF-1": Fate("lines-error", is_posted, 201, code)}) as service:
        end = run(service, tmp_path, settle=600)
        statuses = [one["status"] for one in end.result["documents"]]
        assert statuses == ["posted", "posted" if is_posted else "refused", "posted"]
        assert end.code == (0 if is_posted else 1), end.err
        assert service.posted == (upload.wanted if is_posted else upload.wanted - Counter({"REF-1": 1}))


def test_a_ledger_that_cuts_descriptions_is_learned_once_and_said_each_time(tmp_path: Path) -> None:
    rows = [
        line(f"J{number}", side, 50 + number, description=f"Ofrendas del mes de junio, iglesia {number}")
        for number in range(6)
        for side in "DC"
    ]
    write(tmp_path / "june.xlsx", rows)
    with faulty_service(others=False) as service:
        service.ledger.rule = cut_at(30)
        end = run(service, tmp_path)
        assert end.code == 0, end.err
        assert service.posted.total() == 6 and most_often(service) == 1
        assert codes(end).keys() == {"texts-cut"}
        assert {problem["severity"] for problem in end.result["problems"]} == {"warning"}
        again = run(service, tmp_path, "bea")
        assert again.code in (0, 4), again.err
        # A second store learns of the cut by its first journal, and looks again for the others before they leave.
        assert service.posted.total() <= 7 and (service.posted.total() == 6 or "look-alike" in codes(again))


def test_a_lost_answer_in_a_ledger_that_adds_lines_is_for_a_person_to_judge(tmp_path: Path) -> None:
    """No journal of the ledger is equal to ours, nor looks like it line by line; one holds all of its lines."""
    write(tmp_path / "june.xlsx", [line("A", side, 10, description="Lost") for side in "DC"])
    with faulty_service(others=False) as service:
        service.ledger.rule = with_a_line_added
        service.script = {"REF-A": Fate("reset", committed=True)}
        first, second = (run(service, tmp_path, settle=1) for _ in range(2))
        assert (first.code, second.code) == (4, 4) and service.posted.total() == 1
    (problem,) = (one for one in second.result["problems"] if one["code"] == "outcome-unknown")
    assert str(next(iter(service.ledger.booked))) in problem["message"]


@pytest.mark.parametrize("rule", [with_a_line_added, without_funds, cut_at(5)], ids=["line", "code", "short"])
def test_a_ledger_that_changes_the_first_journal_gets_no_other(tmp_path: Path, rule: Any) -> None:
    batch(tmp_path, 10)
    with faulty_service(others=False) as service:
        service.ledger.rule = rule
        end = run(service, tmp_path)
        assert end.code == 4 and service.posted.total() == 1
        assert codes(end)["posted-differently"] >= 1
        assert [one["verified"] for one in end.result["documents"][:2]] == [False, None]
