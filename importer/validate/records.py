"""Rows of the dimension and address forms become drafts: each row makes, changes or removes one record."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from importer.model.journals import CATEGORIES, Action, AddressChange, DimensionChange
from importer.model.problems import Place, Problem
from importer.model.results import Document, FieldChange, Status
from importer.model.workbook import FormSheet
from importer.templates.forms import ADDRESSES, DIMENSIONS, Form
from importer.validate.cell_rules import cell_problems

if TYPE_CHECKING:
    from importer.services.sunplusxtra.records import RecordWrite


Change = DimensionChange | AddressChange

EMPTIED = "(empty)"
"""What a cell says to empty a field; a blank cell keeps what the service has."""

_NO_PERIODS = 12


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """A row of the dimension or address form: the change it asks for (None when a problem forbids it), what is to be
    sent for it once that is known (None: nothing), what the report says of it, and what is wrong with it. `has_key`
    tells whether its record can be told at all."""

    sheet: FormSheet
    change: Change | None
    document: Document
    problems: tuple[Problem, ...] = ()
    write: "RecordWrite | None" = None
    has_key: bool = True

    @property
    def row(self) -> int:
        """The sheet's row."""
        return self.document.rows[0]

    def place(self, field: str | None = None) -> Place:
        """The place of the row, or of one of its cells."""
        return self.sheet.place(self.row, field)

    def with_problems(self, found: Iterable[Problem]) -> "RecordDraft":
        """The same draft with further problems; an error among them makes it invalid. One that only depends on a row
        that failed is right as it is, and not sent."""
        problems = tuple([problem.of(self.document.key) for problem in found])
        if not problems:
            return self
        more = replace(self, problems=self.problems + problems)
        if not any(problem.blocks for problem in problems):
            return more
        return replace(more, change=None, write=None, document=self.document.ended_by(problems))

    def blocked(self) -> "RecordDraft":
        """The same draft, right as it is, but not to be sent. One with nothing to send stays as it is."""
        if self.document.status is not Status.READY:
            return self
        return replace(self, change=None, write=None, document=self.document.ended(Status.NOT_SENT))

    def equal_already(self) -> "RecordDraft":
        """The company has it as the row wants it: nothing is sent."""
        return replace(self, write=None, document=self.document.ended(Status.ALREADY_POSTED))

    def to_be_sent(self, write: "RecordWrite", changes: Sequence[FieldChange] = ()) -> "RecordDraft":
        """What is to be sent for it; `changes` are the fields that an update changes."""
        document = replace(self.document, action=write.action.value, changes=tuple(changes))
        return replace(self, write=write, document=document)


class _Row:
    """The cells of one row of a sheet by field."""

    def __init__(self, sheet: FormSheet, position: int) -> None:
        self._sheet = sheet
        self._position = position

    @classmethod
    def of(cls, draft: RecordDraft) -> "_Row":
        """The row of a draft."""
        return cls(draft.sheet, bisect_left(draft.sheet.rows, draft.row))

    def text(self, field: str) -> str | None:
        """The cell's text; None when it is blank or has no column."""
        column = self._sheet.columns.get(field)
        return None if column is None else column[self._position]

    def wanted(self, field: str) -> str | None:
        """The same as a wish: `""` where the cell says `(empty)`."""
        text = self.text(field)
        return "" if text is not None and is_emptied(text) else text

    @property
    def action(self) -> Action | None:
        """The row's action; None when the cell is blank."""
        text = self.text("action")
        return None if text is None else Action(text.lower())


def is_emptied(text: str) -> bool:
    """True when the cell asks to empty the field."""
    return text.casefold() == EMPTIED


def _drafts_of_rows(
    sheet: FormSheet,
    form: Form,
    kind: str,
    key_of: Callable[[_Row], str],
    change_of: Callable[[_Row], Change],
    read: Iterable[Problem],
    *,
    allow_delete: bool,
) -> list[RecordDraft]:
    """A draft for each row. `kind` is the kind of its document, `key_of` names it (also when cells of it are bad),
    `change_of` is asked only of good rows; `read` is what the reader found wrong with cells of the sheet's rows."""
    found = defaultdict[int, list[Problem]](list)
    for problem in (*read, *cell_problems(sheet, form, _NO_PERIODS)):
        if problem.place.row is not None:
            found[problem.place.row].append(problem)
    unusable = {row for row, _ in sheet.unusable}
    of_key = {column.name for column in form.required}
    bad_keys = {row for row, problems in found.items() if any(one.place.field in of_key for one in problems)}
    bad_keys |= {row for row, name in sheet.unusable if name in of_key}
    drafts = []
    for position, number in enumerate(sheet.rows):
        row = _Row(sheet, position)
        problems = found[number]
        is_readable = number not in unusable and not any(problem.blocks for problem in problems)
        status = Status.READY if is_readable else Status.INVALID
        document = Document(kind, key_of(row), sheet.file, sheet.sheet, (number,), status)
        draft = RecordDraft(sheet, None, document, has_key=number not in bad_keys).with_problems(problems)
        if is_readable:
            change = change_of(row)
            document = replace(document, action=None if change.action is None else change.action.value)
            draft = replace(draft, change=change, document=document)
            draft = draft.with_problems(_problems_of_action(row, draft, change, form, allow_delete=allow_delete))
        drafts.append(draft)
    return drafts


def _problems_of_action(
    row: _Row, draft: RecordDraft, change: Change, form: Form, *, allow_delete: bool
) -> Iterable[Problem]:
    if change.action is Action.DELETE and not allow_delete:
        yield Problem("not-allowed", draft.place("action"), None, Action.DELETE.value, wording="not-allowed")
    for column in form.columns:
        text = row.text(column.name)
        if text is not None and is_emptied(text) and (column.required or column.required_to_create):
            facts = {"heading": column.name}
            yield Problem("required", draft.place(column.name), None, text, None, "required.not-emptied", facts)
    if change.action is Action.CREATE:
        yield from missing_to_create(draft, form)


def missing_to_create(draft: RecordDraft, form: Form) -> Iterable[Problem]:
    """A problem for each cell that a new record needs and that is blank (no column: the row's)."""
    row = _Row.of(draft)
    for column in form.columns:
        if column.required_to_create and row.text(column.name) is None:
            facts = {"heading": column.name, "key": draft.document.key}
            yield Problem("required", draft.place(column.name), None, None, None, "required.to-create", facts)


def with_repeated_keys_marked(drafts: Sequence[RecordDraft]) -> list[RecordDraft]:
    """All drafts of an upload, where those of the same record are wrong: nobody can tell which of them is meant."""
    by_key: dict[tuple[str, str], list[RecordDraft]] = {}
    for draft in drafts:
        if draft.has_key:
            by_key.setdefault((draft.document.kind, draft.document.key), []).append(draft)
    marked = []
    for draft in drafts:
        same = by_key.get((draft.document.kind, draft.document.key), []) if draft.has_key else []
        other = next((one for one in same if one is not draft), None)
        marked.append(draft if other is None else draft.with_problems([_repeated(draft, other)]))
    return marked


def _repeated(draft: RecordDraft, other: RecordDraft) -> Problem:
    key_field = "code" if draft.document.kind == "dimension" else "addressCode"
    facts = {"key": draft.document.key, "row": str(other.row)}
    wording = "duplicate-line.record"
    if (other.sheet.file, other.sheet.sheet) != (draft.sheet.file, draft.sheet.sheet):
        wording = "duplicate-line.record-elsewhere"
        facts |= {"file": other.sheet.file, "sheet": other.sheet.sheet}
    return Problem("duplicate-line", draft.place(key_field), None, draft.document.key, None, wording, facts)


def unusable_records(sheet: FormSheet, kind: str) -> list[RecordDraft]:
    """The rows of a sheet whose columns cannot be told, as one invalid document: no row is without a home."""
    if not sheet.rows:
        return []
    document = Document(kind, sheet.sheet, sheet.file, sheet.sheet, sheet.rows, Status.INVALID)
    return [RecordDraft(sheet, None, document, has_key=False)]


KIND = "dimension"


def dimension_drafts_of(sheet: FormSheet, read: Iterable[Problem] = (), *, allow_delete: bool) -> list[RecordDraft]:
    """A draft for each row of a dimension sheet; `read` is what the reader found wrong with cells of its rows."""
    known = sheet
    if "catId" in sheet.columns:
        # 7 is 07; Excel drops the nought when it takes the cell for a number.
        texts = sheet.columns["catId"]
        whole = [text.zfill(2) if text is not None and text.zfill(2) in CATEGORIES else text for text in texts]
        known = replace(sheet, columns={**sheet.columns, "catId": whole})

    def key_of(row: _Row) -> str:
        return f"{row.text('catId') or '–'}/{row.text('code') or '–'}"

    def change_of(row: _Row) -> DimensionChange:
        mark = row.text("prohibitPosting")
        return DimensionChange(
            action=row.action,
            dimension=int(row.text("catId") or 0),
            code=row.text("code") or "",
            lookup=row.wanted("lookup"),
            name=row.wanted("name"),
            prohibits_posting=None if mark is None else mark == "1",
        )

    drafts = _drafts_of_rows(known, DIMENSIONS, KIND, key_of, change_of, read, allow_delete=allow_delete)
    return [replace(draft, sheet=sheet) for draft in drafts]


ADDRESS_KIND = "address"


def address_drafts_of(sheet: FormSheet, read: Iterable[Problem] = (), *, allow_delete: bool) -> list[RecordDraft]:
    """A draft for each row of an address sheet; `read` is what the reader found wrong with cells of its rows."""

    def key_of(row: _Row) -> str:
        return row.text("addressCode") or "–"

    def change_of(row: _Row) -> AddressChange:
        names = (column.name for column in ADDRESSES.columns if column.name not in ("action", "addressCode"))
        fields = {name: text for name in names if (text := row.wanted(name)) is not None}
        return AddressChange(row.action, row.text("addressCode") or "", fields)

    return _drafts_of_rows(sheet, ADDRESSES, ADDRESS_KIND, key_of, change_of, read, allow_delete=allow_delete)
