"""A person has looked at the ledger and says what is there: `resume --is`, `--drop`, `--send`, `--send-missing`."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from importer.sandbox import Sandbox
from tests.cli.commands import Ended
from tests.cli.test_resume import LOST_BEFORE, posted_in, run_in, workbook
from tests.cli.test_resume_again import UNREADABLE
from tests.sandbox.faults import ledger_without, play


def numbers(result: dict[str, Any]) -> dict[str, int | None]:
    return {one["key"]: one["journal_number"] and int(one["journal_number"]) for one in result["documents"]}


def codes(ended: Ended) -> list[str]:
    return [one["code"] for one in ended.result["problems"]]


def by_hand(sandbox: Sandbox, like: int, description: str) -> int:
    """Somebody enters a journal in SunSystems that is like another one; its number."""
    ledger = sandbox.company.ledger
    copied = ledger.journals[like]
    number = max(ledger.journals) + 1
    lines = tuple(replace(one, description=description) for one in copied.lines)
    ledger.post(replace(copied, number=number, lines=lines))
    return number


def taken_out(sandbox: Sandbox, *numbers: int | None) -> None:
    """Journals leave the ledger, as they do when it is restored from a copy."""
    sandbox.company.ledger = ledger_without(sandbox.company.ledger, [number for number in numbers if number])


def left_in_doubt(sandbox: Sandbox, folder: Path) -> tuple[dict[str, Any], str]:
    """A run of which the second journal got no answer and is not in the ledger; its result, and that journal's key."""
    workbook(folder)
    play(sandbox, LOST_BEFORE)
    ended = run_in(sandbox, folder, "run", "june.xlsx", "--json", "--no-wait", "--concurrency", "1")
    assert ended.code == 4, ended.err
    play(sandbox)
    (key,) = [one["key"] for one in ended.result["documents"] if one["status"] == "unknown"]
    return ended.result, key


def test_a_journal_in_doubt_is_the_ledgers_journal_that_a_person_names(sandbox: Sandbox, tmp_path: Path) -> None:
    before, key = left_in_doubt(sandbox, tmp_path)
    (message,) = [one["message"] for one in before["problems"] if one["code"] == "outcome-unknown"]
    assert f"importer resume {before['run']}" in message
    posted = next(number for number in numbers(before).values() if number)
    number = by_hand(sandbox, posted, "Otra")
    owned = run_in(sandbox, tmp_path, "resume", "--is", f"{key}={posted}", "--json")
    assert owned.code == 3 and str(posted) in owned.err and before["run"] in owned.err
    absent = run_in(sandbox, tmp_path, "resume", "--is", f"{key}=99999", "--json")
    assert absent.code == 3 and "99999" in absent.err
    assert run_in(sandbox, tmp_path, "resume", "--is", key).code == 2
    named = run_in(sandbox, tmp_path, "resume", "--is", f"june.xlsx:{key}={number}", "--json", "--no-wait")
    assert "Otra" in named.err and str(number) in named.err
    assert (named.code, numbers(named.result)[key]) == (0, number), named.result["problems"]
    again = run_in(sandbox, tmp_path, "resume", before["run"], "--json")
    assert again.code == 0 and again.result["problems"] == []
    assert len(posted_in(sandbox)) == 3
    audit = run_in(sandbox, tmp_path, "audit")
    assert audit.code == 0, audit.out


def test_an_audit_lists_what_is_in_doubt_with_its_next_step(sandbox: Sandbox, tmp_path: Path) -> None:
    before, key = left_in_doubt(sandbox, tmp_path)
    audit = run_in(sandbox, tmp_path, "audit", "--json")
    (finding,) = json.loads(audit.out)
    assert (audit.code, finding["fault"], finding["document"]) == (4, "unknown", key)
    assert finding["next_step"] == f"importer resume {before['run']}"
    assert run_in(sandbox, tmp_path, "audit", "--period", "2018007").code == 0


def test_a_journal_that_was_given_up_is_sent_by_a_new_run_only(sandbox: Sandbox, tmp_path: Path) -> None:
    before, key = left_in_doubt(sandbox, tmp_path)
    assert run_in(sandbox, tmp_path, "resume", "--drop", key, " ").code == 2
    dropped = run_in(sandbox, tmp_path, "resume", "--drop", key, "paid in cash", "--json")
    assert dropped.code == 0 and codes(dropped) == ["dropped"]
    assert "paid in cash" in dropped.result["problems"][0]["message"]
    assert {one["key"]: one["status"] for one in dropped.result["documents"]}[key] == "not_sent"
    assert "nothing to resume" in run_in(sandbox, tmp_path, "resume").err
    sent = run_in(sandbox, tmp_path, "resume", before["run"], "--send", key)
    assert sent.code == 3 and "given up" in sent.err
    assert len(posted_in(sandbox)) == 2
    anew = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json")
    assert anew.code == 0 and posted_in(sandbox) == ["REF-J0", "REF-J1", "REF-J2"]


def test_what_is_gone_from_the_ledger_of_a_finished_run_is_sent_or_given_up(sandbox: Sandbox, tmp_path: Path) -> None:
    workbook(tmp_path)
    before = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json").result
    there = numbers(before)
    needless = run_in(sandbox, tmp_path, "resume", before["run"], "--send", "J0")
    assert needless.code == 3 and str(there["J0"]) in needless.err
    taken_out(sandbox, there["J0"], there["J1"])
    decided = run_in(sandbox, tmp_path, "resume", "--send", "J0", "--drop", "J1", "cancelled", "--json")
    assert decided.code == 0 and codes(decided) == ["dropped"], decided.result["problems"]
    assert posted_in(sandbox) == ["REF-J0", "REF-J2"]
    assert numbers(decided.result)["J0"] in sandbox.company.ledger.journals


def test_a_change_in_the_ledger_that_a_person_accepts_is_no_difference_any_more(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    workbook(tmp_path, 1)
    before = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json").result
    number, ledger = numbers(before)["J0"], sandbox.company.ledger
    assert number is not None
    changed = ledger.journals[number]
    ledger.journals[number] = replace(changed, lines=tuple(replace(one, description="Otra") for one in changed.lines))
    assert run_in(sandbox, tmp_path, "resume", before["run"]).code == 4
    accepted = run_in(sandbox, tmp_path, "resume", before["run"], "--is", f"J0={number}", "--json")
    assert (accepted.code, codes(accepted)) == (0, []) and "Otra" in accepted.err
    assert run_in(sandbox, tmp_path, "resume", before["run"]).code == 0
    lines = tuple(replace(one, description="Una más") for one in changed.lines)
    ledger.journals[number] = replace(changed, lines=lines)
    assert run_in(sandbox, tmp_path, "resume", before["run"]).code == 4


def test_all_that_a_restored_ledger_lacks_is_sent_again(sandbox: Sandbox, tmp_path: Path) -> None:
    workbook(tmp_path, 4)
    before = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json").result
    there, old = numbers(before), sandbox.company.ledger.journals
    lost, reused, renumbered, kept = (there[f"J{place}"] for place in range(4))
    assert lost and reused and renumbered and kept
    taken_out(sandbox, lost, reused, renumbered)
    sandbox.company.ledger.post(replace(old[min(old)], number=reused))
    moved = kept + 1
    sandbox.company.ledger.post(replace(old[renumbered], number=moved))
    play(sandbox, UNREADABLE)
    unread = run_in(sandbox, tmp_path, "resume", before["run"], "--send-missing", "restored")
    assert unread.code == 3 and posted_in(sandbox) == ["REF-J2", "REF-J3"]
    play(sandbox)
    sent = run_in(sandbox, tmp_path, "resume", before["run"], "--send-missing", "restored", "--json")
    assert sent.code == 0, sent.err
    assert posted_in(sandbox) == ["REF-J0", "REF-J1", "REF-J2", "REF-J3"]
    assert numbers(sent.result)["J2"] == moved and numbers(sent.result)["J3"] == kept


def test_a_key_that_several_runs_have_needs_the_runs_name(sandbox: Sandbox, tmp_path: Path) -> None:
    workbook(tmp_path, 1)
    first = run_in(sandbox, tmp_path, "run", "june.xlsx", "--json").result
    second_folder = tmp_path / "july"
    second_folder.mkdir()
    file = workbook(second_folder, 2)
    second = run_in(sandbox, tmp_path, "run", str(file), "--json").result
    ambiguous = run_in(sandbox, tmp_path, "resume", "--drop", "J1", "x")
    assert ambiguous.code == 3, "only the second run has it, and the ledger has it too"
    assert str(numbers(second)["J1"]) in ambiguous.err
    unknown = run_in(sandbox, tmp_path, "resume", first["run"], "--drop", "J1", "x")
    assert unknown.code == 3 and f"importer runs {first['run']}" in unknown.err
