"""Dimensions and addresses of a run: checked against the company, and carried out before the journals that may use
them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from importer.errors import ImporterError
from importer.model.journals import DIMENSION_FIELDS
from importer.model.postings import Appearance, Entry, State
from importer.model.problems import Problem
from importer.model.results import Company, Document, Result, Status
from importer.post.plan import entries_of
from importer.post.posting_state import Posting
from importer.post.records import Keep, RecordOutcome, RecordToSend, send_records
from importer.reference.lists import record_lists
from importer.reference.suggestions import Suggester
from importer.run.approvals import RecordToApprove
from importer.run.company import unavailable_list
from importer.run.journals import RunContext
from importer.run.state import Observer
from importer.services.session import Session
from importer.services.sunplusxtra.records import AddressWrite, AnalysisCode, Found
from importer.settings import Settings
from importer.store.runs import RecordWritten, keep_record_write, keep_result
from importer.translations import Language, sentence_of
from importer.validate import records
from importer.validate.attachments import attachments_by_row
from importer.validate.journal_references import NO_CODES, Cell, WorkbookCodes, codes_made, failed_dependencies
from importer.validate.journals import Draft
from importer.validate.record_references import decided
from importer.validate.records import RecordDraft

_KINDS = (records.KIND, records.ADDRESS_KIND)
"""Dimensions go first."""


_WORDING_OF_UNKNOWN = {
    None: "outcome-unknown.record-unread",
    Found.AS_BEFORE: "outcome-unknown.record",
    Found.OTHERWISE: "outcome-unknown.record-differs",
}


@dataclass(frozen=True, slots=True)
class CheckedRecords:
    """The drafts with what is to be sent for each, the warnings about lists that could not be had, the codes that the
    upload makes or removes itself, and the dimensions that were read."""

    drafts: list[RecordDraft]
    warnings: list[Problem]
    made: WorkbookCodes
    known: Mapping[int, Mapping[str, AnalysisCode]]


def check_records(drafts: Sequence[RecordDraft], session: Session, at_once: int, language: Language) -> CheckedRecords:
    """Every draft against the company's lists, which are read once, `at_once` at a time. A draft whose list could not
    be had stays as it is. `language` is that of the warnings.

    Raises only what ends the session (CredentialsRefused, SetupError).
    """
    lists = record_lists(session, [one.change for one in drafts if one.change is not None], at_once)
    checked = {id(draft): draft for draft in drafts}
    made = NO_CODES
    for kind in _KINDS:
        for draft in drafts:
            if draft.document.kind == kind:
                checked[id(draft)] = decided(draft, lists, made) or draft
        made = codes_made(checked.values())
    warnings = [unavailable_list(one, language) for one in lists.unavailable]
    known = {number: codes for number, codes in lists.codes.items() if codes}
    suggester = Suggester(codes=known)
    suggested = [replace(one, problems=tuple(suggester.suggesting(one.problems))) for one in checked.values()]
    return CheckedRecords(suggested, warnings, made, known)


def post_records(
    drafts: Sequence[RecordDraft],
    session: Session,
    company: Company,
    observer: Observer,
    keep: Keep,
    language: Language,
) -> tuple[list[RecordDraft], ImporterError | None]:
    """Carries out what is right, dimensions before addresses, and gives every draft with what became of it, and what
    stopped the sending (None: nothing). Deletes that the person does not confirm are not sent. Once anything may have
    been sent nothing is raised."""
    ended = {id(draft): _with_decision(draft) for draft in _confirmed(drafts, company, observer)}
    stop: ImporterError | None = None
    with observer.posting(sum(draft.write is not None for draft in ended.values())) as tell:
        for kind in _KINDS:
            made = codes_made(ended.values())
            turn = {key: _after_codes(draft, made) for key, draft in ended.items() if draft.document.kind == kind}
            ended |= turn
            sent = {key: draft for key, draft in turn.items() if draft.write is not None}
            if stop is None and sent:
                wanted = [
                    RecordToSend(one.document.kind, one.document.key, one.write)
                    for one in sent.values()
                    if one.write is not None
                ]
                outcomes, stop = send_records(wanted, session, keep, tell, observer.interrupts)
                for (key, draft), outcome in zip(sent.items(), outcomes, strict=False):
                    ended[key] = _ended(draft, outcome, language)
    return [draft.blocked() for draft in ended.values()], stop


def _confirmed(drafts: Sequence[RecordDraft], company: Company, observer: Observer) -> list[RecordDraft]:
    deletes = [draft.document for draft in drafts if draft.write is not None and draft.write.wanted is None]
    if not deletes or observer.confirms_deletes(company, deletes):
        return list(drafts)
    return [draft.blocked() if draft.document in deletes else draft for draft in drafts]


def _with_decision(draft: RecordDraft) -> RecordDraft:
    """Without the company's list nobody knows what to send."""
    if draft.document.status is not Status.READY or draft.write is not None:
        return draft
    problem = Problem("service-unavailable", draft.place(), wording="service-unavailable.record")
    held = draft.blocked()
    return replace(held, problems=(*held.problems, problem.of(draft.document.key)))


def _ended(draft: RecordDraft, outcome: RecordOutcome, language: Language) -> RecordDraft:
    document = replace(draft.document, attempts=outcome.sendings, recovered=outcome.recovered)
    reason = "" if outcome.reason is None else sentence_of(outcome.reason, language)
    match outcome.state:
        case State.POSTED:
            return replace(draft, document=document.ended(Status.POSTED))
        case State.REFUSED:
            status, code, wording = Status.REFUSED, "refused-document", "refused-document.record"
        case State.UNKNOWN:
            status, code, wording = Status.UNKNOWN, "outcome-unknown", _WORDING_OF_UNKNOWN[outcome.found]
        case _:
            return replace(draft, document=document.ended(Status.NOT_SENT))
    problem = Problem(code, draft.place(), document.key, wording=wording, facts={"reason": reason})
    return replace(draft, document=document.ended(status), problems=(*draft.problems, problem))


def _after_codes(draft: RecordDraft, made: WorkbookCodes) -> RecordDraft:
    """An address that uses a new code of the workbook whose row failed is not sent."""
    return draft.with_problems(failed_dependencies(_codes_of_address(draft), made))


def _codes_of_address(draft: RecordDraft) -> Iterator[tuple[int, str, Cell]]:
    if not isinstance(draft.write, AddressWrite) or draft.write.wanted is None:
        return
    for number, used in draft.write.wanted.analysis_codes.items():
        if used.id.isdecimal() and 1 <= int(used.id) <= len(DIMENSION_FIELDS):
            yield int(used.id), used.code, Cell(draft.sheet, draft.row, f"analysis{number}.code")


def blocked_by_records(drafts: Sequence[Draft], records: Sequence[RecordDraft]) -> list[Draft]:
    """The journals, after the records were carried out: one that uses a new code whose row was refused, is unknown or
    was not sent is not sent either, and points at that row."""
    made = codes_made(records)
    return [
        draft.with_problems(failed_dependencies(_codes_of_journal(draft), made)) if draft.is_to_post else draft
        for draft in drafts
    ]


def _codes_of_journal(draft: Draft) -> Iterator[tuple[int, str, Cell]]:
    for row in draft.coded_rows():
        for number, code in enumerate(row.dimensions, start=1):
            if code:
                yield number, code, Cell(draft.sheet, row.row, DIMENSION_FIELDS[number - 1])


def entries_to_post(
    drafts: Iterable[Draft], before: int, company: str, settings: Settings, origins: Mapping[str, Appearance]
) -> list[Entry]:
    """The journals that may be posted as entries for the store (`company` is a `company_key`): each with the position
    of its document (`before` documents stand ahead of the journals') and the files of its rows; `origins` tell by their
    path where corrections workbooks come from."""
    files: dict[int, dict[int, tuple[str, ...]]] = {}
    ready = {place: draft for place, draft in enumerate(drafts, start=before) if draft.journal is not None}
    journals = ((place, draft.journal) for place, draft in ready.items() if draft.journal is not None)
    wanted = []
    for entry, draft in zip(entries_of(journals, company), ready.values(), strict=True):
        if id(draft.sheet) not in files:
            found = attachments_by_row(draft.sheet, settings.attachments)
            files[id(draft.sheet)] = {row: tuple(map(str, paths)) for row, paths in found.items()}
        of_sheet = files[id(draft.sheet)]
        of_journal = {row: of_sheet[row] for row in entry.journal.rows if row in of_sheet} if of_sheet else {}
        origin = origins.get(entry.journal.file)
        wanted.append(replace(entry, files=of_journal, origin=origin, released_as=draft.released_as))
    return wanted


class RecordsPosting:
    """The records of a run. `ended` takes them as they stand when they have been carried out, and gives the result so
    far and the journals as they stand then."""

    def __init__(
        self,
        drafts: Sequence[RecordDraft],
        run_context: RunContext,
        keep_lease: Callable[[], None],
        ended: Callable[[Sequence[RecordDraft]], tuple[Result, Sequence[Draft]]],
    ) -> None:
        self._drafts = drafts
        self._context = run_context
        self._keep_lease = keep_lease
        self._ended = ended

    @property
    def documents(self) -> Sequence[Document]:
        """Those that are to be sent."""
        return [one.document for one in self._drafts if one.document.status is Status.READY]

    def to_approve(self) -> list[RecordToApprove]:
        """What is to be sent, for a second person to approve."""
        return [
            RecordToApprove(one.document, repr(one.change), is_delete=one.document.action == "delete")
            for one in self._drafts
            if one.document.status is Status.READY
        ]

    def carry_out(self, postings: Sequence[Posting]) -> tuple[Result, ImporterError | None]:
        """Sends the records, and holds back the journals that depend on one that failed."""
        run_context, stop = self._context, None
        drafts = self._drafts
        if any(one.write is not None or one.document.status is Status.READY for one in drafts):
            language = run_context.settings.language
            drafts, stop = post_records(
                drafts, run_context.session, run_context.company, run_context.observer, self._keep, language
            )
        result, journals = self._ended(drafts)
        held = {place for place, one in enumerate(journals, start=len(drafts)) if not one.is_to_post}
        for posting in postings:
            posting.blocked = posting.blocked or posting.entry.position in held
        keep_result(run_context.database, result)
        return result, stop

    def _keep(self, record: RecordToSend, outcome: RecordOutcome | None) -> None:
        """Keeps the evidence of every sending in the store, and the company for this run meanwhile."""
        if outcome is None:
            self._keep_lease()
        state, answer = ("sending", "") if outcome is None else (outcome.state.value, outcome.answer)
        action = record.write.action.value
        written = RecordWritten(record.kind, record.key, action, datetime.now(UTC), state, answer)
        keep_record_write(self._context.database, self._context.run, written)
