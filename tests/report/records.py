"""A result of all three forms, built by hand: new and changed dimensions and addresses beside journals."""

from dataclasses import replace

from importer.model.problems import Place, Problem
from importer.model.results import Document, FieldChange, Result, SheetRead, Status
from tests.report.stories import FILE, cells_of, journals, place, result

CODES, ADDRESSES = "Dimensiones", "Direcciones"


def record(kind: str, key: str, row: int, status: Status, action: str | None, *changes: FieldChange) -> Document:
    """A row of the dimension or address form and what became of it."""
    sheet = CODES if kind == "dimension" else ADDRESSES
    attempts = int(status in (Status.POSTED, Status.REFUSED, Status.UNKNOWN))
    return Document(kind, key, FILE, sheet, (row,), status, attempts=attempts, action=action, changes=changes)


def run_of_all_forms() -> Result:
    """Eight records, some of them changed, refused or in doubt, and five journals, one of which needs a code that was
    refused."""
    records = [
        record("dimension", "07/DP0121", 2, Status.POSTED, "create"),
        record(
            "dimension",
            "09/CAMPO2018",
            3,
            Status.POSTED,
            "update",
            FieldChange("name", "Campo 2018", "Campamento de jóvenes, verano de 2018"),
            FieldChange("prohibitPosting", "1", "0"),
        ),
        record("dimension", "03/40", 4, Status.REFUSED, "create"),
        record("dimension", "07/DP0044", 5, Status.ALREADY_POSTED, None),
        record("dimension", "07/DP0099", 6, Status.INVALID, "delete"),
        record(
            "address",
            "PR/0001",
            2,
            Status.POSTED,
            "update",
            FieldChange("telephoneNumber", "+52 (999) 555-0177", "+52 (999) 555-0188"),
            FieldChange("emailAddress", "", "ventas@papeleria-el-faisan.example"),
            FieldChange("faxNumber", "+52 (999) 555-0178", ""),
        ),
        replace(record("address", "1002003004", 3, Status.POSTED, "create"), recovered=True, attempts=2),
        record("address", "PR/0002", 4, Status.UNKNOWN, "update", FieldChange("area", "Norte", "Sur")),
    ]
    lines = journals([Status.POSTED] * 4 + [Status.NOT_SENT])
    needed = {"row": "4", "sheet": CODES, "file": FILE}
    problems = [
        Problem(
            "refused-document",
            Place(FILE, CODES, 4),
            "03/40",
            wording="refused-document.record",
            facts={"reason": "the service answered with code 206: The parameters sent are invalid"},
        ),
        Problem("not-allowed", Place(FILE, CODES, 6, "A", "action"), "07/DP0099", "delete", wording="not-allowed"),
        Problem(
            "outcome-unknown",
            Place(FILE, ADDRESSES, 4),
            "PR/0002",
            wording="outcome-unknown.record-unread",
            facts={"reason": "no answer within 120 seconds"},
        ),
        Problem("depends-on-refused", place(14, "fund"), "DIA-005", "40", None, "depends-on-refused.sheet", needed),
    ]
    cells = {
        (FILE, CODES, 6): (("action", "A", "delete"), ("catId", "B", "07"), ("code", "C", "DP0099")),
        (FILE, "Journals", 14): cells_of(14, "DIA-005", "4623.25", "D", fund="40"),
    }
    made = result([*records, *lines], problems, cells, exit_code=4)
    (file,) = made.files
    sheets = (
        SheetRead(CODES, "dimensions", 5),
        SheetRead(ADDRESSES, "addresses", 3),
        SheetRead("Journals", "journals", 15),
    )
    return replace(made, files=(replace(file, sheets=sheets),))
