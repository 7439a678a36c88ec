"""Commands on posted journals by their numbers: `importer print` saves vouchers as PDF files, `importer reverse` writes
a workbook of mirror journals, to look at and run."""

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli import options
from importer.cli.context import CompanySession, at_company, of_company, settings_from
from importer.cli.language import current_language, words
from importer.cli.options import DAY, PERIOD, ParamType
from importer.cli.output import refuse_existing, show, show_json, write_file
from importer.errors import ExitCode, ImporterError, RequestRefused, SetupError, unusable_file
from importer.files import UnusableFile, read_plain_file
from importer.model.dates import Period
from importer.services.operations import DIALECTS, DOCUMENT
from importer.templates.forms import JOURNALS

if TYPE_CHECKING:
    from importer.model.postings import SavedVoucher
    from importer.post.attachments import PrintContext
    from importer.run.reversals import Mirrors


MOST_JOURNALS = 500
"""A slip in a range (5326-53280) must not ask for a whole ledger."""


class _JournalNumbers(ParamType):
    """A journal number, or a range of them: `5326-5328`."""

    name = "journal"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> range:
        """As click's: the numbers of a text. Raises BadParameter where there are none, or too many."""
        found = re.fullmatch(r"([1-9][0-9]{0,17})(?:-([1-9][0-9]{0,17}))?", str(value))
        numbers = range(0) if found is None else range(int(found[1]), int(found[2] or found[1]) + 1)
        if not 0 < len(numbers) <= MOST_JOURNALS:
            self.fail(words("said.bad-journal", text=str(value), most=MOST_JOURNALS), param, ctx)
        return numbers


_JOURNALS = _JournalNumbers()

MOST_LOGO_BYTES = 10 * 1024**2

FORMATS = {
    "policy": "PFP",
    "payment": "PP",
    "check": "PC",
    "receipt": "PR",
    "cash-report": "PCS",
    "notice": "PNM",
}
"""People's names of the formats, and the wire's (I-02)."""

LIVE_FORMATS = ("PGP", "PASR", "PAD", "PDM", "PPCV", "PVC")
"""What the live service prints besides has no name but the wire's: no document says what it is."""


class _Format(click.Choice[str]):
    """A format by either of its names, in capitals or not; gives the wire's."""

    def __init__(self) -> None:
        super().__init__([*FORMATS, *FORMATS.values(), *LIVE_FORMATS], case_sensitive=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        chosen = super().convert(value, param, ctx)
        return FORMATS.get(chosen, chosen)


@click.command("print", help=words("help.print"), short_help=words("help.print-short"))
@click.argument("journals", metavar="JOURNAL...", nargs=-1, required=True, type=_JOURNALS)
@click.option("--format", "format_name", type=_Format(), default="policy", help=words("help.format"))
@click.option("-o", "target", metavar="FILE|FOLDER", type=options.PATH, help=words("help.print-target"))
@click.option("--logo", metavar="FILE", type=options.PATH, help=words("help.logo"))
@click.option("--book", metavar="BOOK", default="A", help=words("help.book"))
@click.option("--force", is_flag=True, help=words("help.force"))
@of_company
def print_command(journals: tuple[range, ...], target: Path | None, force: bool, **flags: Any) -> int:
    """Saves the vouchers and says where they are. Gives 1 when the service refuses one, 3 when it cannot be reached, 4
    when one that may be counted was asked for and did not come. Raises SetupError for a file that cannot be used,
    RequestRefused for a format that the dialect does not know."""
    from importer.post.attachments import PrintContext, save_vouchers
    from importer.services.sunplusxtra.journals import COUNTED, PrintFormat, refuse_foreign_format

    numbers = list(dict.fromkeys(number for one in journals for number in one))
    print_format = PrintFormat(flags["format_name"])
    is_one_file = target is not None and target.suffix.lower() == ".pdf" and not target.is_dir()
    if is_one_file and len(numbers) > 1:
        raise click.UsageError(words("said.one-file-one-journal"))
    settings = settings_from(flags)
    refuse_foreign_format(print_format, DOCUMENT if flags["in_sandbox"] else DIALECTS[settings.dialect])
    logo = None if flags["logo"] is None else _picture(flags["logo"])
    if target is not None and is_one_file:
        refuse_existing(target, replaces=force)
    with at_company(settings, flags) as at:
        folder = target if target is not None and not is_one_file else Path()
        context = PrintContext(at.session, at.company, folder, at.settings.language, print_format, flags["book"], logo)
        if target is not None and is_one_file:
            saved = [_saved_as(target, numbers[0], context, force=force)]
        else:
            saved = save_vouchers([(number, None) for number in numbers], context)
        return _report_saved(saved, at, is_counted=print_format in COUNTED, as_json=flags["as_json"])


def _picture(file: Path) -> bytes:
    from importer.services.sunplusxtra.journals import PICTURES

    try:
        logo = read_plain_file(file, MOST_LOGO_BYTES)
    except UnusableFile as error:
        raise unusable_file(file, MOST_LOGO_BYTES, error) from error
    except OSError as error:
        raise SetupError("logo-file", file=str(file), detail=error.strerror or str(error)) from error
    if not logo.startswith(PICTURES):
        raise RequestRefused("logo", "picture-file", name=file.name)
    return logo


def _saved_as(file: Path, number: int, context: "PrintContext", *, force: bool) -> "SavedVoucher":
    from importer.model.postings import SavedVoucher, VoucherOutcome
    from importer.post.attachments import not_saved
    from importer.services.sunplusxtra.journals import print_journal

    try:
        pdf = print_journal(
            context.session, number, context.print_format, context.language, book=context.book, logo=context.logo
        )
        write_file(file, pdf, replaces=force)
    except ImporterError as error:
        return not_saved(number, error)
    return SavedVoucher(number, VoucherOutcome.SAVED, str(file))


def _report_saved(saved: "list[SavedVoucher]", at: CompanySession, *, is_counted: bool, as_json: bool) -> int:
    from importer.post.attachments import reason_words

    reasons = {one.journal_number: reason_words(one.reason, current_language()) for one in saved}
    for one in saved:
        if one.file is None or not as_json:
            said = words(
                f"said.voucher-{one.outcome}",
                journal=one.journal_number,
                file=one.file or "",
                reason=reasons[one.journal_number],
            )
            show(said, is_bad=one.file is None)
    if is_counted and any(one.outcome.value == "unclear" for one in saved):
        show(words("said.voucher-counted"), is_bad=True)
    if as_json:
        vouchers = [
            {
                "journal_number": str(one.journal_number),
                "outcome": one.outcome.value,
                "file": one.file,
                "message": reasons[one.journal_number] or None,
            }
            for one in saved
        ]
        show_json({"company": {"id": at.company.id, "name": at.company.name}, "vouchers": vouchers})
    return _exit_code({one.outcome.value for one in saved}, is_counted=is_counted)


def _exit_code(outcomes: set[str], *, is_counted: bool) -> int:
    if is_counted and "unclear" in outcomes:
        return ExitCode.UNKNOWN
    if outcomes & {"unclear", "not_saved"}:
        return ExitCode.STOPPED
    return ExitCode.FAULTY if "refused" in outcomes else ExitCode.FINE


@click.command("reverse", help=words("help.reverse"), short_help=words("help.reverse-short"))
@click.argument("journals", metavar="JOURNAL...", nargs=-1, required=True, type=_JOURNALS)
@click.option("-o", "target", metavar="FILE", type=options.PATH, help=words("help.template-file"))
@click.option("--period", metavar="YYYY0MM", type=PERIOD, help=words("help.reverse-period"))
@click.option("--date", "day", metavar="YYYY-MM-DD", type=DAY, help=words("help.reverse-date"))
@click.option("--again", is_flag=True, help=words("help.reverse-again"))
@click.option("--force", is_flag=True, help=words("help.force"))
@of_company
def reverse_command(
    journals: tuple[range, ...],
    target: Path | None,
    period: Period | None,
    day: date | None,
    again: bool,
    force: bool,
    **flags: Any,
) -> int:
    """Reads the journals, writes the workbook, and says where it is. Raises SetupError when a journal cannot be
    mirrored or the file cannot be written, and what the reads raise when the service does not give the journals."""
    from importer.run.reversals import file_name, mirrors_of
    from importer.templates.template_workbook import workbook_of

    settings = settings_from(flags)
    if target is not None:
        refuse_existing(target, replaces=force)
    with at_company(settings, flags) as at:
        mirrors = mirrors_of(journals, at.session, at.settings, period, day, again=again)
        file = target or Path(file_name(mirrors.journals))
        content = workbook_of([JOURNALS], at.settings.language, {JOURNALS.name: mirrors.rows}, file=file.name)
        write_file(file, content, replaces=force)
        _report_mirrors(mirrors, file, as_json=flags["as_json"])
    return 0


def _report_mirrors(mirrors: "Mirrors", file: Path, *, as_json: bool) -> None:
    for number in mirrors.allocated:
        show(words("said.reverse-allocated", journal=number), is_bad=True)
    if as_json:
        show_json(
            {
                "file": str(file),
                "journals": [str(number) for number in mirrors.journals],
                "period": str(mirrors.period),
                "date": mirrors.day.isoformat(),
                "allocated": [str(number) for number in mirrors.allocated],
            }
        )
    else:
        facts = {"file": str(file), "period": str(mirrors.period), "date": mirrors.day.isoformat()}
        show(words("said.reversed", count=len(mirrors.journals), **facts))
