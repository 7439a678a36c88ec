"""`importer runs` tells what an accountant knows a run by, a page at a time."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from importer.model.results import FileRead, Result
from importer.store.database import Database
from importer.store.runs import finish_run, start_run
from tests.cli.commands import Ended, importer
from tests.report.stories import evidence_of, good_run, troubled_run

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def kept(folder: Path, *results: Result) -> None:
    """A store with these runs, an hour between them."""
    database = Database(f"sqlite:///{folder / 's.db'}")
    for hours, one in enumerate(results):
        start_run(database, one.run, "5", "", "ana", NOON + timedelta(hours=hours))
        finish_run(database, one, {})
    database.close()


def runs(folder: Path, *arguments: str) -> Ended:
    return importer("runs", *arguments, folder=folder, IMPORTER_STORE=f"sqlite:///{folder / 's.db'}")


def test_a_run_is_told_by_workbook_period_amount_and_outcome(tmp_path: Path) -> None:
    corrections = FileRead("reports/junio.first.corrections.xlsx", None, (), corrects="first")
    kept(tmp_path, replace(troubled_run(), run="first"), replace(good_run(), run="second", files=(corrections,)))
    second, first = json.loads(runs(tmp_path, "--json").out)
    assert {name: first[name] for name in ("workbook", "period", "amount", "outcome", "corrections")} == {
        "workbook": "polizas-junio-2018.xlsx",
        "period": "2018006",
        "amount": "44,172.00 MXN1",
        "outcome": "1 in doubt, 10 posted, 1 refused, 3 with errors",
        "corrections": "second",
    }
    assert (second["corrections"], second["outcome"]) == ("", "40 posted, 5 posted before")
    told = runs(tmp_path, "--lang", "es")
    assert "10 contabilizadas, 1 rechazada, 3 con errores" in told.out and "Página" not in told.err


@pytest.mark.parametrize(("page", "first", "rows"), [("1", "r0069", 50), ("2", "r0019", 20), ("3", None, 0)])
def test_a_page_has_fifty_runs(tmp_path: Path, page: str, first: str | None, rows: int) -> None:
    kept(tmp_path, *(replace(troubled_run(), run=f"r{number:04}") for number in range(70)))
    table = runs(tmp_path, "--page", page)
    assert table.out.count("polizas-junio") == rows
    assert f"Page {page} of 2, 70 runs in all. Another page: importer runs --page N" in table.err
    listed = json.loads(runs(tmp_path, "--page", page, "--json").out)
    assert (listed[0]["run"] if listed else None) == first
    assert len(json.loads(runs(tmp_path, "--json").out)) == 70


def test_the_history_as_a_page_links_reports_that_lie_beside_it(tmp_path: Path) -> None:
    hostile = FileRead("<script>alert(1)</script>.xlsx", None, ())
    kept(tmp_path, replace(troubled_run(), run="first", files=(hostile,)), replace(good_run(), run="second"))
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "second.html").touch()
    ended = runs(tmp_path, "--html", "--out", "reports", "--lang", "fr")
    assert ended.code == 0 and ended.out.strip().endswith("runs.html")
    page = (tmp_path / "reports" / "runs.html").read_text(encoding="utf-8")
    assert '<a href="./second.html">second</a>' in page and 'href="./first.html"' not in page
    assert "<script" not in page and "script&gt;.xlsx" in page and "40 comptabilisées" in page


def test_the_service_is_named_where_there_are_several(tmp_path: Path) -> None:
    one = replace(troubled_run(), run="first")
    named = {"url": "https://b.example:8443/api", "installation": "north"}
    kept(tmp_path, one)
    assert "spx.example.org" not in runs(tmp_path).out
    kept(tmp_path, replace(one, run="second", evidence=replace(evidence_of(), settings=named)))
    assert [row["service"] for row in json.loads(runs(tmp_path, "--json").out)] == [
        "b.example:8443 (north)",
        "spx.example.org",
    ]
    assert "spx.example.org" in runs(tmp_path).out


def test_columns_without_room_are_named(tmp_path: Path) -> None:
    kept(tmp_path, *(replace(troubled_run(), run=f"20260701-14031{number}-7f3a9c") for number in range(2)))
    narrow = importer(
        "runs", folder=tmp_path, IMPORTER_STORE=f"sqlite:///{tmp_path / 's.db'}", FORCE_COLOR="1", COLUMNS="80"
    )
    assert "Outcome" in narrow.out and "No room for: Period, Amount," in narrow.err, narrow
    assert "No room" not in runs(tmp_path).err
