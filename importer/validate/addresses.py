"""Rows of the address form: each makes, changes or removes one address."""

from collections.abc import Iterable

from importer.model.addresses import AddressChange
from importer.model.problems import Problem
from importer.model.sheets import FormSheet
from importer.templates.addresses import ADDRESSES
from importer.validate.records import RecordDraft, Row, drafts_of_rows

KIND = "address"
_NO_FIELDS = frozenset({"action", "addressCode"})


def address_drafts_of(sheet: FormSheet, read: Iterable[Problem] = (), *, allow_delete: bool) -> list[RecordDraft]:
    """A draft for each row of an address sheet; `read` is what the reader found wrong with cells of its rows."""
    return drafts_of_rows(sheet, ADDRESSES, KIND, _key_of, _change_of, read, allow_delete=allow_delete)


def _key_of(row: Row) -> str:
    return row.text("addressCode") or "–"


def _change_of(row: Row) -> AddressChange:
    wishes = {
        column.name: wish
        for column in ADDRESSES.columns
        if column.name not in _NO_FIELDS and (wish := row.wanted(column.name)) is not None
    }
    return AddressChange(row.action, row.text("addressCode") or "", wishes)
