"""Records with natural keys: the codes of the ten analysis dimensions, and addresses with the analysis codes that they
need. They are listed and written, and read again where the outcome is in doubt."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any, TypeVar

import msgspec

from importer.errors import RequestRefused
from importer.model.journals import Action
from importer.services import arguments
from importer.services.responses import Text, read_or_none, rows_or_none, text_or_none, trimmed
from importer.services.session import Session


@dataclass(frozen=True, slots=True)
class AnalysisCode:
    """A code on a dimension; `prohibits_posting` is true for any non-zero mark (D-10)."""

    code: str
    name: str
    lookup: str
    prohibits_posting: bool


class _CodeRow(msgspec.Struct, frozen=True, rename="camel"):
    code: str | int
    name: str | None = None
    lookup: str | int | None = None
    prohibit_posting: int | None = None


def list_dimension_codes(session: Session, dimension: int) -> list[AnalysisCode]:
    """GET /dimension: the codes of dimension 1 to 10; the selector is `catID` in the query, in two digits
    (N-01, N-02)."""
    query = {"catID": arguments.dimension("dimension", dimension)}
    rows = rows_or_none(_CodeRow, lambda: session.read("list_dimension_codes", query=query))
    return [
        AnalysisCode(trimmed(row.code), trimmed(row.name), trimmed(row.lookup), bool(row.prohibit_posting))
        for row in rows
    ]


def create_dimension_code(session: Session, dimension: int, code: AnalysisCode) -> None:
    """POST /dimension. Look first whether the code exists (D-08). Raises what `Session.write` raises,
    RequestRefused."""
    session.write("create_dimension_code", body=code_payload(dimension, code))


def update_dimension_code(session: Session, dimension: int, code: AnalysisCode) -> None:
    """PUT /dimension: the code becomes what is given. Raises what `Session.write` raises, RequestRefused."""
    session.write("update_dimension_code", body=code_payload(dimension, code))


def delete_dimension_code(session: Session, dimension: int, code: str) -> None:
    """DELETE /dimension, with a body (A-21). A code that prohibits posting is gentler than a deleted one (D-09).
    Raises what `Session.write` raises, RequestRefused."""
    body = {
        "catId": arguments.dimension("dimension", dimension),
        "code": arguments.filled_text("dimension-code", code),
    }
    session.write("delete_dimension_code", body=body)


def code_payload(dimension: int, code: AnalysisCode) -> dict[str, str | int]:
    """The body that creates or changes a code: the selector is `catId` here (N-01), all five members travel (D-07),
    and the mark is a number (N-19)."""
    return {
        "catId": arguments.dimension("dimension", dimension),
        "code": arguments.filled_text("dimension-code", code.code),
        "lookup": arguments.text("lookup", code.lookup),
        "name": arguments.text("name", code.name),
        "prohibitPosting": int(code.prohibits_posting),
    }


ADDRESS_LINES = 5
_KEY = re.compile("Analysis([1-9]|10)")

Member = TypeVar("Member")


@dataclass(frozen=True, slots=True)
class AddressCode:
    """An analysis code of an address; all three are texts (R-04)."""

    id: str
    code: str
    entry_number: str


@dataclass(frozen=True, slots=True)
class RequiredAnalysisCode:
    """An analysis code that an address needs. `number` is that of its key: Analysis1 is 1. It is met by the address's
    code of that number whose id is the category and whose entry number is the same (R-04, chosen)."""

    number: int
    category: int
    entity: int | None
    entry_number: int
    short_heading: str


@dataclass(frozen=True, slots=True)
class Address:
    """An address record, whole: what an update leaves out would be lost (R-02). `lines` are five texts;
    `analysis_codes` goes by the number of the key (Analysis1 is 1); `status` is passed through (R-07), None when not
    given: then the record cannot be sent.

    Its repr shows the code alone: the rest is personal data (R-11).
    """

    code: str
    lines: tuple[str, ...] = field(default=("",) * ADDRESS_LINES, repr=False)
    area: str = field(default="", repr=False)
    fax_number: str = field(default="", repr=False)
    lookup: str = field(default="", repr=False)
    postal_code: str | None = field(default=None, repr=False)
    short_heading: str = field(default="", repr=False)
    status: int | None = field(default=1, repr=False)
    telephone_number: str = field(default="", repr=False)
    web_page: str = field(default="", repr=False)
    analysis_codes: Mapping[int, AddressCode] = field(default_factory=dict, repr=False)
    email: str | None = field(default=None, repr=False)


class _Code(msgspec.Struct, frozen=True, rename={"entry_number": "entryNum"}):
    id: Text = None
    code: Text = None
    entry_number: Text = None


class _AddressRow(msgspec.Struct, frozen=True, rename="camel"):
    address_code: str | int
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    address_line4: str | None = None
    address_line5: str | None = None
    area: str | None = None
    fax_number: Text = None
    lookup_code: Text = None
    postal_code: Text = None
    short_heading: Text = None
    status: int | None = None
    telephone_number: Text = None
    web_page_address: str | None = None
    analysis_codes: dict[str, _Code | None] | None = None
    email_address: str | None = None

    def address(self) -> Address:
        lines = (self.address_line1, self.address_line2, self.address_line3, self.address_line4, self.address_line5)
        return Address(
            code=trimmed(self.address_code),
            lines=tuple(trimmed(line) for line in lines),
            area=trimmed(self.area),
            fax_number=trimmed(self.fax_number),
            lookup=trimmed(self.lookup_code),
            postal_code=text_or_none(self.postal_code),
            short_heading=trimmed(self.short_heading),
            status=self.status,
            telephone_number=trimmed(self.telephone_number),
            web_page=trimmed(self.web_page_address),
            analysis_codes={
                number: AddressCode(trimmed(code.id), trimmed(code.code), trimmed(code.entry_number))
                for number, code in _by_number(self.analysis_codes or {})
            },
            email=text_or_none(self.email_address),
        )


class _Required(msgspec.Struct, frozen=True, rename="camel"):
    anl_cat_id: int
    entry_num: int
    anl_ent_id: int | None = None
    short_heading: str | None = None


def list_addresses(session: Session) -> list[Address]:
    """GET /address: all addresses; there is no paging."""
    return [row.address() for row in rows_or_none(_AddressRow, lambda: session.read("list_addresses"))]


def list_required_analysis_codes(session: Session) -> list[RequiredAnalysisCode]:
    """GET /address/required-analysis-codes: sorted by the number of their key, Analysis10 last (N-16)."""
    found = read_or_none(dict[str, _Required | None], session.read("list_required_analysis_codes").response)
    return [
        RequiredAnalysisCode(number, one.anl_cat_id, one.anl_ent_id, one.entry_num, trimmed(one.short_heading))
        for number, one in _by_number(found or {})
    ]


def create_address(session: Session, address: Address) -> None:
    """POST /address. Look first whether the code exists (R-10). Raises what `Session.write` raises, RequestRefused."""
    session.write("create_address", body=address_payload(address))


def update_address(session: Session, address: Address) -> None:
    """PUT /address: replaces the record of that code by the whole one given (R-02): read it, change it, send it.
    Raises what `Session.write` raises, RequestRefused."""
    session.write("update_address", body=address_payload(address))


def delete_address(session: Session, code: str) -> None:
    """DELETE /address/code: deletes, whatever its description says (R-08). Raises what `Session.write` raises, and
    RequestRefused for an empty code (R-09)."""
    session.write("delete_address", arguments.path_text("address-code", code))


def address_payload(address: Address) -> dict[str, object]:
    """The body that creates or changes an address: one bare object with all members (R-01, R-03)."""
    if len(address.lines) != ADDRESS_LINES:
        raise RequestRefused("address-lines", "five-lines")
    if address.status is None:
        raise RequestRefused("address-status", "number")
    if not set(address.analysis_codes) <= set(arguments.DIMENSIONS):
        raise RequestRefused("address-codes", "code-numbers")
    text = arguments.text
    return {
        "addressCode": arguments.filled_text("address-code", address.code),
        **{f"addressLine{place}": text("address-lines", line) for place, line in enumerate(address.lines, start=1)},
        "area": text("area", address.area),
        "faxNumber": text("fax-number", address.fax_number),
        "lookupCode": text("lookup", address.lookup),
        "postalCode": None if address.postal_code is None else text("postal-code", address.postal_code),
        "shortHeading": text("short-heading", address.short_heading),
        "status": arguments.number("address-status", address.status, least=-arguments.LARGEST_NUMBER),
        "telephoneNumber": text("telephone-number", address.telephone_number),
        "webPageAddress": text("web-page", address.web_page),
        "analysisCodes": {
            f"Analysis{number}": {
                "id": text("address-codes", code.id),
                "code": text("address-codes", code.code),
                "entryNum": text("address-codes", code.entry_number),
            }
            for number, code in sorted(address.analysis_codes.items())
        },
        "emailAddress": None if address.email is None else text("email", address.email),
    }


def _by_number(members: Mapping[str, Member | None]) -> list[tuple[int, Member]]:
    found = ((_KEY.fullmatch(key), member) for key, member in members.items())
    return sorted((int(key[1]), member) for key, member in found if key is not None and member is not None)


class Found(Enum):
    """How a list that was read again shows a record: as it is wanted, as it was before the change, or otherwise."""

    AS_WANTED = auto()
    AS_BEFORE = auto()
    OTHERWISE = auto()


class _Write:
    """A change of a record: as the list has it (None: not there) and as it is wanted (None: gone). One of the two is
    there, and they differ."""

    __slots__ = ()
    before: Any
    wanted: Any

    @property
    def action(self) -> Action:
        """What is done."""
        if self.wanted is None:
            return Action.DELETE
        return Action.CREATE if self.before is None else Action.UPDATE

    @property
    def code(self) -> str:
        """The record's key."""
        return str((self.wanted or self.before).code)


@dataclass(frozen=True, slots=True)
class CodeWrite(_Write):
    """A change of a code of dimension 1 to 10."""

    dimension: int
    before: AnalysisCode | None
    wanted: AnalysisCode | None

    def carry_out(self, session: Session) -> None:
        """Sends the change. Raises what the operation raises."""
        if self.wanted is None:
            delete_dimension_code(session, self.dimension, self.code)
        elif self.before is None:
            create_dimension_code(session, self.dimension, self.wanted)
        else:
            update_dimension_code(session, self.dimension, self.wanted)

    def look(self, session: Session) -> Found:
        """Reads the list again. Raises ServiceFailure, AnswerUnclear, NotSent, or that the session is over."""
        listed = {code.code: code for code in list_dimension_codes(session, self.dimension)}
        return _compared(listed.get(self.code), self.before, self.wanted)


@dataclass(frozen=True, slots=True)
class AddressWrite(_Write):
    """A change of an address; what is wanted is the whole record (R-02)."""

    before: Address | None
    wanted: Address | None

    def carry_out(self, session: Session) -> None:
        """Sends the change. Raises what the operation raises."""
        if self.wanted is None:
            delete_address(session, self.code)
        elif self.before is None:
            create_address(session, self.wanted)
        else:
            update_address(session, self.wanted)

    def look(self, session: Session) -> Found:
        """Reads the list again. Raises as `CodeWrite.look`."""
        found = next((address for address in list_addresses(session) if address.code == self.code), None)
        return _compared(*(_without_nulls(address) for address in (found, self.before, self.wanted)))


RecordWrite = CodeWrite | AddressWrite


def _compared(found: object, before: object, wanted: object) -> Found:
    if found == wanted:
        return Found.AS_WANTED
    return Found.AS_BEFORE if found == before else Found.OTHERWISE


def _without_nulls(address: Address | None) -> Address | None:
    """Null and an empty text are one in the two members that may be null (R-03)."""
    if address is None:
        return None
    return replace(address, postal_code=address.postal_code or "", email=address.email or "")
