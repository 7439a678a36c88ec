"""The person or script in front of a run: told how far it is, and asked before money moves."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from importer.model.results import Company, Document, Result
from importer.model.workbook import MappingUse

if TYPE_CHECKING:
    from importer.post.matching import Difference


class Observer(Protocol):
    """The person or script in front of the run."""

    def confirms(self, result: Result, again: Collection[int]) -> Collection[int] | None:
        """May the documents in the state `ready` be posted to the result's company? None: nothing may; else the
        positions of those that stay behind. The result stands as it would end without them: what is not to be posted,
        with the reasons, and every warning. `again` are the positions of those that were posted before."""
        ...

    def chooses_mapping(self, sheet: str, names: Sequence[str]) -> str | None:
        """Which of the mappings that fit a sheet reads it; None when nobody says so."""
        ...

    def accepts_mapping(self, use: MappingUse, sheet: str, is_edited: bool) -> bool | None:
        """True when a sheet may be read by a mapping that is new to the profile, or was edited since its last use; None
        when nobody is to be asked."""
        ...

    def confirms_deletes(self, company: Company, documents: Sequence[Document]) -> bool:
        """True when these records may be deleted in that company; asked only where there are any."""
        ...

    def accepts(self, key: str, number: str, differences: "Sequence[Difference]") -> bool:
        """The ledger's journal `number` differs so from ours, `key`; True when it is taken for it all the same."""
        ...

    def is_same_ledger(self, address: str, known: str, numbers: Sequence[str], *, is_shown: bool) -> bool | None:
        """See `run.installations.RunRequest`."""
        ...

    def waits_for(self, run: str, name: str, host: str) -> None:
        """Another run, of the person `name` on the machine `host`, has the company; called again and again."""
        ...

    def posting(self, total: int) -> AbstractContextManager[Callable[[], None]]:
        """Surrounds the posting of `total` journals; what it gives is called once for each that ended."""
        ...

    def settling(self, seconds: float, journals: int) -> None:
        """So many journals are in doubt; in so many seconds the ledger is looked at again. Called again and again."""
        ...

    def unseen(self, number: str, seconds: float) -> None:
        """The ledger does not show the first journal yet; in so many seconds it is looked at again. Called again and
        again."""
        ...

    def lag(self, seconds: float) -> None:
        """After so many seconds the ledger has shown the first journal."""
        ...

    def interrupts(self) -> int:
        """How often the person has asked to stop since the posting began (Ctrl-C)."""
        ...
