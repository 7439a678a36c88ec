"""The Excel templates of the forms, made from their tables of columns; the same form always gives the same bytes."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from importer.language import Language, say
from importer.templates.form_sheet import CellValue, Look, RowValues, Sheet
from importer.templates.forms import Form
from importer.templates.instructions import usual_name, write_instructions
from importer.templates.lists import Lists
from importer.templates.lists_sheet import ListRanges, write_lists

__all__ = ["PREPARED_ROWS", "CellValue", "Live", "RowValues", "template_of", "workbook_of"]

PREPARED_ROWS = 5_000
_MADE_AT = datetime(2026, 1, 1)  # a fixed day: the same form gives the same bytes


@dataclass(frozen=True, slots=True)
class Live:
    """A company's lists for a template, and how many rows are prepared with formulas."""

    lists: Lists
    prepared_rows: int = field(default=PREPARED_ROWS)


def template_of(
    form: Form,
    language: Language,
    rows: Sequence[RowValues] = (),
    live: Live | None = None,
    file: str | None = None,
) -> bytes:
    """A workbook (.xlsx) of one form; see `workbook_of`."""
    return workbook_of([form], language, {form.name: rows}, live, file)


def workbook_of(
    forms: Sequence[Form],
    language: Language,
    rows: Mapping[str, Sequence[RowValues]] | None = None,
    live: Live | None = None,
    file: str | None = None,
) -> bytes:
    """A workbook (.xlsx) to fill in: a sheet for each form, then the instructions, in the given language. `rows` are
    written below the headings of a form, by its name (values by wire name; texts are never formulas).

    The heading row is frozen and filterable; headings of required columns are dark and shown with `*` (by their number
    format: the cell holds the bare label); code columns are text, so that leading zeros survive. With `live` the
    company's lists stand on a hidden sheet, code columns have drop-downs, and the journals' rows are prepared with
    formulas (`calculated`). `file` is the workbook's own name, for the commands in the instructions (without it the
    form's: `journals.xlsx`).
    """
    import xlsxwriter

    from importer.templates.plain_formulas import PlainFormulas

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    title = ", ".join(form.title(language) for form in forms)
    book.set_properties({"title": title, "created": _MADE_AT})
    look = Look(book)
    # The sheets' order is that of their creation, and the forms' drop-downs name places on the sheet of the lists.
    sheets = [(form, book.add_worksheet(form.title(language), PlainFormulas)) for form in forms]
    instructions = book.add_worksheet(say(language, "template.instructions"))
    write_instructions(book, instructions, forms, language, live_of(live), file or usual_name(forms))
    ranges = write_lists(book, live.lists, language) if live is not None else ListRanges({})
    for form, sheet in sheets:
        Sheet(sheet, form, language, look, live_of(live), ranges).write(
            (rows or {}).get(form.name, ()), live.prepared_rows if live is not None else 0
        )
    book.close()
    return target.getvalue()


def live_of(live: Live | None) -> Lists | None:
    """The lists, if there are any."""
    return live.lists if live is not None else None
