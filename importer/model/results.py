"""What came of a run: the value behind the page, the JSON document and the terminal's lines."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from importer.model.problems import Problem


class Status(StrEnum):
    """The one state in which a document ends; the order is that of the report's totals."""

    POSTED = "posted"
    ALREADY_POSTED = "already_posted"
    REFUSED = "refused"
    INVALID = "invalid"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"
    READY = "ready"


class Mode(StrEnum):
    """`run` posts, `check` does everything but."""

    RUN = "run"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Company:
    """The company behind the credentials: its id and name; `tax_id` is the Mexican RFC, `""` when not told."""

    id: int
    name: str
    tax_id: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A journal and where it went. `rows` are the sheet's row numbers; `debit` and `credit` are None when an amount
    of the journal cannot be read; `currency` and `period` are None when its lines do not agree on one."""

    kind: str
    key: str
    file: str
    sheet: str
    rows: tuple[int, ...]
    status: Status
    journal_number: str | None = None
    voucher_number: str | None = None
    debit: Decimal | None = None
    credit: Decimal | None = None
    currency: str | None = None
    period: str | None = None
    attempts: int = 0
    recovered: bool = False
    verified: bool | None = None

    def ended(self, status: Status) -> "Document":
        """The same document in another state."""
        return replace(self, status=status)


@dataclass(frozen=True, slots=True)
class SheetRead:
    """A form of a file: `kind` is the form's name, `rows` how many filled rows it has."""

    name: str
    kind: str
    rows: int


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file of the run; `sha256` is None when it could not be read. `passed_over` names sheets that hold no form."""

    path: str
    sha256: str | None
    sheets: tuple[SheetRead, ...]
    passed_over: tuple[str, ...] = ()


CellsOfRow = tuple[tuple[str, str, str], ...]
"""A row as it stands on the sheet: (field, column letters, text) of each filled or spoilt cell, left to right."""


@dataclass(frozen=True, slots=True)
class Result:
    """Everything a run has to say. Times are UTC. `cells` keeps the rows that problems are about, by (file,
    sheet, row);
    `stopped_by` is the catalogue key below `error.` (or `reason.`) why the run could not go on, with its facts."""

    run: str
    mode: Mode
    sandbox: bool
    company: Company | None
    started_at: datetime
    finished_at: datetime
    exit_code: int
    files: tuple[FileRead, ...]
    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    cells: Mapping[tuple[str, str, int], CellsOfRow]
    stopped_by: tuple[str, Mapping[str, str]] | None = None
    report: str | None = None
    corrections: tuple[str, ...] = ()

    def documents_by_status(self) -> dict[Status, int]:
        """How many documents ended in each state; the values add up to the number of documents."""
        counts = dict.fromkeys(Status, 0)
        for document in self.documents:
            counts[document.status] += 1
        return counts

    def rows_by_status(self) -> dict[Status, int]:
        """The same in rows of the sheets; the values add up to the rows read."""
        counts = dict.fromkeys(Status, 0)
        for document in self.documents:
            counts[document.status] += len(document.rows)
        return counts
