"""What reading back has shown of a journal stays true when a later look at the ledger fails."""

from collections.abc import Iterator
from dataclasses import replace

from importer.model.problems import Problem
from importer.model.results import Document, Result, Status

NOT_VERIFIED = "not-verified"
NOT_READ = "not-verified.unread"
"""The wording for a journal that was not read back; without it the ledger was read, and did not show the journal."""
VERDICT = "posted-differently"

_Home = tuple[str, str | None, str | None]


def with_earlier_verdicts(result: Result, before: Result) -> Result:
    """A resumed run's result, in which the journals that could not be read back this time stand as the reading before
    left them (`before`): identical, or different with what differs."""
    unseen = {_home(one) for one in result.problems if one.code == "not-shown"}
    documents = list(result.documents)
    kept: set[_Home] = set()
    for position, (now, then) in enumerate(zip(result.documents, before.documents, strict=True)):
        home = (now.file, now.sheet, now.key)
        if home not in unseen and _was_told_only_before(now, then):
            documents[position] = replace(now, verified=then.verified)
            kept.add(home)
    problems = [one for one in result.problems if not (one.code == NOT_VERIFIED and _home(one) in kept)]
    return replace(result, documents=tuple(documents), problems=(*problems, *_verdicts(before, kept)))


def _was_told_only_before(now: Document, then: Document) -> bool:
    is_same = now.status is Status.POSTED and now.journal_number == then.journal_number
    return is_same and now.verified is None and then.verified is not None


def _verdicts(before: Result, kept: set[_Home]) -> Iterator[Problem]:
    return (one for one in before.problems if one.code == VERDICT and _home(one) in kept)


def _home(problem: Problem) -> _Home:
    return problem.place.file, problem.place.sheet, problem.document
