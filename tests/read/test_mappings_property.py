"""Any valid journals, written under any mapping that can be declared, read back as themselves; undeclared readings are
refused."""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import assume, given
from hypothesis import strategies as st

from importer.read.declared_formats import DATES, NUMBERS, amount_in, day_in
from importer.read.mappings import SIDES, text_of_tree
from tests.read.mapped import understood, write

CENTS = st.integers(1, 10**9).map(lambda cents: Decimal(cents).scaleb(-2))
DAYS = st.integers(0, 3000).map(lambda days: date(2018, 1, 1) + timedelta(days))
OWN = {
    "account": "Número de la cta.",
    "treference": "Ref #",
    "description": "Qué pasó",
    "currency": "Divisa local",
    "transDateTime": "Cuándo",
    "journalType": "Clase",
    "period": "Mes contable",
}
"""Headings of a person's own, by field."""

MONTHS = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()


def spelled(amount: Decimal, numbers: str | None) -> object:
    """The amount as the declared format writes it, or as a number."""
    if numbers is None:
        return float(amount)
    group, point = numbers[1], numbers[5]
    return (
        f"{amount:,.{max(2, -int(amount.as_tuple().exponent))}f}".replace(",", "_")
        .replace(".", point)
        .replace("_", group)
    )


def dated(day: date, order: str | None) -> object:
    if order is None:
        return day
    if order == "ymd":
        return f"{day:%Y%m%d}"
    parts = {"d": str(day.day), "m": f"{day.month:02d}", "yy": f"{day:%y}", "y": f"{day:%Y}"}
    parts |= {"mmmm": MONTHS[day.month - 1], "mmm": MONTHS[day.month - 1][:3]}
    return re.sub(r"\b(d|m+|y+)\b", lambda found: parts[found[0]], order)


@dataclass(frozen=True)
class Declared:
    """How a workbook is written."""

    numbers: str | None
    dates: str | None
    layout: str
    journal: str
    constants: frozenset[str]
    derives: bool
    scale: int

    def tree(self) -> dict[str, object]:
        """The mapping that declares it."""
        headings = {name: text for name, text in OWN.items() if name not in self.constants}
        tree: dict[str, object] = {"constants": {name: VALUES[name] for name in sorted(self.constants)}}
        if self.derives:
            del headings["period"]
            tree["derive"] = {"period": "month of transDateTime"}
        if self.layout == "two columns":
            headings |= {"debit": "Entra", "credit": "Sale"}
        elif self.layout.startswith("positive"):
            headings["amount"] = "Cuánto"
            tree["signed"] = self.layout
        else:
            headings |= {"amount": "Cuánto", "transaction": "Lado"}
            tree["sides"] = self.layout
        if self.journal == "each sheet":
            tree["journal"] = self.journal
        else:
            tree["journal"] = ["Libro", "Hoja"] if self.journal == "joined" else "Libro"
        tree |= {key: value for key, value in (("numbers", self.numbers), ("dates", self.dates)) if value}
        tree |= {"scale": self.scale} if self.scale > 1 else {}
        return tree | {"headings": headings}


VALUES = {"currency": "MXN1", "journalType": "JV"}
DECLARED = st.builds(
    Declared,
    st.sampled_from([None, *NUMBERS]),
    st.sampled_from([None, *DATES]),
    st.sampled_from(["two columns", "positive is debit", "positive is credit", *SIDES]),
    st.sampled_from(["each sheet", "one", "joined"]),
    st.frozensets(st.sampled_from(sorted(VALUES))),
    st.booleans(),
    st.sampled_from([1, 1000, 1_000_000]),
)


def row_of(declared: Declared, key: int, side: str, amount: Decimal, day: date) -> dict[str, object]:
    """A line by its headings."""
    row: dict[str, object] = {
        OWN["account"]: "101110" if side == "D" else "371110",
        OWN["treference"]: f"R{key}",
        OWN["description"]: "Pago",
        OWN["currency"]: "MXN1",
        OWN["journalType"]: "JV",
        OWN["transDateTime"]: dated(day, declared.dates),
        OWN["period"]: f"{day:%Y0%m}",
        "Libro": f"L{key // 2}" if declared.journal == "joined" else f"L{key}",
        "Hoja": f"H{key}",
    }
    amount /= declared.scale
    shown = spelled(amount, declared.numbers)
    if declared.layout == "two columns":
        row["Entra" if side == "D" else "Sale"] = shown
    elif declared.layout.startswith("positive"):
        is_positive = (declared.layout == "positive is debit") is (side == "D")
        negative = f"-{shown}" if isinstance(shown, str) else -float(amount)
        row["Cuánto"] = shown if is_positive else negative
    else:
        debit, credit = SIDES[declared.layout]
        row |= {"Cuánto": shown, "Lado": debit if side == "D" else credit}
    return row


@given(declared=DECLARED, journals=st.lists(st.tuples(CENTS, DAYS), min_size=1, max_size=4))
def test_journals_written_under_a_mapping_read_back_as_themselves(
    declared: Declared, journals: Sequence[tuple[Decimal, date]]
) -> None:
    kept = journals[:1] if declared.journal == "each sheet" else journals
    tree = declared.tree()
    named = tree["headings"]
    assert isinstance(named, dict)
    headings = [*named.values(), *({"one": ["Libro"], "joined": ["Libro", "Hoja"]}.get(declared.journal, []))]
    rows = [row_of(declared, key, side, amount, day) for key, (amount, day) in enumerate(kept) for side in ("D", "C")]
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "a.xlsx", [headings, *([row.get(one) for one in headings] for row in rows)])
        found = understood(path, text_of_tree(tree))
    assert found.errors == []
    read = [(line[1], line[3], Decimal(line[4]), line[5], line[6]) for line in found.lines]
    assert read == [("JV", side, amount, day, f"{day:%Y0%m}") for amount, day in kept for side in ("D", "C")]
    assert len(found.journals) == len(kept)


@given(amount=CENTS, wrote=st.sampled_from(list(NUMBERS)), declared=st.sampled_from(list(NUMBERS)))
def test_an_amount_of_another_format_is_refused_or_the_same(amount: Decimal, wrote: str, declared: str) -> None:
    assume(wrote != declared)
    text = str(spelled(amount, wrote))
    read = amount_in(text, declared, ["-1.00"])
    assert read is None or (declared[5] == wrote[5] and Decimal(read) == amount)


@given(day=DAYS, wrote=st.sampled_from(list(DATES)), declared=st.sampled_from(list(DATES)))
def test_a_date_of_another_mark_or_year_is_refused(day: date, wrote: str, declared: str) -> None:
    assume(set(wrote) - {"d", "m"} != set(declared) - {"d", "m"} or wrote.count("y") != declared.count("y"))
    assume((wrote[0] == "y") is (declared[0] == "y"))
    assert day_in(str(dated(day, wrote)), declared) is None
