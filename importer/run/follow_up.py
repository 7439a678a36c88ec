"""What follows posting: files are linked, vouchers saved, the month's stamps looked up. None of it undoes a posting."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from importer.errors import ImporterError, Interrupted
from importer.lookups.stamps import month_of_stamps
from importer.model.attachments import FileToLink, Linked, SavedVoucher
from importer.model.dates import Month, Period
from importer.model.options import Extras
from importer.model.postings import State
from importer.model.problems import Place, Problem
from importer.model.results import Result, StampsOfMonth, Status
from importer.post.attachments import LinkMeans, files_to_link, link_files, problem_of
from importer.post.postings import Case
from importer.post.vouchers import PrintMeans, save_vouchers
from importer.run.journals import Course, Posted
from importer.services.sunplusxtra.file_kinds import fault_of_file
from importer.settings import Settings
from importer.store.attachments import LinkedFileStore
from importer.translations import Language


def with_extras(posted: Posted, course: Course, extras: Extras, keep_lease: Callable[[], None]) -> Posted:
    """The same with what came of files, vouchers and stamps. Never raises for one of them."""
    cases = [case for case in posted.cases if _is_of_this_run(case, course.run)]
    linked = _linked(cases, course, extras, keep_lease)
    result = replace(
        posted.result,
        problems=(*posted.result.problems, *_problems(linked, posted.result, course.settings.language)),
        links=tuple(one for one, _ in linked),
        vouchers=tuple(_vouchers(cases, course, extras)),
        stamps=stamps_of_result(posted.result, course.settings),
    )
    is_cut_short = course.watcher.interrupts() and posted.stopped_by is None
    return replace(posted, result=result, stopped_by=Interrupted("interrupted") if is_cut_short else posted.stopped_by)


def _is_of_this_run(case: Case, run: str) -> bool:
    """Posted by this run itself, now or before it was interrupted; never what another machine has posted."""
    return case.state is State.POSTED and case.attempts > 0 and (not case.was_posted or case.known.run == run)


def _linked(
    cases: Sequence[Case], course: Course, extras: Extras, keep_lease: Callable[[], None]
) -> list[tuple[Linked, Case]]:
    wanted = [(file, case) for case in cases for file in _files_of(case, extras)]
    store = LinkedFileStore(course.database, course.key, course.run, course.installation)

    def tell() -> None:
        with suppress(ImporterError):  # a lost company keeps no file from being linked: each is claimed by itself
            keep_lease()

    means = LinkMeans(course.session, store, lambda: datetime.now(UTC), tell, course.watcher.interrupts)
    linked = link_files([file for file, _ in wanted], means)
    return [(one, case) for one, (_, case) in zip(linked, wanted, strict=True)]


def _files_of(case: Case, extras: Extras) -> Iterator[FileToLink]:
    number = int(case.journal_number or 0)
    files = {row: tuple(map(Path, paths)) for row, paths in case.entry.files.items()}
    yield from files_to_link(case.entry.journal, number, files)
    workbook = Path(case.entry.journal.file)
    if extras.attach_workbook and fault_of_file(workbook) is None:
        yield FileToLink(str(workbook), number)


def _problems(linked: Sequence[tuple[Linked, Case]], result: Result, language: Language) -> Iterator[Problem]:
    letters = {(file.path, sheet.name): sheet.letters for file in result.files for sheet in file.sheets}
    for one, case in linked:
        document = result.documents[case.entry.position]
        place = _place_of(one, case, document.file, document.sheet, letters.get((document.file, document.sheet), {}))
        problem = problem_of(one, place, document.key, language)
        if problem is not None:
            yield problem


def _place_of(one: Linked, case: Case, file: str, sheet: str, letters: Mapping[str, str]) -> Place:
    lines = case.entry.journal.lines
    if one.line is None:
        return Place(file, sheet, min(line.row for line in lines))
    return Place(file, sheet, lines[one.line - 1].row, letters.get("attachment"), "attachment")


def _vouchers(cases: Sequence[Case], course: Course, extras: Extras) -> list[SavedVoucher]:
    if extras.vouchers is None:
        return []
    means = PrintMeans(
        course.session,
        course.company,
        extras.vouchers,
        course.settings.language,
        interrupts=course.watcher.interrupts,
    )
    return save_vouchers([(int(case.journal_number or 0), case.voucher_number) for case in cases], means)


def stamps_of_result(result: Result, settings: Settings) -> StampsOfMonth | None:
    """The stamps of the latest month that the result is about; None without Sovos, or when it does not answer: the
    stamps are a courtesy of the report, `importer stamps` says why."""
    if not (settings.sovos_url and settings.sovos_api_key):
        return None
    month = _month_of(result, settings)
    try:
        found = month_of_stamps(settings, month)
    except ImporterError:
        return None
    return StampsOfMonth(str(month), found.transactions, tuple(found.by_day().items()))


def _month_of(result: Result, settings: Settings) -> Month:
    in_ledger = (one.period for one in result.documents if one.status in (Status.POSTED, Status.ALREADY_POSTED))
    periods = [period for period in map(Period.read, in_ledger) if period is not None and not period.is_adjustment]
    today = datetime.now(ZoneInfo(settings.timezone)).date()
    return Month.of(max(periods).year, max(periods).number) if periods else Month.of(today.year, today.month)
