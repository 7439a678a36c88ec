"""Runs in the store: who started them, when, and what came of them."""

import json
from collections.abc import Mapping
from datetime import datetime

from importer.errors import SetupError
from importer.store.database import Database


def start_run(database: Database, run: str, company: str, tax_id: str, started_by: str, at: datetime) -> None:
    """Writes down that a run begins, before anything is planned in it. `company` is the key of its
    fingerprints, `at` is
    UTC. Raises SetupError when the store knows that company under another tax id: two installations may number
    alike."""
    with database.transaction() as connection:
        other = connection.execute(
            "SELECT tax_id FROM runs WHERE company = ? AND tax_id <> '' AND ? <> '' AND tax_id <> ? LIMIT 1",
            (company, tax_id, tax_id),
        ).fetchone()
        if other is not None:
            raise SetupError("store-other-company", store=database.name, known=other["tax_id"], told=tax_id)
        connection.execute(
            "INSERT INTO runs (run, company, tax_id, started_by, started_at) VALUES (?, ?, ?, ?, ?)",
            (run, company, tax_id, started_by, at.isoformat()),
        )


def finish_run(database: Database, run: str, exit_code: int, result: Mapping[str, object], at: datetime) -> None:
    """Writes down how a run ended, with its whole result document."""
    with database.transaction() as connection:
        connection.execute(
            "UPDATE runs SET finished_at = ?, exit_code = ?, result = ? WHERE run = ?",
            (at.isoformat(), exit_code, json.dumps(result), run),
        )
