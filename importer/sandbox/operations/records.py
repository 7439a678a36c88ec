"""Records that a client changes: codes of the ten dimensions, and addresses."""

from typing import Annotated

import msgspec

from importer.sandbox.changes import AddressRemoved, AddressSet, CodeRemoved, CodeSet, take
from importer.sandbox.company import DIMENSIONS, Address, AnalysisCode
from importer.sandbox.operations import CODE_WIDTH, Call, Members, QueryError, fill_up_if_wide, with_response
from importer.sandbox.request_body import FilledText, MalformedError, Shape, Short, read_shape

CODES = ("addressCode", "lookupCode", "shortHeading")
"""Members of an address that are codes."""

DONE: Members = {"message": "Correct query"}

CatId = Annotated[str, msgspec.Meta(pattern=r"\A(0[1-9]|10)\Z")]
"""The id of a dimension, two digits only (N-02)."""


class _CodeKey(Shape):
    catId: CatId
    code: FilledText


class _Code(Shape):
    catId: CatId
    code: FilledText
    lookup: str
    name: str
    prohibitPosting: Short


class _AddressAnalysis(Shape):
    id: str
    code: str
    entryNum: str


class _Address(Shape):
    """Every member is required (R-02), null in two of them only (R-03); in the order in which lists show them."""

    addressCode: FilledText
    addressLine1: str
    addressLine2: str
    addressLine3: str
    addressLine4: str
    addressLine5: str
    area: str
    faxNumber: str
    lookupCode: str
    postalCode: str | None
    shortHeading: str
    status: int
    telephoneNumber: str
    webPageAddress: str
    analysisCodes: dict[Annotated[str, msgspec.Meta(pattern=r"\AAnalysis([1-9]|10)\Z")], _AddressAnalysis]
    emailAddress: str | None


def create_dimension_code(call: Call) -> Members:
    """206 for a code that exists already (D-08)."""
    cat_id, code = _read_code(call)
    if code.code in call.company.analysis_codes[cat_id]:
        raise QueryError("206", "the code exists already")
    take(call.company, CodeSet(cat_id, code))
    return DONE


def update_dimension_code(call: Call) -> Members:
    """203 for a code that does not exist (D-08)."""
    cat_id, code = _read_code(call)
    if code.code not in call.company.analysis_codes[cat_id]:
        raise QueryError("203")
    take(call.company, CodeSet(cat_id, code))
    return DONE


def delete_dimension_code(call: Call) -> Members:
    """203 for a code that does not exist (D-08), and for one that a posted line uses (D-09)."""
    sent = read_shape(_CodeKey, call.body)
    cat_id, code = sent.catId, _bare(sent.code)
    if code not in call.company.analysis_codes[cat_id]:
        raise QueryError("203", "the code does not exist")
    place = next(place for place, dimension in enumerate(DIMENSIONS) if dimension.cat_id == cat_id)
    if any(movement.line.codes[place] == code for movement in call.company.ledger.all_movements()):
        raise QueryError("203", "posted lines use the code")
    take(call.company, CodeRemoved(cat_id, code))
    return DONE


def _read_code(call: Call) -> tuple[str, AnalysisCode]:
    sent = read_shape(_Code, call.body)
    code = AnalysisCode(_bare(sent.code), sent.name.rstrip(" "), sent.lookup.rstrip(" "), sent.prohibitPosting)
    return sent.catId, code


def _bare(code: str) -> str:
    bare = code.rstrip(" ")
    if not bare:
        raise MalformedError("the code is blank")
    return bare


def list_addresses(call: Call) -> Members:
    """All of them; none is an empty list."""
    rows = [
        address | {name: fill_up_if_wide(str(address[name]), CODE_WIDTH, call.switches) for name in CODES}
        for address in call.company.addresses.values()
    ]
    return with_response(rows)


def list_required_analysis_codes(call: Call) -> Members:
    """An object keyed Analysis1 and so on (N-16)."""
    return with_response(dict(call.company.required_address_codes))


def create_address(call: Call) -> Members:
    """201 for a code that exists already (R-10)."""
    address = _read_address(call)
    if address["addressCode"] in call.company.addresses:
        raise QueryError("201", "the address exists already")
    take(call.company, AddressSet(address))
    return DONE


def update_address(call: Call) -> Members:
    """The whole record (R-02); 203 for a code that does not exist."""
    address = _read_address(call)
    if address["addressCode"] not in call.company.addresses:
        raise QueryError("203")
    take(call.company, AddressSet(address))
    return DONE


def delete_address(call: Call) -> Members:
    """It deletes, whatever its description says (R-08); 201 for a code that does not exist."""
    code = call.path["addressCode"].rstrip(" ")
    if code not in call.company.addresses:
        raise QueryError("201", "the address does not exist")
    take(call.company, AddressRemoved(code))
    return DONE


def _read_address(call: Call) -> Address:
    sent = read_shape(_Address, call.body)
    _bare(sent.addressCode)
    if call.switches.joined_address_codes:
        required = call.company.required_address_codes  # each under its key, with its id and entryNum
        wanted = {key: (str(one["anlCatId"]), str(one["entryNum"])) for key, one in required.items()}
        if {key: (one.id, one.entryNum) for key, one in sent.analysisCodes.items()} != wanted:
            raise MalformedError("analysisCodes are not those required")
    address: Address = msgspec.to_builtins(sent)
    return address | {name: str(address[name]).rstrip(" ") for name in CODES}
