"""The sheet of instructions: the workbook's own name in the commands, and rows high enough for their texts."""

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from importer.templates.forms import DIMENSIONS, FORMS, JOURNALS, Form
from importer.templates.template_workbook import workbook_of
from importer.translations import Language
from tests.cli.commands import importer
from tests.templates.practice import template_of

pytestmark = pytest.mark.filterwarnings("ignore:Print area cannot be set")


def instructions(content: bytes) -> Any:
    """The sheet behind those of the forms."""
    return load_workbook(io.BytesIO(content)).worksheets[-1]


def commands(content: bytes) -> list[str]:
    """What stands after the two blanks before a command."""
    texts = [str(row[0].value or "") for row in instructions(content).iter_rows()]
    return [text.partition(":  ")[2] for text in texts if ":  importer" in text]


@pytest.mark.parametrize("language", Language)
def test_the_commands_name_the_workbook_itself(language: Language) -> None:
    content = template_of(JOURNALS, language, file="reverse-5333.xlsx")
    assert commands(content) == ["importer check reverse-5333.xlsx", "importer run reverse-5333.xlsx"]


def test_a_name_with_blanks_is_quoted() -> None:
    content = workbook_of(FORMS, Language.EN, file="p\u00f3lizas de junio.xlsx")
    quoted = '"p\u00f3lizas de junio.xlsx"'
    assert commands(content) == [f"importer check {quoted}", f"importer run {quoted}"]


def test_without_a_name_it_is_that_of_the_form() -> None:
    assert commands(template_of(DIMENSIONS, Language.EN))[0] == "importer check dimensions.xlsx"
    assert commands(workbook_of(FORMS, Language.EN))[0] == "importer check all.xlsx"


def test_a_template_written_under_another_name_tells_that_name(tmp_path: Path) -> None:
    assert importer("template", "journals", "-o", "otro.xlsx", folder=tmp_path).code == 0
    assert commands((tmp_path / "otro.xlsx").read_bytes())[1] == "importer run otro.xlsx"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_every_row_is_high_enough_for_its_longest_text(form: Form, language: Language) -> None:
    sheet = instructions(template_of(form, language))
    widths = [sheet.column_dimensions[letter].width for letter in "ABCD"]
    wrapped = 0
    for row in sheet.iter_rows(max_col=4):
        if row[3].value is not None:
            lines = max(-(-len(str(cell.value or "")) // int(width)) for cell, width in zip(row, widths, strict=True))
            wrapped += lines > 1
            assert lines == 1 or sheet.row_dimensions[row[0].row].height >= 14 * lines, row[0].value
    assert wrapped > 0
