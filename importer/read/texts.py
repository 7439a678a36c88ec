"""What is told of a delimited text (CSV) beside its cells: encoding, rows that are longer, line breaks in quotes."""

from collections.abc import Iterator
from dataclasses import replace

from importer.formats.delimited import DelimitedText
from importer.model.problems import Place, Problem, column_letters
from importer.read.headings import Layout


def encoding_problems(text: DelimitedText | None, file: str) -> Iterator[Problem]:
    """A warning with a sample of the words that are right only if the assumed encoding is."""
    if text is not None and text.samples:
        facts = {"words": ", ".join(text.samples)}
        yield Problem("text-encoding", Place(file), wording="text-encoding", facts=facts)


def cells_problems(text: DelimitedText | None, layout: Layout, sheet: Place) -> Iterator[Problem]:
    """A warning for each row with a line break inside quotes, and an error for each row with more cells than the
    heading row: a comma within an amount moves all cells behind it. Rows that all end in as many blank cells are
    whole: some programs end each row with a delimiter."""
    if text is None:
        return
    for row in text.broken_rows:
        yield Problem("line-break", replace(sheet, row=row), wording="line-break", facts={"row": str(row)})
    heading_width, headings = text.widths.get(layout.row, (0, 0))
    below = {row: width for row, width in text.widths.items() if row > layout.row}
    is_ragged = len({width for width, _ in below.values()}) > 1
    for row, (width, filled) in below.items():
        if filled > headings or (is_ragged and width > heading_width):
            facts = {"row": str(row), "cells": str(max(filled, width)), "headings": str(headings)}
            place = replace(sheet, row=row, column=column_letters(headings))
            yield Problem("extra-cells", place, wording="extra-cells", facts=facts)
