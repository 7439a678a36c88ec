"""Every time a journal stood in a workbook: its rows as they were read, so that a run can be finished from the store
alone, even when the workbook has moved or changed."""

import json
import os.path
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from importer.model.entries import Appearance, CorrectedFrom, Entry
from importer.model.journals import Journal, Line
from importer.store.database import Database

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(tuple[Line, ...])

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


def keep_appearances(connection: sqlite3.Connection, run: str, remembered: Iterable[tuple[Entry, int]]) -> None:
    """Writes down which journals (with their ids) stood where in a run; the last word on a position
    counts."""
    connection.executemany(
        "INSERT INTO appearances (run, position, journal, document_key, file, sheet, payload_hash, lines, files, path,"
        " corrects_run, corrects_path) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (run, position) DO UPDATE SET journal = excluded.journal",
        [
            (
                *(run, entry.position, id_, storable(entry.journal.key), storable(entry.journal.file)),
                *(storable(entry.journal.sheet), entry.payload_hash, _encoder.encode(entry.journal.lines).decode()),
                *(json.dumps(list(entry.files.items())), storable(_resolved(entry.journal.file))),
                *((storable(entry.origin.run), storable(entry.origin.path)) if entry.origin is not None else ("", "")),
            )
            for entry, id_ in remembered
        ],
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
    return Appearance(row["run"], row["file"], row["path"], CorrectedFrom(run, path) if run else None)


def later_appearances(database: Database, run: str, installation: str = "") -> dict[int, str]:
    """The positions of a run's unsent journals that a later run has anew with another content, from the same sheet of
    the same file (however its path was spelt) under the same key, with that run. Of runs of older programs only the
    spelling is known. `installation` is where the run is to be finished: runs of other ledgers do not count."""
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


def _resolved(file: str) -> str:
    """One spelling for every way to name a file on this machine."""
    return os.path.normcase(os.path.realpath(file))


def storable(text: str) -> str:
    """A file's name may hold bytes that are no UTF-8 (lone surrogates in Python), which SQLite refuses."""
    return text.encode("utf-8", "backslashreplace").decode()
