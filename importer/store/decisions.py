"""What people have decided about single journals after looking at the ledger
(importer/post/README.md, "What a person saw")."""

from collections.abc import Iterable, Mapping

from importer.errors import SetupError
from importer.model.postings import Choice, Decision
from importer.store.database import Connection, Database, storable
from importer.store.installations import settle_older

_EFFECTS: Mapping[Choice, str] = {
    Choice.IS: "state = 'posted', journal_number = :number, voucher_number = :voucher, accepted = :accepted,"
    " doubts = 0, denials = 0, absent_looks = '', run = :run",
    Choice.DROP: "state = 'dropped', accepted = '', absent_looks = '', run = :run",
    Choice.SEND: "state = 'planned', journal_number = NULL, voucher_number = NULL, accepted = '', doubts = 0,"
    " denials = 0, absent_looks = '', run = :run",
}


def keep_decisions(connection: Connection, run: str, decisions: Iterable[Decision]) -> None:
    """Records decisions that were made in a run, and gives their journals the state that follows, in the open
    transaction of the connection. A journal in doubt that is to be sent stays in doubt: only settling releases it.
    Raises SetupError for a number that another journal has."""
    for one in decisions:
        if one.choice is Choice.IS:
            _refuse_owned(connection, one)
        is_in_doubt = connection.execute(
            "SELECT state IN ('sending', 'unknown') FROM journals WHERE id = ?", (one.id,)
        ).fetchone()[0]
        if not (one.choice is Choice.SEND and is_in_doubt):
            connection.execute(
                f"UPDATE journals SET {_EFFECTS[one.choice]} WHERE id = :id",
                {
                    **{"id": one.id, "run": run, "number": one.journal_number, "voucher": one.voucher_number},
                    "accepted": one.accepted,
                },
            )
        connection.execute(
            "INSERT INTO decisions (journal, run, decided_by, decided_at, decision, reason, journal_number)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (one.id, run, one.by, one.at.isoformat(), one.choice, one.reason, one.journal_number),
        )
        if one.choice is Choice.IS:
            settle_older(connection, one.id)
        elif one.choice is Choice.DROP:
            _drop_older(connection, one.id)


def _refuse_owned(connection: Connection, one: Decision) -> None:
    owner = connection.execute(
        "SELECT others.document_key, others.run FROM journals AS ours JOIN journals AS others"
        " ON others.company = ours.company AND others.installation = ours.installation AND others.id <> ours.id"
        " AND others.journal_number = ? AND others.state NOT IN ('gone', 'dropped') WHERE ours.id = ?",
        (one.journal_number, one.id),
    ).fetchone()
    if owner is not None:
        facts = {"number": one.journal_number or "", "journal": owner["document_key"], "run": owner["run"]}
        raise SetupError("number-owned", **facts)


def _drop_older(connection: Connection, id_: int) -> None:
    """The doubt of an older program, of which a dropped journal is the copy, is dropped for every ledger."""
    connection.execute(
        "UPDATE journals SET state = 'dropped' WHERE state IN ('sending', 'unknown')"
        " AND id = (SELECT copy_of FROM journals WHERE id = ?)",
        (id_,),
    )


def take_up_dropped(connection: Connection, run: str, ids: Iterable[int]) -> None:
    """Plans journals (by `ids`) anew that a person had given up and that a new run has again, in the open transaction
    of the connection. One that was dropped in doubt is in doubt again: it may have been posted since, and only settling
    releases it."""
    connection.executemany(
        "UPDATE journals SET state = CASE WHEN doubts > 0 THEN 'unknown' ELSE 'planned' END, "
        " doubts = CASE WHEN doubts > 0 THEN 1 ELSE 0 END,"
        " denials = 0, journal_number = NULL, voucher_number = NULL, run = ? WHERE id = ? AND state = 'dropped'",
        [(run, id_) for id_ in ids],
    )


def keep_releases(database: Database, run: str, by: str, at: str, reasons: Mapping[int, str]) -> None:
    """Records that a person wants journals posted in a run although they are held: `reasons` by the journal's id, `by`
    whom, `at` what time (UTC, ISO). One commit."""
    with database.transaction() as connection:
        connection.executemany(
            "INSERT INTO decisions (journal, run, decided_by, decided_at, decision, reason)"
            " VALUES (?, ?, ?, ?, 'post', ?)",
            [(id_, run, storable(by), at, storable(reason)) for id_, reason in reasons.items()],
        )


def released_in(database: Database, run: str) -> set[int]:
    """The journals (by id) that a person has released in a run."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT journal FROM decisions WHERE run = ? AND decision = 'post'", (run,)
        ).fetchall()
    return {row["journal"] for row in rows}
