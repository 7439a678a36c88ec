"""Dimensions and addresses go before the journals, which may use what they make."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from importer.errors import ImporterError
from importer.model.entries import CorrectedFrom
from importer.model.results import Document, Result, Status
from importer.post.cases import Case
from importer.post.plan import JournalToPost
from importer.post.records import Evidence
from importer.run.posting import Course
from importer.run.records import post_records
from importer.settings import Settings
from importer.store.database import Database
from importer.store.record_writes import RecordWritten, keep_record_write
from importer.store.runs import keep_result
from importer.validate.attachments import attachments_by_row
from importer.validate.journals import Draft
from importer.validate.records import RecordDraft


def journals_to_post(
    drafts: Iterable[Draft], before: int, settings: Settings, origins: Mapping[str, CorrectedFrom]
) -> list[JournalToPost]:
    """The journals that may be posted, each with the position of its document (`before` documents stand ahead of the
    journals') and the files of its rows; `origins` tell by their path where corrections workbooks come from."""
    files: dict[int, dict[int, tuple[str, ...]]] = {}
    wanted = []
    for place, draft in enumerate(drafts, start=before):
        if draft.journal is None:
            continue
        if id(draft.sheet) not in files:
            found = attachments_by_row(draft.sheet, settings.attachments)
            files[id(draft.sheet)] = {row: tuple(map(str, paths)) for row, paths in found.items()}
        of_sheet = files[id(draft.sheet)]
        of_journal = {row: of_sheet[row] for row in draft.journal.rows if row in of_sheet} if of_sheet else {}
        origin = origins.get(draft.journal.file)
        wanted.append(JournalToPost(place, draft.journal, of_journal, origin, draft.released_as))
    return wanted


class RecordsFirst:
    """The records of a run. `ended` takes them as they stand when they have been carried out, and gives the result so
    far and the journals as they stand then."""

    def __init__(
        self,
        drafts: Sequence[RecordDraft],
        course: Course,
        keep_lease: Callable[[], None],
        ended: Callable[[Sequence[RecordDraft]], tuple[Result, Sequence[Draft]]],
    ) -> None:
        self._drafts = drafts
        self._course = course
        self._keep_lease = keep_lease
        self._ended = ended

    @property
    def documents(self) -> Sequence[Document]:
        """Those that are to be sent."""
        return [one.document for one in self._drafts if one.document.status is Status.READY]

    def carry_out(self, cases: Sequence[Case]) -> tuple[Result, ImporterError | None]:
        """Sends the records, and holds back the journals that depend on one that failed."""
        course, stop = self._course, None
        drafts = self._drafts
        if any(one.write is not None or one.document.status is Status.READY for one in drafts):
            keeper = _Keeper(course.database, course.run, self._keep_lease)
            language = course.settings.language
            drafts, stop = post_records(drafts, course.session, course.company, course.watcher, keeper, language)
        result, journals = self._ended(drafts)
        held = {place for place, one in enumerate(journals, start=len(drafts)) if not one.is_to_post}
        for case in cases:
            case.is_held_back = case.is_held_back or case.entry.position in held
        keep_result(course.database, result)
        return result, stop


class _Keeper:
    """Keeps the evidence of every sending in the store, and the company for this run meanwhile."""

    def __init__(self, database: Database, run: str, keep_lease: Callable[[], None]) -> None:
        self._database = database
        self._run = run
        self._keep_lease = keep_lease

    def keep(self, evidence: Evidence) -> None:
        outcome = evidence.outcome
        if outcome is None:
            self._keep_lease()
        state, answer = ("sending", "") if outcome is None else (outcome.state.value, outcome.answer)
        now = datetime.now(UTC)
        written = RecordWritten(evidence.kind, evidence.key, evidence.action, now, state, answer)
        keep_record_write(self._database, self._run, written)
