"""`--sandbox`: the practice company is reached whatever one's own settings say, and judged by one's own rules."""

from pathlib import Path

import openpyxl
import pytest

from importer.cli.context import sandbox_settings
from importer.settings import read_settings
from tests.cli.commands import ROOT, importer
from tests.cli.workbooks import line, write

SAMPLE = ROOT / "samples" / "debit-credit.xlsx"


def test_settings_of_a_live_service_are_no_hindrance(tmp_path: Path) -> None:
    ended = importer("run", SAMPLE, "--sandbox", "--json", folder=tmp_path, SPX_DIALECT="live")
    assert ended.code == 0, ended.err
    assert ended.result["totals"]["posted"] == len(ended.result["documents"])


def test_ones_own_time_zone_makes_no_day_of_the_practice_company_look_wrong(tmp_path: Path) -> None:
    (tmp_path / "importer.toml").write_text('timezone = "Asia/Tokyo"\n')
    ended = importer("run", SAMPLE, "--sandbox", "--json", folder=tmp_path)
    assert (ended.code, ended.result["problems"]) == (0, [])


def test_ones_own_rules_stay(tmp_path: Path) -> None:
    (tmp_path / "importer.toml").write_text('balance_by = ["fund"]\n')
    write(tmp_path / "a.xlsx", [line("A", "D", 5, fund="10"), line("A", "C", 5, fund="11")])
    ended = importer("run", "a.xlsx", "--sandbox", "--json", folder=tmp_path)
    assert ended.code == 1 and "unbalanced" in [one["code"] for one in ended.result["problems"]]


def test_a_currency_that_the_practice_company_has_not_is_told_at_its_cell(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", [line("A", side, 5, currency="XYZ9") for side in "DC"])
    ended = importer("check", "a.xlsx", "--sandbox", "--json", folder=tmp_path)
    assert ended.code == 1
    assert [(one["code"], one["cell"]) for one in ended.result["problems"] if one["field"] == "currency"] == [
        ("unknown-currency", "I2")
    ]


def test_hidden_rows_are_left_out_of_a_check_on_demand(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [line(key, side, 5) for key in "AB" for side in "DC"])
    book = openpyxl.load_workbook(path)
    for row in (4, 5):
        book.worksheets[0].row_dimensions[row].hidden = True
    book.save(path)
    for flags, keys in (([], ["A", "B"]), (["--skip-hidden"], ["A"])):
        ended = importer("check", "a.xlsx", "--sandbox", "--json", *flags, folder=tmp_path)
        assert [one["key"] for one in ended.result["documents"]] == keys
        assert "hidden-rows" in [one["code"] for one in ended.result["problems"]]


def test_what_is_true_of_ones_own_company_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "importer.toml").write_text('company_id = 7\ncurrency = "EUR1"\nlast_period = 13\ndialect = "live"\n')
    with sandbox_settings(read_settings({}, {}, lambda _: None), True) as settings:
        assert (settings.company_id, settings.currency, settings.dialect) == (None, None, "document")
        assert settings.last_period == 13 and settings.is_connectable
