"""Address records, and the analysis codes that an address needs."""

from collections.abc import Callable

from importer.inquiry.resources import Column, Resource, Row, columns
from importer.services.arguments import DIMENSIONS
from importer.services.sunplusxtra.addresses import (
    ADDRESS_LINES,
    list_addresses,
    list_required_analysis_codes,
)


def _line(place: int) -> Column:
    heading, facts = "inquiry.heading.address_line", {"number": place}
    return Column(f"line_{place}", lambda address: address.lines[place - 1], heading, facts)


def _analysis_columns(number: int) -> tuple[Column, ...]:
    def reading(member: str) -> Callable[[Row], str]:
        return lambda row: getattr(row.analysis_codes.get(number), member, "")

    return tuple(
        Column(f"analysis_{number}_{member}", reading(member), f"inquiry.heading.analysis_{member}", {"number": number})
        for member in ("id", "code", "entry_number")
    )


ADDRESSES = Resource(
    "addresses",
    ("list_addresses",),
    list_addresses,
    (
        *columns("code"),
        *(_line(place) for place in range(1, ADDRESS_LINES + 1)),
        *columns("area postal_code telephone_number email fax_number web_page lookup short_heading status"),
        *(column for number in DIMENSIONS for column in _analysis_columns(number)),
    ),
    also=("address",),
)
REQUIRED_ANALYSIS_CODES = Resource(
    "required-analysis-codes",
    ("list_required_analysis_codes",),
    list_required_analysis_codes,
    columns("number category entity entry_number short_heading"),
    also=("required-codes", "address-codes"),
)
RESOURCES = (ADDRESSES, REQUIRED_ANALYSIS_CODES)
