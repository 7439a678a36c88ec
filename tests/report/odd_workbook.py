"""Workbooks of journals with every kind of cell that a person may have put beside the form."""

import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.datavalidation import DataValidation

from tests.cli.workbooks import HEADINGS, line

VALUES: Sequence[Any] = (
    *(datetime(2018, 6, 30, 12, 30, 15), date(2018, 6, 1), time(8, 30), timedelta(hours=30), date(1905, 2, 27)),
    *(True, False, "#N/A", "#DIV/0!", "=SUM(A1)", "+1", "-x", "@y", " lead", "trail ", "a\nb", "tab\tx"),
    *("<r>x</r>", "<&>\"'", "x" * 33_000, "é 漢字 😀", "1E5", "  ", "https://example.org"),
    *(1e300, 1.5e-7, 0.1 + 0.2, 18630.1, 1234567890123456, -0.5, 0),
)
FORMATS = (
    *("dd/mm/yyyy", "hh:mm", "[h]:mm:ss", '"$"#,##0.00', "0.00%", "[Red]0.00;[Blue]-0.00"),
    *("mm-dd-yy", "d-mmm-yy", "m/d/yy h:mm", "@", "General", "000000"),
)


def odd_by_openpyxl(*, from_1904: bool = False) -> bytes:
    """Journals of two lines from row 3, every first amount of three a text; remarks beside them; lists."""
    book = openpyxl.Workbook()
    if from_1904:
        book.epoch = CALENDAR_MAC_1904
    sheet: Any = book.active
    sheet.title = "Journals"
    sheet.append(["Pólizas"])
    sheet.append([None, *HEADINGS, "Remarks"])
    for number, value in enumerate(VALUES):
        sheet.append([None, *line(f"J{number}", "D", "5,00" if number % 3 else 7), value, number])
        sheet.append([None, *line(f"J{number}", "C", 7), None, value])
    for cell in (cell for cells in sheet.iter_rows() for cell in cells if cell.data_type == "f"):
        cell.data_type = "s"
    for number, shown in enumerate(FORMATS * 2, start=3):
        sheet.cell(number, 13).number_format = sheet.cell(number, 9).number_format = shown
    sheet["D2"].comment = Comment("Cuenta\nde mayor", "x")
    lists = book.create_sheet("My lists")
    for value in ("JV", 3, True, date(2018, 1, 1), None, "z"):
        lists.append([value, value])
    for source, cells in (("'My lists'!$A$1:$A$6", "C3:C500"), ('"C,D"', "H3:H500")):
        offered = DataValidation(type="list", formula1=source, showErrorMessage=True)
        offered.add(cells)
        sheet.add_data_validation(offered)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def odd_by_xlsxwriter(*, from_1904: bool = False, inline: bool = False) -> bytes:
    """Journals of two lines from row 2 with remarks that are results of formulas, rich texts and blank cells."""
    target = io.BytesIO()
    options = {"date_1904": from_1904, "constant_memory": inline, "strings_to_formulas": False}
    book = xlsxwriter.Workbook(target, options)
    sheet: Any = book.add_worksheet("Journals")
    sheet.write_row(0, 0, [*HEADINGS, "Remarks"])
    day, bold, yellow = (
        book.add_format(marks)
        for marks in ({"num_format": "yyyy-mm-dd hh:mm"}, {"bold": True}, {"bg_color": "yellow", "num_format": "0.0"})
    )
    results = (("=1+1", 2), ('="a"', "a"), ("=NA()", "#N/A"), ("=1/0", "#DIV/0!"), ("=TRUE()", True))
    texts = ("a\x01b\rc", "x", " y ")
    for number in range(2 * (len(results) + len(texts) + 2)):
        cells = line(f"K{number // 2}", "DC"[number % 2], 8 if number % 2 else "1.234,5")
        for column, value in enumerate(cells):
            if isinstance(value, date):
                sheet.write_datetime(number + 1, column, value, day)
            else:
                sheet.write(number + 1, column, value)
        place, beside = (number + 1, len(HEADINGS)), number // 2
        if beside < len(results):
            sheet.write_formula(*place, results[beside][0], None, results[beside][1])
        elif beside < len(results) + len(texts):
            sheet.write_string(*place, texts[beside - len(results)], yellow)
        elif beside == len(results) + len(texts):
            sheet.write_rich_string(*place, "pre ", bold, "bold", " post ")
        else:
            sheet.write_blank(*place, None, yellow)
    sheet.write_comment(0, 2, "a note é\nof two lines")
    sheet.set_column(3, 5, 33.3)
    book.close()
    return target.getvalue()
