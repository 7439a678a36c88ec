"""Runs in the store: who started them, when, why, what came of them, and the evidence of what was done to records and
of linked files: the service lists none, so what is not kept here is lost. Each is written down before a byte leaves."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from importer.errors import SetupError
from importer.files import extension_of
from importer.model.postings import FileLink, LinkedFile, LinkState, Reason
from importer.model.problems import names_of
from importer.model.results import EXACT, CellsOfRow, Result, Status, Summary
from importer.store.database import Database, from_row, storable
from importer.store.journal_rows import IS_DECLINED, IS_PLANNED_ANEW

_Cells = list[tuple[str, str, int, CellsOfRow]]


def text_of_result(result: Result) -> str:
    """The whole result as JSON in ASCII: a file's name may hold what UTF-8 cannot."""
    cells = [(*place, row) for place, row in result.cells.items()]
    return json.dumps({"result": _plain(replace(result, cells={})), "cells": _plain(cells)})


def result_from_text(text: str) -> Result:
    """What `text_of_result` has written. Members that a newer program added stand at their defaults."""
    kept = json.loads(text)
    cells = msgspec.convert(kept["cells"], _Cells)
    result = msgspec.convert(kept["result"], Result)
    return replace(result, cells={(file, sheet, row): found for file, sheet, row, found in cells})


MOST_NAMED = 3
"""So many workbooks and periods a summary names."""


def text_of_summary(result: Result) -> str:
    """What a list of runs shows of a result, as JSON."""
    counts = result.documents_by_status()
    names = [file.path for file in result.files]
    in_ledger = [one for one in result.documents if one.status in (Status.POSTED, Status.ALREADY_POSTED)]
    posted: dict[str, Decimal] = {}
    for one in in_ledger:
        if one.debit is not None:
            posted[one.currency or ""] = EXACT.add(posted.get(one.currency or "", Decimal(0)), one.debit)
    summary = Summary(
        company=None if result.company is None else result.company.name,
        is_declined=result.is_declined,
        documents={status: count for status, count in counts.items() if count},
        workbooks=tuple(names[:MOST_NAMED]),
        further=len(names[MOST_NAMED:]),
        periods=tuple(sorted({one.period for one in result.documents if one.period}))[: MOST_NAMED + 1],
        posted=posted,
        corrects=tuple(dict.fromkeys(file.corrects for file in result.files if file.corrects)),
        service=result.service,
    )
    return json.dumps(_plain(summary))


def summary_from_text(text: str) -> Summary:
    """The summary that `text_of_summary` has written."""
    summary = msgspec.convert(json.loads(text), Summary)
    return replace(summary, documents={status: summary.documents.get(status, 0) for status in Status})


def _plain(value: object) -> Any:
    return msgspec.to_builtins(value, enc_hook=_text)


def _text(value: object) -> str:
    """A text of a type of its own, such as a period, is kept as a text."""
    if isinstance(value, str):
        return str(value)
    raise TypeError(type(value).__name__)


@dataclass(frozen=True, slots=True)
class RecordWritten:
    """A change of a record: `state` is `sending` before it leaves, afterwards how it ended; `at` is UTC."""

    kind: str
    key: str
    action: str
    at: datetime
    state: str
    answer: str = ""


def keep_record_write(database: Database, run: str, written: RecordWritten) -> None:
    """Records a change of a record in a run, durably. Raises SetupError when the store cannot be written."""
    database.write(
        "INSERT INTO record_writes (run, kind, key, action, at, state, answer) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (run, written.kind, written.key, written.action, written.at.isoformat(), written.state, written.answer),
    )


def record_writes_of(database: Database, run: str) -> list[RecordWritten]:
    """What a run did to records, in order."""
    rows = database.rows("SELECT * FROM record_writes WHERE run = ? ORDER BY rowid", (run,))
    return [from_row(RecordWritten, row) for row in rows]


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run as the store has it; `finished_at` and `exit_code` are None while it goes on, or when it was interrupted
    so hard that it could not say. `is_declined`: a person was asked before posting and has not said yes. `result` is
    None for runs of older programs, and those that planned nothing; `installation` is `""` for runs of older programs
    and for practice."""

    run: str
    company: str
    by: str
    started_at: datetime
    finished_at: datetime | None
    exit_code: int | None
    reason: str
    is_declined: bool
    result: Result | None
    installation: str = ""


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run as a list shows it: the members of `KeptRun`, with a summary instead of the result. That of a run that was
    cut off tells what the store knows of its journals by now. `corrected_by` is the newest run that ran its
    corrections, `""` without one."""

    run: str
    company: str
    by: str
    started_at: datetime
    exit_code: int | None
    summary: Summary | None
    corrected_by: str = ""


def start_run(
    database: Database,
    run: str,
    company: str,
    tax_id: str,
    by: str,
    at: datetime,
    is_practice: bool = False,
    reason: str = "",
    installation: str = "",
) -> None:
    """Records that the run begins, before anything is planned in it: `company` is the key of its fingerprints,
    `tax_id` its RFC (`""`: not known), `installation` tells which ledger of that company (`store.installations`), `by`
    is the person, `at` the time (UTC); `reason` is why equal journals are posted again on purpose, `""` when they are
    not.

    Raises SetupError when the store knows that company of this installation, or of an older program, under another tax
    id: two services may number alike.
    """
    with database.transaction(company) as connection:
        other = connection.execute(
            "SELECT tax_id FROM runs WHERE company = ? AND installation IN (?, '')"
            " AND tax_id <> '' AND ? <> '' AND tax_id <> ? LIMIT 1",
            (company, installation, tax_id, tax_id),
        ).fetchone()
        if other is not None:
            raise SetupError("store-other-company", store=database.name, known=other["tax_id"], given=tax_id)
        connection.execute(
            "INSERT INTO runs (run, company, tax_id, started_by, started_at, is_practice, reason, installation)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run) DO NOTHING",
            (run, company, tax_id, by, at.isoformat(), is_practice, reason, installation),
        )


def keep_result(database: Database, result: Result) -> None:
    """Keeps a run's result as it stands, so that it can be finished or shown again."""
    kept = (text_of_result(result), text_of_summary(result), result.run)
    database.write("UPDATE runs SET kept = ?, summary = ? WHERE run = ?", kept)


def keep_decision(database: Database, run: str, *, is_declined: bool, stay_behind: Collection[int] = ()) -> None:
    """Records the answer to the question before posting of a run: `is_declined` until the person says yes;
    `stay_behind` are the positions of the journals that a yes leaves out."""
    with database.transaction() as connection:
        connection.execute("UPDATE runs SET is_declined = ? WHERE run = ?", (is_declined, run))
        connection.execute("UPDATE appearances SET is_declined = FALSE WHERE run = ? AND is_declined", (run,))
        connection.executemany(
            "UPDATE appearances SET is_declined = TRUE WHERE run = ? AND position = ?",
            [(run, position) for position in stay_behind],
        )


def finish_run(database: Database, result: Result, document: Mapping[str, object]) -> None:
    """Records the end of a run: its `result`, and the JSON `document` made of it. Raises SetupError (`store-gone`) when
    the store does not know the run."""
    changed = database.write(
        "UPDATE runs SET finished_at = ?, exit_code = ?, result = ?, kept = ?, summary = ? WHERE run = ?",
        (
            *(result.finished_at.isoformat(), result.exit_code, json.dumps(document), text_of_result(result)),
            *(text_of_summary(result), result.run),
        ),
    )
    if changed != 1:
        raise SetupError("store-gone", store=database.name, run=result.run)


_RUNS = (
    "SELECT run, company, installation, started_by, started_at, finished_at, exit_code, reason, is_declined, kept"
    " FROM runs"
)

_LISTED = (
    "SELECT run, company, started_by, started_at, exit_code, is_declined, summary,"
    " CASE WHEN finished_at IS NULL THEN (SELECT COUNT(*) FROM appearances AS a"
    "  JOIN journals ON journals.id = a.journal WHERE a.run = runs.run AND state = 'posted') END AS posted"
    " FROM runs ORDER BY started_at DESC, run DESC LIMIT ? OFFSET ?"
)
"""All of `runs` stands in the index `runs_listed`: a table's row is read through its long texts."""

_CORRECTING = """SELECT run, summary FROM runs WHERE summary LIKE '%"corrects": [\"%' ORDER BY started_at, run"""
_OF_TODAY = '"workbooks"'
"""A member that the summaries of older programs lack."""

ALL = 2**31 - 1
"""Runs in a list: without a limit."""


def count_of_runs(database: Database) -> int:
    """How many runs the store knows."""
    return int(database.row("SELECT COUNT(*) FROM runs")[0])


def runs_in(database: Database, most: int = ALL, after: int = 0) -> list[ListedRun]:
    """The runs, the newest first: at most `most`, without the first `after`. Results are not read, except once those of
    older programs, which kept no summary or a shorter one."""
    rows = database.rows(_LISTED, (most, after))
    if _summarise(database, [row["run"] for row in rows if _OF_TODAY not in (row["summary"] or "")]):
        rows = database.rows(_LISTED, (most, after))
    correcting: dict[str, str] = {}
    for run, summary in database.rows(_CORRECTING):
        correcting |= dict.fromkeys(summary_from_text(summary).corrects, run)
    return [_listed(row, correcting) for row in rows]


def _summarise(database: Database, runs: Iterable[str]) -> bool:
    made = []
    for run in runs:  # one at a time: all of them would not fit into memory
        (kept,) = database.row("SELECT kept FROM runs WHERE run = ?", (run,))
        if kept is not None:
            made.append((text_of_summary(result_from_text(kept)), run))
    if made:
        with database.transaction() as connection:
            connection.executemany("UPDATE runs SET summary = ? WHERE run = ?", made)
    return bool(made)


def find_run(database: Database, name: str) -> KeptRun:
    """The run of that name, or whose name alone begins so. Raises SetupError when there is none, or several."""
    names = [run for (run,) in database.rows("SELECT run FROM runs WHERE substr(run, 1, ?) = ?", (len(name), name))]
    found = [name] if name in names else names
    if len(found) != 1:
        raise SetupError("no-such-run", run=name, store=database.name)
    return _kept(database.row(_RUNS + " WHERE run = ?", found))


def runs_with(database: Database, names: Sequence[str]) -> list[str]:
    """The runs that have a journal of each of the `names` (`model.problems.names_of`), the newest first; of several
    with the same journals only the newest."""
    rows = database.rows(
        "SELECT a.run, journal, a.document_key, a.file, a.sheet FROM appearances AS a JOIN runs ON runs.run = a.run"
        " ORDER BY started_at DESC, a.run DESC"
    )
    found: dict[str, dict[str, set[int]]] = {}
    for row in rows:
        for name in set(names).intersection(names_of(row["document_key"], row["file"], row["sheet"])):
            found.setdefault(row["run"], {}).setdefault(name, set()).add(row["journal"])
    whole = {run: journals for run, journals in found.items() if len(journals) == len(set(names))}
    newest: list[str] = []
    for run, journals in whole.items():
        if all(whole[other] != journals for other in newest):
            newest.append(run)
    return newest


def is_in_doubt(database: Database, run: str) -> bool:
    """True when journals that a run has sent have no certain answer."""
    in_doubt = "SELECT 1 FROM journals WHERE run = ? AND state IN ('sending', 'unknown') LIMIT 1"
    return database.row(in_doubt, (run,)) is not None


def newest_unfinished(database: Database) -> KeptRun | None:
    """The newest run that was cut off, or that stopped and has left journals unknown or not sent; None when there is
    none. What a person has said no to is not left: a run that was declined is over, unless it has journals in doubt.
    Nor is what an older program has planned and a later run has planned anew."""
    row = database.row(
        _RUNS + " WHERE kept IS NOT NULL AND (finished_at IS NULL OR exit_code IN (3, 4, 130))"
        " AND EXISTS (SELECT 1 FROM appearances AS a JOIN journals ON journals.id = a.journal"
        "   WHERE a.run = runs.run AND (state IN ('sending', 'unknown') OR NOT runs.is_declined"
        f"    AND (state = 'planned' OR finished_at IS NULL) AND NOT ({IS_DECLINED}) AND NOT ({IS_PLANNED_ANEW})))"
        " ORDER BY started_at DESC, run DESC LIMIT 1"
    )
    return None if row is None else _kept(row)


def _listed(row: Any, correcting: Mapping[str, str]) -> ListedRun:
    summary = None if row["summary"] is None else summary_from_text(row["summary"])
    if summary is not None and row["posted"] is not None:
        summary = replace(summary, is_declined=bool(row["is_declined"])).with_posted(int(row["posted"]))
    by, corrected_by = row["started_by"], correcting.get(row["run"], "")
    return from_row(ListedRun, row, by=by, summary=summary, corrected_by=corrected_by)


def _kept(row: Any) -> KeptRun:
    result = None if row["kept"] is None else result_from_text(row["kept"])
    return from_row(KeptRun, row, by=row["started_by"], result=result)


_OF_LEDGER = """company = :company AND journal_number = :journal AND (installation = :installation
    OR installation = '' AND NOT EXISTS (
        SELECT 1 FROM journals AS ours LEFT JOIN journals AS older ON older.id = ours.copy_of
        WHERE ours.company = :company AND ours.installation = :installation AND ours.attempts > 0
        AND ours.journal_number = CAST(:journal AS TEXT) AND ours.state NOT IN ('gone', 'dropped')
        AND (older.journal_number IS NULL OR older.journal_number <> ours.journal_number)))"""
"""What older programs linked belongs to any ledger of that company number, but not to a journal that was sent since: it
has the number by chance."""
_SAME = f"{_OF_LEDGER} AND COALESCE(line, 0) = :line AND sha256 = :sha256"


class LinkedFileStore:
    """The linked files of one ledger (`company` is the key of the fingerprints, `installation` tells which ledger of
    that company, `store.installations`), as seen by a run (None: a command)."""

    def __init__(self, database: Database, company: str, run: str | None = None, installation: str = "") -> None:
        self._database = database
        self._company = company
        self._installation = installation
        self._run = run

    def claim(self, wanted: FileLink, sha256: str, at: datetime, *, again: bool = False) -> int | LinkedFile:
        """Marks a file as `sending`, durably, and gives its id; or, unless it is to be linked `again`, the file of the
        same content that this journal and line has, or may have, already. `sha256` is the hash of the file as it was
        read, `at` the time (UTC). One commit."""
        same = {**self._of(wanted.journal_number), "line": wanted.line or 0, "sha256": sha256}
        file = Path(wanted.file)
        with self._database.transaction(self._company) as connection:
            known = connection.execute(
                f"SELECT * FROM linked_files WHERE {_SAME} AND state IN ('sending', 'linked', 'unknown')"
                " ORDER BY id DESC LIMIT 1",
                same,
            ).fetchone()
            if known is not None and not again:
                return _linked_file(known)
            next_copy = f"SELECT COALESCE(MAX(copy), 0) + 1 FROM linked_files WHERE {_SAME}"
            (copy,) = connection.execute(next_copy, same).fetchone()
            added = connection.execute(
                "INSERT INTO linked_files (company, installation, journal_number, line, name, extension, sha256, copy,"
                " run, state, sent_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'sending', ?) RETURNING id",
                (
                    *(self._company, self._installation, wanted.journal_number, wanted.line, storable(file.name)),
                    *(extension_of(file), sha256, copy, self._run, at.isoformat()),
                ),
            ).fetchone()
        return int(added["id"])

    def record(
        self, id_: int, state: LinkState, at: datetime, file_key: str | None = None, reason: Reason | None = None
    ) -> None:
        """Records how the sending of the file `id_` ended, at the time `at` (UTC): `state` is LINKED, with the
        service's `file_key`, or REFUSED or UNKNOWN, with the `reason`. One commit."""
        # In ASCII, so that it can be told in another language later, whatever the service has answered.
        answer = "" if reason is None else json.dumps([reason[0], dict(reason[1])])
        self._database.write(
            "UPDATE linked_files SET state = ?, ended_at = ?, file_key = ?, answer = ? WHERE id = ?",
            (state, at.isoformat(), file_key, answer, id_),
        )

    def mark_removed(self, id_: int, at: datetime) -> None:
        """Records that the service has removed the file, at the time `at` (UTC). One commit."""
        removed = "UPDATE linked_files SET state = 'removed', removed_at = ? WHERE id = ?"
        self._database.write(removed, (at.isoformat(), id_))

    def of_journal(self, journal_number: int) -> list[LinkedFile]:
        """Everything that was ever sent to be linked to a journal, in the order in which it was sent."""
        of_journal = f"SELECT * FROM linked_files WHERE {_OF_LEDGER} ORDER BY id"
        return [_linked_file(row) for row in self._database.rows(of_journal, self._of(journal_number))]

    def _of(self, journal_number: int) -> dict[str, str | int]:
        return {"company": self._company, "installation": self._installation, "journal": journal_number}


def _linked_file(row: Any) -> LinkedFile:
    return from_row(LinkedFile, row, reason=json.loads(row["answer"] or "null"))
