"""A small workbook whose formats reach down to Excel's last row, as a whole column formatted by some programs."""

import zipfile
from pathlib import Path

from tests.benchmarks.workbooks import ALL_OF_EXCEL, Shape, workbook_of

_SMALL = Shape(1_000, 0)
_SHEET = "xl/worksheets/sheet1.xml"


def formatted_to_the_last_row(folder: Path) -> Path:
    """A thousand rows of journals, and below them an empty formatted row for each that Excel has."""
    path = folder / "formatted.xlsx"
    if not path.exists():
        rows = "".join(f'<row r="{row}" s="1" customFormat="1"/>' for row in range(_SMALL.rows + 2, ALL_OF_EXCEL + 2))
        with (
            zipfile.ZipFile(workbook_of(_SMALL, folder)) as plain,
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as formatted,
        ):
            for member in plain.namelist():
                part = plain.read(member)
                if member == _SHEET:
                    part = part.replace(b"</sheetData>", rows.encode() + b"</sheetData>")
                formatted.writestr(member, part)
    return path
