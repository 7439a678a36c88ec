"""A journal whose answer is lost is never taken for one that the ledger had before it was sent."""

from dataclasses import replace

import pytest

from importer.model.postings import PostingOptions, State
from importer.post.context import PostingContext
from importer.post.ledger_checks import look
from importer.post.poster import post_journals
from importer.post.posting_state import Posting
from importer.sandbox import Sandbox
from importer.store.database import Database
from tests.post.conftest import context_with, kept, planned, session_with, store_of
from tests.post.journals import journal
from tests.post.test_looking import posted_by_others
from tests.sandbox.faults import Fault, play

UNSEEN = PostingOptions(check_ledger=False, verify=False, settle=0.1)
HASTY_UNSEEN = replace(UNSEEN, wait=False)


def lost(sandbox: Sandbox, *, committed: bool, blind: bool = False) -> None:
    """The next journal's answer is lost; `blind`: and the first look at the ledger fails."""
    faults = [Fault("post_journal", nth=[1], committed=committed)]
    if blind:
        faults.append(Fault("get_cash_count", nth=[1, 2, 3], status=502))
    play(sandbox, *faults)


def one_unseen(
    sandbox: Sandbox, database: Database, posting_options: PostingOptions = UNSEEN
) -> tuple[Posting, PostingContext]:
    """A journal and what it is posted with, by a run that does not look before sending."""
    store = store_of(database, "run-1")
    (posting,) = planned([journal()], store)
    return posting, context_with(session_with(sandbox), store, posting_options=posting_options)


def test_an_equal_journal_that_was_there_before_is_not_the_lost_one(sandbox: Sandbox, database: Database) -> None:
    (older,) = posted_by_others([journal()], sandbox, database)
    posting, context = one_unseen(sandbox, database)
    lost(sandbox, committed=False)
    post_journals([posting], context)
    assert posting.state is State.POSTED and posting.journal_number != older and not posting.recovered
    assert posting.attempts == 2


def test_the_lost_one_is_found_beside_its_older_equal(sandbox: Sandbox, database: Database) -> None:
    (older,) = posted_by_others([journal()], sandbox, database)
    posting, context = one_unseen(sandbox, database)
    lost(sandbox, committed=True)
    post_journals([posting], context)
    assert posting.state is State.POSTED and posting.recovered and posting.attempts == 1
    assert posting.journal_number != older and not posting.equals


def test_where_nobody_could_look_an_equal_journal_is_shown_to_a_person(sandbox: Sandbox, database: Database) -> None:
    (older,) = posted_by_others([journal()], sandbox, database)
    posting, context = one_unseen(sandbox, database)
    lost(sandbox, committed=False, blind=True)
    assert post_journals([posting], context) is None
    assert posting.state is State.UNKNOWN and posting.ambiguous_matches == (int(older),) and not posting.was_looked_for
    assert kept(posting, store_of(database, "run-2")).preexisting_matches is None


def test_what_a_person_has_judged_is_sent_again_and_found_as_itself(sandbox: Sandbox, database: Database) -> None:
    (older,) = posted_by_others([journal()], sandbox, database)
    posting, context = one_unseen(sandbox, database)
    lost(sandbox, committed=False, blind=True)
    post_journals([posting], context)
    lost(sandbox, committed=True)
    store = store_of(database, "run-2")
    (again,) = planned([journal()], store)
    context = context_with(session_with(sandbox), store, posting_options=replace(UNSEEN, resend=frozenset({again.id})))
    post_journals([again], context)
    assert again.state is State.POSTED and again.recovered and again.journal_number != older


@pytest.mark.parametrize("looks", [False, True])
def test_what_was_there_before_is_remembered_by_the_next_run(looks: bool, sandbox: Sandbox, database: Database) -> None:
    (older,) = posted_by_others([journal()], sandbox, database)
    posting, context = one_unseen(sandbox, database, HASTY_UNSEEN)
    lost(sandbox, committed=False)
    post_journals([posting], context)
    assert posting.state is State.UNKNOWN and not posting.ambiguous_matches
    store = store_of(database, "run-2")
    (again,) = planned([journal()], store)
    assert again.preexisting_matches == frozenset({int(older)})
    context = context_with(session_with(sandbox), store, posting_options=replace(UNSEEN, check_ledger=looks))
    if looks:
        look([again], context)
    post_journals([again], context)
    assert again.state is State.POSTED and again.journal_number != older
