"""The Excel templates of the forms, and their sheet of instructions; the same form always gives the same bytes."""

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from textwrap import wrap
from typing import Any

from importer.printable import as_path_argument
from importer.templates.form_sheet import ACCENT, Look, PlainFormulas, RowValues, Sheet
from importer.templates.forms import Form
from importer.templates.lists import ListRanges, Lists, write_lists
from importer.translations import Language, say
from importer.xlsx.writer import open_book

_WIDTHS = (26, 14, 34, 92)
_ALL_WIDTHS = sum(_WIDTHS)
"""In digits of Excel's own font."""

_LINE = 16
_OF_FORM = {
    "journals": ("journals_rows", "marked", "journals_balance"),
    "dimensions": ("dimensions_rows", "dimensions_action", "marked"),
    "addresses": ("addresses_rows", "addresses_action", "marked"),
}
_IN_THE_END = ("check", "run", "again")


def write_instructions(
    book: Any, sheet: Any, forms: Sequence[Form], language: Language, lists: Lists | None, file: str
) -> None:
    """Writes the steps for the forms of the workbook, then every column with what belongs into it. `file` is the
    workbook's name, for the commands."""
    title = book.add_format({"bold": True, "font_size": 16, "font_color": ACCENT})
    part = book.add_format({"bold": True, "font_size": 12, "font_color": ACCENT})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    head = book.add_format({"bold": True, "bg_color": ACCENT, "font_color": "#FFFFFF", "valign": "vcenter"})
    sheet.hide_gridlines(2)
    for index, width in enumerate(_WIDTHS):
        sheet.set_column(index, index, width)
    sheet.write_string(0, 0, say(language, "template.heading"), title)
    row = 2
    for number, step in enumerate(_steps(forms, language, lists, file), start=1):
        sheet.merge_range(row, 0, row, 3, f"{number}.  {step}", plain)
        sheet.set_row(row, _LINE * _lines(f"{number}.  {step}", _ALL_WIDTHS) + 4)
        row += 1
    for form in forms:
        row += 1
        if len(forms) > 1:
            sheet.write_string(row, 0, form.title(language), part)
            row += 1
        for index, key in enumerate(("column", "must", "limit", "meaning")):
            sheet.write_string(row, index, say(language, f"template.{key}"), head)
        for texts in _column_texts(form, language):
            row += 1
            for index, text in enumerate(texts):
                sheet.write_string(row, index, text, plain)
            sheet.set_row(row, _LINE * max(map(_lines, texts, _WIDTHS)) + 2)
        row += 1
    sheet.set_paper(1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in a cell of some width, broken between words."""
    return max(1, len(wrap(text, width, break_long_words=True)))


def _steps(forms: Sequence[Form], language: Language, lists: Lists | None, file: str) -> Iterator[str]:
    if len(forms) > 1:
        titles = ", ".join(f"“{form.title(language)}”" for form in forms)
        yield say(language, "guide.several", sheets=titles)
    if lists is not None:
        day = f"{lists.taken_at:%Y-%m-%d}"
        yield say(language, "guide.lists", company=lists.company_name, id=lists.company_id, day=day)
    steps: dict[str, None] = {}
    for form in forms:
        of_form: tuple[str, ...] = _OF_FORM[form.name]
        if lists is not None and form.name == "journals":
            of_form = (*(step.replace("marked", "marked_prepared") for step in of_form), "journals_colours")
        steps |= dict.fromkeys(of_form)
    journal = next((form.label(form.column("journal"), language) for form in forms if form.name == "journals"), "")
    for step in (*steps, *_IN_THE_END):
        yield say(language, f"guide.{step}", journal=journal, file=as_path_argument(file))


def _column_texts(form: Form, language: Language) -> Iterator[tuple[str, str, str, str]]:
    for column in form.columns:
        if column.numbered is None or column.numbered == 1:
            label, limit = form.label(column, language), say(language, f"kind.{column.kind}")
            if column.numbered is not None:  # a row of alike columns stands once: `Description 1-25`
                last = max(other.numbered or 0 for other in form.columns if other.wording == column.wording)
                label = label.replace("1", f"1-{last}", 1)
            if column.length is not None:
                limit += ". " + say(language, "template.length", length=column.length)
            if column.choices:
                limit += ": " + ", ".join(column.choices)
            must = "template.yes" if column.required else "template.yes_to_create" if column.required_to_create else ""
            yield label, say(language, must) if must else "", limit, form.help(column, language)


PREPARED_ROWS = 5_000
_MADE_AT = datetime(2026, 1, 1)  # a fixed day: the same form gives the same bytes


def workbook_of(
    forms: Sequence[Form],
    language: Language,
    rows: Mapping[str, Sequence[RowValues]] | None = None,
    lists: Lists | None = None,
    prepared_rows: int = PREPARED_ROWS,
    file: str | None = None,
) -> bytes:
    """A workbook (.xlsx) to fill in: a sheet for each form, then the instructions, in the given language. `rows` are
    written below the headings of a form, by its name (values by wire name; texts are never formulas).

    The heading row is frozen and filterable; headings of required columns are dark and shown with `*` (by their number
    format: the cell holds the bare label); code columns are text, so that leading zeros survive. With `lists` the
    company's lists stand on a hidden sheet, code columns have drop-downs, and so many rows of the journals are
    prepared with formulas (`calculated`). `file` is the workbook's own name, for the commands in the instructions
    (without it the form's: `journals.xlsx`).
    """
    target = io.BytesIO()
    book = open_book(target)
    title = ", ".join(form.title(language) for form in forms)
    book.set_properties({"title": title, "created": _MADE_AT})
    look = Look(book)
    # The sheets' order is that of their creation, and the forms' drop-downs name places on the sheet of the lists.
    sheets = [(form, book.add_worksheet(form.title(language), PlainFormulas)) for form in forms]
    instructions = book.add_worksheet(say(language, "template.instructions"))
    usual_name = f"{forms[0].name if len(forms) == 1 else 'all'}.xlsx"
    write_instructions(book, instructions, forms, language, lists, file or usual_name)
    ranges = write_lists(book, lists, language) if lists is not None else ListRanges({})
    for form, sheet in sheets:
        Sheet(sheet, form, language, look, lists, ranges).write((rows or {}).get(form.name, ()), prepared_rows)
    book.close()
    return target.getvalue()
