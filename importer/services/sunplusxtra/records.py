"""Records with natural keys, before and after a change: written, and read again where the outcome is in doubt."""

from dataclasses import dataclass, replace
from enum import Enum, auto

from importer.model.records import Action
from importer.services.session import Session
from importer.services.sunplusxtra.addresses import (
    Address,
    create_address,
    delete_address,
    list_addresses,
    update_address,
)
from importer.services.sunplusxtra.dimensions import (
    AnalysisCode,
    create_dimension_code,
    delete_dimension_code,
    list_dimension_codes,
    update_dimension_code,
)


class Found(Enum):
    """How a list that was read again shows a record: as it is wanted, as it was before the change, or otherwise."""

    AS_WANTED = auto()
    AS_BEFORE = auto()
    OTHERWISE = auto()


@dataclass(frozen=True, slots=True)
class CodeWrite:
    """A change of a code of dimension 1 to 10: as the list has it (None: not there) and as it is wanted (None: gone).
    One of the two is there, and they differ."""

    dimension: int
    before: AnalysisCode | None
    wanted: AnalysisCode | None

    def carry_out(self, session: Session) -> None:
        """Sends the change. Raises what the operation raises."""
        if self.wanted is None:
            delete_dimension_code(session, self.dimension, self._code)
        elif self.before is None:
            create_dimension_code(session, self.dimension, self.wanted)
        else:
            update_dimension_code(session, self.dimension, self.wanted)

    def look(self, session: Session) -> Found:
        """Reads the list again. Raises ServiceFailure, AnswerUnclear, NotSent, or that the session is over."""
        listed = {code.code: code for code in list_dimension_codes(session, self.dimension)}
        return _compared(listed.get(self._code), self.before, self.wanted)

    @property
    def action(self) -> Action:
        """What is done."""
        return _action(self.before, self.wanted)

    @property
    def _code(self) -> str:
        there = self.wanted or self.before
        return "" if there is None else there.code


@dataclass(frozen=True, slots=True)
class AddressWrite:
    """A change of an address, as `CodeWrite`; what is wanted is the whole record (R-02)."""

    before: Address | None
    wanted: Address | None

    def carry_out(self, session: Session) -> None:
        """Sends the change. Raises what the operation raises."""
        if self.wanted is None:
            delete_address(session, self._code)
        elif self.before is None:
            create_address(session, self.wanted)
        else:
            update_address(session, self.wanted)

    def look(self, session: Session) -> Found:
        """Reads the list again. Raises as `CodeWrite.look`."""
        found = next((address for address in list_addresses(session) if address.code == self._code), None)
        return _compared(*(_without_nulls(address) for address in (found, self.before, self.wanted)))

    @property
    def action(self) -> Action:
        """What is done."""
        return _action(self.before, self.wanted)

    @property
    def _code(self) -> str:
        there = self.wanted or self.before
        return "" if there is None else there.code


RecordWrite = CodeWrite | AddressWrite


def _action(before: object, wanted: object) -> Action:
    if wanted is None:
        return Action.DELETE
    return Action.CREATE if before is None else Action.UPDATE


def _compared(found: object, before: object, wanted: object) -> Found:
    if found == wanted:
        return Found.AS_WANTED
    return Found.AS_BEFORE if found == before else Found.OTHERWISE


def _without_nulls(address: Address | None) -> Address | None:
    """Null and an empty text are one in the two members that may be null (R-03)."""
    if address is None:
        return None
    return replace(address, postal_code=address.postal_code or "", email=address.email or "")
