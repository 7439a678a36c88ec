"""Checks of a form's sheet as a whole: a second row of headings, alternative columns, an unread column of keys, merged
cells, dates with a time of day.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache

from importer.formats.delimited import DelimitedText
from importer.model.problems import Place, Problem, column_letters
from importer.model.workbook import CellText, FormSheet
from importer.read.cells import MIDNIGHT, TimedDay, heading_of
from importer.read.headings import Layout
from importer.templates.forms import Form, Kind, calculated_headings, fold_heading, synonyms
from importer.xlsx.number_formats import CURRENCIES, NumberLook
from importer.xlsx.values import CELL_ERROR, NOT_CALCULATED, UNREADABLE_CELL, Merged, Row, UnusableCell

_FEWEST_HEADINGS = 2


def second_headings(
    layout: Layout, rows: Sequence[int], columns: Mapping[str, Sequence[CellText]], forms: Sequence[Form], place: Place
) -> Problem | None:
    """The problem of a sheet (`place`) with a row below the headings that holds headings again, None without one: the
    rows under them would be read by the first ones' columns.

    Such a row has headings, of whatever form, in at least half of the required columns that the sheet has (in both of
    two), in two cells at least, and in at least half of its filled cells. None is looked for where headings are
    missing: those are reported.
    """
    if layout.missing:
        return None
    known = {heading for form in forms for heading in (*form.headings(), *calculated_headings(form.name))}
    known |= synonyms().one.keys() | synonyms().several.keys()
    longest = 2 * max(map(len, known), default=0)

    @cache
    def is_heading(text: str) -> bool:
        # Numbers and long texts are no headings; folding each of a hundred thousand would take a second.
        return not text.isdecimal() and len(text) <= longest and fold_heading(text) in known

    other = layout.form.alternative.names if layout.form.alternative is not None else ()
    required = {*(column.name for column in layout.form.required), *other}
    telling = [name for name in columns if name in required]
    fewest = max((len(telling) + 1) // 2, min(len(telling), _FEWEST_HEADINGS))
    # A row with so many of them has one in each choice of the others and one more: those with the fewest texts do.
    distinct = {name: set(columns[name]) for name in telling}
    positions: set[int] = set()
    for name in sorted(telling, key=lambda name: len(distinct[name]))[: len(telling) - fewest + 1]:
        if again := {text for text in distinct[name] if text is not None and is_heading(text)}:
            positions.update(position for position, text in enumerate(columns[name]) if text in again)
    for position in sorted(positions):
        filled = {name: text for name, texts in columns.items() if (text := texts[position]) is not None}
        found = [name for name, text in filled.items() if is_heading(text)]
        is_much = len(found) >= _FEWEST_HEADINGS and 2 * len(found) >= len(filled)
        if is_much and sum(name in found for name in telling) >= fewest:
            facts = {"row": str(rows[position]), "sheet": place.sheet or ""}
            return Problem("duplicate-column", place, wording="duplicate-column.headings", facts=facts)
    return None


_OF_LINES = frozenset(("account", "amount", "debit", "credit"))


def headings_below(layout: Layout, below: Row, headless: Collection[int], file: str, sheet: str) -> Problem | None:
    """The problem of a heading that spans several columns, each of which has one of its own in the row directly `below`
    it: the first would be read, whichever it is. None where the row is a line, or nothing stands under a blank heading
    (`headless`)."""
    texts = {index: value for index, value in enumerate(below) if isinstance(value, str) and heading_of(value)}
    fields = {index: name for name, index in layout.columns.items()}
    if any(fields.get(index) in _OF_LINES for index, value in enumerate(below) if value is not None):
        return None
    for index in sorted(headless & texts.keys()):
        spanned = max((one for one in layout.headed if one < index), default=None)
        if spanned in fields and spanned in texts:
            facts = {"row": str(layout.row + 1), "heading": layout.headings[spanned]}
            facts["texts"] = f"{heading_of(texts[spanned])}, {heading_of(texts[index])}"
            return Problem("duplicate-column", Place(file, sheet), wording="duplicate-column.below", facts=facts)
    return None


def with_one_alternative(sheet: FormSheet, form: Form) -> tuple[FormSheet, list[Problem]]:
    """The sheet with the columns that it uses, where it has both: those without any entry are put aside. When both have
    entries nobody can tell which count, and that is a problem of the sheet; so is a column that is missing beside those
    that it uses."""
    other = form.alternative
    if other is None:
        return sheet, []
    replaced = [name for name in other.replaced if name in sheet.letters]
    standing_in = [name for name in other.names if name in sheet.letters]
    if not (replaced and standing_in):
        return sheet, []
    if not _is_used(sheet, standing_in):
        return _without(sheet, standing_in), []
    if not _is_used(sheet, replaced):
        lacked = [name for name in other.names if name not in sheet.letters]
        about = {"sheet": sheet.sheet, "row": str(sheet.heading_row)}
        return _without(sheet, replaced), [
            Problem("missing-column", sheet.place(), wording="missing-column", facts={"heading": name, **about})
            for name in lacked
        ]
    facts = {"first": _letters(sheet, replaced), "second": _letters(sheet, standing_in)}
    return sheet, [Problem("duplicate-column", sheet.place(), wording="duplicate-column.alternatives", facts=facts)]


def _is_used(sheet: FormSheet, names: Collection[str]) -> bool:
    return any(any(sheet.columns[name]) for name in names) or any(name in names for _, name in sheet.unusable)


def _without(sheet: FormSheet, names: Collection[str]) -> FormSheet:
    columns = {name: texts for name, texts in sheet.columns.items() if name not in names}
    letters = {name: letters for name, letters in sheet.letters.items() if name not in names}
    return replace(sheet, columns=columns, letters=letters)


def _letters(sheet: FormSheet, names: Collection[str]) -> str:
    return ", ".join(sheet.letters[name] for name in names)


UnreadTexts = Mapping[int, Sequence[CellText | UnusableCell]]
"""By column (from 0): the texts of the form's rows in a column that is no field's, read as keys would be."""

_WITHOUT_TEXT = (CELL_ERROR, UNREADABLE_CELL, NOT_CALCULATED.wording)
_AMOUNT = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")
_WHOLE = re.compile(r"-?[0-9]+")


def key_field_of(form: Form) -> str | None:
    """The field by which rows are grouped; None in a form of which each row stands for itself."""
    return next((column.name for column in form.columns if column.kind is Kind.KEY), None)


def column_of_keys(layout: Layout, unread: UnreadTexts, columns: Mapping[str, Sequence[CellText]]) -> int | None:
    """The column (from 0) by which rows without any key would fall apart into several journals; None without one.

    It is a column with at least two different texts, in one of two ways:
    - its heading contains a name of the key (`No. de póliza`), and not every row has a text of its own;
    - whatever its heading, if any: at least half of the rows are filled, at least half of the different texts stand in
      several rows, they are neither days nor amounts with decimals, and do not just name the accounts (each account
      with one text, each text with one account).
    So remarks that are mostly blank or all different are no keys.
    """
    if layout.missing:
        return None
    of_key = [name for name, field in layout.form.headings().items() if field == key_field_of(layout.form)]
    headings = {index: fold_heading(layout.unknown.get(index, "")) for index in unread}
    named = [
        index
        for index, texts in unread.items()
        if any(name in headings[index] for name in of_key)
        and 1 < len({text for text in texts if isinstance(text, str)}) < len(texts)
    ]
    accounts = columns.get("account", ())
    others = [index for index, texts in unread.items() if _reads_as_keys(texts) and not names_accounts(texts, accounts)]
    return min(named or others, default=None)


def _reads_as_keys(texts: Sequence[CellText | UnusableCell]) -> bool:
    if any(isinstance(text, UnusableCell) and text.wording not in _WITHOUT_TEXT for text in texts):
        return False
    times = Counter(text for text in texts if isinstance(text, str))
    several = sum(count > 1 for count in times.values())
    is_filled = 2 * times.total() >= len(texts)
    if len(times) < 2 or not is_filled or 2 * several < len(times):
        return False
    are_amounts = all(_AMOUNT.fullmatch(text) for text in times) and not all(map(_WHOLE.fullmatch, times))
    return not are_amounts


def names_accounts(texts: Sequence[CellText | UnusableCell], codes: Sequence[CellText]) -> bool:
    """True when each code has one text and each text one code, row by row: the texts may be the codes' names."""
    pairs = {(code, text) for code, text in zip(codes, texts, strict=False) if code is not None and text is not None}
    return 0 < len(pairs) == len({code for code, _ in pairs}) == len({text for _, text in pairs})


def unread_key_problem(layout: Layout, index: int, file: str, sheet: str) -> Problem:
    """The problem of a sheet whose column `index` (from 0) may hold the keys of several journals."""
    letters = column_letters(index)
    facts = {"heading": key_field_of(layout.form) or "", "row": str(layout.row)}
    if index in layout.unknown:
        wording, more = "missing-column.key", {"meant": layout.unknown[index], "cell": f"{letters}{layout.row}"}
    else:
        wording, more = "missing-column.key-blank", {"column": letters}
    return Problem("missing-column", Place(file, sheet), wording=wording, facts=facts | more)


_MOST_NAMED = 10


def merge_problems(
    merged: Iterable[Merged],
    heading_row: int,
    rows: Sequence[int],
    columns: Mapping[str, int],
    place: Place,
    filled: Sequence[int],
) -> Iterator[Problem]:
    """One problem for a sheet in which merged cells of the form's columns reach from one row to another that counts:
    Excel keeps the first one's value alone, the others are blank, whatever people see.

    `rows` are those that count, `columns` those of the form (from 0), `place` is the sheet's. A merge that begins in a
    row that counts may reach into any that is `filled`: what was set aside there may be a line.
    """
    of_form, counting = set(columns.values()), set(rows)
    found = [
        one.reference
        for one in merged
        if _reaches_down(one.rows, heading_row, filled if one.rows.start in counting else rows)
        and not of_form.isdisjoint(one.columns)
    ]
    if found:
        ranges = ", ".join(found[:_MOST_NAMED]) + (" …" if len(found) > _MOST_NAMED else "")
        yield Problem("not-allowed", place, wording="not-allowed.merged", facts={"ranges": ranges})


def _reaches_down(covered: range, heading_row: int, rows: Sequence[int]) -> bool:
    """True when a row that counts is covered and is not the first: only that one has its value."""
    below = max(covered.start, heading_row)
    after = bisect_right(rows, below)
    return after < len(rows) and rows[after] < covered.stop


def covered_cells(merged: Iterable[Merged], sheet: FormSheet, columns: Mapping[str, int]) -> Iterator[Problem]:
    """A warning for each cell with an entry that lies under merged cells of its row: Excel shows the first one alone,
    and all of them count. Merged cells of several rows are no matter here: `merge_problems` refuses them.

    `columns` are those of the form (from 0).
    """
    for one in merged:
        below = bisect_right(sheet.rows, max(one.rows.start - 1, sheet.heading_row))
        if below == len(sheet.rows) or (row := sheet.rows[below]) not in one.rows:
            continue
        if _reaches_down(one.rows, sheet.heading_row, sheet.rows):
            continue
        for field, texts in sheet.columns.items():
            is_covered = columns[field] in one.columns and (row, columns[field]) != (one.rows[0], one.columns[0])
            if is_covered and (text := texts[below]) is not None:
                facts = {"ranges": one.reference}
                place = sheet.place(row, field)
                yield Problem("hidden-cell", place, value=text, wording="hidden-cell", facts=facts)


def mark_problems(marks: Mapping[tuple[int, str], NumberLook], sheet: FormSheet) -> Iterator[Problem]:
    """An error for each amount (row, field) that Excel shows in another currency than that of its line, or as one of
    the other side; a warning where the line's code is none that begins with a currency's of ISO 4217."""
    lines = dict(zip(sheet.rows, range(len(sheet.rows)), strict=True)) if marks else {}
    for (row, field), look in marks.items():
        if row not in lines or field not in sheet.columns:
            continue
        place = sheet.place(row, field)
        code, side, text = (
            sheet.columns[name][lines[row]] if name in sheet.columns else None
            for name in ("currency", "transaction", field)
        )
        if look.currency and code is not None and not code.upper().startswith(look.currency):
            facts = {"currency": code, "shown": look.currency}
            is_other = code.upper()[:3] in CURRENCIES
            yield Problem(
                "mixed-currency", place, None, look.currency, None, "mixed-currency.shown", facts, softened=not is_other
            )
        side = {"debit": "D", "credit": "C", "amount": side}.get(field)
        if look.side and side in ("D", "C") and not look.side.startswith(side):
            yield Problem("not-a-number", place, value=text, wording="not-a-number.side", facts={"shown": look.side})


_JUST_BEFORE_MIDNIGHT = time(23)
_NOON = time(12)
_HOUR = timedelta(hours=1)
_FEWEST_TIMES = 2
"""One cell alone is no habit of a writer."""


def time_problems(place: Place, rows: Sequence[int], texts: Sequence[CellText | UnusableCell]) -> list[Problem]:
    """One problem for each cell with a time of day in a column of dates, and a warning for each whose day is not shown.
    Of such a date the day counts, unless a time zone or a writer may have moved it to another day. `place` is the
    column's, `rows` the sheet's, `texts` those of the column in these rows.

    It is an error, which names both days, in the hour before midnight and with one hour in every cell of the column;
    otherwise a warning. Programs keep midnight as an instant and write it down in another time zone: in a zone west of
    theirs every date ends up in the evening before. SheetJS in America/Mexico_City is 36 seconds short of midnight (the
    zone's offset before 1922); a summer time that was forgotten takes an hour.
    """
    days = [(row, text) for row, text in zip(rows, texts, strict=True) if isinstance(text, TimedDay)]
    timed = [(row, text) for row, text in days if text.at != MIDNIGHT]
    is_every = len(timed) == sum(text is not None for text in texts) >= _FEWEST_TIMES
    is_shift = is_every and _is_shift([text for _, text in timed])
    problems = []
    for row, text in days:
        if text.is_unseen:
            facts, where = {"date": str(text)}, replace(place, row=row)
            wording = "time-in-date.month"
            problems.append(Problem("time-in-date", where, None, str(text), None, wording, facts, softened=True))
    return [*problems, *(_problem(text, replace(place, row=row), is_shift=is_shift) for row, text in timed)]


def _is_shift(days: Sequence[TimedDay]) -> bool:
    """True for one time in all cells, and for two of them an hour apart that no month has both of: summer time."""
    times = sorted({day.at for day in days})
    if len(times) != 2:
        return len(times) == 1
    early, late = ({day[:7] for day in days if day.at == one} for one in times)
    first, second = (datetime.combine(date.min, one) for one in times)
    return second - first == _HOUR and early.isdisjoint(late)


def _problem(text: TimedDay, place: Place, *, is_shift: bool) -> Problem:
    at, other = text.at.isoformat("seconds"), str(text)
    with suppress(OverflowError):  # the day on the other side of the midnight that is near
        other = (date.fromisoformat(text) + timedelta(days=1 if text.at >= _NOON else -1)).isoformat()
    value, facts = f"{text} {at}", {"date": str(text), "time": at, "other": other}
    if text.at >= _JUST_BEFORE_MIDNIGHT:
        wording = "time-in-date.midnight"
    else:
        wording = "time-in-date.every" if is_shift else "time-in-date.plain"
    return Problem("time-in-date", place, None, value, None, wording, facts, softened=wording == "time-in-date.plain")


def encoding_problems(text: DelimitedText | None, file: str) -> Iterator[Problem]:
    """A warning with a sample of the words that are right only if the assumed encoding is, or certainly wrong."""
    if text is not None and text.doubt is not None:
        wording, words = text.doubt
        code, is_certain = wording.partition(".")[::2]
        yield Problem(code, Place(file), wording=wording, facts={"words": words}, softened=bool(is_certain))


_OF_TEXT = (Kind.KEY, Kind.CODE, Kind.TEXT)
"""Kinds in which a formula would be posted as a text; in the others it is an error anyhow."""


def cells_problems(text: DelimitedText | None, layout: Layout, sheet: Place) -> Iterator[Problem]:
    """A warning for each row with a line break inside quotes and for each text that is a formula, and an error for each
    row with more cells than the heading row: a comma within an amount moves all cells behind it. Rows that all end in
    as many blank cells are whole: some programs end each row with a delimiter."""
    if text is None:
        return
    for row in text.broken_rows:
        yield Problem("line-break", replace(sheet, row=row), wording="line-break", facts={"row": str(row)})
    fields = {index: name for name, index in layout.columns.items() if layout.form.column(name).kind in _OF_TEXT}
    for (row, index), formula in text.formulas.items():
        if row > layout.row and index in fields:
            place = replace(sheet, row=row, column=column_letters(index), field=fields[index])
            yield Problem("not-text", place, None, formula, None, "not-text.formula", softened=True)
    heading_width, headings = text.widths.get(layout.row, (0, 0))
    below = {row: width for row, width in text.widths.items() if row > layout.row}
    is_ragged = len({width for width, _ in below.values()}) > 1
    for row, (width, filled) in below.items():
        if filled > headings or (is_ragged and width > heading_width):
            facts = {"row": str(row), "cells": str(max(filled, width)), "headings": str(headings)}
            place = replace(sheet, row=row, column=column_letters(headings))
            yield Problem("extra-cells", place, wording="extra-cells", facts=facts)
