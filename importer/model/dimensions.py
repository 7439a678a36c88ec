"""The codes of the ten dimensions, as a sheet wants to have them."""

from dataclasses import dataclass

from importer.model.records import Action

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
