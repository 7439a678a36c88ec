"""Date cells that hold a time of day too: the day counts, unless a time zone or a writer has moved it to another day.

Programs keep midnight as an instant and write it down in another time zone. In a zone west of theirs every date ends up
in the evening before; SheetJS in America/Mexico_City is 36 seconds short of it (the zone's offset before 1922); a
summer time that was forgotten takes an hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from importer.model.problems import Place, Problem
from importer.model.workbook import CellText
from importer.read.cells import TimedDay
from importer.read.values import Spoilt

_JUST_BEFORE_MIDNIGHT = time(23, 58)
_SUMMER_TIME = time(23)
_NOON = time(12)
_HOUR = timedelta(hours=1)
_FEWEST = 2
"""One cell alone is no habit of a writer."""


@dataclass(frozen=True, slots=True)
class DateColumn:
    """A column of dates below its heading: its field and letters, the sheet's rows and the text of each."""

    field: str
    letters: str
    rows: Sequence[int]
    texts: Sequence[CellText | Spoilt]


def time_problems(column: DateColumn, file: str, sheet: str) -> list[Problem]:
    """One problem for each cell with a time of day: an error where another day may be meant (shortly before midnight,
    or the same hour in every cell of the column), which names both days; otherwise a warning."""
    timed = [(row, text) for row, text in zip(column.rows, column.texts, strict=True) if isinstance(text, TimedDay)]
    is_every = len(timed) == sum(text is not None for text in column.texts) >= _FEWEST
    is_shift = is_every and _is_shift([text for _, text in timed])
    return [
        _problem(text, Place(file, sheet, row, column.letters, column.field), is_shift=is_shift) for row, text in timed
    ]


def _is_shift(days: Sequence[TimedDay]) -> bool:
    """True for one time in all cells, and for two of them an hour apart that no month has both of: summer time."""
    times = sorted({day.at for day in days})
    if len(times) != 2:
        return len(times) == 1
    early, late = ({day[:7] for day in days if day.at == one} for one in times)
    return _length(times[1]) - _length(times[0]) == _HOUR and early.isdisjoint(late)


def _length(one: time) -> timedelta:
    return timedelta(hours=one.hour, minutes=one.minute, seconds=one.second, microseconds=one.microsecond)


def _problem(text: TimedDay, place: Place, *, is_shift: bool) -> Problem:
    value = f"{text} {text.at.isoformat('seconds')}"
    facts = {"date": str(text), "time": text.at.isoformat("seconds"), "other": _other(text)}
    if text.at >= _JUST_BEFORE_MIDNIGHT or text.at == _SUMMER_TIME:
        wording = "time-in-date.midnight"
    else:
        wording = "time-in-date.every" if is_shift else "time-in-date.plain"
    return Problem("time-in-date", place, None, value, None, wording, facts, softened=wording == "time-in-date.plain")


def _other(text: TimedDay) -> str:
    """The day on the other side of the midnight that is near: the next one from noon on, before it the last one."""
    step = timedelta(days=1 if text.at >= _NOON else -1)
    try:
        return (date.fromisoformat(text) + step).isoformat()
    except OverflowError:
        return str(text)
