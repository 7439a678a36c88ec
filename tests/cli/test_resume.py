"""Lost answers, interrupted runs, history and audit, as a person meets them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from importer.sandbox import Sandbox, running
from importer.store.database import Database
from importer.store.leases import Holder, Lease
from tests.cli.commands import Ended, importer, settings_of
from tests.cli.workbooks import HEADINGS, line, write
from tests.sandbox.faults import Fault, ledger_without, play

LOST_BEFORE = Fault("post_journal", nth=[2])
LOST_AFTER = replace(LOST_BEFORE, committed=True)


@contextmanager
def service(*faults: Fault) -> Iterator[Sandbox]:
    with running() as sandbox:
        play(sandbox, *faults)
        yield sandbox


def workbook(folder: Path, journals: int = 3, name: str = "june.xlsx") -> Path:
    rows = [
        [*line(f"J{number}", side, Decimal(f"{number + 1}.10")), "1001"] for number in range(journals) for side in "DC"
    ]
    return write(folder / name, rows, headings=(*HEADINGS, "tfww"))


def posted_in(sandbox: Sandbox) -> list[str]:
    """The references of the journals that the sandbox did not have from the beginning."""
    found = [one.lines[0].treference.strip() for one in sandbox.company.ledger.journals.values()]
    return sorted(reference for reference in found if reference.startswith("REF-"))


def run_in(sandbox: Sandbox, folder: Path, *arguments: str, settle: str = "1") -> Ended:
    times = {"IMPORTER_SETTLE": settle, "IMPORTER_TIMEOUT": "2"}
    return importer(*arguments, folder=folder, **times, **settings_of(sandbox, folder / "s.db"))


def test_a_lost_answer_is_found_in_the_ledger(tmp_path: Path) -> None:
    workbook(tmp_path)
    with service(LOST_AFTER) as sandbox:
        ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json")
        assert posted_in(sandbox) == ["REF-J0", "REF-J1", "REF-J2"]
    assert ended.code == 0, ended.err
    assert [one["recovered"] for one in ended.result["documents"]].count(True) == 1
    assert all(one["verified"] for one in ended.result["documents"])


def test_a_lost_request_is_sent_again_after_the_settling_time(tmp_path: Path) -> None:
    workbook(tmp_path)
    with service(LOST_BEFORE) as sandbox:
        ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json")
        assert posted_in(sandbox) == ["REF-J0", "REF-J1", "REF-J2"]
    assert ended.code == 0, ended.err
    assert sorted(one["attempts"] for one in ended.result["documents"]) == [1, 1, 2]


def test_resume_finishes_from_the_store_alone(tmp_path: Path) -> None:
    file = workbook(tmp_path)
    with service(LOST_BEFORE) as sandbox:
        ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json", "--no-wait")
        assert ended.code == 4
        (unknown,) = [one for one in ended.result["problems"] if one["code"] == "outcome-unknown"]
        assert "importer resume" in unknown["message"]
        file.unlink()
        resumed = run_in(sandbox, tmp_path, "resume", "--json")
        assert posted_in(sandbox) == ["REF-J0", "REF-J1", "REF-J2"]
        again = run_in(sandbox, tmp_path, "resume")
        assert (again.code, "nothing to resume" in again.err) == (0, True)
    assert resumed.code == 0, resumed.err
    assert resumed.result["run"] == ended.result["run"]
    assert [one["status"] for one in resumed.result["documents"]] == ["posted"] * 3 or {
        one["status"] for one in resumed.result["documents"]
    } == {"posted", "already_posted"}
    assert resumed.result["problems"] == []
    assert [one["operation"] for one in resumed.result["evidence"]["requests"]].count("login") == 2
    assert (tmp_path / resumed.result["report"]).is_file()


def test_the_history_lists_runs_and_writes_reports_again(tmp_path: Path) -> None:
    workbook(tmp_path)
    with service() as sandbox:
        ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json")
        name = ended.result["run"]
        listed = run_in(sandbox, tmp_path, "runs", "--json")
        (told,) = json.loads(listed.out)
        assert (told["run"], told["documents"], told["posted"], told["open"]) == (name, 3, 3, 0)
        one = run_in(sandbox, tmp_path, "runs", name, "--json")
        assert json.loads(one.out)["documents"] == ended.result["documents"]
        assert "J1" in run_in(sandbox, tmp_path, "runs", name[:-2]).out
        page = tmp_path / ended.result["report"]
        first = page.read_text(encoding="utf-8")
        page.unlink()
        assert run_in(sandbox, tmp_path, "report", name).code == 0
        assert page.read_text(encoding="utf-8") == first
        missing = run_in(sandbox, tmp_path, "runs", "20000101")
        assert missing.code == 3 and "importer runs" in missing.err


def test_an_audit_finds_what_is_missing_changed_and_doubled(tmp_path: Path) -> None:
    workbook(tmp_path, journals=4)
    with service() as sandbox:
        ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json")
        fine = run_in(sandbox, tmp_path, "audit")
        assert (fine.code, "4 posted journals were compared" in fine.err) == (0, True)
        assert run_in(sandbox, tmp_path, "audit", "--period", "2018007").code == 0
        numbers = [int(one["journal_number"]) for one in ended.result["documents"]]
        ledger = sandbox.company.ledger
        sandbox.company.ledger = ledger = ledger_without(ledger, [numbers[0]])
        ledger.post(replace(ledger.journals[numbers[1]], number=numbers[-1] + 7))
        changed = ledger.journals[numbers[2]]
        lines = tuple(replace(one, description="Otra") for one in changed.lines)
        ledger.journals[numbers[2]] = replace(changed, lines=lines)
        wrong = run_in(sandbox, tmp_path, "audit", "--json")
        found = {(one["number"], one["finding"].split(" ")[0]) for one in json.loads(wrong.out)}
    assert wrong.code == 4
    assert found == {
        (str(numbers[0]), "missing"),
        (str(numbers[1]), "in"),
        (str(numbers[2]), "changed:"),
    }


def test_a_doubled_journal_is_no_finding_once_its_copy_is_reversed(tmp_path: Path) -> None:
    workbook(tmp_path, journals=2)
    with service() as sandbox:
        ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json")
        ledger = sandbox.company.ledger
        number = int(ended.result["documents"][0]["journal_number"])
        copy = number + 7
        ledger.post(replace(ledger.journals[number], number=copy))
        (finding,) = json.loads(run_in(sandbox, tmp_path, "audit", "--json").out)
        assert (finding["fault"], finding["numbers"]) == ("doubled", [copy])
        made = run_in(sandbox, tmp_path, "reverse", str(copy), "-o", "back.xlsx", "--period", "2018006")
        assert made.code == 0, made.err
        assert run_in(sandbox, tmp_path, "run", "back.xlsx").code == 0
        assert run_in(sandbox, tmp_path, "audit").code == 0


def test_journals_are_posted_again_only_on_purpose(tmp_path: Path) -> None:
    workbook(tmp_path, journals=1)
    with service() as sandbox:
        run_in(sandbox, tmp_path, "run", "june.xlsx")
        assert run_in(sandbox, tmp_path, "run", "june.xlsx", "--json").result["totals"]["already_posted"] == 1
        again = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json", "--allow-duplicates", "second payment")
        assert again.result["totals"]["posted"] == 1
        assert posted_in(sandbox) == ["REF-J0"] * 2
        assert run_in(sandbox, tmp_path, "run", "june.xlsx", "--json").result["totals"]["already_posted"] == 1


def test_a_second_store_posts_nothing_twice(tmp_path: Path) -> None:
    workbook(tmp_path)
    with service() as sandbox:
        run_in(sandbox, tmp_path, "run", "june.xlsx")
        environment = settings_of(sandbox, tmp_path / "another.db")
        ended = importer("run", "june.xlsx", "--json", folder=tmp_path, **environment)
        assert ended.result["totals"]["already_posted"] == 3 and ended.code == 0
        assert posted_in(sandbox) == ["REF-J0", "REF-J1", "REF-J2"]


def test_a_company_that_another_run_holds_is_not_posted_to(tmp_path: Path) -> None:
    workbook(tmp_path)
    with service() as sandbox:
        database = Database(f"sqlite:///{tmp_path / 's.db'}")
        key = f"practice/5/{sandbox.company.identity}"
        assert Lease(database, key, "other", Holder("Ana", "elsewhere", 1, 0.0)).take() is None
        ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--no-wait", "--json")
        database.close()
        assert posted_in(sandbox) == []
    assert ended.code == 3 and "Ana" in ended.err
    stop = ended.result["stopped_by"]
    assert (stop["code"], stop["try_again"]) == ("company-held", True) and "Ana" in stop["message"]


@pytest.mark.parametrize("arguments", [("resume", "20000101"), ("report", "x"), ("runs", "x")])
def test_a_run_that_is_not_there_is_told_in_a_sentence(arguments: tuple[str, ...], tmp_path: Path) -> None:
    ended = importer(*arguments, folder=tmp_path, IMPORTER_STORE=f"sqlite:///{tmp_path / 's.db'}")
    assert ended.code == 3 and "importer runs" in ended.err


def test_what_an_earlier_run_posted_is_told_beside_a_mistake(tmp_path: Path) -> None:
    """`--only-if-clean` with a mistake in the workbook: nothing is sent, and what is there is reported all the same."""
    workbook(tmp_path, 2)
    with service() as sandbox:
        first = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json")
        rows = [
            [*line(f"J{number}", side, amount), "1001"]
            for number, amount in enumerate((Decimal("1.10"), Decimal("2.10"), Decimal(7), "-"))
            for side in "DC"
        ]
        write(tmp_path / "june.xlsx", rows, headings=(*HEADINGS, "tfww"))
        ended = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json", "--only-if-clean")
        assert posted_in(sandbox) == ["REF-J0", "REF-J1"]
        assert (tmp_path / ended.result["report"]).is_file()
        (tmp_path / ended.result["report"]).unlink()
        again = run_in(sandbox, tmp_path, "report", ended.result["run"])
        assert run_in(sandbox, tmp_path, "resume").code == 0 and len(posted_in(sandbox)) == 2
    assert [one["status"] for one in ended.result["documents"]] == [
        *["already_posted"] * 2,
        *("not_sent", "invalid"),
    ]
    numbers = [one["journal_number"] for one in first.result["documents"]]
    assert [one["journal_number"] for one in ended.result["documents"]] == [*numbers, None, None]
    assert (ended.code, again.code) == (1, 0), again.err
