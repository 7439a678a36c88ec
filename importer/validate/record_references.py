"""Changes of records against the company's own lists: what is to be sent for each, if anything."""

from collections.abc import Iterator, Mapping

from importer.model.journals import ANALYSIS_NUMBERS, DIMENSION_FIELDS, Action, AddressChange, DimensionChange
from importer.model.problems import Problem
from importer.model.results import FieldChange
from importer.reference.lists import RecordLists
from importer.services.sunplusxtra.records import (
    ADDRESS_LINES,
    Address,
    AddressCode,
    AddressWrite,
    AnalysisCode,
    CodeWrite,
    RecordWrite,
    RequiredAnalysisCode,
)
from importer.templates.forms import ADDRESSES, DIMENSIONS
from importer.validate.journal_references import Cell, WorkbookCodes, code_problem
from importer.validate.records import RecordDraft, missing_to_create

LINES = tuple(f"addressLine{number}" for number in range(1, ADDRESS_LINES + 1))


def fields_of(address: Address) -> dict[str, str]:
    """Every field of a record, `""` where it is empty; analysis codes only where the record has them."""
    fields = dict(zip(LINES, address.lines, strict=True)) | {
        "area": address.area,
        "faxNumber": address.fax_number,
        "lookupCode": address.lookup,
        "postalCode": address.postal_code or "",
        "shortHeading": address.short_heading,
        "status": "" if address.status is None else str(address.status),
        "telephoneNumber": address.telephone_number,
        "webPageAddress": address.web_page,
        "emailAddress": address.email or "",
    }
    for number, code in sorted(address.analysis_codes.items()):
        fields |= {
            f"analysis{number}.id": code.id,
            f"analysis{number}.code": code.code,
            f"analysis{number}.entryNum": code.entry_number,
        }
    return fields


def address_of(code: str, fields: Mapping[str, str]) -> Address:
    """The whole record, all members filled (empty ones travel as `""`); an analysis code of which nothing
    is left is gone."""
    known = fields.get
    return Address(
        code=code,
        lines=tuple(known(name, "") for name in LINES),
        area=known("area", ""),
        fax_number=known("faxNumber", ""),
        lookup=known("lookupCode", ""),
        postal_code=known("postalCode", ""),
        short_heading=known("shortHeading", ""),
        status=int(status) if (status := known("status", "")) else None,
        telephone_number=known("telephoneNumber", ""),
        web_page=known("webPageAddress", ""),
        analysis_codes={number: found for number in ANALYSIS_NUMBERS if (found := _code(number, fields)) is not None},
        email=known("emailAddress", ""),
    )


def _code(number: int, fields: Mapping[str, str]) -> AddressCode | None:
    id_, code, entry = (fields.get(f"analysis{number}.{part}", "") for part in ("id", "code", "entryNum"))
    return AddressCode(id_, code, entry) if id_ or code or entry else None


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
    made: WorkbookCodes,
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


def _listed(category: int, code: str, cell: Cell, lists: RecordLists, made: WorkbookCodes) -> Problem | None:
    """Only the ten dimensions have lists; the codes of other categories the service alone knows."""
    if not 1 <= category <= len(DIMENSION_FIELDS):
        return None
    return code_problem(category, code, cell, lists.codes.get(category), made)


def _field(number: int, part: str) -> str:
    return f"analysis{number}.{part}"


def decided(draft: RecordDraft, lists: RecordLists, made: WorkbookCodes) -> RecordDraft | None:
    """The draft with what is to be sent for it; already as wanted, or with the problems that forbid it. None when the
    list that decides could not be had. `made` are the codes that the workbook makes itself: an address may use them."""
    match draft.change:
        case DimensionChange() as change:
            listed = lists.codes.get(change.dimension)
            return None if listed is None else _decided_code(draft, change, listed.get(change.code))
        case AddressChange() as change:
            known = lists.addresses
            return None if known is None else _decided_address(draft, change, known.get(change.code), lists, made)
        case None:
            return draft


def _decided_code(draft: RecordDraft, change: DimensionChange, there: AnalysisCode | None) -> RecordDraft:
    if change.action is Action.DELETE:
        return _removed(draft, None if there is None else CodeWrite(change.dimension, there, None))
    if there is None and change.action is Action.UPDATE:
        facts = {"dimension": DIMENSION_FIELDS[change.dimension - 1], "code": change.code}
        about = (draft.place("code"), None, change.code, None, "unknown-dimension.plain", facts)
        return draft.with_problems([Problem("unknown-dimension", *about)])
    if there is None:
        missing = list(missing_to_create(draft, DIMENSIONS))
        lookup = change.code if change.lookup is None else change.lookup
        code = AnalysisCode(change.code, change.name or "", lookup, bool(change.prohibits_posting))
        return draft.with_problems(missing) if missing else draft.to_be_sent(CodeWrite(change.dimension, None, code))
    wanted = AnalysisCode(
        code=change.code,
        name=there.name if change.name is None else change.name,
        lookup=there.lookup if change.lookup is None else change.lookup,
        prohibits_posting=there.prohibits_posting if change.prohibits_posting is None else change.prohibits_posting,
    )
    changes = _differences(_fields_of_code(there), _fields_of_code(wanted))
    return _changed(draft, CodeWrite(change.dimension, there, wanted), changes)


def _fields_of_code(code: AnalysisCode) -> dict[str, str]:
    return {"lookup": code.lookup, "name": code.name, "prohibitPosting": str(int(code.prohibits_posting))}


def _decided_address(
    draft: RecordDraft, change: AddressChange, there: Address | None, lists: RecordLists, made: WorkbookCodes
) -> RecordDraft:
    if change.action is Action.DELETE:
        return _removed(draft, None if there is None else AddressWrite(there, None))
    if there is None and change.action is Action.UPDATE:
        about = (draft.place("addressCode"), None, change.code, None, "unknown-address", {"address": change.code})
        return draft.with_problems([Problem("unknown-address", *about)])
    before = {} if there is None else fields_of(there)
    wanted = with_analysis_codes({**before, **change.fields}, change.fields, lists.required or {})
    problems = list(missing_to_create(draft, ADDRESSES)) if there is None else []
    if there is not None and there.status is None and "status" not in change.fields:
        # The service may leave out a record's status, and nothing can be sent without one.
        facts = {"heading": "status"}
        problems.append(Problem("required", draft.place("status"), wording="required.untold", facts=facts))
    problems += analysis_problems(draft, change, wanted, lists, made, is_new=there is None)
    draft = draft.with_problems(problems)
    if draft.change is None:
        return draft
    record = address_of(change.code, wanted)
    if there is None:
        return draft.to_be_sent(AddressWrite(None, record))
    return _changed(draft, AddressWrite(there, record), _differences(before, fields_of(record)))


def _removed(draft: RecordDraft, write: RecordWrite | None) -> RecordDraft:
    """A record that is not there needs no deleting: an earlier run may have done it."""
    return draft.equal_already() if write is None else draft.to_be_sent(write)


def _changed(draft: RecordDraft, write: RecordWrite, changes: tuple[FieldChange, ...]) -> RecordDraft:
    if not changes:
        return draft.equal_already()
    if draft.change is not None and draft.change.action is Action.CREATE:
        facts = {"key": draft.document.key, "heading": changes[0].field}
        about = (draft.place("action"), None, Action.CREATE.value, None, "not-allowed.exists", facts)
        return draft.with_problems([Problem("not-allowed", *about)])
    return draft.to_be_sent(write, changes)


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[FieldChange, ...]:
    fields = dict.fromkeys((*before, *after))
    changes = (FieldChange(field, before.get(field, ""), after.get(field, "")) for field in fields)
    return tuple(change for change in changes if change.before != change.after)
