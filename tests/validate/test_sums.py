"""A journal whose debits and credits cannot be told is not right, whatever else is said of it."""

from importer.model.results import Status
from importer.templates.forms import JOURNALS
from importer.validate.journals import drafts_of
from tests.validate.sheets import pair, sheet_of


def test_a_journal_without_sums_is_never_ready() -> None:
    (right,) = drafts_of(sheet_of(pair()), JOURNALS, 12)
    (draft,) = drafts_of(sheet_of(pair(), without=("transaction", "amount")), JOURNALS, 12)
    assert (right.document.status, draft.document.status) == (Status.READY, Status.INVALID)
    assert draft.document.debit is None and draft.journal is None
