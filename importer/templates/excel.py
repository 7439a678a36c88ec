"""The Excel template of a form, made from its table of columns; the same form always gives the same bytes."""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from importer.language import Language, say
from importer.templates.columns import Column, Kind
from importer.templates.forms import Form

LAST_ROW = 1_048_575
_MADE_AT = datetime(2026, 1, 1)  # a fixed day: the same form gives the same bytes
_FORMATS = {Kind.AMOUNT: "#,##0.00", Kind.DATE: "yyyy-mm-dd", Kind.INTEGER: "0"}
_PROMPT_TITLE = 32
_PROMPT_TEXT = 255
_ACCENT, _QUIET, _INK = "#1F4E79", "#DCE6F1", "#1B2733"


CellValue = str | Decimal | date | None
RowValues = Mapping[str, CellValue]


def template_of(form: Form, language: Language, rows: Sequence[RowValues] = ()) -> bytes:
    """A workbook (.xlsx) to fill in: the form's sheet, then the instructions, in the given language. `rows` are written
    below the headings (values by wire name; texts are never formulas).

    The heading row is frozen and filterable; headings of required columns are dark and shown with `*` (by their number
    format: the cell holds the bare label); code columns are text, so that leading zeros survive.
    """
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": form.title(language), "created": _MADE_AT})
    _write_rows(_write_form(book, form, language), form, rows, book.add_format({"num_format": _FORMATS[Kind.DATE]}))
    _write_instructions(book, form, language)
    book.close()
    return target.getvalue()


def _write_form(book: Any, form: Form, language: Language) -> Any:
    sheet = book.add_worksheet(form.title(language))
    headings = {required: book.add_format(_heading_format(required)) for required in (True, False)}
    for index, column in enumerate(form.columns):
        label = form.label(column, language)
        cell_format = book.add_format({"num_format": _FORMATS.get(column.kind, "@")})
        sheet.set_column(index, index, max(column.width, _heading_width(label)), cell_format)
        sheet.write_string(0, index, label, headings[column.required])
        sheet.write_comment(0, index, _note(form, column, language), {"x_scale": 2, "y_scale": 1.2, "font_size": 9})
        sheet.data_validation(1, index, LAST_ROW, index, _validation(form, column, language))
    sheet.set_row(0, 34)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, 0, len(form.columns) - 1)
    _set_up_printing(sheet, form)
    return sheet


def _write_rows(sheet: Any, form: Form, rows: Sequence[RowValues], day_format: Any) -> None:
    for number, values in enumerate(rows, start=1):
        for index, column in enumerate(form.columns):
            match values.get(column.name):
                case str() as text:
                    sheet.write_string(number, index, text)
                case Decimal() as amount:
                    sheet.write_number(number, index, amount)
                case date() as day:
                    sheet.write_datetime(number, index, day, day_format)
                case None:
                    pass


def _heading_format(required: bool) -> dict[str, Any]:
    colours = {"bg_color": _ACCENT, "font_color": "#FFFFFF"} if required else {"bg_color": _QUIET, "font_color": _INK}
    # The asterisk is the number format's: the reader and a person copying the cell get the bare label.
    shown = '@" *"' if required else "@"
    return {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1, "border_color": "#9DB2C8"} | (
        colours | {"num_format": shown}
    )


def _heading_width(label: str) -> int:
    longest_word = max(len(word) for word in label.split())
    return max(longest_word + 5, -(-len(label) // 2) + 3)


def _note(form: Form, column: Column, language: Language) -> str:
    needed = "template.required" if column.required else "template.optional"
    parts = [form.help(column, language), say(language, needed)]
    if column.length is not None:
        parts.append(say(language, "template.length", length=column.length))
    return "\n".join(parts)


def _validation(form: Form, column: Column, language: Language) -> dict[str, Any]:
    prompt = {
        "input_title": form.label(column, language)[:_PROMPT_TITLE],
        "input_message": form.help(column, language)[:_PROMPT_TEXT],
    }
    if not column.choices:
        return {"validate": "any"} | prompt
    return prompt | {
        "validate": "list",
        "source": list(column.choices),
        "error_title": say(language, "template.choice_title")[:_PROMPT_TITLE],
        "error_message": say(language, "template.choice_error", choices=", ".join(column.choices)),
    }


def _set_up_printing(sheet: Any, form: Form) -> None:
    """Prints the columns that every journal uses on pages one sheet wide; the long tail of extras would make
    them dust."""
    last = max(index for index, column in enumerate(form.columns) if column.required)
    sheet.set_landscape()
    sheet.set_paper(1)  # Letter, the office paper of Mexico
    sheet.print_area(0, 0, LAST_ROW, last)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.set_footer("&L&A&R&P / &N")


def _write_instructions(book: Any, form: Form, language: Language) -> None:
    sheet = book.add_worksheet(say(language, "template.instructions"))
    title = book.add_format({"bold": True, "font_size": 16, "font_color": _ACCENT})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    head = book.add_format({"bold": True, "bg_color": _ACCENT, "font_color": "#FFFFFF", "valign": "vcenter"})
    sheet.hide_gridlines(2)
    for index, width in enumerate((26, 12, 30, 96)):
        sheet.set_column(index, index, width)
    sheet.write_string(0, 0, say(language, "template.heading"), title)
    journal = form.label(form.columns[0], language)
    row = 2
    for number in range(1, 7):
        step = say(language, f"template.step_{number}", journal=journal, file=f"{form.name}.xlsx")
        sheet.merge_range(row, 0, row, 3, f"{number}.  {step}", plain)
        sheet.set_row(row, 32)
        row += 1
    row += 1
    for index, key in enumerate(("column", "must", "limit", "meaning")):
        sheet.write_string(row, index, say(language, f"template.{key}"), head)
    for column in form.columns:
        if (column.numbered or 1) > 1:
            continue
        row += 1
        texts = (
            _label_of_row(form, column, language),
            *_facts(column, language),
            form.help(column, language),
        )
        for index, text in enumerate(texts):
            sheet.write_string(row, index, text, plain)
    sheet.set_paper(1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _label_of_row(form: Form, column: Column, language: Language) -> str:
    """A row of alike columns stands once in the instructions: `Description 1-25`."""
    if column.numbered is None:
        return form.label(column, language)
    last = max(other.numbered or 0 for other in form.columns if other.wording == column.wording)
    return f"{form.label(column, language)}-{last}"


def _facts(column: Column, language: Language) -> tuple[str, str]:
    limit = say(language, f"kind.{column.kind}")
    if column.length is not None:
        limit += ". " + say(language, "template.length", length=column.length)
    if column.choices:
        limit += ": " + ", ".join(column.choices)
    return (say(language, "template.yes") if column.required else "", limit)
