"""Runs in the store: who started them, when, and what came of them."""

import json
from collections.abc import Mapping
from datetime import datetime

from importer.store.database import Database


def start_run(database: Database, run: str, company: str, started_by: str, at: datetime) -> None:
    """Writes down that a run begins, before anything is planned in it. `at` is UTC."""
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO runs (run, company, started_by, started_at) VALUES (?, ?, ?, ?)",
            (run, company, started_by, at.isoformat()),
        )


def finish_run(database: Database, run: str, exit_code: int, result: Mapping[str, object], at: datetime) -> None:
    """Writes down how a run ended, with its whole result document."""
    with database.transaction() as connection:
        connection.execute(
            "UPDATE runs SET finished_at = ?, exit_code = ?, result = ? WHERE run = ?",
            (at.isoformat(), exit_code, json.dumps(result), run),
        )
