"""A choice that was typed as a word: `Cargo` for D, `Haber` for C, `crear` for create. In Spanish C reads as cargo, a
debit, but on the wire C is credit: where cargo may have been meant, a journal is stopped."""

from collections.abc import Collection, Iterable, Sequence
from types import MappingProxyType
from typing import Protocol

from importer.model.journals import Side
from importer.model.places import spans
from importer.model.problems import Problem
from importer.model.records import Action
from importer.model.sheets import FormSheet
from importer.templates.columns import Column
from importer.templates.forms import fold_heading

SIDE = "transaction"
_WORDS = MappingProxyType(
    {
        SIDE: {
            Side.DEBIT.value: "cargo cargos debe debito deudor debit debiter dr db",
            Side.CREDIT.value: "a abono abonos h haber credito acreedor credit crediter cr",
        },
        "action": {
            Action.CREATE.value: "crear alta nuevo nueva agregar creer creation nouveau ajouter new add insert",
            Action.UPDATE.value: "actualizar modificar cambiar cambio actualiser mettreajour modifier change modify",
            Action.DELETE.value: "borrar eliminar baja suprimir supprimer effacer remove",
        },
        "prohibitPosting": {"1": "si yes oui true verdadero vrai", "0": "no non false falso faux"},
    }
)
_MEANT = {
    name: {word: choice for choice, words in choices.items() for word in words.split()}
    for name, choices in _WORDS.items()
}
_NEVER_BESIDE_CREDIT = frozenset(("a", "abono", "abonos", "h", "haber", "acreedor"))
"""Who writes these for a credit may have written C for cargo."""


class Rows(Protocol):
    """The rows of one journal as positions in the sheet's lists."""

    positions: list[int]


def choice_meant(column: Column, text: str) -> str | None:
    """The choice that a word certainly stands for, None when it is not certain."""
    return _MEANT.get(column.name, {}).get(fold_heading(text))


def words_against_credit(sides: Iterable[str | None]) -> frozenset[str]:
    """The texts of a sheet's column that say credit in Spanish."""
    return frozenset(text for text in set(sides) if text and fold_heading(text) in _NEVER_BESIDE_CREDIT)


def side_in_doubt(
    rows: Rows, sheet: FormSheet, sides: Sequence[str | None], against: Collection[str]
) -> Problem | None:
    """One problem for a journal with both C and one of the words `against` it: its C may be meant as cargo. `sides` are
    the texts of the sheet's column, one a position."""
    if not against:
        return None
    other = next((sides[position] for position in rows.positions if sides[position] in against), None)
    credits = [position for position in rows.positions if sides[position] == Side.CREDIT]
    if other is None or not credits:
        return None
    place = sheet.place(sheet.rows[credits[0]], SIDE)
    facts = {"other": other, "rows": spans(sheet.rows[position] for position in credits)}
    return Problem("bad-choice", place, None, Side.CREDIT.value, None, "bad-choice.beside", facts)
