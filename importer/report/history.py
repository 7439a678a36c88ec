"""Past runs, and what an audit found, as tables."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from importer.language import Language
from importer.model.places import spans
from importer.model.results import Document, Result, Status, Summary
from importer.report.tables import Table
from importer.report.wording import column_label, said, status_words

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


FindingFacts = tuple[str, str, str, str, str, str, Sequence[int], Sequence[tuple[str, str, str]]]
"""A finding: fault, journal number, run, key, file, period, other numbers, differences (field, sent, found)."""


def table_of_findings(findings: Iterable[FindingFacts], language: Language) -> Table:
    """What an audit found, a fault a row."""
    members = ("number", "finding", "document", "period", "run", "file")
    rows = []
    for fault, number, run, key, file, period, numbers, changed in findings:
        told = "; ".join(_told(one, language) for one in changed)
        what = said(language, f"audit.{fault}", numbers=", ".join(map(str, numbers)), difference=told)
        rows.append((number, what, key, period, run, file))
    headings = [said(language, f"audit.{name}" if name == "finding" else f"runs.{name}") for name in members]
    return Table("audit", tuple(headings), rows, members)


def _told(difference: tuple[str, str, str], language: Language) -> str:
    field, sent, found = difference
    return f"{column_label(field, language)} {sent or '–'} → {found or '–'}"
