"""C reads as cargo in Spanish and is a credit on the wire: words for the sides are suggested, and where C may be meant
as cargo the journal is stopped."""

import pytest

from importer.model.results import Status
from importer.report.sentences import message
from importer.templates.forms import DIMENSIONS, JOURNALS
from importer.translations import Language
from importer.validate.journals import Draft, drafts_of
from importer.validate.value_suggestions import choice_of
from tests.validate.sheets import good, sheet_of

DEBIT = ("Cargo", "CARGO", "cargos", "Debe", "Debit", "D\u00e9bit", "d\u00e9bito", "Dr", "Dr.")
CREDIT = ("Abono", "ABONOS", "Haber", "Credit", "Cr\u00e9dit", "cr\u00e9dito", "Cr", "A", "a", "H")


def sides(*texts: str) -> Draft:
    """A journal with a line for each text in the column of the sides."""
    (draft,) = drafts_of(sheet_of([good(transaction=text) for text in texts]), JOURNALS, 12)
    return draft


def told(draft: Draft) -> list[tuple[str, str | None, str | None, str | None]]:
    return [(one.wording, one.place.cell, one.value, one.suggestion) for one in draft.problems]


@pytest.mark.parametrize(("texts", "side"), [(DEBIT, "D"), (CREDIT, "C")])
def test_a_word_for_a_side_has_its_letter_as_suggestion(texts: tuple[str, ...], side: str) -> None:
    assert [choice_of(JOURNALS.column("transaction"), text) for text in texts] == [side] * len(texts)


@pytest.mark.parametrize("text", ["X", "1", "+", "Ca", "Aa", "DC", "monto"])
def test_what_is_no_word_for_a_side_has_no_suggestion(text: str) -> None:
    assert choice_of(JOURNALS.column("transaction"), text) is None


@pytest.mark.parametrize(
    ("field", "text", "choice"),
    [
        ("action", "Crear", "create"),
        ("action", "alta", "create"),
        ("action", "cr\u00e9er", "create"),
        ("action", "ACTUALIZAR", "update"),
        ("action", "borrar", "delete"),
        ("action", "Eliminar", "delete"),
        ("action", "baja", "delete"),
        ("action", "x", None),
        ("prohibitPosting", "S\u00cd", "1"),
        ("prohibitPosting", "No", "0"),
        ("catId", "si", None),
    ],
)
def test_a_word_for_another_choice_has_it_as_suggestion(field: str, text: str, choice: str | None) -> None:
    assert choice_of(DIMENSIONS.column(field), text) == choice


def test_a_word_is_told_as_it_was_typed_with_what_the_letters_mean() -> None:
    draft = sides("Cargo", "Abono")
    assert told(draft) == [("bad-choice.side", "H2", "Cargo", "D"), ("bad-choice.side", "H3", "Abono", "C")]
    shown = {language: message(draft.problems[0], language) for language in Language}
    assert "D = debit, C = credit" in shown[Language.EN]
    assert "D = cargo (debe), C = abono (haber)" in shown[Language.ES]
    assert "D = d\u00e9bit, C = cr\u00e9dit" in shown[Language.FR]


@pytest.mark.parametrize("other", ["A", "H", "Abono", "Haber"])
def test_a_c_beside_a_spanish_credit_may_be_meant_as_cargo_and_stops_the_journal_once(other: str) -> None:
    draft = sides("C", "C", other)
    assert told(draft) == [("bad-choice.side", "H4", other, "C"), ("bad-choice.beside", "H2", "C", None)]
    assert draft.problems[1].facts == {"other": other, "rows": "2-3"}
    assert all(one.blocks for one in draft.problems) and draft.document.status is Status.INVALID


@pytest.mark.parametrize(
    "texts", [("D", "C"), ("D", "A"), ("C", "Cargo"), ("C", "Credit"), ("C", "X"), ("D", "C", "C")]
)
def test_a_c_beside_anything_else_is_a_credit(texts: tuple[str, ...]) -> None:
    assert "bad-choice.beside" not in [one.wording for one in sides(*texts).problems]


def test_one_journal_in_doubt_leaves_the_others_alone() -> None:
    rows = [good(transaction=side) for side in "CA"] + [good(journal="J2", transaction=side) for side in "DC"]
    first, second = drafts_of(sheet_of(rows), JOURNALS, 12)
    assert len(first.problems) == 2 and second.problems == () and second.journal is not None
