"""Changes of dimension codes and of addresses, as the rows of a sheet declare them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Action(StrEnum):
    """What is to be done with a record, as the sheet writes it."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


CATEGORIES = tuple(f"{number:02d}" for number in range(1, 11))
"""The dimensions by their ids on the wire: two digits (N-02)."""


@dataclass(frozen=True, slots=True)
class DimensionChange:
    """A row of the dimension form. `action` None: create or update as needed. `dimension` is 1 to 10.

    A field that is None is to stay as it is (in a new code: the default); `""` empties it.
    """

    action: Action | None
    dimension: int
    code: str
    lookup: str | None = None
    name: str | None = None
    prohibits_posting: bool | None = None

    @property
    def category(self) -> str:
        """The dimension in the two digits of the wire."""
        return f"{self.dimension:02d}"

    @property
    def key(self) -> str:
        """What tells it from all others: `07/DP0121`."""
        return f"{self.category}/{self.code}"


ANALYSIS_NUMBERS = range(1, 11)
"""The analysis codes that an address may have: Analysis1 to Analysis10 (R-06)."""


@dataclass(frozen=True, slots=True)
class AddressChange:
    """A row of the address form. `action` None: create or update as needed.

    `fields` are the filled cells by wire name (`addressLine1`, `status`, `analysis1.code`), `""` for one that is to be
    emptied; a field that is not there stays as it is. The repr leaves them out: they are personal data (R-11).
    """

    action: Action | None
    code: str
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> str:
        """What tells it from all others: the address code."""
        return self.code
