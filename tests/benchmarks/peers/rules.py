"""The cell rules that every peer is given, as plain facts."""

from collections.abc import Mapping

PERIOD = r"[0-9]{4}(00[1-9]|01[0-2])"
SIDES = ["D", "C"]
REQUIRED = (
    *("journalType", "account", "treference", "description", "transaction"),
    *("amount", "currency", "transDateTime", "period"),
)
LENGTHS: Mapping[str, int] = {
    **{"journalType": 5, "account": 15, "treference": 30, "description": 50, "currency": 5},
    **dict.fromkeys(("source", "fund", "function", "project"), 15),
    **dict.fromkeys(("description1", "description2"), 30),
}
