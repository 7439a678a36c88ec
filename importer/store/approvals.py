"""What a second person must approve before it is posted: the policy, the requests, and who has decided what. A person
is the login role of the connection, which the server tells; a store in a file has none, so it has no policy either."""

import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any

import msgspec

from importer.errors import SetupError
from importer.store.database import Connection, Database, as_json, from_row


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one `[[approval]]` asks for. `companies` are their numbers and `types` journal types, `records` or
    `deletes`; empty: all. `above`: only what sums up to more in its currency; a currency that is not named needs
    approval whatever the sum. `people` are the login roles that may approve, empty: all but whoever asks; `need` is how
    many of them must."""

    companies: tuple[int, ...] = ()
    types: tuple[str, ...] = ()
    above: dict[str, Decimal] = {}
    people: tuple[str, ...] = ()
    need: int = 1


class _Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    approval: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules in force. `digest` is the hash of the text as it was set."""

    rules: Sequence[Rule]
    digest: str


class RequestState(StrEnum):
    """The states of a request."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    OUTDATED = "outdated"


@dataclass(frozen=True, slots=True)
class ApprovalDecision:
    """What a person (login role) has decided about a request, when (UTC), and in what words."""

    person: str
    at: datetime
    is_yes: bool
    words: str


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be approved. `items` name each thing that would be sent with the hash of what it holds, `binds` is the
    hash of all of them and of how they are sent; `source` is where the workbooks come from, `maker` the login role of
    whoever asks (`""`: unknown, so nobody is that person, and two must approve); `shown` is what an approver is
    shown. Once the store has it, `id` is its number."""

    run: str
    company: str
    installation: str
    source: str
    binds: str
    items: Collection[str]
    rules: Sequence[Rule]
    policy: str
    maker: str
    shown: str
    id: int = 0
    asked_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    state: RequestState = RequestState.OPEN
    decisions: Sequence[ApprovalDecision] = ()


def policy_in(text: str) -> Policy:
    """The policy that a text declares. Raises SetupError for what is none."""
    try:
        rules = msgspec.convert(tomllib.loads(text), _Policy, strict=False).approval
        if any(rule.need not in (1, 2) or 0 < len(rule.people) < rule.need for rule in rules):
            raise ValueError("need")
    except (ValueError, ArithmeticError) as error:  # TOML, and what msgspec raises
        raise SetupError("policy-unreadable", detail=str(error)) from error
    return Policy(rules, sha256(text.encode()).hexdigest())


def set_policy(database: Database, text: str) -> Policy:
    """Puts a policy in force; requests under an older one become outdated. Raises SetupError for a text that is no
    policy, for a store in a file, which knows no persons, and for a person who does not administer the server's logins:
    whoever needs an approval could else do away with it."""
    policy = policy_in(text)
    person = _person(database)
    with database.transaction() as connection:
        administers = "SELECT 1 FROM pg_roles WHERE rolname = session_user AND (rolsuper OR rolcreaterole)"
        if connection.execute(administers).fetchone() is None:
            raise SetupError("not-an-administrator", person=person)
        connection.execute(
            "INSERT INTO policies (text, set_by, set_at) VALUES (?, session_user, ?)",
            (text, datetime.now(UTC).isoformat()),
        )
        connection.execute(
            "UPDATE requests SET state = 'outdated' WHERE state IN ('open', 'approved') AND policy <> ?",
            (policy.digest,),
        )
    return policy


def text_of_policy(database: Database) -> str | None:
    """The text of the policy in force, None when there is none."""
    row = database.row("SELECT text FROM policies ORDER BY id DESC LIMIT 1")
    return None if row is None else str(row["text"])


def policy_of(database: Database) -> Policy | None:
    """The policy in force, None when there is none. Raises SetupError when it cannot be read: nothing is sent then."""
    text = text_of_policy(database)
    return None if text is None else policy_in(text)


def matching_request(database: Database, wanted: Request) -> Request | None:
    """The request that covers everything in `wanted`, under the same policy and sent in the same way: an approved one
    before a rejected one before an open one; None when there is none. Other requests of the same source that have not
    been carried out become outdated."""
    with database.transaction(wanted.company) as connection:
        rows = connection.execute(
            "SELECT * FROM requests WHERE company = ? AND installation = ? AND state <> 'outdated' AND policy = ?"
            " ORDER BY CASE state WHEN 'approved' THEN 0 WHEN 'rejected' THEN 1 ELSE 2 END, id DESC",
            (wanted.company, wanted.installation, wanted.policy),
        ).fetchall()
        found = None
        for row in rows:
            one = _request(connection, row)
            covers = set(wanted.items) <= set(one.items)
            if one.state is RequestState.REJECTED:
                covers = set(wanted.items) == set(one.items)
            if one.state is RequestState.APPROVED and _state_of(one) is not one.state:
                continue  # somebody has written it into the table
            if covers and one.binds.partition(":")[0] == wanted.binds.partition(":")[0]:
                found = found or one
            elif one.source == wanted.source and one.state in (RequestState.OPEN, RequestState.APPROVED):
                connection.execute("UPDATE requests SET state = 'outdated' WHERE id = ?", (one.id,))
    return found


def add_request(database: Database, new: Request) -> int:
    """Asks for approval; gives the number of the request."""
    with database.transaction(new.company) as connection:
        row = connection.execute(
            "INSERT INTO requests (run, company, installation, source, binds, items, rules, policy, maker, shown,"
            " asked_at, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open') RETURNING id",
            (
                *(new.run, new.company, new.installation, new.source, new.binds, as_json(sorted(new.items))),
                *(as_json(list(new.rules)), new.policy, new.maker, new.shown, new.asked_at.isoformat()),
            ),
        ).fetchone()
        return int(row["id"])


def requests_in(database: Database, states: Collection[RequestState]) -> list[Request]:
    """The requests in these states, the oldest first."""
    with database.reading() as connection:
        rows = connection.execute(
            f"SELECT * FROM requests WHERE state IN ({', '.join('?' * len(states))}) ORDER BY id", list(states)
        ).fetchall()
        return [_request(connection, row) for row in rows]


def find_request(database: Database, number: int) -> Request:
    """The request of that number. Raises SetupError when there is none."""
    with database.reading() as connection:
        row = connection.execute("SELECT * FROM requests WHERE id = ?", (number,)).fetchone()
        if row is None:
            raise SetupError("no-request", number=str(number), store=database.name)
        return _request(connection, row)


def decide(database: Database, seen: Request, *, is_yes: bool, words: str) -> RequestState:
    """Records the decision of the person who is logged in to the database, and gives the state that follows. `seen` is
    the request as it was shown, `is_yes` the decision, `words` its reason. Raises SetupError, and writes nothing, when
    the request has changed since, is the person's own, has been decided, or is for others to decide."""
    person = _person(database)
    allowed = [rule for rule in seen.rules if not rule.people or person in rule.people]
    if not allowed:
        raise SetupError("not-an-approver", person=person, number=str(seen.id))
    policy = policy_of(database)
    digest = "" if policy is None else policy.digest
    with database.transaction(seen.company) as connection:
        added = connection.execute(
            "INSERT INTO request_decisions (request, person, decided_at, is_yes, words)"
            " SELECT id, session_user, ?, ?, ? FROM requests"
            " WHERE id = ? AND state = 'open' AND binds = ? AND maker <> session_user"
            " AND policy = ? AND NOT EXISTS ("
            "  SELECT 1 FROM request_decisions WHERE request = requests.id AND person = session_user)",
            (datetime.now(UTC).isoformat(), int(is_yes), words, seen.id, seen.binds, digest),
        )
        if added.rowcount != 1:
            key = "own-request" if seen.maker == person else "request-over"
            raise SetupError(key, number=str(seen.id), person=person)
        row = connection.execute("SELECT * FROM requests WHERE id = ?", (seen.id,)).fetchone()
        state = _state_of(_request(connection, row))
        connection.execute("UPDATE requests SET state = ? WHERE id = ? AND state = 'open'", (state, seen.id))
    return state


def _state_of(request: Request) -> RequestState:
    if any(not one.is_yes for one in request.decisions):
        return RequestState.REJECTED
    people = [one.person for one in request.decisions if one.person != request.maker]
    least = 1 if request.maker else 2
    is_enough = all(
        sum(not rule.people or person in rule.people for person in people) >= max(rule.need, least)
        for rule in request.rules
    )
    return RequestState.APPROVED if is_enough else RequestState.OPEN


def _person(database: Database) -> str:
    """The login role of the connection. Raises SetupError for a store in which nobody can be told from others."""
    person = database.login_role()
    if not person:
        raise SetupError("approval-needs-postgresql", store=database.name)
    return person


def _request(connection: Connection, row: Any) -> Request:
    rows = connection.execute(
        "SELECT person, decided_at AS at, is_yes, words FROM request_decisions WHERE request = ? ORDER BY at, person",
        (row["id"],),
    ).fetchall()
    return from_row(Request, row, "items", "rules", decisions=[from_row(ApprovalDecision, one) for one in rows])
