"""Rules across the rows of one journal, and across the journals of one upload: each mistake is one problem."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from decimal import Decimal

from importer.model.journals import Side
from importer.model.problems import Problem, spans
from importer.model.workbook import FormSheet
from importer.validate.journal_columns import Group, TypedColumns, is_far_outside


def texts_in(rows: Group, texts: TypedColumns, name: str) -> Set[str | None]:
    """The texts of a field in these rows, each once. On most sheets all rows have the same currency or type."""
    of_sheet = texts.distinct(name)
    return of_sheet if len(of_sheet) == 1 else frozenset(rows.pick(texts.texts(name)))


def side_in_doubt(rows: Group, sheet: FormSheet, texts: TypedColumns) -> Iterator[Problem]:
    """One problem for a journal with both C and a word that says credit in Spanish: its C may be meant as cargo."""
    against, sides = texts.words_against_credit, texts.texts("transaction")
    if not against:
        return
    other = next((sides[position] for position in rows.positions if sides[position] in against), None)
    credits = [position for position in rows.positions if sides[position] == Side.CREDIT]
    if other is not None and credits:
        place = sheet.place(sheet.rows[credits[0]], "transaction")
        facts = {"other": other, "rows": spans(sheet.rows[position] for position in credits)}
        yield Problem("bad-choice", place, None, Side.CREDIT.value, None, "bad-choice.beside", facts)


_ONE_A_JOURNAL = {
    "mixed-type": ("journalType", "type"),
    "mixed-period": ("period", "period"),
    "mixed-currency": ("currency", "currency"),
}


def journal_problems(
    rows: Group,
    sheet: FormSheet,
    texts: TypedColumns,
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


def _mixed(code: str, rows: Group, sheet: FormSheet, texts: TypedColumns) -> Problem | None:
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


def _duplicate_lines(rows: Group, sheet: FormSheet, texts: TypedColumns) -> Iterator[Problem]:
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


def _dates_outside(rows: Group, sheet: FormSheet, texts: TypedColumns) -> Iterator[Problem]:
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


def _unbalanced_by(balance_by: Sequence[str], rows: Group, sheet: FormSheet, texts: TypedColumns) -> Iterator[Problem]:
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
    sheet: FormSheet, rows: Group, debit: Decimal, credit: Decimal, wording: str, facts: dict[str, str]
) -> Problem:
    sums = {"debit": f"{debit:.2f}", "credit": f"{credit:.2f}", "difference": f"{abs(debit - credit):.2f}"}
    place = sheet.place(min(sheet.rows[position] for position in rows.positions))
    return Problem("unbalanced", place, None, None, None, f"unbalanced.{wording}", sums | facts)
