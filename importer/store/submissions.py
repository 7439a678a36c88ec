"""Workbooks that were submitted, and the state of each. A worker takes one for a minute at a time and may lose it, so
every later change names the attempt that makes it and does nothing when there is a newer one.

    queued -> working -> done | stopped
              working -> waiting | settling (until `due`) -> working
              working -> approval -> queued | rejected
              working -> approval -> withdrawn (a newer version of the workbook has been asked for since)
    queued, waiting, approval, stopped -> withdrawn

A submission that is `working` after its time has run out is taken by another worker: the process died, sleeps, or has
lost the store. That two of them do not post its journals twice is ensured by the lease on the company.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from importer.errors import SetupError
from importer.store.database import Database, as_json, from_row, storable
from importer.store.notices import Notice, insert_notices

HOLD_SECONDS = 60.0
"""How long an attempt may be silent before another one takes the submission."""

SOURCE_FOLDER = "folder "
"""How `source` begins of what came from a watched folder: its watcher carries it out, and no other worker."""

SUBMITTED = "submit"
"""The source of what a person has handed in by `importer submit`."""

MOST_BYTES = 50 * 1024**2
"""Of one file."""


class SubmissionState(StrEnum):
    """The states of a submission; the module's diagram has their transitions."""

    QUEUED = "queued"
    WORKING = "working"
    WAITING = "waiting"
    SETTLING = "settling"
    APPROVAL = "approval"
    DONE = "done"
    STOPPED = "stopped"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


ENDED = (SubmissionState.DONE, SubmissionState.STOPPED, SubmissionState.REJECTED, SubmissionState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class SubmittedFile:
    """A file of a submission: its path relative to the workbook's folder, with `/` (or `mappings/NAME.toml`), and the
    hash of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SubmissionOptions:
    """How a workbook is to be run: the flags of `importer run`. `mapping` names the one of the submission's mappings
    that reads it, `used` has the hashes of those that the profile has used, by name; `lang` is the language of its
    report and `reports` the folder for it (`""`: as the worker's settings say)."""

    check_only: bool = False
    only_if_clean: bool = False
    allow_delete: bool = False
    skip_hidden: bool = False
    attach_workbook: bool = False
    mapping: str | None = None
    encoding: str = ""
    lang: str = ""
    reports: str = ""
    used: Mapping[str, str] = field(default_factory=dict)
    held: tuple[str, ...] = ()
    """Codes of warnings, of `report.terminal_result.APART`, whose journals are not posted, as if a person had said no
    to them."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A workbook that is handed in. `files`: the workbook first, then attachments and mappings; `origin` is where a
    mended copy of the workbook is known again, whatever machine runs it; `address` and `userid` are those for which it
    was made, `company` the only one to post to (None: that of the user); `source` is `submit`, or `SOURCE_FOLDER` and
    the token of the file; who has put it there is not known then (`submitted_by` is `–`).

    Once the store has it, `id` is its number. `maker` is the login role of whoever handed it in, `""` where the store
    knows none or it came from a folder, where anybody may have put it. `attempts` counts who has taken it, `failures`
    those that ended without a result of their own, `looks` those that have waited for what is in doubt, `deaths` those
    in a row whose process, or its worker, died; `run` is that of the last attempt (`""`: none yet), `stop` the code of
    what stopped it."""

    name: str
    origin: str
    files: Sequence[SubmittedFile]
    options: SubmissionOptions
    profile: str
    address: str
    userid: str
    company: int | None
    source: str
    submitted_by: str
    submitted_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: int = 0
    state: SubmissionState = SubmissionState.QUEUED
    attempts: int = 0
    failures: int = 0
    looks: int = 0
    run: str = ""
    exit_code: int | None = None
    stop: str = ""
    maker: str = ""
    deaths: int = 0


def sum_of(content: bytes) -> str:
    """The hash by which a file's bytes are kept."""
    return sha256(content).hexdigest()


def add_submission(database: Database, new: Submission, contents: Mapping[str, bytes]) -> int:
    """Adds a submission; gives its number. `contents` has the bytes of the files of `new` by their hash (`sum_of`).
    Raises SetupError."""
    with database.transaction() as connection:
        for digest, content in contents.items():
            connection.execute(
                "INSERT INTO contents (sha256, bytes) VALUES (?, ?)"
                " ON CONFLICT (sha256) DO UPDATE SET bytes = excluded.bytes",
                (digest, content),
            )
        maker = database.login_role() if new.source == SUBMITTED else ""
        row = connection.execute(
            "INSERT INTO submissions (name, origin, files, options, profile, address, userid, company, source,"
            " submitted_by, submitted_at, maker, state, due)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', clock())"
            " RETURNING id",
            (
                *(storable(new.name), storable(new.origin), as_json(list(new.files)), as_json(new.options)),
                *(new.profile, new.address, new.userid, new.company, new.source, new.submitted_by),
                *(new.submitted_at.isoformat(), maker),
            ),
        ).fetchone()
        return int(row["id"])


def is_pending(database: Database, origin: str, files: Sequence[SubmittedFile], options: SubmissionOptions) -> bool:
    """True when the newest submission from there has not ended and is the same, file by file."""
    row = database.row(
        "SELECT state, files, options FROM submissions WHERE origin = ? ORDER BY id DESC LIMIT 1", (storable(origin),)
    )
    same = as_json(list(files)), as_json(options)
    return row is not None and row["state"] not in ENDED and (row["files"], row["options"]) == same


def find_submission(database: Database, number: int) -> Submission:
    """The submission of that number. Raises SetupError when there is none."""
    row = database.row("SELECT * FROM submissions WHERE id = ?", (number,))
    if row is None:
        raise SetupError("no-submission", number=str(number), store=database.name)
    return _submission(row)


def find_by_source(database: Database, source: str) -> Submission | None:
    """The submission that came from there, None when there is none."""
    row = database.row("SELECT * FROM submissions WHERE source = ?", (source,))
    return None if row is None else _submission(row)


def submissions_in(database: Database) -> list[Submission]:
    """All submissions, the oldest first."""
    return [_submission(row) for row in database.rows("SELECT * FROM submissions ORDER BY id")]


_IS_DUE = "state IN ('queued', 'waiting', 'settling', 'working') AND due <= clock()"
"""Of a row that may be taken now."""


def due_submissions(database: Database) -> list[Submission]:
    """Those that may be taken now, the oldest first."""
    return [_submission(row) for row in database.rows(f"SELECT * FROM submissions WHERE {_IS_DUE} ORDER BY id")]


def take(database: Database, number: int) -> Submission | None:
    """Takes a submission that is due for `HOLD_SECONDS`; None when somebody else has it, or it needs nothing now."""
    with database.transaction() as connection:
        row = connection.execute(
            "UPDATE submissions SET due = clock() + ?, attempts = attempts + 1,"
            " looks = looks + CASE state WHEN 'settling' THEN 1 ELSE 0 END,"
            " deaths = deaths + CASE state WHEN 'working' THEN 1 ELSE 0 END, state = 'working'"
            f" WHERE id = ? AND {_IS_DUE} RETURNING *",
            (HOLD_SECONDS, number),
        ).fetchone()
    return None if row is None else _submission(row)


def hold(database: Database, taken: Submission, *, run: str | None = None) -> bool:
    """Keeps a submission for another `HOLD_SECONDS`, for the `run` that begins where one is given. False when somebody
    else has taken it meanwhile, or it has ended."""
    return _change(database, taken, "due = clock() + ?, run = COALESCE(?, run)", (HOLD_SECONDS, run))


def end(
    database: Database,
    taken: Submission,
    state: SubmissionState,
    *,
    seconds: float = 0.0,
    exit_code: int | None = None,
    stop: str = "",
    failed: bool = False,
    notices: Iterable[Notice] = (),
    died: bool = False,
) -> bool:
    """Records how an attempt ended. `state` is the submission's from now on, in which it is due after `seconds`;
    `exit_code` is that of the run, `stop` the code of what stopped it; `failed` and `died` count the attempt as a
    failure, and as one whose process died; `notices` are added in the same transaction. False, and nothing is changed,
    when somebody else has taken the submission meanwhile."""
    return _change(
        database,
        taken,
        "state = ?, due = clock() + ?, exit_code = ?, stop = ?, failures = failures + ?, deaths = (deaths + 1) * ?,"
        " ended_at = ?",
        (state, seconds, exit_code, stop, int(failed), int(died), datetime.now(UTC).isoformat()),
        notices,
    )


REPLACED = "replaced"
"""Stops a submission of which a newer version has been handed in and asked for."""


def bring_on_decided(database: Database, stop: str) -> set[str]:
    """Makes submissions due again that wait for a request (`stop` and its number) that is no longer open, also when it
    was decided before the submission began to wait; gives what they have waited for. When the request is outdated and a
    newer version of the workbook was submitted, the older submission is withdrawn: run again, it would outdate the
    newer one's request."""
    request = "FROM requests WHERE CAST(? AS TEXT) || id = submissions.stop AND state <> 'open'"
    newer = (
        "SELECT 1 FROM submissions AS newer WHERE newer.origin = submissions.origin AND newer.id > submissions.id"
        " AND newer.state NOT IN ('stopped', 'rejected', 'withdrawn')"
    )
    if database.row("SELECT 1 FROM submissions WHERE state = 'approval' LIMIT 1") is None:
        return set()  # a look that finds nothing keeps no writer waiting
    with database.transaction() as connection:
        connection.execute(
            f"UPDATE submissions SET state = 'withdrawn', stop = ? WHERE state = 'approval' AND EXISTS ({newer})"
            f" AND EXISTS (SELECT 1 {request} AND state = 'outdated')",
            (REPLACED, stop),
        )
        rows = connection.execute(
            "UPDATE submissions SET state = 'queued', due = clock() WHERE state = 'approval'"
            f" AND EXISTS (SELECT 1 {request}) RETURNING stop",
            (stop,),
        ).fetchall()
    return {row["stop"] for row in rows}


def withdraw(database: Database, number: int) -> bool:
    """Withdraws a submission that waits or was stopped. False when it is being run or has ended."""
    may_be = "state IN ('queued', 'waiting', 'approval', 'stopped')"
    return database.write(f"UPDATE submissions SET state = 'withdrawn' WHERE id = ? AND {may_be}", (number,)) == 1


def content_of(database: Database, digest: str) -> bytes:
    """The bytes of a file. Raises SetupError when they were removed after their time."""
    row = database.row("SELECT bytes FROM contents WHERE sha256 = ?", (digest,))
    if row is None or row["bytes"] is None:
        raise SetupError("submission-emptied", store=database.name)
    return bytes(row["bytes"])


def empty_contents(database: Database, before: datetime) -> int:
    """Removes the bytes, not the hashes, of files of which every submission ended before that moment (UTC); gives how
    many files it were."""
    with database.transaction() as connection:
        rows = connection.execute("SELECT state, ended_at, submitted_at, files FROM submissions").fetchall()
        needed = {
            one["sha256"]
            for row in rows
            if row["state"] not in ENDED or (row["ended_at"] or row["submitted_at"]) >= before.isoformat()
            for one in json.loads(row["files"])
        }
        kept = connection.execute("SELECT sha256 FROM contents WHERE bytes IS NOT NULL").fetchall()
        gone = [(row["sha256"],) for row in kept if row["sha256"] not in needed]
        connection.executemany("UPDATE contents SET bytes = NULL WHERE sha256 = ?", gone)
    return len(gone)


def count_submissions(database: Database) -> dict[tuple[str, SubmissionState], int]:
    """How many submissions there are, by profile and state."""
    rows = database.rows("SELECT profile, state, COUNT(*) FROM submissions GROUP BY profile, state")
    return {(row[0], SubmissionState(row[1])): int(row[2]) for row in rows}


def longest_waits(database: Database) -> Mapping[str, tuple[int, float]]:
    """By profile, the number of submissions that a worker could take now, and for how many seconds the first of them
    has waited. Those from a watched folder are not counted: only its watcher takes them."""
    rows = database.rows(
        "SELECT profile, COUNT(*) AS count, MAX(clock() - due) AS seconds FROM submissions"
        f" WHERE {_IS_DUE} AND source NOT LIKE '{SOURCE_FOLDER}%' GROUP BY profile"
    )
    return {row["profile"]: (int(row["count"]), float(row["seconds"])) for row in rows}


def under_way_since(database: Database, before: datetime) -> list[tuple[Submission, str, int]]:
    """The submissions whose run began before a moment (UTC) and still goes on, the oldest first (the name of a run
    begins with its time), each with the machine and the process that holds its company (`""` and 0 before that). What
    only waits for a doubt to settle is left out: its run is an older one."""
    rows = database.rows(
        "SELECT one.*, COALESCE(host, '') AS host, COALESCE(process, 0) AS process"
        " FROM submissions AS one LEFT JOIN leases ON leases.run = one.run AND until > clock()"
        " WHERE state = 'working' AND due > clock() AND looks = 0 AND one.run <> '' AND one.run < ?"
        " ORDER BY one.run",
        (f"{before:%Y%m%d-%H%M%S}",),
    )
    return [(_submission(row), row["host"].partition("/")[0], int(row["process"])) for row in rows]


def stopped_submissions(database: Database) -> list[Submission]:
    """Those that a person must look at, the oldest first: stopped, not from a watched folder, and of a workbook that
    was not submitted again since."""
    rows = database.rows(
        f"SELECT * FROM submissions AS one WHERE state = 'stopped' AND source NOT LIKE '{SOURCE_FOLDER}%'"
        " AND NOT EXISTS (SELECT 1 FROM submissions WHERE origin = one.origin AND id > one.id) ORDER BY id"
    )
    return [_submission(row) for row in rows]


def _change(
    database: Database, taken: Submission, columns: str, values: tuple[Any, ...], notices: Iterable[Notice] = ()
) -> bool:
    with database.transaction() as connection:
        changed = connection.execute(
            f"UPDATE submissions SET {columns} WHERE id = ? AND state = 'working' AND attempts = ?",
            (*values, taken.id, taken.attempts),
        )
        if changed.rowcount == 1:
            insert_notices(connection, notices)
        return bool(changed.rowcount == 1)


def _submission(row: Any) -> Submission:
    return from_row(Submission, row, "files", "options")
