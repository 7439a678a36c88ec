"""Which numbers are days: told by their format, alike by both readers."""

from datetime import datetime, time, timedelta
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

from importer.xlsx.number_formats import Meaning, meaning_of_format
from importer.xlsx.values import SINCE_1900, SINCE_1904, length_of, moment_of
from tests.xlsx.archives import MAIN, ODD, form, inline, letter, read, row, workbook

READERS = pytest.mark.parametrize("odd", ["", ODD], ids=["fast", "exact"])


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("General", Meaning.NUMBER),
        ("#,##0.00", Meaning.NUMBER),
        ("@", Meaning.NUMBER),
        ('0 "day"', Meaning.NUMBER),
        (r"0\d", Meaning.NUMBER),
        ("0_d", Meaning.NUMBER),
        ("[Red]0.00", Meaning.NUMBER),
        ("[$-41D]#,##0", Meaning.NUMBER),
        ("0.00;dd/mm/yyyy", Meaning.NUMBER),
        ("yyyy-mm-dd", Meaning.MOMENT),
        ("DD/MM/YYYY", Meaning.MOMENT),
        ("[$-80A]d mmmm yyyy;@", Meaning.MOMENT),
        ('"a;b" yyyy-mm-dd', Meaning.MOMENT),
        ("h:mm AM/PM", Meaning.MOMENT),
        ("mm:ss.0", Meaning.MOMENT),
        ("[h]:mm:ss", Meaning.LENGTH),
        ("[mm]:ss", Meaning.LENGTH),
        ("[ss]", Meaning.LENGTH),
    ],
)
def test_the_first_section_of_a_format_tells_what_its_numbers_are(code: str, meaning: Meaning) -> None:
    assert meaning_of_format(code) is meaning


@pytest.mark.parametrize(
    ("serial", "epoch", "moment"),
    [
        (45952.0, SINCE_1900, datetime(2025, 10, 22)),
        (45952.5, SINCE_1900, datetime(2025, 10, 22, 12)),
        (45952.9999999999, SINCE_1900, datetime(2025, 10, 23)),
        (1.0, SINCE_1900, datetime(1900, 1, 1)),
        (59.0, SINCE_1900, datetime(1900, 2, 28)),
        (60.0, SINCE_1900, datetime(1900, 2, 28)),
        (61.0, SINCE_1900, datetime(1900, 3, 1)),
        (2_958_465.0, SINCE_1900, datetime(9999, 12, 31)),
        (44490.0, SINCE_1904, datetime(2025, 10, 22)),
        (0.5, SINCE_1900, time(12)),
        (0.25, SINCE_1904, time(6)),
    ],
)
def test_a_serial_is_a_day_of_its_calendar(serial: float, epoch: datetime, moment: datetime | time) -> None:
    assert moment_of(serial, epoch) == moment


@pytest.mark.parametrize("epoch", [SINCE_1900, SINCE_1904])
def test_a_number_below_nought_is_no_day_and_no_time(epoch: datetime) -> None:
    with pytest.raises(ValueError):
        moment_of(-0.5, epoch)


def test_lengths_are_exact_to_the_millisecond() -> None:
    assert length_of(1.25) == timedelta(days=1, hours=6)
    assert length_of(1 / 3) == timedelta(hours=8)


def styled(formats: str, identity: int) -> str:
    """A styles part: style 1 has the number format of that identity."""
    styles = f'<cellXfs><xf numFmtId="0"/><xf numFmtId="{identity}"/></cellXfs>'
    frames = "<fonts><font/></fonts><fills><fill><patternFill/></fill></fills><borders><border/></borders>"
    return (
        f'<styleSheet xmlns="{MAIN}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"{formats}{frames}<cellStyleXfs><xf/></cellStyleXfs>{styles}</styleSheet>"
    )


def day_with(folder: Path, styles: str, odd: str) -> object:
    """What a number in a cell of style 1 is in the column of days; "damaged" for a workbook that is refused."""
    cell = f'{inline("A2", "JV")}<c r="{letter("transDateTime")}2" s="1"><v>45952</v></c>'
    found = read(folder, workbook(form(row(2, cell) + odd), changed={"xl/styles.xml": styles}))
    return found.sheets[0].columns["transDateTime"][0] if found.sheets else "damaged"


@READERS
@pytest.mark.parametrize("identity", [14, 17, 22, 27, 31, 36, 50, 57, 58])
def test_built_in_days_are_days_those_of_east_asia_too(tmp_path: Path, identity: int, odd: str) -> None:
    assert day_with(tmp_path, styled("", identity), odd) == "2025-10-22"


@READERS
@pytest.mark.parametrize("identity", [0, 1, 4, 9, 11, 37, 44, 48, 49, 60, 163])
def test_other_built_in_formats_are_numbers(tmp_path: Path, identity: int, odd: str) -> None:
    assert day_with(tmp_path, styled("", identity), odd) == "45952"


@READERS
def test_a_format_for_newer_programs_with_one_for_all_others_is_read(tmp_path: Path, odd: str) -> None:
    one = '<numFmt numFmtId="176" formatCode="{}"/>'
    choice = f'<mc:Choice Requires="x16r2">{one.format("[$]0")}</mc:Choice>'
    fallback = f"<mc:Fallback>{one.format('[$-411]ggge.m.d')}</mc:Fallback>"
    formats = f"<numFmts><mc:AlternateContent>{choice}{fallback}</mc:AlternateContent></numFmts>"
    assert day_with(tmp_path, styled(formats, 176), odd) == "2025-10-22"


@pytest.mark.parametrize("code", ["[a" * 400_000, "0" * 1_001])
def test_a_format_that_excel_could_not_hold_is_refused_at_once(tmp_path: Path, code: str) -> None:
    formats = f'<numFmts><numFmt numFmtId="176" formatCode={quoteattr(code)}/></numFmts>'
    assert day_with(tmp_path, styled(formats, 176), "") == "damaged"
