"""The analysis codes that a workbook makes or removes itself: what else it holds may use them, or no longer."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import NamedTuple

from importer.model.dimensions import CATEGORIES
from importer.model.journals import DIMENSION_FIELDS
from importer.model.places import Place
from importer.model.problems import Problem
from importer.model.records import Action
from importer.model.results import Status
from importer.model.sheets import FormSheet
from importer.services.sunplusxtra.dimensions import AnalysisCode
from importer.services.sunplusxtra.records import CodeWrite
from importer.validate.dimensions import KIND
from importer.validate.records import RecordDraft

DEPENDS = "depends-on-refused"

_WELL = frozenset({Status.READY, Status.POSTED, Status.ALREADY_POSTED})


class Fate(Enum):
    """What becomes of a code by the workbook's own row: it is there, it is gone, or its row failed."""

    THERE = auto()
    GONE = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class MadeCode:
    """A code of a row of the dimension form. `prohibits_posting` is None where the row changes nothing; `is_new`: the
    company did not have the code before."""

    fate: Fate
    place: Place
    prohibits_posting: bool | None
    is_new: bool


class Cell(NamedTuple):
    """A cell of a sheet; its place is worked out only when something is wrong with it."""

    sheet: FormSheet
    row: int
    field: str

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.sheet.place(self.row, self.field)


MadeCodes = Mapping[tuple[int, str], MadeCode]
"""By dimension (1 to 10) and code."""

NO_CODES: MadeCodes = MappingProxyType({})


def codes_made(drafts: Iterable[RecordDraft]) -> dict[tuple[int, str], MadeCode]:
    """The codes that the dimension rows of an upload are about, as their drafts stand now."""
    made = {}
    for draft in drafts:
        category, _, code = draft.document.key.partition("/")
        if draft.document.kind == KIND and draft.has_key and category in CATEGORIES:
            made[int(category), code] = _made(draft)
    return made


def _made(draft: RecordDraft) -> MadeCode:
    write, action, place = draft.write, draft.document.action, draft.place()
    wanted = write.wanted if isinstance(write, CodeWrite) else None
    fate = Fate.FAILED
    if draft.document.status in _WELL:
        fate = Fate.GONE if action == Action.DELETE else Fate.THERE
    return MadeCode(fate, place, None if wanted is None else wanted.prohibits_posting, action == Action.CREATE)


def code_problem(
    number: int, code: str, cell: Cell, listed: Mapping[str, AnalysisCode] | None, made: MadeCodes
) -> Problem | None:
    """What is wrong with the use of a code of dimension 1 to 10 in a cell, by the company's list (None: it could not
    be had) and by what the workbook itself does with the code."""
    own = made.get((number, code))
    there = None if listed is None else listed.get(code)
    if own is not None and own.fate is Fate.GONE:
        facts = {"dimension": DIMENSION_FIELDS[number - 1], "code": code, "row": str(own.place.row)}
        return Problem("unknown-dimension", cell.place, None, code, None, "unknown-dimension.removed", facts)
    is_missing, is_closed = listed is not None and there is None, there is not None and there.prohibits_posting
    if own is not None and own.fate is Fate.FAILED and there is None and (is_missing or own.is_new):
        return depends_on(own, cell.place, code)
    if own is not None and own.fate is Fate.THERE:
        is_missing = False
        is_closed = is_closed if own.prohibits_posting is None else own.prohibits_posting
    if not (is_missing or is_closed):
        return None
    problem, wording = ("unknown-dimension", ".plain") if is_missing else ("closed-dimension", "")
    facts = {"dimension": DIMENSION_FIELDS[number - 1], "code": code}
    return Problem(problem, cell.place, None, code, None, problem + wording, facts)


def depends_on(own: MadeCode, place: Place, code: str) -> Problem:
    """That what stands at a place needs a row of the workbook that failed."""
    same_sheet = (own.place.file, own.place.sheet) == (place.file, place.sheet)
    facts = {"row": str(own.place.row), "sheet": own.place.sheet or "", "file": own.place.file}
    same_file = own.place.file == place.file
    wording = DEPENDS if same_sheet else f"{DEPENDS}.sheet" if same_file else f"{DEPENDS}.file"
    return Problem(DEPENDS, place, None, code, None, wording, facts)


def failed_dependencies(used: Iterable[tuple[int, str, Cell]], made: MadeCodes) -> Iterator[Problem]:
    """After the records were sent: one problem for each use (dimension, code, cell) of a new code whose row failed."""
    failed = {key: own for key, own in made.items() if own.fate is Fate.FAILED and own.is_new}
    if not failed:
        return
    for number, code, cell in used:
        if (number, code) in failed:
            yield depends_on(failed[number, code], cell.place, code)
