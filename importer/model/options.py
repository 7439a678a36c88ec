"""What a person wants of a run besides the workbooks: how journals are posted, and what follows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PostingOptions:
    """How the person wants it. `check_ledger`: before sending; `verify`: read back what was posted; `wait`: until
    unknown journals are settled; `settle` is how many seconds after the end of its request a lost journal may still
    land; `resend` are ids of journals that a person wants sent again although nobody knows what became of them;
    `released` has why a person wants a journal posted that is held as a twin or a copy, by the journal's name."""

    check_ledger: bool = True
    verify: bool = True
    wait: bool = True
    settle: float = 900.0
    resend: frozenset[int] = frozenset()
    released: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a person has decided about journals of a run, by key, or `file:key` where workbooks share it: `send` once
    more, `identified` with a journal number of the ledger, `dropped` for a reason. `send_missing` is why everything is
    sent again that the ledger does not show any more, `""` when it is not."""

    send: tuple[str, ...] = ()
    identified: tuple[tuple[str, int], ...] = ()
    dropped: tuple[tuple[str, str], ...] = ()
    send_missing: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The journals that are named, in the order of the choices."""
        return (*self.send, *(name for name, _ in self.identified), *(name for name, _ in self.dropped))

    def __bool__(self) -> bool:
        return bool(self.names or self.send_missing)


NO_DECISIONS = Decisions()


@dataclass(frozen=True, slots=True)
class FollowUpOptions:
    """What a person wants besides: the workbook itself linked to its journals, and vouchers saved to a folder."""

    attach_workbook: bool = False
    vouchers: Path | None = None
