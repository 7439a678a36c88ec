"""The company behind the credentials: its ledger's periods and journal types, its place among other companies, and
the entries that those announce to it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from importer.errors import AnswerUnclear, RequestRefused
from importer.model.dates import Period
from importer.model.journals import Side
from importer.model.results import Company
from importer.services import arguments
from importer.services.responses import Text, finite, period_in, read_as, rows_or_none, text_or_none, trimmed
from importer.services.session import Session


@dataclass(frozen=True, slots=True)
class CompanyRecord(Company):
    """The company with its legal name and address, `""` where not given."""

    business_name: str = ""
    address: str = ""


class _Company(msgspec.Struct, frozen=True, rename={"business_name": "businessName"}):
    id: int
    name: str | None = None
    rfc: str | None = None
    business_name: str | None = None
    address: str | None = None


class OpenPeriods(msgspec.Struct, frozen=True):
    """The open range of the ledger; None where the ledger leaves an end open."""

    current: Period | None
    first: Period | None
    last: Period | None


class _Ledger(msgspec.Struct, frozen=True, rename="camel"):
    current_period: Text = None
    from_period: Text = None
    to_period: Text = None


class _JournalType(msgspec.Struct, frozen=True, rename="camel"):
    journal_type: str
    journal_name: str | None = None


def get_company(session: Session) -> CompanyRecord:
    """GET /company. Raises ServiceFailure, AnswerUnclear, NotSent."""
    found = read_as(_Company, session.read("get_company").response)
    return CompanyRecord(
        id=found.id,
        name=(found.name or "").strip(),
        tax_id=(found.rfc or "").strip(),
        business_name=trimmed(found.business_name),
        address=trimmed(found.address),
    )


def list_journal_types(session: Session) -> dict[str, str]:
    """GET /journal/type-list: code to name, blanks at the ends trimmed (J-18)."""
    rows = rows_or_none(_JournalType, lambda: session.read("list_journal_types"))
    return {trimmed(row.journal_type): trimmed(row.journal_name) for row in rows}


def get_ledger_definition(session: Session) -> OpenPeriods:
    """GET /ledger-definition: the current period and the open range (blanks after a period are dropped, P-04)."""
    found = read_as(_Ledger, session.read("get_ledger_definition").response)
    return OpenPeriods(
        current=_period_or_none(found.current_period),
        first=_period_or_none(found.from_period),
        last=_period_or_none(found.to_period),
    )


def _period_or_none(value: Text) -> Period | None:
    """A period; None for anything else, such as the 0 of an end that is left open."""
    try:
        return period_in(value)
    except AnswerUnclear:
        return None


def list_journal_periods(session: Session) -> frozenset[Period]:
    """GET /budget/journal-period: the periods that accept entries; empty when the service has none."""
    rows = rows_or_none(int, lambda: session.read("list_journal_periods"))
    return frozenset(period for row in rows if (period := _period_or_none(row)) is not None)


@dataclass(frozen=True, slots=True)
class RelatedCompany:
    """A company of the structure; `is_last` None means not given (E-09)."""

    id: int
    name: str
    business_name: str
    kind: str
    is_last: bool | None


Kinship = tuple[RelatedCompany, RelatedCompany]
"""A parent and one of its subsidiaries."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A company where it hangs in the tree: 0 deep and without a parent for a root. `is_repeated`: it hangs elsewhere
    too, and what is below it is shown there."""

    company: RelatedCompany
    parent_id: int | None
    depth: int
    is_repeated: bool


class _RelatedCompany(msgspec.Struct, frozen=True, rename="camel"):
    name: Text = None
    business_name: str | None = None
    type: str | None = None
    last_company: bool | None = None

    def related(self, id_: int) -> RelatedCompany:
        return RelatedCompany(
            id_, trimmed(self.name), trimmed(self.business_name), trimmed(self.type), self.last_company
        )


class _KinshipRow(msgspec.Struct, frozen=True, rename="camel"):
    id_from: int
    id_to: int
    parent_company: _RelatedCompany | None = None
    subsidiary_company: _RelatedCompany | None = None

    def kinship(self) -> Kinship:
        parent, subsidiary = self.parent_company or _RelatedCompany(), self.subsidiary_company or _RelatedCompany()
        return parent.related(self.id_from), subsidiary.related(self.id_to)


def get_genealogy(session: Session) -> list[Kinship]:
    """GET /genealogy: one row per parent and subsidiary; `idFrom` is the parent, and companies are identified by
    id, not by key (E-08)."""
    return [row.kinship() for row in rows_or_none(_KinshipRow, lambda: session.read("get_genealogy"))]


def tree_of(kinships: Iterable[Kinship]) -> list[Branch]:
    """The companies as a tree, each parent before its subsidiaries, subsidiaries in the order of the rows.

    Each company is unfolded once, so that cycles and shared subsidiaries end (E-08); a cycle that no root leads to
    begins at its first company. A doubled row counts once.
    """
    companies: dict[int, RelatedCompany] = {}
    below: defaultdict[int, dict[int, None]] = defaultdict(dict)
    for parent, subsidiary in kinships:
        companies.setdefault(parent.id, parent)
        companies.setdefault(subsidiary.id, subsidiary)
        below[parent.id][subsidiary.id] = None
    subsidiaries = {id_ for ids in below.values() for id_ in ids}
    roots = [id_ for id_ in companies if id_ not in subsidiaries]
    unfolded: set[int] = set()
    branches: list[Branch] = []
    for start in [*roots, *companies]:
        if start not in unfolded:
            branches += _unfold(start, companies, below, unfolded)
    return branches


def _unfold(
    start: int,
    companies: Mapping[int, RelatedCompany],
    below: Mapping[int, Mapping[int, None]],
    unfolded: set[int],
) -> Iterator[Branch]:
    waiting: list[tuple[int, int | None, int]] = [(start, None, 0)]
    while waiting:
        id_, parent_id, depth = waiting.pop()
        is_repeated = id_ in unfolded
        yield Branch(companies[id_], parent_id, depth, is_repeated)
        if not is_repeated:
            unfolded.add(id_)
            waiting += [(child, id_, depth + 1) for child in reversed(list(below.get(id_, ())))]


@dataclass(frozen=True, slots=True)
class Notification:
    """An announced entry. `status` is 1 pending, 4 rejected, 6 accounted; other numbers come too, that of cancelled
    ones among them (E-02). `transaction` is the service's own word (Crédito). Whose credit it is, is not documented:
    nothing is posted from it without a person (E-04)."""

    id: int
    journal_number: int | None
    line_number: int | None
    period: Period | None
    status: int | None
    transaction: str
    amount: Decimal | None
    origin_company: str
    origin_company_id: int | None
    destination_company: str
    policy_id: int | None
    policy_detail_id: int | None
    origin_account: str | None
    destination_account: str | None
    rejection_reason: str | None
    accounting_policy: str | None

    @property
    def side(self) -> Side | None:
        """Credit for that one word; None for every other: the word for a debit is not documented (E-03)."""
        return Side.CREDIT if self.transaction.strip() == "Crédito" else None


class _NotificationRow(msgspec.Struct, frozen=True, rename="camel"):
    id: int
    journal_no: int | None = None
    line: int | None = None
    period: Text = None
    status_id: int | None = None
    transaction: str | None = None
    amount: Decimal | None = None
    origin_company: str | None = None
    origin_company_id: int | None = None
    destination_company: str | None = None
    policy_id: int | None = None
    policy_detail_id: int | None = None
    origin_account: Text = None
    destination_account: Text = None
    rejection_reason: str | None = None
    accounting_policy_id: Text = None

    def notification(self) -> Notification:
        return Notification(
            id=self.id,
            journal_number=self.journal_no,
            line_number=self.line,
            period=period_in(self.period),
            status=self.status_id,
            transaction=trimmed(self.transaction),
            amount=finite(self.amount),
            origin_company=trimmed(self.origin_company),
            origin_company_id=self.origin_company_id,
            destination_company=trimmed(self.destination_company),
            policy_id=self.policy_id,
            policy_detail_id=self.policy_detail_id,
            origin_account=text_or_none(self.origin_account),
            destination_account=text_or_none(self.destination_account),
            rejection_reason=text_or_none(self.rejection_reason),
            accounting_policy=text_or_none(self.accounting_policy_id),
        )


def list_notifications(
    session: Session, period: Period, *, only_pending: bool = False, only_cancelled: bool = False
) -> list[Notification]:
    """GET /notificatios/period/pending/cancelled: the notifications of a period. Both restrictions together are not
    documented and are refused (A-32)."""
    if only_pending and only_cancelled:
        raise RequestRefused("only-pending", "not-both")
    segments = (arguments.period("period", period), "1" if only_pending else "0", "1" if only_cancelled else "0")
    rows = rows_or_none(_NotificationRow, lambda: session.read("list_notifications", *segments))
    return [row.notification() for row in rows]
