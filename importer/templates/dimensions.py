"""The dimension form: a row makes, changes or removes one analysis code (product.md, "Workbooks"; NOTES section 5)."""

from importer.model.dimensions import CATEGORIES
from importer.model.records import Action
from importer.templates.columns import Column, Kind
from importer.templates.forms import Form

# Length of an analysis code: notes/sunsystems 4.9. The contract gives name and lookup none.
DIMENSIONS = Form(
    name="dimensions",
    columns=(
        Column("action", Kind.CHOICE, choices=tuple(Action), width=10),
        Column("catId", Kind.CHOICE, required=True, choices=CATEGORIES, width=12),
        Column("code", Kind.CODE, required=True, length=15, width=16),
        Column("lookup", Kind.CODE, width=16),
        Column("name", Kind.TEXT, required_to_create=True, width=36),
        Column("prohibitPosting", Kind.CHOICE, choices=("0", "1"), width=12),
    ),
    fewest_headings=3,
    telling_headings=4,
)
"""Everything the dimension form is."""
