"""Which ledger of a company number an address belongs to: a company has a test ledger beside the real one, hosts are
renamed, and two services may number their companies alike. And the journals that older programs wrote down, which knew
no address (installation ''): they may be of any ledger of their company number, and none of them is moved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from importer.errors import SetupError
from importer.model.postings import Entry, StoredJournal
from importer.store.database import Connection, Database, from_row

_COPIED = (
    "company, fingerprint, occurrence, state, payload_hash, attempts, journal_number, voucher_number, run,"
    " document_key, file, sheet, sheet_rows, content, doubts, denials, in_doubt_since, there_before, accepted,"
    " doubt_clock, absent_looks, is_doubtful_refusal"
)
_COPY = f"INSERT INTO journals (installation, copy_of, {_COPIED}) SELECT ?, id, {_COPIED} FROM journals"
_STORED = "id, state, content, journal_number, voucher_number, run, document_key AS key, file, sheet"
_SAME = "ours.company = older.company AND ours.fingerprint = older.fingerprint AND ours.occurrence = older.occurrence"


def copy_doubts(connection: Connection, company: str, installation: str, entries: Iterable[Entry]) -> None:
    """Copies to the installation, with their attempts, those of the entries that an older program has left `sending` or
    `unknown`, in the open transaction of the connection. `company` is the key of the fingerprints."""
    if not installation:
        return
    for entry in entries:
        older = connection.execute(
            "SELECT id FROM journals WHERE company = ? AND installation = '' AND fingerprint = ? AND occurrence = ?"
            " AND state IN ('sending', 'unknown')",
            (company, entry.fingerprint, entry.occurrence),
        ).fetchone()
        if older is not None:
            copied = connection.execute(
                _COPY + " WHERE id = ? ON CONFLICT (company, installation, fingerprint, occurrence) DO NOTHING",
                (installation, older["id"]),
            )
            if copied.rowcount == 1:
                _copy_attempts(connection, installation, older["id"])


def older_posted(
    connection: Connection, company: str, installation: str, contents: Iterable[str] | None = None
) -> list[tuple[StoredJournal, bool]]:
    """What older programs have posted of a company (the key of the fingerprints) and the installation neither has nor
    sends; each with whether another installation has it under its number. `contents`: only journals with the type,
    period and currency of one of them."""
    heads = None if contents is None else sorted({content.partition("[[")[0] for content in contents})
    if heads == []:
        return []
    is_wanted = " OR ".join(["substr(content, 1, length(?)) = ?"] * len(heads)) if heads else "TRUE"
    rows = connection.execute(
        f"SELECT {_STORED}, EXISTS ("
        f"  SELECT 1 FROM journals AS ours WHERE {_SAME} AND ours.installation NOT IN ('', ?)"
        "   AND ours.journal_number = older.journal_number) AS is_known"
        " FROM journals AS older WHERE company = ? AND installation = '' AND state = 'posted' AND NOT EXISTS ("
        f"  SELECT 1 FROM journals AS ours WHERE {_SAME} AND ours.installation = ?"
        f"  AND ours.state NOT IN ('planned', 'refused')) AND ({is_wanted}) ORDER BY id",
        (installation, company, installation, *(head for head in heads or () for _ in range(2))),
    ).fetchall()
    return [(from_row(StoredJournal, row), bool(row["is_known"])) for row in rows]


def copy_posted(connection: Connection, installation: str, ids: Iterable[int]) -> None:
    """Copies entries of older programs (by `ids`) to the installation as posted, in the open transaction of the
    connection. A number that another journal of the installation has stays that one's."""
    for id_ in ids:
        is_taken = connection.execute(
            "SELECT 1 FROM journals AS ours JOIN journals AS older ON older.id = ? AND ours.company = older.company"
            " AND ours.journal_number = older.journal_number"
            " WHERE ours.installation = ? AND ours.state NOT IN ('gone', 'dropped')",
            (id_, installation),
        ).fetchone()
        if is_taken is None:
            changed = connection.execute(
                _COPY + " WHERE id = ? ON CONFLICT (company, installation, fingerprint, occurrence) DO UPDATE"
                " SET state = 'posted', journal_number = excluded.journal_number,"
                " voucher_number = excluded.voucher_number, copy_of = excluded.copy_of, doubts = 0, denials = 0,"
                " attempts = CASE WHEN journals.attempts > excluded.attempts THEN journals.attempts"
                "  ELSE excluded.attempts END WHERE journals.state IN ('planned', 'refused')",
                (installation, id_),
            )
            if changed.rowcount == 1:
                _copy_attempts(connection, installation, id_)


def settle_older(connection: Connection, id_: int) -> None:
    """Ends the doubt about an older program's entry, for every ledger, when the journal `id_`, its copy that was not
    sent since, was found in its ledger."""
    row = connection.execute(
        "SELECT older.id, ours.journal_number, ours.voucher_number FROM journals AS ours"
        " JOIN journals AS older ON older.id = ours.copy_of AND older.attempts = ours.attempts"
        " WHERE ours.id = ? AND older.state IN ('sending', 'unknown')",
        (id_,),
    ).fetchone()
    if row is None:
        return
    # Ledgers number alike: where a journal of another one has the number already, this one's is told by its copy alone.
    connection.execute(
        "UPDATE journals SET state = CASE WHEN ? IN (SELECT journal_number FROM journals AS others"
        "   WHERE others.company = journals.company AND others.installation = '' AND others.journal_number IS NOT NULL"
        "   AND others.state NOT IN ('gone', 'dropped')) THEN 'dropped' ELSE 'posted' END,"
        " journal_number = ?, voucher_number = ?, doubts = 0, denials = 0 WHERE id = ?",
        (row["journal_number"], row["journal_number"], row["voucher_number"], row["id"]),
    )


def _copy_attempts(connection: Connection, installation: str, older: int) -> None:
    connection.execute(
        "INSERT INTO attempts (journal, number, run, sent_at, ended_at, state, answer, settled_at, finding)"
        " SELECT ours.id, number, theirs.run, sent_at, ended_at, theirs.state, answer, settled_at, finding"
        " FROM attempts AS theirs JOIN journals AS older ON older.id = theirs.journal"
        f" JOIN journals AS ours ON {_SAME} AND ours.installation = ?"
        " WHERE theirs.journal = ? ON CONFLICT DO NOTHING",
        (installation, older),
    )


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
    newest: Sequence[StoredJournal]
    is_in_doubt: bool


def find_installation(database: Database, company: str, address: str, name: str | None) -> str | None:
    """The key of the installation to which a known address belongs, None for a new address. `company` is the key of the
    fingerprints; `name` is the setting `installation`: one that is new names the installation from now on.

    Raises SetupError `two-installations` when the settings call by the name of another ledger what has a name, or
    belongs to an installation, already.
    """
    with database.transaction(company) as connection:
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
            raise SetupError("two-installations", address=address, known=known, given=name or "", company=company)
        connection.execute(
            "UPDATE installations SET name = ? WHERE company = ? AND installation = ?", (name, company, key)
        )
        return key


def add_address(database: Database, company: str, address: str, key: str, name: str | None, at: datetime) -> None:
    """Records that an address belongs to the installation `key`, new or known. `company` is the key of the
    fingerprints, `name` what the settings call the installation, `at` the time (UTC). An address that another process
    has recorded meanwhile keeps its installation."""
    with database.transaction(company) as connection:
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
    found = []
    for key, name in database.rows(
        "SELECT installation, MAX(name) FROM installations WHERE company = ?"
        " GROUP BY installation ORDER BY MAX(seen_at) DESC, installation",
        (company,),
    ):
        of_ledger = "WHERE company = ? AND installation = ? AND"
        tax_ids = database.rows(f"SELECT tax_id FROM runs {of_ledger} tax_id <> ''", (company, key))
        newest = database.rows(
            f"SELECT {_STORED} FROM journals {of_ledger} state = 'posted' ORDER BY"
            " COALESCE((SELECT MAX(sent_at) FROM attempts WHERE journal = journals.id), '') DESC, id DESC LIMIT ?",
            (company, key, COMPARED),
        )
        in_doubt = f"SELECT 1 FROM journals {of_ledger} state IN ('sending', 'unknown') LIMIT 1"
        is_in_doubt = database.row(in_doubt, (company, key)) is not None
        known, shown = frozenset(row["tax_id"] for row in tax_ids), [from_row(StoredJournal, one) for one in newest]
        found.append(Installation(key, name or key, known, shown, is_in_doubt))
    return found
