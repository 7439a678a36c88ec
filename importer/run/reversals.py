"""Posted journals become their mirrors: the ledger's own lines with the sides swapped, as rows of the journal form."""

import re
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, date, datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from importer.errors import SetupError
from importer.model.dates import Period
from importer.model.journals import DIMENSION_FIELDS, Side
from importer.model.problems import column_letters
from importer.model.workbook import FormSheet
from importer.post.verification import Fault, Finding
from importer.services.session import Session
from importer.services.sunplusxtra.accounts import get_cash_count
from importer.services.sunplusxtra.company import OpenPeriods, get_ledger_definition
from importer.services.sunplusxtra.journals import LedgerLine, get_journal_range
from importer.settings import Settings
from importer.templates.form_sheet import CellValue
from importer.templates.forms import JOURNALS
from importer.translations import say
from importer.validate.journals import drafts_of

_MARKED = re.compile(r"REV ([0-9]+)(?: |$)")


def marked(number: int, description: str) -> str:
    """The description of a line of a mirror: which journal it takes back, then that journal's own."""
    return f"REV {number} {description}"


def earlier_mirrors(
    journals: Mapping[int, Sequence[LedgerLine]], days: Iterable[date], session: Session, zone: tzinfo
) -> dict[int, int]:
    """By journal the first one of the ledger that bears its mark: one read of the movements for each account that the
    journals begin with, a year and more around the journals' own days and the given ones.

    A mirror whose description was written anew is not told. Raises what `get_cash_count` raises.
    """
    by_account: defaultdict[str, list[int]] = defaultdict(list)
    for number, lines in journals.items():
        by_account[lines[0].account].append(number)
    listed = list(days)
    found: dict[int, int] = {}
    for account, numbers in by_account.items():
        own = [line.transaction_day.nearest_day_in(zone) for number in numbers for line in journals[number]]
        for movement in get_cash_count(session, account, *_years_around([*listed, *own])):
            mark = _MARKED.match(movement.description)
            mirrored = int(mark[1]) if mark else 0
            if mirrored in numbers and movement.journal_number != mirrored:
                found[mirrored] = min(found.get(mirrored, movement.journal_number), movement.journal_number)
    return found


def without_reversed(findings: Sequence[Finding], session: Session, zone: tzinfo) -> list[Finding]:
    """The findings without doubled journals of which all but one are taken back: the ledger has a mirror of each that
    bears its mark and the same accounts and amounts on the other side. Where some are left, `reverse` names those.
    Raises what its requests raise."""
    doubled = {
        id(one): (int(one.posted.journal_number), *one.numbers) for one in findings if one.fault is Fault.DOUBLED
    }
    numbers = sorted(set().union(*doubled.values()))
    lines = _lines_of([range(number, number + 1) for number in numbers], session)
    mirrors = earlier_mirrors(lines, (), session, zone) if lines else {}
    of_mirrors = _lines_of([range(number, number + 1) for number in sorted(set(mirrors.values()))], session)
    reversed_ = {
        number
        for number, mirror in mirrors.items()
        if Counter((line.account, _OTHER[line.side], line.amount, line.currency) for line in lines[number])
        == Counter((line.account, line.side, line.amount, line.currency) for line in of_mirrors[mirror])
    }
    kept = []
    for one in findings:
        equal = doubled.get(id(one), ())
        standing = sorted(set(equal) - reversed_)
        if len(standing) > 1:
            kept.append(replace(one, reverse=tuple(standing[1:])))
        elif not equal:
            kept.append(one)
    return kept


def _years_around(days: Sequence[date]) -> tuple[date, date]:
    """From the year before to the end of the year after: a mirror may be dated earlier than its journal, and ahead."""
    first, last = min(days).year - 1, max(days).year + 1
    return date(max(first, MINYEAR), 1, 1), date(min(last, MAXYEAR), 12, 31)


LAST_MONTH = 12
_OTHER = {Side.DEBIT: Side.CREDIT, Side.CREDIT: Side.DEBIT}
_LENGTH = {column.name: column.length for column in JOURNALS.columns}


@dataclass(frozen=True, slots=True)
class Mirrors:
    """Rows of the journal form for the mirrors of `journals`, on the day `day` in `period`. `allocated` are the
    journals with lines that are allocated (paid, reconciled): there more than the posting is to be undone."""

    rows: tuple[Mapping[str, CellValue], ...]
    journals: tuple[int, ...]
    day: date
    period: Period
    allocated: tuple[int, ...]


def mirrors_of(
    ranges: Sequence[range],
    session: Session,
    settings: Settings,
    period: Period | None,
    day: date | None,
    *,
    again: bool = False,
) -> Mirrors:
    """Reads the journals from the ledger and mirrors them. Without `day` it is today in the company's time zone,
    without `period` that of the day; when neither is given and that one is not open, the ledger's current period and
    its day that is nearest to today. Numbers missing within a range are gaps and passed over (J-16).

    Raises SetupError when a journal is not there, does not balance, or has what the form cannot say, for a period that
    is not open, and, unless `again`, when the ledger has a mirror already; ServiceFailure, AnswerUnclear, NotSent as
    the reads do.
    """
    zone = ZoneInfo(settings.timezone)
    today = datetime.now(zone).date()
    chosen_period, chosen_day = when(get_ledger_definition(session), today, period, day)
    lines = _lines_of(ranges, session)
    if not again:
        for number, mirror_number in earlier_mirrors(lines, (today, chosen_day), session, zone).items():
            raise SetupError("reverse-again", journal=str(number), mirror=str(mirror_number))
    rows: list[Mapping[str, CellValue]] = []
    for number, of_journal in lines.items():
        mirror = mirrored(of_journal, chosen_period, chosen_day, zone)
        _refuse_what_the_form_cannot_say(number, mirror, settings)
        rows += mirror
    return Mirrors(
        rows=tuple(rows),
        journals=tuple(lines),
        day=chosen_day,
        period=chosen_period,
        allocated=tuple(number for number, found in lines.items() if any(line.allocation for line in found)),
    )


def when(ledger: OpenPeriods, today: date, period: Period | None, day: date | None) -> tuple[Period, date]:
    """The period and the day of the mirrors. Raises SetupError (`reverse-period`) when the period asked for, or that of
    the day asked for, is not open."""
    of_day = day or today
    wanted = period or Period.of(of_day.year, of_day.month)
    if (ledger.first and wanted < ledger.first) or (ledger.last and wanted > ledger.last):
        if period is not None or day is not None or ledger.current is None:
            raise SetupError(
                "reverse-period", period=wanted, first=str(ledger.first or "…"), last=str(ledger.last or "…")
            )
        wanted = ledger.current
    return wanted, day or _nearest_day(wanted, today)


def _nearest_day(period: Period, today: date) -> date:
    """The day of the period's month that is nearest to today; of an adjustment period the last one of the year."""
    month = min(period.number, LAST_MONTH)
    first, last = date(period.year, month, 1), date(period.year, month, monthrange(period.year, month)[1])
    return last if period.is_adjustment else min(max(today, first), last)


def _lines_of(ranges: Sequence[range], session: Session) -> dict[int, list[LedgerLine]]:
    found: dict[int, list[LedgerLine]] = {}
    for numbers in ranges:
        lines = [line for line in get_journal_range(session, numbers[0], numbers[-1]) if line.journal_number in numbers]
        if not lines:
            listed = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"
            raise SetupError("reverse-missing", journal=listed)
        of_range: dict[int, list[LedgerLine]] = {}
        for line in lines:
            of_range.setdefault(line.journal_number, []).append(line)
        found |= of_range
    return {number: sorted(found[number], key=lambda line: line.line_number) for number in sorted(found)}


def mirrored(lines: Sequence[LedgerLine], period: Period, day: date, zone: ZoneInfo) -> list[Mapping[str, CellValue]]:
    """The rows of one journal's mirror: sides swapped, description and reference marked with its number, dimensions
    kept. The ledger does not show the extra descriptions, so they are empty.

    Raises SetupError for a journal that does not balance (`reverse-unbalanced`), or whose lines differ in type or
    currency or have another value in a second currency (`reverse-mixed`): the form has one amount a row.
    """
    number = str(lines[0].journal_number)
    difference = sum((line.amount if line.side is Side.DEBIT else -line.amount for line in lines), Decimal(0))
    if difference:
        raise SetupError("reverse-unbalanced", journal=number, difference=f"{abs(difference):.2f}")
    has_others = any(
        other not in (None, 0, line.amount) for line in lines for other in (line.other_amount, line.fourth_amount)
    )
    if has_others or len({(line.journal_type, line.currency) for line in lines}) > 1:
        raise SetupError("reverse-mixed", journal=number)
    return [_row(line, place, period, day, zone) for place, line in enumerate(lines, start=1)]


def _row(line: LedgerLine, place: int, period: Period, day: date, zone: ZoneInfo) -> Mapping[str, CellValue]:
    number = line.journal_number
    due = None if line.due_day in (None, line.transaction_day) else line.due_day
    memo = None if not line.memo_amount else abs(line.memo_amount)
    return {
        "journal": f"REV-{number}",
        "line": Decimal(place),
        "journalType": line.journal_type,
        "account": line.account,
        "treference": _cut(f"REV-{number} {line.reference}", "treference"),
        **{name: code or None for name, code in zip(DIMENSION_FIELDS, line.dimensions, strict=True)},
        "description": _cut(marked(number, line.description), "description"),
        "transaction": _OTHER[line.side].value,
        "amount": line.amount,
        "currency": line.currency,
        "transDateTime": day,
        "memoAmount": memo,
        "period": str(period),
        "expiration": due.day_in(zone) if due is not None else None,
        "assetCode": line.asset_code or None,
        "assetIndicator": line.asset_indicator or None,
    }


def _cut(text: str, field: str) -> str:
    """The text as long as the field may be, with a blank for what a cell would not show."""
    shown = "".join(mark if mark.isprintable() else " " for mark in text)
    return shown[: _LENGTH[field]].strip()


def _refuse_what_the_form_cannot_say(number: int, rows: Sequence[Mapping[str, CellValue]], settings: Settings) -> None:
    """The rows are held against the form's own rules, as the workbook will be. Raises SetupError (`reverse-form`)."""
    names = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    names += [column.name for column in JOURNALS.required if column.name not in names]
    sheet = FormSheet(
        form=JOURNALS.name,
        file="",
        sheet=JOURNALS.name,
        heading_row=1,
        rows=tuple(range(2, len(rows) + 2)),
        columns={name: [_canonical(row[name]) for row in rows] for name in names},
        letters={name: column_letters(index) for index, name in enumerate(names)},
    )
    problems = [problem for draft in drafts_of(sheet, JOURNALS, settings.last_period) for problem in draft.problems]
    for problem in problems:
        if problem.blocks:
            raise SetupError(
                "reverse-form",
                journal=str(number),
                line=str((problem.place.row or 2) - 1),
                column=_label(problem.place.field, settings),
                value=problem.value or "",
            )


def _canonical(value: CellValue) -> str | None:
    if value is None or value == "":
        return None
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _label(field: str | None, settings: Settings) -> str:
    if field is None:
        return say(settings.language, "form.journals.title")
    return JOURNALS.label(JOURNALS.column(field), settings.language)


def file_name(journals: Iterable[int]) -> str:
    """The name of the workbook when none is given: `reverse-5326.xlsx`, `reverse-5326-5328.xlsx`."""
    numbers = sorted(journals)
    ends = [numbers[0]] if len(numbers) == 1 else [numbers[0], numbers[-1]]
    return f"reverse-{'-'.join(map(str, ends))}.xlsx"
