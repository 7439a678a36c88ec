"""Every kind of bad cell and bad journal in one workbook: each found once, under its code, at its cell; the good rows
beside them are left alone."""

from datetime import date, datetime, time
from pathlib import Path

from openpyxl import Workbook

from importer.model.journals import DIMENSION_FIELDS
from tests.cli.commands import importer

HEADINGS = (
    "Póliza",
    "line",
    "Journal Type",
    "CUENTA",
    "treference",
    *DIMENSION_FIELDS,
    "description",
    "transaction",
    "amount",
    "currency",
    "transDateTime",
    "memoAmount",
    "period",
    "expiration",
    "expectedDate",
    "description1",
    "attachment",
)
FIELDS = (
    "journal",
    "line",
    "journalType",
    "account",
    *HEADINGS[4:],
)
GOOD: dict[str, object] = {
    "journalType": "JV",
    "account": 101110,
    "treference": "REF",
    "fund": 10,
    "description": "Línea",
    "transaction": " d\u00a0",
    "amount": 18630.1,
    "currency": "MXN1",
    "transDateTime": date(2018, 6, 30),
    "period": 2018006,
}
LONG = "x" * 300

BAD_CELLS: list[tuple[str, object, str]] = [
    ("journalType", None, "required"),
    ("account", "  ", "required"),
    ("treference", "\u200b\u00a0", "required"),
    ("amount", "\u00ad10.00", "control-character"),
    ("amount", "10.00\u00ad", "control-character"),
    ("description", None, "required"),
    ("transaction", None, "required"),
    ("amount", None, "required"),
    ("currency", None, "required"),
    ("transDateTime", None, "required"),
    ("period", None, "required"),
    ("amount", "1,234.50", "not-a-number"),
    ("amount", "$1,234.50", "not-a-number"),
    ("amount", "(100.00)", "not-a-number"),
    ("amount", "cien", "not-a-number"),
    ("amount", True, "not-a-number"),
    ("memoAmount", date(2018, 6, 30), "not-a-number"),
    ("amount", 0, "not-positive"),
    ("amount", -5.25, "not-positive"),
    ("amount", 1.005, "too-many-decimals"),
    ("amount", "12.345", "too-many-decimals"),
    ("line", 1.5, "not-an-integer"),
    ("line", "uno", "not-an-integer"),
    ("transDateTime", "30/06/2018", "not-a-date"),
    ("transDateTime", 43281, "not-a-date"),
    ("transDateTime", time(12, 30), "not-a-date"),
    ("expiration", "2018-02-30", "not-a-date"),
    ("expectedDate", "mañana", "not-a-date"),
    ("period", "2018-06", "bad-period"),
    ("period", datetime(2018, 6, 30), "bad-period"),
    ("period", 201806, "bad-period"),
    ("period", 2018013, "bad-period"),
    ("transaction", "Cargo", "bad-choice"),
    ("account", "1" * 16, "too-long"),
    ("fund", "F" * 16, "too-long"),
    ("treference", LONG[:31], "too-long"),
    ("description", LONG[:51], "too-long"),
    ("description1", LONG[:31], "too-long"),
    ("journalType", "JVJVJV", "too-long"),
    ("currency", "MXN123", "too-long"),
    ("description", "una\nlínea", "control-character"),
    ("account", "#N/A", "cell-error"),
    ("amount", "=1+1", "formula-without-value"),
    ("who", date(2018, 6, 1), "not-text"),
    ("attachment", "factura.pdf", "missing-attachment"),
    ("attachment", "../factura.pdf", "bad-attachment"),
    ("attachment", "factura.exe", "bad-attachment"),
]


def row_of(journal: str, **changes: object) -> list[object]:
    cells = GOOD | {"journal": journal} | changes
    return [cells.get(field) for field in FIELDS]


def test_each_kind_of_mistake_is_found_once_at_its_cell_and_good_cells_are_left_alone(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([])
    sheet.append(["Pólizas de junio"])
    sheet.append(HEADINGS)
    expected: dict[tuple[int, str | None], str] = {}
    for number, (field, value, code) in enumerate(BAD_CELLS):
        sheet.append(row_of(f"B{number}", **{field: value}))
        expected[sheet.max_row, field] = code
        sheet.append(row_of(f"B{number}", transaction="C"))
        sheet.append(row_of(f"G{number}"))
        sheet.append(row_of(f"G{number}", transaction="c", amount="18630.10", period="2018006"))
    mixed = {"period": "2018007", "currency": "USD1", "journalType": "CR"}
    codes = {"period": "mixed-period", "currency": "mixed-currency", "journalType": "mixed-type"}
    for field, value in mixed.items():
        extra = {"transDateTime": date(2018, 7, 1)} if field == "period" else {}
        sheet.append(row_of(f"M-{field}"))
        sheet.append(row_of(f"M-{field}"))
        sheet.append(row_of(f"M-{field}", transaction="C", amount=37260.2, **{field: value}, **extra))
        expected[sheet.max_row, field] = codes[field]
    sheet.append(row_of("U"))
    expected[sheet.max_row, None] = "unbalanced"
    sheet.append(row_of("U", transaction="C", amount=18630.09))
    sheet.append(row_of("L", line=1))
    sheet.append(row_of("L", line=1, transaction="C"))
    expected[sheet.max_row, "line"] = "duplicate-line"
    sheet.append(row_of("W", transDateTime=date(2018, 7, 2)))
    expected[sheet.max_row, "transDateTime"] = "date-outside-period"
    sheet.append(row_of("W", transaction="C"))
    book.save(tmp_path / "junio.xlsx")
    ended = importer("check", "junio.xlsx", "--json", folder=tmp_path)
    result = ended.result
    problems = [one for one in result["problems"] if one["code"] != "duplicate-document"]
    found = {(one["row"], one["field"]): one["code"] for one in problems}
    assert found == expected and len(problems) == len(expected)
    by_key = {one["key"]: one for one in result["documents"]}
    assert all(by_key[f"G{number}"]["status"] == "ready" for number in range(len(BAD_CELLS)))
    assert all(by_key[f"B{number}"]["status"] == "invalid" for number in range(len(BAD_CELLS)))
    assert {by_key[key]["status"] for key in ("U", "L", "M-period", "M-currency", "M-journalType")} == {"invalid"}
    assert by_key["W"]["status"] == "ready" and ended.code == 1
