"""The consumption report as CSV: four blocks apart by empty lines, each with its own columns (S-13)."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from importer.errors import AnswerUnclear

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
        account, consumption, first, last, *asked = _line_below(head)
        by_title = {_title(block): block[1:] for block in rest}
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


def _line_below(head: list[Row]) -> Row:
    if tuple(head[0][: len(_HEAD)]) != _HEAD:
        raise ValueError("not the head of a report")
    return head[1]


def _title(block: list[Row]) -> str:
    return block[0][0]


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
