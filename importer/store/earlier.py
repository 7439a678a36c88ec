"""Journals that were posted, or may have been, under a key that comes again: what a mended journal may be the twin of
(posting.md, "Twins"), where they stood, and what people have released."""

import sqlite3
from collections.abc import Collection, Mapping

from importer.model.entries import Appearance, CorrectedFrom, Earlier, State
from importer.model.places import file_name
from importer.model.sheets import Corrects
from importer.store.appearances import appearance_of, storable
from importer.store.database import Database

_EARLIER = """
    WITH named (id) AS (
        SELECT id FROM journals WHERE company = ? AND document_key = ?
        UNION SELECT journal FROM appearances WHERE document_key = ?
    )
    SELECT j.id, state, content, journal_number, run, is_doubtful_refusal AND installation = ? AS is_doubtful
    FROM named CROSS JOIN journals AS j ON j.id = named.id
    WHERE company = ? AND installation IN ('', ?) AND instr(content, ?) > 0
"""


def earlier_journals(database: Database, ledger: tuple[str, str], wanted: Collection[tuple[str, str]]) -> list[Earlier]:
    """The journals of a ledger (the company's key and the installation) that stood under one of the keys in the period
    beside it, in whatever state; by id. Those without an installation are of older programs and count too."""
    company, installation = ledger
    found: list[Earlier] = []
    with database.reading() as connection:
        for key, period in sorted(set(wanted)):
            named = storable(key)
            # The period is looked for as a text of the JSON; whoever compares looks closer.
            facts = (company, named, named, installation, company, installation, f'"{period}"')
            rows = connection.execute(_EARLIER, facts).fetchall()
            found += [
                Earlier(
                    *(row["id"], key, State(row["state"]), row["content"], row["journal_number"], row["run"]),
                    is_doubtful_refusal=bool(row["is_doubtful"]),
                    appearances=_appearances(connection, row["id"]),
                )
                for row in rows
            ]
    return sorted(found, key=lambda one: one.id)


def _appearances(connection: sqlite3.Connection, id_: int) -> tuple[Appearance, ...]:
    """Where a journal stood; of those of the first programs only the last run and its file are known."""
    rows = connection.execute(
        "SELECT DISTINCT run, file, path, corrects_run, corrects_path FROM appearances WHERE journal = ?"
        " UNION SELECT run, file, '', '', '' FROM journals WHERE id = ?"
        "   AND NOT EXISTS (SELECT 1 FROM appearances WHERE journal = journals.id)",
        (id_, id_),
    ).fetchall()
    return tuple(appearance_of(row) for row in rows)


def corrected_from(database: Database, corrects: Corrects) -> CorrectedFrom:
    """Where the corrections of a run began: with corrections of corrections it is the first workbook of all. Of a run
    that planned nothing, or is another store's, only the workbook's name is known."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT DISTINCT file, path, corrects_path FROM appearances WHERE run = ?", (corrects.run,)
        ).fetchall()
    for row in rows:
        if corrects.file in (file_name(row["file"]), file_name(row["path"])):
            return CorrectedFrom(corrects.run, row["corrects_path"] or row["path"] or row["file"])
    return CorrectedFrom(corrects.run, corrects.first or corrects.file)


def keep_releases(database: Database, run: str, by: str, at: str, reasons: Mapping[int, str]) -> None:
    """Writes down that a person wants these journals (by id) posted all the same in this run, and why; `at` is UTC, as
    ISO text. One commit."""
    with database.transaction() as connection:
        connection.executemany(
            "INSERT INTO decisions (journal, run, decided_by, decided_at, decision, reason)"
            " VALUES (?, ?, ?, ?, 'post', ?)",
            [(id_, run, storable(by), at, storable(reason)) for id_, reason in reasons.items()],
        )


def released_in(database: Database, run: str) -> set[int]:
    """The journals (by id) that a person has released in a run."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT journal FROM decisions WHERE run = ? AND decision = 'post'", (run,)
        ).fetchall()
    return {row["journal"] for row in rows}
