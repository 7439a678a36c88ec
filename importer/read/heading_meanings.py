"""What the headings of a sheet may be: a proposal for each, and which of several meanings the cells below leave.

The rules: a heading of several meanings is certain only when no other one claims the same field and every filled cell
below it, in rows with an account, fits that meaning and no other.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import compress, islice
from types import MappingProxyType
from typing import Literal

from importer.formats.delimited import LAST_HEADING_ROW
from importer.model.journals import Side
from importer.model.problems import Place, Problem, column_letters
from importer.model.workbook import CellText, FormSheet
from importer.read.cells import text_of
from importer.read.declared_formats import iso_day
from importer.read.headings import (
    Assumption,
    Layout,
    journal_layout_of,
    layout_of,
    may_be_side,
    nearest_layout,
    similar_headings,
)
from importer.read.layout_checks import names_accounts
from importer.read.text_above_headings import notes_above, notes_in_currencies
from importer.templates.forms import JOURNALS, Kind
from importer.xlsx.values import Merged, Row, UnusableCell

_TYPE = re.compile(r"[^\W\d_]{1,5}")
_POSITIVE = re.compile(r"[0-9]+(\.[0-9]+)?")
_PERIOD = re.compile(r"[12][0-9]{3}0[0-9]{2}")
_SIDE_PAIRS = (frozenset("DC"), frozenset("DH"))
"""The letters that a whole column must have to be certain. C beside A is cargo, a debit; C alone may be either."""

NO_CODES: Mapping[str, Collection[str]] = MappingProxyType({})
_MOST_SAMPLES = 3
MOST_SHOWN = 12
_LONGEST_SHOWN = 40


class Certainty(StrEnum):
    """How sure a proposal is: what is certain is read without a word, all else is asked."""

    CERTAIN = "certain"
    LIKELY = "likely"
    UNKNOWN = "unknown"


Reason = Literal["synonym", "similarity", "content"]
"""Why a field is proposed: by the heading's name, its likeness to a name, or the cells below it."""


@dataclass(frozen=True, slots=True)
class HeadingProposal:
    """A heading with its column (from 0) and the field that it may be, None when nothing is proposed. `candidates` are
    all fields that it may be (none where any may), `samples` up to three different texts below it."""

    index: int
    heading: str
    field: str | None
    certainty: Certainty
    candidates: tuple[str, ...]
    reason: Reason | None
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetProposal:
    """What a sheet of journals may be: the numbers of its heading rows (one, or two that are read as one), a proposal
    for each heading by column, and the required fields that no heading is proposed for with certainty. `notes` are the
    texts above the headings that may change what the amounts are."""

    heading_rows: tuple[int, ...]
    headings: tuple[HeadingProposal, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...] = ()


def is_certain(assumption: Assumption, texts: Sequence[CellText], accounts: Sequence[CellText]) -> bool:
    """True when the cells below a heading of several meanings leave no doubt. `texts` are the canonical texts of the
    whole column, `accounts` those of the account beside each (none when the sheet has no such column)."""
    if assumption.is_contested:
        return False
    in_lines = texts if not any(accounts) else [text for text, code in zip(texts, accounts, strict=True) if code]
    filled = {text for text in in_lines if text is not None}
    match assumption.kind, assumption.field:
        case _, "transaction":
            return not filled or frozenset(text.upper() for text in filled) in _SIDE_PAIRS
        case "type", _:
            return all(_TYPE.fullmatch(text) and not may_be_side(text) for text in filled)
        case "text", _:
            # The texts of two accounts or more may be the names of those.
            return len(filled) <= 1 or not names_accounts(texts, accounts)
        case "document", _:
            return len(assumption.candidates) == 1
        case "date", _:
            return all(map(iso_day, filled))
        case "amount", _:
            return all(_POSITIVE.fullmatch(text) for text in filled)
        case _:
            return True


def with_assumptions_checked(sheet: FormSheet, layout: Layout) -> tuple[FormSheet, list[Problem]]:
    """The sheet, and a problem for each heading of several meanings that its cells leave open. The letters of a column
    that is certain by D and H become those of the form."""
    if not layout.assumed:
        return sheet, []
    accounts = sheet.columns.get("account", ())
    problems, columns = [], dict(sheet.columns)
    by_field: dict[str, list[Assumption]] = {}
    for one in layout.assumed:
        by_field.setdefault(one.field, []).append(one)
    for name, claims in by_field.items():
        texts = sheet.columns.get(name, ())
        if any(not is_certain(claim, texts, accounts) for claim in claims):
            problems.append(_uncertain(sheet, layout, claims, texts))
        elif name == "transaction":
            columns[name] = [Side.CREDIT.value if text in ("H", "h") else text for text in texts]
    return replace(sheet, columns=columns), problems


def _uncertain(sheet: FormSheet, layout: Layout, claims: Sequence[Assumption], texts: Sequence[CellText]) -> Problem:
    cells = [f"{column_letters(one.column)}{layout.row}" for one in claims]
    named = [layout.headings[one.column] for one in claims]
    facts = {"sheet": sheet.sheet}
    if len(claims) > 1:
        both = ", ".join(f"{heading} ({cell})" for heading, cell in zip(named, cells, strict=True))
        facts |= {"headings": both, "heading": claims[0].field}
        return Problem("uncertain-mapping", sheet.place(), wording="uncertain-mapping.several", facts=facts)
    if claims[0].note:
        facts |= {"meant": named[0], "cell": cells[0], "note": claims[0].note}
        return Problem("uncertain-mapping", sheet.place(), wording="uncertain-mapping.note", facts=facts)
    facts |= {"meant": named[0], "cell": cells[0], "fields": ", ".join(claims[0].candidates)}
    facts["samples"] = shortened_texts(_samples(texts))
    return Problem("uncertain-mapping", sheet.place(), wording="uncertain-mapping.heading", facts=facts)


def _samples(texts: Iterable[CellText]) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(text for text in texts if text), _MOST_SAMPLES))


def heading_problems(layout: Layout, nearest: Mapping[str, int], file: str, sheet: str) -> list[Problem]:
    """What the headings lack, say twice, or say that nobody knows. `nearest` is the column (from 0) that each missing
    field may be, where there is one."""
    place = Place(file, sheet)
    problems = [_missing(layout, place, name, nearest.get(name)) for name in layout.missing]
    for name, first, second in layout.repeated:
        facts = {"heading": name, "first": column_letters(first), "second": column_letters(second)}
        problems.append(Problem("duplicate-column", place, wording="duplicate-column", facts=facts))
    for index, heading in layout.unknown.items():
        if index in nearest.values():
            continue
        where = Place(file, sheet, layout.row, column_letters(index))
        wording, facts = "unknown-column.heading", {"heading": heading}
        problems.append(Problem("unknown-column", where, value=heading, wording=wording, facts=facts))
    return problems


def _missing(layout: Layout, place: Place, name: str, nearest: int | None) -> Problem:
    facts = {"heading": name, "sheet": place.sheet or "", "row": str(layout.row)}
    if nearest is None:
        return Problem("missing-column", place, wording="missing-column", facts=facts)
    facts |= {"meant": layout.unknown[nearest], "cell": f"{column_letters(nearest)}{layout.row}"}
    return Problem("missing-column", place, wording="missing-column.meant", facts=facts)


def blank_heading_problems(layout: Layout, file: str, sheet: str, headless: Collection[int]) -> list[Problem]:
    """Columns with entries below a blank heading (`headless`): they are not read, and that is not passed over in
    silence."""
    problems = []
    for index in sorted(headless):
        place = Place(file, sheet, layout.row, column_letters(index))
        facts = {"column": column_letters(index)}
        problems.append(Problem("unknown-column", place, wording="unknown-column.blank", facts=facts))
    return problems


def shortened_texts(texts: Iterable[str]) -> str:
    """Some texts on one line, the first part of each."""
    plain = (" ".join(text.split()) for text in texts)
    shown = [text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]} …" for text in plain]
    return ", ".join(shown[:MOST_SHOWN]) + (" …" if len(shown) > MOST_SHOWN else "")


def propose(
    rows: Sequence[Row], codes: Mapping[str, Collection[str]] = NO_CODES, merged: Sequence[Merged] = ()
) -> SheetProposal | None:
    """What the headings of any sheet may be in a journal, None when no row is one of headings. `rows` are its first
    rows from row 1 on, with the cells by which the headings are judged; `codes` the company's codes by field, where
    they are known; `merged` the sheet's merged cells."""
    layout = layout_of(rows, [JOURNALS]) or nearest_layout(rows) or _most_texts(rows)
    if layout is None:
        return None
    currency = layout.columns.get("currency")
    texts = [] if currency is None else _texts(rows[layout.row :], currency)
    noted = [*notes_above(layout, rows, set(filter(None, texts)), merged)]
    noted += notes_in_currencies(layout, "currency", range(layout.row + 1, layout.row + 1 + len(texts)), texts)
    notes = tuple(dict.fromkeys(note.text for note in noted))
    proposals = _Proposals(layout, rows[layout.row :], codes)
    headings = tuple(proposals.of(index, heading) for index, heading in sorted(layout.headings.items()))
    certain = {one.field for one in headings if one.certainty is Certainty.CERTAIN}
    lacking = [name for name in (one.field for one in layout.assumed) if name not in certain]
    missing = (*layout.missing, *dict.fromkeys(lacking))
    return SheetProposal(layout.heading_rows, headings, missing, notes)


def nearest_columns(
    layout: Layout, below: Sequence[Row], codes: Mapping[str, Collection[str]] = NO_CODES
) -> dict[str, int]:
    """Of missing fields the column (from 0) that each may be: by its heading, else by its cells in the rows `below`,
    where they are of one missing field alone and those of no other column are."""
    if not layout.missing:
        return {}
    nearest = similar_headings(layout)
    fitting: dict[str, list[int]] = {}
    for index in layout.unknown.keys() - nearest.values():
        for name in _fitting(layout, _texts(below, index), codes):
            fitting.setdefault(name, []).append(index)
    alone = {name: indexes[0] for name, indexes in fitting.items() if len(indexes) == 1 and name not in nearest}
    doubled = {index for index in alone.values() if list(alone.values()).count(index) > 1}
    return nearest | {name: index for name, index in alone.items() if index not in doubled}


def _fitting(layout: Layout, texts: Sequence[CellText], codes: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The missing fields that every filled cell of a column fits, where the cells of few other columns would: codes of
    the company's, days, periods, sides."""
    filled = {text for text in texts if text}
    tests: dict[str, Callable[[str], object]] = {"transDateTime": iso_day, "period": _PERIOD.fullmatch}
    tests |= {name: frozenset(known).__contains__ for name, known in codes.items()}
    found = [name for name in layout.missing if filled and name in tests and all(map(tests[name], filled))]
    if "transaction" in layout.missing and frozenset(text.upper() for text in filled) in _SIDE_PAIRS:
        found.append("transaction")
    return tuple(found)


def _texts(rows: Sequence[Row], index: int) -> list[CellText]:
    texts = (text_of(row[index], Kind.DATE) if index < len(row) else None for row in rows)
    return [None if isinstance(text, UnusableCell) else text for text in texts]


def _most_texts(rows: Sequence[Row]) -> Layout | None:
    """The first row with the most texts, within 20, as the headings of a journal; None without two texts in a row."""
    counts = [sum(isinstance(value, str) and bool(value.strip()) for value in row) for row in rows[:LAST_HEADING_ROW]]
    most = max(counts, default=0)
    return journal_layout_of(rows, counts.index(most) + 1) if most > 1 else None


class _Proposals:
    """What is proposed for the columns of one sheet, by its headings and the rows below."""

    def __init__(self, layout: Layout, below: Sequence[Row], codes: Mapping[str, Collection[str]]) -> None:
        self._layout = layout
        self._below = below
        self._codes = codes
        self._fields = {index: name for name, index in layout.columns.items()}
        self._assumed = {one.column: one for one in layout.assumed}
        self._doubled = {second: name for name, _, second in layout.repeated}
        self._similar = similar_headings(layout)
        self._nearest = {index: name for name, index in nearest_columns(layout, below, codes).items()}
        account = layout.columns.get("account")
        self._accounts = [] if account is None else _texts(below, account)

    def of(self, index: int, heading: str) -> HeadingProposal:
        texts = _texts(self._below, index)
        name, candidates, reason, certainty = self._proposed(index, texts)
        of_lines = compress(texts, self._accounts) if any(self._accounts) else texts
        return HeadingProposal(index, heading, name, certainty, candidates, reason, _samples(of_lines))

    def _proposed(
        self, index: int, texts: Sequence[CellText]
    ) -> tuple[str | None, tuple[str, ...], Reason | None, Certainty]:
        if index in self._assumed:
            one = self._assumed[index]
            certainty = Certainty.CERTAIN if is_certain(one, texts, self._accounts) else Certainty.LIKELY
            return one.field, one.candidates, "synonym", certainty
        if index in self._fields:
            name = self._fields[index]
            certainty = Certainty.LIKELY if name in self._doubled.values() else Certainty.CERTAIN
            return name, (name,), "synonym", certainty
        if index in self._doubled:
            return None, (self._doubled[index],), "synonym", Certainty.UNKNOWN
        fitting = _fitting(self._layout, texts, self._codes)
        if index in self._nearest:
            name = self._nearest[index]
            if self._similar.get(name) == index:
                return name, (name,), "similarity", Certainty.LIKELY
            return name, fitting, "content", Certainty.LIKELY
        return None, fitting, "content" if fitting else None, Certainty.UNKNOWN
