"""Journals in the store: kept before they are sent, claimed by one sender only, recorded when they end, settled when
reading back has proved what became of them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from importer.errors import SetupError
from importer.model.postings import (
    Absence,
    Clocks,
    Decision,
    Entry,
    JournalOutcome,
    Known,
    LedgerFacts,
    RejectedUpdates,
    State,
    StoredJournal,
)
from importer.store.database import Connection, Database, from_row, storable
from importer.store.installations import copy_doubts, copy_posted, older_posted, settle_older
from importer.store.journal_rows import (
    KNOWN,
    STORED,
    keep_appearances,
    keep_decisions,
    known_in,
    take_up_dropped,
    text_of_absence,
    text_of_clocks,
    text_of_numbers,
)
from importer.store.leases import OF_PROCESS, Holder
from importer.store.schema import PERIOD_OF_JOURNAL

_THIS = " WHERE company = ? AND installation = ? AND fingerprint = ? AND occurrence = ?"

_SETTLED_FROM = {
    State.POSTED: ("planned", "sending", "unknown", "refused"),
    State.PLANNED: ("unknown",),
    State.REFUSED: ("unknown",),
    State.UNKNOWN: ("sending",),
}
"""What a journal must be when something is proved of it: the outcome of a sending that came late is not overruled."""


class JournalStore:
    """The journals of one ledger (`company` is the key of the fingerprints, `installation` tells which ledger of that
    company, `store.installations`) as seen by one run. `origin` is where its workbook comes from when the file that was
    read is only a copy of it. `holder` is the process that holds the company for it; without
    one the run alone must have it (for readers, and for tests)."""

    def __init__(
        self,
        database: Database,
        company: str,
        run: str,
        holder: Holder | None = None,
        installation: str = "",
        origin: str = "",
    ) -> None:
        self._database = database
        self._company = company
        self._installation = installation
        self._run = run
        self._holder = holder
        self._origin = origin
        self._claims: dict[int, int] = {}

    @property
    def ledger(self) -> tuple[str, str]:
        """The key of the company's fingerprints, and the installation."""
        return self._company, self._installation

    def remember(self, entries: Sequence[Entry]) -> list[Known]:
        """Each entry as the store knows it, in the same order; new ones become `planned`, or are in the doubt in which
        an older program has left them; all of them are kept as part of this run, with their rows. A run of an older
        program becomes one of this ledger. One commit."""
        with self._database.transaction(self._company) as connection:
            connection.execute(
                "UPDATE runs SET installation = ? WHERE run = ? AND installation = ''", (self._installation, self._run)
            )
            copy_doubts(connection, *self.ledger, entries)
            connection.executemany(
                "INSERT INTO journals (company, installation, fingerprint, occurrence, state, payload_hash, run,"
                " document_key, file, sheet, sheet_rows, content)"
                " VALUES (?, ?, ?, ?, 'planned', ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (company, installation, fingerprint, occurrence) DO NOTHING",
                (
                    (
                        *(*self._this(entry), entry.payload_hash, self._run, storable(entry.journal.key)),
                        *(storable(entry.journal.file), storable(entry.journal.sheet), str(list(entry.journal.rows))),
                        entry.content,
                    )
                    for entry in entries
                ),
            )
            known = [known_in(connection.execute(KNOWN + _THIS, self._this(entry)).fetchone()) for entry in entries]
            remembered = ((entry, one.id) for entry, one in zip(entries, known, strict=True))
            keep_appearances(connection, self._run, remembered, self._origin)
        return known

    def recall(self, entries: Sequence[Entry]) -> list[Known]:
        """Each entry as the store knows it, in the same order; nothing is written. All must have been remembered."""
        with self._database.reading() as connection:
            rows = [connection.execute(KNOWN + _THIS, self._this(entry)).fetchone() for entry in entries]
        return [known_in(row) for row in rows]

    def are_posted(self, entries: Sequence[Entry]) -> bool:
        """True when every entry is known as posted; nothing is remembered."""
        with self._database.reading() as connection:
            return all(
                connection.execute(f"SELECT 1 FROM journals {_THIS} AND state = 'posted'", self._this(entry)).fetchone()
                for entry in entries
            )

    def next_occurrence(self, fingerprint: str) -> int:
        """The first number under which no equal journal was ever remembered."""
        (last,) = self._database.row(
            "SELECT MAX(occurrence) FROM journals WHERE company = ? AND installation IN (?, '') AND fingerprint = ?",
            (self._company, self._installation, fingerprint),
        )
        return int(last or 0) + 1

    def claim(
        self,
        ids: Iterable[tuple[int, str]],
        at: datetime,
        preexisting_matches: Mapping[int, frozenset[int] | None] | None = None,
        clocks: Clocks | None = None,
    ) -> set[int]:
        """Marks journals as `sending`, durably, and gives the ids that are now this run's to send; each comes with the
        hash of the payload that is to leave. `preexisting_matches` has by id the equal journals that the ledger had
        before (`Known`); it stays as it was for a journal that is not in it. `clocks` is `at` by other clocks.

        A journal that is already being sent, posted or unknown, whoever did it, is not given. One commit. Raises
        SetupError `lease-lost` when the company is no longer this run's."""
        claimed, befores = set(), preexisting_matches or {}
        with self._database.transaction(self._company) as connection:
            self._hold(connection)
            for id_, payload_hash in ids:
                before = text_of_numbers(befores[id_]) if id_ in befores else None
                changed = connection.execute(
                    "UPDATE journals SET state = 'sending', attempts = attempts + 1, run = ?, payload_hash = ?,"
                    " there_before = COALESCE(?, there_before), doubt_clock = ?, absent_looks = ''"
                    " WHERE id = ? AND state IN ('planned', 'refused')",
                    (self._run, payload_hash, before, text_of_clocks(clocks), id_),
                )
                if changed.rowcount == 1:
                    claimed.add(id_)
                    (self._claims[id_],) = connection.execute(
                        "INSERT INTO attempts (journal, number, run, sent_at)"
                        " SELECT id, attempts, ?, ? FROM journals WHERE id = ? RETURNING number",
                        (self._run, at.isoformat(), id_),
                    ).fetchone()
        return claimed

    def record(self, endings: Iterable[JournalOutcome], clocks: Clocks | None = None) -> RejectedUpdates:
        """Writes down how sendings ended, in one commit, and gives those that do not stand so. A good answer is final:
        where its number belongs to another journal, that one is `gone`, until the ledger has told whose it is; an equal
        one whose doubt that number had settled is in doubt again. `clocks` is the moment by other clocks.

        A journal that somebody has taken over since this store claimed it stays as it is: only what became of that
        sending is kept, as evidence."""
        reused: dict[int, StoredJournal] = {}
        taken, doubtful = set(), set()
        with self._database.transaction(self._company) as connection:
            for ending in endings:
                owner = self._owner(connection, ending.journal_number) if ending.journal_number else None
                if owner == ending.id:
                    owner = None
                if owner is not None:
                    reused[ending.id] = self._posted_with(connection, " AND id = ?", owner)[0]
                    connection.execute("UPDATE journals SET state = 'gone' WHERE id = ?", (owner,))
                if not self._end(connection, ending, clocks):
                    taken.add(ending.id)
                    connection.execute("UPDATE journals SET state = 'posted' WHERE id = ? AND state = 'gone'", (owner,))
                elif owner is not None and self._doubt_again(connection, owner, ending, clocks):
                    doubtful.add(owner)
                    del reused[ending.id]
        stand = {id_: other for id_, other in reused.items() if id_ not in taken}
        return RejectedUpdates(stand, frozenset(taken), frozenset(doubtful))

    def _doubt_again(self, connection: Connection, owner: int, ending: JournalOutcome, clocks: Clocks | None) -> bool:
        """Puts the one that had the number of an equal journal in doubt again, where it never had a good answer itself:
        what was found in the ledger was the other one. False where that is not so."""
        changed = connection.execute(
            "UPDATE journals SET state = 'unknown', journal_number = NULL, voucher_number = NULL, doubts = 1,"
            " in_doubt_since = ?, doubt_clock = ?, absent_looks = ''"
            " WHERE id = ? AND attempts > 0 AND fingerprint = (SELECT fingerprint FROM journals WHERE id = ?)"
            " AND NOT EXISTS (SELECT 1 FROM attempts WHERE journal = journals.id AND state = 'posted')",
            (ending.at.isoformat(), text_of_clocks(clocks), owner, ending.id),
        )
        return bool(changed.rowcount == 1)

    def give_number_back(self, to: int, was_given_to: int) -> None:
        """Two journals have one number, and the ledger shows the older one: that is posted, the other `gone`. One
        commit."""
        with self._database.transaction(self._company) as connection:
            self._hold(connection)
            connection.execute("UPDATE journals SET state = 'gone' WHERE id = ?", (was_given_to,))
            connection.execute("UPDATE journals SET state = 'posted' WHERE id = ? AND state = 'gone'", (to,))

    def _end(self, connection: Connection, ending: JournalOutcome, clocks: Clocks | None) -> bool:
        """False when the journal is not this store's any more."""
        state, number, voucher = ending.state, ending.journal_number, ending.voucher_number
        is_in_doubt = state is State.UNKNOWN
        at = ending.at.isoformat()
        attempt = self._claims.get(ending.id)
        if attempt is None:
            (attempt,) = connection.execute("SELECT attempts FROM journals WHERE id = ?", (ending.id,)).fetchone()
        changed = connection.execute(
            "UPDATE journals SET state = ?, journal_number = ?, voucher_number = ?,"
            " doubts = CASE WHEN ? THEN doubts + 1 WHEN ? THEN doubts ELSE 0 END,"
            " denials = CASE WHEN ? THEN denials + ? WHEN ? THEN denials ELSE 0 END,"
            " in_doubt_since = CASE WHEN ? THEN ? ELSE in_doubt_since END,"
            " doubt_clock = CASE WHEN ? THEN ? ELSE doubt_clock END"
            " WHERE id = ? AND run = ? AND attempts = ? AND state = 'sending'",
            (
                *(state, number, voucher, is_in_doubt, state is State.PLANNED),
                *(is_in_doubt, int(ending.is_denial), state is State.PLANNED, is_in_doubt, at),
                *(is_in_doubt, text_of_clocks(clocks)),
                *(ending.id, self._run, attempt),
            ),
        )
        connection.execute(
            "UPDATE attempts SET ended_at = ?, state = ?, answer = ? WHERE journal = ? AND run = ? AND number = ?",
            (at, State.REFUSED if ending.is_refusal else state, ending.evidence, ending.id, self._run, attempt),
        )
        return bool(changed.rowcount == 1)

    def settle(self, settlements: Iterable[JournalOutcome]) -> None:
        """Writes down what is proved of journals that were in doubt, or were never sent but are in the ledger all the
        same. A journal whose number is another one's by what the ledger shows is `gone`. One commit."""
        with self._database.transaction(self._company) as connection:
            self._hold(connection)
            for one in settlements:
                is_certain = one.state in (State.POSTED, State.REFUSED)
                befores = _SETTLED_FROM[one.state]
                of_befores = f" WHERE id = ? AND state IN ({', '.join('?' * len(befores))})"
                if one.journal_number is not None:
                    connection.execute(
                        "UPDATE journals SET state = 'gone' WHERE company = ? AND installation = ? AND state = 'posted'"
                        f" AND journal_number = ? AND id <> ? AND EXISTS (SELECT 1 FROM journals{of_befores})",
                        (self._company, self._installation, one.journal_number, one.id, one.id, *befores),
                    )
                connection.execute(
                    "UPDATE journals SET state = ?, journal_number = ?, voucher_number = ?, run = ?,"
                    " doubts = CASE WHEN ? THEN 0 WHEN state = 'sending' THEN doubts + 1 ELSE doubts END,"
                    " denials = CASE WHEN ? THEN 0 ELSE denials END, is_doubtful_refusal = ?,"
                    " in_doubt_since = CASE WHEN state = 'sending' THEN ? ELSE in_doubt_since END,"
                    " doubt_clock = CASE WHEN state = 'sending' THEN ? ELSE doubt_clock END, absent_looks = ''"
                    + of_befores,
                    (
                        *(one.state, one.journal_number, one.voucher_number, self._run),
                        *(is_certain, is_certain, one.is_doubtful, one.at.isoformat(), text_of_clocks(one.clocks)),
                        *(one.id, *befores),
                    ),
                )
                connection.execute(
                    "UPDATE attempts SET settled_at = ?, finding = ?"
                    " WHERE journal = ? AND number = (SELECT attempts FROM journals WHERE id = ?)",
                    (one.at.isoformat(), one.evidence, one.id, one.id),
                )
                if one.state is State.POSTED:
                    settle_older(connection, one.id)

    def decide(self, decisions: Iterable[Decision]) -> None:
        """Writes down what a person has decided. One commit. Raises SetupError for a number that another journal
        has."""
        with self._database.transaction(self._company) as connection:
            self._hold(connection)
            keep_decisions(connection, self._run, decisions)

    def take_up_dropped(self, ids: Iterable[int]) -> None:
        """Plans anew what a person had given up. One commit."""
        with self._database.transaction(self._company) as connection:
            self._hold(connection)
            take_up_dropped(connection, self._run, ids)

    def keep_absences(self, absences: Mapping[int, Absence]) -> None:
        """Writes down by id how far the settling of journals in doubt has come, for the next process. One commit."""
        with self._database.transaction(self._company) as connection:
            self._hold(connection)
            connection.executemany(
                "UPDATE journals SET absent_looks = ? WHERE id = ? AND state = 'unknown'",
                [(text_of_absence(one), id_) for id_, one in absences.items()],
            )

    def clock(self) -> float:
        """The store's clock: seconds since 1970."""
        return float(self._database.row("SELECT clock()")[0])

    def posted_under(self, numbers: Iterable[int]) -> dict[int, StoredJournal]:
        """Of journal numbers of the ledger those that belong to a journal of the store, with that journal."""
        with self._database.reading() as connection:
            return {
                int(one.journal_number): one
                for number in numbers
                for one in self._posted_with(
                    connection, " AND journal_number = ? AND state NOT IN ('gone', 'dropped')", str(number)
                )
            }

    def posted(self, period: str | None = None) -> list[StoredJournal]:
        """Every journal of the ledger that the store calls posted, by id (of one period, `yyyyppp`, where it is given),
        and those of any period that an older program has posted and no ledger has shown since. `content` is what a
        person has accepted in its place, if anything."""
        of_period, facts = ("", ()) if period is None else (f" AND {PERIOD_OF_JOURNAL} = ?", (str(period),))
        with self._database.reading() as connection:
            own = self._posted_with(connection, f" AND state = 'posted'{of_period} ORDER BY id", *facts)
            older = older_posted(connection, *self.ledger) if self._installation else []
        return [*own, *(one for one, is_known in older if not is_known)]

    def newest_posted(self, count: int) -> list[tuple[StoredJournal, datetime]]:
        """The journals whose sending was answered well last, newest first, with the moment of the answer (UTC)."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT journal, ended_at FROM attempts JOIN journals ON journals.id = attempts.journal"
                " WHERE company = ? AND installation = ? AND attempts.state = 'posted' AND journals.state = 'posted'"
                " ORDER BY attempts.rowid DESC LIMIT ?",
                (*self.ledger, count),
            ).fetchall()
            return [
                (self._posted_with(connection, " AND id = ?", id_)[0], datetime.fromisoformat(ended_at))
                for id_, ended_at in rows
            ]

    def _posted_with(self, connection: Connection, condition: str, *values: Any) -> list[StoredJournal]:
        where = f" WHERE company = ? AND installation = ?{condition}"
        return [from_row(StoredJournal, row) for row in connection.execute(STORED + where, (*self.ledger, *values))]

    def unsettled(self) -> list[StoredJournal]:
        """Every journal of the ledger of which a person must know, by id: in doubt, or gone, and those that an older
        program has left in doubt, which count for every ledger. Those in doubt have no number (`""`)."""
        where = (
            " WHERE company = ? AND state IN ('unknown', 'sending', 'gone') AND (installation = ? OR installation = ''"
            " AND NOT EXISTS (SELECT 1 FROM journals AS ours"
            "   WHERE ours.copy_of = journals.id AND ours.installation = ?)) ORDER BY id"
        )
        facts = (*self.ledger, self._installation)
        with self._database.reading() as connection:
            rows = connection.execute(STORED + where, facts).fetchall()
        return [from_row(StoredJournal, row) for row in rows]

    def older_posted(self, contents: Iterable[str] | None = None) -> list[StoredJournal]:
        """What older programs have posted and this ledger may show: of the type, period and currency of one of the
        contents (`model.journals.content_of`), where they are given."""
        if not self._installation:
            return []
        with self._database.reading() as connection:
            return [one for one, _ in older_posted(connection, *self.ledger, contents)]

    def copy_older(self, ids: Iterable[int]) -> None:
        """Takes over what older programs have posted, by ids of `older_posted`: this ledger shows it. One commit."""
        with self._database.transaction(self._company) as connection:
            copy_posted(connection, self._installation, ids)

    def ledger_facts(self) -> LedgerFacts:
        """What was learned of this ledger so far."""
        row = self._database.row("SELECT * FROM ledger_facts WHERE company = ? AND installation = ?", self.ledger)
        return LedgerFacts() if row is None else from_row(LedgerFacts, row, "cuts", "blind_accounts")

    def keep_ledger_facts(self, facts: LedgerFacts) -> None:
        """Writes down what was learned of this ledger. One commit."""
        kept = facts.lag, json.dumps(dict(facts.cuts)), json.dumps(sorted(facts.blind_accounts))
        self._database.write(
            "INSERT INTO ledger_facts (company, installation, lag, cuts, blind_accounts) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (company, installation) DO UPDATE SET lag = excluded.lag, cuts = excluded.cuts,"
            " blind_accounts = excluded.blind_accounts",
            (*self.ledger, *kept),
            self._company,
        )

    def _owner(self, connection: Connection, number: str) -> int | None:
        row = connection.execute(
            "SELECT id FROM journals WHERE company = ? AND installation = ? AND journal_number = ?"
            " AND state NOT IN ('gone', 'dropped')",
            (*self.ledger, number),
        ).fetchone()
        return None if row is None else int(row["id"])

    def _hold(self, connection: Connection) -> None:
        """Only the run that holds the company may change where its journals stand."""
        holder = self._holder
        held = connection.execute(
            "SELECT 1 FROM leases WHERE company = ? AND run = ? AND until > clock()" + (OF_PROCESS if holder else ""),
            (self._company, self._run, *(holder.process_key if holder else ())),
        ).fetchone()
        if held is None:
            raise SetupError("lease-lost", store=self._database.name)

    def _this(self, entry: Entry) -> tuple[str, str, str, int]:
        return *self.ledger, entry.fingerprint, entry.occurrence
