"""The committed workbooks, by their path in the project: what the code writes and what stands there must be equal."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from importer.language import Language
from importer.templates.excel import CellValue, template_of
from importer.templates.journals import JOURNALS
from tests.samples.june import Row, june


def journals_june() -> bytes:
    """The good month."""
    return template_of(JOURNALS, Language.EN, june())


def journals_june_mistakes() -> bytes:
    """The same month with the mistakes of `MISTAKES`."""
    return template_of(JOURNALS, Language.EN, with_mistakes(june()))


WORKBOOKS: Mapping[str, Callable[[], bytes]] = {
    "templates/journals.xlsx": lambda: template_of(JOURNALS, Language.EN),
    "samples/journals-june.xlsx": journals_june,
    "samples/journals-june-mistakes.xlsx": journals_june_mistakes,
}

Spot = tuple[str, int]
"""A line of the month: the journal's key and the line's place in it, from 0."""

_PLANTED: Mapping[Spot, Mapping[str, CellValue]] = {
    ("AP-02", 1): {"amount": "1,234.50"},
    ("AP-04", 0): {"account": "642198"},
    ("AP-06", 2): {"function": None},
    ("CR-02", 3): {"transDateTime": "11/06/2018"},
    ("DP-03", 2): {"period": date(2018, 6, 13)},
    ("JV-03", 1): {"who": "EM0090"},
    ("PAY-01", 2): {"description": "Salary for the first half of June, Tamayo Ruiz, Josué"},
    ("DP-05", 4): {"journal": None},
    # No list of the service reveals it: a petty cash journal wants to know who spent the money.
    ("PC-03", 1): {"who": None},
}

_HUNDRED_MISSING: Spot = ("JV-06", 1)


def with_mistakes(rows: list[Row]) -> list[Row]:
    """The month with each mistake planted in its line, and one amount a hundred pesos short."""
    return [_spoilt(row, (str(row["journal"]), place)) for row, place in zip(rows, _places(rows), strict=True)]


def _spoilt(row: Row, spot: Spot) -> Row:
    if spot == _HUNDRED_MISSING:
        amount = row["amount"]
        return row | {"amount": amount - 100 if isinstance(amount, Decimal) else None}
    return row | dict(_PLANTED.get(spot, {}))


def _places(rows: list[Row]) -> list[int]:
    seen: dict[object, int] = {}
    places = []
    for row in rows:
        places.append(seen.get(row["journal"], 0))
        seen[row["journal"]] = places[-1] + 1
    return places


def planted_rows() -> Mapping[Spot, int]:
    """The sheet's row of each planted mistake (the heading is row 1)."""
    rows = june()
    spots = [(str(row["journal"]), place) for row, place in zip(rows, _places(rows), strict=True)]
    return {spot: spots.index(spot) + 2 for spot in (*_PLANTED, _HUNDRED_MISSING)}
