"""A small workbook for each mistake that accountants make most."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from importer.templates.forms import JOURNALS, Form
from tests.samples.june_mistakes import june_mistakes
from tests.samples.month import Row
from tests.samples.planted import ExpectedProblem, Mistake, Slips, with_slips
from tests.samples.records import all_in_one, required_codes
from tests.samples.weeks import by_sides, office

BY_SIDES = JOURNALS.in_alternative_layout()

BILLS, PAYROLL, OFFERINGS = range(2, 6), range(6, 10), range(10, 14)
"""The rows of the three journals of `office` in the sheet, whose headings stand in row 1."""


def _in_journals(number: int, slips: Slips, *told: ExpectedProblem, layout: Form = JOURNALS) -> Mistake:
    """The three journals of `office`, with other cells (`slips`) in some rows."""
    meant = by_sides(office(number)) if layout is BY_SIDES else office(number)
    return Mistake({"journals": with_slips(meant, slips)}, {"journals": meant}, told, layout)


def _amount(number: int, row: int) -> Decimal:
    amount = office(number)[row - 2]["amount"]
    assert isinstance(amount, Decimal)
    return amount


def _amount_as_text() -> Mistake:
    typed = f"{_amount(1, 3):,}"
    return _in_journals(
        1, {3: {"amount": typed}}, ExpectedProblem("not-a-number", 3, "amount", typed, f"{_amount(1, 3)}")
    )


def _negative_amount() -> Mistake:
    """A credit typed as a negative debit."""
    amount = -_amount(2, 5)
    told = ExpectedProblem("not-positive", 5, "amount", str(amount))
    return _in_journals(2, {5: {"transaction": "D", "amount": amount}}, told)


def _unbalanced() -> Mistake:
    """Two digits swapped: the difference is a multiple of nine."""
    digits = str(_amount(3, 7))
    swapped = Decimal(digits[1] + digits[0] + digits[2:])
    return _in_journals(3, {7: {"amount": swapped}}, ExpectedProblem("unbalanced", 6, None))


def _unknown_account() -> Mistake:
    told = ExpectedProblem("unknown-account", 3, "account", "613130", "631130")
    return _in_journals(4, {3: {"account": "613130"}}, told)


def _name_instead_of_code() -> Mistake:
    told = ExpectedProblem("unknown-dimension", 2, "function", "Administration", "ADMIN01")
    return _in_journals(5, {2: {"function": "Administration"}}, told)


def _zeros_lost() -> Mistake:
    """001 typed into a cell of numbers."""
    told = ExpectedProblem("unknown-dimension", 3, "source", "1", "001")
    return _in_journals(6, {3: {"source": Decimal(1)}}, told)


def _missing_dimension() -> Mistake:
    return _in_journals(7, {6: {"who": None}}, ExpectedProblem("missing-dimension", 6, "who"))


def _period_as_date() -> Mistake:
    told = (ExpectedProblem("bad-period", row, "period", "2018-06-01", "2018006") for row in OFFERINGS)
    return _in_journals(8, {row: {"period": date(2018, 6, 1)} for row in OFFERINGS}, *told)


def _mixed_period() -> Mistake:
    """A row copied from last month."""
    slip: Row = {"period": "2018005", "transDateTime": date(2018, 5, 9)}
    return _in_journals(9, {12: slip}, ExpectedProblem("mixed-period", 12, "period", "2018005"))


def _date_as_text() -> Mistake:
    typed = "10/06/2018"
    told = (ExpectedProblem("not-a-date", row, "transDateTime", typed) for row in PAYROLL)
    return _in_journals(10, {row: {"transDateTime": typed} for row in PAYROLL}, *told)


def _key_not_filled_down() -> Mistake:
    """The key stands in the first row of each journal only, as on paper."""
    below = {row: rows[0] for rows in (BILLS, PAYROLL, OFFERINGS) for row in rows[1:]}
    keys = {row: str(office(11)[first - 2]["journal"]) for row, first in below.items()}
    told = (ExpectedProblem("required", row, "journal", None, key) for row, key in keys.items())
    return _in_journals(11, {row: {"journal": None} for row in below}, *told)


def _debit_and_credit() -> Mistake:
    """The amount typed into both columns."""
    amount = _amount(12, 4)
    told = ExpectedProblem("not-allowed", 4, "credit", str(amount))
    return _in_journals(12, {4: {"credit": amount}}, told, layout=BY_SIDES)


def _dimension_twice() -> Mistake:
    """A list put together from two sources."""
    rows: list[Row] = [
        {"action": "create", "catId": "07", "code": "PR0021", "name": "Ferretería El Tornillo"},
        {"action": "create", "catId": "07", "code": "PR0022", "name": "Viajes del Sureste"},
        {"action": "create", "catId": "07", "code": "PR0021", "name": "El Tornillo"},
    ]
    told = (ExpectedProblem("duplicate-line", row, "code", "07/PR0021", form="dimensions") for row in (2, 4))
    return Mistake({"dimensions": rows}, {"dimensions": [*rows[:2], None]}, tuple(told))


def _dimension_exists() -> Mistake:
    """A code that another one has already."""
    rows: list[Row] = [
        {"action": "create", "catId": "04", "code": "CHOIR01", "name": "Choir"},
        {"action": "create", "catId": "04", "code": "PUBL01", "name": "Publications and Bookstore"},
    ]
    told = ExpectedProblem("not-allowed", 3, "action", "create", form="dimensions")
    return Mistake({"dimensions": rows}, {"dimensions": with_slips(rows, {3: {"action": "update"}})}, [told])


def _address_not_analysed() -> Mistake:
    rows = [
        _supplier("PR/0031", "Vidrios Peninsulares", "VIDRIOS"),
        _supplier("PR/0032", "Abarrotes Chan", "CHAN"),
    ]
    told = ExpectedProblem("missing-dimension", 3, "analysis2.code", form="addresses")
    return Mistake({"addresses": with_slips(rows, {3: {"analysis2.code": None}})}, {"addresses": rows}, [told])


def _supplier(code: str, name: str, lookup: str) -> Row:
    usual = {"addressCode": code, "addressLine1": name, "lookupCode": lookup, "status": "1"}
    return required_codes("SUPPL") | usual


def _new_code_without_name() -> Mistake:
    """One blank cell keeps back the journals that need the code."""
    meant = {name: rows for name, rows in all_in_one().items() if name != "addresses"}
    for row in meant["journals"]:
        row["treference"] = f"{row['treference']}-B"
        row["who"] = "PR0011" if row.get("who") else None
        row["project"] = None if row["account"] != "651140" else "POZO2019"
    for row, code, name in zip(meant["dimensions"], ("PR0011", "POZO2019"), ("Pozos Chan", "Well 2019"), strict=True):
        row |= {"code": code, "name": name}
    typed = meant | {"dimensions": with_slips(meant["dimensions"], {2: {"name": None}})}
    used = [row for row, cells in enumerate(meant["journals"], start=2) if cells["who"]]
    told = [ExpectedProblem("depends-on-refused", row, "who", "PR0011") for row in used]
    return Mistake(typed, meant, [ExpectedProblem("required", 2, "name", form="dimensions"), *told])


MISTAKES: Mapping[str, Callable[[], Mistake]] = {
    "journals-june-mistakes": june_mistakes,
    "mistake-amount-as-text": _amount_as_text,
    "mistake-negative-amount": _negative_amount,
    "mistake-unbalanced": _unbalanced,
    "mistake-unknown-account": _unknown_account,
    "mistake-name-instead-of-code": _name_instead_of_code,
    "mistake-zeros-lost": _zeros_lost,
    "mistake-missing-dimension": _missing_dimension,
    "mistake-period-as-date": _period_as_date,
    "mistake-mixed-period": _mixed_period,
    "mistake-date-as-text": _date_as_text,
    "mistake-key-not-filled-down": _key_not_filled_down,
    "mistake-debit-and-credit": _debit_and_credit,
    "mistake-dimension-twice": _dimension_twice,
    "mistake-dimension-exists": _dimension_exists,
    "mistake-address-not-analysed": _address_not_analysed,
    "mistake-new-code-without-name": _new_code_without_name,
}
"""By the name of the workbook in `samples`."""
