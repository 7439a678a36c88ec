"""The sums an accountant checks first: documents and rows by state, and the money of each state, tied to what the cells
of the workbook hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache
from operator import attrgetter

from importer.model.results import EXACT, Document, LineMoney, Result, Status
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
    """Debits and credits of the documents of one currency, period and state."""

    currency: str
    period: str
    status: Status
    documents: int
    debit: Decimal
    credit: Decimal


def amounts_by_period(documents: Iterable[Document]) -> list[Amounts]:
    """Sums of the journals by currency, period and state, in that order; currencies are never added to each other."""
    alike: dict[tuple[str, str, Status], list[Document]] = {}
    for one in documents:
        if one.status in LEDGER_ORDER and one.kind == JOURNAL:
            alike.setdefault((one.currency or "", one.period or "", one.status), []).append(one)
    found = []
    for key in sorted(alike, key=lambda key: (key[0], key[1], LEDGER_ORDER.index(key[2]))):
        debit = sum((one.debit or Decimal(0) for one in alike[key]), Decimal(0))
        credit = sum((one.credit or Decimal(0) for one in alike[key]), Decimal(0))
        found.append(Amounts(*key, len(alike[key]), debit, credit))
    return found


@dataclass(frozen=True, slots=True)
class MoneyGroup:
    """The money of one currency and period as the lines say them (None: they do not): `parts` by the state in which it
    ended, beside them `NO_LINES` and `HIDDEN`, those alone that have any; `workbook` is what the cells of the sheets
    add up to, counted apart from the journals."""

    currency: str | None
    period: str | None
    parts: Mapping[str, LineMoney]
    workbook: LineMoney

    @property
    def whole(self) -> LineMoney:
        """All parts together."""
        return _all_together(self.currency, self.period, self.parts.values())

    @property
    def ties(self) -> bool:
        """True when the parts are the workbook, to the cent and the cell."""
        return self.whole == self.workbook


NO_LINES, HIDDEN = "no_lines", "hidden"
"""What is in the workbook and of no journal: rows that are no lines, and hidden rows left out on purpose."""


@lru_cache(maxsize=1)
def money_of(result: Result) -> Sequence[MoneyGroup]:
    """All the money of a run or check by currency and period of the lines, those without one last; currencies are never
    added to each other. That of the newest result is remembered."""
    found: dict[_Group, dict[str, list[LineMoney]]] = {}
    for document in result.documents:
        if document.kind == JOURNAL:
            _add(found, document.status.value, _lines_of(document))
    sheets = [sheet for file in result.files for sheet in file.sheets]
    on_sheets: dict[_Group, dict[str, list[LineMoney]]] = {}
    for sheet in sheets:
        _add(found, NO_LINES, sheet.no_lines)
        _add(found, HIDDEN, sheet.hidden)
        _add(on_sheets, "", (*sheet.money, *sheet.no_lines, *sheet.hidden))
    parts = {
        group: {state: _all_together(*group, money) for state, money in of_group.items()}
        for group, of_group in found.items()
    }
    workbook = {group: _all_together(*group, of_group[""]) for group, of_group in on_sheets.items()}
    if not any(sheet.money for sheet in sheets):  # results of older programs do not tell it
        workbook = {group: _all_together(*group, of_group.values()) for group, of_group in parts.items()}
    ordered = sorted({*parts, *workbook}, key=lambda group: [(text is None, text or "") for text in group])
    return tuple(
        MoneyGroup(*group, parts.get(group, {}), workbook.get(group) or LineMoney(*group)) for group in ordered
    )


def money_by_currency(groups: Iterable[MoneyGroup]) -> list[tuple[MoneyGroup, list[MoneyGroup]]]:
    """The groups of each currency after what they are together, in the order given."""
    by_currency: dict[str | None, list[MoneyGroup]] = {}
    for group in groups:
        by_currency.setdefault(group.currency, []).append(group)
    together = []
    for currency, of_it in by_currency.items():
        parts: dict[str, LineMoney] = {}
        for state, money in (part for group in of_it for part in group.parts.items()):
            parts[state] = parts.get(state, LineMoney(currency, None)).plus(money)
        workbook = _all_together(currency, None, (group.workbook for group in of_it))
        together.append((MoneyGroup(currency, None, parts, workbook), of_it))
    return together


_Group = tuple[str | None, str | None]


def _add(parts: dict[_Group, dict[str, list[LineMoney]]], state: str, found: Iterable[LineMoney]) -> None:
    for money in found:
        parts.setdefault((money.currency, money.period), {}).setdefault(state, []).append(money)


def _lines_of(document: Document) -> tuple[LineMoney, ...]:
    if document.money or document.debit is None or document.credit is None:
        return document.money
    lines = len(document.rows)
    return (LineMoney(document.currency, document.period, lines, document.debit, document.credit),)


def _all_together(currency: str | None, period: str | None, parts: Iterable[LineMoney]) -> LineMoney:
    found = list(parts)
    with localcontext(EXACT):
        debit, credit, no_side = (
            sum(map(attrgetter(name), found), Decimal(0)) for name in ("debit", "credit", "no_side")
        )
    lines, unreadable, blank = (sum(map(attrgetter(name), found)) for name in ("lines", "unreadable", "blank"))
    return LineMoney(currency, period, lines, debit, credit, no_side, unreadable, blank)
