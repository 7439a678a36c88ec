"""Rows of anything the services offer, past runs and the findings of an audit as tables: CSV, JSON or xlsx."""

import csv
import io
import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from importer.model.problems import file_name, spans
from importer.model.results import Result, Status, Summary
from importer.printable import as_argument, printable, shortened
from importer.report.sentences import amount_text, count_text, difference_text, said, status_words
from importer.translations import Language
from importer.xlsx.writer import open_book

Value = str | int | Decimal | bool | date | datetime | list[Any] | dict[str, Any] | None

LONGEST_CELL = 32_000
"""Excel takes 32,767 characters and cuts longer texts in silence."""
MOST_DIGITS = 15
"""A number in Excel is a binary one: more digits than these would change."""

# CWE-1236 and OWASP "CSV Injection", the full-width forms included: some spreadsheets fold them.
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
_NO_NAME_OF_A_SHEET = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows; every row has a value for each heading. `name` is the sheet's name in a workbook, `members`
    are the headings' counterparts in JSON, which no language changes (empty: the headings themselves)."""

    name: str
    headings: tuple[str, ...]
    rows: Sequence[Sequence[Value]]
    members: tuple[str, ...] = ()

    def of_columns(self, places: Sequence[int]) -> "Table":
        """The same with these columns alone, in this order."""
        members = tuple(self.members[place] for place in places) if self.members else ()
        rows = [[row[place] for place in places] for row in self.rows]
        return Table(self.name, tuple(self.headings[place] for place in places), rows, members)


def to_csv(table: Table) -> str:
    """CSV with all texts quoted; a text that a spreadsheet would take for a formula begins with an apostrophe, and
    characters that no one sees are escaped. Numbers stand bare."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([harmless(heading) for heading in table.headings])
    writer.writerows([_csv_value(value) for value in row] for row in table.rows)
    return target.getvalue()


def _csv_value(value: Value) -> object:
    if isinstance(value, str):
        return harmless(value)
    if value is None or type(value) is int:
        return value
    if isinstance(value, Decimal):
        # Without exponent; csv leaves every number bare.
        return value if "E" not in str(value) else Decimal(format(value, "f"))
    return harmless(text_of(value))


@lru_cache(maxsize=10_000)
def harmless(text: str) -> str:
    """The text printable, and with an apostrophe before it where a spreadsheet would take it for a formula."""
    shown = printable(text)
    return f"'{shown}" if shown.startswith(_STARTS_A_FORMULA) else shown


def harmless_csv(content: bytes) -> bytes:
    """A service's CSV file (UTF-8 or Windows-1252) as it came, to the byte; only where a cell could be taken for a
    formula, or hides control characters, all is written anew in UTF-8 with those cells made harmless. Raises ValueError
    for what is no CSV."""
    body = content.removeprefix(BOM_UTF8)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode("cp1252")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise ValueError(str(error)) from error
    safe = [[cell if _NUMBER.fullmatch(cell) else harmless(cell) for cell in row] for row in rows]
    if safe == rows:
        return content
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\r\n").writerows(safe)
    return target.getvalue().encode()


def to_json(table: Table) -> str:
    """A list of objects, one a row; amounts are texts with their own digits, days are ISO. Nothing is lost, and what no
    one sees is escaped."""
    names = table.members or table.headings
    rows = [{name: _json_value(value) for name, value in zip(names, row, strict=True)} for row in table.rows]
    return json_text(rows)


def json_text(value: object) -> str:
    """JSON for people and scripts: indented, ended by a line break, only printable characters."""
    return printable_json(json.dumps(value, ensure_ascii=False, indent=1))


def printable_json(text: str) -> str:
    """Indented JSON, ended by a line break, with everything that is not printable escaped."""
    marks = (mark if mark.isprintable() or mark == "\n" else json.dumps(mark)[1:-1] for mark in text)
    return (text if text.replace("\n", "").isprintable() else "".join(marks)) + "\n"


def _json_value(value: Any) -> object:
    match value:
        case None | bool() | int():
            return value
        case dict():
            return {str(name): _json_value(one) for name, one in value.items()}
        case list():
            return [_json_value(one) for one in value]
        case _:
            return text_of(value)


def to_xlsx(table: Table) -> bytes:
    """A workbook of one sheet: texts as texts, amounts and days as such, headings frozen and filterable."""
    target = io.BytesIO()
    book = open_book(target)
    sheet = book.add_worksheet(name_of_sheet(table.name))
    formats: Mapping[str, object] = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "amount": book.add_format({"num_format": "#,##0.00"}),
        "number": book.add_format({"num_format": "#,##0.##########"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "text": book.add_format({"num_format": "@"}),
    }
    for index, heading in enumerate(table.headings):
        sheet.write_string(0, index, printable(heading), formats["head"])
        widest = max([len(heading), *(len(text_of(row[index])) for row in table.rows[:200])])
        sheet.set_column(index, index, min(widest + 2, 60))
    for number, row in enumerate(table.rows, start=1):
        for index, value in enumerate(row):
            _write(sheet, number, index, value, formats)
    if table.headings:
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(table.rows), 1), len(table.headings) - 1)
    book.close()
    return target.getvalue()


def name_of_sheet(text: str) -> str:
    """A text as Excel takes it for a sheet's name: 31 characters, some marks replaced, no apostrophe at the ends."""
    return _NO_NAME_OF_A_SHEET.sub(" ", printable(text))[:31].strip("' ") or "Sheet1"


def _write(sheet: Any, row: int, column: int, value: Value, formats: Mapping[str, object]) -> None:
    match value:
        case None:
            return
        case bool():
            sheet.write_boolean(row, column, value)
        case int() | Decimal() if len(Decimal(value).normalize().as_tuple().digits) <= MOST_DIGITS:
            exponent = value.as_tuple().exponent if isinstance(value, Decimal) else None
            is_long = isinstance(exponent, int) and exponent < -2
            shape = None if exponent is None else formats["number" if is_long else "amount"]
            sheet.write_number(row, column, value, shape)
        case date() if not isinstance(value, datetime) and value.year >= 1900:
            sheet.write_datetime(row, column, value, formats["day"])
        case _:
            sheet.write_string(row, column, shortened(printable(text_of(value)), LONGEST_CELL), formats["text"])


def text_of(value: Value) -> str:
    """A value as text: amounts with their own digits, days in ISO, what is nested as JSON."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case Decimal():
            return format(value, "f")
        case datetime() | date():
            return value.isoformat()
        case list() | dict():
            return json.dumps(_json_value(value), ensure_ascii=False)
        case _:
            return str(value)


OPEN = (Status.UNKNOWN, Status.NOT_SENT)
"""The states that `importer resume` may still change."""

RunFacts = tuple[str, datetime, str, str, int | None, Summary | None, str]
"""A run: its name, start, the person, the company's key, exit code (None: it did not say), what is kept of it, and the
run of its corrections."""


def table_of_runs(runs: Iterable[RunFacts], language: Language) -> Table:
    """The history, a run a row: what a person knows a run by and what came of it before the rest."""
    members = (
        *("run", "workbook", "period", "amount", "outcome", "corrections", "started", "by", "company"),
        *("state", "documents", "posted", "open", "service"),
    )
    rows = []
    for name, started, by, company, exit_code, summary, corrections in runs:
        about = summary or Summary(None, False, {})
        workbooks = ", ".join(file_name(path) for path in about.workbooks)
        workbooks += f" (+{about.further})" if about.further else ""
        periods, posted = about.periods or ("",), about.posted or {}
        counts, is_cut = about.documents, exit_code is None
        ended = "declined" if about.is_declined else "interrupted" if is_cut else None
        open_ = (*OPEN, *((Status.READY,) if is_cut else ()))
        numbers = (
            sum(counts[one] for one in states) if counts else None
            for states in (Status, (Status.POSTED, Status.ALREADY_POSTED), open_)
        )
        rows.append(
            (
                *(name, workbooks, "–".join(dict.fromkeys((periods[0], periods[-1])))),
                ", ".join(f"{amount_text(amount, language)} {currency}".strip() for currency, amount in posted.items()),
                *(outcome_words(counts, ended, language), corrections, f"{started:%Y-%m-%d %H:%M}", by),
                company if about.company is None else f"{about.company} ({company})",
                str(exit_code) if ended is None else said(language, f"runs.{ended}"),
                *(*numbers, about.service),
            )
        )
    return Table("runs", tuple(said(language, f"runs.{member}") for member in members), rows, members)


def runs_for_a_person(table: Table) -> Table:
    """A table of runs without the columns that count what the outcome says; the service is named where there are
    several."""
    services = {row[-1] for row in table.rows} - {""}
    return table.of_columns([*_FOR_A_PERSON, *([len(table.headings) - 1] if len(services) > 1 else [])])


_FOR_A_PERSON = (0, 1, 4, 2, 3, 5, 6, 7, 8)
"""The columns of a table of runs that are for a person; on a narrow terminal the outcome stands before period and
amount, which need not fit."""


_IN_ORDER = (
    *(Status.UNKNOWN, Status.POSTED, Status.ALREADY_POSTED, Status.REFUSED, Status.INVALID, Status.NOT_SENT),
    Status.READY,
)


def outcome_words(counts: Mapping[Status, int], ended: str | None, language: Language) -> str:
    """What came of a run's documents in words, such as `38 posted, 3 with errors`; `ended` is `declined`, `interrupted`
    or None."""
    parts = [] if ended is None else [said(language, f"runs.{ended}")]
    for status in _IN_ORDER:
        if count := counts.get(status):
            parts.append(said(language, f"files.outcome.{status.value}", count=count_text(count, language)))
    return ", ".join(parts) or said(language, "files.outcome.nothing")


def table_of_documents(result: Result, language: Language) -> Table:
    """Every document of a run and where it went."""
    members = ("document", "status", "number", "voucher", "amount", "period", "file", "rows")
    rows = [
        (
            *(one.key, status_words(one.status, language, [one]), one.journal_number, one.voucher_number),
            *(one.debit, one.period, one.file, f"{one.sheet}: {spans(one.rows)}"),
        )
        for one in result.documents
    ]
    return Table("documents", tuple(said(language, f"runs.{member}") for member in members), rows, members)


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """A finding of an audit: `numbers` are the other journals that it is about, `reverse` those that are too many,
    `changes` the differences (line from 1 or None, field, sent, found)."""

    fault: str
    number: str
    run: str
    key: str
    file: str
    period: str
    numbers: Sequence[int]
    reverse: Sequence[int]
    changes: Sequence[tuple[int | None, str, str, str]]


def table_of_findings(findings: Iterable[FindingFacts], language: Language, *, on_a_terminal: bool = False) -> Table:
    """What an audit found, a fault a row: each fact in a column of its own, or, with nothing left out, in five columns
    that fit on a terminal of 100."""
    about = ("number", "finding", "next_step", "document", "period")
    members = about if on_a_terminal else (*about, "run", "file", "fault", "numbers")
    rows: list[Sequence[Value]] = []
    for one in findings:
        finding = _finding(one, language)
        if on_a_terminal:
            rows.append((*finding, f"{file_name(one.file)}: {one.key} ({one.run})", one.period))
        else:
            rows.append((*finding, one.key, one.period, one.run, one.file, one.fault, list(one.numbers)))
    own = {"finding", "next_step", "fault", "numbers"}
    headings = (said(language, f"{'audit' if name in own else 'runs'}.{name}") for name in members)
    return Table("audit", tuple(headings), rows, members)


def _finding(one: FindingFacts, language: Language) -> tuple[str | None, str, str]:
    """A finding's journal number, what it is and what to do."""
    numbers = ", ".join(map(str, one.numbers))
    changes = "; ".join(difference_text(*change, language) for change in one.changes)
    facts = {"run": one.run, "key": as_argument(one.key), "number": one.number, "numbers": numbers}
    first, reverse = str(one.numbers[0]) if one.numbers else "", " ".join(map(str, one.reverse))
    what = said(language, f"audit.{one.fault}", numbers=numbers, difference=changes)
    return one.number or None, what, said(language, f"audit.next.{one.fault}", **facts, first=first, reverse=reverse)
