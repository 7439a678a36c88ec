"""An address record as fields by wire name (as the form has them), and back."""

from collections.abc import Mapping

from importer.model.addresses import ANALYSIS_NUMBERS
from importer.services.sunplusxtra.addresses import ADDRESS_LINES, Address, AddressCode

LINES = tuple(f"addressLine{number}" for number in range(1, ADDRESS_LINES + 1))


def fields_of(address: Address) -> dict[str, str]:
    """Every field of a record, `""` where it is empty; analysis codes only where the record has them."""
    fields = dict(zip(LINES, address.lines, strict=True)) | {
        "area": address.area,
        "faxNumber": address.fax_number,
        "lookupCode": address.lookup,
        "postalCode": address.postal_code or "",
        "shortHeading": address.short_heading,
        "status": "" if address.status is None else str(address.status),
        "telephoneNumber": address.telephone_number,
        "webPageAddress": address.web_page,
        "emailAddress": address.email or "",
    }
    for number, code in sorted(address.analysis_codes.items()):
        fields |= {
            f"analysis{number}.id": code.id,
            f"analysis{number}.code": code.code,
            f"analysis{number}.entryNum": code.entry_number,
        }
    return fields


def address_of(code: str, fields: Mapping[str, str]) -> Address:
    """The whole record, all members filled (empty ones travel as `""`, product.md); an analysis code of which nothing
    is left is gone."""
    told = fields.get
    return Address(
        code=code,
        lines=tuple(told(name, "") for name in LINES),
        area=told("area", ""),
        fax_number=told("faxNumber", ""),
        lookup=told("lookupCode", ""),
        postal_code=told("postalCode", ""),
        short_heading=told("shortHeading", ""),
        status=int(status) if (status := told("status", "")) else None,
        telephone_number=told("telephoneNumber", ""),
        web_page=told("webPageAddress", ""),
        analysis_codes={number: found for number in ANALYSIS_NUMBERS if (found := _code(number, fields)) is not None},
        email=told("emailAddress", ""),
    )


def _code(number: int, fields: Mapping[str, str]) -> AddressCode | None:
    id_, code, entry = (fields.get(f"analysis{number}.{part}", "") for part in ("id", "code", "entryNum"))
    return AddressCode(id_, code, entry) if id_ or code or entry else None
