"""What a store that holds years costs: `runs`, and `audit` of one period, beside the same commands on a small store.

The stores are written as `importer run` leaves them. The audited period has a hundred journals in both, which the
benchmarks' ledger does not show: the audit looks for each of them and finds it missing.
"""

import json
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from importer.model.results import Status, Summary
from importer.services.http import place_of
from importer.store.database import Connection, Database
from importer.store.installations import add_address
from tests.benchmarks.certificates import certificates_in
from tests.benchmarks.checking import Asked
from tests.benchmarks.goals import Figure, table, taken_row
from tests.benchmarks.measuring import Taken, best_of, taken_by
from tests.benchmarks.posting import Served, service
from tests.benchmarks.whole_run import settings_for

_COMPANY, _INSTALLATION = "1", "benchmark"
_JOURNALS_OF_A_RUN = 100
_PERIOD = "2025010"
_OTHER_PERIODS = [f"{year}{month:03d}" for year in (2023, 2024) for month in range(1, 13)]
_RUNS = (10, 1_000)
_LINES_OF_A_JOURNAL = 10


def full_store(asked: Asked) -> tuple[str, list[Figure]]:
    """Stores of 1,000 and of 100,000 journals, in runs of 100; 100 more are of the period that is audited."""
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        folder = Path(place)
        certificates = certificates_in(folder)
        with service(0.0, certificates) as at:
            stores = [_store(folder / f"{runs}.db", runs, at.port) for runs in _RUNS]
            audits = [partial(_command, asked, at, store, 4, "audit", "--period", _PERIOD) for store in stores]
            lists = [partial(_command, asked, at, store, 0, "runs") for store in stores]
            few, many, few_runs, many_runs = best_of(asked.times, [*audits, *lists])
    rows = [
        taken_row("audit of one period, 1,000 journals", few),
        taken_row("audit of one period, 100,000 journals", many),
        taken_row("runs, 10 runs", few_runs),
        taken_row("runs, 1,000 runs", many_runs),
    ]
    figures = [
        Figure("audit --period, store of 100,000 journals : 1,000", many.wall / few.wall, most=1.2),
        Figure("memory of that, 100,000 : 1,000", many.megabytes / few.megabytes, most=1.1),
        Figure("runs, 1,000 runs : 10", many_runs.wall / few_runs.wall, most=1.5),
        Figure("memory of runs, 1,000 runs : 10", many_runs.megabytes / few_runs.megabytes, most=1.1),
    ]
    return table(["a store that holds years", "wall", "CPU", "memory"], rows), figures


def _command(asked: Asked, at: Served, store: Path, code: int, *words: str) -> Taken:
    settings = settings_for(at.port, at.trusted, store)
    return taken_by([*settings, asked.python, "-m", "importer", *words], codes=(code,))


def _store(path: Path, runs: int, port: int) -> Path:
    database = Database(f"sqlite:///{path}")
    try:
        add_address(database, _COMPANY, place_of(f"https://127.0.0.1:{port}"), _INSTALLATION, None, datetime.now(UTC))
        with database.transaction() as connection:
            for number in range(runs):
                _add_run(connection, number, _OTHER_PERIODS[number % len(_OTHER_PERIODS)])
            _add_run(connection, runs, _PERIOD)
    finally:
        database.close()
    return path


def _add_run(connection: Connection, number: int, period: str) -> None:
    """A run of a hundred posted journals of one period."""
    run = f"run-{number:05d}"
    at = f"2024-01-02T09:00:00.{number:06d}+00:00"
    documents = {status.value: _JOURNALS_OF_A_RUN * (status is Status.POSTED) for status in Status}
    summary = {"company": "Benchmark", "is_declined": False, "documents": documents, "workbooks": ["journals.xlsx"]}
    summary |= {"periods": [period], "posted": {"MXN": "1000.00"}}
    if set(summary) - set(Summary.__dataclass_fields__):
        raise AssertionError("a summary has other members")
    connection.execute(
        "INSERT INTO runs (run, company, tax_id, started_by, started_at, finished_at, exit_code, installation, summary,"
        " kept) VALUES (?, ?, '', 'benchmark', ?, ?, 0, ?, ?, ?)",
        (run, _COMPANY, at, at, _INSTALLATION, json.dumps(summary), " " * 100_000),
    )
    ids = range(1 + number * _JOURNALS_OF_A_RUN, 1 + (number + 1) * _JOURNALS_OF_A_RUN)
    connection.executemany(
        "INSERT INTO journals (id, company, installation, fingerprint, occurrence, state, payload_hash, attempts,"
        " journal_number, run, document_key, file, sheet, sheet_rows, content)"
        " VALUES (?, ?, ?, ?, 1, 'posted', '', 1, ?, ?, ?, 'journals.xlsx', 'Journals', '[]', ?)",
        [
            (one, _COMPANY, _INSTALLATION, f"{one:064d}", str(one), run, f"J{one:06d}", _content(one, period))
            for one in ids
        ],
    )
    connection.executemany(
        "INSERT INTO attempts (journal, number, run, sent_at, ended_at, state, answer)"
        " VALUES (?, 1, ?, ?, ?, 'posted', '')",
        [(one, run, at, at) for one in ids],
    )
    connection.executemany(
        "INSERT INTO appearances (run, position, journal, document_key, file, sheet, payload_hash, lines, files)"
        " VALUES (?, ?, ?, ?, 'journals.xlsx', 'Journals', '', '[]', '[]')",
        [(run, place, one, f"J{one:06d}") for place, one in enumerate(ids)],
    )


def _content(number: int, period: str) -> str:
    """A journal of ten lines as `importer.model.journals.content_of` writes it."""
    dimensions = ["10", "F01", "0001", "P001", "", "", "", "", "", ""]
    lines = [
        [str(100_000 + line), "DC"[line % 2], "100.00", dimensions, f"REF-{number:06d}", "Monthly", "2025-10-01"]
        for line in range(_LINES_OF_A_JOURNAL)
    ]
    return json.dumps(["GENJ", period, "MXN", lines], separators=(",", ":"))
