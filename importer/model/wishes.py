"""What a person wants of a run besides the workbooks: how journals are posted, and what follows them."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the person wants it. `looks`: before sending; `verifies`: read back what was posted; `waits`: until unknown
    journals are settled; `settle` is how many seconds after the end of its request a lost journal may still land;
    `sends_again` are ids of journals that a person wants sent again although nobody knows what became of them."""

    looks: bool = True
    verifies: bool = True
    waits: bool = True
    settle: float = 900.0
    sends_again: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Extras:
    """What a person wants besides: the workbook itself linked to its journals, and vouchers saved to a folder."""

    attach_workbook: bool = False
    vouchers: Path | None = None
