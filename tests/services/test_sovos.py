"""Sovos: its own success test, its own key, and answers that say little."""

import json
from datetime import datetime
from typing import Any

import pytest

from importer.errors import AnswerUnclear, ServiceFailure, SetupError
from importer.model.dates import Month
from importer.model.secrets import Secret
from importer.services.sovos.account import SovosAccount
from importer.services.sovos.report import Movement
from importer.services.sovos.stamps import download_consumption_report_pdf, get_stamp_balance
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
