"""The person in front of a run."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from importer.model.results import Company, Document
from importer.model.workbook import MappingUse


@dataclass
class Person:
    """Says yes to deletes unless told otherwise, and is told of each record that ended."""

    confirms: bool = True
    asked: list[str] = field(default_factory=list)
    total: int = 0
    ended: int = 0
    stops_after: int = 1000

    def chooses_mapping(self, sheet: str, names: Sequence[str]) -> str | None:
        return None

    def accepts_mapping(self, use: MappingUse, sheet: str, is_edited: bool) -> bool | None:
        return None

    def confirms_deletes(self, company: Company, documents: Sequence[Document]) -> bool:
        self.asked += [document.key for document in documents]
        return self.confirms

    def posting(self, total: int) -> AbstractContextManager[Callable[[], None]]:
        self.total = total
        return nullcontext(self._tell)

    def _tell(self) -> None:
        self.ended += 1

    def interrupts(self) -> int:
        return int(self.ended >= self.stops_after)
