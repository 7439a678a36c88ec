"""What follows posting: files are linked, vouchers saved, the month's stamps looked up. None of it undoes a posting."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from importer.errors import ImporterError, Interrupted
from importer.files import fault_of_file
from importer.model.dates import Month, Period
from importer.model.postings import FileLink, SavedVoucher, State
from importer.model.problems import Place, Problem
from importer.model.results import Result, StampsOfMonth, Status
from importer.post.attachments import (
    AttachmentContext,
    PrintContext,
    files_to_link,
    link_files,
    problem_of,
    save_vouchers,
)
from importer.post.posting_state import Posting
from importer.run.journals import PostingResult, RunContext
from importer.settings import Settings
from importer.store.runs import LinkedFileStore
from importer.translations import Language


def with_extras(posted: PostingResult, run_context: RunContext, keep_lease: Callable[[], None]) -> PostingResult:
    """The same with what came of files, vouchers and stamps. Never raises for one of them."""
    postings = [posting for posting in posted.postings if _is_of_this_run(posting, run_context.run)]
    linked = _linked(postings, run_context, keep_lease)
    result = replace(
        posted.result,
        problems=(*posted.result.problems, *_problems(linked, posted.result, run_context.settings.language)),
        links=tuple(one for one, _ in linked),
        vouchers=tuple(_vouchers(postings, run_context)),
        stamps=stamps_of_result(posted.result, run_context.settings),
    )
    is_cut_short = run_context.observer.interrupts() and posted.stopped_by is None
    return replace(posted, result=result, stopped_by=Interrupted("interrupted") if is_cut_short else posted.stopped_by)


def _is_of_this_run(posting: Posting, run: str) -> bool:
    """Posted by this run itself, now or before it was interrupted; never what another machine has posted."""
    return (
        posting.state is State.POSTED and posting.attempts > 0 and (not posting.was_posted or posting.known.run == run)
    )


def _linked(
    postings: Sequence[Posting], run_context: RunContext, keep_lease: Callable[[], None]
) -> list[tuple[FileLink, Posting]]:
    with_workbook = run_context.posting_options.attach_workbook
    wanted = [(file, posting) for posting in postings for file in _files_of(posting, with_workbook=with_workbook)]
    store = LinkedFileStore(run_context.database, run_context.key, run_context.run, run_context.installation)

    def tell() -> None:
        with suppress(ImporterError):  # a lost company keeps no file from being linked: each is claimed by itself
            keep_lease()

    context = AttachmentContext(run_context.session, store, tell, run_context.observer.interrupts)
    linked = link_files([file for file, _ in wanted], context)
    return [(one, posting) for one, (_, posting) in zip(linked, wanted, strict=True)]


def _files_of(posting: Posting, *, with_workbook: bool) -> Iterator[FileLink]:
    number = int(posting.journal_number or 0)
    yield from files_to_link(posting.entry.journal, number, posting.entry.files)
    workbook = Path(posting.entry.journal.file)
    if with_workbook and fault_of_file(workbook) is None:
        yield FileLink(str(workbook), number)


def _problems(linked: Sequence[tuple[FileLink, Posting]], result: Result, language: Language) -> Iterator[Problem]:
    letters = {(file.path, sheet.name): sheet.letters for file in result.files for sheet in file.sheets}
    for one, posting in linked:
        document = result.documents[posting.entry.position]
        place = _place_of(one, posting, document.file, document.sheet, letters.get((document.file, document.sheet), {}))
        problem = problem_of(one, place, document.key, language)
        if problem is not None:
            yield problem


def _place_of(one: FileLink, posting: Posting, file: str, sheet: str, letters: Mapping[str, str]) -> Place:
    lines = posting.entry.journal.lines
    if one.line is None:
        return Place(file, sheet, min(line.row for line in lines))
    return Place(file, sheet, lines[one.line - 1].row, letters.get("attachment"), "attachment")


def _vouchers(postings: Sequence[Posting], run_context: RunContext) -> list[SavedVoucher]:
    folder = run_context.posting_options.vouchers
    if folder is None:
        return []
    context = PrintContext(
        run_context.session,
        run_context.company,
        folder,
        run_context.settings.language,
        interrupts=run_context.observer.interrupts,
    )
    return save_vouchers([(int(posting.journal_number or 0), posting.voucher_number) for posting in postings], context)


def stamps_of_result(result: Result, settings: Settings) -> StampsOfMonth | None:
    """The stamps of the latest month that the ledger has journals of; None where it has none, without Sovos, or when it
    does not answer: the stamps are a courtesy of the report, `importer stamps` says why."""
    in_ledger = (one.period for one in result.documents if one.status in (Status.POSTED, Status.ALREADY_POSTED))
    periods = [period for period in map(Period.read, in_ledger) if period is not None and not period.is_adjustment]
    if not (periods and settings.sovos_url and settings.sovos_api_key):
        return None
    from importer.lookups.stamps import month_of_stamps  # a run without Sovos goes without its client

    month = Month.of(max(periods).year, max(periods).number)
    try:
        found = month_of_stamps(settings, month)
    except ImporterError:
        return None
    return StampsOfMonth(str(month), found.transactions, tuple(found.by_day().items()))
