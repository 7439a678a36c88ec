"""A run is told in one paragraph for a mail."""

from dataclasses import replace
from pathlib import Path

from importer.model.results import FileRead, Mode, Status
from importer.report.summary import mail_paragraph
from importer.translations import Language
from tests.cli.commands import importer
from tests.cli.workbooks import line, write
from tests.report.stories import good_run, troubled_run


def test_a_paragraph_has_outcome_place_amount_and_next_step() -> None:
    told = mail_paragraph(troubled_run(), Language.ES)
    assert told.startswith("**") and "\n" not in told and "44,172.00 MXN1" in told
    assert "polizas-junio-2018.xlsx" in told and f"`importer resume {troubled_run().run}`" in told


def test_the_corrections_of_a_check_are_named() -> None:
    checked = replace(troubled_run(), mode=Mode.CHECK, corrections=("/reports/june.corrections.xlsx",))
    checked = replace(checked, documents=tuple(one.ended(Status.INVALID) for one in checked.documents))
    assert mail_paragraph(checked, Language.ES).endswith("en estas correcciones: june.corrections.xlsx")


def test_markdown_in_a_name_is_text() -> None:
    hostile = FileRead("[x](http://evil)<b>`*_.xlsx", None, ())
    told = mail_paragraph(replace(good_run(), files=(hostile,)), Language.EN)
    assert "evil)\\<b\\>\\`\\*\\_.xlsx" in told and "[x]" not in told


def test_it_is_all_of_standard_output(tmp_path: Path) -> None:
    path = write(tmp_path / "june.xlsx", [line("A", "D", 5), line("A", "C", 5)])
    ended = importer("check", path, "--summary-md", folder=tmp_path)
    assert len(ended.out.splitlines()) == 1 and ended.out.startswith("**")
