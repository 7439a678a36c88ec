"""The annotated copy: the whole workbook with what became of each row beside it."""

import hashlib
import io
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from importer.errors import SetupError
from importer.formats.kinds import Kind, kind_of
from importer.model.problems import Problem
from importer.model.results import Document, Result
from importer.model.workbook import ANNOTATED_MARK, FormSheet, Workbook
from importer.printable import printable
from importer.report.corrections import stem_of, write_corrections
from importer.report.corrections_sheet import notes_of
from importer.report.report_folder import new_file
from importer.report.sentences import said, status_words
from importer.templates.forms import RESULT_COLUMNS, result_column_named, result_heading
from importer.translations import Language

MOST_COLUMNS = 500
"""A wider sheet is one with a stray format far away: there the results stand right beside the headings."""

_WIDTHS = {"state": 18, "number": 24, "message": 80}


def write_annotated(
    result: Result, workbook: Workbook, original: Path, folder: Path, language: Language
) -> Path | None:
    """Writes a copy of a workbook with three columns to the right of each form: state, journal number and message of
    each row. Returns its path, None when no document of the run is in the workbook. openpyxl copies Excel's own XML
    alone: of another format the corrections workbook is written instead.

    Everything else stays as it was as far as openpyxl keeps it, a workbook with macros (.xlsm) keeps them. Lost are:
    shapes, form controls and text boxes, sparklines and other extensions of Excel 2010 and later (drop-downs and
    conditional formats that Excel keeps there), and the last results of formulas, which Excel works out again when it
    opens the copy. The columns of an earlier copy are filled anew. Raises SetupError: `annotated` when the file is not
    what was read or openpyxl cannot copy it, `report` when the folder cannot be written.
    """
    documents = [one for one in result.documents if one.file == workbook.path]
    if not documents:
        return None
    try:
        content = original.read_bytes()
    except OSError as failure:
        raise _not_copied(workbook, failure.strerror or type(failure).__name__) from failure
    if kind_of(content) is not Kind.XLSX:
        return write_corrections(result, workbook, original, folder, language)
    suffix = ".xlsm" if original.suffix.lower() in (".xlsm", ".xltm") else ".xlsx"
    book = _loaded(content, workbook, keep_vba=suffix == ".xlsm")
    book.template = False
    _mark(book, result.run)
    for sheet in workbook.sheets:
        _annotate(book[sheet.sheet], sheet, result, language)
    ending = f".{result.run}.annotated{suffix}"
    with new_file(folder, stem_of(workbook.path), ending) as (target, path):
        try:
            book.save(target)
        except OSError:
            raise
        except Exception as failure:  # whatever openpyxl stumbles over in what it has read
            raise _not_copied(workbook, type(failure).__name__) from failure
        finally:
            if book.vba_archive is not None:
                book.vba_archive.close()  # openpyxl leaves it open, and Python 3.13 complains of that on the screen
    return path


def _mark(book: Any, run: str) -> None:
    """Writes which run's copy this is."""
    from openpyxl.packaging.custom import StringProperty

    if ANNOTATED_MARK in book.custom_doc_props.names:
        del book.custom_doc_props[ANNOTATED_MARK]
    book.custom_doc_props.append(StringProperty(name=ANNOTATED_MARK, value=run))


def _loaded(content: bytes, workbook: Workbook, *, keep_vba: bool) -> Any:
    import openpyxl

    if hashlib.sha256(content).hexdigest() != workbook.sha256 or not openpyxl.DEFUSEDXML:
        raise _not_copied(workbook, "sha256")
    try:
        with warnings.catch_warnings(action="ignore"):
            book = openpyxl.load_workbook(io.BytesIO(content), keep_vba=keep_vba)
    except Exception as failure:  # whatever an unusual part makes openpyxl raise
        raise _not_copied(workbook, type(failure).__name__) from failure
    missing = [sheet.sheet for sheet in workbook.sheets if sheet.sheet not in book.sheetnames]
    if missing:
        raise _not_copied(workbook, "Strict OOXML")
    return book


def _not_copied(workbook: Workbook, detail: str) -> SetupError:
    return SetupError("annotated", file=workbook.path, detail=detail)


def _annotate(sheet: Any, form_sheet: FormSheet, result: Result, language: Language) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    columns = _columns_for_results(sheet, form_sheet.heading_row)
    head = Font(bold=True, color="FFFFFF")
    for name, column in columns.items():
        heading = _write(sheet, form_sheet.heading_row, column, result_heading(name, language))
        heading.font, heading.fill = head, PatternFill("solid", start_color="1F4E79")
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS[name]
    colours = {True: PatternFill("solid", start_color="F8CBAD"), False: PatternFill("solid", start_color="FFE699")}
    top = Alignment(vertical="top")
    for row, texts, problems in _result_texts(form_sheet, result, language):
        for name, column in columns.items():
            cell = _write(sheet, row, column, texts.get(name, ""))
            cell.alignment = top
            if problems:
                cell.fill = colours[any(problem.blocks for problem in problems)]


def _columns_for_results(sheet: Any, heading_row: int) -> dict[str, int]:
    """Where the results go: the columns of an earlier copy, else new ones to the right of everything."""
    known: dict[str, int] = {}
    for cell in sheet[heading_row]:
        name = result_column_named(str(cell.value)) if isinstance(cell.value, str) else None
        if name is not None:
            known.setdefault(name, cell.column)
    headed = max((cell.column for cell in sheet[heading_row] if cell.value is not None), default=0)
    following = (sheet.max_column if sheet.max_column <= MOST_COLUMNS else headed) + 1
    for name in RESULT_COLUMNS:
        if name not in known:
            known[name] = following
            following += 1
    return {name: known[name] for name in RESULT_COLUMNS}


def _result_texts(
    sheet: FormSheet, result: Result, language: Language
) -> Iterator[tuple[int, Mapping[str, str], list[Problem]]]:
    problems: dict[int, list[Problem]] = {}
    for problem in result.problems:
        place = problem.place
        if (place.file, place.sheet) == (sheet.file, sheet.sheet) and place.row is not None:
            problems.setdefault(place.row, []).append(problem)
    for document in result.documents:
        if (document.file, document.sheet) != (sheet.file, sheet.sheet):
            continue
        texts = {"state": status_words(document.status, language, [document]), "number": _number(document, language)}
        for row in document.rows:
            found = problems.get(row, [])
            yield row, texts | {"message": _message(found, language)}, found


def _number(document: Document, language: Language) -> str:
    if document.journal_number is None:
        return ""
    if not document.voucher_number:
        return printable(document.journal_number)
    return said(
        language,
        "annotated.number",
        number=printable(document.journal_number),
        voucher=printable(document.voucher_number),
    )


def _message(problems: list[Problem], language: Language) -> str:
    ordered = sorted(problems, key=lambda problem: not problem.blocks)
    cells = (": ".join(filter(None, (one.place.cell, notes_of([one], language)))) for one in ordered)
    return " ".join(cells).replace("\n", " ")


def _write(sheet: Any, row: int, column: int, text: str) -> Any:
    """Writes a text that is never a formula."""
    cell = sheet.cell(row, column)
    cell.value = text or None
    if text:
        cell.data_type = "s"
    return cell
