"""The stamping-balance service of Sovos Mexico: own paths, own key, ordinary statuses (S-01).

Its failures are HTTP 400 with a code and a Spanish text, and 401, 404 and 500 without a body.
"""

import calendar
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, NamedTuple

import msgspec
from starlette.responses import Response

from importer.sandbox.company import ZONE, StampAccount, StampMovement
from importer.sandbox.pdf import Pages
from importer.sandbox.request_body import Body, MalformedError, Shape, read_body, read_shape, write_json
from importer.sandbox.switches import Switches

PATH = "/api/rest/Timbre/saldos"
BAD_MONTH = ("400-001", "'MesConsulta' se encuentra en un formato inválido.")
FOREIGN_RFC = ("400-002", "El RFC no pertenece a la cuenta.")
RFC_NOT_WANTED = ("400-002", "No es necesario mandar el 'RFCConsulta'")
UNKNOWN_FORMAT = ("400-003", "El formato solicitado no es soportado.")


class _MonthRequest(Shape):
    MesConsulta: Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{4}-(0[1-9]|1[0-2])\Z")]
    RFCConsulta: object = msgspec.UNSET


class _Balance(NamedTuple):
    """A month (2019-01) of the account, or of one of its RFCs; all zeros and an empty detail without movements
    (S-06)."""

    account: StampAccount
    month: str
    rfcs: list[str]
    movements: list[StampMovement]

    @property
    def counters(self) -> tuple[int, int, int]:
        """How many RFCs are registered, are authorised, and have used stamps."""
        authorised = sum(self.account.rfcs[rfc] for rfc in self.rfcs)
        return len(self.rfcs), authorised, len({movement.rfc for movement in self.movements})

    @property
    def transactions(self) -> int:
        """Stamps used, all movements together."""
        return sum(movement.count for movement in self.movements)

    @property
    def days(self) -> tuple[str, str]:
        """The first day and the last one, which belongs to the month as a whole (S-15)."""
        year, month = (int(part) for part in self.month.split("-"))
        # The calendar repeats after 400 years and has no year 0, which the contract's pattern allows.
        _, days = calendar.monthrange(2000 + year % 400, month)
        return f"{self.month}-01", f"{self.month}-{days:02d}"


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


def answer(operation: "Operation", query: Query) -> Response:
    """The answer of one of `OPERATIONS`, or of what comes before it: a failure of the platform, another key."""
    if query.switches.platform_failure:
        return Response(status_code=500)
    if not hmac.compare_digest(query.headers.get("rcapikey", "").encode(), query.api_key.encode()):
        return Response(status_code=401)
    try:
        return operation(query)
    except _RefusedError as refused:
        errors = [{"Code": refused.code, "Message": refused.message}]
        return Response(write_json({"errors": errors}), 400, media_type="application/json")


def get_stamp_balance(query: Query) -> Response:
    """The balance as JSON, of all RFCs or of one; the counters of one are its own."""
    balance = _balance_of(query, _month_request(query))
    registered, authorised, with_stamps = (0, 0, 0) if query.switches.sample_counters else balance.counters
    members = {
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
    return Response(write_json(members), media_type="application/json")


def download_consumption_report_pdf(query: Query) -> Response:
    """The report as PDF."""
    return _report(query, "application/pdf", "pdf", _pdf_of)


def download_consumption_report_csv(query: Query) -> Response:
    """The report as CSV."""
    return _report(query, "text/csv", "csv", _csv_of)


def refuse_format(_: Query) -> Response:
    """Any other last segment of the path (S-09)."""
    raise _RefusedError(UNKNOWN_FORMAT)


Operation = Callable[[Query], Response]

OPERATIONS: dict[str, Operation] = {
    PATH: get_stamp_balance,
    f"{PATH}/pdf": download_consumption_report_pdf,
    f"{PATH}/csv": download_consumption_report_csv,
    f"{PATH}/{{format}}": refuse_format,
}
"""By path, in the order of the routes; all of them are POST, and named as in the contract."""


def _month_request(query: Query) -> _MonthRequest:
    """The members of the request, with a month that is one (S-05)."""
    try:
        return read_shape(_MonthRequest, read_body(Body.REQUIRED, query.headers, query.body))
    except MalformedError:
        raise _RefusedError(BAD_MONTH) from None


def _balance_of(query: Query, request: _MonthRequest) -> _Balance:
    rfcs = list(query.account.rfcs)
    if request.RFCConsulta is not msgspec.UNSET:
        rfcs = [rfc for rfc in rfcs if rfc == request.RFCConsulta]
        if not rfcs:
            raise _RefusedError(FOREIGN_RFC)
    month = request.MesConsulta
    found = [one for one in query.account.movements if one.rfc in rfcs and f"{one.day}".startswith(f"{month}-")]
    return _Balance(query.account, month, rfcs, sorted(found, key=lambda one: (one.day, one.rfc)))


def _report(
    query: Query, media_type: str, ending: str, written: Callable[[_Balance, datetime, Switches], bytes]
) -> Response:
    """The report of all RFCs as a file, as `written` writes it."""
    request = _month_request(query)
    if request.RFCConsulta is not msgspec.UNSET:
        raise _RefusedError(RFC_NOT_WANTED)
    content = written(_balance_of(query, request), datetime.now(ZONE), query.switches)
    response = Response(content, headers={"content-disposition": f"attachment; filename=consumo.{ending}"})
    # Set by hand: Starlette would add a charset to text/csv, and the document names none (S-12).
    response.headers["content-type"] = "application/octet-stream" if query.switches.report_octet_stream else media_type
    return response


def _csv_of(balance: _Balance, now: datetime, switches: Switches) -> bytes:
    """The report of `balance` as CSV, written at `now`, in the encoding of `switches`: head, state of the RFCs, total,
    detail, with empty lines between; a blank behind each RFC (S-16)."""
    registered, authorised, with_stamps = (0, 1, 1) if switches.sample_counters else balance.counters
    account, (first, last) = balance.account, balance.days
    lines = [
        "Cuenta,TipoConsumo,FechaInicioConsulta,FechaFinConsulta,FechaActual",
        f"{account.name},{account.consumption},{first}T00:00:00,{last}T00:00:00,{now:%Y-%m-%dT%H:%M:%S}",
        "",
        "Estado de los RFC",
        f"Registrados,{registered}",
        f"Autorizados,{authorised}",
        f"Generaron Timbre,{with_stamps}",
        "",
        "Transacciones",
        f"Consumo de todos los RFC:,{balance.transactions}",
        "",
        "RFC,Fecha,Tipo movimiento,Monto",
        # month first, midnight in twelve hours (S-14)
        *(f"{one.rfc} ,{one.day:%m/%d/%Y} 12:00:00 AM,{one.type},{one.count}" for one in balance.movements),
        "",
    ]
    text = ("\r\n" if switches.report_crlf else "\n").join(lines)
    if switches.report_windows_1252:
        return text.encode("windows-1252")
    return text.encode("utf-8-sig" if switches.report_bom else "utf-8")


def _pdf_of(balance: _Balance, now: datetime, _: Switches) -> bytes:
    """The same facts on a page."""
    account, (first, last) = balance.account, balance.days
    registered, authorised, with_stamps = balance.counters
    title = f"Reporte de consumo {balance.month}"
    pages = Pages(title, (216, 279), 15, f"{account.name} · Página", now.date())
    pages.write(title, 15, bold=True)
    for line in (
        f"Cuenta: {account.name} ({account.consumption})",
        f"Del {first} al {last}, consultado el {now:%Y-%m-%d %H:%M:%S}",
        f"RFC registrados: {registered}, autorizados: {authorised}, generaron timbre: {with_stamps}",
        f"Consumo de todos los RFC: {balance.transactions}",
    ):
        pages.write(line)
    pages.y -= 12
    rows = [(one.rfc, one.day.isoformat(), one.type, str(one.count)) for one in balance.movements]
    pages.write_table([("RFC", "Fecha", "Tipo movimiento", "Monto"), *rows], (1, 1, 1, 1), 9, numbers=[3])
    return pages.output()
