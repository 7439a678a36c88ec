"""The migrations of a store in SQLite up to version 8, with which a store in PostgreSQL begins
(`POSTGRES_BASELINE` in `store.schema`). They have shipped: none is ever changed, and what comes after them stands
in `store.schema`."""

import sqlite3
from collections.abc import Callable

from importer.model.journals import WIDE_BLANKS, content_with_plain_blanks, fingerprint, with_plain_blanks

_FIRST = (
    """
    CREATE TABLE runs (
        run         TEXT PRIMARY KEY,
        company     TEXT NOT NULL,
        tax_id      TEXT NOT NULL,
        started_by  TEXT NOT NULL,
        started_at  TEXT NOT NULL,
        finished_at TEXT,
        exit_code   INTEGER,
        result      TEXT
    )
    """,
    # The unique key makes a second claim on the same journal impossible, whoever tries it.
    """
    CREATE TABLE journals (
        id             INTEGER PRIMARY KEY,
        company        TEXT NOT NULL,
        fingerprint    TEXT NOT NULL,
        occurrence     INTEGER NOT NULL CHECK (occurrence > 0),
        state          TEXT NOT NULL CHECK (state IN ('planned', 'sending', 'posted', 'refused', 'unknown')),
        payload_hash   TEXT NOT NULL,
        attempts       INTEGER NOT NULL DEFAULT 0,
        journal_number TEXT,
        voucher_number TEXT,
        run            TEXT NOT NULL REFERENCES runs (run),
        document_key   TEXT NOT NULL,
        file           TEXT NOT NULL,
        sheet          TEXT NOT NULL,
        sheet_rows     TEXT NOT NULL,
        content        TEXT NOT NULL,
        UNIQUE (company, fingerprint, occurrence),
        CHECK (state <> 'posted' OR journal_number IS NOT NULL)
    )
    """,
    """
    CREATE TABLE attempts (
        journal  INTEGER NOT NULL REFERENCES journals (id),
        number   INTEGER NOT NULL,
        run      TEXT NOT NULL REFERENCES runs (run),
        sent_at  TEXT NOT NULL,
        ended_at TEXT,
        state    TEXT,
        answer   TEXT,
        PRIMARY KEY (journal, number)
    )
    """,
)

_SETTLING = (
    # A journal in doubt: how often it was sent without a certain end, how many of these ended in 201 or 203, and when
    # the last request ended (importer/post/README.md,
    # "Settling and clocks").
    "ALTER TABLE journals ADD COLUMN doubts INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE journals ADD COLUMN denials INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE journals ADD COLUMN in_doubt_since TEXT",
    """
    UPDATE journals SET doubts = attempts, in_doubt_since = (
        SELECT COALESCE(ended_at, sent_at) FROM attempts WHERE journal = journals.id AND number = journals.attempts
    ) WHERE state = 'unknown'
    """,
    "ALTER TABLE attempts ADD COLUMN settled_at TEXT",
    "ALTER TABLE attempts ADD COLUMN finding TEXT",
    # A journal of the ledger is claimed once only.
    "CREATE UNIQUE INDEX journals_by_number ON journals (company, journal_number) WHERE journal_number IS NOT NULL",
    # Every time a journal stood in a workbook: its rows as they were read, by the document's position in the run.
    """
    CREATE TABLE appearances (
        run          TEXT NOT NULL REFERENCES runs (run),
        position     INTEGER NOT NULL,
        journal      INTEGER NOT NULL REFERENCES journals (id),
        document_key TEXT NOT NULL,
        file         TEXT NOT NULL,
        sheet        TEXT NOT NULL,
        payload_hash TEXT NOT NULL,
        lines        TEXT NOT NULL,
        files        TEXT NOT NULL,
        PRIMARY KEY (run, position)
    )
    """,
    "ALTER TABLE runs ADD COLUMN is_practice INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE runs ADD COLUMN reason TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE runs ADD COLUMN kept TEXT",
    # One run at a time posts to a company; until is in seconds since 1970 by the database's clock.
    """
    CREATE TABLE leases (
        company TEXT PRIMARY KEY,
        run     TEXT NOT NULL,
        host    TEXT NOT NULL,
        process INTEGER NOT NULL,
        born    REAL NOT NULL,
        holder  TEXT NOT NULL,
        until   REAL NOT NULL
    )
    """,
)

_LINKED_FILES = (
    # The service lists no linked file: what is not kept here can neither be found nor removed again (F-06).
    """
    CREATE TABLE linked_files (
        id             INTEGER PRIMARY KEY,
        company        TEXT NOT NULL,
        journal_number INTEGER NOT NULL,
        line           INTEGER,
        name           TEXT NOT NULL,
        extension      TEXT NOT NULL,
        sha256         TEXT NOT NULL,
        copy           INTEGER NOT NULL CHECK (copy > 0),
        run            TEXT,
        state          TEXT NOT NULL CHECK (state IN ('sending', 'linked', 'refused', 'unknown', 'removed')),
        file_key       TEXT,
        sent_at        TEXT NOT NULL,
        ended_at       TEXT,
        removed_at     TEXT,
        answer         TEXT NOT NULL DEFAULT '',
        CHECK (state <> 'linked' OR file_key IS NOT NULL)
    )
    """,
    # The same content is on its way to a journal and line once, whoever tries it; `copy` counts those made on purpose.
    """
    CREATE UNIQUE INDEX linked_files_once
        ON linked_files (company, journal_number, COALESCE(line, 0), sha256, copy)
        WHERE state IN ('sending', 'linked', 'unknown')
    """,
)
_RECORDS = (
    # Changes of dimensions and addresses have natural keys: this is evidence, not memory.
    """
    CREATE TABLE record_writes (
        run    TEXT NOT NULL REFERENCES runs (run),
        kind   TEXT NOT NULL,
        key    TEXT NOT NULL,
        action TEXT NOT NULL,
        at     TEXT NOT NULL,
        state  TEXT NOT NULL,
        answer TEXT NOT NULL
    )
    """,
)

_THERE_BEFORE = (
    # The equal journals that the ledger had before a journal was sent: never it, whatever became of its answer.
    "ALTER TABLE journals ADD COLUMN there_before TEXT NOT NULL DEFAULT ''",
)

_DECISIONS = (
    # Set while the question before posting stands open, and kept by every answer but yes.
    "ALTER TABLE runs ADD COLUMN is_declined INTEGER NOT NULL DEFAULT 0",
    """UPDATE runs SET is_declined = 1 WHERE instr(kept, '"stopped_by": ["declined"') > 0""",
    # `file` is the path as it was typed; `path` is where that was: the same workbook has many spellings.
    "ALTER TABLE appearances ADD COLUMN path TEXT NOT NULL DEFAULT ''",
)

_INSTALLATIONS = (
    # SQLite changes neither a CHECK nor a UNIQUE of a table: it is made anew (foreign keys are off meanwhile).
    #
    # installation: which ledger of that company number, '' for what older programs wrote down, who knew no address.
    # accepted: the ledger's journal that a person took for this one, as `model.journals.content_of` writes it.
    # doubt_clock: the other clocks at in_doubt_since; absent_looks: the looks of an unfinished settling (both JSON).
    # is_doubtful_refusal: refused by an answer that may mean "posted" (201 with code 202 or 203 and linesError).
    # copy_of: the entry of an older program that this one was copied from (`store.older_entries`).
    """
    CREATE TABLE journals_anew (
        id                  INTEGER PRIMARY KEY,
        company             TEXT NOT NULL,
        installation        TEXT NOT NULL DEFAULT '',
        fingerprint         TEXT NOT NULL,
        occurrence          INTEGER NOT NULL CHECK (occurrence > 0),
        state               TEXT NOT NULL
            CHECK (state IN ('planned', 'sending', 'posted', 'refused', 'unknown', 'gone', 'dropped')),
        payload_hash        TEXT NOT NULL,
        attempts            INTEGER NOT NULL DEFAULT 0,
        journal_number      TEXT,
        voucher_number      TEXT,
        run                 TEXT NOT NULL REFERENCES runs (run),
        document_key        TEXT NOT NULL,
        file                TEXT NOT NULL,
        sheet               TEXT NOT NULL,
        sheet_rows          TEXT NOT NULL,
        content             TEXT NOT NULL,
        doubts              INTEGER NOT NULL DEFAULT 0,
        denials             INTEGER NOT NULL DEFAULT 0,
        in_doubt_since      TEXT,
        there_before        TEXT NOT NULL DEFAULT '',
        accepted            TEXT NOT NULL DEFAULT '',
        doubt_clock         TEXT NOT NULL DEFAULT '',
        absent_looks        TEXT NOT NULL DEFAULT '',
        is_doubtful_refusal INTEGER NOT NULL DEFAULT 0,
        copy_of             INTEGER REFERENCES journals (id),
        UNIQUE (company, fingerprint, occurrence, installation),
        CHECK (state <> 'posted' OR journal_number IS NOT NULL)
    )
    """,
    """
    INSERT INTO journals_anew (id, company, fingerprint, occurrence, state, payload_hash, attempts, journal_number,
            voucher_number, run, document_key, file, sheet, sheet_rows, content, doubts, denials, in_doubt_since,
            there_before)
        SELECT id, company, fingerprint, occurrence, state, payload_hash, attempts, journal_number,
            voucher_number, run, document_key, file, sheet, sheet_rows, content, doubts, denials, in_doubt_since,
            there_before
        FROM journals
    """,
    "DROP TABLE journals",
    "ALTER TABLE journals_anew RENAME TO journals",
    # A journal of a ledger is claimed once only; a number that was given a second time is the younger one's.
    """
    CREATE UNIQUE INDEX journals_by_number ON journals (company, installation, journal_number)
        WHERE journal_number IS NOT NULL AND state NOT IN ('gone', 'dropped')
    """,
    "CREATE INDEX journals_by_key ON journals (company, document_key)",
    # Each address belongs to one installation, whose key never changes: its first address, or the first name that the
    # settings gave it. `name` is what they call it, `''` when they do not, the same for all its addresses.
    """
    CREATE TABLE installations (
        company      TEXT NOT NULL,
        address      TEXT NOT NULL,
        installation TEXT NOT NULL,
        name         TEXT NOT NULL DEFAULT '',
        seen_at      TEXT NOT NULL,
        PRIMARY KEY (company, address)
    )
    """,
    # What was learned of a ledger: the longest time (seconds) after which it showed a new journal, the lengths at which
    # it cuts texts, by field, and by which accounts /cash-count shows nothing (both JSON).
    """
    CREATE TABLE ledger_facts (
        company        TEXT NOT NULL,
        installation   TEXT NOT NULL,
        lag            REAL,
        cuts           TEXT NOT NULL DEFAULT '{}',
        blind_accounts TEXT NOT NULL DEFAULT '[]',
        PRIMARY KEY (company, installation)
    )
    """,
    # What people have decided about single journals, and why.
    """
    CREATE TABLE decisions (
        id             INTEGER PRIMARY KEY,
        journal        INTEGER NOT NULL REFERENCES journals (id),
        run            TEXT NOT NULL REFERENCES runs (run),
        decided_by     TEXT NOT NULL,
        decided_at     TEXT NOT NULL,
        decision       TEXT NOT NULL CHECK (decision IN ('is', 'drop', 'send', 'post')),
        reason         TEXT NOT NULL DEFAULT '',
        journal_number TEXT
    )
    """,
    "ALTER TABLE runs ADD COLUMN installation TEXT NOT NULL DEFAULT ''",
    # What a list of runs shows of one, as JSON: the whole result is too large to be read for each line.
    "ALTER TABLE runs ADD COLUMN summary TEXT",
    """
    CREATE INDEX runs_listed ON runs
        (started_at, run, company, started_by, finished_at, exit_code, is_declined, summary)
    """,
    "ALTER TABLE linked_files ADD COLUMN installation TEXT NOT NULL DEFAULT ''",
    "DROP INDEX linked_files_once",
    """
    CREATE UNIQUE INDEX linked_files_once
        ON linked_files (company, installation, journal_number, COALESCE(line, 0), sha256, copy)
        WHERE state IN ('sending', 'linked', 'unknown')
    """,
    # Of a corrections workbook: the run it corrects, and the path of the workbook that was read then.
    "ALTER TABLE appearances ADD COLUMN corrects_run TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE appearances ADD COLUMN corrects_path TEXT NOT NULL DEFAULT ''",
    # A person said no to this journal, and yes to others of the run.
    "ALTER TABLE appearances ADD COLUMN is_declined INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX appearances_by_journal ON appearances (journal)",
    "CREATE INDEX appearances_by_key ON appearances (document_key)",
)

_MOST_CERTAIN_FIRST = ("posted", "unknown", "sending", "refused", "planned", "gone", "dropped")


def _give_texts_plain_blanks(connection: sqlite3.Connection) -> None:
    """Journals were known by their no-break spaces, which now are plain blanks: those that have some are known by what
    the same workbook says today. Where that makes journals equal, what is most certain comes first: the first of a
    workbook is then never a new one. With what else they were sent cannot be told any more (`payload_hash`)."""
    has_wide = f"GLOB '*[{WIDE_BLANKS}]*'"
    changed = set()
    for id_, company, installation, content in connection.execute(
        f"SELECT id, company, installation, content FROM journals WHERE content {has_wide} ORDER BY id"
    ).fetchall():
        plain = content_with_plain_blanks(content)
        mark = fingerprint(company, plain)
        taken = connection.execute(
            "SELECT MAX(occurrence) FROM journals WHERE company = ? AND installation = ? AND fingerprint = ?",
            (company, installation, mark),
        ).fetchone()[0]
        connection.execute(
            "UPDATE journals SET content = ?, fingerprint = ?, occurrence = ?, payload_hash = '' WHERE id = ?",
            (plain, mark, (taken or 0) + 1, id_),
        )
        changed.add((company, installation, mark))
    for key in changed:
        rows = connection.execute(
            "SELECT id, state, occurrence FROM journals WHERE company = ? AND installation = ? AND fingerprint = ?", key
        ).fetchall()
        rows.sort(key=lambda row: (_MOST_CERTAIN_FIRST.index(row[1]), row[2]))
        for first in (1 + len(rows) + max(row[2] for row in rows), 1):  # two of them never have one number meanwhile
            connection.executemany(
                "UPDATE journals SET occurrence = ? WHERE id = ?",
                [(occurrence, row[0]) for occurrence, row in enumerate(rows, start=first)],
            )
    lines = connection.execute(f"SELECT rowid, lines FROM appearances WHERE lines {has_wide}").fetchall()
    connection.executemany(
        "UPDATE appearances SET lines = ?, payload_hash = '' WHERE rowid = ?",
        [(with_plain_blanks(text), row) for row, text in lines],
    )


_PLAIN_BLANKS = (_give_texts_plain_blanks,)

FIRST_MIGRATIONS: tuple[tuple[str | Callable[[sqlite3.Connection], None], ...], ...] = (
    _FIRST,
    _SETTLING,
    _LINKED_FILES,
    _RECORDS,
    _THERE_BEFORE,
    _DECISIONS,
    _INSTALLATIONS,
    _PLAIN_BLANKS,
)
