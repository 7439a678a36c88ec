"""Problems gathered where they are mended: by journal, in it by row, equal sentences once with all their rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise

from importer.model.problems import DIFFERS_IN_LEDGER, Problem, Severity
from importer.model.results import CellsOfRow, Document, Result, Status
from importer.report.sentences import message
from importer.translations import Language
from importer.xlsx.values import column_index

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


def cells_shown(cells: CellsOfRow, problems: Iterable[Problem]) -> tuple[Cell, ...]:
    """The cells of a row to show, left to right: all of a short row, else the marked ones, those next to
    them, and the landmarks by which a person knows the row (account, description, amount)."""
    marks: dict[str, Problem] = {}
    for problem in problems:
        letters = problem.place.column
        if letters is not None and (letters not in marks or problem.blocks):
            marks[letters] = problem
    texts = {letters: (field, text) for field, letters, text in cells}
    for letters, problem in marks.items():
        texts.setdefault(letters, (problem.place.field or "", problem.value or ""))
    order = sorted(texts, key=column_index)
    chosen = order
    if len(order) > FEW and marks:
        near = {order.index(marked) + step for marked in marks for step in (-1, 0, 1)}
        chosen = [one for index, one in enumerate(order) if index in near or texts[one][0] in LANDMARKS]
    shown = []
    following = dict(pairwise(chosen))
    for letters in chosen:
        field, text = texts[letters]
        marked = marks.get(letters)
        if not text and marked is not None and marked.code == "formula-without-value":
            text = FORMULA
        gap = letters in following and column_index(following[letters]) > column_index(letters) + 1
        shown.append(Cell(letters, field, text, None if marked is None else marked.severity, gap))
    return tuple(shown)


FREQUENT = 4
MOST_FREQUENT = 5


@dataclass(frozen=True, slots=True)
class Repeat:
    """One sentence about a column (or about rows, a sheet, a file) and every place it was said of.

    `first` is the problem met first, with the lengths and suggestions of all; `documents` are the journals and
    `values` the cells' texts, each once; `times` counts the problems.
    """

    sentence: str
    first: Problem
    rows: tuple[int, ...]
    documents: tuple[str, ...]
    values: tuple[str, ...]
    times: int


def repeats_of(problems: Iterable[Problem], language: Language) -> list[Repeat]:
    """The problems without repetition, in the order in which each was first met."""
    groups: dict[tuple[str, str | None, str | None, str, bool, bool], list[Problem]] = {}
    for problem in problems:
        place, is_with_suggestion = problem.place, problem.suggestion is not None
        sentence = message(_alike(problem), language)
        key = (place.file, place.sheet, place.column, sentence, is_with_suggestion, problem.blocks)
        groups.setdefault(key, []).append(problem)
    return [_repeat(group, language) for group in groups.values()]


_VARYING = frozenset({"length", "suggestion"})
"""Facts in which mistakes of one kind differ."""

_MOST_SUGGESTIONS = 3


def _alike(problem: Problem) -> Problem:
    """The problem without what differs within a kind: of what waits also the journal that its command names."""
    varying = _VARYING | {"name"} if problem.waits else _VARYING
    if varying.isdisjoint(problem.facts):
        return problem
    return replace(problem, facts={name: "" if name in varying else text for name, text in problem.facts.items()})


def _together(group: list[Problem]) -> Problem:
    """One problem for all of the group: lengths from the least to the greatest, and the first few suggestions."""
    facts = dict(group[0].facts)
    for name in _VARYING & facts.keys():
        texts = list(dict.fromkeys(problem.facts[name] for problem in group))
        if name == "length":
            texts = sorted(texts, key=int)
            facts[name] = f"{texts[0]}–{texts[-1]}" if texts[1:] else texts[0]
        else:
            facts[name] = _several(texts)
    return replace(group[0], facts=facts)


def _several(texts: list[str]) -> str:
    return ", ".join([*texts[:_MOST_SUGGESTIONS], *(["…"] if texts[_MOST_SUGGESTIONS:] else [])])


def _repeat(group: list[Problem], language: Language) -> Repeat:
    rows = sorted({problem.place.row for problem in group if problem.place.row is not None})
    documents = dict.fromkeys(problem.document for problem in group if problem.document)
    values = dict.fromkeys(problem.value for problem in group if problem.value)
    first = replace(_together(group), suggestion=_suggested(group))
    return Repeat(message(first, language), first, tuple(rows), tuple(documents), tuple(values), len(group))


def _suggested(group: list[Problem]) -> str | None:
    """What to type; where that differs, for each value of a cell (`Cargo → D, Abono → C`)."""
    pairs = dict.fromkeys((problem.value, problem.suggestion) for problem in group if problem.suggestion)
    different = {suggestion for _, suggestion in pairs}
    if len(different) < 2:
        return different.pop() if different else None
    return _several([f"{value} → {suggestion}" if value else suggestion or "" for value, suggestion in pairs])


def frequent_errors(problems: Iterable[Problem], language: Language) -> list[Repeat]:
    """The few errors that were made in many rows in the same way, the most frequent first."""
    repeats = repeats_of((problem for problem in problems if problem.blocks and not problem.waits), language)
    repeats.sort(key=lambda repeat: -repeat.times)
    return [repeat for repeat in repeats[:MOST_FREQUENT] if repeat.times >= FREQUENT]


WHOLE_JOURNAL = DIFFERS_IN_LEDGER | frozenset(
    (
        "unbalanced duplicate-document refused-document outcome-unknown look-incomplete corrected-before copied-sheet "
        "texts-cut look-alike other-details dropped depends-on-refused service-unavailable needs-approval"
    ).split()
)
"""Codes about a journal as a whole; the row they name is only its first one."""

MOST_ROWS = 1000
MOST_OF_THE_WHOLE = 100

Spot = tuple[str, str | None, str | None]
"""Where problems belong: file, sheet (None: the file itself), journal key (None: the sheet, or rows without a
key)."""


@dataclass(frozen=True, slots=True)
class Card:
    """Everything wrong with one journal, or with a sheet or file where no journal is concerned.

    `head` are the problems of the whole, `unshown` how many more of those there are; `rows` ascend, each with
    what is wrong in it, errors first, and the cells worth showing;
    `collateral` are the rows that were refused only together with the others; `trace` are the cells of the
    first row, by which a person finds the journal in the ledger.
    """

    file: str
    sheet: str | None
    key: str | None
    document: Document | None
    head: tuple[Problem, ...]
    rows: tuple[tuple[int, tuple[Problem, ...], tuple[Cell, ...]], ...]
    collateral: tuple[int, ...]
    unshown: int
    trace: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """All problems of a result. `first` are the cards of journals that a person must look up in the ledger,
    `others` the rest of the errors, `unshown_rows` how many rows with errors found no room; `waiting` are the
    problems of journals that have no error and merely wait; `warnings` stand by no error's side.
    """

    first: tuple[Card, ...]
    others: tuple[Card, ...]
    unshown_rows: int
    waiting: tuple[Problem, ...]
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
    blocked = {spot_of(problem) for problem in result.problems if problem.blocks and not problem.waits}
    waiting = tuple(problem for problem in result.problems if problem.waits and spot_of(problem) not in blocked)
    piles, warnings = _sorted_out(one for one in result.problems if not one.waits or spot_of(one) in blocked)
    documents: dict[Spot, Document] = {(entry.file, entry.sheet, entry.key): entry for entry in result.documents}
    urgent = {spot for spot, document in documents.items() if document.status is Status.UNKNOWN}
    for spot in urgent:
        piles.setdefault(spot, _Pile())
    urgent |= {spot for spot, pile in piles.items() if any(problem.code in DIFFERS_IN_LEDGER for problem in pile.head)}
    order = sheet_order(result)
    spots = sorted(piles, key=lambda spot: (spot not in urgent, order(spot[0], spot[1]), piles[spot].first_row))
    room = most_rows
    first: list[Card] = []
    others: list[Card] = []
    for spot in spots:
        if room > 0:
            card = _card(spot, documents.get(spot), piles[spot], room, result)
            if spot in urgent:
                cells = result.cells.get((card.file, card.sheet or "", piles[spot].first_row), ())
                first.append(replace(card, trace=cells_shown(cells, ())))
            else:
                others.append(card)
        room -= piles[spot].weight
    warnings.sort(key=lambda problem: (order(problem.place.file, problem.place.sheet), problem.code))
    return Findings(tuple(first), tuple(others), max(0, -room), waiting, tuple(warnings))


def _sorted_out(problems: Iterable[Problem]) -> tuple[dict[Spot, _Pile], list[Problem]]:
    piles: dict[Spot, _Pile] = {}
    milder: list[Problem] = []
    for problem in problems:
        if not problem.blocks:
            milder.append(problem)
            continue
        spot = spot_of(problem)
        pile = piles.get(spot) or piles.setdefault(spot, _Pile())
        row = _row(problem)
        (pile.head if row is None else pile.rows.setdefault(row, [])).append(problem)
    alone: list[Problem] = []
    for problem in milder:
        found, row = piles.get(spot_of(problem)), _row(problem)
        if found is not None and row is not None and problem.code == "refused-with-others":
            found.collateral.add(row)
        else:
            (alone if found is None or row is None else found.rows.get(row, alone)).append(problem)
    return piles, alone


def spot_of(problem: Problem) -> Spot:
    """Where a problem belongs."""
    return (problem.place.file, problem.place.sheet, problem.document)


def _row(problem: Problem) -> int | None:
    return None if problem.place.column is None and problem.code in WHOLE_JOURNAL else problem.place.row


def _card(spot: Spot, document: Document | None, pile: _Pile, room: int, result: Result) -> Card:
    file, sheet, key = spot
    rows = []
    for number in sorted(pile.rows)[:room]:
        problems = tuple(sorted(pile.rows[number], key=lambda problem: not problem.blocks))
        cells = result.cells.get((file, sheet or "", number), ())
        rows.append((number, problems, cells_shown(cells, problems)))
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


def sheet_order(result: Result) -> Callable[[str, str | None], tuple[int, int]]:
    """A sorting key of (file, sheet): files as they were read, in each the file itself before its sheets."""
    files = {file.path: index for index, file in enumerate(result.files)}
    sheets = {(file.path, sheet.name): index for file in result.files for index, sheet in enumerate(file.sheets)}

    @cache
    def place(file: str, sheet: str | None) -> tuple[int, int]:
        of_sheet = -1 if sheet is None else sheets.get((file, sheet), len(sheets))
        return (files.get(file, len(files)), of_sheet)

    return place
