"""Past runs, and what an audit found, as tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from importer.language import Language
from importer.model.places import spans
from importer.model.results import Document, Result, Status, Summary
from importer.report.tables import Table, Value
from importer.report.wording import as_argument, difference_text, said, status_words

OPEN = (Status.UNKNOWN, Status.NOT_SENT)
"""The states that `importer resume` may still change."""

RunFacts = tuple[str, datetime, str, str, int | None, Summary | None]
"""A run: its name, start, the person, the company's key, exit code (None: it did not say), and what is kept of it."""


def table_of_runs(runs: Iterable[RunFacts], language: Language) -> Table:
    """The history, a run a row."""
    members = ("run", "started", "by", "company", "state", "documents", "posted", "open")
    rows = []
    for name, started, by, company, exit_code, summary in runs:
        counts = summary.documents if summary is not None else {}
        documents = sum(counts.values()) if counts else None
        posted = counts[Status.POSTED] + counts[Status.ALREADY_POSTED] if counts else None
        is_cut = exit_code is None
        ended = "declined" if summary is not None and summary.is_declined else "interrupted" if is_cut else None
        open_ = None if not counts else sum(counts[one] for one in (*OPEN, *((Status.READY,) if is_cut else ())))
        state = str(exit_code) if ended is None else said(language, f"runs.{ended}")
        shown = company if summary is None or summary.company is None else f"{summary.company} ({company})"
        rows.append((name, f"{started:%Y-%m-%d %H:%M}", by, shown, state, documents, posted, open_))
    return Table("runs", tuple(said(language, f"runs.{member}") for member in members), rows, members)


def table_of_documents(result: Result, language: Language) -> Table:
    """Every document of a run and where it went."""
    members = ("document", "status", "number", "voucher", "amount", "period", "file", "rows")
    rows = [_row(document, language) for document in result.documents]
    return Table("documents", tuple(said(language, f"runs.{member}") for member in members), rows, members)


def _row(document: Document, language: Language) -> tuple[str | Decimal | None, ...]:
    return (
        document.key,
        status_words(document.status, language),
        document.journal_number,
        document.voucher_number,
        document.debit,
        document.period,
        document.file,
        f"{document.sheet}: {spans(document.rows)}",
    )


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


def table_of_findings(findings: Iterable[FindingFacts], language: Language) -> Table:
    """What an audit found, a fault a row, each fact in a column of its own: for programs."""
    members = ("number", "finding", "next_step", "document", "period", "run", "file", "fault", "numbers")
    rows: list[tuple[Value, ...]] = [
        (
            *(one.number or None, _what(one, language), _next_step(one, language), one.key, one.period, one.run),
            *(one.file, one.fault, list(one.numbers)),
        )
        for one in findings
    ]
    return Table("audit", tuple(said(language, _heading(name)) for name in members), rows, members)


def findings_on_a_terminal(findings: Iterable[FindingFacts], language: Language) -> Table:
    """The same in five columns that fit on a terminal of 100: nothing is left out."""
    members = ("number", "finding", "next_step", "document", "period")
    rows = [
        (
            *(one.number or None, _what(one, language), _next_step(one, language)),
            *(f"{Path(one.file).name}: {one.key} ({one.run})", one.period),
        )
        for one in findings
    ]
    return Table("audit", tuple(said(language, _heading(name)) for name in members), rows, members)


def _heading(member: str) -> str:
    return f"audit.{member}" if member in ("finding", "next_step", "fault", "numbers") else f"runs.{member}"


def _what(one: FindingFacts, language: Language) -> str:
    changes = "; ".join(difference_text(*change, language) for change in one.changes)
    return said(language, f"audit.{one.fault}", numbers=_listed(one.numbers), difference=changes)


def _next_step(one: FindingFacts, language: Language) -> str:
    facts = {"run": one.run, "key": as_argument(one.key), "number": one.number, "numbers": _listed(one.numbers)}
    first = str(one.numbers[0]) if one.numbers else ""
    reverse = " ".join(map(str, one.reverse))
    return said(language, f"audit.next.{one.fault}", **facts, first=first, reverse=reverse)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
