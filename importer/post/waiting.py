"""The journals that are still to be sent, in their order."""

from collections import deque
from collections.abc import Hashable, Iterable, Iterator

from importer.post.cases import Case


class Waiting:
    """A queue in which a journal stays back while one that looks like it is looked for in the ledger: the look could
    take it for the other one. `looked_for` are the loose keys of those."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self._cases = deque(case for case in cases if case.is_to_be_sent)
        self.looked_for: set[Hashable] = set()

    def __bool__(self) -> bool:
        return bool(self._cases)

    def __iter__(self) -> Iterator[Case]:
        return iter(tuple(self._cases))

    def drop_found(self) -> None:
        """Leaves out what is not to be sent any more: a look at the ledger has found it."""
        self._cases = deque(case for case in self._cases if case.is_to_be_sent)

    @property
    def has_next(self) -> bool:
        """True when a journal may leave."""
        return any(self._may_leave(case) for case in self._cases)

    def add(self, cases: Iterable[Case]) -> None:
        """Those of the cases that are to be sent once more go to the end."""
        self._cases.extend(case for case in cases if case.is_to_be_sent)

    def next(self, most: int) -> list[Case]:
        """The next cases, without those that have to stay back."""
        batch: list[Case] = []
        for _ in range(len(self._cases) if most > 0 else 0):
            case = self._cases.popleft()
            if len(batch) < most and self._may_leave(case):
                batch.append(case)
            else:
                self._cases.append(case)
            if len(batch) == most and not self.looked_for:
                break
        return batch

    def _may_leave(self, case: Case) -> bool:
        return not self.looked_for or case.loose_key not in self.looked_for
