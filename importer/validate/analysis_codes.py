"""The analysis codes of an address against those that the company requires (R-04)."""

from collections.abc import Iterator, Mapping

from importer.model.addresses import ANALYSIS_NUMBERS, AddressChange
from importer.model.journals import DIMENSION_FIELDS
from importer.model.problems import Problem
from importer.services.sunplusxtra.addresses import RequiredAnalysisCode
from importer.validate.made_codes import Cell, MadeCodes, code_problem
from importer.validate.record_lists import RecordLists
from importer.validate.records import RecordDraft

Required = Mapping[int, RequiredAnalysisCode]


def with_analysis_codes(wanted: Mapping[str, str], filled: Mapping[str, str], required: Required) -> dict[str, str]:
    """The fields of a record where a code that the row fills (`filled`) is joined to what the company requires: blank
    category and entry are those of its list."""
    whole = dict(wanted)
    for number, one in required.items():
        if filled.get(_field(number, "code")):
            for part, text in (("id", str(one.category)), ("entryNum", str(one.entry_number))):
                whole[_field(number, part)] = whole.get(_field(number, part)) or text
    return whole


def analysis_problems(
    draft: RecordDraft,
    change: AddressChange,
    wanted: Mapping[str, str],
    lists: RecordLists,
    made: MadeCodes,
    *,
    is_new: bool,
) -> Iterator[Problem]:
    """What the company's lists say against the analysis codes of a row, each at its cell. `wanted` is the whole record,
    `is_new` that the company does not have it: only then it needs every required code. A list that is missing says
    nothing."""
    required = lists.required or {}
    for number in ANALYSIS_NUMBERS:
        one = required.get(number)
        field = _field(number, "code")
        code, is_filled = wanted.get(field, ""), bool(change.fields.get(field))
        if not code:
            if one is not None and is_new:
                facts = {"number": str(number), "name": one.short_heading or str(one.category)}
                yield Problem("missing-dimension", draft.place(field), wording="missing-dimension.address", facts=facts)
            continue
        if is_filled:
            yield from _joined(draft, number, wanted)
            problem = (
                None if one is None else _listed(one.category, code, Cell(draft.sheet, draft.row, field), lists, made)
            )
            if problem is not None:
                yield problem


def _joined(draft: RecordDraft, number: int, wanted: Mapping[str, str]) -> Iterator[Problem]:
    """Without the company's list nobody but the row can say what the code belongs to."""
    for part in ("id", "entryNum"):
        name = _field(number, part)
        if not wanted.get(name):
            facts = {"heading": name, "number": str(number)}
            yield Problem("required", draft.place(name), wording="required.analysis", facts=facts)


def _listed(category: int, code: str, cell: Cell, lists: RecordLists, made: MadeCodes) -> Problem | None:
    """Only the ten dimensions have lists; the codes of other categories the service alone knows."""
    if not 1 <= category <= len(DIMENSION_FIELDS):
        return None
    return code_problem(category, code, cell, lists.codes.get(category), made)


def _field(number: int, part: str) -> str:
    return f"analysis{number}.{part}"
