"""The state of an office: which workers are alive, which submissions wait, run or were stopped."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from importer.store.database import Database, as_json
from importer.store.leases import this_host
from importer.store.submissions import IS_DUE, SOURCE_FOLDER, Submission, SubmissionState, submission_of

ALIVE_SECONDS = 60.0
"""So long after its last sign of life a worker counts as gone."""

_FORGET_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that is alive: its machine, its process, and the profiles that it has (`""`: none)."""

    machine: str
    process: int
    profiles: tuple[str, ...]


def note_worker(database: Database, profiles: Iterable[str]) -> None:
    """Records that this process is a worker that is alive and has these profiles."""
    with database.transaction() as connection:
        connection.execute("DELETE FROM workers WHERE seen < clock() - ?", (_FORGET_SECONDS,))
        connection.execute(
            "INSERT INTO workers (host, process, profiles, seen) VALUES (?, ?, ?, clock())"
            " ON CONFLICT (host, process) DO UPDATE SET profiles = excluded.profiles, seen = excluded.seen",
            (this_host(), os.getpid(), as_json(list(profiles))),
        )


def forget_worker(database: Database) -> None:
    """Removes this process from the workers."""
    with database.transaction() as connection:
        connection.execute("DELETE FROM workers WHERE host = ? AND process = ?", (this_host(), os.getpid()))


def workers_in(database: Database) -> list[Worker]:
    """The workers that are alive."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT * FROM workers WHERE seen > clock() - ? ORDER BY id", (ALIVE_SECONDS,)
        ).fetchall()
    return [
        Worker(
            row["host"].partition("/")[0],
            int(row["process"]),
            msgspec.json.decode(row["profiles"], type=tuple[str, ...]),
        )
        for row in rows
    ]


def count_submissions(database: Database) -> dict[tuple[str, SubmissionState], int]:
    """How many submissions there are, by profile and state."""
    with database.reading() as connection:
        rows = connection.execute("SELECT profile, state, COUNT(*) FROM submissions GROUP BY profile, state").fetchall()
    return {(row[0], SubmissionState(row[1])): int(row[2]) for row in rows}


def longest_waits(database: Database) -> Mapping[str, tuple[int, float]]:
    """By profile, the number of submissions that a worker could take now, and for how many seconds the first of them
    has waited. Those from a watched folder are not counted: only its watcher takes them."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT profile, COUNT(*) AS count, MAX(clock() - due) AS seconds FROM submissions"
            f" WHERE {IS_DUE} AND source NOT LIKE ? GROUP BY profile",
            (f"{SOURCE_FOLDER}%",),
        ).fetchall()
    return {row["profile"]: (int(row["count"]), float(row["seconds"])) for row in rows}


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A submission that is being run: since when (UTC), and by which process of which machine where it holds its
    company (`""` and 0 before that)."""

    id: int
    name: str
    since: datetime
    machine: str
    process: int


def under_way_since(database: Database, before: datetime) -> list[UnderWay]:
    """The submissions whose run began before a moment (UTC) and still goes on, the oldest first; the name of a run
    begins with its time. What only waits for a doubt to settle is left out: its run is an older one."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT one.id, name, one.run, COALESCE(host, '') AS host, COALESCE(process, 0) AS process"
            " FROM submissions AS one LEFT JOIN leases ON leases.run = one.run AND until > clock()"
            " WHERE state = 'working' AND due > clock() AND looks = 0 AND one.run <> '' AND one.run < ?"
            " ORDER BY one.run",
            (f"{before:%Y%m%d-%H%M%S}",),
        ).fetchall()
    return [
        UnderWay(
            *(row["id"], row["name"], datetime.strptime(row["run"][:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)),
            *(row["host"].partition("/")[0], int(row["process"])),
        )
        for row in rows
    ]


def stopped_submissions(database: Database) -> list[Submission]:
    """Those that a person must look at, the oldest first: stopped, not from a watched folder, and of a workbook that
    was not submitted again since."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT * FROM submissions AS one WHERE state = 'stopped' AND source NOT LIKE ? AND NOT EXISTS ("
            " SELECT 1 FROM submissions WHERE origin = one.origin AND id > one.id) ORDER BY id",
            (f"{SOURCE_FOLDER}%",),
        ).fetchall()
    return [submission_of(row) for row in rows]


def is_in_doubt(database: Database, run: str) -> bool:
    """True when journals that a run has sent have no certain answer."""
    with database.reading() as connection:
        row = connection.execute(
            "SELECT 1 FROM journals WHERE run = ? AND state IN ('sending', 'unknown') LIMIT 1", (run,)
        ).fetchone()
    return row is not None
