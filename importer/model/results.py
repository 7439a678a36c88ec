"""The result of a run: the value behind the page, the JSON document and the lines on the terminal; and a month of
stamps."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Context, Decimal
from enum import StrEnum
from typing import NamedTuple

from importer.model.postings import FileLink, LinkState, SavedVoucher
from importer.model.problems import HELD_FOR_A_PERSON, Problem, file_name
from importer.model.workbook import MappingUse


@dataclass(frozen=True, slots=True)
class StampsOfMonth:
    """`month` is `yyyy-mm`; `transactions` how many stamps the account used in it (None: not told); `by_day` the days
    that have movements, with their stamps."""

    month: str
    transactions: int | None
    by_day: tuple[tuple[date, int], ...]


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
class FieldChange:
    """A field of a record (by its wire name) that an update changes, from what to what; `""` where it is empty."""

    field: str
    before: str
    after: str


EXACT = Context(prec=100)
"""For sums and products: the context in which decimals are added otherwise rounds to 28 digits."""


@dataclass(frozen=True, slots=True)
class LineMoney:
    """What the cells of lines of one currency and period add up to; both are the cell's text, None where it is blank or
    unusable. `no_side` is the sum of amounts whose side cannot be read, `unreadable` how many filled cells are no
    amounts, `blank` how many lines have no amount."""

    currency: str | None
    period: str | None
    lines: int = 0
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    no_side: Decimal = Decimal(0)
    unreadable: int = 0
    blank: int = 0

    def plus(self, other: "LineMoney") -> "LineMoney":
        """The sum of both, exact, under the currency and period of this one."""
        return LineMoney(
            currency=self.currency,
            period=self.period,
            lines=self.lines + other.lines,
            debit=EXACT.add(self.debit, other.debit),
            credit=EXACT.add(self.credit, other.credit),
            no_side=EXACT.add(self.no_side, other.no_side),
            unreadable=self.unreadable + other.unreadable,
            blank=self.blank + other.blank,
        )


@dataclass(frozen=True, slots=True)
class Document:
    """A journal, or a change of a dimension or address, and what became of it. `rows` are the sheet's row numbers;
    `debit` and `credit` are None when an amount of the journal cannot be read; `currency`, `period` and `journal_type`
    are None when its lines do not agree on one. `money` are its lines' sums by currency and period where amounts,
    currency and period do not say all. `action` tells what is done to a record (create, update, delete), None for a
    journal and where it is not decided; `changes` are the fields that an update changes. `is_declined`: a person said
    no to it, and yes to others."""

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
    journal_type: str | None = None
    attempts: int = 0
    recovered: bool = False
    verified: bool | None = None
    action: str | None = None
    changes: tuple[FieldChange, ...] = ()
    is_declined: bool = False
    money: tuple[LineMoney, ...] = ()

    def ended(self, status: Status) -> "Document":
        """The same document in another state."""
        return replace(self, status=status)

    def ended_by(self, errors: Iterable[Problem]) -> "Document":
        """The same document with errors that keep it from being sent: invalid, unless it is right as it is, and all it
        lacks is a row of the workbook that failed, or a person's decision."""
        waits = all(problem.code in ("depends-on-refused", *HELD_FOR_A_PERSON) for problem in errors if problem.blocks)
        return self.ended(Status.NOT_SENT if waits and self.status is not Status.INVALID else Status.INVALID)


def names_among(documents: Sequence[Document]) -> Callable[[Document], str]:
    """The shortest name by which the command line tells one of the documents from the others (see `names_of`)."""
    of_key = Counter(one.key for one in documents)
    of_file = Counter((one.file, one.key) for one in documents)
    of_sheet = Counter((one.sheet, one.key) for one in documents)

    def name_of(document: Document) -> str:
        key, name = document.key, file_name(document.file)
        if of_key[key] <= 1:
            return key
        if of_file[document.file, key] <= 1:
            return f"{name}:{key}"
        return f"{document.sheet}:{key}" if of_sheet[document.sheet, key] <= 1 else f"{name}:{document.sheet}:{key}"

    return name_of


@dataclass(frozen=True, slots=True)
class SheetRead:
    """A form of a file: `kind` is its name, `rows` how many filled rows it has, `letters` each field's column. `money`
    is what the amounts on it add up to by currency and period, `no_lines` that of its rows that are no lines, `hidden`
    that of hidden rows left out on purpose; neither of those two is among its `rows` and `money`. `mapping` is None for
    a sheet in the product's own form."""

    name: str
    kind: str
    rows: int
    letters: Mapping[str, str] = field(default_factory=dict)
    money: tuple[LineMoney, ...] = ()
    no_lines: tuple[LineMoney, ...] = ()
    hidden: tuple[LineMoney, ...] = ()
    mapping: MappingUse | None = None


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file of the run; `sha256` is None when it could not be read. `passed_over` names sheets that hold no form,
    `corrects` the run whose corrections it is, `""` for another workbook."""

    path: str
    sha256: str | None
    sheets: tuple[SheetRead, ...]
    passed_over: tuple[str, ...] = ()
    corrects: str = ""


class Stop(NamedTuple):
    """Why a run could not go on: `code` is the catalogue's key below `error.` (or `reason.`), `facts` fill its
    sentence. `try_again`: the same command, or `importer resume`, may succeed later without anything mended; results
    of older programs do not tell."""

    code: str
    facts: Mapping[str, str]
    try_again: bool = False


@dataclass(frozen=True, slots=True)
class JournalLines:
    """A journal's lines as they are sent: `fields` are those that any of them fills, `lines` the sheet's row of each
    and its texts in the order of `fields`."""

    file: str
    sheet: str
    key: str
    fields: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]


CellsOfRow = tuple[tuple[str, str, str], ...]
"""A row as it stands on the sheet: (field, column letters, text) of each filled or unusable cell, left to right."""


@dataclass(frozen=True, slots=True)
class ApprovalGiven:
    """The approval under which a run has posted: the number of the request, the hash of the policy that asked for it,
    and who has approved when (UTC) in what words."""

    request: int
    policy: str
    people: tuple[tuple[str, datetime, str], ...]


@dataclass(frozen=True, slots=True)
class RequestMade:
    """A request to SunPlusXtra, or several of one operation and outcome: when the first began and the last ended (UTC).
    `outcome` is the answer's status, `not-sent`, or `no-answer` where none came that is clear."""

    operation: str
    outcome: str
    began_at: datetime
    ended_at: datetime
    count: int = 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a run worked with: the program's version, its settings by the names of `importer.toml` without
    secrets, when the company's lists were read (UTC; None: they were not), and what was asked of the service."""

    version: str
    settings: Mapping[str, str]
    lists_at: datetime | None = None
    requests: tuple[RequestMade, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """The result of a run, equal to itself alone: what is made of one is remembered by it. Times are UTC.
    `cells` keeps the rows that problems are about, by (file, sheet, row); `stopped_by` is None for a run that came to
    its end; `only_if_clean`: nothing was to be posted beside an error. `started_by` is the name of the person at the
    machine, `""` in results of older programs; `lines` are those of the first journals that are right; `approval` is
    that of a second person, where one was needed; `evidence` is None in results of older programs, and until the run
    ends."""

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
    stopped_by: Stop | None = None
    report: str | None = None
    corrections: tuple[str, ...] = ()
    links: tuple[FileLink, ...] = ()
    vouchers: tuple[SavedVoucher, ...] = ()
    stamps: StampsOfMonth | None = None
    only_if_clean: bool = False
    started_by: str = ""
    lines: tuple[JournalLines, ...] = ()
    approval: ApprovalGiven | None = None
    evidence: Evidence | None = None

    @property
    def service(self) -> str:
        """Which service and ledger the run was for: the host of its address, and the name of the installation where it
        has one; `""` for a practice company and where the result does not tell."""
        known = {} if self.evidence is None or self.sandbox else self.evidence.settings
        host = known.get("url", "").partition("://")[2].partition("/")[0].rpartition("@")[2]
        name = known.get("installation", "")
        return f"{host} ({name})" if host and name else host or name

    def documents_by_status(self) -> dict[Status, int]:
        """How many documents ended in each state; the values add up to the number of documents."""
        counts = dict.fromkeys(Status, 0)
        for document in self.documents:
            counts[document.status] += 1
        return counts

    def linked_files(self) -> Mapping[str, int]:
        """How many files are linked to each journal, by its number."""
        linked = (LinkState.LINKED, LinkState.ALREADY_LINKED)
        return Counter(str(one.journal_number) for one in self.links if one.outcome in linked)

    @property
    def is_declined(self) -> bool:
        """True when a person was asked before posting and did not say yes."""
        return self.stopped_by is not None and self.stopped_by.code == "declined"

    def rows_by_status(self) -> dict[Status, int]:
        """The same in rows of the sheets; the values add up to the rows read."""
        counts = dict.fromkeys(Status, 0)
        for document in self.documents:
            counts[document.status] += len(document.rows)
        return counts


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list of runs shows of a result: the company's name (None: it was not known), and how many documents are in
    each state. `is_declined`: a person was asked before posting and has not said yes. `workbooks` are the first paths,
    `further` how many more there are; `periods` those of the journals; `posted` the debits by currency of the journals
    that are in the ledger (None: not known); `corrects` the runs whose corrections were run; `service`
    is that of the result."""

    company: str | None
    is_declined: bool
    documents: Mapping[Status, int]
    workbooks: tuple[str, ...] = ()
    further: int = 0
    periods: tuple[str, ...] = ()
    posted: Mapping[str, Decimal] | None = None
    corrects: tuple[str, ...] = ()
    service: str = ""

    def with_posted(self, journals: int) -> "Summary":
        """The same when so many journals have been posted since."""
        since = {Status.READY: -journals, Status.POSTED: journals}
        documents = {status: self.documents[status] + since.get(status, 0) for status in Status}
        return replace(self, documents=documents, posted=None if journals else self.posted)
