"""An account of Sovos: the balance of its stamps, and the consumption report as PDF and CSV.

Its key is bound to its host, and success is judged otherwise than for SunPlusXtra (S-01 to S-03). All figures are
counts (S-20).
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from importer.errors import AnswerUnclear, Effect, ServiceFailure, SetupError
from importer.model.dates import Month
from importer.model.secrets import Masking, Secret
from importer.services import arguments
from importer.services.http import HttpClient, Request, Response
from importer.services.operations import OPERATIONS, Operation
from importer.services.responses import read_as, trimmed
from importer.services.session import repeated_read

SUCCEEDED, REFUSED, KEY_REFUSED, NO_SUCH_ADDRESS = 200, 400, 401, 404


class SovosAccount:
    """The key of one host, with the only way to that host: no other request ever carries the key (S-03).

    `url` is `https://go.reachcore.com` in production, `https://oat.reachcore.com` for trying out; `seconds` the
    deadline of a request; `pause` waits a number of seconds between tries; `masking` takes the key out of what an
    answer says, for a refusal may quote the request; `proxy` and `ca_file` as for `HttpClient`. Raises SetupError for
    an address that is not https, except on loopback (S-04).
    """

    def __init__(
        self,
        url: str,
        key: Secret,
        seconds: float,
        pause: Callable[[float], None],
        masking: Masking | None = None,
        *,
        proxy: str | None = None,
        ca_file: Path | None = None,
    ) -> None:
        self._exchange = HttpClient(url, seconds, proxy=proxy, ca_file=ca_file)
        self._masking = Masking() if masking is None else masking
        self._masking.add(key, is_token=True)
        self._key = key
        self._pause = pause

    def read(self, operation: str, body: dict[str, str]) -> bytes:
        """Asks, up to three times while no answer or a 5xx comes (S-02), and gives the body of a 200.

        Raises ServiceFailure for a 400, SetupError for a refused key (401) or a wrong address (404), AnswerUnclear for
        every other status, NotSent.
        """
        wanted = OPERATIONS[operation]
        headers = {"Content-Type": "application/json", "Accept": "*/*", "RCApiKey": self._key.reveal()}
        request = Request(wanted.method, wanted.path, headers, msgspec.json.encode(body), most=wanted.most)

        def ask() -> bytes:
            return _successful_body(replace(self._exchange(request), masking=self._masking), wanted)

        return repeated_read(ask, self._pause)

    def close(self) -> None:
        """Closes the connections."""
        self._exchange.close()


def _successful_body(answer: Response, operation: Operation) -> bytes:
    """The body of a 200; the status alone decides (S-11)."""
    if answer.status == SUCCEEDED:
        return answer.body
    if answer.status == REFUSED:
        raise _refusal(answer, operation)
    if answer.status == KEY_REFUSED:
        raise SetupError("sovos-key-refused")
    if answer.status == NO_SUCH_ADDRESS:
        raise SetupError("sovos-address")
    raise AnswerUnclear("status", status=str(answer.status))


class _Error(msgspec.Struct, frozen=True, rename="pascal"):
    code: Any = None
    message: Any = None


class _Errors(msgspec.Struct, frozen=True):
    errors: list[_Error] | None = None


def _refusal(answer: Response, operation: Operation) -> ServiceFailure:
    """The failure in a 400: by its first code, with all messages; the body may be missing (S-10)."""
    try:
        errors = msgspec.json.decode(answer.body, type=_Errors).errors or []
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        errors = []
    code = str(errors[0].code) if errors and errors[0].code else str(REFUSED)
    words = answer.masking("; ".join(str(error.message) for error in errors if error.message))
    meaning = operation.codes.get(code, "")
    code = code if meaning else answer.masking(code)
    return ServiceFailure(code, words, operation=operation.name, meaning=meaning, effect=Effect.NOT_APPLIED)


_CHARACTER_SETS = ("utf-8-sig", "cp1252")
_HEAD = ("Cuenta", "TipoConsumo", "FechaInicioConsulta", "FechaFinConsulta")
_STATES, _TOTALS = "Estado de los RFC", "Transacciones"
_DETAIL = ("RFC", "Fecha", "Tipo movimiento", "Monto")

# Month before day, 12-hour clock: "10/17/2019 12:00:00 AM" is midnight (S-14). strptime's %p depends on the locale.
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2}):(\d{2}) ([AP])M", re.ASCII)


@dataclass(frozen=True, slots=True)
class Movement:
    """Stamps of one RFC at one time: `at` is local time of the platform (S-23), `kind` an open list (S-22)."""

    rfc: str
    at: datetime
    kind: str
    stamps: int


@dataclass(frozen=True, slots=True)
class ConsumptionReport:
    """The four blocks: the account with the days asked for, both included (S-15); the RFCs by their state; totals;
    movements. `content` is the file itself."""

    account: str
    consumption: str
    first_day: date
    last_day: date
    asked_at: datetime | None
    states: tuple[tuple[str, int], ...]
    totals: tuple[tuple[str, int], ...]
    movements: tuple[Movement, ...]
    content: bytes = field(repr=False)


Row = Sequence[str]


def read_report(content: bytes) -> ConsumptionReport:
    """The report of a CSV file in UTF-8 (with or without BOM) or Windows-1252, with any line ends (S-12).

    Raises AnswerUnclear when it is no such report: it must begin with the head of its first block.
    """
    try:
        blocks = list(_blocks(_text_of(content)))
        head, *rest = blocks
        if tuple(head[0][: len(_HEAD)]) != _HEAD:
            raise ValueError("not the head of a report")
        account, consumption, first, last, *asked = head[1]
        by_title = {block[0][0]: block[1:] for block in rest}
        return ConsumptionReport(
            account=account,
            consumption=consumption,
            first_day=datetime.fromisoformat(first).date(),
            last_day=datetime.fromisoformat(last).date(),
            asked_at=datetime.fromisoformat(asked[0]) if asked and asked[0] else None,
            states=_figures(by_title.get(_STATES, ())),
            totals=_figures(by_title.get(_TOTALS, ())),
            movements=tuple(_movement(row) for row in by_title.get(_DETAIL[0], ())),
            content=content,
        )
    except (ValueError, IndexError, csv.Error) as error:
        raise AnswerUnclear("not-csv") from error


def _text_of(content: bytes) -> str:
    for name in _CHARACTER_SETS:
        try:
            return content.decode(name)
        except UnicodeDecodeError:
            continue
    raise ValueError("neither UTF-8 nor Windows-1252")


def _blocks(text: str) -> Iterator[list[Row]]:
    """The rows of each block; blanks at the end of a cell are dropped (S-16). A block ends with an empty line."""
    block: list[Row] = []
    for row in csv.reader(re.split("\r\n|\r|\n", text), strict=True):
        cells = [cell.rstrip(" ") for cell in row]
        if any(cells):
            block.append(cells)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _figures(rows: Sequence[Row]) -> tuple[tuple[str, int], ...]:
    """Names, without the colon at their end, and numbers."""
    return tuple((name.removesuffix(":"), _count(number)) for name, number, *_ in rows)


def _movement(row: Row) -> Movement:
    rfc, at, kind, stamps, *_ = row
    return Movement(rfc, _moment(at), kind, _count(stamps))


def _moment(text: str) -> datetime:
    found = _AMERICAN.fullmatch(text)
    if found is None:
        raise ValueError(f"not a moment: {text}")
    month, day, year, hour, minute, second = (int(part) for part in found.groups()[:6])
    if not 1 <= hour <= 12:
        raise ValueError(f"not an hour: {text}")
    return datetime(year, month, day, hour % 12 + (12 if found[7] == "P" else 0), minute, second)


def _count(text: str) -> int:
    """A whole number; 1.0 is one (S-20)."""
    if not re.fullmatch(r"-?[0-9]{1,18}(\.0+)?", text):
        raise ValueError(f"not a count: {text}")
    return int(text.partition(".")[0])


PDF = b"%PDF-"


@dataclass(frozen=True, slots=True)
class StampBalance:
    """The stamps of a month. `asked_at` is local time of the platform (S-23), None when not given.

    The counters need not add up (S-18), and none of them is what is left to stamp with: the service does not give that,
    not even for prepaid accounts (S-19).
    """

    consumption: str
    asked_at: datetime | None
    registered: int | None
    authorised: int | None
    stamped: int | None
    transactions: int | None
    movements: tuple[Movement, ...]


class _MovementRow(msgspec.Struct, frozen=True, rename="pascal"):
    fecha: datetime
    monto: int
    rfc: str | None = msgspec.field(default=None, name="RFC")
    tipo_movimiento: str | None = None

    def movement(self) -> Movement:
        return Movement(trimmed(self.rfc), self.fecha, trimmed(self.tipo_movimiento), self.monto)


class _Balance(msgspec.Struct, frozen=True, rename="pascal"):
    tipo_consumo: str | None = None
    fecha_actual: datetime | None = None
    registrados: int | None = None
    autorizados: int | None = None
    generaron_timbre: int | None = None
    transacciones: int | None = None
    detalle: list[_MovementRow] | None = None


def get_stamp_balance(account: SovosAccount, month: Month, rfc: str | None = None) -> StampBalance:
    """POST /api/rest/Timbre/saldos (a read): the balance of a month, for all RFCs of the account or for one.

    The answer may be about another month (S-24): look at the days of its movements. Raises what `SovosAccount.read`
    raises (400-002: the RFC is not one of the account's), RequestRefused for an empty RFC (S-07).
    """
    body = {"MesConsulta": str(month)}
    if rfc is not None:
        body["RFCConsulta"] = arguments.filled_text("rfc", rfc)
    found = read_as(_Balance, account.read("get_stamp_balance", body))
    return StampBalance(
        consumption=trimmed(found.tipo_consumo),
        asked_at=found.fecha_actual,
        registered=found.registrados,
        authorised=found.autorizados,
        stamped=found.generaron_timbre,
        transactions=found.transacciones,
        movements=tuple(row.movement() for row in found.detalle or ()),
    )


def download_consumption_report_pdf(account: SovosAccount, month: Month) -> bytes:
    """POST /api/rest/Timbre/saldos/pdf (a read): the bytes of the PDF. Raises what `SovosAccount.read` raises, and
    AnswerUnclear for anything that does not begin like a PDF (S-12)."""
    content = account.read("download_consumption_report_pdf", {"MesConsulta": str(month)})
    if not content.startswith(PDF):
        raise AnswerUnclear("not-pdf")
    return content


def download_consumption_report_csv(account: SovosAccount, month: Month) -> ConsumptionReport:
    """POST /api/rest/Timbre/saldos/csv (a read): the report, read and as bytes. Raises what `SovosAccount.read` raises,
    and AnswerUnclear for anything that is not such a report (S-12)."""
    return read_report(account.read("download_consumption_report_csv", {"MesConsulta": str(month)}))
