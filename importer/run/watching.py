"""Whom the story tells how far it is, and asks before money moves."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from importer.model.results import Company, Document


class Watcher(Protocol):
    """The person or script in front of the run."""

    def confirms(self, company: Company, documents: Sequence[Document]) -> bool:
        """True when these journals may be posted to that company."""
        ...

    def posting(self, total: int) -> AbstractContextManager[Callable[[], None]]:
        """Surrounds the posting of `total` journals; what it gives is called once for each that ended."""
        ...

    def interrupts(self) -> int:
        """How often the person has asked to stop since the posting began (Ctrl-C)."""
        ...
