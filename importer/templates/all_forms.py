"""Every form that a workbook may hold, in the order in which they are carried out (product.md, "Workbooks")."""

from importer.templates.addresses import ADDRESSES
from importer.templates.dimensions import DIMENSIONS
from importer.templates.forms import Form
from importer.templates.journals import JOURNALS

FORMS = (DIMENSIONS, ADDRESSES, JOURNALS)


def form_named(name: str) -> Form:
    """The form of that kind (`journals`); KeyError when there is none."""
    return {form.name: form for form in FORMS}[name]
