"""Workbooks as people have them, each with what is right of it: how many journals are ready, what is said at which
cell, and what is suggested there. Where a person has to declare something, the mapping stands beside it.
"""

import shutil
from pathlib import Path

import pytest

from importer.read.workbooks import read_workbook
from importer.sandbox import running
from importer.templates.forms import FORMS, JOURNALS
from importer.validate.duplicates import with_copied_sheets_held
from importer.validate.journals import drafts_of
from tests.cli.commands import importer, settings_of
from tests.cli.test_resume import posted_in
from tests.formats.samples import SAMPLES, as_text
from tests.read.mapped import understood, validated

FILES = Path(__file__).parent / "files"

Said = set[tuple[str, str | int | None, str | None]]
"""Wording, cell (or row, or None: of the sheet or file) and suggestion of each problem."""

_AT_MIDNIGHT: Said = {("time-in-date.midnight", "K2", None), ("time-in-date.midnight", "K3", None)}

CASES: dict[str, tuple[int, Said]] = {
    "account-with-name.xlsx": (0, {("too-long.code", "C2", "101110")}),
    "amount-hidden-under-a-merge.xlsx": (41, {("hidden-cell", "R5", None), ("hidden-cell", "H5", None)}),
    "conc8.xlsx": (8, set()),
    "condfmt_odd.xlsx": (1, set()),
    "currency-nobody-has.xlsx": (1, set()),
    "date-1753.xlsx": (0, {("not-a-date.year", "K2", None), ("not-a-date.year", "K3", None)}),
    "date-20180630.xlsx": (0, {("not-a-date.as", cell, "2018-06-30") for cell in ("K2", "K3")}),
    "date-23h-dst.xlsx": (0, _AT_MIDNIGHT),
    "date-36s-sheetjs-mexico.xlsx": (0, _AT_MIDNIGHT),
    "date-iso-midnight.xlsx": (0, {("not-a-date.as", cell, "2018-06-30") for cell in ("K2", "K3")}),
    "fixed-block.xlsx": (0, {("missing-column", None, None)}),
    "footnote-row.xlsx": (1, {("set-aside-rows.text", "G5", None)}),
    "heading-date.xlsx": (1, set()),
    "headings-mexican.xlsx": (1, set()),
    "headings-two-rows.xlsx": (1, set()),
    "june-2.xls": (41, set()),
    "june-4.csv": (41, set()),
    "june-5.ods": (41, set()),
    "june-6.xlsb": (41, set()),
    "memo-zero.xlsx": (1, set()),
    "number-950E2862.xlsx": (0, {("cell-error.unreadable", "D2", None)}),
    "office-01-titles-totals.xlsx": (3, {("set-aside-rows.unread", "A16", None)}),
    "office-02-formulas.xlsx": (0, {("formula-without-value", f"I{row}", None) for row in range(2, 6)}),
    "office-03-text-numbers.xlsx": (1, {("not-a-number.separators", cell, "3826.27") for cell in ("I4", "I5")}),
    "office-04-pesos-and-text-dates.xlsx": (
        0,
        {("not-a-date.as", f"K{row}", "2018-06-15") for row in range(2, 6)}
        | {("not-a-number.separators", f"I{row}", "834.49" if row < 4 else "3826.27") for row in range(2, 6)},
    ),
    "office-06-negative-credits.xlsx": (0, {("missing-column", None, None)}),
    "office-07-table-hidden-filtered.xlsx": (
        4,
        {("hidden-rows.rows", None, None), ("hidden-rows.columns", None, None)},
    ),
    "office-08-several-months.xlsx": (0, {("mixed-period", "L6", None), ("mixed-period", "L8", None)}),
    "office-09-csv-one-column.xlsx": (0, {("no-form-found.seen", None, None)}),
    "office-09b-csv-all-text.xlsx": (2, set()),
    "office-11-own-headings-complete.xlsx": (2, set()),
    "office-12-merged-key.xlsx": (0, {("not-allowed.merged", None, None)}),
    "office-14-sheet-per-month.xlsx": (4, set()),
    "office-15-two-row-headings.xlsx": (2, set()),
    "office-16-words-and-formats.xlsx": (
        0,
        {("bad-period.month", f"L{row}", "2018006") for row in range(2, 6)}
        | {("bad-choice.side", f"H{row}", "CD"[row % 2 == 0]) for row in range(2, 6)}
        | {("too-many-decimals.thousands", cell, None) for cell in ("I2", "I3")}
        | {("too-many-decimals", cell, None) for cell in ("I4", "I5")},
    ),
    "office-17-total-row-no-key.xlsx": (3, {("set-aside-rows.tied-side", "G9", None)}),
    "office-18-cargo-abono-zeros.xlsx": (2, set()),
    "office-19-negative-abono.xlsx": (0, {("not-positive.other-side", cell, None) for cell in ("I3", "I5")}),
    "old-module-sheet.xlsx": (41, set()),
    "parts-not-under-xl.xlsx": (41, set()),
    "period-006-2018.xlsx": (0, {("bad-period.month", cell, "2018006") for cell in ("L2", "L3")}),
    "poliza-es.xlsx": (0, {("no-form-found.near", None, None)}),
    "pretty-printed.xlsx": (41, set()),
    "row-per-cell.xlsx": (1, set()),
    "sage-en.xlsx": (0, {("no-form-found.near", None, None)}),
    "semicolon.csv": (0, {("no-form-found.near", None, None)}),
    "sheet-copied.xlsx": (2, set()),
    "signed-amounts.xlsx": (0, {("missing-column", None, None)}),
    "strict-with-a-time-on-another-sheet.xlsx": (41, set()),
    "two-machines.xlsx": (3, set()),
    "unreadable-side-sheet.xlsx": (1, {("unreadable-file.aside", None, None)}),
}

PRODUCT = """
headings = { journal = "Journal", journalType = "Journal type", account = "Account", \
treference = "Transaction reference", tfww = "TFWW", fund = "Fund", description = "Description", \
transaction = "Debit or credit", amount = "Amount", currency = "Currency", transDateTime = "Transaction date", \
period = "Accounting period" }
"""
DECLARED: dict[str, tuple[str, int, Said]] = {
    "fixed-block.xlsx": (
        """
headings = { account = "Account", treference = "Reference", tfww = "TFWW", fund = "Fund", \
description = "Description", transaction = "Debit or credit", amount = "Amount", transDateTime = "Date" }
cells = { journalType = "right of Journal type", period = "right of Period", currency = "right of Currency" }
journal = "each sheet"
""",
        *(1, set()),
    ),
    "office-03-text-numbers.xlsx": (PRODUCT + 'numbers = "1,234.56"', 2, set()),
    "office-04-pesos-and-text-dates.xlsx": (PRODUCT + 'numbers = "1,234.56"\ndates = "d/m/y"', 2, set()),
    "office-06-negative-credits.xlsx": (
        PRODUCT.replace('transaction = "Debit or credit", ', "") + 'signed = "positive is debit"',
        *(2, set()),
    ),
    "office-16-words-and-formats.xlsx": (
        PRODUCT.replace(', period = "Accounting period"', "")
        + """
unread = ["Accounting period"]
derive = { period = "month of transDateTime" }
values = { transaction = { Cargo = "D", Abono = "C" }, currency = { MXN = "MXN1" } }
""",
        0,
        {("uncertain-mapping.otherwise", f"L{row}", None) for row in range(2, 6)}
        | {("too-many-decimals.thousands", cell, None) for cell in ("I2", "I3")}
        | {("too-many-decimals", cell, None) for cell in ("I4", "I5")},
    ),
    "poliza-es.xlsx": (
        """
headings = { treference = "Póliza", account = "Cuenta", description = "Concepto", debit = "Debe", credit = "Haber", \
transDateTime = "Fecha", currency = "Moneda", period = "Periodo" }
constants = { journalType = "JV" }
journal = "Póliza"
""",
        *(1, set()),
    ),
    "sage-en.xlsx": (
        """
headings = { journal = "Journal No", account = "Account Code", treference = "Reference", description = "Narrative", \
debit = "Debit", credit = "Credit", transDateTime = "Date", currency = "Currency" }
constants = { journalType = "JV" }
derive = { period = "month of transDateTime" }
""",
        0,
        {("unbalanced.total", 2, None)},
    ),
    "signed-amounts.xlsx": (
        """
headings = { journal = "journal", journalType = "journalType", account = "account", treference = "treference", \
tfww = "tfww", fund = "fund", description = "description", amount = "amount", currency = "currency", \
transDateTime = "transDateTime", period = "period" }
signed = "positive is debit"
""",
        *(1, set()),
    ),
}


def test_each_file_is_tried() -> None:
    assert {path.name for path in FILES.iterdir()} == CASES.keys()


@pytest.mark.parametrize("name", CASES)
def test_a_workbook_as_it_is(name: str) -> None:
    journals, said = CASES[name]
    found = validated(read_workbook(FILES / name, FORMS))
    assert len(found.journals) == journals
    assert {(one.wording, one.place.cell or one.place.row, one.suggestion) for one in found.problems} == said


@pytest.mark.parametrize("name", DECLARED)
def test_a_workbook_with_its_mapping(name: str) -> None:
    mapping, journals, said = DECLARED[name]
    found = understood(FILES / name, mapping)
    assert len(found.journals) == journals
    assert {(one.wording, one.place.cell or one.place.row, one.suggestion) for one in found.problems} == said


def test_the_zeros_and_days_of_a_text_and_of_cells_are_kept() -> None:
    texts = validated(read_workbook(FILES / "office-09b-csv-all-text.xlsx", FORMS))
    assert {(line[2], line[6]) for line in texts.lines} == {("101110", "2018006"), ("371110", "2018006")}
    months = (
        validated(read_workbook(FILES / "june-4.csv", FORMS)),
        validated(read_workbook(FILES / "june-2.xls", FORMS)),
    )
    assert months[0].lines == months[1].lines


def test_the_same_month_in_every_format_is_the_same_journals() -> None:
    months = [
        read_workbook(path, FORMS).sheets[0].columns for path in sorted(FILES.iterdir()) if path.stem[:5] == "june-"
    ]
    assert len(months) == 4 and all(month == months[0] for month in months)


def test_both_of_the_days_beside_a_time_near_midnight_are_named() -> None:
    for name in ("date-23h-dst.xlsx", "date-36s-sheetjs-mexico.xlsx"):
        problems = validated(read_workbook(FILES / name, FORMS)).problems
        facts = " ".join(problems[0].facts.values())
        assert "2018-06-29" in facts and "2018-06-30" in facts


def test_of_a_copied_sheet_one_is_sent() -> None:
    workbook = read_workbook(FILES / "sheet-copied.xlsx", FORMS)
    drafts = with_copied_sheets_held([one for sheet in workbook.sheets for one in drafts_of(sheet, JOURNALS, 12)])
    assert [draft.journal is not None for draft in drafts] == [True, False]
    assert [one.code for one in drafts[1].problems] == ["copied-sheet"]


def test_a_currency_that_nobody_has_is_an_error(tmp_path: Path) -> None:
    ended = importer("check", FILES / "currency-nobody-has.xlsx", "--sandbox", "--json", folder=tmp_path)
    assert ended.code == 1
    assert {one["code"] for one in ended.result["problems"] if one["field"] == "currency"} == {"unknown-currency"}


def test_a_folder_of_one_month_in_seven_files_posts_it_once(tmp_path: Path) -> None:
    month = tmp_path / "month"
    month.mkdir()
    for name in ("june-1.xlsx", "june-3.xls"):
        shutil.copyfile(SAMPLES / "journals-june.xlsx", month / name)
    for name in ("june-2.xls", "june-4.csv", "june-5.ods", "june-6.xlsb"):
        shutil.copyfile(FILES / name, month / name)
    (month / "june-7.tsv").write_bytes(as_text("journals-june", "\t", "utf-8"))
    with running() as sandbox:
        settings, before = settings_of(sandbox, tmp_path / "s.db"), len(sandbox.company.ledger.journals)
        one = importer("run", month / "june-1.xlsx", "--json", "--no-wait", folder=tmp_path, **settings)
        assert (one.code, one.result["totals"]["posted"]) == (0, 41)
        whole = importer("run", "month", "--json", "--no-wait", folder=tmp_path, **settings)
        assert (whole.code, whole.result["totals"]["posted"], whole.result["totals"]["already_posted"]) == (0, 0, 287)
        assert [Path(one["path"]).name for one in whole.result["files"]] == sorted(one.name for one in month.iterdir())
        assert len(sandbox.company.ledger.journals) == before + 41


def test_an_unreadable_file_in_a_folder_is_named_and_the_others_are_posted(tmp_path: Path) -> None:
    month = tmp_path / "month"
    month.mkdir()
    for name in ("footnote-row.xlsx", "june-2.xls"):
        shutil.copyfile(FILES / name, month / name)
    content = (FILES / "june-2.xls").read_bytes()
    (month / "june-2.xls").write_bytes(content[:6000])
    with running() as sandbox:
        settings = settings_of(sandbox, tmp_path / "s.db")
        ended = importer("run", "month", "--json", "--no-wait", folder=tmp_path, **settings)
        assert (ended.code, len(posted_in(sandbox))) == (3, 1)
    (fault,) = (one for one in ended.result["problems"] if one["code"] == "unreadable-file")
    assert Path(fault["file"]).name == "june-2.xls"
