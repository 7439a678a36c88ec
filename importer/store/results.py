"""A result as text and back, so that a past run's report can be written again, and an interrupted one be finished."""

import json
from dataclasses import replace
from typing import Any

import msgspec

from importer.model.results import CellsOfRow, Result

_Cells = list[tuple[str, str, int, CellsOfRow]]


def text_of_result(result: Result) -> str:
    """The whole result as JSON in ASCII: a file's name may hold what UTF-8 cannot."""
    cells = [(*place, row) for place, row in result.cells.items()]
    return json.dumps({"result": _plain(replace(result, cells={})), "cells": _plain(cells)})


def result_from_text(text: str) -> Result:
    """What `text_of_result` has written. Members that a newer program added stand at their defaults."""
    kept = json.loads(text)
    cells = msgspec.convert(kept["cells"], _Cells)
    result = msgspec.convert(kept["result"], Result)
    return replace(result, cells={(file, sheet, row): found for file, sheet, row, found in cells})


def _plain(value: object) -> Any:
    return msgspec.to_builtins(value, enc_hook=_text)


def _text(value: object) -> str:
    """A text of a type of its own, such as a period, is kept as a text."""
    if isinstance(value, str):
        return str(value)
    raise TypeError(type(value).__name__)
