"""The first sheet of a corrections workbook: how to mend it and run it, and the mark that tells what it corrects."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from importer.language import Language
from importer.model.problems import Problem
from importer.model.sheets import (
    CORRECTED_FILE,
    CORRECTED_FIRST,
    CORRECTED_RUN,
    CORRECTED_SHA256,
    CORRECTIONS_MARK,
    Corrects,
)
from importer.report.corrections_sheet import Sheet
from importer.report.printable import LONGEST_SENTENCE, printable, shortened
from importer.report.wording import message, said
from importer.report.written_cells import write_text

MOST_LISTED = 200
_WIDTHS = (24, 84, 30)


@dataclass(frozen=True, slots=True)
class Guide:
    """What the guide tells: `command` posts what has been mended."""

    corrects: Corrects
    command: str
    sheets: Sequence[Sheet]

    @property
    def names_attachments(self) -> bool:
        """True when rows name files, which are looked for beside the workbook."""
        return any(self._texts("attachment"))

    def _texts(self, field: str) -> Iterator[str]:
        for one in (sheet.unposted for sheet in self.sheets):
            rows = set(one.rows)
            texts = one.sheet.columns.get(field) or ()
            yield from (text for row, text in zip(one.sheet.rows, texts, strict=False) if row in rows and text)


def write_guide(book: Any, sheet: Any, guide: Guide, language: Language) -> None:
    """Fills `sheet`, a new sheet of the xlsxwriter workbook `book`."""
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
    corrects = guide.corrects
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
    for sentence in _sentences(guide, language):
        row += 1
        sheet.set_row(row, 4 + 15 * -(-len(sentence) // sum(_WIDTHS)))
        sheet.merge_range(row, 0, row, len(_WIDTHS) - 1, "", plain)
        write_text(sheet, row, 0, sentence, plain)
    row += 2
    for column, key in enumerate(("where", "wrong", "type-instead")):
        write_text(sheet, row, column, said(language, f"corrections.{key}"), head)
    for place, shown, problem in _listed(guide.sheets):
        row += 1
        sheet.write_url(row, 0, place, link, printable(shown))
        sentence = printable(shortened(message(problem, language), LONGEST_SENTENCE))
        sheet.set_row(row, 15 * -(-len(sentence) // _WIDTHS[1]))
        write_text(sheet, row, 1, sentence, plain)
        write_text(sheet, row, 2, printable(problem.suggestion or ""), plain)
    left = sum(len(one.unposted.problems) for one in guide.sheets) - MOST_LISTED
    if left > 0:
        write_text(sheet, row + 1, 1, said(language, "corrections.more", count=str(left)), plain)


def _sentences(guide: Guide, language: Language) -> Iterable[str]:
    count = sum(len(one.unposted.documents) for one in guide.sheets)
    yield said(language, "corrections.left", count=str(count), run=guide.corrects.run)
    steps = [f"corrections.step_{number}" for number in range(1, 6)]
    if guide.names_attachments:
        steps.insert(3, "corrections.attachments")
    facts = {"file": printable(guide.corrects.file), "run": guide.command}
    for number, key in enumerate(steps, start=1):
        yield f"{number}.  {said(language, key, **facts)}"


def _listed(sheets: Sequence[Sheet]) -> Iterable[tuple[str, str, Problem]]:
    """The first problems, each with a link to its cell and how that is called."""
    left = MOST_LISTED
    for sheet in sheets:
        quoted = "'" + sheet.name.replace("'", "''") + "'"
        for problem in sheet.unposted.problems[:left]:
            cell = sheet.cell_of(problem)
            yield f"internal:{quoted}!{cell}", f"{sheet.name}!{cell}", problem
        left -= min(left, len(sheet.unposted.problems))


def source_name(path: str) -> str:
    """A file's name without its folder."""
    return PurePath(path).name
