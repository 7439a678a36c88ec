"""A problem is a value: the same type from our rules, from the company's lists and from the service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from importer.model.places import Place


class Severity(StrEnum):
    """An error keeps its document from being sent; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Origin(StrEnum):
    """Who says so: our rules for the workbook, the company's own lists, or the service."""

    WORKBOOK = "workbook"
    COMPANY = "company"
    SERVICE = "service"


_WORKBOOK = (
    "unreadable-file encrypted-file unsupported-format unsafe-file no-form-found missing-column duplicate-column "
    "unknown-column empty-form hidden-rows required not-a-number not-an-integer not-positive too-many-decimals "
    "not-a-date time-in-date not-text bad-period bad-choice too-long cell-error formula-without-value "
    "control-character missing-attachment bad-attachment not-allowed unbalanced duplicate-line mixed-period "
    "mixed-currency mixed-type date-outside-period duplicate-document"
).split()
_COMPANY = (
    "unknown-account closed-account missing-dimension prohibited-dimension unknown-dimension closed-dimension "
    "unknown-journal-type closed-period unknown-currency unknown-address wrong-company stale-lists "
    "reference-unavailable"
).split()
_SERVICE = (
    "refused-line refused-with-others refused-document outcome-unknown posted-differently texts-cut not-shown gone "
    "changed-since number-reused posted-twice corrected-before copied-sheet look-incomplete look-alike other-details "
    "depends-on-refused service-unavailable not-verified dropped attachment-refused attachment-unknown "
    "attachment-not-sent"
).split()
_WARNINGS = frozenset(
    (
        "unknown-column hidden-rows date-outside-period duplicate-document stale-lists reference-unavailable "
        "refused-with-others texts-cut look-alike other-details not-verified dropped "
        "attachment-refused attachment-unknown attachment-not-sent"
    ).split()
)
ERROR_WORDINGS = frozenset(("date-outside-period-by-years",))
"""Wordings of errors under a code that is a warning otherwise."""

ORIGIN_OF: Mapping[str, Origin] = MappingProxyType(
    dict.fromkeys(_WORKBOOK, Origin.WORKBOOK)
    | dict.fromkeys(_COMPANY, Origin.COMPANY)
    | dict.fromkeys(_SERVICE, Origin.SERVICE)
)
"""Every problem code there is, with its origin."""

DIFFERS_IN_LEDGER = frozenset("posted-differently not-shown gone changed-since number-reused posted-twice".split())
"""Codes of a journal that was posted, now or earlier, and that the ledger does not hold once and unchanged: a person
must look, whatever the state of its document (product.md, "Problem codes")."""

HELD_FOR_A_PERSON = frozenset("corrected-before copied-sheet look-incomplete".split())
"""Codes of a journal that is not sent although nothing in its cells is to be mended: a person must decide."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake, one problem.

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
    def origin(self) -> Origin:
        """Who says so; fixed by the code."""
        return ORIGIN_OF[self.code]

    @property
    def blocks(self) -> bool:
        """True when the document concerned may not be sent."""
        return not self.softened and (self.code not in _WARNINGS or self.wording in ERROR_WORDINGS)

    def of(self, document: str | None) -> "Problem":
        """The same problem, as one of the document with that key."""
        if self.document == document:
            return self
        facts, is_mild = self.facts, self.softened
        return Problem(self.code, self.place, document, self.value, self.suggestion, self.wording, facts, is_mild)
