"""Numbers, days and rows as the reader of a language writes them."""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from importer.language import Language
from importer.report.wording import said

MONTHS = 12
MOST_RANGES = 8
NARROW_NO_BREAK_SPACE = "\u202f"
MINUS = "\u2212"


def amount_text(value: Decimal | None, language: Language) -> str:
    """An amount with two decimals and separators: `1,234.50`, in French `1 234,50`; a dash when there is
    none."""
    return "–" if value is None else _separated(f"{value:,.2f}", language)


def count_text(value: int, language: Language) -> str:
    """A whole number with separators."""
    return _separated(f"{value:,}", language)


def _separated(text: str, language: Language) -> str:
    if language is Language.FR:
        return text.translate({ord(","): NARROW_NO_BREAK_SPACE, ord("."): ","})
    return text


def ranges_of(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Ascending (first, last) of each unbroken stretch: 5, 6, 7, 12 gives (5, 7), (12, 12)."""
    stretches: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if stretches and stretches[-1][1] == number - 1:
            stretches[-1] = (stretches[-1][0], number)
        else:
            stretches.append((number, number))
    return stretches


def rows_text(rows: Iterable[int], language: Language) -> str:
    """Row numbers compactly, `5–9, 12`; after eight stretches the number of rows that follow is told
    instead."""
    stretches = ranges_of(rows)
    shown = (str(first) if first == last else f"{first}–{last}" for first, last in stretches[:MOST_RANGES])
    text = ", ".join(shown)
    rest = sum(last - first + 1 for first, last in stretches[MOST_RANGES:])
    if not rest:
        return text
    return f"{text}, {said(language, 'report.more-rows', count=count_text(rest, language))}"


def period_text(period: str | None, language: Language) -> str:
    """The month of an accounting period in words (`June 2018` of 2018006), `""` where it is no month of the
    year."""
    if period is None or len(period) != len("2018006") or not period.isascii() or not period.isdecimal():
        return ""
    month = int(period[4:])
    if not 1 <= month <= MONTHS:
        return ""
    return said(language, "report.month-of-year", month=_month(month, language), year=period[:4])


def _month(number: int, language: Language) -> str:
    return said(language, f"report.month.m{number:02d}")


def day_text(moment: datetime, language: Language) -> str:
    """The day in words: `1 July 2026`, `1 de julio de 2026`, `1er juillet 2026`."""
    month = _month(moment.month, language)
    return said(language, "report.day", count=str(moment.day), month=month, year=str(moment.year))


def utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is taken as UTC, as the result has it."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def time_span(start: datetime, end: datetime, language: Language, zone: tzinfo | None = None) -> str:
    """From when to when, in `zone` (default: this machine's), with its distance from UTC:
    `1 July 2026, 14:03:11 to 14:05:40 (UTC−06:00)`."""
    first, last = utc(start).astimezone(zone), utc(end).astimezone(zone)
    offset = f"{first:%z}".replace("-", MINUS)
    until = f"{last:%H:%M:%S}"
    if first.date() != last.date():
        until = f"{day_text(last, language)}, {until}"
    return said(
        language,
        "report.time-span",
        day=day_text(first, language),
        start=f"{first:%H:%M:%S}",
        end=until,
        offset=f"{offset[:3]}:{offset[3:5]}",
    )
