"""Notices that are to be sent, so that none is lost with a process: written in the transaction that ends a submission,
taken by one sender at a time, sent at least once.

    waiting (until `due`) -> sent | dropped
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from importer.store.database import Connection, Database, from_row

HOLD_SECONDS = 600.0
"""How long a sender that has taken a notice may be silent before another one takes it: longer than any try lasts."""


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice to one recipient. `about` names what has happened: for a recipient the same is kept once, whoever finds
    it again; `target` is a mail address or the name of another channel, `content` the text of what it says."""

    about: str
    profile: str
    target: str
    content: str


@dataclass(frozen=True, slots=True)
class Notice(NewNotice):
    """A notice as the store has it: `key` is its own among those of all stores, `attempts` counts the tries, this one
    included; `made_at` is UTC."""

    id: int
    key: str
    made_at: datetime
    attempts: int


def add_notices(database: Database, notices: Iterable[NewNotice]) -> None:
    """Keeps notices to be sent. Raises SetupError."""
    with database.transaction() as connection:
        insert_notices(connection, notices)


def insert_notices(connection: Connection, notices: Iterable[NewNotice]) -> None:
    """Keeps notices to be sent, in the transaction of the connection."""
    now = datetime.now(UTC).isoformat()
    connection.executemany(
        "INSERT INTO notices (notice_key, about, profile, target, content, made_at, state, due)"
        " VALUES (?, ?, ?, ?, ?, ?, 'waiting', clock()) ON CONFLICT (about, target) DO NOTHING",
        [(uuid4().hex, one.about, one.profile, one.target, one.content, now) for one in notices],
    )


def take_notice(database: Database, targets: Mapping[str, Collection[str]]) -> Notice | None:
    """Takes the notice that has been due for longest, for `HOLD_SECONDS`; None when none is due. `targets` are the
    recipients that this machine can reach, by profile; notices to others are left to other machines."""
    known = [(profile, target) for profile, of_profile in targets.items() for target in of_profile]
    if not known:
        return None
    is_ours = " OR ".join(["(profile = ? AND target = ?)"] * len(known))
    with database.reading() as connection:
        row = connection.execute(
            f"SELECT * FROM notices WHERE state = 'waiting' AND due <= clock() AND ({is_ours})"
            " ORDER BY due, id LIMIT 1",
            [text for pair in known for text in pair],
        ).fetchone()
    if row is None:
        return None
    with database.transaction() as connection:
        changed = connection.execute(
            "UPDATE notices SET due = clock() + ?, attempts = attempts + 1"
            " WHERE id = ? AND state = 'waiting' AND attempts = ?",
            (HOLD_SECONDS, row["id"], row["attempts"]),
        )
        if changed.rowcount != 1:
            return None  # somebody else has it: the next look finds the next one
    return from_row(Notice, row, key=row["notice_key"], attempts=row["attempts"] + 1)


def end_try(database: Database, taken: Notice, *, fault: str = "", seconds: float | None = None) -> None:
    """Records how a try has ended, unless somebody else has taken the notice meanwhile: it was sent, or, with a
    `fault`, is tried again after `seconds`, or is dropped (`seconds` None)."""
    state = "sent" if not fault else "dropped" if seconds is None else "waiting"
    with database.transaction() as connection:
        connection.execute(
            "UPDATE notices SET state = ?, fault = ?, due = clock() + ? WHERE id = ? AND attempts = ?"
            " AND state = 'waiting'",
            (state, fault, seconds or 0.0, taken.id, taken.attempts),
        )


def count_notices(database: Database) -> dict[str, int]:
    """How many notices are kept, by state."""
    with database.reading() as connection:
        rows = connection.execute("SELECT state, COUNT(*) FROM notices GROUP BY state").fetchall()
    return dict.fromkeys(("waiting", "sent", "dropped"), 0) | {row[0]: int(row[1]) for row in rows}


@dataclass(frozen=True, slots=True)
class Dropped:
    """Notices to one recipient that were given up: how many, and what the newest one was about and met."""

    target: str
    count: int
    about: str
    fault: str


def dropped_notices(database: Database, since: datetime) -> list[Dropped]:
    """The dropped notices that were made since a moment (UTC), by recipient, without recipients whom a later notice has
    reached."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT target, about, fault FROM notices AS one WHERE state = 'dropped' AND made_at >= ? AND NOT EXISTS ("
            " SELECT 1 FROM notices WHERE target = one.target AND state = 'sent' AND id > one.id) ORDER BY id",
            (since.isoformat(),),
        ).fetchall()
    found: dict[str, Dropped] = {}
    for target, about, fault in rows:
        count = found[target].count + 1 if target in found else 1
        found[target] = Dropped(target, count, about, fault)
    return list(found.values())


def forget_notices(database: Database, before: datetime) -> None:
    """Removes notices that were made before that moment (UTC), whatever has become of them."""
    with database.transaction() as connection:
        connection.execute("DELETE FROM notices WHERE made_at < ?", (before.isoformat(),))
