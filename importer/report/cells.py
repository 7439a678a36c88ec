"""A row of the sheet as the page shows it: the cells to mend, and those by which one finds them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from importer.model.problems import Problem, Severity
from importer.model.results import CellsOfRow

FEW = 10
FORMULA = "= …"
"""Shown for a formula that has no value: the cell is not empty."""

LANDMARKS = frozenset(("account", "description", "transaction", "amount", "debit", "credit", "addressCode", "code"))
NUMBERS = frozenset(("amount", "memoAmount", "debit", "credit"))


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its column's letters and field, its text (`""` where it is empty).

    `mark` is the gravest of its problems, None where it has none. `gap_after` says that the next cell shown
    is not the one beside it on the sheet.
    """

    letters: str
    field: str
    text: str
    mark: Severity | None
    gap_after: bool

    @property
    def holds_number(self) -> bool:
        """True for amounts, which stand at the right."""
        return self.field in NUMBERS


def cells_shown(cells: CellsOfRow, problems: Iterable[Problem]) -> tuple[Cell, ...]:
    """The cells of a row to show, left to right: all of a short row, else the marked ones, those next to
    them, and the landmarks by which a person knows the row (account, description, amount)."""
    marks = _marks(problems)
    texts = {letters: (field, text) for field, letters, text in cells}
    for letters, (problem, _) in marks.items():
        texts.setdefault(letters, (problem.place.field or "", problem.value or ""))
    order = sorted(texts, key=_position)
    chosen = order if len(order) <= FEW or not marks else _worth_showing(order, texts, marks)
    shown = []
    following = dict(pairwise(chosen))
    for letters in chosen:
        field, text = texts[letters]
        marked = marks.get(letters)
        mark = None if marked is None else marked[1]
        if not text and marked is not None and marked[0].code == "formula-without-value":
            text = FORMULA
        gap = letters in following and _position(following[letters]) > _position(letters) + 1
        shown.append(Cell(letters, field, text, mark, gap))
    return tuple(shown)


def _marks(problems: Iterable[Problem]) -> dict[str, tuple[Problem, Severity]]:
    marks: dict[str, tuple[Problem, Severity]] = {}
    for problem in problems:
        letters = problem.place.column
        if letters is not None and (letters not in marks or problem.blocks):
            marks[letters] = (problem, problem.severity)
    return marks


def _worth_showing(order: list[str], texts: Mapping[str, tuple[str, str]], marks: Iterable[str]) -> list[str]:
    marked = {order.index(letters) for letters in marks}
    near = {index + step for index in marked for step in (-1, 0, 1)}
    return [letters for index, letters in enumerate(order) if index in near or texts[letters][0] in LANDMARKS]


@cache
def _position(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
