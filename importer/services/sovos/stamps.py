"""Stamps of a month: the balance as JSON, the consumption report as PDF and CSV. All figures are counts (S-20)."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from importer.errors import AnswerUnclear
from importer.model.dates import Month
from importer.services import arguments
from importer.services.responses import read_as, trimmed
from importer.services.sovos.account import SovosAccount
from importer.services.sovos.report import ConsumptionReport, Movement, read_report

PDF = b"%PDF-"


@dataclass(frozen=True, slots=True)
class StampBalance:
    """The stamps of a month. `asked_at` is local time of the platform (S-23), None when not told.

    The counters need not add up (S-18), and none of them is what is left to stamp with: the service does not tell that,
    not even for prepaid accounts (S-19).
    """

    consumption: str
    asked_at: datetime | None
    registered: int | None
    authorised: int | None
    stamped: int | None
    transactions: int | None
    movements: tuple[Movement, ...]


class _Movement(msgspec.Struct, frozen=True, rename="pascal"):
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
    detalle: list[_Movement] | None = None


def get_stamp_balance(account: SovosAccount, month: Month, rfc: str | None = None) -> StampBalance:
    """POST /api/rest/Timbre/saldos (a read): the balance of a month, for all RFCs of the account or for one.

    The answer may tell of another month (S-24): look at the days of its movements. Raises what `SovosAccount.read`
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
