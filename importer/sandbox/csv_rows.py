"""The rows of a readable table of the company's folder."""

import csv
from collections.abc import Iterator
from importlib.resources.abc import Traversable


def read_rows(folder: Traversable, name: str) -> Iterator[dict[str, str]]:
    """Each row by the table's headings; UTF-8, a spreadsheet's byte order mark does no harm."""
    with (folder / name).open(encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)
