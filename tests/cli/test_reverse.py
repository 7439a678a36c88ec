"""`importer reverse`: mirrors of posted journals, that pass the check."""

import warnings
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from importer.errors import SetupError
from importer.model.dates import LedgerDay, Period
from importer.model.journals import Side
from importer.run.reversals import mirrored, when
from importer.sandbox import running
from importer.services.sunplusxtra.company import OpenPeriods
from importer.services.sunplusxtra.journals import LedgerLine
from tests.cli.commands import Ended, importer, settings_of

ZONE = ZoneInfo("America/Mexico_City")
DAY = LedgerDay(1532149200000)  # 2018-07-21 (P-10)
OPEN = OpenPeriods(Period("2018006"), Period("2018001"), Period("2020012"))


def rows_of(path: Path) -> list[dict[str, object]]:
    with warnings.catch_warnings(action="ignore"):  # openpyxl does not know a print area of whole columns
        sheet = openpyxl.load_workbook(path).worksheets[0]
    headings, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, headings), row, strict=True)) for row in rows]


def test_a_mirror_has_the_sides_swapped_and_passes_the_check_and_undoes_the_journal(tmp_path: Path) -> None:
    with running() as sandbox:
        environment = settings_of(sandbox, tmp_path / "store.db")
        ended = importer("reverse", "5326", folder=tmp_path, **environment)
        assert ended.code == 0 and "reverse-5326.xlsx" in ended.out and "allocated" in ended.err
        found = [
            (row["Journal"], row["Account"], row["Debit or credit"], row["Amount"], row["Fund"], row["TFWW"])
            for row in rows_of(tmp_path / "reverse-5326.xlsx")
        ]
        assert found == [
            ("REV-5326", "371110", "C", 94281.85, "10", "NF"),
            ("REV-5326", "371110", "C", 777550.52, "10", "NF"),
            ("REV-5326", "101110", "D", 871832.37, "10", "NF"),
        ]
        first = rows_of(tmp_path / "reverse-5326.xlsx")[0]
        assert first["Transaction reference"] == "REV-5326 closing"
        assert first["Description"] == "REV 5326 cash closing" and first["SDA organization"] == "*"
        checked = importer("check", "reverse-5326.xlsx", "--json", folder=tmp_path, **environment)
        assert (checked.code, checked.result["problems"]) == (0, [])
        posted = importer("run", "reverse-5326.xlsx", "--json", folder=tmp_path, **environment)
        assert posted.code == 0 and posted.result["totals"]["posted"] == 1
        balance: dict[str, Decimal] = {}
        for number in (5326, int(posted.result["documents"][0]["journal_number"])):
            for line in next(one for one in sandbox.company.ledger.between(number, number)).lines:
                balance[line.account] = balance.get(line.account, Decimal(0)) + line.amount
        assert set(balance.values()) == {Decimal(0)}


def test_a_journal_that_was_mirrored_before_is_mirrored_again_only_when_asked(tmp_path: Path) -> None:
    with running() as sandbox:
        environment = settings_of(sandbox, tmp_path / "store.db")
        assert importer("reverse", "5327", "--date", "2018-06-20", folder=tmp_path, **environment).code == 0
        posted = importer("run", "reverse-5327.xlsx", "--json", folder=tmp_path, **environment).result["documents"][0]
        another = ("--date", "2018-07-02", "-o", "again.xlsx")
        refused = importer("reverse", "5326-5327", *another, folder=tmp_path, **environment)
        assert refused.code == 3 and not (tmp_path / "again.xlsx").exists()
        assert "5327" in refused.err and posted["journal_number"] in refused.err and "--again" in refused.err
        assert importer("reverse", "5326-5327", *another, "--again", folder=tmp_path, **environment).code == 0
        # A mirror may itself be taken back.
        back = importer("reverse", posted["journal_number"], folder=tmp_path, **environment)
        assert back.code == 0, back.err


def test_ranges_pass_over_gaps_and_several_mirrors_are_one_workbook(tmp_path: Path) -> None:
    ended = importer("reverse", "1258", "5327-5340", "--sandbox", "--json", folder=tmp_path)
    assert ended.code == 0 and ended.result["journals"] == ["1258", "5327", "5328"]
    keys = [row["Journal"] for row in rows_of(tmp_path / ended.result["file"])]
    assert list(dict.fromkeys(keys)) == ["REV-1258", "REV-5327", "REV-5328"]


def test_period_and_date_can_be_chosen_and_nothing_is_overwritten(tmp_path: Path) -> None:
    arguments = ("reverse", "5327", "--sandbox", "-o", "mine.xlsx", "--period", "2018012", "--date", "2018-12-15")
    assert importer(*arguments, folder=tmp_path).code == 0
    first, _ = rows_of(tmp_path / "mine.xlsx")
    assert (first["Accounting period"], str(first["Transaction date"])[:10]) == ("2018012", "2018-12-15")
    again = importer(*arguments, folder=tmp_path)
    assert again.code == 3 and "mine.xlsx" in again.err
    assert importer(*arguments, "--force", folder=tmp_path).code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("99999999",), 3, "99999999"),
        (("5326", "--period", "2017001"), 3, "2018001"),
        (("5326", "--date", "2017-01-31"), 3, "2017001"),
        (("5326", "--period", "201806"), 2, "201806"),
        (("5326", "--date", "30/06/2018"), 2, "30/06/2018 is no day"),
        (("5326", "--date", "30/06/2018", "--lang", "es"), 2, "2018-06-30"),
        (("5326", "--date", "2018-W23-1"), 2, "2018-W23-1"),
        (("5326", "--date", "0001-01-01"), 2, "0001-01-01"),
        (("5328-5326",), 2, "5328-5326"),
        (("x",), 2, "x"),
        ((), 2, "JOURNAL"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    arguments: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    ended: Ended = importer("reverse", *arguments, "--sandbox", folder=tmp_path)
    assert ended.code == code and said in ended.err and not list(tmp_path.glob("*.xlsx"))


def ledger_line(side: Side, amount: str, **changes: object) -> LedgerLine:
    values: dict[str, object] = {
        "journal_number": 7,
        "line_number": 1,
        "journal_type": "JV",
        "account": "101110",
        "side": side,
        "amount": Decimal(amount),
        "dimensions": ("",) * 10,
        "reference": "R",
        "description": "D",
        "currency": "MXN1",
        "period": Period("2018006"),
        "transaction_day": DAY,
        "voucher_number": "JV2018-1",
    }
    return LedgerLine(**{**values, **changes})  # type: ignore[arg-type]  # mixed types by field name


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ([ledger_line(Side.DEBIT, "5"), ledger_line(Side.CREDIT, "4.99")], "reverse-unbalanced"),
        ([ledger_line(Side.DEBIT, "5"), ledger_line(Side.CREDIT, "5", currency="USD1")], "reverse-mixed"),
        ([ledger_line(Side.DEBIT, "5"), ledger_line(Side.CREDIT, "5", journal_type="AP")], "reverse-mixed"),
        ([ledger_line(Side.DEBIT, "5", other_amount=Decimal("90")), ledger_line(Side.CREDIT, "5")], "reverse-mixed"),
    ],
)
def test_a_journal_that_no_workbook_can_mirror_is_refused(lines: list[LedgerLine], key: str) -> None:
    with pytest.raises(SetupError) as caught:
        mirrored(lines, Period("2018006"), date(2018, 6, 30), ZONE)
    assert caught.value.key == key


def test_long_texts_are_cut_and_invisible_marks_are_blanks() -> None:
    lines = [ledger_line(side, "5", reference="R" * 30, description="a\tb" + "c" * 60) for side in Side]
    row = mirrored(lines, Period("2018006"), date(2018, 6, 30), ZONE)[0]
    assert row["treference"] == "REV-7 " + "R" * 24
    assert row["description"] == ("REV 7 a b" + "c" * 60)[:50]


@pytest.mark.parametrize(
    ("ledger", "today", "asked", "expected"),
    [
        (OPEN, date(2018, 6, 12), (None, None), ("2018006", date(2018, 6, 12))),
        (OPEN, date(2018, 7, 3), (None, None), ("2018007", date(2018, 7, 3))),
        (OPEN, date(2026, 7, 3), (None, None), ("2018006", date(2018, 6, 30))),
        (OPEN, date(2017, 7, 3), (None, None), ("2018006", date(2018, 6, 1))),
        (OPEN, date(2026, 7, 3), ("2018013", None), ("2018013", date(2018, 12, 31))),
        (OPEN, date(2026, 7, 3), (None, date(2019, 2, 3)), ("2019002", date(2019, 2, 3))),
        (OPEN, date(2026, 7, 3), ("2018006", date(2018, 7, 1)), ("2018006", date(2018, 7, 1))),
        (OpenPeriods(None, None, None), date(2026, 7, 3), (None, None), ("2026007", date(2026, 7, 3))),
    ],
)
def test_the_period_is_todays_or_the_ledgers_current_one(
    ledger: OpenPeriods, today: date, asked: tuple[str | None, date | None], expected: tuple[str, date]
) -> None:
    period = Period(asked[0]) if asked[0] is not None else None
    assert when(ledger, today, period, asked[1]) == expected
