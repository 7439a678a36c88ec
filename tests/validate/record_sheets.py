"""Sheets of the dimension and address forms, made without a workbook."""

from collections.abc import Mapping, Sequence

from importer.model.problems import column_letters
from importer.model.workbook import CellText, FormSheet
from importer.templates.forms import form_named

CODE: Mapping[str, CellText] = {"catId": "07", "code": "DP0121", "name": "Departamento 121"}

ADDRESS: Mapping[str, CellText] = {
    "addressCode": "PR/0001",
    "addressLine1": "Papelería El Faisán",
    "lookupCode": "FAISAN",
    "status": "1",
    "analysis1.code": "RFC",
    "analysis2.code": "10",
}


def record_sheet(
    form: str,
    rows: Sequence[Mapping[str, CellText]],
    *,
    file: str = "june.xlsx",
    unusable: frozenset[tuple[int, str]] = frozenset(),
) -> FormSheet:
    """A sheet of a form from row 2 on; it has the required columns and those that a row fills, in the form's order."""
    filled = {field for row in rows for field in row}
    fields = [column.name for column in form_named(form).columns if column.required or column.name in filled]
    return FormSheet(
        form=form,
        file=file,
        sheet=form.capitalize(),
        heading_row=1,
        rows=tuple(range(2, 2 + len(rows))),
        columns={field: [row.get(field) for row in rows] for field in fields},
        letters={field: column_letters(index) for index, field in enumerate(fields)},
        unusable=unusable,
    )


def code(**changes: CellText) -> dict[str, CellText]:
    """A good row of the dimension form with some cells changed."""
    return {**CODE, **changes}


def address(**changes: CellText) -> dict[str, CellText]:
    """A good row of the address form with some cells changed; `analysis1_code` is `analysis1.code`."""
    return {**ADDRESS, **{name.replace("_", "."): text for name, text in changes.items()}}
