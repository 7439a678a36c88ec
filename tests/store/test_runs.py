"""The list of runs reads what was kept for it, never a whole result."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from importer.model.postings import Entry, JournalOutcome, State
from importer.model.problems import file_name
from importer.model.results import FileRead, Result, Status, Stop, Summary
from importer.store.database import Database
from importer.store.journal_rows import earlier_journals
from importer.store.leases import Holder, Lease
from importer.store.postings import JournalStore
from importer.store.runs import (
    count_of_runs,
    find_run,
    finish_run,
    keep_decision,
    keep_result,
    result_from_text,
    runs_in,
    runs_with,
    start_run,
    summary_from_text,
    text_of_result,
)
from tests.post.conftest import planned, store_of
from tests.post.journals import journal
from tests.report.stories import FILE, journals, result, troubled_run

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def begun(database: Database, run: str, hours: int = 0) -> None:
    start_run(database, run, "c", "", "ana", NOON + timedelta(hours=hours))


def spoil_results(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute("UPDATE runs SET kept = 'not JSON', result = 'not JSON' WHERE kept IS NOT NULL")


def summary_of(result: Result) -> Summary:
    counts = result.documents_by_status()
    posted = [
        one.debit or Decimal(0) for one in result.documents if one.status in (Status.POSTED, Status.ALREADY_POSTED)
    ]
    return Summary(
        *("Unión Mexicana del Norte, A.R.", result.is_declined, counts, (FILE,)),
        periods=("2018006",),
        posted={"MXN1": sum(posted, Decimal(0))} if posted else {},
        service=result.service,
    )


def test_runs_are_listed_without_reading_a_result(database: Database) -> None:
    troubled = replace(troubled_run(), run="first", exit_code=4)
    declined = replace(result(journals([Status.NOT_SENT])), run="later", exit_code=3, stopped_by=Stop("declined", {}))
    for hours, one in enumerate((troubled, declined)):
        begun(database, one.run, hours)
        finish_run(database, one, {})
    spoil_results(database)
    assert [(one.run, one.by, one.exit_code, one.summary) for one in runs_in(database)] == [
        ("later", "ana", 3, summary_of(declined)),
        ("first", "ana", 4, summary_of(troubled)),
    ]


def test_a_result_that_an_older_program_kept_is_read_once(database: Database) -> None:
    older = replace(troubled_run(), run="older", exit_code=4)
    begun(database, "older")
    finish_run(database, older, {})
    begun(database, "planned-nothing", 1)
    with database.transaction() as connection:
        connection.execute("UPDATE runs SET summary = NULL")
    assert [one.summary for one in runs_in(database)] == [None, summary_of(older)]
    spoil_results(database)
    assert [one.summary for one in runs_in(database)][1] == summary_of(older)


def test_a_run_that_was_cut_off_is_listed_with_what_its_journals_have_become(database: Database) -> None:
    planned = replace(result(journals([Status.READY] * 3 + [Status.INVALID])), run="cut", exit_code=-1)
    begun(database, "cut")
    assert Lease(database, "c", "cut", Holder("ana", "here", 1, 0.0)).take() is None
    store = JournalStore(database, "c", "cut")
    entries = [Entry(journal(str(place)), place, f"f{place}", 1, "p", "") for place in range(3)]
    ids = [known.id for known in store.remember(entries)]
    keep_result(database, planned)
    store.claim([(ids[0], "b"), (ids[1], "b")], NOON, None)
    store.record([JournalOutcome(ids[0], State.POSTED, NOON, "7001"), JournalOutcome(ids[1], State.UNKNOWN, NOON)])
    spoil_results(database)
    (one,) = runs_in(database)
    assert one.exit_code is None and one.summary is not None and not one.summary.is_declined
    wanted = {Status.POSTED: 1, Status.READY: 2, Status.INVALID: 1}
    assert one.summary.documents == {status: wanted.get(status, 0) for status in Status}
    keep_decision(database, "cut", is_declined=True)
    (one,) = runs_in(database)
    assert one.summary is not None and one.summary.is_declined


def test_one_run_is_found_without_reading_those_whose_names_begin_alike(database: Database) -> None:
    for name in ("2026-1", "2026-10"):
        begun(database, name)
        finish_run(database, replace(troubled_run(), run=name), {})
    with database.transaction() as connection:
        connection.execute("UPDATE runs SET kept = 'not JSON' WHERE run = '2026-10'")
    assert find_run(database, "2026-1").run == "2026-1"


def test_a_stop_that_an_older_program_kept_is_read() -> None:
    stopped = replace(troubled_run(), stopped_by=Stop("company-held", {"run": "r"}, try_again=True))
    assert asdict(result_from_text(text_of_result(stopped))) == asdict(stopped)
    kept = json.loads(text_of_result(stopped))
    kept["result"]["stopped_by"] = ["company-held", {"run": "r"}]
    assert result_from_text(json.dumps(kept)).stopped_by == Stop("company-held", {"run": "r"}, try_again=False)


def test_only_a_page_is_read_however_many_runs_there_are(database: Database) -> None:
    for number in range(7):
        begun(database, f"r{number}", number)
    spoil_results(database)
    assert count_of_runs(database) == 7
    assert [one.run for one in runs_in(database, 3, 3)] == ["r3", "r2", "r1"]
    assert runs_in(database, 3, 9) == []


def test_a_run_knows_the_one_that_ran_its_corrections(database: Database) -> None:
    first = replace(troubled_run(), run="first")
    corrections = FileRead("reports/june.first.corrections.xlsx", None, (), corrects="first")
    for hours, one in enumerate((first, replace(first, run="second", files=(corrections,)))):
        begun(database, one.run, hours)
        finish_run(database, one, {})
    assert [(one.run, one.corrected_by) for one in runs_in(database)] == [("second", ""), ("first", "second")]


def test_a_summary_of_an_older_program_is_made_anew(database: Database) -> None:
    begun(database, "older")
    finish_run(database, replace(troubled_run(), run="older"), {})
    short = json.dumps({"company": "U", "is_declined": False, "documents": {"posted": 3}})
    with database.transaction() as connection:
        connection.execute("UPDATE runs SET summary = ?", (short,))
    assert [one.summary for one in runs_in(database)] == [summary_of(troubled_run())]
    assert summary_from_text(short).documents[Status.POSTED] == 3


def test_what_stood_under_the_same_key_before_is_found_where_it_may_be_a_twin(database: Database) -> None:
    first = store_of(database, "r1")
    (posting,) = planned([journal("J1", "1.00")], first)
    assert earlier_journals(database, first.ledger, "r1") == [], "there is nothing but its own"
    first.claim([(posting.id, "p")], NOON)
    first.record([JournalOutcome(posting.id, State.POSTED, NOON, "5326")])
    again = store_of(database, "r2")
    planned([journal("J1", "1.00")], again)
    assert earlier_journals(database, again.ledger, "r2") == [], "it stands in the workbook itself"
    mended = store_of(database, "r3")
    planned([journal("J1", "2.00"), journal("J2", "3.00")], mended)
    found = earlier_journals(database, mended.ledger, "r3")
    assert [(one.key, one.state, one.journal_number, [at.run for at in one.appearances]) for one in found] == [
        ("J1", State.POSTED, "5326", ["r1", "r2"]),
        ("J1", State.PLANNED, "", ["r3"]),
        ("J2", State.PLANNED, "", ["r3"]),
    ]


def test_a_run_is_found_by_its_journals_named_with_sheet_and_file(database: Database) -> None:
    begun(database, "r1")
    one = journal("J1")
    JournalStore(database, "c", "r1").remember([Entry(one, 0, "f", 1, "p", "content")])
    names = ["J1", f"{one.sheet}:J1", f"{one.file}:J1", f"{file_name(one.file)}:{one.sheet}:J1"]
    assert [runs_with(database, [name]) for name in names] == [["r1"]] * 4
    assert runs_with(database, [f"Other:{one.sheet}:J1"]) == []
