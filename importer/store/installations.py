"""Which ledger of a company number an address belongs to: a company has a test ledger beside the real one, hosts are
renamed, and two services may number alike (posting.md, "Installation")."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from importer.errors import SetupError
from importer.model.entries import Posted
from importer.store.database import Database

COMPARED = 3
"""So many of the newest posted journals tell whether two addresses lead to one ledger."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A ledger that the store knows. `key` tells it in the store for ever: its first address, or the name that the
    settings gave it first; `name` is what people call it; `tax_ids` are those of the company in its runs; `newest` are
    its journals that were posted last, newest first; `is_in_doubt`: what became of some journals is unknown."""

    key: str
    name: str
    tax_ids: frozenset[str]
    newest: Sequence[Posted]
    is_in_doubt: bool


def find_installation(database: Database, company: str, address: str, name: str | None) -> str | None:
    """The key of the installation to which a known address belongs, None for a new address. `company` is the key of the
    fingerprints; `name` is the setting `installation`: one that is new names the installation from now on.

    Raises SetupError `two-installations` when the settings call by the name of another ledger what has a name, or
    belongs to an installation, already.
    """
    with database.transaction() as connection:
        row = connection.execute(
            "SELECT installation, name FROM installations WHERE company = ? AND address = ?", (company, address)
        ).fetchone()
        if row is None:
            return None
        key = str(row["installation"])
        if name in (None, key, row["name"]):
            return key
        is_used = connection.execute(
            "SELECT 1 FROM installations WHERE company = ? AND ? IN (installation, name)", (company, name)
        ).fetchone()
        if row["name"] or is_used:
            known = row["name"] or key
            raise SetupError("two-installations", address=address, known=known, told=name or "", company=company)
        connection.execute(
            "UPDATE installations SET name = ? WHERE company = ? AND installation = ?", (name, company, key)
        )
        return key


def add_address(database: Database, company: str, address: str, key: str, name: str | None, at: datetime) -> None:
    """Says that an address belongs to the installation of that key, new or known; `name` is what the settings call it,
    `at` UTC. An address that has one by now keeps it."""
    with database.transaction() as connection:
        known = connection.execute(
            "SELECT name FROM installations WHERE company = ? AND installation = ?", (company, key)
        ).fetchone()
        connection.execute(
            "INSERT INTO installations (company, address, installation, name, seen_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (company, address) DO NOTHING",
            (company, address, key, (name or "") if known is None else known["name"], at.isoformat()),
        )


def installations_of(database: Database, company: str) -> list[Installation]:
    """The installations of a company number, those with the newest address first."""
    with database.reading() as connection:

        def column(statement: str, key: str) -> list[str]:
            return [row[0] for row in connection.execute(statement, (company, key)).fetchall()]

        rows = connection.execute(
            "SELECT installation, MAX(name) AS name FROM installations WHERE company = ?"
            " GROUP BY installation ORDER BY MAX(seen_at) DESC, installation",
            (company,),
        ).fetchall()
        return [
            Installation(
                key=key,
                name=name or key,
                tax_ids=frozenset(
                    column("SELECT tax_id FROM runs WHERE company = ? AND installation = ? AND tax_id <> ''", key)
                ),
                newest=[
                    Posted(*posted)
                    for posted in connection.execute(
                        "SELECT id, content, journal_number, voucher_number, run, document_key, file, sheet"
                        " FROM journals WHERE company = ? AND installation = ? AND state = 'posted' ORDER BY"
                        " (SELECT MAX(sent_at) FROM attempts WHERE journal = journals.id) DESC, id DESC LIMIT ?",
                        (company, key, COMPARED),
                    ).fetchall()
                ],
                is_in_doubt=bool(
                    column(
                        "SELECT id FROM journals WHERE company = ? AND installation = ?"
                        " AND state IN ('sending', 'unknown') LIMIT 1",
                        key,
                    )
                ),
            )
            for key, name in rows
        ]
