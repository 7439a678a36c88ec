"""The same journal is the same journal: properties of its identity."""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.model.journals import Journal, Side, content_of, fingerprint, payload_hash
from importer.model.problems import column_letters, spans
from tests.post.journals import journal, line, reordered

CHANGES: dict[str, Any] = {
    "account": "101120",
    "reference": "OTHER",
    "description": "OTHER",
    "side": Side.CREDIT,
    "amount": Decimal("18630.11"),
    "dimensions": ("", "1002", "10", "", "", "", "", "", "", ""),
    "transaction_date": journal().lines[0].transaction_date + timedelta(days=1),
}


def test_file_key_rows_and_order_do_not_count() -> None:
    assert content_of(journal()) == content_of(reordered(journal()))
    assert payload_hash(journal()) == payload_hash(reordered(journal()))


@pytest.mark.parametrize("field", CHANGES)
def test_everything_the_ledger_shows_counts(field: str) -> None:
    one = journal()
    changed = replace(one, lines=(replace(one.lines[0], **{field: CHANGES[field]}), one.lines[1]))
    assert content_of(changed) != content_of(one)


def test_what_the_ledger_does_not_show_changes_the_payload_only() -> None:
    one = journal()
    detailed = replace(one.lines[0], memo_amount=Decimal(5), asset_code="A1", descriptions=("x",) + ("",) * 24)
    changed = replace(one, lines=(detailed, one.lines[1]))
    assert content_of(changed) == content_of(one) and payload_hash(changed) != payload_hash(one)


def test_trailing_zeros_and_composed_letters_are_the_same_content() -> None:
    def of(amount: str, text: str) -> str:
        return content_of(Journal("k", "f", "s", (replace(line(2, Side.DEBIT, amount), description=text),)))

    assert of("5", "caf\u00e9") == of("5.00", "cafe\u0301")


def test_companies_do_not_share_fingerprints() -> None:
    content = content_of(journal())
    assert fingerprint("5/A", content) != fingerprint("6/A", content)


def test_the_identity_is_the_one_stores_hold() -> None:
    """A change of this value means that every journal posted so far would be posted again: never without a
    migration."""
    assert fingerprint("5/IAS930628FA8", content_of(journal())) == (
        "df8f9b4b57dcc43a9491558488a9cb5b7a9d478174a1ab04a08d16e7cd4d6fb8"
    )


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_any_order_of_any_lines_is_the_same_content(cents: list[int], dice: random.Random) -> None:
    lines = [line(row, Side.DEBIT, f"{cent / 100:.2f}") for row, cent in enumerate(cents)]
    shuffled = dice.sample(lines, len(lines))
    assert content_of(Journal("a", "f", "s", tuple(lines))) == content_of(Journal("b", "g", "t", tuple(shuffled)))


@pytest.mark.parametrize(
    ("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")]
)
def test_columns_have_the_letters_of_excel(index: int, letters: str) -> None:
    assert column_letters(index) == letters


def test_rows_are_written_as_people_write_them() -> None:
    assert spans([7, 5, 6, 12]) == "5-7, 12" and spans([]) == ""
