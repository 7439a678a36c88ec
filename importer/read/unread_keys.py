"""Does a column that nobody read hold the keys of journals? Then the sheet is not one journal, though none was read."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from importer.model.problems import Place, Problem, column_letters
from importer.model.workbook import CellText
from importer.read.headings import Layout
from importer.read.values import CELL_ERROR, NOT_CALCULATED, Spoilt
from importer.templates.forms import Form, Kind, fold_heading

UnreadTexts = Mapping[int, Sequence[CellText | Spoilt]]
"""By column (from 0): the texts of the form's rows in a column that is no field's, read as keys would be."""

_DECIMAL = re.compile(r"-?[0-9]+[.,][0-9]+")
_WHOLE = re.compile(r"-?[0-9]+")


def key_field_of(form: Form) -> str | None:
    """The field by which rows are grouped; None in a form of which each row stands for itself."""
    return next((column.name for column in form.columns if column.kind is Kind.KEY), None)


def column_of_keys(layout: Layout, unread: UnreadTexts, columns: Mapping[str, Sequence[CellText]]) -> int | None:
    """The column (from 0) by which rows without any key would fall apart into several journals; None without one.

    It is a column with at least two different texts, in one of two ways:
    - its heading contains a name of the key (`No. de póliza`), and not every row has a text of its own;
    - whatever its heading, if any: at least half of the rows are filled, at least half of the different texts stand in
      several rows, they are neither days nor amounts with decimals, and do not just name the accounts (each account
      with one text, each text with one account).
    So remarks that are mostly blank or all different are no keys.
    """
    if layout.missing:
        return None
    named = [index for index in unread if _is_named_like(layout, index) and _falls_apart(unread[index])]
    accounts = columns.get("account", ())
    others = [index for index, texts in unread.items() if _reads_as_keys(texts) and not _names(texts, accounts)]
    return min(named or others, default=None)


def _is_named_like(layout: Layout, index: int) -> bool:
    heading = fold_heading(layout.unknown.get(index, ""))
    field = key_field_of(layout.form)
    return any(name in heading for name, meant in layout.form.headings().items() if meant == field)


def _falls_apart(texts: Sequence[CellText | Spoilt]) -> bool:
    return 1 < len({text for text in texts if isinstance(text, str)}) < len(texts)


def _reads_as_keys(texts: Sequence[CellText | Spoilt]) -> bool:
    if any(isinstance(text, Spoilt) and text.wording not in (CELL_ERROR, NOT_CALCULATED.wording) for text in texts):
        return False
    times = Counter(text for text in texts if isinstance(text, str))
    several = sum(count > 1 for count in times.values())
    is_filled = 2 * times.total() >= len(texts)
    return len(times) > 1 and is_filled and 2 * several >= len(times) and not _are_amounts(times)


def _are_amounts(texts: Mapping[str, int]) -> bool:
    decimal = [text for text in texts if _DECIMAL.fullmatch(text)]
    return bool(decimal) and all(_WHOLE.fullmatch(text) or _DECIMAL.fullmatch(text) for text in texts)


def _names(texts: Sequence[CellText | Spoilt], codes: Sequence[CellText]) -> bool:
    pairs = {(code, text) for code, text in zip(codes, texts, strict=False) if code is not None and text is not None}
    return 0 < len(pairs) == len({code for code, _ in pairs}) == len({text for _, text in pairs})


def unread_key_problem(layout: Layout, index: int, file: str, sheet: str) -> Problem:
    """The problem of a sheet whose column `index` (from 0) may hold the keys of several journals."""
    letters = column_letters(index)
    facts = {"heading": key_field_of(layout.form) or "", "row": str(layout.row)}
    if index in layout.unknown:
        wording, more = "missing-column.key", {"meant": layout.unknown[index], "cell": f"{letters}{layout.row}"}
    else:
        wording, more = "missing-column.key-blank", {"column": letters}
    return Problem("missing-column", Place(file, sheet), wording=wording, facts=facts | more)
