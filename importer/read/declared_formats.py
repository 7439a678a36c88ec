"""The formats of amounts, dates and periods that a mapping may declare, as grammars, and texts read by them: whole
texts alone, and nothing that two readings fit."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Context, Decimal
from functools import cache
from itertools import product

from importer.templates.forms import fold_heading
from importer.translations import Language, chapter

NUMBERS: Mapping[str, str] = {
    shape: rf"(?:[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+|[0-9]+)(?:{point}[0-9]+)?"
    for shape, group, point in (
        ("1,234.56", ",", r"\."),
        ("1.234,56", r"\.", ","),
        ("1 234,56", "[ \u00a0\u202f\u2009]", ","),
    )
}
"""Patterns: groups of exactly three digits or none at all, and at most one decimal sign."""

PLAIN_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
NEGATIVE_TEXTS: Mapping[str, str] = {"-1.00": r"-\s*(.+)", "1.00-": r"(.+)-", "(1.00)": r"\((.+)\)"}

_PARTS = {
    "d": "(?P<d>[0-9]{1,2})(?:er)?",
    "m": "(?P<m>[0-9]{1,2})",
    "mmm": r"(?P<short>[^\W\d_]+)\.?",
    "mmmm": r"(?P<full>[^\W\d_]+)",
    "y": "(?P<y>[1-9][0-9]{3})",
    "yy": "(?P<y>[0-9]{2})",
}
_PART = re.compile(r"\b(d|mmmm|mmm|m|yy|y)\b")


def _pattern(order: str) -> str:
    parts = (_PARTS.get(part) or re.escape(part).replace(r"\ ", " +") for part in _PART.split(order))
    return f"(?i){''.join(parts)}"


def _date_formats() -> Iterator[tuple[str, str]]:
    orders = ("d m y", "m d y", "y m d", "d m yy", "m d yy")
    named = ("d mmmm y", "d mmm y", "d mmm yy")
    further = ("d de mmmm de y", "d de mmmm del y", "mmmm d, y", "mmm d, y")
    digits = (order.replace(" ", mark) for order, mark in product(orders, "/-."))
    for order in (*digits, *(order.replace(" ", mark) for order, mark in product(named, " -/")), *further):
        yield order, _pattern(order)
    yield "ymd", "(?P<y>[1-9][0-9]{3})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"


DATES: Mapping[str, str] = dict(_date_formats())
"""Patterns of day, month and year: `yy` are two digits of this century, `mmm` a short and `mmmm` a full name of a
month."""

PERIOD = re.compile("[0-9]{7}")
PERIODS: Mapping[str, str] = {
    order: _pattern(order)
    for order in (
        *(order.replace(" ", mark) for order, mark in product(("mmmm y", "mmm y", "mmm yy"), " -/")),
        *("mmmm de y", "mmmm del y", "m/y", "m-y", "y/m", "y-m"),
    )
}
"""Patterns of month and year of a period."""


@cache
def month_names() -> Mapping[str, Mapping[str, int]]:
    """The full and the short names of the months of all languages, folded, with their numbers."""
    found: dict[str, dict[str, int]] = {"full": {}, "short": {}}
    for language, which in product(Language, found):
        texts = chapter(language, "month-names")[f"month-names.{which}"].split(";")
        found[which] |= {fold_heading(one): at for at, text in enumerate(texts, 1) for one in text.split("|")}
    return found


def amount_in(text: str, numbers: str | None, negative_text: Sequence[str]) -> str | None:
    """The plain number that a typed amount is in the declared format of `NUMBERS` (None: a plain number) and of
    `NEGATIVE_TEXTS`, None when they do not read it."""
    pattern = PLAIN_NUMBER if numbers is None else NUMBERS[numbers]
    inner, is_negative = _without_currency(text), False
    for shape in negative_text:
        found = re.fullmatch(NEGATIVE_TEXTS[shape], inner)
        if found is not None:
            inner, is_negative = _without_currency(found[1]), True
            break
    if not re.fullmatch(pattern, inner):
        return None
    point = "," if numbers is not None and numbers.endswith(",56") else "."
    whole, _, cents = inner.partition(point)
    digits = "".join(mark for mark in whole if mark.isdecimal())
    amount = Decimal(f"{digits}.{cents}" if cents else digits)
    return f"{-amount if is_negative and amount else amount:f}"


def _without_currency(text: str) -> str:
    return text.strip().removeprefix("$").strip()


def day_in(text: str, order: str) -> date | None:
    """The day that a typed date is in a declared order, None when it is none."""
    found = re.fullmatch(DATES[order], text)
    try:
        return None if found is None else date(*_year_and_month(found), int(found["d"]))
    except ValueError:
        return None


def period_in(text: str, order: str) -> str | None:
    """The period of the month that a text is in a declared order, None when it is none."""
    found = re.fullmatch(PERIODS[order], text)
    try:
        return None if found is None else period_of_day(date(*_year_and_month(found), 1))
    except ValueError:
        return None


def _year_and_month(found: re.Match[str]) -> tuple[int, int]:
    """Year and month of a text; the latter is 0 for a name that is none."""
    parts = found.groupdict()
    year = parts["y"] if len(parts["y"]) > 2 else f"20{parts['y']}"
    if parts.get("m") is not None:
        return int(year), int(parts["m"])
    which = "short" if "short" in parts else "full"
    return int(year), month_names()[which].get(fold_heading(parts[which]), 0)


def exchanged_order(order: str) -> str:
    """The same order with day and month exchanged; itself where no such order is known."""
    other = order.translate(str.maketrans("dm", "md"))
    return other if other in DATES else order


def period_of_day(day: date | None) -> str | None:
    return None if day is None else f"{day.year:04d}{day.month:03d}"


def iso_day(text: str) -> date | None:
    """The day of a text such as 2018-06-30, None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


_NUMBER = re.compile(f"-?{PLAIN_NUMBER}")


def plain_number(text: str | None) -> Decimal | None:
    """The number of a text such as -1234.50, None where it is none."""
    return Decimal(text) if text is not None and _NUMBER.fullmatch(text) else None


def multiplied(text: str | None, scale: int) -> str | None:
    """A plain number times the scale, without zeros behind its decimals; what is none as it was."""
    number = plain_number(text)
    if text is None or number is None:
        return text
    whole, point, cents = f"{Context(prec=len(text) + 8).multiply(number, Decimal(scale)):f}".partition(".")
    return whole + (point + cents).rstrip("0").rstrip(".")
