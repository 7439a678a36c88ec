"""`importer stamps`: a month's figures, a bar for each day, the reports as files; from a sandbox over a socket."""

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from importer.lookups.stamps import MonthOfStamps, month_of_stamps
from importer.model.dates import Month
from importer.sandbox import Sandbox
from importer.services.sovos import Movement, read_report
from importer.settings import read_settings
from importer.translations import Language, say
from tests.cli.asking import Ask, asking, environment_of
from tests.cli.commands import importer
from tests.services.odd_service import odd_service, reply


def test_a_month_has_figures_sums_and_a_bar_for_each_day(ask: Ask) -> None:
    shown = ask("stamps", "2019-10")
    lines = shown.out.decode().splitlines()
    assert (shown.code, shown.err) == (0, "") and "2019-10" in lines[0]
    days = {line.split()[0]: line.split()[1:] for line in lines if line.startswith("2019-10-")}
    assert list(days) == [f"2019-10-{day:02d}" for day in range(5, 18)]
    assert days["2019-10-05"] == ["12", "█" * 50] and days["2019-10-06"] == ["0"] and len(days["2019-10-12"][1]) == 4
    assert any(line.split() == ["A&D061009TY8", "12"] for line in lines)


def test_json_tells_the_same_to_scripts(ask: Ask) -> None:
    told = json.loads(ask("stamps", "2019-10", "--json").out)
    assert (told["month"], told["rfcs"], told["transactions"]) == ("2019-10", [], 16)
    assert sum(day["stamps"] for day in told["by_day"]) == sum(one["stamps"] for one in told["by_rfc"]) == 16
    assert {"rfc": "AAA010101AAA", "at": "2019-10-17T00:00:00", "kind": "Consumo de timbre", "stamps": 3} in told[
        "movements"
    ]


def test_rfcs_are_asked_for_one_by_one_and_added_up(ask: Ask, sandbox: Sandbox) -> None:
    calls = sandbox.calls["get_stamp_balance"]
    told = json.loads(ask("stamps", "2019-10", "--json", *("--rfc", "A&D061009TY8") * 2, "--rfc", "AAA010101AAA").out)
    assert sandbox.calls["get_stamp_balance"] == calls + 2
    assert told["rfcs"] == ["A&D061009TY8", "AAA010101AAA"] and told["transactions"] == 15
    assert told["registered"] is None
    assert json.loads(ask("stamps", "2019-10", "--json", "--rfc", "AAA010101AAA").out)["registered"] == 1


def test_the_reports_are_written_as_the_service_made_them(ask: Ask, tmp_path: Path) -> None:
    ended = ask("stamps", "2019-10", "--pdf", "a.pdf", "--csv", "a.csv")
    assert ended.code == 0 and "a.pdf" in ended.err and "a.csv" in ended.err
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")
    report = read_report((tmp_path / "a.csv").read_bytes())
    assert sum(movement.stamps for movement in report.movements) == 16
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.csv", "a.pdf"]


@pytest.mark.parametrize("option", ["--pdf", "--csv"])
def test_a_report_that_exists_is_replaced_only_when_asked(option: str, ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "report").write_text("mine")
    ended = ask("stamps", "2019-10", option, "report")
    assert ended.code == 3 and ended.out == b"" and (tmp_path / "report").read_text() == "mine"
    assert ask("stamps", "2019-10", option, "report", "--force").code == 0
    assert (tmp_path / "report").read_bytes() != b"mine"


def test_a_month_without_stamps_is_an_answer(ask: Ask) -> None:
    ended = ask("stamps", "2018-01")
    assert ended.code == 0 and ended.err == say(Language.EN, "lookups.stamps.nothing", month="2018-01") + "\n"
    assert json.loads(ask("stamps", "2018-01", "--json").out)["by_day"] == []


def test_a_foreign_rfc_and_a_refused_key_are_told(ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    foreign = ask("stamps", "2019-10", "--rfc", "XXX010101XXX", "--pdf", "a.pdf")
    assert foreign.code == 3 and "400-002" in foreign.err and list(tmp_path.iterdir()) == []
    monkeypatch.setenv("SOVOS_API_KEY", "wrong-canary")
    refused = ask("stamps", "2019-10")
    assert refused.code == 3 and "SOVOS_API_KEY" in refused.err and "canary" not in refused.err


def test_missing_settings_are_named(tmp_path: Path) -> None:
    ended = importer("stamps", "2019-10", folder=tmp_path, SOVOS_URL="https://oat.reachcore.com")
    assert ended.code == 3 and "SOVOS_API_KEY" in ended.err and "--sandbox" in ended.err


def test_a_run_can_ask_for_a_month(sandbox: Sandbox) -> None:
    settings = read_settings({}, environment_of(sandbox), lambda _: None)
    found = month_of_stamps(settings, Month("2019-10"))
    assert found.by_day() == {date(2019, 10, 5): 12, date(2019, 10, 12): 1, date(2019, 10, 17): 3}
    assert sum(found.by_rfc().values()) == found.transactions == 16 and found.strays == 0


def test_movements_of_another_month_are_counted_and_not_charted() -> None:
    movements = tuple(Movement("A", datetime(2019, month, 2), "x", 5) for month in (10, 11))
    found = MonthOfStamps(Month("2019-10"), (), "", None, None, None, None, None, movements)
    assert found.strays == 1 and found.by_day() == {date(2019, 10, 2): 5}


def test_hostile_words_of_the_service_are_harmless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    rfc = "=1+1\x1b[2J"
    detail = [{"RFC": rfc, "Fecha": "2019-11-02T00:00:00", "TipoMovimiento": "x", "Monto": 2}]
    balance = reply(200, json.dumps({"TipoConsumo": "\x9b31m", "Detalle": detail}).encode())
    head = "Cuenta,TipoConsumo,FechaInicioConsulta,FechaFinConsulta\nx,y,2019-10-01T00:00:00,2019-10-31T00:00:00\n\n"
    report = f"{head}RFC,Fecha,Tipo movimiento,Monto\n{rfc},10/17/2019 12:00:00 AM,x,3\n"
    with odd_service(balance, balance, reply(200, report.encode(), "text/csv"), grants_logins=False) as service:
        settings = {"SOVOS_URL": service.url, "SOVOS_API_KEY": "k"}
        ask = asking(settings, tmp_path, monkeypatch, capsysbinary)
        shown = ask("stamps", "2019-10")
        told = ask("stamps", "2019-10", "--json", "--csv", "a.csv")
    assert shown.out.decode().replace("\n", "").isprintable() and "2019-10" in shown.err
    assert json.loads(told.out)["movements"][0]["rfc"] == rfc and b"\x1b" not in told.out
    assert "\n'=1+1\\u001b[2J," in (tmp_path / "a.csv").read_text(encoding="utf-8")
