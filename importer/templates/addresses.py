"""The address form: a row makes, changes or removes one address (product.md, "Workbooks"; NOTES section 8)."""

from importer.model.addresses import ANALYSIS_NUMBERS
from importer.model.records import Action
from importer.templates.columns import Column, Kind
from importer.templates.forms import Form

# The contract gives no lengths but that of analysis codes (notes/sunsystems 4.9): what is too long the service says.
ADDRESSES = Form(
    name="addresses",
    columns=(
        Column("action", Kind.CHOICE, choices=tuple(Action), width=10),
        Column("addressCode", Kind.CODE, required=True, width=16),
        Column("addressLine1", Kind.TEXT, required_to_create=True, width=30),
        *(Column(f"addressLine{number}", Kind.TEXT, width=24) for number in range(2, 6)),
        Column("lookupCode", Kind.CODE, required_to_create=True, width=14),
        Column("status", Kind.INTEGER, required_to_create=True, least=0, width=9),
        Column("area", Kind.TEXT, width=16),
        Column("shortHeading", Kind.TEXT, width=16),
        Column("postalCode", Kind.CODE, width=12),
        Column("telephoneNumber", Kind.CODE, width=18),
        Column("faxNumber", Kind.CODE, width=18),
        Column("emailAddress", Kind.TEXT, width=26),
        Column("webPageAddress", Kind.TEXT, width=26),
        *(
            Column(f"analysis{number}.{part}", Kind.CODE, length=length, width=13, numbered=number)
            for number in ANALYSIS_NUMBERS
            for part, length in (("code", 15), ("id", None), ("entryNum", None))
        ),
    ),
    fewest_headings=2,
    telling_headings=8,
)
"""Everything the address form is."""
