"""The store against the ledger: what is missing, renumbered, doubled, changed, or still in doubt."""

from dataclasses import replace

import pytest

from importer.errors import AnswerUnclear
from importer.model.journals import content_of
from importer.model.postings import Choice, Decision, JournalOutcome, State
from importer.post.matching import NO_CUTS
from importer.post.poster import post_journals
from importer.post.posting_state import Posting
from importer.post.verification import Fault, Finding, audited, read_whole
from importer.report.tables import FindingFacts, table_of_findings
from importer.report.terminal import print_table
from importer.sandbox import Sandbox
from importer.store.database import Database
from importer.store.postings import JournalStore
from importer.translations import Language
from tests.post.conftest import ZONE, context_with, planned, session_with, store_of
from tests.post.journals import journals
from tests.sandbox import faults as played
from tests.sandbox.faults import ledger_without

NOTHING_FOUND = played.Fault("get_journal_range", status=201, code="203")


@pytest.fixture
def store(database: Database) -> JournalStore:
    return store_of(database, "run-1")


@pytest.fixture
def posted(sandbox: Sandbox, store: JournalStore) -> list[Posting]:
    """Three posted journals."""
    postings = planned(journals(3), store)
    post_journals(postings, context_with(session_with(sandbox), store, at_once=1))
    assert [posting.state for posting in postings] == [State.POSTED] * 3
    return postings


def number(posting: Posting) -> int:
    return int(posting.journal_number or 0)


def audit(sandbox: Sandbox, store: JournalStore) -> list[Finding]:
    known = [*store.unsettled(), *store.posted()]
    return audited(known, session_with(sandbox), ZONE, store.posted_under, NO_CUTS)


def faults(sandbox: Sandbox, store: JournalStore) -> list[tuple[Fault, str, tuple[int, ...]]]:
    return [(one.fault, one.posted.key, one.numbers) for one in audit(sandbox, store)]


def changed(sandbox: Sandbox, posting: Posting, description: str) -> None:
    ledger = sandbox.company.ledger
    there = ledger.journals[number(posting)]
    lines = tuple(replace(one, description=description) for one in there.lines)
    sandbox.company.ledger = ledger_without(ledger, [there.number])
    sandbox.company.ledger.add(replace(there, lines=lines))


def test_nothing_is_found_in_a_ledger_that_has_all(
    sandbox: Sandbox, store: JournalStore, posted: list[Posting]
) -> None:
    assert faults(sandbox, store) == []


def test_a_journal_under_another_number_is_not_missing(
    sandbox: Sandbox, store: JournalStore, posted: list[Posting]
) -> None:
    ledger = sandbox.company.ledger
    moved = replace(ledger.journals[number(posted[1])], number=9100)
    sandbox.company.ledger = ledger_without(ledger, [number(posted[0]), number(posted[1])])
    sandbox.company.ledger.add(moved)
    assert faults(sandbox, store) == [(Fault.MISSING, "J0", ()), (Fault.RENUMBERED, "J1", (9100,))]


def test_of_doubled_journals_the_highest_numbers_are_too_many(
    sandbox: Sandbox, store: JournalStore, posted: list[Posting]
) -> None:
    ledger = sandbox.company.ledger
    ledger.add(replace(ledger.journals[number(posted[0])], number=9100))
    ledger.add(replace(ledger.journals[number(posted[1])], number=4))
    found = audit(sandbox, store)
    assert [(one.fault, one.numbers, one.reverse) for one in found] == [
        (Fault.DOUBLED, (9100,), (9100,)),
        (Fault.DOUBLED, (4,), (number(posted[1]),)),
    ]


def test_what_a_person_accepted_is_no_finding(sandbox: Sandbox, store: JournalStore, posted: list[Posting]) -> None:
    posting = posted[0]
    changed(sandbox, posting, "Otra")
    (finding,) = audit(sandbox, store)
    assert finding.fault is Fault.CHANGED and {one.field for one in finding.differences} == {"description"}
    journals, _ = read_whole(session_with(sandbox), [], [number(posting)], ZONE)
    accepted = content_of(journals[number(posting)].journal)
    at = context_with(session_with(sandbox), store).clock.now()
    store.decide([Decision(posting.id, Choice.IS, "ana", at, "", posting.journal_number, None, accepted)])
    assert faults(sandbox, store) == []
    changed(sandbox, posting, "Una más")
    assert [fault for fault, *_ in faults(sandbox, store)] == [Fault.CHANGED]


def test_what_is_in_doubt_is_listed(sandbox: Sandbox, store: JournalStore, posted: list[Posting]) -> None:
    postings = planned(journals(5), store)[3:]
    at = context_with(session_with(sandbox), store).clock.now()
    store.claim([(posting.id, "p") for posting in postings], at)
    store.record([JournalOutcome(postings[0].id, State.UNKNOWN, at)])
    found = audit(sandbox, store)
    assert [(one.fault, one.posted.key, one.posted.journal_number) for one in found] == [
        (Fault.UNKNOWN, "J3", ""),
        (Fault.SENDING, "J4", ""),
    ]


def test_a_range_that_is_answered_by_nothing_found_is_empty_unless_a_list_names_the_journal(
    sandbox: Sandbox, store: JournalStore, posted: list[Posting]
) -> None:
    played.play(sandbox, NOTHING_FOUND)
    with pytest.raises(AnswerUnclear, match="not-whole"):
        audit(sandbox, store)
    sandbox.company.ledger = ledger_without(sandbox.company.ledger, [number(posting) for posting in posted])
    assert [fault for fault, *_ in faults(sandbox, store)] == [Fault.MISSING] * 3


def test_a_number_that_a_range_leaves_out_is_asked_for_alone(
    sandbox: Sandbox, store: JournalStore, posted: list[Posting]
) -> None:
    played.play(sandbox, replace(NOTHING_FOUND, nth=[1]))
    assert faults(sandbox, store) == []


@pytest.mark.parametrize("language", list(Language))
def test_the_table_fits_a_terminal_of_a_hundred_columns_whole(language: Language) -> None:
    from io import StringIO

    from rich.console import Console

    file = "C:/Users/tesoreria/Documents/contabilidad de junio y julio 2018 (corregida).xlsx"
    facts = [
        FindingFacts(
            *(fault.value, "123456789", "20261129-190639-0169ff", "Nómina de junio, segunda quincena 2018", file),
            *("2018006", (123456790, 123456791), (123456791,)),
            changes=[(2, "treference", "REF-J1", "REF-J0"), (None, "added", "", "101110 D 10.00 Línea")],
        )
        for fault in Fault
    ]
    table = table_of_findings(facts, language, on_a_terminal=True)
    page = StringIO()
    assert print_table(table, Console(file=page, width=100, force_terminal=False)) == ()
    shown = page.getvalue()
    assert max(map(len, shown.splitlines())) <= 100
    squeezed = "".join(shown.split())
    assert squeezed.count("REF-J0") == 1 and "…" not in squeezed
    columns = [shown_column(shown, place, table.headings) for place in range(5)]
    for row in table.rows:
        for place, value in enumerate(row):
            assert "".join(str(value).split()) in columns[place]
    whole = table_of_findings(facts, language)
    assert {"next_step", "run", "file", "fault", "period"} <= set(whole.members)


def shown_column(shown: str, place: int, headings: tuple[str, ...]) -> str:
    """What stands in a column, without blanks."""
    lines = shown.splitlines()
    starts = [lines[0].index(heading) for heading in headings]
    end = starts[place + 1] - 1 if place + 1 < len(starts) else 200
    begin = starts[place] if place else 0
    return "".join("".join(line[begin:end].split()) for line in lines[1:])
