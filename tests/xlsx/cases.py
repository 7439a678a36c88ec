"""Tricky cells, each with what it means to us."""

from typing import NamedTuple

from tests.xlsx.archives import BUILT_IN_DATE, inline, style


class Case(NamedTuple):
    """A cell's XML (`{r}` is its reference) and its text in columns of amounts, dates and periods.

    `free`: the text in columns of codes and texts, or the wording of the problem there, where it is another one. `day`:
    what is told in columns of dates, where it is not `text`; `amount` and `period`: the same in their columns. A
    date or time in a column of amounts is told as what it is.
    """

    name: str
    xml: str
    text: str | None
    free: str | None = "="
    day: str | None = None
    amount: str | None = None
    period: str | None = None


def _number(raw: str, number_format: str = "General") -> str:
    return f'<c r="{{r}}" s="{style(number_format)}"><v>{raw}</v></c>'


def _text(text: str) -> str:
    return inline("{r}", text)


def _formula(marks: str, result: str) -> str:
    return f'<c r="{{r}}"{marks}><f>1+1</f>{result}</c>'


DAY, DATE, TIME, TIMED = "2025-10-22", "not-text.date", "not-text.time", "time-in-date.plain"
ERROR, UNCALCULATED, DIGITS, SHOWN = "cell-error", "formula-without-value", "too-long.digits", "not-text.zeros"
UNSEEN = "not-text.shown"

SHARED = (
    '<si><t>plain</t></si><si><r><rPr><b/></rPr><t>bold</t></r><r><t xml:space="preserve"> plain</t></r></si>'
    '<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si><si><t></t></si><si><t>a_x000D_\nb_x</t></si>'
)

CASES = (
    Case("a code typed as a number", _number("101110"), "101110"),
    Case("a period typed as a number", _number("2025001"), "2025001"),
    Case("a text with leading zeros", _text("001234"), "001234"),
    Case("a number that a format gives leading zeros", _number("1234", "000000"), "1234", SHOWN, period=UNSEEN),
    Case("a date", _number("45952", "yyyy-mm-dd"), DAY, DATE),
    Case("a date with a time", _number("45952.5", "yyyy-mm-dd hh:mm:ss"), DAY, DATE, TIMED),
    Case("a date with thousandths", _number("45952.12345679398", "yyyy-mm-dd hh:mm:ss"), DAY, DATE, TIMED),
    Case("a date in built-in format 14", f'<c r="{{r}}" s="{BUILT_IN_DATE}"><v>45952</v></c>', DAY, DATE),
    Case("a date in a Swedish format", _number("45952", "[$-41D]d mmmm yyyy"), DAY, DATE),
    Case("a date in the system's format", _number("45952", "[$-F800]dddd, mmmm dd, yyyy"), DAY, DATE),
    Case("a time", _number("0.5", "hh:mm"), "12:00:00", TIME),
    Case("an elapsed time", _number("1.5", "[h]:mm:ss"), "1 day, 12:00:00", TIME),
    Case("a number whose format says day", _number("45", '"day" 0'), "45", SHOWN),
    Case("a number whose format has a quoted d", _number("45.5", '#,##0.00 "kr/d"'), "45.5", SHOWN, period=UNSEEN),
    Case("a red number", _number("45.5", "[Red]0.00"), "45.5", SHOWN, period=UNSEEN),
    Case("a date as text", _text(DAY), DAY),
    Case("a date in ISO", f'<c r="{{r}}" t="d" s="1"><v>{DAY}T00:00:00</v></c>', DAY, DATE),
    Case("a date as text with a time zone", _text("2025-10-22T10:00:00+02:00"), "2025-10-22T10:00:00+02:00"),
    Case("the day that never was", _number("60", "yyyy-mm-dd"), "1900-02-28", DATE),
    Case("day nought", _number("0", "yyyy-mm-dd"), "00:00:00", TIME),
    Case("a negative day", _number("-1", "yyyy-mm-dd"), ERROR),
    Case("a day after the last one", _number("2958466", "yyyy-mm-dd"), ERROR),
    Case("a day in a million years", _number("1000000000", "yyyy-mm-dd"), ERROR),
    Case("a share", _number("0.25", "0%"), "0.25", SHOWN, period=UNSEEN, amount="not-a-number.scaled"),
    Case("#N/A", '<c r="{r}" t="e"><v>#N/A</v></c>', ERROR),
    Case("#REF!", '<c r="{r}" t="e"><v>#REF!</v></c>', ERROR),
    Case("a formula's number", _formula("", "<v>2</v>"), "2"),
    Case("a formula's text", _formula(' t="str"', "<v>ab</v>"), "ab"),
    Case("a formula's empty text", _formula(' t="str"', "<v></v>"), None),
    Case("a formula never calculated", _formula("", ""), UNCALCULATED),
    Case("a formula with an empty result", _formula("", "<v/>"), UNCALCULATED),
    Case("a formula's error", _formula(' t="e"', "<v>#DIV/0!</v>"), ERROR),
    Case("a date's formula never calculated", _formula(' s="1"', "<v></v>"), UNCALCULATED),
    Case("a truth value", '<c r="{r}" t="b"><v>1</v></c>', "TRUE", "not-text.truth"),
    Case("a shared text", '<c r="{r}" t="s"><v>0</v></c>', "plain"),
    Case("rich text", '<c r="{r}" t="s"><v>1</v></c>', "bold plain"),
    Case("text with its reading", '<c r="{r}" t="s"><v>2</v></c>', "東京"),
    Case("an inline text", _text("Ärende"), "Ärende"),
    Case("inline rich text", '<c r="{r}" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>', "ab"),
    Case("letters of many scripts", _text("Åäö €😀"), "Åäö €😀"),
    Case("an escaped carriage return", '<c r="{r}" t="s"><v>4</v></c>', "a\r\nb_x"),
    Case("padding", _text("  pad  "), "pad"),
    Case("blanks of every kind around a text", _text("\u00a0\u200b 101110  NF \ufeff"), "101110  NF"),
    Case("an amount as text", _text("1,234.50"), "1,234.50"),
    Case("a day as text, the day first", _text("30/06/2018"), "30/06/2018"),
    Case("a blank alone", _text(" "), None),
    Case("an empty shared text", '<c r="{r}" t="s"><v>3</v></c>', None),
    Case("a no-break space", _text("\xa01 234,50"), "1 234,50"),
    *(Case(f"the text {text}", _text(text), text) for text in ("NA", "N/A", "null", "None", "nan", "TRUE", "-", "1E5")),
    Case("17 digits as Excel writes them", _number("1.2345678901234568E+16"), "12345678901234568", DIGITS),
    Case("17 digits", _number("12345678901234567"), "12345678901234568", DIGITS),
    Case("16 digits", _number("9007199254740993"), "9007199254740992", DIGITS),
    Case("20 digits", _number("12345678901234567890"), "12345678901234567000", DIGITS),
    Case("22 digits as text", _text("1234567890123456789012"), "1234567890123456789012"),
    Case("a tenth and two tenths", _number("0.30000000000000004"), "0.3"),
    Case("18630.1 as Excel writes it", _number("18630.099999999999"), "18630.1"),
    Case("18630.1", _number("18630.1"), "18630.1"),
    Case("a thousandth", _number("1E-3"), "0.001"),
    Case("a power of ten", _number("1.2E3"), "1200"),
    Case("two with a point", _number("2.0"), "2"),
    Case("an amount of 15 digits", _number("9999999999999.99"), "9999999999999.99"),
    Case("a negative nought", _number("-0"), "0"),
)
