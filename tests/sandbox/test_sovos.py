"""The stamping-balance service: own key, ordinary statuses, numbers that add up, reports as files."""

from typing import Any

import httpx
import pytest

from importer.sandbox import Sandbox
from tests.contract.schemas import operation
from tests.sandbox.caller import Caller
from tests.sandbox.printed import text_of


def balance(caller: Caller, month: str = "2019-01", **members: object) -> Any:
    answer = caller.ask_sovos("", {"MesConsulta": month} | members)
    assert answer.status_code == 200
    return answer.json()


def code_of(answer: httpx.Response) -> str:
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    return str(error["Code"])


@pytest.mark.parametrize("month", ["2018-06", "2019-01", "2019-10", "2019-11", "2019-12", "2031-05"])
def test_the_counters_add_up(sandbox: Sandbox, caller: Caller, month: str) -> None:
    told = balance(caller, month)
    detail = told["Detalle"]
    assert told["Transacciones"] == sum(row["Monto"] for row in detail)
    assert told["GeneraronTimbre"] == len({row["RFC"] for row in detail})
    assert told["Registrados"] == len(sandbox.company.stamps.rfcs)
    assert told["GeneraronTimbre"] <= told["Autorizados"] < told["Registrados"]
    assert all(row["Fecha"].startswith(month) for row in detail)
    assert all(sandbox.company.stamps.rfcs[row["RFC"]] for row in detail)
    singles = [balance(caller, month, RFCConsulta=rfc) for rfc in sandbox.company.stamps.rfcs]
    for counter in ("Registrados", "Autorizados", "GeneraronTimbre", "Transacciones"):
        assert sum(one[counter] for one in singles) == told[counter]


def test_the_data_have_odd_letters_two_kinds_and_days_on_both_sides_of_13(sandbox: Sandbox) -> None:
    stamps = sandbox.company.stamps
    assert any("&" in rfc for rfc in stamps.rfcs) and any("Ñ" in rfc for rfc in stamps.rfcs)
    assert len({one.type for one in stamps.movements}) == 2
    days = {one.day.day for one in stamps.movements if one.day.isoformat().startswith("2019-10")}
    assert min(days) < 13 < max(days)


def test_a_month_without_stamps_is_empty(caller: Caller) -> None:
    told = balance(caller, "0000-12")
    assert (told["Detalle"], told["Transacciones"], told["GeneraronTimbre"]) == ([], 0, 0)


def test_the_samples_counters_come_with_a_switch(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(sample_counters=True)
    told = balance(caller)
    assert (told["Registrados"], told["Autorizados"], told["GeneraronTimbre"]) == (0, 0, 0)
    assert told["Transacciones"] > 0
    head = caller.ask_sovos("/csv", {"MesConsulta": "2019-10"}).text.split("\n")
    assert head[4:7] == ["Registrados,0", "Autorizados,1", "Generaron Timbre,1"]


def test_the_csv_has_the_layout_of_the_example(caller: Caller) -> None:
    example = operation("download_consumption_report_csv")
    assert example.answer_schemas[200] is None
    answer = caller.ask_sovos("/csv", {"MesConsulta": "2019-10"})
    assert answer.headers["content-type"] == "text/csv"
    lines = answer.content.decode("utf-8").split("\n")
    assert lines[0] == "Cuenta,TipoConsumo,FechaInicioConsulta,FechaFinConsulta,FechaActual"
    assert lines[1].startswith("Pruebas,Postpago,2019-10-01T00:00:00,2019-10-31T00:00:00,20")
    assert lines[2:] == [
        "",
        "Estado de los RFC",
        "Registrados,5",
        "Autorizados,4",
        "Generaron Timbre,3",
        "",
        "Transacciones",
        "Consumo de todos los RFC:,16",
        "",
        "RFC,Fecha,Tipo movimiento,Monto",
        "A&D061009TY8 ,10/05/2019 12:00:00 AM,Consumo de timbre,12",
        "ÑAN850101XX3 ,10/12/2019 12:00:00 AM,Consumo de timbre de retenciones,1",
        "AAA010101AAA ,10/17/2019 12:00:00 AM,Consumo de timbre,3",
        "",
    ]


@pytest.mark.parametrize(
    ("switch", "begins", "media_type"),
    [
        ("report_octet_stream", b"Cuenta,", "application/octet-stream"),
        ("report_bom", b"\xef\xbb\xbfCuenta,", "text/csv"),
        ("report_crlf", b"Cuenta,TipoConsumo,FechaInicioConsulta,FechaFinConsulta,FechaActual\r\n", "text/csv"),
    ],
)
def test_the_csv_may_come_otherwise(
    sandbox: Sandbox, caller: Caller, switch: str, begins: bytes, media_type: str
) -> None:
    sandbox.switch(**{switch: True})
    answer = caller.ask_sovos("/csv", {"MesConsulta": "2019-10"})
    assert answer.content.startswith(begins)
    assert answer.headers["content-type"] == media_type


def test_the_csv_may_be_in_windows_1252(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(report_windows_1252=True)
    content = caller.ask_sovos("/csv", {"MesConsulta": "2019-10"}).content
    assert "ÑAN850101XX3".encode("windows-1252") in content


def test_the_pdf_tells_the_same(caller: Caller) -> None:
    answer = caller.ask_sovos("/pdf", {"MesConsulta": "2019-10"})
    assert answer.headers["content-type"] == "application/pdf"
    text = text_of(answer.content)
    assert "Reporte de consumo 2019-10" in text
    assert "ÑAN850101XX3" in text and "2019-10-17" in text and "RFC: 16" in text
    assert caller.ask_sovos("/pdf", {"MesConsulta": "0000-02"}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        b"",
        b"{",
        {"MesConsulta": "2019-1"},
        {"MesConsulta": "2019-13"},
        {"MesConsulta": "2019-00"},
        {"MesConsulta": "201901"},
        {"MesConsulta": "2019-01 "},
        {"MesConsulta": 201901},
        {"MesConsulta": None},
        {"mesConsulta": "2019-01"},
        {"MesConsulta": "2019-01", "Otro": 1},
    ],
)
def test_anything_but_a_month_is_400_001(caller: Caller, body: object) -> None:
    for ending in ("", "/pdf", "/csv"):
        assert code_of(caller.ask_sovos(ending, body)) == "400-001"


@pytest.mark.parametrize("rfc", ["XXX010101XXX", "", None, 1, "a&d061009ty8", "A&amp;D061009TY8"])
def test_a_foreign_rfc_is_400_002(caller: Caller, rfc: object) -> None:
    assert code_of(caller.ask_sovos("", {"MesConsulta": "2019-01", "RFCConsulta": rfc})) == "400-002"


@pytest.mark.parametrize("rfc", ["A&D061009TY8", None, ""])
def test_a_report_takes_no_rfc(caller: Caller, rfc: object) -> None:
    for ending in ("/pdf", "/csv"):
        answer = caller.ask_sovos(ending, {"MesConsulta": "2019-10", "RFCConsulta": rfc})
        assert code_of(answer) == "400-002"
        assert answer.json()["errors"][0]["Message"] == "No es necesario mandar el 'RFCConsulta'"


def test_another_format_is_400_003(caller: Caller) -> None:
    assert code_of(caller.ask_sovos("/xlsx", {"MesConsulta": "2019-10"})) == "400-003"


@pytest.mark.parametrize("key", ["", "wrong", "ñ", "{key} ", "Bearer {key}", "{spx}"])
def test_any_other_key_is_401_without_a_body(caller: Caller, key: str) -> None:
    sent = key.format(key=caller.address.sovos_api_key, spx=caller.address.api_key).strip("\n")
    if sent.strip() == caller.address.sovos_api_key:
        sent = sent.strip() + "0"
    headers = [(b"RCApiKey", sent.encode()), (b"Content-Type", b"application/json")]
    answer = caller.http.post("/api/rest/Timbre/saldos", content=b'{"MesConsulta":"2019-01"}', headers=headers)
    assert (answer.status_code, answer.content) == (401, b"")


def test_the_name_of_the_header_may_be_written_in_any_case(caller: Caller) -> None:
    headers = {"rcapikey": caller.address.sovos_api_key}
    url = f"{caller.address.sovos_url}/api/rest/Timbre/saldos"
    assert caller.http.post(url, json={"MesConsulta": "2019-01"}, headers=headers).status_code == 200


def test_a_body_that_does_not_say_that_it_is_json_is_400_001(caller: Caller) -> None:
    headers = {"RCApiKey": caller.address.sovos_api_key, "Content-Type": "text/plain"}
    answer = caller.http.post("/api/rest/Timbre/saldos", content=b'{"MesConsulta":"2019-01"}', headers=headers)
    assert code_of(answer) == "400-001"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/rest/Timbre/saldos"),
        ("POST", "/api/rest/Timbre/saldos/"),
        ("POST", "/api/rest/Timbre/saldos/pdf/x"),
        ("POST", "/api/rest/Timbre"),
        ("POST", "/api/rest/timbre/saldos"),
    ],
)
def test_a_wrong_url_is_404_without_a_body(caller: Caller, method: str, path: str) -> None:
    answer = caller.http.request(method, path, headers={"RCApiKey": caller.address.sovos_api_key})
    assert (answer.status_code, answer.content) == (404, b"")


def test_the_platform_may_fail(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.switch(platform_failure=True)
    for ending in ("", "/pdf", "/csv"):
        answer = caller.ask_sovos(ending, {"MesConsulta": "2019-10"})
        assert (answer.status_code, answer.content) == (500, b"")


def test_the_key_stays_out_of_what_is_printed(sandbox: Sandbox) -> None:
    assert sandbox.address.sovos_api_key not in f"{sandbox!r} {sandbox.address!r} {sandbox.service!r}"
