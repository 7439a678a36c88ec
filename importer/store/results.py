"""A result as text and back, so that a past run's report can be written again, and an interrupted one be finished; and
the summary of it that a list of runs reads."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from importer.model.results import CellsOfRow, Result, Status, Summary

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


def text_of_summary(result: Result) -> str:
    """What a list of runs shows of a result, as JSON."""
    company = None if result.company is None else result.company.name
    return _summary_text(company, result.documents_by_status(), is_declined=result.is_declined)


def summary_of_kept(text: str) -> str:
    """The same of what `text_of_result` has written; its documents are counted, nothing more is made of it."""
    result = json.loads(text)["result"]
    counts = Counter(Status(document["status"]) for document in result["documents"])
    stop = result.get("stopped_by")
    name = (result.get("company") or {}).get("name")
    return _summary_text(name, counts, is_declined=stop is not None and stop[0] == "declined")


def summary_from_text(text: str) -> Summary:
    """The summary that `text_of_summary` or `summary_of_kept` has written."""
    kept = json.loads(text)
    counts = {status: int(kept["documents"].get(status.value, 0)) for status in Status}
    return Summary(kept["company"], bool(kept["is_declined"]), counts)


def _summary_text(company: str | None, counts: Mapping[Status, int], *, is_declined: bool) -> str:
    documents = {status.value: counts[status] for status in Status if counts[status]}
    return json.dumps({"company": company, "is_declined": is_declined, "documents": documents})


def _plain(value: object) -> Any:
    return msgspec.to_builtins(value, enc_hook=_text)


def _text(value: object) -> str:
    """A text of a type of its own, such as a period, is kept as a text."""
    if isinstance(value, str):
        return str(value)
    raise TypeError(type(value).__name__)
