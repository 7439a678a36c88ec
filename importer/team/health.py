"""Whether an office is in order: its store, its queue, its workers, its profiles, and what waits for a person."""

from dataclasses import dataclass

from importer.store.database import Database

STALLED_SECONDS = 30.0
"""So long after its last sign of life a worker counts as gone."""


@dataclass(frozen=True, slots=True)
class Queue:
    """How many workers are alive, and how many jobs workers that are gone have left."""

    workers: int
    stalled: int


def queue_in(database: Database) -> Queue | None:
    """The queue beside a store (tables of procrastinate 3); None where there is none: in a file, or before the first
    submission. Raises SetupError."""
    if not database.name.startswith("postgres"):
        return None
    with database.reading() as connection:
        if not connection.execute("SELECT to_regclass('procrastinate_workers') IS NOT NULL").fetchone()[0]:
            return None
        row = connection.execute(
            "WITH alive AS (SELECT id FROM procrastinate_workers"
            "  WHERE last_heartbeat > clock_timestamp() - make_interval(secs => ?))"
            " SELECT (SELECT COUNT(*) FROM alive), (SELECT COUNT(*) FROM procrastinate_jobs"
            "  WHERE status = 'doing' AND COALESCE(worker_id, 0) NOT IN (SELECT id FROM alive))",
            (STALLED_SECONDS,),
        ).fetchone()
    return Queue(int(row[0]), int(row[1]))
