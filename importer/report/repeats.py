"""Equal sentences said once, with all the rows they are about."""

from collections.abc import Iterable
from dataclasses import dataclass

from importer.language import Language
from importer.model.problems import Problem
from importer.report.wording import message

FREQUENT = 4
MOST_FREQUENT = 5


@dataclass(frozen=True, slots=True)
class Repeat:
    """One sentence about a column (or about rows, a sheet, a file) and every place it was said of.

    `first` is the problem met first; `documents` are the journals concerned and `values` the cells' texts,
    each once; `times` counts the problems.
    """

    sentence: str
    first: Problem
    rows: tuple[int, ...]
    documents: tuple[str, ...]
    values: tuple[str, ...]
    times: int


def repeats_of(problems: Iterable[Problem], language: Language) -> list[Repeat]:
    """The problems without repetition, in the order in which each was first met."""
    groups: dict[tuple[str, str | None, str | None, str, str | None], list[Problem]] = {}
    for problem in problems:
        place = problem.place
        key = (place.file, place.sheet, place.column, message(problem, language), problem.suggestion)
        groups.setdefault(key, []).append(problem)
    return [_repeat(key[3], group) for key, group in groups.items()]


def _repeat(sentence: str, group: list[Problem]) -> Repeat:
    rows = sorted({problem.place.row for problem in group if problem.place.row is not None})
    documents = dict.fromkeys(problem.document for problem in group if problem.document)
    values = dict.fromkeys(problem.value for problem in group if problem.value)
    return Repeat(sentence, group[0], tuple(rows), tuple(documents), tuple(values), len(group))


def frequent_errors(problems: Iterable[Problem], language: Language) -> list[Repeat]:
    """The few errors that were made in many rows in the same way, the most frequent first."""
    repeats = repeats_of((problem for problem in problems if problem.blocks), language)
    repeats.sort(key=lambda repeat: -repeat.times)
    return [repeat for repeat in repeats[:MOST_FREQUENT] if repeat.times >= FREQUENT]
