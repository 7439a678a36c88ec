"""Addresses, as a sheet wants to have them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from importer.model.records import Action

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
