"""The money by state, currency, period and side is the workbook's own, to the cent and the cell."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from importer.model.results import FileRead, Status
from importer.report.figures import money_of
from importer.report.result_document import result_document
from importer.translations import Language
from tests.cli.commands import importer
from tests.cli.workbooks import HEADINGS, line, write
from tests.report.stories import result, troubled_run

SIDES = {"D": "debit", "C": "credit"}
ONE_COLUMN = (*HEADINGS, "tfww")
TWO_COLUMNS = [
    *(heading for heading in HEADINGS if heading not in ("transaction", "amount")),
    "debit",
    "credit",
    "tfww",
]
Sums = dict[tuple[str | None, str | None], dict[str, Decimal]]


def cells(path: Path) -> Sums:
    """What the cells of a workbook add up to by currency and period, read by openpyxl alone."""
    sums: Sums = defaultdict(lambda: defaultdict(Decimal))
    for sheet in openpyxl.load_workbook(path):
        headings, *rows = sheet.iter_rows(values_only=True)
        for values in rows:
            row = dict(zip(headings, values, strict=True))
            if not any(value is not None for value in values):
                continue
            of_group = sums[_text(row["currency"]), _text(row["period"])]
            of_group["lines"] += 1
            if "amount" in row:
                amounts = [(SIDES.get(str(row["transaction"]), "no_side"), row["amount"])]
            else:
                amounts = [(side, row[side]) for side in SIDES.values()]
            of_group["blank"] += all(amount is None for _, amount in amounts)
            for side, amount in amounts:
                if isinstance(amount, int | float):
                    of_group[side] += Decimal(str(amount))
                elif amount is not None:
                    of_group["unreadable"] += 1
    return sums


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def told(document: dict[str, Any], *, of: str | None = None) -> Sums:
    """The sums of the result document: of all states together, or of one."""
    sums: Sums = defaultdict(lambda: defaultdict(Decimal))
    for group in document["money"]:
        for state, money in group.items():
            if state == of or (of is None and state not in ("currency", "period", "workbook")):
                for name, value in money.items():
                    sums[group["currency"], group["period"]][name] += Decimal(value)
    return sums


def without_noughts(sums: Sums) -> Sums:
    """The same without what is nought."""
    filled = {group: {name: value for name, value in found.items() if value} for group, found in sums.items()}
    return {group: found for group, found in filled.items() if found}


def one_column(path: Path) -> Path:
    """Good journals of two months and currencies, and one of each thing that keeps a journal from being added up."""
    rows = [
        *(line("GOOD", "D", 1250.55), line("GOOD", "C", 1250.55)),
        *(line("MAY", "D", 7, period="2018005"), line("MAY", "C", 7, period="2018005")),
        *(line("TEXT", "D", "$1,250.50"), line("TEXT", "C", 1250.5)),
        *(line("SIDE", "X", 30), line("SIDE", "C", 31)),
        *(line("BLANK", "D", None), line("BLANK", "C", 12)),
        *(line("MIXED", "D", 40, currency="USD1"), line("MIXED", "C", 41)),
        *(line("NONE", "D", 50, currency=None), line("NONE", "C", 50, period=None)),
        *(line("MINUS", "D", -60), line("MINUS", "C", 61.005)),
        *(line("ERROR", "D", "=1/0"), line("ERROR", "C", 80)),
        [None, None, None, None, None, "Suma", None, 99],
    ]
    return write(path, [[*row, "1001"] if row[0] else row for row in rows], headings=ONE_COLUMN)


def two_columns(path: Path) -> Path:
    """The same with a column for each side; a row has both, one has none."""

    def row(key: str, debit: object, credit: object, **changes: object) -> list[object]:
        values = dict(zip(HEADINGS, line(key, "D", 0, **changes), strict=True)) | {
            "debit": debit,
            "credit": credit,
            "tfww": "1001",
        }
        return [values[heading] for heading in TWO_COLUMNS]

    rows = [
        *(row("GOOD", 15.1, 0), row("GOOD", None, 15.1)),
        *(row("BOTH", 20, 21), row("BOTH", None, None)),
        *(row("TEXT", "abc", None), row("TEXT", None, "12 pesos", period=None)),
    ]
    return write(path, rows, headings=TWO_COLUMNS)


@pytest.mark.parametrize("make", [one_column, two_columns])
@pytest.mark.parametrize("command", ["run", "check"])
def test_the_states_add_up_to_the_cells(tmp_path: Path, make: Any, command: str) -> None:
    path = make(tmp_path / "june.xlsx")
    ended = importer(command, path, "--sandbox", "--json", folder=tmp_path)
    document = ended.result
    assert without_noughts(told(document)) == without_noughts(told(document, of="workbook"))
    assert without_noughts(told(document)) == without_noughts(cells(path))
    good = told(document, of="posted" if command == "run" else "ready")
    assert {found["debit"] for found in good.values()} <= {Decimal("1250.55"), Decimal("15.1"), Decimal(7)}
    assert document["totals"]["invalid"] > 0


def test_what_was_posted_before_and_what_was_not_sent_have_their_money(tmp_path: Path) -> None:
    path = one_column(tmp_path / "june.xlsx")
    document = importer("run", path, "--sandbox", "--only-if-clean", "--json", folder=tmp_path).result
    assert told(document, of="not_sent")["MXN1", "2018005"]["debit"] == 7
    assert told(document, of="posted") == {}


@pytest.mark.parametrize("command", ["run", "check"])
def test_total_rows_and_hidden_rows_left_out_are_lines_of_their_own(tmp_path: Path, command: str) -> None:
    rows: list[Any] = [[*line(key, side, 1250.55), "1001"] for key in ("GOOD", "HIDDEN") for side in "DC"]
    total = [None, None, None, None, None, "TOTAL", None, 2501.1]
    path = write(tmp_path / "june.xlsx", [*rows, total], headings=ONE_COLUMN)
    book = openpyxl.load_workbook(path)
    for row in (4, 5):
        book.worksheets[0].row_dimensions[row].hidden = True
    book.save(path)
    document = importer(command, path, "--sandbox", "--skip-hidden", "--json", folder=tmp_path).result
    assert without_noughts(told(document)) == without_noughts(told(document, of="workbook"))
    assert without_noughts(told(document)) == without_noughts(cells(path))
    assert told(document, of="no_lines")[None, None]["no_side"] == Decimal("2501.1")
    assert told(document, of="hidden")["MXN1", "2018006"]["debit"] == Decimal("1250.55")
    assert told(document, of="posted" if command == "run" else "ready")["MXN1", "2018006"]["credit"] == Decimal(
        "1250.55"
    )


def test_a_sheet_whose_columns_cannot_be_told_has_its_money_too(tmp_path: Path) -> None:
    headings = [heading for heading in HEADINGS if heading != "account"]
    rows = [[value for heading, value in zip(HEADINGS, line("A", "D", 5), strict=True) if heading != "account"]]
    path = write(tmp_path / "june.xlsx", rows, headings=headings)
    document = importer("check", path, "--json", folder=tmp_path).result
    assert told(document, of="invalid")["MXN1", "2018006"]["debit"] == 5
    assert without_noughts(told(document)) == without_noughts(cells(path))


def test_long_amounts_are_added_without_rounding(tmp_path: Path) -> None:
    amounts = ["9" * 30 + ".01", "0." + "3" * 30]
    path = write(tmp_path / "june.xlsx", [line("A", "D", amount) for amount in amounts])
    (group,) = importer("check", path, "--json", folder=tmp_path).result["money"]
    assert group["workbook"]["debit"] == group["invalid"]["debit"] == "9" * 30 + "." + "34" + "3" * 28


def test_every_state_has_its_part() -> None:
    (group,) = money_of(troubled_run())
    assert set(group.parts) == {"posted", "refused", "unknown", "invalid"}
    assert group.whole == group.workbook


def test_a_row_of_no_journal_shows_as_a_difference() -> None:
    ended = troubled_run()
    (group,) = money_of(ended)
    (file,) = ended.files
    sheet = file.sheets[0]
    more = group.workbook.plus(group.parts[Status.REFUSED])
    counted = FileRead(file.path, file.sha256, (type(sheet)(sheet.name, sheet.kind, 48, money=(more,)),))
    (group,) = money_of(result(ended.documents, files=(counted,)))
    assert not group.ties
    told_of = result_document(result(ended.documents, files=(counted,)), Language.EN)["money"]
    assert isinstance(told_of, list)
    assert told_of[0]["workbook"]["debit"] == f"{more.debit:.2f}"
