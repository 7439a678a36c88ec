"""Notices that are to be sent, so that none is lost with a process: written in the transaction that ends a submission,
taken by one sender at a time, sent at least once.

    waiting (until `due`) -> sent | dropped
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from importer.store.database import Connection, Database, from_row

HOLD_SECONDS = 600.0
"""How long a sender that has taken a notice may be silent before another one takes it: longer than any try lasts."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice to one recipient. `about` names what has happened: for a recipient the same is kept once, whoever finds
    it again; `target` is a mail address or the name of another channel, `content` the text of what it says; `key` is
    its own among those of all stores, `made_at` UTC. Once the store has it, `id` is its number and `attempts` counts
    the tries, this one included."""

    about: str
    profile: str
    target: str
    content: str
    key: str = field(default_factory=lambda: uuid4().hex)
    made_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: int = 0
    attempts: int = 0


def add_notices(database: Database, notices: Iterable[Notice]) -> None:
    """Keeps notices to be sent. Raises SetupError."""
    with database.transaction() as connection:
        insert_notices(connection, notices)


def insert_notices(connection: Connection, notices: Iterable[Notice]) -> None:
    """Keeps notices to be sent, in the transaction of the connection."""
    connection.executemany(
        "INSERT INTO notices (notice_key, about, profile, target, content, made_at, state, due)"
        " VALUES (?, ?, ?, ?, ?, ?, 'waiting', clock()) ON CONFLICT (about, target) DO NOTHING",
        [(one.key, one.about, one.profile, one.target, one.content, one.made_at.isoformat()) for one in notices],
    )


def take_notice(database: Database, targets: Mapping[str, Collection[str]]) -> Notice | None:
    """Takes the notice that has been due for longest, for `HOLD_SECONDS`; None when none is due. `targets` are the
    recipients that this machine can reach, by profile; notices to others are left to other machines."""
    known = [(profile, target) for profile, of_profile in targets.items() for target in of_profile]
    if not known:
        return None
    is_ours = " OR ".join(["(profile = ? AND target = ?)"] * len(known))
    row = database.row(
        f"SELECT * FROM notices WHERE state = 'waiting' AND due <= clock() AND ({is_ours}) ORDER BY due, id LIMIT 1",
        [text for pair in known for text in pair],
    )
    if row is None:
        return None
    changed = database.write(
        "UPDATE notices SET due = clock() + ?, attempts = attempts + 1"
        " WHERE id = ? AND state = 'waiting' AND attempts = ?",
        (HOLD_SECONDS, row["id"], row["attempts"]),
    )
    if changed != 1:
        return None  # somebody else has it: the next look finds the next one
    return from_row(Notice, row, key=row["notice_key"], attempts=row["attempts"] + 1)


def end_try(database: Database, taken: Notice, *, fault: str = "", seconds: float | None = None) -> None:
    """Records how a try has ended, unless somebody else has taken the notice meanwhile: it was sent, or, with a
    `fault`, is tried again after `seconds`, or is dropped (`seconds` None)."""
    state = "sent" if not fault else "dropped" if seconds is None else "waiting"
    database.write(
        "UPDATE notices SET state = ?, fault = ?, due = clock() + ?"
        " WHERE id = ? AND attempts = ? AND state = 'waiting'",
        (state, fault, seconds or 0.0, taken.id, taken.attempts),
    )


def count_notices(database: Database) -> dict[str, int]:
    """How many notices are kept, by state."""
    rows = database.rows("SELECT state, COUNT(*) FROM notices GROUP BY state")
    return dict.fromkeys(("waiting", "sent", "dropped"), 0) | {row[0]: int(row[1]) for row in rows}


def dropped_notices(database: Database, since: datetime) -> dict[str, tuple[int, Notice, str]]:
    """By recipient the notices that were made since a moment (UTC) and given up, without recipients whom a later notice
    has reached: how many, the newest one, and what it met."""
    rows = database.rows(
        "SELECT *, notice_key AS key FROM notices AS one WHERE state = 'dropped' AND made_at >= ? AND NOT EXISTS ("
        " SELECT 1 FROM notices WHERE target = one.target AND state = 'sent' AND id > one.id) ORDER BY id",
        (since.isoformat(),),
    )
    counts = Counter(row["target"] for row in rows)
    return {row["target"]: (counts[row["target"]], from_row(Notice, row), row["fault"]) for row in rows}


def forget_notices(database: Database, before: datetime) -> None:
    """Removes notices that were made before that moment (UTC), whatever has become of them."""
    database.write("DELETE FROM notices WHERE made_at < ?", (before.isoformat(),))
