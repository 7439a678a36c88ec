"""What the six formats look like: paper, columns, the box with the amount, who signs."""

from typing import NamedTuple

Millimetres = int


class Layout(NamedTuple):
    """A format; columns are words of the catalogue with their widths in proportion to each other."""

    paper: tuple[Millimetres, Millimetres]
    columns: dict[str, int]
    signatures: tuple[str, ...]
    margin: Millimetres = 15
    type_size: int = 9
    has_amount_box: bool = False


LETTER, LETTER_LYING, HALF_LETTER, CHECK, TILL_ROLL = (216, 279), (279, 216), (216, 140), (216, 110), (80, 297)

LAYOUTS = {
    "PFP": Layout(
        LETTER_LYING,
        {
            **{"line": 10, "date": 17, "account": 18, "name": 38, "reference": 22},
            **{"description": 44, "dimensions": 44, "debit": 24, "credit": 24},
        },
        ("prepared", "reviewed", "authorised"),
        type_size=8,
    ),
    "PP": Layout(
        LETTER,
        {"account": 22, "name": 42, "description": 52, "debit": 27, "credit": 27},
        ("authorised", "received"),
        has_amount_box=True,
    ),
    "PC": Layout(
        CHECK,
        {"account": 25, "description": 70, "amount": 30},
        ("authorised",),
        margin=10,
        type_size=7,
        has_amount_box=True,
    ),
    "PR": Layout(
        HALF_LETTER,
        {"date": 22, "description": 80, "reference": 30, "amount": 30},
        ("received",),
        has_amount_box=True,
    ),
    "PCS": Layout(TILL_ROLL, {"description": 38, "amount": 26}, ("cashier",), margin=5, type_size=7),
    "PNM": Layout(LETTER, {"line": 12, "account": 25, "description": 75, "debit": 30, "credit": 30}, ("prepared",)),
}
LIVE_LAYOUTS = LAYOUTS | dict.fromkeys(("PGP", "PASR", "PAD", "PDM", "PPCV", "PVC"), LAYOUTS["PFP"])
"""With the formats that only the public client of the live service names; what they look like is not documented."""
