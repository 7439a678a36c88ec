"""Rules across the rows of one journal, and across the journals of one upload: each mistake is one problem."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from decimal import Decimal
from typing import Protocol, TypeVar

from importer.model.problems import Problem, spans
from importer.model.workbook import FormSheet

Entry = TypeVar("Entry")


class Rows(Protocol):
    """The rows of one journal: positions in the sheet's lists, and which cells can be read."""

    positions: list[int]

    def pick(self, column: Sequence[Entry]) -> Sequence[Entry]:
        """Of a column of the sheet what stands in these rows."""

    def is_readable(self, position: int, *fields: str) -> bool:
        """True when every one of these cells can be read."""


class Texts(Protocol):
    """A sheet's texts by field, its amounts, and the dates that stand beside the period of another month."""

    amounts: list[Decimal | None]

    @property
    def days_and_periods_apart(self) -> Set[tuple[str | None, str | None]]:
        """Dates and periods, as they are written, that stand together in a row but lie in different months."""

    def texts(self, name: str) -> list[str | None]:
        """The texts of a field, one a row of the sheet."""

    def distinct(self, name: str) -> Set[str | None]:
        """The texts of a field, each once."""


def texts_in(rows: Rows, texts: Texts, name: str) -> Set[str | None]:
    """The texts of a field in these rows, each once. On most sheets all rows have the same currency or type."""
    of_sheet = texts.distinct(name)
    return of_sheet if len(of_sheet) == 1 else frozenset(rows.pick(texts.texts(name)))


_ONE_A_JOURNAL = {
    "mixed-type": ("journalType", "type"),
    "mixed-period": ("period", "period"),
    "mixed-currency": ("currency", "currency"),
}


def journal_problems(
    rows: Rows,
    sheet: FormSheet,
    texts: Texts,
    debit: Decimal | None,
    credit: Decimal | None,
    balance_by: Sequence[str],
) -> Iterator[Problem]:
    """What is wrong with a journal as a whole. `debit` and `credit` are its sums, None when they cannot be told;
    `balance_by` names the dimensions by each of which it must balance too."""
    mixed = [problem for code in _ONE_A_JOURNAL if (problem := _mixed(code, rows, sheet, texts)) is not None]
    yield from mixed
    yield from _duplicate_lines(rows, sheet, texts)
    yield from _dates_outside(rows, sheet, texts)
    has_one_currency = not any(problem.code == "mixed-currency" for problem in mixed)
    if debit is None or credit is None or not has_one_currency:
        return
    if debit != credit:
        yield _unbalanced(sheet, rows, debit, credit, "total", {})
    else:
        yield from _unbalanced_by(balance_by, rows, sheet, texts)


def _mixed(code: str, rows: Rows, sheet: FormSheet, texts: Texts) -> Problem | None:
    """One problem for the rows that differ from the most frequent value, at the first of them."""
    name, fact = _ONE_A_JOURNAL[code]
    if len(texts_in(rows, texts, name)) == 1:
        return None
    column = texts.texts(name)
    readable = [position for position in rows.positions if rows.is_readable(position, name)]
    counts = Counter(column[position] for position in readable)
    if len(counts) < 2:
        return None
    usual = counts.most_common(1)[0][0]
    others = [position for position in readable if column[position] != usual]
    value = column[others[0]]
    facts = {
        fact: value or "",
        "usual": usual or "",
        "rows": spans(sheet.rows[position] for position in others),
    }
    return Problem(code, sheet.place(sheet.rows[others[0]], name), None, value, None, code, facts)


def _duplicate_lines(rows: Rows, sheet: FormSheet, texts: Texts) -> Iterator[Problem]:
    column = texts.texts("line")
    numbers = rows.pick(column)
    if len(set(numbers)) == len(numbers) or not any(numbers):
        return
    first_row: dict[str, int] = {}
    for position in rows.positions:
        number = column[position]
        if number is None or not rows.is_readable(position, "line"):
            continue
        row = sheet.rows[position]
        if number in first_row:
            facts = {"line": number, "row": str(first_row[number])}
            yield Problem("duplicate-line", sheet.place(row, "line"), None, number, None, "duplicate-line", facts)
        first_row.setdefault(number, row)


def _dates_outside(rows: Rows, sheet: FormSheet, texts: Texts) -> Iterator[Problem]:
    """One problem a journal, at the first date that lies in another month than its period (P-06): a warning, unless
    some are more than a year away. Those are told alone, as an error."""
    days, periods, far = texts.texts("transDateTime"), texts.texts("period"), texts.days_and_periods_apart
    if not far or far.isdisjoint(zip(rows.pick(days), rows.pick(periods), strict=True)):
        return
    outside = [
        position
        for position in rows.positions
        if (days[position], periods[position]) in far and rows.is_readable(position, "transDateTime", "period")
    ]
    if not outside:
        return
    far_away = [position for position in outside if is_far_outside(days[position] or "", periods[position] or "")]
    chosen = far_away or outside
    day, period = days[chosen[0]] or "", periods[chosen[0]] or ""
    facts = {"date": day, "period": period, "rows": spans(sheet.rows[position] for position in chosen)}
    place = sheet.place(sheet.rows[chosen[0]], "transDateTime")
    wording = "date-outside-period-by-years" if far_away else "date-outside-period"
    yield Problem("date-outside-period", place, None, day, None, wording, facts)


def is_outside(day: str, period: str) -> bool:
    """True when a date (`2018-06-30`) lies in another month than a period (`2018006`) that is a month, or more than a
    year away from an adjustment period's year."""
    is_month = "001" <= period[4:] <= "012"
    return period != f"{day[:4]}0{day[5:7]}" if is_month else is_far_outside(day, period)


def is_far_outside(day: str, period: str) -> bool:
    """True when a date lies more than a year before the first day of a period, or after its last day; an adjustment
    period is taken for its whole year. False for texts that are neither date nor period."""
    if not (_DAY.fullmatch(day) and _PERIOD.fullmatch(period)):
        return False
    year, number = int(period[:4]), period[5:]
    first, last = (number, number) if period[4] == "0" and number <= "12" else ("01", "12")
    # Months of two digits compare as days do: a month's last day is never after its 31st.
    return day < f"{year - 1:04d}-{first}-01" or day > f"{year + 1:04d}-{last}-31"


_DAY, _PERIOD = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}"), re.compile("[1-9][0-9]{6}")


def _unbalanced_by(balance_by: Sequence[str], rows: Rows, sheet: FormSheet, texts: Texts) -> Iterator[Problem]:
    """One problem a dimension, for the first code that does not balance: the others mirror it."""
    sides, no = texts.texts("transaction"), Decimal(0)
    for name in balance_by:
        if not all(rows.is_readable(position, name) for position in rows.positions):
            continue
        sums: dict[str, dict[str | None, Decimal]] = {}
        for position in rows.positions:
            of_code = sums.setdefault(texts.texts(name)[position] or "", {})
            of_code[sides[position]] = of_code.get(sides[position], no) + (texts.amounts[position] or no)
        for code, of_code in sums.items():
            debit, credit = of_code.get("D", no), of_code.get("C", no)
            if debit != credit:
                yield _unbalanced(sheet, rows, debit, credit, "by", {"heading": name, "key": code or "–"})
                break


def _unbalanced(
    sheet: FormSheet, rows: Rows, debit: Decimal, credit: Decimal, wording: str, facts: dict[str, str]
) -> Problem:
    sums = {"debit": f"{debit:.2f}", "credit": f"{credit:.2f}", "difference": f"{abs(debit - credit):.2f}"}
    place = sheet.place(min(sheet.rows[position] for position in rows.positions))
    return Problem("unbalanced", place, None, None, None, f"unbalanced.{wording}", sums | facts)
