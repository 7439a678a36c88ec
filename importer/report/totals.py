"""The sums an accountant checks first: nothing is missing, and how much of what."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from importer.model.results import Document, Result, Status
from importer.report.sentences import JOURNAL

LEDGER_ORDER = (Status.POSTED, Status.ALREADY_POSTED, Status.READY)
"""The states whose amounts are told: what the ledger has, and in a check what it would get."""


@dataclass(frozen=True, slots=True)
class Control:
    """How many documents and rows were read and in which state they ended.

    `read_rows` are the filled rows of the sheets as the reader counted them, so that rows which became part
    of no document show: `homeless_rows`.
    """

    read_rows: int
    documents: dict[Status, int]
    rows: dict[Status, int]

    @property
    def all_documents(self) -> int:
        """The documents in all states together."""
        return sum(self.documents.values())

    @property
    def all_rows(self) -> int:
        """The rows of the documents in all states together."""
        return sum(self.rows.values())

    @property
    def homeless_rows(self) -> int:
        """Rows read that belong to no document."""
        return self.read_rows - self.all_rows


def control_totals(result: Result) -> Control:
    """The result's control totals; where the sheets are not told, the documents' rows are the rows read."""
    rows = result.rows_by_status()
    on_sheets = sum(sheet.rows for file in result.files for sheet in file.sheets)
    return Control(max(on_sheets, sum(rows.values())), result.documents_by_status(), rows)


@dataclass(frozen=True, slots=True)
class Amounts:
    """Debits and credits of the documents of one currency, period and state; `period` and `status` None: of
    all."""

    currency: str | None
    period: str | None
    status: Status | None
    documents: int
    debit: Decimal
    credit: Decimal


def amounts_by_period(documents: Iterable[Document], states: tuple[Status, ...] = LEDGER_ORDER) -> list[Amounts]:
    """Sums of the journals by currency, period and state, in that order; currencies are never added to each other."""
    sums: dict[tuple[str, str, Status], Amounts] = {}
    for document in documents:
        if document.status not in states or document.kind != JOURNAL:
            continue
        key = (document.currency or "", document.period or "", document.status)
        before = sums.get(key) or Amounts(
            document.currency, document.period, document.status, 0, Decimal(0), Decimal(0)
        )
        sums[key] = _plus(before, 1, document.debit or Decimal(0), document.credit or Decimal(0))
    return [sums[key] for key in sorted(sums, key=lambda key: (key[0], key[1], states.index(key[2])))]


def _plus(amounts: Amounts, documents: int, debit: Decimal, credit: Decimal) -> Amounts:
    return Amounts(
        amounts.currency,
        amounts.period,
        amounts.status,
        amounts.documents + documents,
        amounts.debit + debit,
        amounts.credit + credit,
    )


def sums_by_currency(parts: Iterable[Amounts]) -> list[tuple[list[Amounts], Amounts]]:
    """The parts of each currency with their sum, in the order given."""
    grouped: dict[str | None, list[Amounts]] = {}
    for part in parts:
        grouped.setdefault(part.currency, []).append(part)
    return [(group, _sum(currency, group)) for currency, group in grouped.items()]


def _sum(currency: str | None, group: list[Amounts]) -> Amounts:
    whole = Amounts(currency, None, None, 0, Decimal(0), Decimal(0))
    for part in group:
        whole = _plus(whole, part.documents, part.debit, part.credit)
    return whole
