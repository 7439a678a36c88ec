"""What the readers of values do not tell of a sheet: error cells, formulas never calculated, hidden rows and
columns, and how far its values reach (calamine gives "" for #N/A and aborts on two cells in opposite corners).

The XML is read twice: as plain bytes where it has the shape that every spreadsheet program writes (0.3 s for
100,000 rows), else by expat, which takes any shape and ten times as long. Both give the same survey.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

Spot = tuple[int, int]
"""Row from 1, column from 0."""

_CHUNK = 1024 * 1024
_CELL = rb'<c r="([A-Z]+)([0-9]+)"([^>/]*)>'
_ERROR = re.compile(rb'<c r="([A-Z]+)([0-9]+)"[^>/]*? t="e"[^>/]*>(.*?)</c>', re.S)
_FORMULA = re.compile(_CELL + rb"<f(?:[^>]*/>|[^>]*>[^<]*</f>)(.*?)</c>", re.S)
_HIDDEN_ROW = re.compile(rb'<row r="([0-9]+)"[^>]*? hidden="(?:1|true)"')
_COLUMNS = re.compile(rb"<col ([^>]*)/>")
_LAST_REFERENCE = re.compile(rb'<c r="([A-Z]+)')


@dataclass(slots=True)
class Survey:
    """A sheet's marks. `last_row` and `last_column` bound the cells with a value (0 and -1 when there is none)."""

    errors: dict[Spot, str] = field(default_factory=dict)
    uncalculated: set[Spot] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[range] = field(default_factory=list)
    last_row: int = 0
    last_column: int = -1

    def hides_column(self, column: int) -> bool:
        """True when the column (from 0) is hidden."""
        return any(column in columns for columns in self.hidden_columns)

    def has_value_at(self, row: int, column: int) -> None:
        """Notes that the values reach so far."""
        self.last_row = max(self.last_row, row)
        self.last_column = max(self.last_column, column)


def survey_of(open_sheet: Callable[[], IO[bytes]]) -> Survey:
    """The survey of a sheet's XML. Raises expat.ExpatError when it is not well-formed."""
    with open_sheet() as xml:
        plain = plain_survey(xml)
    if plain is not None:
        return plain
    with open_sheet() as xml:
        return exact_survey(xml)


def plain_survey(xml: IO[bytes]) -> Survey | None:
    """The survey from the bytes alone; None when they do not have the usual shape."""
    survey = Survey()
    for is_head, block in _blocks(xml):
        if is_head:
            if not _is_plain_head(block):
                return None
            survey.hidden_columns = list(_hidden_columns(block))
        elif not _is_plain(block) or not _survey_rows(block, survey):
            return None
    return survey


def _blocks(xml: IO[bytes]) -> Iterator[tuple[bool, bytes]]:
    """The part before the rows, then runs of whole rows."""
    rest, has_rows = b"", False
    while chunk := xml.read(_CHUNK):
        rest += chunk
        if not has_rows:
            head, mark, behind = rest.partition(b"<sheetData")
            if not mark:
                continue
            yield True, head
            rest, has_rows = behind, True
        cut = rest.rfind(b"<row")
        if cut > 0:
            yield False, rest[:cut]
            rest = rest[cut:]
    yield not has_rows, rest.partition(b"</sheetData>")[0] if has_rows else rest


def _is_plain_head(head: bytes) -> bool:
    declaration = head[:200].lower()
    is_utf8 = b"encoding=" not in declaration or b'encoding="utf-8"' in declaration
    return (
        is_utf8 and not head.startswith((b"\xff\xfe", b"\xfe\xff")) and re.search(rb"<worksheet[ >]", head) is not None
    )


def _is_plain(block: bytes) -> bool:
    has_odd_marks = any(mark in block for mark in (b"<!", b"<?", b"='", b"<c>", b"<row>", b" = "))
    cells, rows = block.count(b"<c "), block.count(b"<row ")
    return not has_odd_marks and cells == block.count(b'<c r="') and rows == block.count(b'<row r="')


def _survey_rows(block: bytes, survey: Survey) -> bool:
    """Adds a run of rows to the survey; False when something in it cannot be told from the bytes."""
    if b't="e"' in block:
        for found in _ERROR.finditer(block):
            survey.errors[_spot(found)] = _value_in(found[3])
        if block.count(b' t="e"') != sum(1 for _ in _ERROR.finditer(block)):
            return False
    if b"<f" in block:
        formulas = 0
        for found in _FORMULA.finditer(block):
            formulas += 1
            if not _value_in(found[4]) and b't="str"' not in found[3]:
                survey.uncalculated.add(_spot(found))
        if formulas != block.count(b"<f>") + block.count(b"<f ") + block.count(b"<f/>"):
            return False
    if b"hidden=" in block:
        survey.hidden_rows.update(int(found[1]) for found in _HIDDEN_ROW.finditer(block))
    return _survey_extent(block, survey)


def _survey_extent(block: bytes, survey: Survey) -> bool:
    for row in block.split(b"</row>"):
        if b"<v>" not in row and b"<is>" not in row and b"<f" not in row and b"<v " not in row:
            continue
        start, last = row.rfind(b'<row r="'), row.rfind(b'<c r="')
        reference = _LAST_REFERENCE.match(row, last) if last >= 0 else None
        if start < 0 or reference is None:
            return False
        number = row[start + 8 : row.index(b'"', start + 8)]
        survey.has_value_at(int(number), column_of(reference[1].decode()))
    return True


def _value_in(inside: bytes) -> str:
    found = re.search(rb"<v>([^<]*)</v>", inside)
    return found[1].decode() if found else ""


def _spot(found: re.Match[bytes]) -> Spot:
    return int(found[2]), column_of(found[1].decode())


def _hidden_columns(head: bytes) -> Iterator[range]:
    for found in _COLUMNS.finditer(head):
        marks = dict(re.findall(rb'(\w+)="([^"]*)"', found[1]))
        if marks.get(b"hidden") in (b"1", b"true"):
            yield range(int(marks[b"min"]) - 1, int(marks[b"max"]))


def column_of(letters: str) -> int:
    """A column's number, from 0, by its letters (A is 0)."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def exact_survey(xml: IO[bytes]) -> Survey:
    """The survey by a parser that takes any shape of XML: prefixes, missing references, other encodings."""
    return _ExactSurvey().read(xml)


class _ExactSurvey:
    def __init__(self) -> None:
        self._survey = Survey()
        self._spot: Spot = (0, -1)
        self._kind = ""
        self._has_formula = self._in_value = self._has_text = False
        self._value: list[str] = []

    def read(self, xml: IO[bytes]) -> Survey:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.buffer_text = True
        parser.ParseFile(xml)
        return self._survey

    def _start(self, name: str, marks: dict[str, str]) -> None:
        match name.rpartition(" ")[2]:
            case "row":
                self._spot = (int(marks.get("r", self._spot[0] + 1)), -1)
                if marks.get("hidden") in ("1", "true"):
                    self._survey.hidden_rows.add(self._spot[0])
            case "c":
                self._spot = _reference(marks.get("r"), self._spot)
                self._kind = marks.get("t", "n")
                self._has_formula = self._has_text = False
                self._value = []
            case "f":
                self._has_formula = True
            case "v":
                self._in_value = True
            case "is":
                self._has_text = True
            case "col" if marks.get("hidden") in ("1", "true"):
                self._survey.hidden_columns.append(range(int(marks["min"]) - 1, int(marks["max"])))

    def _end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        if local == "v":
            self._in_value = False
        elif local == "c":
            self._end_cell("".join(self._value))

    def _end_cell(self, value: str) -> None:
        if self._kind == "e":
            self._survey.errors[self._spot] = value
        elif self._has_formula and not value and self._kind != "str":
            self._survey.uncalculated.add(self._spot)
        if value or self._has_formula or self._has_text:
            self._survey.has_value_at(*self._spot)

    def _text(self, text: str) -> None:
        if self._in_value:
            self._value.append(text)


def _reference(reference: str | None, before: Spot) -> Spot:
    found = re.fullmatch(r"([A-Z]+)([0-9]+)", reference or "")
    return (int(found[2]), column_of(found[1])) if found else (before[0], before[1] + 1)
