"""What a cell is to the ledger: dates with a time of day, a memo amount of nought, blanks like a plain one."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from importer.model.problems import Problem
from importer.model.workbook import FormSheet, Workbook
from importer.read.workbooks import read_workbook
from importer.templates.forms import JOURNALS
from importer.validate.journals import drafts_of
from tests.xlsx.archives import FIELDS, ODD, headings, inline, plain_sheets, row, sheet, style, workbook

READERS = pytest.mark.parametrize("is_odd", [False, True], ids=["fast", "exact"])
ALL = ("journal", *FIELDS, "memoAmount", "attachment")
JUNE_30 = datetime(2018, 6, 30)


def serial(moment: datetime) -> str:
    """A moment as Excel keeps it, to the digits that it writes."""
    return f"{(moment - datetime(1899, 12, 30)) / timedelta(days=1):.15g}"


def journal_lines(
    tmp_path: Path, dates: list[str], *, is_odd: bool, memo: str = "", texts: tuple[str, ...] = ()
) -> Workbook:
    """A workbook with a line for each date (`<v>` and its cell's style), all of one journal, `memo` a cell's inside and
    its marks. `texts`: account, reference, description, attachment and key of each."""
    account, reference, description, attachment, key = texts or ("101110", "REF", "LINE", "", "J")
    rows = []
    for number, dated in enumerate(dates, start=2):
        cells = {
            "journal": inline("{at}", key),
            "journalType": inline("{at}", "JV"),
            "account": inline("{at}", account),
            "treference": inline("{at}", reference),
            "description": inline("{at}", description),
            "transaction": inline("{at}", "D" if number % 2 == 0 else "C"),
            "amount": '<c r="{at}"><v>501.01</v></c>',
            "currency": inline("{at}", "MXN1"),
            "transDateTime": dated,
            "period": inline("{at}", "2018006"),
            "memoAmount": memo,
            "attachment": inline("{at}", attachment) if attachment else "",
        }
        placed = [cells[field].replace("{at}", f"{chr(65 + index)}{number}") for index, field in enumerate(ALL)]
        rows.append(row(number, "".join(placed)))
    content = workbook(sheet(headings(fields=ALL) + "".join(rows) + (ODD if is_odd else "")))
    assert plain_sheets(content) == [not is_odd]
    path = tmp_path / "lines.xlsx"
    path.write_bytes(content)
    return read_workbook(path, [JOURNALS])


def dated(moment: datetime, number_format: str = "yyyy-mm-dd") -> str:
    """A date cell."""
    return f'<c r="{{at}}" s="{style(number_format)}"><v>{serial(moment)}</v></c>'


def of_dates(found: Workbook) -> list[tuple[str | None, str, bool]]:
    """What is told of the dates: cell, wording, whether it blocks."""
    told = [one for one in found.problems if one.code == "time-in-date"]
    return [(one.place.cell, one.wording.removeprefix("time-in-date."), one.blocks) for one in told]


def only_sheet(found: Workbook) -> FormSheet:
    """The form of a workbook of one sheet."""
    (only,) = found.sheets
    return only


@READERS
def test_a_time_of_day_beside_a_date_is_told_and_the_day_counts(tmp_path: Path, is_odd: bool) -> None:
    moments = [JUNE_30 + timedelta(hours=14, minutes=30), JUNE_30, JUNE_30 + timedelta(seconds=24)]
    found = journal_lines(tmp_path, [dated(moment) for moment in moments], is_odd=is_odd)
    assert of_dates(found) == [("I2", "plain", False), ("I4", "plain", False)]
    assert only_sheet(found).columns["transDateTime"] == ["2018-06-30"] * 3
    assert all(type(text) is str for text in only_sheet(found).columns["transDateTime"])
    assert found.problems[0].value == "2018-06-30 14:30:00"


@READERS
@pytest.mark.parametrize(
    "short",
    [
        timedelta(seconds=36),  # SheetJS 0.18.5 in America/Mexico_City
        timedelta(seconds=1),
        timedelta(minutes=2),
        timedelta(hours=1),  # a summer time that was forgotten
    ],
)
def test_a_date_that_is_short_of_midnight_is_an_error_that_names_both_days(
    tmp_path: Path, short: timedelta, is_odd: bool
) -> None:
    found = journal_lines(tmp_path, [dated(JUNE_30 - short), dated(JUNE_30)], is_odd=is_odd)
    assert of_dates(found) == [("I2", "midnight", True)]
    told = found.problems[0].facts
    assert (told["date"], told["other"]) == ("2018-06-29", "2018-06-30")
    (draft,) = drafts_of(only_sheet(found), JOURNALS, 12, found.problems)
    assert (draft.journal, [one.code for one in draft.problems]) == (None, ["time-in-date"])


@READERS
@pytest.mark.parametrize(
    ("hours", "other"), [(18, "2018-07-01"), (12, "2018-07-01"), (6, "2018-06-29"), (14.5, "2018-07-01")]
)
def test_one_time_in_every_row_is_an_error_that_names_both_days(
    tmp_path: Path, hours: float, other: str, is_odd: bool
) -> None:
    cells = [dated(JUNE_30 + timedelta(hours=hours), "yyyy-mm-dd hh:mm:ss")] * 4
    found = journal_lines(tmp_path, cells, is_odd=is_odd)
    assert of_dates(found) == [(f"I{number}", "every", True) for number in (2, 3, 4, 5)]
    assert (found.problems[0].facts["date"], found.problems[0].facts["other"]) == ("2018-06-30", other)


@pytest.mark.parametrize(
    ("moments", "wording"),
    [
        ([datetime(2018, 1, 31, 18), datetime(2018, 6, 30, 19), datetime(2018, 12, 31, 18)], "every"),
        ([datetime(2018, 6, 30, 18), datetime(2018, 6, 29, 19)], "plain"),
        ([datetime(2018, 1, 31, 9), datetime(2018, 6, 30, 17)], "plain"),
    ],
    ids=["winter and summer time", "both in one month", "hours apart"],
)
def test_two_times_in_every_row_are_a_shift_when_they_are_summer_time(
    tmp_path: Path, moments: list[datetime], wording: str
) -> None:
    found = journal_lines(tmp_path, [dated(moment) for moment in moments], is_odd=False)
    assert [told for _, told, _ in of_dates(found)] == [wording] * len(moments)


def test_the_last_day_of_the_calendar_has_no_next_one(tmp_path: Path) -> None:
    found = journal_lines(tmp_path, [dated(datetime(9999, 12, 31, 23))] * 2, is_odd=False)
    assert [wording for _, wording, _ in of_dates(found)] == ["midnight"] * 2


@READERS
@pytest.mark.parametrize(
    "memo",
    [
        '<c r="{at}"><v>0</v></c>',
        '<c r="{at}"><v>-0</v></c>',
        '<c r="{at}"><f>A2*0</f><v>0</v></c>',
        inline("{at}", "0"),
        inline("{at}", "0.00"),
        inline("{at}", " 0. "),
    ],
)
def test_a_memo_amount_of_nought_is_blank(tmp_path: Path, memo: str, is_odd: bool) -> None:
    found = journal_lines(tmp_path, [dated(JUNE_30)] * 2, is_odd=is_odd, memo=memo)
    assert only_sheet(found).columns["memoAmount"] == [None, None]
    (draft,) = drafts_of(only_sheet(found), JOURNALS, 12, found.problems)
    assert draft.journal is not None and draft.journal.lines[0].memo_amount is None


@pytest.mark.parametrize("memo", ["-1", "x", "0,00"])
def test_any_other_memo_amount_is_judged_as_before(tmp_path: Path, memo: str) -> None:
    found = journal_lines(tmp_path, [dated(JUNE_30)] * 2, is_odd=False, memo=inline("{at}", memo))
    (draft,) = drafts_of(only_sheet(found), JOURNALS, 12, found.problems)
    problems: list[Problem] = list(draft.problems)
    assert draft.journal is None and {one.place.field for one in problems} == {"memoAmount"}


@READERS
@pytest.mark.parametrize("blank", ["\u00a0", "\u202f", "\u2007", "\u3000"])
def test_blanks_like_the_no_break_space_travel_as_plain_ones(tmp_path: Path, blank: str, is_odd: bool) -> None:
    typed = tuple(f"A{blank}B" for _ in range(3))
    texts = (*typed, f"a{blank}b.pdf", f"J{blank}1")
    found = journal_lines(tmp_path, [dated(JUNE_30)] * 2, is_odd=is_odd, texts=texts)
    columns = only_sheet(found).columns
    assert {columns[field][0] for field in ("account", "treference", "description")} == {"A B"}
    # The name of a file and a key are not the ledger's.
    assert (columns["attachment"][0], columns["journal"][0]) == (f"a{blank}b.pdf", f"J{blank}1")
