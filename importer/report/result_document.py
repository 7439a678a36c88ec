"""The result document `importer.result/1`: what scripts read."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from importer.model.postings import FileLink
from importer.model.problems import ORIGIN_OF, Problem, Severity
from importer.model.results import (
    ApprovalGiven,
    Document,
    Evidence,
    LineMoney,
    Result,
    SheetRead,
    StampsOfMonth,
    Status,
    Stop,
)
from importer.printable import printable
from importer.report.figures import MoneyGroup, money_of
from importer.report.sentences import message, stop_reason, utc
from importer.translations import Language

SCHEMA = "importer.result/1"

_UNSHOWN = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff]")
_SEVERITIES = {True: Severity.ERROR.value, False: Severity.WARNING.value}


@lru_cache(maxsize=1)
def result_text(result: Result, language: Language) -> str:
    """The result's document as one line of JSON (`to_json`)."""
    return to_json(result_document(result, language))


@lru_cache(maxsize=1)
def result_document(result: Result, language: Language) -> Mapping[str, object]:
    """The result as plain values, in the documented order of members; `language` is that of the messages. The newest
    one is remembered, as its text is: page, files, store and standard output have the same."""
    company = result.company
    return {
        "schema": SCHEMA,
        "run": result.run,
        "mode": result.mode.value,
        "sandbox": result.sandbox,
        "company": None if company is None else {"id": company.id, "name": company.name},
        "started_at": _moment(result.started_at),
        "finished_at": _moment(result.finished_at),
        "exit_code": result.exit_code,
        "files": [
            {"path": file.path, "sha256": file.sha256, "sheets": [_sheet(sheet) for sheet in file.sheets]}
            for file in result.files
        ],
        "totals": {
            "rows": sum(result.rows_by_status().values()),
            "documents": len(result.documents),
            **_states(result.documents_by_status()),
        },
        "row_totals": _states(result.rows_by_status()),
        "money": [_money_group(group) for group in money_of(result)],
        "documents": [_document(document) for document in result.documents],
        "problems": [_problem(problem, language) for problem in result.problems],
        "stopped_by": None if result.stopped_by is None else _stop(result.stopped_by, language),
        "report": result.report,
        "corrections": list(result.corrections),
        "links": [_link(linked) for linked in result.links],
        "vouchers": [
            {"journal_number": str(one.journal_number), "outcome": one.outcome.value, "file": one.file}
            for one in result.vouchers
        ],
        "stamps": None if result.stamps is None else _stamps(result.stamps),
        "approval": None if result.approval is None else _approval(result.approval),
        "evidence": None if result.evidence is None else _evidence(result.evidence),
    }


def _evidence(evidence: Evidence) -> dict[str, object]:
    requests = [
        {
            "operation": one.operation,
            "outcome": one.outcome,
            "began_at": _moment(one.began_at, "milliseconds"),
            "ended_at": _moment(one.ended_at, "milliseconds"),
            "count": one.count,
        }
        for one in evidence.requests
    ]
    return {
        "version": evidence.version,
        "settings": dict(evidence.settings),
        "lists_at": None if evidence.lists_at is None else _moment(evidence.lists_at),
        "requests": requests,
    }


def _approval(given: ApprovalGiven) -> dict[str, object]:
    people = [{"person": person, "at": _moment(at), "words": words} for person, at, words in given.people]
    return {"request": given.request, "policy": given.policy, "approved_by": people}


def to_json(document: Mapping[str, object]) -> str:
    """The document as one line of JSON in its own order, with a newline at its end.

    Text stays as it is, except that invisible characters are written as JSON escapes (a terminal that shows
    the document obeys none of them) and lone surrogates, which UTF-8 cannot hold, as the readable text
    `\\udce9`.
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    # Most documents have none, and this is told ten times as fast.
    return (text if text.isprintable() else _UNSHOWN.sub(_shown, text)) + "\n"


def _shown(mark: re.Match[str]) -> str:
    is_unpaired = "\ud800" <= mark[0] <= "\udfff"
    return ("\\" if is_unpaired else "") + printable(mark[0])


def _money_group(group: MoneyGroup) -> dict[str, object]:
    states = {state: _money(money) for state, money in group.parts.items()}
    return {"currency": group.currency, "period": group.period, **states, "workbook": _money(group.workbook)}


def _money(money: LineMoney) -> dict[str, object]:
    return {
        "lines": money.lines,
        "debit": _exactly(money.debit),
        "credit": _exactly(money.credit),
        "no_side": _exactly(money.no_side),
        "unreadable": money.unreadable,
        "blank": money.blank,
    }


def _exactly(value: Decimal) -> str:
    text = _amount(value)
    return text if text is not None and Decimal(text) == value else format(value, "f")


def _states(counts: dict[Status, int]) -> dict[str, int]:
    return {status.value: counts[status] for status in Status}


def _moment(moment: datetime, unit: str = "seconds") -> str:
    return utc(moment).replace(tzinfo=None).isoformat(timespec=unit) + "Z"


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _sheet(sheet: SheetRead) -> dict[str, object]:
    use = sheet.mapping
    mapping = None if use is None else {"name": use.name, "sha256": use.sha256}
    return {"name": sheet.name, "kind": sheet.kind, "rows": sheet.rows, "mapping": mapping}


def _document(document: Document) -> dict[str, object]:
    return {
        "kind": document.kind,
        "key": document.key,
        "file": document.file,
        "sheet": document.sheet,
        "rows": list(document.rows),
        "status": document.status.value,
        "journal_number": document.journal_number,
        "voucher_number": document.voucher_number,
        "debit": _amount(document.debit),
        "credit": _amount(document.credit),
        "currency": document.currency,
        "period": document.period,
        "journal_type": document.journal_type,
        "attempts": document.attempts,
        "recovered": document.recovered,
        "verified": document.verified,
        "action": document.action,
        "changes": [
            {"field": change.field, "before": change.before, "after": change.after} for change in document.changes
        ],
    }


def _stop(stop: Stop, language: Language) -> dict[str, object]:
    return {"code": stop.code, "message": stop_reason(stop, language), "try_again": stop.try_again}


def _link(linked: FileLink) -> dict[str, object]:
    return {
        "file": linked.file,
        "journal_number": str(linked.journal_number),
        "line": linked.line,
        "outcome": linked.outcome.value,
        "file_key": linked.file_key,
    }


def _stamps(stamps: StampsOfMonth) -> dict[str, object]:
    by_day = {day.isoformat(): used for day, used in stamps.by_day}
    return {"month": stamps.month, "transactions": stamps.transactions, "by_day": by_day}


def _problem(problem: Problem, language: Language) -> dict[str, object]:
    place = problem.place
    return {
        "code": problem.code,
        "severity": _SEVERITIES[problem.blocks],
        "origin": ORIGIN_OF[problem.code],
        "file": place.file or None,
        "sheet": place.sheet,
        "row": place.row,
        "column": place.column,
        "cell": place.cell,
        "field": place.field,
        "document": problem.document,
        "value": problem.value,
        "message": message(problem, language),
        "suggestion": problem.suggestion,
        "answer": problem.facts.get("answer") or None,
    }
