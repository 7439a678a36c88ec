"""The tables, as a list of migrations: entry n brings a store from version n to n + 1. Never change one that
has shipped."""

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

MIGRATIONS = (_FIRST,)
