"""Sovos: success by status, the balance of stamps, and the consumption report."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.errors import AnswerUnclear, ServiceFailure, SetupError
from importer.model.dates import Month
from importer.model.secrets import Secret
from importer.services.sovos import (
    Movement,
    SovosAccount,
    download_consumption_report_pdf,
    get_stamp_balance,
    read_report,
)
from tests.services.contract_mock import every_case
from tests.services.odd_service import odd_service, reply


def stamps(body: object) -> Any:
    with odd_service(*[reply(200, json.dumps(body).encode())] * 3, grants_logins=False) as service:
        return get_stamp_balance(SovosAccount(service.url, Secret("k"), 60, lambda _: None), Month("2019-01"))


@pytest.mark.parametrize("detail", [[], None, ...])
def test_a_month_without_movements_is_empty(detail: object) -> None:
    body = {"TipoConsumo": "Prepago", "Detalle": detail}
    found = stamps({name: value for name, value in body.items() if value is not ...})
    assert (found.movements, found.transactions) == ((), None)


def test_movements_are_read_however_their_counts_are_written() -> None:
    rows = [
        {"RFC": rfc, "Fecha": "2019-11-02T00:00:00", "TipoMovimiento": kind, "Monto": count}
        for rfc, kind, count in (("A&D061009TY8 ", "Consumo", 1.0), ("Ñ", "Otro", 5), ("A&D061009TY8", "Consumo", "2"))
    ]
    at = datetime(2019, 11, 2)
    found = stamps({"Detalle": rows, "Transacciones": "8"})
    assert found.transactions == 8
    assert found.movements == (
        Movement("A&D061009TY8", at, "Consumo", 1),
        Movement("Ñ", at, "Otro", 5),
        Movement("A&D061009TY8", at, "Consumo", 2),
    )


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (b"", "400", ""),
        (b"<html>", "400", ""),
        (b"{}", "400", ""),
        (b'{"errors": []}', "400", ""),
        (b'{"errors": [{"Code": "400-009"}]}', "400-009", ""),
        (b'{"errors": [{"Code": "400-001", "Message": "uno"}, {"Message": "dos key-2"}]}', "400-001", "uno; dos ***"),
    ],
)
def test_a_refusal_of_sovos_may_say_little(body: bytes, code: str, words: str) -> None:
    with odd_service(reply(400, body)) as service, pytest.raises(ServiceFailure) as caught:
        download_consumption_report_pdf(
            SovosAccount(service.url, Secret("key-2"), 60, lambda _: None), Month("2019-01")
        )
    assert (caught.value.code, caught.value.answer) == (code, words)
    assert len(service.requests) == 1


def test_a_file_that_is_no_pdf_is_not_taken_for_one() -> None:
    with odd_service(reply(200, b"<html>")) as service, pytest.raises(AnswerUnclear, match="not-pdf"):
        download_consumption_report_pdf(SovosAccount(service.url, Secret("k"), 60, lambda _: None), Month("2019-01"))


def test_the_key_of_sovos_travels_bare() -> None:
    with odd_service(reply(200, b"%PDF-1.4")) as service:
        account = SovosAccount(service.url, Secret("key-2"), 60, lambda _: None)
        assert download_consumption_report_pdf(account, Month("2019-01")) == b"%PDF-1.4"
    (request,) = service.requests
    assert b"\r\nRCApiKey: key-2\r\n" in request and b"authorization" not in request.lower()
    assert request.startswith(b"POST /api/rest/Timbre/saldos/pdf ") and request.endswith(b'{"MesConsulta":"2019-01"}')


def test_a_key_travels_over_https_only() -> None:
    with pytest.raises(SetupError):
        SovosAccount("http://go.reachcore.com", Secret("key"), 60, lambda _: None)


def test_a_201_is_no_success_of_sovos() -> None:
    with odd_service(*[reply(201, b"%PDF-1.4")] * 3) as service, pytest.raises(AnswerUnclear, match="status"):
        download_consumption_report_pdf(SovosAccount(service.url, Secret("k"), 60, lambda _: None), Month("2019-01"))


SAMPLE = next(
    case.body or b""
    for case in every_case()
    if case.operation == "download_consumption_report_csv" and case.status == 200
)
READ = read_report(SAMPLE)
HEAD = "Cuenta,TipoConsumo,FechaInicioConsulta,FechaFinConsulta,FechaActual\n"
LINE = "Pruebas,Postpago,2019-10-01T00:00:00,2019-10-31T00:00:00,2019-11-20T16:57:53\n"

NAMES = st.text("ABCÑ&ñ,\"' 0123456789", min_size=1, max_size=13).map(lambda text: text.rstrip(" ") or "X")
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(lambda at: at.replace(microsecond=0))
MOVEMENTS = st.builds(Movement, NAMES, MOMENTS, NAMES, st.integers(-5, 10**9))


def cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def american(at: datetime) -> str:
    """Month, day and year, and a 12-hour clock."""
    hour = at.hour % 12 or 12
    return f"{at.month}/{at.day}/{at.year} {hour}:{at.minute:02d}:{at.second:02d} {'AM' if at.hour < 12 else 'PM'}"


def report_of(movements: list[Movement], end: str = "\n") -> str:
    rows = [f"{cell(one.rfc + ' ')},{american(one.at)},{cell(one.kind)},{one.stamps}" for one in movements]
    blocks = [HEAD + LINE, "Estado de los RFC\nRegistrados,7\n", "Transacciones\nConsumo de todos los RFC:,3\n"]
    detail = "\n".join(["RFC,Fecha,Tipo movimiento,Monto", *rows]) + "\n"
    return "\n".join([*blocks, detail]).replace("\n", end)


def test_the_sample_is_read_whole() -> None:
    assert READ.movements == (Movement("AAA010101AAA", datetime(2019, 10, 17), "Consumo de timbre", 3),)
    assert READ.content == SAMPLE and (READ.first_day, READ.last_day) == (date(2019, 10, 1), date(2019, 10, 31))


@given(st.lists(MOVEMENTS, max_size=5), st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["utf-8", "utf-8-sig"]))
def test_what_was_written_is_read(movements: list[Movement], end: str, character_set: str) -> None:
    report = read_report(report_of(movements, end).encode(character_set))
    assert report.movements == tuple(movements)
    assert report.states == (("Registrados", 7),) and report.totals == (("Consumo de todos los RFC", 3),)


def test_windows_1252_is_read_where_utf_8_fails() -> None:
    movements = [Movement("ÑA&061009TY8", datetime(2019, 10, 17, 13, 5), "Consumo de timbre", 1)]
    assert read_report(report_of(movements).encode("cp1252")).movements == tuple(movements)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))
def test_month_stands_before_day_and_midnight_is_twelve(at: datetime) -> None:
    moment = at.replace(microsecond=0)
    for one in (moment, moment.replace(hour=0), moment.replace(hour=12), moment + timedelta(hours=12)):
        assert read_report(report_of([Movement("X", one, "k", 1)]).encode()).movements[0].at == one


def test_blocks_may_be_missing_unknown_or_apart_by_more_lines() -> None:
    assert read_report((HEAD + LINE).encode()).movements == ()
    odd = SAMPLE.decode().replace("\n\n", "\n \n,,\n\n").replace("Transacciones\n", "Otra cosa\nx,y\n\nTransacciones\n")
    assert replace(read_report(odd.encode()), content=b"") == replace(READ, content=b"")
    assert read_report((HEAD + LINE.replace(",2019-11-20T16:57:53", "")).encode()).asked_at is None


def test_a_count_may_be_written_with_a_decimal() -> None:
    assert read_report(SAMPLE.replace(b"timbre,3", b"timbre,3.0")).movements[0].stamps == 3


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.4",
        b'{"errors": []}',
        b"<html>",
        HEAD.encode(),
        b"\x81\x8d",
        SAMPLE.replace(b"10/17/2019", b"17/10/2019"),
        SAMPLE.replace(b"10/17/2019 12:00:00 AM", b"2019-10-17"),
        SAMPLE.replace(b"12:00:00 AM", b"13:00:00 AM"),
        SAMPLE.replace(b"timbre,3", b"timbre,1.5"),
        SAMPLE.replace(b"timbre,3", b"timbre"),
        SAMPLE.replace(b"2019-10-01T", b"soon"),
        SAMPLE.replace(b"Pruebas", b'"Pruebas'),
    ],
)
def test_anything_else_is_no_report(content: bytes) -> None:
    with pytest.raises(AnswerUnclear, match="not-csv"):
        read_report(content)
