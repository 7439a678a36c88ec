"""The good month with a mistake of each kind, as they happen among hundreds of good rows."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from importer.templates.form_sheet import CellValue
from tests.samples.june import june
from tests.samples.month import Row
from tests.samples.planted import ExpectedProblem, Mistake, with_slips

_WORDY = "Salary for the first half of June, Tamayo Ruiz, Josué"

Slip = tuple[str, int, str, CellValue, str, str | None]
"""The key of a journal, the place of the line in it (from 0), the field, what is typed, the code of the problem, and
what to type instead."""

_SLIPS: Sequence[Slip] = (
    ("CR-02", 3, "transDateTime", "11/06/2018", "not-a-date", None),
    ("PAY-01", 2, "description", _WORDY, "too-long", None),
    ("AP-02", 1, "amount", "3,096.08", "not-a-number", "3096.08"),
    ("AP-04", 0, "account", "613130", "unknown-account", "631130"),
    ("AP-06", 2, "function", None, "missing-dimension", None),
    ("DP-03", 2, "period", date(2018, 6, 13), "bad-period", "2018006"),
    ("DP-05", 4, "journal", None, "required", "DP-05"),
    ("JV-03", 1, "who", "EM0090", "closed-dimension", None),
)

_REFUSED = ("PC-03", 1)
"""No list of the service reveals it: a petty cash journal wants to know who spent the money."""

_HUNDRED_MISSING = ("JV-06", 1)


def june_mistakes() -> Mistake:
    """Ten journals of 41 with one mistake each."""
    rows = june()
    slips = {_row(rows, key, place): {name: value} for key, place, name, value, _, _ in _SLIPS}
    told = [
        ExpectedProblem(code, _row(rows, key, place), name, None if value is None else str(value), suggestion)
        for key, place, name, value, code, suggestion in _SLIPS
    ]
    short, refused = _row(rows, *_HUNDRED_MISSING), _row(rows, *_REFUSED)
    amount = rows[short - 2]["amount"]
    assert isinstance(amount, Decimal)
    slips |= {short: {"amount": amount - 100}, refused: {"who": None}}
    told += [
        ExpectedProblem("unbalanced", _row(rows, _HUNDRED_MISSING[0], 0), None),
        ExpectedProblem("refused-line", refused, "who", by_service=True),
    ]
    return Mistake({"journals": with_slips(rows, slips)}, {"journals": rows}, told)


def _row(rows: Sequence[Row], key: str, place: int) -> int:
    return next(number for number, row in enumerate(rows, start=2) if row["journal"] == key) + place
