"""Addresses, and the analysis codes that they need."""

import re
from typing import Any

from importer.sandbox import failures, shapes
from importer.sandbox.changes import AddressRemoved, AddressSet
from importer.sandbox.company_records import Address
from importer.sandbox.failures import MalformedError, QueryError
from importer.sandbox.operation import Body, Call, Operation
from importer.sandbox.padding import CODE_WIDTH, fill_up_if_wide

TEXTS = (
    *(f"addressLine{n}" for n in range(1, 6)),
    *("area", "faxNumber", "lookupCode", "shortHeading", "telephoneNumber", "webPageAddress"),
)
ANALYSIS = shapes.ClosedObject({"id": shapes.text, "code": shapes.text, "entryNum": shapes.text})
CODES = ("addressCode", "lookupCode", "shortHeading")
DONE: dict[str, object] = {"message": "Correct query"}


def _analysis_codes(value: object) -> str | None:
    """Any of Analysis1 to Analysis10 (R-06)."""
    if type(value) is not dict:
        return "an object"
    for key, one in value.items():
        if not re.fullmatch("Analysis([1-9]|10)", key):
            return "an object keyed Analysis1 to Analysis10"
        ANALYSIS.read(one, f"analysisCodes.{key}.")
    return None


ADDRESS = shapes.ClosedObject(
    {
        "addressCode": shapes.filled_text,
        **dict.fromkeys(TEXTS, shapes.text),
        "postalCode": shapes.text_or_null,  # null here and in the e-mail address only
        "emailAddress": shapes.text_or_null,
        "status": shapes.whole_number,
        "analysisCodes": _analysis_codes,
    }
)
"""Every member is required (R-02)."""


def list_addresses(call: Call) -> dict[str, object]:
    """All of them; none is an empty list."""
    rows = [
        address | {name: fill_up_if_wide(str(address[name]), CODE_WIDTH, call.switches) for name in CODES}
        for address in call.company.addresses.values()
    ]
    return {"message": "Correct query", "response": rows}


def list_required_analysis_codes(call: Call) -> dict[str, object]:
    """An object keyed Analysis1 and so on (N-16)."""
    return {"message": "Correct query", "response": dict(call.company.required_address_codes)}


def create_address(call: Call) -> dict[str, object]:
    """201 for a code that exists already (R-10)."""
    address = _read_address(call)
    if address["addressCode"] in call.company.addresses:
        raise QueryError("201", "the address exists already")
    call.company.take(AddressSet(address))
    return DONE


def update_address(call: Call) -> dict[str, object]:
    """The whole record (R-02); 203 for a code that does not exist."""
    address = _read_address(call)
    if address["addressCode"] not in call.company.addresses:
        raise QueryError("203")
    call.company.take(AddressSet(address))
    return DONE


def delete_address(call: Call) -> dict[str, object]:
    """It deletes, whatever its description says (R-08); 201 for a code that does not exist."""
    code = call.path["addressCode"].rstrip(" ")
    if code not in call.company.addresses:
        raise QueryError("201", "the address does not exist")
    call.company.take(AddressRemoved(code))
    return DONE


def _read_address(call: Call) -> Address:
    address: dict[str, Any] = ADDRESS.read(call.body)
    address |= {name: address[name].rstrip(" ") for name in CODES}
    if not address["addressCode"]:
        raise MalformedError("addressCode is blank")
    if call.switches.joined_address_codes:
        _require_joined(address["analysisCodes"], call.company.required_address_codes)
    return {name: address[name] for name in _ORDER}


def _require_joined(codes: dict[str, Any], required: dict[str, dict[str, object]]) -> None:
    wanted = {key: (str(one["anlCatId"]), str(one["entryNum"])) for key, one in required.items()}
    if {key: (one["id"], one["entryNum"]) for key, one in codes.items()} != wanted:
        raise MalformedError("analysisCodes are not those required")


_ORDER = (
    *("addressCode", *TEXTS[:7], "lookupCode", "postalCode", "shortHeading", "status", "telephoneNumber"),
    *("webPageAddress", "analysisCodes", "emailAddress"),
)

OPERATIONS = (
    Operation("list_addresses", "GET", "/address", list_addresses, codes=failures.SUNPLUS),
    Operation(
        "list_required_analysis_codes",
        "GET",
        "/address/required-analysis-codes",
        list_required_analysis_codes,
        codes=failures.SUNPLUS,
    ),
    Operation(
        "create_address",
        "POST",
        "/address",
        create_address,
        codes=failures.ADDRESS_WRITE,
        body=Body.REQUIRED,
        code_of_malformed="206",
    ),
    Operation(
        "update_address",
        "PUT",
        "/address",
        update_address,
        codes=failures.ADDRESS_WRITE,
        body=Body.REQUIRED,
        code_of_malformed="206",
    ),
    Operation(
        "delete_address",
        "DELETE",
        "/address/{addressCode}",
        delete_address,
        codes=failures.SUNPLUS,
        code_of_malformed="203",
    ),
)
