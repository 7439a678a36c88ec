"""The code that was meant: nearest in a fixed order, and nothing when it is not clear."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.reference.suggestions import CodeIndex

ACCOUNTS = {
    "101110": "General Cash",
    "101110 NF": "Non-Fiscal General Cash",
    "641110": "Salaries of the office",
    "641150": "Auditoría externa",
    "652210": "Energía eléctrica",
    "0012": "Suspense",
}
FUNDS = {"00": "None", "10": "Operating", "20": "Plant", "0A": "Unrestricted"}
TYPES = {"JV": "Journal voucher", "PC": "Petty cash", "AP": "Accounts payable", "SYSTM": "System"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("101110nf", "101110 NF"),
        ("101110-NF", "101110 NF"),
        ("10-11-10", "101110"),
        ("12", "0012"),
        ("00101110", "101110"),
        ("614110", "641110"),
        ("65221", "652210"),
        ("6522100", "652210"),
        ("652219", "652210"),
        ("general cash", "101110"),
        ("101110 General Cash", "101110"),
        ("101110 - General Cash", "101110"),
        ("AUDITORIA EXTERNA", "641150"),
        ("Energia elctrica", "652210"),
        ("Externa, auditoria", "641150"),
    ],
)
def test_an_account_is_found_from_what_people_type_in_its_place(typed: str, meant: str) -> None:
    assert CodeIndex(ACCOUNTS).to(typed) == meant


@pytest.mark.parametrize(
    ("typed", "candidates"),
    [
        ("641130", ACCOUNTS),  # one slip from 641110 and from 641150
        ("999999", ACCOUNTS),
        ("cash", ACCOUNTS),
        ("", ACCOUNTS),
        ("---", ACCOUNTS),
        ("30", FUNDS),
        ("1", FUNDS),
        ("JX", TYPES),
        ("101110", {}),
        ("A B", {"A-B": "x", "a.b": "y"}),
        ("Rent", {"1000": "Rent", "2000": "rent"}),
        ("Salary of Juan", {"1": "Salary of Joan", "2": "Salary of Jan"}),
    ],
)
def test_nothing_is_said_where_nothing_or_several_are_close(typed: str, candidates: dict[str, str]) -> None:
    assert CodeIndex(candidates).to(typed) is None


@pytest.mark.parametrize(("typed", "meant"), [("jv", "JV"), ("VJ", "JV"), ("petty cash", "PC"), ("SYSTEM", "SYSTM")])
def test_short_codes_are_found_by_case_swap_and_name_alone(typed: str, meant: str) -> None:
    assert CodeIndex(TYPES).to(typed) == meant


def test_a_swap_of_neighbours_counts_before_a_wrong_digit() -> None:
    assert CodeIndex({"641110": "", "614111": "", "614112": ""}).to("614110") == "641110"


def test_case_counts_before_zeros_at_the_front() -> None:
    assert CodeIndex({"0A": "", "A": ""}).to("0a") == "0A"


@given(st.text(max_size=12), st.dictionaries(st.text(alphabet="019AaBb -", max_size=5), st.text(max_size=9)))
def test_whatever_is_typed_the_answer_is_of_the_list_and_does_not_hang_on_its_order(
    typed: str, candidates: dict[str, str]
) -> None:
    found = CodeIndex(candidates).to(typed)
    assert found is None or found in candidates
    assert CodeIndex(dict(reversed(candidates.items()))).to(typed) == found


class Counted(CodeIndex):
    """Counts how often a code is worked out."""

    def __init__(self, candidates: dict[str, str]) -> None:
        super().__init__(candidates)
        self.worked_out = 0

    def _found(self, code: str) -> str | None:
        self.worked_out += 1
        return super()._found(code)


def test_a_thousand_codes_are_each_worked_out_once() -> None:
    dice = random.Random(4)
    near = Counted({str(dice.randrange(10**5, 10**6)): f"Account {number}" for number in range(5000)})
    unknown = {f"9{number:06d}" for number in dice.sample(range(10**6), 1000)}
    assert [near.to(code) for code in unknown] * 3 == [near.to(code) for code in [*unknown] * 3]
    assert near.worked_out == 1000
