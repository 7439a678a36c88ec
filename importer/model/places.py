"""Where something stands in a workbook."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath, PureWindowsPath


@dataclass(frozen=True, slots=True)
class Place:
    """A spot an accountant can go to, as exact as it is known.

    `file` is the path as the user gave it, `row` the sheet's own row number (from 1), `column` the sheet's column
    letters (`D`), `field` the wire name of the form's column (`account`).
    """

    file: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    field: str | None = None

    @property
    def cell(self) -> str | None:
        """The cell's address (`D6`), or None when the place is no single cell."""
        if self.column is None or self.row is None:
            return None
        return f"{self.column}{self.row}"


def file_name(path: str) -> str:
    """A path's last part, whichever system wrote it: a store may be shared."""
    return (PureWindowsPath(path) if "\\" in path else PurePath(path)).name


def names_of(key: str, file: str, sheet: str) -> frozenset[str]:
    """What a person may call a journal on the command line: its key, with file and sheet before it where these share
    the key."""
    of_files = [f"{of_file}:{rest}" for of_file in (file, file_name(file)) for rest in (key, f"{sheet}:{key}")]
    return frozenset((key, f"{sheet}:{key}", *of_files))


def column_letters(index: int) -> str:
    """Letters of a sheet's column; `index` counts from 0 (0 is A, 26 is AA)."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def spans(rows: Iterable[int]) -> str:
    """Row numbers as people write them: `5-7, 12`."""
    parts: list[list[int]] = []
    for row in sorted(rows):
        if parts and row == parts[-1][1] + 1:
            parts[-1][1] = row
        else:
            parts.append([row, row])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def rows_in(text: str) -> set[int]:
    """The row numbers in a text that `spans` has written."""
    rows: set[int] = set()
    for first, last in re.findall(r"([0-9]+)(?:[-–]([0-9]+))?", text):
        rows |= set(range(int(first), int(last or first) + 1))
    return rows
