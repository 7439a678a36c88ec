"""The rows of other formats as they stand in their files: what the corrections workbook is made of."""

import pytest

from importer.report.original_rows import Unreadable, read_original
from tests.formats.test_writers import FILES


@pytest.mark.parametrize(
    ("name", "sheet", "delimiter"),
    [
        ("libreoffice.xls", "Journals", ""),
        ("libreoffice.ods", "Journals", ""),
        ("sheetjs.xlsb", "Journals", ""),
        ("libreoffice-windows-1252.csv", "june", ","),
    ],
)
def test_the_cells_of_a_row_with_its_headings(name: str, sheet: str, delimiter: str) -> None:
    found = read_original((FILES / name).read_bytes(), {sheet: (1, (2,))}, delimiter).sheets[sheet]
    assert list(found.headings.values())[:3] == ["Journal", "Journal type", "Account"]
    assert [cell.text for cell in found.rows[2]][:7] == [
        "J1",
        "JV",
        "101110",
        "0012",
        "1001",
        "10",
        "Señal, Ñandú & Cía",
    ]
    assert float(found.rows[2][8].text) == 18630.1


def test_a_file_that_is_none_any_more_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read_original((FILES / "libreoffice.xls").read_bytes()[:2000], {"Journals": (1, (2,))})
