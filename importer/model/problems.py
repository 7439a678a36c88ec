"""A problem is a value, with its place: the same type from our rules, from the company's lists and from the service."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath, PureWindowsPath
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a workbook, as exact as it is known.

    `file` is the path as the user gave it, `row` the sheet's own row number (from 1), `column` the sheet's column
    letters (`D`), `field` the wire name of the form's column (`account`). `above` is the address of a cell above the
    headings from which a mapping takes the row's value.
    """

    file: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    field: str | None = None
    above: str | None = None

    @property
    def cell(self) -> str | None:
        """The cell's address (`D6`), or None when the place is no single cell."""
        if self.above is not None:
            return self.above
        if self.column is None or self.row is None:
            return None
        return f"{self.column}{self.row}"


def file_name(path: str) -> str:
    """A path's last part, whichever system wrote it: a store may be shared."""
    return (PureWindowsPath(path) if "\\" in path else PurePath(path)).name


def names_of(key: str, file: str, sheet: str) -> frozenset[str]:
    """What a person may call a journal on the command line: its key, with file and sheet before it where these share
    the key."""
    of_files = [f"{of_file}:{rest}" for of_file in (file, file_name(file)) for rest in (key, f"{sheet}:{key}")]
    return frozenset((key, f"{sheet}:{key}", *of_files))


def column_letters(index: int) -> str:
    """Letters of a sheet's column; `index` counts from 0 (0 is A, 26 is AA)."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def ranges_of(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Ascending (first, last) of each unbroken stretch: 5, 6, 7, 12 gives (5, 7), (12, 12)."""
    stretches: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if stretches and stretches[-1][1] == number - 1:
            stretches[-1] = (stretches[-1][0], number)
        else:
            stretches.append((number, number))
    return stretches


def spans(rows: Iterable[int]) -> str:
    """Row numbers as people write them: `5-7, 12`."""
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges_of(rows))


def rows_in(text: str) -> set[int]:
    """The row numbers in a text that `spans` has written."""
    rows: set[int] = set()
    for first, last in re.findall(r"([0-9]+)(?:[-–]([0-9]+))?", text):
        rows |= set(range(int(first), int(last or first) + 1))
    return rows


class Severity(StrEnum):
    """An error keeps its document from being sent; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


_WORKBOOK = (
    "unreadable-file encrypted-file unsupported-format unsafe-file no-form-found uncertain-mapping missing-column "
    "duplicate-column unknown-column empty-form hidden-rows hidden-cell set-aside-rows required not-a-number "
    "not-an-integer not-positive too-many-decimals not-a-date time-in-date not-text bad-period bad-choice too-long "
    "cell-error formula-without-value control-character missing-attachment bad-attachment not-allowed unbalanced "
    "duplicate-line mixed-period mixed-currency mixed-type date-outside-period duplicate-document "
    "text-encoding line-break extra-cells"
).split()
_COMPANY = (
    "unknown-account closed-account missing-dimension prohibited-dimension unknown-dimension closed-dimension "
    "unknown-journal-type closed-period unknown-currency unknown-address wrong-company stale-lists "
    "reference-unavailable"
).split()
_SERVICE = (
    "refused-line refused-with-others refused-document outcome-unknown posted-differently texts-cut not-shown gone "
    "changed-since number-reused posted-twice corrected-before copied-sheet look-incomplete look-alike other-details "
    "needs-approval depends-on-refused service-unavailable not-verified dropped attachment-refused attachment-unknown "
    "attachment-not-sent"
).split()
_WARNINGS = frozenset(
    (
        "unknown-column hidden-rows hidden-cell set-aside-rows date-outside-period duplicate-document stale-lists "
        "reference-unavailable refused-with-others texts-cut look-alike other-details not-verified dropped "
        "attachment-refused attachment-unknown attachment-not-sent text-encoding line-break"
    ).split()
)
ERROR_WORDINGS = frozenset(("date-outside-period-by-years",))
"""Wordings of errors under a code that is a warning otherwise."""

ORIGIN_OF: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(_WORKBOOK, "workbook") | dict.fromkeys(_COMPANY, "company") | dict.fromkeys(_SERVICE, "service")
)
"""Every problem code there is, with what it is found by: the rules for workbooks, the company's lists, or the
service."""

DIFFERS_IN_LEDGER = frozenset("posted-differently not-shown gone changed-since number-reused posted-twice".split())
"""Codes of a journal that was posted, now or earlier, and that the ledger does not hold once and unchanged: a person
must look, whatever the state of its document (exit code 4)."""

HELD_FOR_A_PERSON = frozenset("corrected-before copied-sheet look-incomplete needs-approval".split())
"""Codes of a journal that is not sent although nothing in its cells is to be mended: a person must decide."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in a workbook, or what a person must know about a journal.

    `code` is one of `ORIGIN_OF` and never changes. `wording` is the catalogue's key below `problem.` for the message
    (the code itself unless one code has several sentences, such as `not-a-number.separators`); `facts` fill that
    sentence. `value` is the cell's text. `suggestion` is a value to type instead, given only when it is certain.
    `document` is the key of the journal concerned. `softened` makes a warning of a code that is an error otherwise.
    """

    code: str
    place: Place
    document: str | None = None
    value: str | None = None
    suggestion: str | None = None
    wording: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    softened: bool = False

    def __post_init__(self) -> None:
        if self.code not in ORIGIN_OF:
            raise ValueError(f"no such problem code: {self.code}")

    @property
    def severity(self) -> Severity:
        """Warning or error, by the code unless softened, or an error by its wording."""
        return Severity.ERROR if self.blocks else Severity.WARNING

    @property
    def blocks(self) -> bool:
        """True when the document concerned may not be sent."""
        return not self.softened and (self.code not in _WARNINGS or self.wording in ERROR_WORDINGS)

    @property
    def waits(self) -> bool:
        """True for what is no error: nothing is to be mended, the journal waits for a person, or for another run."""
        return self.blocks and self.code in HELD_FOR_A_PERSON and self.wording != "needs-approval.rejected"

    def of(self, document: str | None) -> "Problem":
        """The same problem, as one of the document with that key."""
        if self.document == document:
            return self
        facts, is_mild = self.facts, self.softened
        return Problem(self.code, self.place, document, self.value, self.suggestion, self.wording, facts, is_mild)
