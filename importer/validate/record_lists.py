"""What the company has of the records that a workbook changes: each list is read once."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from importer.model.addresses import AddressChange
from importer.model.dimensions import DimensionChange
from importer.model.journals import DIMENSION_FIELDS
from importer.model.records import Action
from importer.services.session import Session
from importer.services.sunplusxtra.addresses import (
    Address,
    RequiredAnalysisCode,
    list_addresses,
    list_required_analysis_codes,
)
from importer.services.sunplusxtra.dimensions import AnalysisCode, list_dimension_codes
from importer.validate.asking import Asker, Unavailable
from importer.validate.records import RecordDraft


@dataclass(frozen=True, slots=True)
class RecordLists:
    """What is known of the company's records. `codes` has the dimensions (1 to 10) that were read; `addresses` and
    `required` (by the number of the key: Analysis1 is 1) are None when they were not needed or could not be had."""

    codes: Mapping[int, Mapping[str, AnalysisCode]]
    addresses: Mapping[str, Address] | None
    required: Mapping[int, RequiredAnalysisCode] | None
    unavailable: tuple[Unavailable, ...] = field(default=())


def record_lists(session: Session, drafts: Sequence[RecordDraft], at_once: int) -> RecordLists:
    """Asks for the lists that the rows need, `at_once` requests at a time. A list that cannot be had is named in
    `unavailable`; only a refused session is raised (CredentialsRefused, SetupError)."""
    changes = [draft.change for draft in drafts if draft.change is not None]
    addresses = [change for change in changes if isinstance(change, AddressChange)]
    dimensions = {change.dimension for change in changes if isinstance(change, DimensionChange)}
    pool = ThreadPoolExecutor(max(1, at_once))
    try:
        asker = Asker(pool)
        asked = {number: _ask_codes(asker, session, number) for number in sorted(dimensions)}
        listed = asker.ask("addresses", lambda: list_addresses(session), may_be_empty=True) if addresses else None
        required = None
        if any(change.action is not Action.DELETE for change in addresses):
            answer = asker.ask("required", lambda: list_required_analysis_codes(session), may_be_empty=True)()
            required = None if answer is None else {one.number: one for one in answer}
        for number in sorted(_categories_used(addresses, required or {}) - asked.keys()):
            asked[number] = _ask_codes(asker, session, number)
        found = listed() if listed is not None else None
        return RecordLists(
            codes={number: codes for number, ask in asked.items() if (codes := ask()) is not None},
            addresses=None if found is None else {address.code: address for address in found},
            required=required,
            unavailable=tuple(asker.unavailable),
        )
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _ask_codes(asker: Asker, session: Session, number: int) -> Callable[[], dict[str, AnalysisCode] | None]:
    def question() -> dict[str, AnalysisCode]:
        return {code.code: code for code in list_dimension_codes(session, number)}

    return asker.ask("dimension", question, may_be_empty=True, dimension=DIMENSION_FIELDS[number - 1])


def _categories_used(changes: Sequence[AddressChange], required: Mapping[int, RequiredAnalysisCode]) -> set[int]:
    """The dimensions among the categories of the analysis codes that rows fill."""
    filled = {number for number in required for change in changes if change.fields.get(f"analysis{number}.code")}
    return {required[number].category for number in filled} & set(range(1, len(DIMENSION_FIELDS) + 1))
