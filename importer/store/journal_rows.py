"""Journals as rows of the store: what is known of each (`journals`), and each time that one stood in a workbook
(`appearances`), with its rows as they were read, so that a run can be finished from the store alone; how values stand
in the columns of both; and what people have decided about single journals after looking at the ledger
(importer/post/README.md, "What a person saw")."""

import json
import os.path
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec

from importer.errors import SetupError
from importer.model.journals import Journal, Line
from importer.model.postings import (
    Absence,
    Appearance,
    Choice,
    Clocks,
    Decision,
    Entry,
    Known,
    StoredJournal,
    read_clocks,
)
from importer.model.problems import file_name
from importer.model.workbook import Corrects
from importer.store.database import Connection, Database, as_json, from_row, storable
from importer.store.installations import settle_older

_LINES = msgspec.json.Decoder(tuple[Line, ...])

KNOWN = """
    SELECT id, state, payload_hash, attempts, run, journal_number, voucher_number, doubts AS unknown_sends,
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
    looks, alikes, looked_at = json.loads(row["absence"] or '[0, [], ""]')
    clocks, before = read_clocks(looked_at), row["preexisting_matches"]
    return from_row(
        Known,
        row,
        doubted_at=tuple(map(read_clocks, doubted_at)),
        absence=None if clocks is None else Absence(looks, frozenset(alikes), clocks),
        sending_clocks=read_clocks(row["sending_clocks"]),
        preexisting_matches=None if before == _NOBODY_LOOKED else frozenset(map(int, filter(None, before.split(",")))),
    )


def text_of_clocks(clocks: Clocks | None) -> str:
    """A moment by other clocks, `""` for none."""
    return "" if clocks is None else clocks.as_text()


def text_of_absence(absence: Absence) -> str:
    """How far the settling of a journal in doubt has come."""
    return json.dumps([absence.looks, sorted(absence.alikes), absence.at.as_text()])


def text_of_numbers(numbers: frozenset[int] | None) -> str:
    """The ledger's equal journals before a sending, None where nobody has looked for them."""
    return _NOBODY_LOOKED if numbers is None else ",".join(map(str, sorted(numbers)))


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
                *(storable(entry.journal.sheet), entry.payload_hash, as_json(entry.journal.lines)),
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
    return [_entry(row) for row in database.rows(_ENTRIES + " WHERE a.run = ? ORDER BY position", (run,))]


def entries_by_id(database: Database, ids: Iterable[int]) -> list[Entry]:
    """The journals with these ids, as they were read when they last stood in a workbook."""
    rows = [database.row(_ENTRIES + " WHERE a.journal = ? ORDER BY a.rowid DESC LIMIT 1", (id_,)) for id_ in ids]
    return [_entry(row) for row in rows if row is not None]


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        journal=Journal(row["document_key"], row["file"], row["sheet"], _LINES.decode(row["lines"])),
        position=row["position"],
        fingerprint=row["fingerprint"],
        occurrence=row["occurrence"],
        payload_hash=row["payload_hash"],
        content=row["content"],
        files={int(number): tuple(paths) for number, paths in json.loads(row["files"])},
    )


def appearances_in(database: Database, run: str) -> dict[int, Appearance]:
    """Where the journals of a run stood, by the position of their documents."""
    rows = database.rows(
        "SELECT position, run, file, path, corrects_run, corrects_path FROM appearances WHERE run = ?", (run,)
    )
    return {row["position"]: _appearance(row) for row in rows}


def _appearance(row: Mapping[str, Any]) -> Appearance:
    run, path = row["corrects_run"], row["corrects_path"]
    return Appearance(row["run"], row["file"], row["path"], Appearance(run, "", path) if run else None)


def later_appearances(database: Database, run: str, installation: str = "") -> dict[int, str]:
    """The positions of a run's unsent journals that a later run has with another content, from the same sheet of the
    same file (however its path was spelt) under the same key; each with that later run. Of runs of older programs only
    the spelling of the path is known. `installation`: runs for other ledgers do not count."""
    rows = database.rows(
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
    )
    return {row[0]: row[1] for row in rows}


def declined_appearances(database: Database, run: str) -> set[int]:
    """The positions of a run's unsent journals that a person has said no to, in this run or in a later one."""
    rows = database.rows(
        "SELECT a.position FROM appearances AS a JOIN journals ON journals.id = a.journal"
        " JOIN runs ON runs.run = a.run WHERE a.run = ? AND " + IS_DECLINED,
        (run,),
    )
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
            stood[row["journal"]].append(_appearance(row))
    return [from_row(StoredJournal, row, appearances=tuple(stood[row["id"]])) for row in rows]


def corrected_from(database: Database, corrects: Corrects) -> Appearance:
    """The workbook with which the corrections of a run began: for corrections of corrections the very first one. When
    the run planned nothing, or is in another store, only the workbook's name is known."""
    rows = database.rows(
        "SELECT file, path, corrects_path FROM appearances WHERE run = ?"
        " GROUP BY file, path, corrects_path ORDER BY MIN(position)",
        (corrects.run,),
    )
    for row in rows:
        if corrects.file in (file_name(row["file"]), file_name(row["path"])):
            return Appearance(corrects.run, "", row["corrects_path"] or row["path"] or row["file"])
    return Appearance(corrects.run, "", corrects.first or corrects.file)


_EFFECTS: Mapping[Choice, str] = {
    Choice.IS: "state = 'posted', journal_number = :number, voucher_number = :voucher, accepted = :accepted,"
    " doubts = 0, denials = 0, absent_looks = '', run = :run WHERE id = :id",
    Choice.DROP: "state = 'dropped', accepted = '', absent_looks = '', run = :run WHERE id = :id",
    Choice.SEND: "state = 'planned', journal_number = NULL, voucher_number = NULL, accepted = '', doubts = 0,"
    " denials = 0, absent_looks = '', run = :run WHERE id = :id AND state NOT IN ('sending', 'unknown')",
}


def keep_decisions(connection: Connection, run: str, decisions: Iterable[Decision]) -> None:
    """Records decisions that were made in a run, and gives their journals the state that follows, in the open
    transaction of the connection. A journal in doubt that is to be sent stays in doubt: only settling releases it.
    Raises SetupError for a number that another journal has."""
    for one in decisions:
        if one.choice is Choice.IS:
            _refuse_owned(connection, one)
        facts = {"id": one.id, "run": run, "number": one.journal_number, "voucher": one.voucher_number}
        connection.execute(f"UPDATE journals SET {_EFFECTS[one.choice]}", facts | {"accepted": one.accepted})
        connection.execute(
            "INSERT INTO decisions (journal, run, decided_by, decided_at, decision, reason, journal_number)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (one.id, run, one.by, one.at.isoformat(), one.choice, one.reason, one.journal_number),
        )
        if one.choice is Choice.IS:
            settle_older(connection, one.id)
        elif one.choice is Choice.DROP:  # with the doubt of an older program of which it is the copy, for every ledger
            connection.execute(
                "UPDATE journals SET state = 'dropped' WHERE state IN ('sending', 'unknown')"
                " AND id = (SELECT copy_of FROM journals WHERE id = ?)",
                (one.id,),
            )


def _refuse_owned(connection: Connection, one: Decision) -> None:
    owner = connection.execute(
        "SELECT others.document_key, others.run FROM journals AS ours JOIN journals AS others"
        " ON others.company = ours.company AND others.installation = ours.installation AND others.id <> ours.id"
        " AND others.journal_number = ? AND others.state NOT IN ('gone', 'dropped') WHERE ours.id = ?",
        (one.journal_number, one.id),
    ).fetchone()
    if owner is not None:
        facts = {"number": one.journal_number or "", "journal": owner["document_key"], "run": owner["run"]}
        raise SetupError("number-owned", **facts)


def take_up_dropped(connection: Connection, run: str, ids: Iterable[int]) -> None:
    """Plans journals (by `ids`) anew that a person had given up and that a new run has again, in the open transaction
    of the connection. One that was dropped in doubt is in doubt again: it may have been posted since, and only settling
    releases it."""
    connection.executemany(
        "UPDATE journals SET state = CASE WHEN doubts > 0 THEN 'unknown' ELSE 'planned' END, "
        " doubts = CASE WHEN doubts > 0 THEN 1 ELSE 0 END,"
        " denials = 0, journal_number = NULL, voucher_number = NULL, run = ? WHERE id = ? AND state = 'dropped'",
        [(run, id_) for id_ in ids],
    )


def keep_releases(database: Database, run: str, by: str, at: str, reasons: Mapping[int, str]) -> None:
    """Records that a person wants journals posted in a run although they are held: `reasons` by the journal's id, `by`
    whom, `at` what time (UTC, ISO). One commit."""
    with database.transaction() as connection:
        connection.executemany(
            "INSERT INTO decisions (journal, run, decided_by, decided_at, decision, reason)"
            " VALUES (?, ?, ?, ?, 'post', ?)",
            [(id_, run, storable(by), at, storable(reason)) for id_, reason in reasons.items()],
        )


def released_in(database: Database, run: str) -> set[int]:
    """The journals (by id) that a person has released in a run."""
    rows = database.rows("SELECT journal FROM decisions WHERE run = ? AND decision = 'post'", (run,))
    return {row["journal"] for row in rows}
