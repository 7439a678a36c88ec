"""Problems gathered where they are mended: by journal, in it by row, in the order of the sheets."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache

from importer.model.problems import DIFFERS_IN_LEDGER, Problem
from importer.model.results import Document, Result, Status
from importer.report.cells import Cell, cells_shown

WHOLE_JOURNAL = DIFFERS_IN_LEDGER | frozenset(
    (
        "unbalanced duplicate-document refused-document outcome-unknown look-incomplete corrected-before copied-sheet "
        "texts-cut look-alike other-details dropped depends-on-refused service-unavailable"
    ).split()
)
"""Codes about a journal as a whole; the row they name is only its first one (product.md, "The result
document")."""

MOST_ROWS = 500
MOST_OF_THE_WHOLE = 100

Spot = tuple[str, str | None, str | None]
"""Where problems belong: file, sheet (None: the file itself), journal key (None: the sheet, or rows without a
key)."""


@dataclass(frozen=True, slots=True)
class RowProblems:
    """A row with what is wrong in it, errors first; `cells` are those worth showing."""

    row: int
    problems: tuple[Problem, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """Everything wrong with one journal, or with a sheet or file where no journal is concerned.

    `head` are the problems of the whole, `unshown` how many more of those there are; `rows` ascend;
    `collateral` are the rows that were refused only together with the others; `trace` are the cells of the
    first row, by which a person finds the journal in the ledger.
    """

    file: str
    sheet: str | None
    key: str | None
    document: Document | None
    head: tuple[Problem, ...]
    rows: tuple[RowProblems, ...]
    collateral: tuple[int, ...]
    unshown: int
    trace: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """All problems of a result. `first` are the cards of journals that a person must look up in the ledger,
    `others` the rest of the errors, `unshown_rows` how many rows with errors found no room; `warnings` stand
    by no error's side.
    """

    first: tuple[Card, ...]
    others: tuple[Card, ...]
    unshown_rows: int
    warnings: tuple[Problem, ...]


@dataclass(slots=True)
class _Pile:
    head: list[Problem] = field(default_factory=list)
    rows: dict[int, list[Problem]] = field(default_factory=dict)
    collateral: set[int] = field(default_factory=set)

    @property
    def weight(self) -> int:
        return max(1, len(self.rows))

    @property
    def first_row(self) -> int:
        rows = [*self.rows, *(problem.place.row or 0 for problem in self.head)]
        return min(rows, default=0)


def findings_of(result: Result, most_rows: int = MOST_ROWS) -> Findings:
    """The result's problems, sorted into cards for at most `most_rows` rows; a warning stays beside an error
    of its row."""
    piles, warnings = _sorted_out(result.problems)
    for document in result.documents:
        if document.status is Status.UNKNOWN:
            piles.setdefault((document.file, document.sheet, document.key), _Pile())
    order = sheet_order(result)
    documents: dict[tuple[str, str, str | None], Document] = {
        (entry.file, entry.sheet, entry.key): entry for entry in result.documents
    }
    spots = sorted(piles, key=lambda spot: (order(spot[0], spot[1]), piles[spot].first_row))
    urgent = {spot for spot in spots if _must_be_looked_up(documents.get(_whose(spot)), piles[spot])}
    room = most_rows
    first: list[Card] = []
    others: list[Card] = []
    for spot in sorted(spots, key=lambda spot: spot not in urgent):
        if room > 0:
            card = _card(spot, documents.get(_whose(spot)), piles[spot], room, result)
            if spot in urgent:
                first.append(replace(card, trace=_trace(spot, piles[spot].first_row, result)))
            else:
                others.append(card)
        room -= piles[spot].weight
    warnings.sort(key=lambda problem: (order(problem.place.file, problem.place.sheet), problem.code))
    return Findings(tuple(first), tuple(others), max(0, -room), tuple(warnings))


def _sorted_out(problems: Iterable[Problem]) -> tuple[dict[Spot, _Pile], list[Problem]]:
    piles: dict[Spot, _Pile] = {}
    milder: list[Problem] = []
    for problem in problems:
        if not problem.blocks:
            milder.append(problem)
            continue
        spot = _spot(problem)
        pile = piles.get(spot) or piles.setdefault(spot, _Pile())
        row = _row(problem)
        (pile.head if row is None else pile.rows.setdefault(row, [])).append(problem)
    alone = [problem for problem in milder if not _stands_beside_error(problem, piles.get(_spot(problem)))]
    return piles, alone


def _stands_beside_error(problem: Problem, pile: _Pile | None) -> bool:
    row = _row(problem)
    if pile is None or row is None:
        return False
    if problem.code == "refused-with-others":
        pile.collateral.add(row)
        return True
    if row in pile.rows:
        pile.rows[row].append(problem)
        return True
    return False


def _spot(problem: Problem) -> Spot:
    return (problem.place.file, problem.place.sheet, problem.document)


def _row(problem: Problem) -> int | None:
    return None if problem.place.column is None and problem.code in WHOLE_JOURNAL else problem.place.row


def _whose(spot: Spot) -> tuple[str, str, str | None]:
    return (spot[0], spot[1] or "", spot[2])


def _must_be_looked_up(document: Document | None, pile: _Pile) -> bool:
    if document is not None and document.status is Status.UNKNOWN:
        return True
    return any(problem.code in DIFFERS_IN_LEDGER for problem in pile.head)


def _card(spot: Spot, document: Document | None, pile: _Pile, room: int, result: Result) -> Card:
    file, sheet, key = spot
    rows = []
    for number in sorted(pile.rows)[:room]:
        problems = tuple(sorted(pile.rows[number], key=lambda problem: not problem.blocks))
        cells = result.cells.get((file, sheet or "", number), ())
        rows.append(RowProblems(number, problems, cells_shown(cells, problems)))
    return Card(
        file,
        sheet,
        key,
        document,
        head=tuple(pile.head[:MOST_OF_THE_WHOLE]),
        rows=tuple(rows),
        collateral=tuple(sorted(pile.collateral)),
        unshown=len(pile.head[MOST_OF_THE_WHOLE:]),
    )


def _trace(spot: Spot, row: int, result: Result) -> tuple[Cell, ...]:
    return cells_shown(result.cells.get((spot[0], spot[1] or "", row), ()), ())


def sheet_order(result: Result) -> Callable[[str, str | None], tuple[int, int]]:
    """A sorting key of (file, sheet): files as they were read, in each the file itself before its sheets."""
    files = {file.path: index for index, file in enumerate(result.files)}
    sheets = {(file.path, sheet.name): index for file in result.files for index, sheet in enumerate(file.sheets)}

    @cache
    def place(file: str, sheet: str | None) -> tuple[int, int]:
        of_sheet = -1 if sheet is None else sheets.get((file, sheet), len(sheets))
        return (files.get(file, len(files)), of_sheet)

    return place
