"""The three operations of Sovos, and how each failure is told: 400 with a code, 401, 404 and 500 without a body."""

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from starlette.responses import Response

from importer.sandbox.company_records import StampAccount
from importer.sandbox.json_text import read_json, write_json
from importer.sandbox.sovos.balance import Balance, balance_of, is_month
from importer.sandbox.sovos.reports import write_csv, write_pdf
from importer.sandbox.switches import Switches
from importer.sandbox.zone import ZONE

PATH = "/api/rest/Timbre/saldos"
BAD_MONTH = ("400-001", "'MesConsulta' se encuentra en un formato inválido.")
FOREIGN_RFC = ("400-002", "El RFC no pertenece a la cuenta.")
RFC_NOT_WANTED = ("400-002", "No es necesario mandar el 'RFCConsulta'")
UNKNOWN_FORMAT = ("400-003", "El formato solicitado no es soportado.")


class Query(NamedTuple):
    """One request to Sovos, and what it may work on."""

    account: StampAccount
    api_key: str
    switches: Switches
    headers: Mapping[str, str]
    body: bytes


class _RefusedError(Exception):
    """HTTP 400 with a code and a Spanish text (S-25)."""

    def __init__(self, reason: tuple[str, str]) -> None:
        super().__init__(*reason)
        self.code, self.message = reason


def answer(operation: str, query: Query) -> Response:
    """The answer of one of `OPERATIONS`."""
    if query.switches.platform_failure:
        return Response(status_code=500)
    if not hmac.compare_digest(query.headers.get("rcapikey", "").encode(), query.api_key.encode()):
        return Response(status_code=401)
    try:
        return OPERATIONS[operation](query)
    except _RefusedError as refused:
        errors = [{"Code": refused.code, "Message": refused.message}]
        return Response(write_json({"errors": errors}), 400, media_type="application/json")


def get_stamp_balance(query: Query) -> Response:
    """The balance as JSON, of all RFCs or of one; the counters of one are its own."""
    members = _read_members(query, {"MesConsulta", "RFCConsulta"})
    rfc = members.get("RFCConsulta")
    if "RFCConsulta" in members and not (isinstance(rfc, str) and rfc in query.account.rfcs):
        raise _RefusedError(FOREIGN_RFC)
    balance = balance_of(query.account, members["MesConsulta"], rfc)
    return Response(write_json(_shown(balance, query.switches)), media_type="application/json")


def download_consumption_report_pdf(query: Query) -> Response:
    """The report as PDF."""
    balance = _report(query)
    return _attachment(write_pdf(balance, datetime.now(ZONE)), "application/pdf", "pdf", query)


def download_consumption_report_csv(query: Query) -> Response:
    """The report as CSV."""
    content = write_csv(_report(query), datetime.now(ZONE), query.switches)
    return _attachment(content, "text/csv", "csv", query)


def refuse_format(_: Query) -> Response:
    """Any other last segment of the path (S-09)."""
    raise _RefusedError(UNKNOWN_FORMAT)


OPERATIONS: dict[str, Callable[[Query], Response]] = {
    "get_stamp_balance": get_stamp_balance,
    "download_consumption_report_pdf": download_consumption_report_pdf,
    "download_consumption_report_csv": download_consumption_report_csv,
    "refuse_format": refuse_format,
}
PATHS = {
    PATH: "get_stamp_balance",
    f"{PATH}/pdf": "download_consumption_report_pdf",
    f"{PATH}/csv": "download_consumption_report_csv",
    f"{PATH}/{{format}}": "refuse_format",
}
"""The routes in their order; all of them are POST."""


def _report(query: Query) -> Balance:
    members = _read_members(query, {"MesConsulta"})
    return balance_of(query.account, members["MesConsulta"])


def _read_members(query: Query, known: set[str]) -> dict[str, Any]:
    """The members of the request, with a month that is one (S-05)."""
    media_type = query.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        members = read_json(query.body)
    except ValueError:
        raise _RefusedError(BAD_MONTH) from None
    if media_type != "application/json" or not isinstance(members, dict):
        raise _RefusedError(BAD_MONTH)
    if "RFCConsulta" in members and "RFCConsulta" not in known:
        raise _RefusedError(RFC_NOT_WANTED)
    if not is_month(members.get("MesConsulta")) or members.keys() - known:
        raise _RefusedError(BAD_MONTH)
    return members


def _shown(balance: Balance, switches: Switches) -> dict[str, object]:
    counters = (balance.registered, balance.authorised, balance.with_stamps)
    registered, authorised, with_stamps = (0, 0, 0) if switches.sample_counters else counters
    return {
        "TipoConsumo": balance.account.consumption,
        "FechaActual": f"{datetime.now(ZONE):%Y-%m-%dT%H:%M:%S}",
        "Registrados": registered,
        "Autorizados": authorised,
        "GeneraronTimbre": with_stamps,
        "Transacciones": balance.transactions,
        "Detalle": [
            {
                "RFC": one.rfc,
                "Fecha": f"{one.day.isoformat()}T00:00:00",
                "TipoMovimiento": one.type,
                "Monto": one.count,
            }
            for one in balance.movements
        ],
    }


def _attachment(content: bytes, media_type: str, ending: str, query: Query) -> Response:
    response = Response(content, headers={"content-disposition": f"attachment; filename=consumo.{ending}"})
    # Set by hand: Starlette would add a charset to text/csv, and the document names none (S-12).
    response.headers["content-type"] = "application/octet-stream" if query.switches.report_octet_stream else media_type
    return response
