"""The workbooks to mend: the corrections workbook, what of a workbook was refused or invalid, to be mended and run as
it is, with its guide; and the annotated copy, the whole workbook with what became of each row beside it."""

import hashlib
import io
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from importer.errors import SetupError
from importer.formats.kinds import Kind, kind_of
from importer.model.problems import Problem, file_name
from importer.model.results import Document, Result
from importer.model.workbook import (
    ANNOTATED_MARK,
    CORRECTED_FILE,
    CORRECTED_FIRST,
    CORRECTED_RUN,
    CORRECTED_SHA256,
    CORRECTIONS_MARK,
    Corrects,
    FormSheet,
    Workbook,
)
from importer.printable import LONGEST_SENTENCE, printable, shortened
from importer.report.corrections_rows import RejectedRows, in_product_form, rejected_rows_in, source_rows
from importer.report.corrections_sheet import Sheet, body_of_list, notes_of
from importer.report.original_rows import Original, OriginalSheet, Unreadable, read_original
from importer.report.report_folder import new_file
from importer.report.sentences import message, said, status_words
from importer.report.summary import correcting_command
from importer.templates.forms import RESULT_COLUMNS, form_named, result_column_named, result_heading
from importer.translations import Language
from importer.xlsx.writer import fill, open_book, write_text

MOST_LISTED = 200
_WIDTHS = (24, 84, 30)


def _write_guide(
    book: Any, sheet: Any, corrects: Corrects, command: str, sheets: Sequence[Sheet], language: Language
) -> None:
    """Fills `sheet`, a new sheet of the xlsxwriter workbook `book`, with what to do; `command` posts what has been
    mended."""
    title = book.add_format({"bold": True, "font_size": 16, "font_color": "#1F4E79"})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    faint = book.add_format({"font_color": "#8C8C8C", "font_size": 8, "num_format": "@"})
    head = book.add_format({"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", "valign": "vcenter"})
    link = book.add_format({"font_color": "#0563C1", "underline": 1, "valign": "top", "num_format": "@"})
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    marks = (
        *((CORRECTIONS_MARK, ""), (CORRECTED_RUN, corrects.run)),
        *((CORRECTED_FILE, corrects.file), (CORRECTED_SHA256, corrects.sha256)),
        *([(CORRECTED_FIRST, corrects.first)] if corrects.first else []),
    )
    for row, (label, value) in enumerate(marks):
        write_text(sheet, row, 0, label, faint)
        write_text(sheet, row, 1, printable(value), faint)
    row = len(marks) + 1
    write_text(sheet, row, 0, said(language, "corrections.title", file=printable(corrects.file)), title)
    for sentence in _sentences(corrects, command, sheets, language):
        row += 1
        sheet.set_row(row, 4 + 15 * -(-len(sentence) // sum(_WIDTHS)))
        sheet.merge_range(row, 0, row, len(_WIDTHS) - 1, "", plain)
        write_text(sheet, row, 0, sentence, plain)
    row += 2
    for column, key in enumerate(("where", "wrong", "type-instead")):
        write_text(sheet, row, column, said(language, f"corrections.{key}"), head)
    for place, shown, problem in _listed(sheets):
        row += 1
        sheet.write_url(row, 0, place, link, printable(shown))
        sentence = printable(shortened(message(problem, language), LONGEST_SENTENCE))
        sheet.set_row(row, 15 * -(-len(sentence) // _WIDTHS[1]))
        write_text(sheet, row, 1, sentence, plain)
        write_text(sheet, row, 2, printable(problem.suggestion or ""), plain)
    left = sum(len(one.rejected_rows.problems) for one in sheets) - MOST_LISTED
    if left > 0:
        write_text(sheet, row + 1, 1, said(language, "corrections.more", count=str(left)), plain)


def _sentences(corrects: Corrects, command: str, sheets: Sequence[Sheet], language: Language) -> Iterable[str]:
    rejected = [one.rejected_rows for one in sheets]
    yield said(language, "corrections.left", count=str(sum(len(one.documents) for one in rejected)), run=corrects.run)
    steps = [f"corrections.step_{number}" for number in range(1, 6)]
    if any(one.names_files for one in rejected):
        steps.insert(3, "corrections.attachments")
    facts = {"file": printable(corrects.file), "run": command}
    for number, key in enumerate(steps, start=1):
        yield f"{number}.  {said(language, key, **facts)}"


def _listed(sheets: Sequence[Sheet]) -> Iterable[tuple[str, str, Problem]]:
    """The first problems, each with a link to its cell and how that is called."""
    left = MOST_LISTED
    for sheet in sheets:
        quoted = "'" + sheet.name.replace("'", "''") + "'"
        for problem in sheet.rejected_rows.problems[:left]:
            cell = sheet.cell_of(problem)
            yield f"internal:{quoted}!{cell}", f"{sheet.name}!{cell}", problem
        left -= min(left, len(sheet.rejected_rows.problems))


LONGEST_STEM = 120
_ENDING_OF_EARLIER = re.compile(r"\.[0-9]{8}-[0-9]{6}-[0-9a-f]+\.(corrections|annotated)$")
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def write_corrections(
    result: Result, workbook: Workbook, original: Path, folder: Path, language: Language
) -> Path | None:
    """Writes the corrections workbook of one of the run's workbooks into `folder` (made if missing) and returns its
    path; None when nothing of it is to be mended, or all of it is: of a workbook that cannot be used as it stands
    nothing was posted, so it is itself the one to mend.

    The cells come from the file `original` if that is still what was read (its hash says so), else from what was
    understood. The file appears whole or not at all, under a name that no other file has, and only its owner may read
    it. Raises SetupError (`report`) when the folder cannot be written.
    """
    if not workbook.is_usable:
        return None
    found = [one for sheet in workbook.sheets if (one := rejected_rows_in(sheet, result)).documents]
    if not found:
        return None
    found = [one if one.sheet.mapping is None else in_product_form(one, form_named(one.sheet.form)) for one in found]
    mapped = frozenset(sheet.sheet for sheet in workbook.sheets if sheet.mapping is not None)
    source = _original_of(workbook, original, found, mapped, language)
    before = workbook.corrects
    first = "" if before is None else before.first or before.file
    corrects = Corrects(result.run, file_name(workbook.path), workbook.sha256 or "", first)
    with new_file(folder, stem_of(workbook.path), f".{result.run}.corrections.xlsx") as (target, path):
        _write_book(target, found, source, corrects, result, language)
    return path


def _original_of(
    workbook: Workbook, original: Path, found: Sequence[RejectedRows], mapped: Collection[str], language: Language
) -> Original:
    """The sheets' rows as they stand in the file, or as they were understood: where the file is another one by now, and
    always those of the sheets `mapped`."""
    wanted = {one.sheet.sheet: (one.sheet.heading_row, one.rows) for one in found if one.sheet.sheet not in mapped}
    try:
        content = original.read_bytes() if wanted else b""
        if wanted and hashlib.sha256(content).hexdigest() == workbook.sha256:
            source = read_original(content, wanted, workbook.delimiter, workbook.encoding)
            # What was understood counts its days from 1900.
            if not (mapped and source.counts_from_1904):
                forms = {sheet.sheet for sheet in workbook.sheets}
                sheets = {**source.sheets, **_understood((one for one in found if one.sheet.sheet in mapped), language)}
                lists = {name: rows for name, rows in source.lists.items() if name not in forms}
                return replace(source, sheets=sheets, lists=lists)
    except (OSError, Unreadable):
        pass
    return Original(_understood(found, language))


def _understood(found: Iterable[RejectedRows], language: Language) -> dict[str, OriginalSheet]:
    return {
        one.sheet.sheet: source_rows(one.sheet, form_named(one.sheet.form), one.rows, one.problems, language)
        for one in found
    }


def _write_book(
    target: BinaryIO,
    found: Sequence[RejectedRows],
    source: Original,
    corrects: Corrects,
    result: Result,
    language: Language,
) -> None:
    frame = io.BytesIO()
    book = open_book(frame, counts_from_1904=source.counts_from_1904)
    book.set_properties({"title": said(language, "corrections.tells", run=result.run), "created": result.finished_at})
    lists = {
        name: rows
        for name, rows in source.lists.items()
        if 0 < len(name) <= 31 and not _NOT_IN_SHEET_NAMES.search(name) and name.strip("'") == name
    }
    taken = {name.casefold() for name in lists}
    guide_sheet = book.add_worksheet(_free_name(said(language, "corrections.sheet"), taken))
    sheets = [
        Sheet(book, _free_name(one.sheet.sheet, taken), one, source.sheets[one.sheet.sheet], lists.keys(), language)
        for one in found
    ]
    _write_guide(book, guide_sheet, corrects, correcting_command(result), sheets, language)
    bodies = {sheet.name: sheet.write() for sheet in sheets}
    for name, rows in lists.items():
        book.add_worksheet(name).hide()
        bodies[name] = body_of_list(rows)
    book.close()
    fill(frame, bodies, target)


def _free_name(name: str, taken: set[str]) -> str:
    """A name that Excel allows and no other sheet has."""
    base = (_NOT_IN_SHEET_NAMES.sub("_", name).strip("'") or "_")[:31]
    free, number = base, 2
    while free.casefold() in taken:
        free = f"{base[:27]} {number}"
        number += 1
    taken.add(free.casefold())
    return free


def stem_of(path: str) -> str:
    """A workbook's name without its ending, without what an earlier run added to it, and not too long for a file
    system."""
    stem = _ENDING_OF_EARLIER.sub("", Path(path).stem)
    return stem.encode("utf-8", "surrogateescape")[:LONGEST_STEM].decode("utf-8", "ignore") or "workbook"


MOST_COLUMNS = 500
"""A wider sheet is one with a stray format far away: there the results stand right beside the headings."""

_RESULT_WIDTHS = {"state": 18, "number": 24, "message": 80}


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
    from openpyxl.packaging.custom import StringProperty

    if not any(one.file == workbook.path for one in result.documents):
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
    if ANNOTATED_MARK in book.custom_doc_props.names:
        del book.custom_doc_props[ANNOTATED_MARK]
    book.custom_doc_props.append(StringProperty(name=ANNOTATED_MARK, value=result.run))
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
        sheet.column_dimensions[get_column_letter(column)].width = _RESULT_WIDTHS[name]
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
            found = sorted(problems.get(row, []), key=lambda problem: not problem.blocks)
            cells = (": ".join(filter(None, (one.place.cell, notes_of([one], language)))) for one in found)
            yield row, texts | {"message": " ".join(cells).replace("\n", " ")}, found


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


def _write(sheet: Any, row: int, column: int, text: str) -> Any:
    """Writes a text that is never a formula."""
    cell = sheet.cell(row, column)
    cell.value = text or None
    if text:
        cell.data_type = "s"
    return cell
