"""Which company hangs under which."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from importer.services.responses import Text, rows_or_none, trimmed
from importer.services.session import Session


@dataclass(frozen=True, slots=True)
class RelatedCompany:
    """A company of the structure; `is_last` None means not told (E-09)."""

    id: int
    name: str
    business_name: str
    kind: str
    is_last: bool | None


@dataclass(frozen=True, slots=True)
class Kinship:
    """A parent and one of its subsidiaries."""

    parent: RelatedCompany
    subsidiary: RelatedCompany


@dataclass(frozen=True, slots=True)
class Branch:
    """A company where it hangs in the tree: 0 deep for a root. `is_repeated`: it hangs elsewhere too, and what is below
    it is shown there."""

    company: RelatedCompany
    depth: int
    is_repeated: bool


class _Company(msgspec.Struct, frozen=True, rename="camel"):
    name: Text = None
    business_name: str | None = None
    type: str | None = None
    last_company: bool | None = None

    def related(self, id_: int) -> RelatedCompany:
        return RelatedCompany(
            id_, trimmed(self.name), trimmed(self.business_name), trimmed(self.type), self.last_company
        )


class _Row(msgspec.Struct, frozen=True, rename="camel"):
    id_from: int
    id_to: int
    parent_company: _Company | None = None
    subsidiary_company: _Company | None = None

    def kinship(self) -> Kinship:
        parent, subsidiary = self.parent_company or _Company(), self.subsidiary_company or _Company()
        return Kinship(parent.related(self.id_from), subsidiary.related(self.id_to))


def get_genealogy(session: Session) -> list[Kinship]:
    """GET /genealogy: one row per parent and subsidiary; `idFrom` is the parent, and ids, not keys, tell companies
    apart (E-08)."""
    return [row.kinship() for row in rows_or_none(_Row, None, lambda: session.read("get_genealogy"))]


def tree_of(kinships: Iterable[Kinship]) -> list[Branch]:
    """The companies as a tree, each parent before its subsidiaries, subsidiaries in the order of the rows.

    Each company is unfolded once, so that cycles and shared subsidiaries end (E-08); a cycle that no root leads to
    begins at its first company. A doubled row counts once.
    """
    companies: dict[int, RelatedCompany] = {}
    below: defaultdict[int, dict[int, None]] = defaultdict(dict)
    for kinship in kinships:
        companies.setdefault(kinship.parent.id, kinship.parent)
        companies.setdefault(kinship.subsidiary.id, kinship.subsidiary)
        below[kinship.parent.id][kinship.subsidiary.id] = None
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
    waiting = [(start, 0)]
    while waiting:
        id_, depth = waiting.pop()
        is_repeated = id_ in unfolded
        yield Branch(companies[id_], depth, is_repeated)
        if not is_repeated:
            unfolded.add(id_)
            waiting += [(child, depth + 1) for child in reversed(list(below.get(id_, ())))]
