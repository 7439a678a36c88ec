"""Journals as rows of the store: what is known of each (`journals`), and each time that one stood in a workbook
(`appearances`), with its rows as they were read, so that a run can be finished from the store alone; and how values
stand in the columns of both."""

import json
import os.path
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec

from importer.model.journals import Journal, Line
from importer.model.postings import (
    Absence,
    Appearance,
    Clocks,
    Entry,
    Known,
    StoredJournal,
    read_clocks,
)
from importer.model.problems import file_name
from importer.model.workbook import Corrects
from importer.store.database import Connection, Database, from_row, storable

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(tuple[Line, ...])

KNOWN = """
    SELECT id, state, payload_hash, attempts, run, occurrence, journal_number, voucher_number, doubts AS unknown_sends,
        denials, there_before AS preexisting_matches, accepted,
        COALESCE((SELECT reason FROM decisions WHERE journal = journals.id AND decision = 'drop'
            ORDER BY id DESC LIMIT 1), '') AS dropped_because,
        (SELECT MAX(in_doubt_since) FROM journals AS equals
            WHERE equals.company = journals.company AND equals.installation IN (journals.installation, '')
            AND equals.fingerprint = journals.fingerprint) AS in_doubt_since,
        (SELECT group_concat(doubt_clock, '\n') FROM journals AS equals
            WHERE equals.company = journals.company AND equals.installation IN (journals.installation, '')
            AND equals.fingerprint = journals.fingerprint AND in_doubt_since IS NOT NULL) AS doubted_at,
        absent_looks AS absence, doubt_clock AS sending_clocks,
        (SELECT sent_at FROM attempts WHERE journal = journals.id AND number = journals.attempts) AS sent_at,
        EXISTS (SELECT 1 FROM attempts WHERE journal = journals.id AND number = journals.attempts
            AND attempts.state = 'refused') AS was_refused,
        COALESCE((SELECT answer FROM attempts WHERE journal = journals.id AND number = journals.attempts), '') AS answer
    FROM journals
"""
STORED = """
    SELECT id, state, CASE WHEN accepted <> '' THEN accepted ELSE content END AS content,
        COALESCE(journal_number, '') AS journal_number, voucher_number, run,
        COALESCE((SELECT document_key FROM appearances AS a WHERE a.run = journals.run AND a.journal = journals.id
            ORDER BY position LIMIT 1), document_key) AS key, file, sheet
    FROM journals
"""

_NOBODY_LOOKED = "?"
"""In `preexisting_matches`, which otherwise has numbers with commas between them."""


def known_in(row: Mapping[str, Any]) -> Known:
    """What a row of `KNOWN` says."""
    doubted_at = (row["doubted_at"] or "").split("\n") if row["in_doubt_since"] else ()
    return from_row(
        Known,
        row,
        doubted_at=tuple(map(read_clocks, doubted_at)),
        absence=_absence(row["absence"]),
        sending_clocks=read_clocks(row["sending_clocks"]),
        preexisting_matches=_numbers(row["preexisting_matches"]),
    )


def text_of_clocks(clocks: Clocks | None) -> str:
    """A moment by other clocks, `""` for none."""
    return "" if clocks is None else clocks.as_text()


def text_of_absence(absence: Absence) -> str:
    """How far the settling of a journal in doubt has come."""
    return json.dumps([absence.looks, sorted(absence.alikes), absence.at.as_text()])


def _absence(text: str) -> Absence | None:
    if not text:
        return None
    looks, alikes, at = json.loads(text)
    clocks = read_clocks(at)
    return None if clocks is None else Absence(looks, frozenset(alikes), clocks)


def text_of_numbers(numbers: frozenset[int] | None) -> str:
    """The ledger's equal journals before a sending, None where nobody has looked for them."""
    return _NOBODY_LOOKED if numbers is None else ",".join(map(str, sorted(numbers)))


def _numbers(text: str) -> frozenset[int] | None:
    return None if text == _NOBODY_LOOKED else frozenset(map(int, filter(None, text.split(","))))


_SAME = (
    "same.company = journals.company AND same.fingerprint = journals.fingerprint"
    " AND same.occurrence = journals.occurrence"
)

IS_DECLINED = f"""
    journals.state IN ('planned', 'refused') AND EXISTS (
        SELECT 1 FROM journals AS same JOIN appearances AS theirs ON theirs.journal = same.id
        JOIN runs AS later ON later.run = theirs.run
        WHERE {_SAME} AND (same.id = journals.id OR journals.installation = '')
        AND (later.is_declined OR theirs.is_declined) AND later.started_at >= runs.started_at)
"""
"""True of the unsent journal of an appearance `a` when a person said no to it in its run (`runs`) or a later one."""

IS_PLANNED_ANEW = f"""
    journals.installation = '' AND EXISTS (SELECT 1 FROM journals AS same WHERE {_SAME} AND same.installation <> '')
"""
"""True of a journal of an older program that the store knows of an installation by now."""


def keep_appearances(
    connection: Connection, run: str, remembered: Iterable[tuple[Entry, int]], origin: str = ""
) -> None:
    """Records where journals stood in a run's workbooks, in the open transaction of the connection. `remembered` are
    the entries with their ids in the store; a position that is recorded again gets the new journal. `origin` is the
    path of the original when the run read a copy of it."""
    path_of = cache(lambda file: os.path.normcase(os.path.realpath(file)))  # one spelling on this machine
    connection.executemany(
        "INSERT INTO appearances (run, position, journal, document_key, file, sheet, payload_hash, lines, files, path,"
        " corrects_run, corrects_path) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (run, position) DO UPDATE SET journal = excluded.journal",
        (  # one at a time: their lines as texts are larger than the workbook
            (
                *(run, entry.position, id_, storable(entry.journal.key), storable(entry.journal.file)),
                *(storable(entry.journal.sheet), entry.payload_hash, _encoder.encode(entry.journal.lines).decode()),
                *(json.dumps(list(entry.files.items())), storable(origin or path_of(entry.journal.file))),
                *((storable(entry.origin.run), storable(entry.origin.path)) if entry.origin is not None else ("", "")),
            )
            for entry, id_ in remembered
        ),
    )


_ENTRIES = """
    SELECT position, a.document_key, a.file, a.sheet, a.payload_hash, lines, files, fingerprint, occurrence, content
    FROM appearances AS a JOIN journals ON journals.id = a.journal
"""


def appearances_of(database: Database, run: str) -> list[Entry]:
    """The journals of a run by the position of their documents, as they were read when it was planned."""
    with database.reading() as connection:
        rows = connection.execute(_ENTRIES + " WHERE a.run = ? ORDER BY position", (run,)).fetchall()
    return [_entry(row) for row in rows]


def entries_by_id(database: Database, ids: Iterable[int]) -> list[Entry]:
    """The journals with these ids, as they were read when they last stood in a workbook."""
    with database.reading() as connection:
        rows = [
            connection.execute(_ENTRIES + " WHERE a.journal = ? ORDER BY a.rowid DESC LIMIT 1", (id_,)).fetchone()
            for id_ in ids
        ]
    return [_entry(row) for row in rows if row is not None]


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        journal=Journal(row["document_key"], row["file"], row["sheet"], _decoder.decode(row["lines"])),
        position=row["position"],
        fingerprint=row["fingerprint"],
        occurrence=row["occurrence"],
        payload_hash=row["payload_hash"],
        content=row["content"],
        files={int(number): tuple(paths) for number, paths in json.loads(row["files"])},
    )


def appearances_in(database: Database, run: str) -> dict[int, Appearance]:
    """Where the journals of a run stood, by the position of their documents."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT position, run, file, path, corrects_run, corrects_path FROM appearances WHERE run = ?", (run,)
        ).fetchall()
    return {row["position"]: appearance_of(row) for row in rows}


def appearance_of(row: Mapping[str, Any]) -> Appearance:
    """Where a journal stood, from a row of the table."""
    run, path = row["corrects_run"], row["corrects_path"]
    return Appearance(row["run"], row["file"], row["path"], Appearance(run, "", path) if run else None)


def later_appearances(database: Database, run: str, installation: str = "") -> dict[int, str]:
    """The positions of a run's unsent journals that a later run has with another content, from the same sheet of the
    same file (however its path was spelt) under the same key; each with that later run. Of runs of older programs only
    the spelling of the path is known. `installation`: runs for other ledgers do not count."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT old.position, MAX(new.run) FROM appearances AS old"
            " JOIN journals ON journals.id = old.journal AND journals.state IN ('planned', 'refused')"
            " JOIN appearances AS new ON new.document_key = old.document_key"
            "   AND (old.path <> '' AND new.path = old.path OR old.path = '' AND old.file IN (new.file, new.path))"
            "   AND new.sheet = old.sheet"
            " JOIN journals AS other ON other.id = new.journal"
            "   AND (other.fingerprint, other.occurrence) <> (journals.fingerprint, journals.occurrence)"
            " JOIN runs AS older ON older.run = old.run JOIN runs AS newer ON newer.run = new.run"
            " WHERE old.run = ? AND newer.company = older.company AND newer.installation IN (?, '')"
            " AND newer.started_at > older.started_at"
            " GROUP BY old.position",
            (run, installation),
        ).fetchall()
    return {row[0]: row[1] for row in rows}


def declined_appearances(database: Database, run: str) -> set[int]:
    """The positions of a run's unsent journals that a person has said no to, in this run or in a later one."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT a.position FROM appearances AS a JOIN journals ON journals.id = a.journal"
            " JOIN runs ON runs.run = a.run WHERE a.run = ? AND " + IS_DECLINED,
            (run,),
        ).fetchall()
    return {row["position"] for row in rows}


_PERIOD = "substr({0}.content, instr({0}.content, '\",\"') + 3, 7)"
"""The period of a journal, as in `schema.PERIOD_OF_JOURNAL`, but of what was sent."""
_NAMED = f"""
    WITH keys (name, file, period) AS (
        SELECT DISTINCT a.document_key, a.file, {_PERIOD.format("j")}
        FROM appearances AS a CROSS JOIN journals AS j WHERE j.id = a.journal AND a.run = ?
    ), named (name, file, period, id) AS (
        SELECT name, keys.file, period, id FROM keys CROSS JOIN journals WHERE company = ? AND document_key = name
        UNION SELECT name, keys.file, period, journal
        FROM keys CROSS JOIN appearances AS a WHERE a.document_key = name
    ), earlier AS (
        SELECT name, named.file AS in_file, j.id, state, content, journal_number, voucher_number, run, j.file, sheet,
            is_doubtful_refusal AND installation = ? AS is_doubtful
        FROM named CROSS JOIN journals AS j WHERE j.id = named.id
        AND company = ? AND installation IN ('', ?) AND {_PERIOD.format("j")} = named.period
    )
"""
_ANY_OTHER = """
    SELECT 1 FROM earlier WHERE (state IN ('posted', 'sending', 'unknown') OR is_doubtful)
    AND NOT EXISTS (SELECT 1 FROM appearances WHERE journal = earlier.id AND run = ? AND file = in_file) LIMIT 1
"""
_EARLIER = """
    SELECT DISTINCT name AS key, id, state, content, COALESCE(journal_number, '') AS journal_number, voucher_number,
        run, file, sheet, is_doubtful AS is_doubtful_refusal
    FROM earlier ORDER BY id
"""
# Of those of the first programs only the last run and its file are known.
_STOOD = """
    SELECT a.journal, a.run, a.file, path, corrects_run, corrects_path FROM appearances AS a
    WHERE a.journal IN (SELECT id FROM earlier)
    UNION SELECT id, run, file, '', '', '' FROM earlier
    WHERE NOT EXISTS (SELECT 1 FROM appearances WHERE journal = earlier.id) ORDER BY 1, 2, 3, 4
"""


def earlier_journals(database: Database, ledger: tuple[str, str], run: str) -> list[StoredJournal]:
    """The journals of a ledger (the company's key and the installation) that stood under the key and in the period of
    one of the journals of a run, in whatever state; by id. Empty where none can be the twin of another: all were never
    sent, or stand in this run in the same workbook. Those without an installation are of older programs and count too.
    """
    company, installation = ledger
    facts = run, company, installation, company, installation
    with database.reading() as connection:
        if connection.execute(_NAMED + _ANY_OTHER, (*facts, run)).fetchone() is None:
            return []
        rows = connection.execute(_NAMED + _EARLIER, facts).fetchall()
        stood: defaultdict[int, list[Appearance]] = defaultdict(list)
        for row in connection.execute(_NAMED + _STOOD, facts):
            stood[row["journal"]].append(appearance_of(row))
    return [from_row(StoredJournal, row, appearances=tuple(stood[row["id"]])) for row in rows]


def corrected_from(database: Database, corrects: Corrects) -> Appearance:
    """The workbook with which the corrections of a run began: for corrections of corrections the very first one. When
    the run planned nothing, or is in another store, only the workbook's name is known."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT file, path, corrects_path FROM appearances WHERE run = ?"
            " GROUP BY file, path, corrects_path ORDER BY MIN(position)",
            (corrects.run,),
        ).fetchall()
    for row in rows:
        if corrects.file in (file_name(row["file"]), file_name(row["path"])):
            return Appearance(corrects.run, "", row["corrects_path"] or row["path"] or row["file"])
    return Appearance(corrects.run, "", corrects.first or corrects.file)
