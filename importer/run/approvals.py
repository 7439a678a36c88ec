"""Whether what a run is about to send was approved by a second person, under the lease and after the look at the
ledger: what others have posted meanwhile needs no approval, anything new or changed needs another one."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from importer.model.journals import Journal, Side
from importer.model.postings import State
from importer.model.problems import Place, Problem
from importer.model.results import EXACT, ApprovalGiven, Document, Result, Status
from importer.post.posting_state import Posting
from importer.store.approvals import (
    Policy,
    Request,
    RequestState,
    Rule,
    add_request,
    matching_request,
    policy_of,
)
from importer.store.database import Database

RECORDS, DELETES = "records", "deletes"
"""The types by which a policy speaks of dimensions and addresses, and of taking them away."""

NEEDS_APPROVAL = "needs-approval"
"""The code of the problem of what a second person must approve."""

REJECTED = "needs-approval.rejected"
"""Its wording where somebody has said no."""


@dataclass(frozen=True, slots=True)
class RecordToApprove:
    """A record that is to be sent: its document, and what its row asks for, as text."""

    document: Document
    change: str
    is_delete: bool


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends what, how: the run, the key, number and installation of its company, where its workbooks come from,
    the login role of whoever asks, why equal journals are posted again."""

    run: str
    company: str
    company_id: int
    installation: str
    source: str
    maker: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to become of a run's journals and records: `given` is the approval under which they go (None: none is
    needed, or it lacks), `wording` and `facts` the problem of those that stay behind (`""`: none does). `judged` are
    the ids of the postings that were looked at (None: there is no policy): what could be sent later than that was
    counted in no sum and stands in no request."""

    given: ApprovalGiven | None = None
    wording: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    judged: frozenset[int] | None = None

    def hold(self, postings: Iterable[Posting]) -> None:
        """Marks the postings that are not to be sent."""
        for posting in postings:
            if self.wording:
                posting.awaits_approval = self.wording, self.facts
            elif self.judged is not None and posting.id not in self.judged:
                posting.awaits_approval = "needs-approval.later", {}


def judge(
    database: Database, sender: Sender, postings: Sequence[Posting], records: Sequence[RecordToApprove]
) -> Verdict:
    """Whether all that would be sent was approved, with a request where it was not. Raises SetupError when the policy
    cannot be read: nothing is sent then."""
    policy = policy_of(database)
    wanted = [one for one in postings if one.is_to_be_sent or one.state is State.UNKNOWN]
    if policy is None:
        return Verdict()
    judged = frozenset(one.id for one in wanted)
    rules = list(rules_for(policy, sender.company_id, [one.entry.journal for one in wanted], _kinds(records)))
    if not rules:
        return Verdict(judged=judged)
    new = _request(sender, policy, rules, wanted, records)
    found = matching_request(database, new)
    if found is not None and found.state is RequestState.APPROVED and _names(found.rules) >= _names(rules):
        people = tuple((one.person, one.at, one.words) for one in found.decisions)
        return Verdict(ApprovalGiven(found.id, found.policy, people), judged=judged)
    if found is not None and found.state is RequestState.REJECTED:
        no = next(one for one in found.decisions if not one.is_yes)
        facts = {"request": str(found.id), "person": no.person, "words": no.words}
        return Verdict(wording=REJECTED, facts=facts)
    number = found.id if found is not None else add_request(database, new)
    people_named = sorted({person for rule in rules for person in rule.people})
    wording = "needs-approval.named" if people_named else "needs-approval.anybody"
    return Verdict(wording=wording, facts={"request": str(number), "people": ", ".join(people_named)})


def rules_for(policy: Policy, company: int, journals: Sequence[Journal], kinds: Collection[str]) -> Iterator[Rule]:
    """The rules of a policy that speak of these journals and kinds of records in a company (its number)."""
    for rule in policy.rules:
        if rule.companies and company not in rule.companies:
            continue
        of_types = [one for one in journals if not rule.types or one.lines[0].journal_type in rule.types]
        of_kind = [kind for kind in kinds if not rule.types or kind in rule.types]
        if not (of_types or of_kind):
            continue
        sums = _debits(of_types)
        if not rule.above or of_kind or any(amount > rule.above.get(one, Decimal(-1)) for one, amount in sums.items()):
            yield rule


def held_records(result: Result, records: Iterable[RecordToApprove], verdict: Verdict) -> Result:
    """The result, in which these records stay behind until they are approved."""
    held = {id(one.document) for one in records}
    documents, problems = list(result.documents), list(result.problems)
    for position, document in enumerate(documents):
        if id(document) in held and document.status is Status.READY:
            documents[position] = document.ended(Status.NOT_SENT)
            place = Place(document.file, document.sheet, min(document.rows))
            problems.append(
                Problem(NEEDS_APPROVAL, place, document.key, wording=verdict.wording, facts=dict(verdict.facts))
            )
    return replace(result, documents=tuple(documents), problems=tuple(problems))


def _request(
    sender: Sender, policy: Policy, rules: Sequence[Rule], wanted: Sequence[Posting], records: Sequence[RecordToApprove]
) -> Request:
    items = sorted({*map(_of_journal, wanted), *map(_of_record, records), *_of_files(wanted)})
    how = _hash([sender.company, sender.installation, sender.reason, DELETES in _kinds(records)])
    return Request(
        run=sender.run,
        company=sender.company,
        installation=sender.installation,
        source=sender.source,
        binds=f"{how}:{_hash(items)}",
        items=items,
        rules=rules,
        policy=policy.digest,
        maker=sender.maker,
        shown=json.dumps(_shown([one.entry.journal for one in wanted], records)),
    )


def _of_journal(posting: Posting) -> str:
    entry = posting.entry
    return f"journal {entry.fingerprint} {entry.occurrence} {entry.payload_hash}"


def _of_record(record: RecordToApprove) -> str:
    document = record.document
    return f"record {document.kind} {document.action} {document.key} {_hash(record.change)}"


def _of_files(wanted: Iterable[Posting]) -> Iterator[str]:
    for path in {path for one in wanted for paths in one.entry.files.values() for path in paths}:
        try:
            yield f"file {sha256(Path(path).read_bytes()).hexdigest()}"
        except OSError:
            yield f"file unreadable {Path(path).name}"


def _kinds(records: Iterable[RecordToApprove]) -> set[str]:
    return {kind for one in records for kind in ((RECORDS, DELETES) if one.is_delete else (RECORDS,))}


def _names(rules: Iterable[Rule]) -> set[str]:
    return {repr(rule) for rule in rules}


def _debits(journals: Iterable[Journal]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for line in (line for one in journals for line in one.lines if line.side is Side.DEBIT):
        sums[line.currency] = EXACT.add(sums.get(line.currency, Decimal(0)), line.amount)
    return sums


def _shown(journals: Sequence[Journal], records: Sequence[RecordToApprove]) -> dict[str, object]:
    """What an approver is shown: amounts as texts, by currency and period, and by account."""
    sums: dict[tuple[str, str], Decimal] = {}
    accounts: dict[tuple[str, str, str], Decimal] = {}
    for line in (line for one in journals for line in one.lines):
        if line.side is Side.DEBIT:
            place = line.currency, str(line.period)
            sums[place] = EXACT.add(sums.get(place, Decimal(0)), line.amount)
        account = line.account, line.currency, line.side.value
        accounts[account] = EXACT.add(accounts.get(account, Decimal(0)), line.amount)
    return {
        "workbooks": sorted({Path(one.file).name for one in journals} | {Path(r.document.file).name for r in records}),
        "journals": len(journals),
        "sums": [[currency, period, f"{amount:.2f}"] for (currency, period), amount in sorted(sums.items())],
        "accounts": [[*account, f"{amount:.2f}"] for account, amount in sorted(accounts.items())],
        "records": [[one.document.kind, one.document.action or "", one.document.key] for one in records],
    }


def _hash(value: object) -> str:
    return sha256(json.dumps(value).encode()).hexdigest()
