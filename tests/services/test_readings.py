"""Answers that differ from the document are read as far as they make sense (N-01 to N-20), and no further; relations of
companies become a tree."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from importer.errors import AnswerUnclear
from importer.model.dates import Period
from importer.model.journals import Side
from importer.services.http import Response
from importer.services.session import Session
from importer.services.sunplusxtra.accounts import (
    get_account_balance,
    get_annual_budget,
    get_budget_balance,
    get_cash_count,
    get_monthly_budget,
    list_accounts,
)
from importer.services.sunplusxtra.company import (
    RelatedCompany,
    get_genealogy,
    get_ledger_definition,
    list_journal_periods,
    list_notifications,
    tree_of,
)
from importer.services.sunplusxtra.journals import PostedAs, PrintFormat, get_journal_range, posted_as, print_journal
from importer.services.sunplusxtra.people import get_employee, list_employee_groups, search_employees
from importer.services.sunplusxtra.records import list_addresses, list_dimension_codes, list_required_analysis_codes
from importer.translations import Language
from tests.contract.schemas import operation
from tests.services.calls import JUNE_2018, MAY_2018
from tests.services.conftest import session_at
from tests.services.odd_service import odd_service, reply

JUNE = Period("2018006")
(RANGE,) = operation("get_journal_range").answer_examples[200].values()


def answered(response: object, ask: Callable[[Session], Any]) -> Any:
    """What a function makes of a 200 with that `response`."""
    body = json.dumps({"message": "m", "response": response}).encode()
    with odd_service(*[reply(200, body)] * 3) as service:
        return ask(session_at(service.url))


def line_with(**members: object) -> list[object]:
    """A range of one line, the sample's with other members; one that is `...` is left out."""
    detail = RANGE["response"][0]["lines"][1]["journalDetail"] | members
    detail = {name: value for name, value in detail.items() if value is not ...}
    return [{"jrnalNo": 5326, "lines": [{"journalDetail": detail}]}]


def the_range(session: Session) -> Any:
    return get_journal_range(session, 5326, 5328)


LISTS: list[Callable[[Session], Any]] = [
    list_addresses,
    get_genealogy,
    list_required_analysis_codes,
    the_range,
    lambda to: list_accounts(to, "1"),
    lambda to: list_notifications(to, JUNE),
    lambda to: list_dimension_codes(to, 3),
    lambda to: get_cash_count(to, "1", MAY_2018, JUNE_2018),
    lambda to: list_employee_groups(to, 27),
    lambda to: search_employees(to, 27),
    lambda to: get_budget_balance(to, "1", JUNE, JUNE),
    lambda to: get_monthly_budget(to, 1),
]


@pytest.mark.parametrize("ask", LISTS)
@pytest.mark.parametrize("nothing", [[], None], ids=repr)
def test_an_empty_list_and_null_are_none(ask: Callable[[Session], Any], nothing: object) -> None:
    response = {} if ask is list_required_analysis_codes and nothing == [] else nothing
    assert list(answered(response, ask)) == []


@pytest.mark.parametrize("ask", LISTS)
def test_a_list_that_is_none_proves_nothing(ask: Callable[[Session], Any]) -> None:
    for response in ("text", 5, [5] if ask is not LISTS[8] else "text"):
        with pytest.raises(AnswerUnclear):
            answered(response, ask)


def test_the_schemas_spellings_of_a_range_are_read_too() -> None:
    lines = RANGE["response"][0]["lines"]
    other = [{"jrnalNo": 5326, "lineas": [{"journalDetalle": line["journalDetail"]} for line in lines]}]
    assert answered(other, the_range) == answered(RANGE["response"], the_range)


@pytest.mark.parametrize("spelling", ["vchrNum", "vouchrNum"])
def test_either_spelling_of_the_voucher_number_is_read(spelling: str) -> None:
    spelt: dict[str, object] = {"vchrNum": ..., "vouchrNum": ..., spelling: "JV2018-1 "}
    (line,) = answered(line_with(**spelt), the_range)
    assert line.voucher_number == "JV2018-1"


@pytest.mark.parametrize(
    ("members", "key"),
    [
        ({"vchrNum": ..., "vouchrNum": ...}, "unreadable"),
        ({"dc": "C"}, "sign"),
        ({"amount": 5, "dc": "D"}, "sign"),
        ({"dc": "X"}, "unreadable"),
        ({"period": 0}, "unreadable"),
        ({"period": "2018-06"}, "unreadable"),
        ({"amount": "NaN"}, "unreadable"),
        ({"amount": "-Infinity"}, "unreadable"),
        ({"amount": None}, "unreadable"),
        ({"jrnalNo": "A5"}, "unreadable"),
        ({"otherAmt": "sNaN"}, "unreadable"),
    ],
)
def test_a_line_that_makes_no_sense_stops_the_reading(members: dict[str, object], key: str) -> None:
    with pytest.raises(AnswerUnclear, match=key):
        answered(line_with(**members), the_range)


def test_a_line_may_say_little_and_say_numbers_as_texts() -> None:
    keys = {"accntCode", "amount", "dc", "jrnalNo", "jrnalLine", "period", "transDateTime", "vchrNum"}
    rest: dict[str, object] = {
        name: ... for name in RANGE["response"][0]["lines"][1]["journalDetail"] if name not in keys
    }
    odd = {"amount": "-1e2", "jrnalNo": "7", "period": "2018006 ", "descriptn": None}
    (line,) = answered(line_with(**(rest | odd)), the_range)
    assert (line.amount, line.side, line.journal_number, line.period) == (100, Side.DEBIT, 7, "2018006")
    assert (line.description, line.dimensions, line.allocation_period, line.due_day) == ("", ("",) * 10, None, None)


def test_blanks_are_trimmed_at_the_end_only() -> None:
    (line,) = answered(line_with(accntCode=" 101110  NF   ", analT2="  "), the_range)
    assert (line.account, line.dimensions[2]) == (" 101110  NF", "")


@pytest.mark.parametrize(
    ("text", "balance"),
    [("12332", "12332"), (" -5.50 ", "-5.50"), ("+7.", "7"), (12.5, "12.5"), (0, "0"), ("0", "0")],
)
def test_a_balance_is_an_exact_decimal(text: object, balance: str) -> None:
    found = answered({"account": "101110 ", "balance": text}, lambda to: get_account_balance(to, "101110", JUNE))
    assert (found.account, found.balance, found.period) == ("101110", Decimal(balance), JUNE)


@pytest.mark.parametrize("text", ["", "1,234.50", "NaN", "1e5", None, "12 332", [], "--5"])
def test_anything_else_is_no_balance(text: object) -> None:
    with pytest.raises(AnswerUnclear):
        answered({"account": "101110", "balance": text}, lambda to: get_account_balance(to, "101110", JUNE))


@pytest.mark.parametrize(("response", "amount"), [(0, Decimal(0)), (None, None), (-1.10, Decimal("-1.1")), ("5.00", 5)])
def test_zero_is_a_budget_and_null_is_none(response: object, amount: Decimal | None) -> None:
    found = answered(response, lambda to: get_annual_budget(to, 5786))
    assert found == amount and (found is None) == (amount is None)


def test_a_period_that_is_open_at_one_end_is_none() -> None:
    response = {"currentPeriod": "2018006", "fromPeriod": "0 ", "toPeriod": None}
    found = answered(response, get_ledger_definition)
    assert (found.current, found.first, found.last) == ("2018006", None, None)


def test_adjustment_periods_are_read() -> None:
    assert answered([2018012, 2018013, "2019001", 0], list_journal_periods) == {"2018012", "2018013", "2019001"}


def test_required_codes_are_sorted_by_their_number() -> None:
    needed = {"anlCatId": 1, "anlEntId": None, "entryNum": "2", "shortHeading": "X "}
    response = {f"Analysis{number}": needed for number in (10, 2, 1, 9)} | {"Analysis11": needed, "other": needed}
    found = answered(response, list_required_analysis_codes)
    assert [one.number for one in found] == [1, 2, 9, 10]
    assert {(one.category, one.entity, one.entry_number, one.short_heading) for one in found} == {(1, None, 2, "X")}


def test_an_address_may_be_nearly_empty_and_shows_no_personal_data() -> None:
    row = {"addressCode": 4536789123, "telephoneNumber": "+1 555", "analysisCodes": {"Analysis1": None}, "email": None}
    (address,) = answered([row], list_addresses)
    assert (address.code, address.status, address.postal_code) == ("4536789123", None, None)
    assert address.telephone_number == "+1 555" not in repr(address)


@pytest.mark.parametrize(("word", "side"), [("Crédito", Side.CREDIT), ("Débito", None), ("C", None), (None, None)])
def test_only_the_word_for_a_credit_is_known(word: str | None, side: Side | None) -> None:
    row = {"id": 1, "transaction": word, "statusId": 9, "amount": None, "period": None}
    (found,) = answered([row], lambda to: list_notifications(to, JUNE))
    assert (found.side, found.status, found.amount, found.period) == (side, 9, None, None)


@pytest.mark.parametrize("count", [0, 2])
def test_an_employee_must_come_alone(count: int) -> None:
    rows = [{"enrollmentCode": "ER00000", "name": "X"}] * count
    with pytest.raises(AnswerUnclear, match="not-single"):
        answered(rows, lambda to: get_employee(to, 27, "ER00000"))


def test_an_employee_must_be_the_one_asked_for() -> None:
    rows = [{"enrollmentCode": "ERCHOLU01", "name": "X"}]
    with pytest.raises(AnswerUnclear, match="other-record"):
        answered(rows, lambda to: get_employee(to, 27, "ER00000"))
    padded = [{"enrollmentCode": "ER00000 ", "name": None, "active": False, "curp": "CURP"}]
    found = answered(padded, lambda to: get_employee(to, 27, "ER00000"))
    assert (found.is_active, found.name) == (False, "") and "CURP" not in repr(found)


def test_rows_of_employee_groups_stay_as_they_are() -> None:
    rows = [{"groupCode": "1 ", "rate": 1.10, "more": [None]}, "odd", 5]
    found = answered(rows, lambda to: list_employee_groups(to, 27))
    assert list(found) == [{"groupCode": "1 ", "rate": Decimal("1.1"), "more": [None]}, "odd", 5]


@pytest.mark.parametrize("response", ["JVBERi0x\n", "JVBERi0x*", "aGVsbG8=", "", None, 5, "JVBERi0"])
def test_what_is_no_pdf_is_no_printout(response: object) -> None:
    with pytest.raises(AnswerUnclear):
        answered(response, lambda to: print_journal(to, 1, PrintFormat.NOTICE, Language.EN))


def test_a_journal_number_with_zeros_before_it_is_that_number() -> None:
    answer = Response(200, b'{"response": {"journalNumber": "005329", "voucherNumber": "JV-007"}}')
    assert posted_as(answer) == PostedAs("5329", "JV-007")


def company(number: int) -> RelatedCompany:
    return RelatedCompany(number, f"Company {number}", "", "company", None)


def shape_of(*pairs: tuple[int, int]) -> list[tuple[int, int, bool]]:
    branches = tree_of((company(parent), company(child)) for parent, child in pairs)
    return [(branch.company.id, branch.depth, branch.is_repeated) for branch in branches]


def test_a_tree_shows_parents_before_children_in_the_order_of_the_rows() -> None:
    assert shape_of((1, 3), (1, 2), (3, 4), (1, 3)) == [
        (1, 0, False),
        (3, 1, False),
        (4, 2, False),
        (2, 1, False),
    ]


def test_a_company_with_two_parents_unfolds_once() -> None:
    assert shape_of((1, 3), (2, 3), (3, 4)) == [
        (1, 0, False),
        (3, 1, False),
        (4, 2, False),
        (2, 0, False),
        (3, 1, True),
    ]


def test_cycles_end() -> None:
    assert shape_of((1, 1)) == [(1, 0, False), (1, 1, True)]
    assert shape_of((2, 1), (1, 2)) == [(2, 0, False), (1, 1, False), (2, 2, True)]
    assert shape_of((5, 6), (2, 1), (1, 2))[:2] == [(5, 0, False), (6, 1, False)]
    deep = shape_of(*((number, number + 1) for number in range(5_000)))
    assert deep[-1] == (5_000, 5_000, False)
