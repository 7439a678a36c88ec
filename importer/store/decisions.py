"""What people have decided about single journals after looking at the ledger
(importer/post/README.md, "What a person saw")."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from importer.errors import SetupError
from importer.model.postings import Choice, Decision
from importer.store.database import Database
from importer.store.engine import Connection
from importer.store.installations import settle_older

_EFFECTS: Mapping[Choice, str] = {
    Choice.IS: "state = 'posted', journal_number = :number, voucher_number = :voucher, accepted = :accepted,"
    " doubts = 0, denials = 0, absent_looks = '', run = :run",
    Choice.DROP: "state = 'dropped', accepted = '', absent_looks = '', run = :run",
    Choice.SEND: "state = 'planned', journal_number = NULL, voucher_number = NULL, accepted = '', doubts = 0,"
    " denials = 0, absent_looks = '', run = :run",
}


def keep_decisions(connection: Connection, run: str, decisions: Iterable[Decision]) -> None:
    """Writes down what was decided, and gives the journals the state that follows. A journal in doubt that is to be
    sent stays in doubt: only settling may let it go. Raises SetupError for a number that another journal has."""
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
    """A new run has journals that a person had given up: they are planned anew. One that was dropped in doubt is in
    doubt again, once: it may have landed since, and only settling lets it go."""
    connection.executemany(
        "UPDATE journals SET state = CASE WHEN doubts > 0 THEN 'unknown' ELSE 'planned' END, "
        " doubts = CASE WHEN doubts > 0 THEN 1 ELSE 0 END,"
        " denials = 0, journal_number = NULL, voucher_number = NULL, run = ? WHERE id = ? AND state = 'dropped'",
        [(run, id_) for id_ in ids],
    )


def names_of(key: str, file: str) -> tuple[str, str, str]:
    """How a person may name a journal: by its key, alone or behind its file's name or path."""
    return key, f"{Path(file).name}:{key}", f"{file}:{key}"


def runs_with(database: Database, names: Sequence[str]) -> list[str]:
    """The runs that have all the journals so named, the newest first; of several that have the same journals only the
    newest."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT a.run, journal, a.document_key, a.file FROM appearances AS a JOIN runs ON runs.run = a.run"
            " ORDER BY started_at DESC, a.run DESC"
        ).fetchall()
    found: dict[str, dict[str, set[int]]] = {}
    for row in rows:
        for name in set(names).intersection(names_of(row["document_key"], row["file"])):
            found.setdefault(row["run"], {}).setdefault(name, set()).add(row["journal"])
    whole = {run: journals for run, journals in found.items() if len(journals) == len(set(names))}
    newest: list[str] = []
    for run, journals in whole.items():
        if all(whole[other] != journals for other in newest):
            newest.append(run)
    return newest
