"""A journal whose answer is lost is never taken for one that the ledger had before it was sent."""

from dataclasses import replace

import pytest

from importer.model.options import Wishes
from importer.model.postings import State
from importer.post.context import Means
from importer.post.ledger_checks import look
from importer.post.poster import post_journals
from importer.post.postings import Case
from importer.sandbox import Sandbox
from importer.store.database import Database
from tests.faults import play
from tests.post.conftest import kept, means_with, planned, session_with, store_of
from tests.post.journals import journal
from tests.post.test_looking import posted_by_others

UNSEEN = Wishes(looks=False, verifies=False, settle=0.1)
HASTY_UNSEEN = replace(UNSEEN, waits=False)


def lost(sandbox: Sandbox, *, committed: bool, blind: bool = False) -> None:
    """The next journal's answer is lost; `blind`: and the first look at the ledger fails."""
    script = f"[[fault]]\noperation='post_journal'\nnth=1\nkind='drop'\ncommitted={str(committed).lower()}\n"
    if blind:
        script += "[[fault]]\noperation='get_cash_count'\nnth=[1, 2, 3]\nkind='html'\n"
    play(sandbox, script)


def one_unseen(sandbox: Sandbox, database: Database, wishes: Wishes = UNSEEN) -> tuple[Case, Means]:
    """A journal and what it is posted with, by a run that does not look before sending."""
    store = store_of(database, "run-1")
    (case,) = planned([journal()], store)
    return case, means_with(session_with(sandbox), store, wishes=wishes)


def test_an_equal_journal_that_was_there_before_is_not_the_lost_one(sandbox: Sandbox, database: Database) -> None:
    (older,) = posted_by_others([journal()], sandbox, database)
    case, means = one_unseen(sandbox, database)
    lost(sandbox, committed=False)
    post_journals([case], means)
    assert case.state is State.POSTED and case.journal_number != older and not case.recovered
    assert case.attempts == 2


def test_the_lost_one_is_found_beside_its_older_equal(sandbox: Sandbox, database: Database) -> None:
    (older,) = posted_by_others([journal()], sandbox, database)
    case, means = one_unseen(sandbox, database)
    lost(sandbox, committed=True)
    post_journals([case], means)
    assert case.state is State.POSTED and case.recovered and case.attempts == 1
    assert case.journal_number != older and not case.equals


def test_where_nobody_could_look_an_equal_journal_is_shown_to_a_person(sandbox: Sandbox, database: Database) -> None:
    (older,) = posted_by_others([journal()], sandbox, database)
    case, means = one_unseen(sandbox, database)
    lost(sandbox, committed=False, blind=True)
    assert post_journals([case], means) is None
    assert case.state is State.UNKNOWN and case.held_by == (int(older),) and not case.was_looked_for
    assert kept(case, store_of(database, "run-2")).there_before is None


def test_what_a_person_has_judged_is_sent_again_and_found_as_itself(sandbox: Sandbox, database: Database) -> None:
    (older,) = posted_by_others([journal()], sandbox, database)
    case, means = one_unseen(sandbox, database)
    lost(sandbox, committed=False, blind=True)
    post_journals([case], means)
    lost(sandbox, committed=True)
    store = store_of(database, "run-2")
    (again,) = planned([journal()], store)
    means = means_with(session_with(sandbox), store, wishes=replace(UNSEEN, sends_again=frozenset({again.id})))
    post_journals([again], means)
    assert again.state is State.POSTED and again.recovered and again.journal_number != older


@pytest.mark.parametrize("looks", [False, True])
def test_what_was_there_before_is_remembered_by_the_next_run(looks: bool, sandbox: Sandbox, database: Database) -> None:
    (older,) = posted_by_others([journal()], sandbox, database)
    case, means = one_unseen(sandbox, database, HASTY_UNSEEN)
    lost(sandbox, committed=False)
    post_journals([case], means)
    assert case.state is State.UNKNOWN and not case.held_by
    store = store_of(database, "run-2")
    (again,) = planned([journal()], store)
    assert again.there_before == frozenset({int(older)})
    means = means_with(session_with(sandbox), store, wishes=replace(UNSEEN, looks=looks))
    if looks:
        look([again], means)
    post_journals([again], means)
    assert again.state is State.POSTED and again.journal_number != older
