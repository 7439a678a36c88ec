"""Rows of a journal sheet that are no lines: totals, signatures and notes. They are set aside, each block with one
warning."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import compress

from importer.model.journals import Side
from importer.model.problems import Problem, spans
from importer.model.workbook import CellText, FormSheet
from importer.printable import shortened
from importer.read.cells import TypedText
from importer.read.declared_formats import amount_in
from importer.read.mappings import SIGNED, SheetMapping
from importer.templates.forms import Form, Kind, fold_heading


class Sums(dict[tuple[str, Side | None], Decimal]):
    """What `lines` add up to, by the field of the amount and by side (None: both together); only of what has
    entries."""

    lines: int = 0


_SIDES = {side.value: side for side in Side}
_OTHER = {Side.DEBIT: Side.CREDIT, Side.CREDIT: Side.DEBIT}
_SIDE_OF_FIELD = {"debit": Side.DEBIT, "credit": Side.CREDIT}
_AMOUNTS = frozenset(("amount", "memoAmount", *_SIDE_OF_FIELD))
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_FIGURES_AT_END = re.compile(r"[0-9]+$")
_LONGEST_LABEL = 80
_LONGEST_TEXT = 60
_MOST_TEXTS = 5
_FEWEST_LETTERS = 3


def _folded_labels(labels: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_folded, labels))


def _folded(text: str) -> str:
    return _FIGURES_AT_END.sub("", fold_heading(text))


LABELS = _folded_labels(
    (
        *("Total", "Totales", "Subtotal", "Suma", "Sumas", "Sumas iguales", "Gran total", "Total general"),
        *("Elaboró", "Revisó", "Autorizó"),
        *("Totals", "Sum", "Grand total", "Prepared by", "Reviewed by", "Approved by", "Authorized by"),
        *("Totaux", "Somme", "Sous-total", "Total général", "Établi par", "Vérifié par", "Approuvé par"),
        "Autorisé par",
    )
)
"""The labels of totals and signatures that need no declaration."""


def is_label(text: str, labels: Collection[str]) -> bool:
    """True when the whole text is one of the folded labels, whatever colon or figures end it. Never a part of a text:
    *Totalplay* is a supplier."""
    return len(text) <= _LONGEST_LABEL and not text.isdecimal() and _folded(text) in labels


def _begins_with_label(text: str, labels: Collection[str]) -> bool:
    """True for a label with words behind it (Total P1): of an amount that ties, never by itself."""
    return any(is_label(first, labels) for first in text.split(maxsplit=1)[:1])


def _is_signature(text: str, labels: Collection[str]) -> bool:
    """True for a label, and for one before a colon (Elaboró: María)."""
    return is_label(text.partition(":")[0], labels) or is_label(text, labels)


def _is_only_signature(text: str, labels: Collection[str]) -> bool:
    """True for a signature in the place of an amount: with a figure (Total: 500) it may be one."""
    return not any(map(str.isdecimal, text)) and _is_signature(text, labels)


def with_rows_set_aside(
    sheet: FormSheet, form: Form, mapping: SheetMapping | None = None
) -> tuple[FormSheet, list[Problem]]:
    """The sheet of a form with accounts without the rows that are no lines, which it names in `set_aside`, and the
    problems of the rows without an account: a warning for each block set aside, an error for each single amount left.
    A `mapping` has labels of its own, and says what amounts typed texts are, and which side a sign is.

    A row with an account is a line; so is one that lacks nothing but the account, and every row of a sheet without any
    account. Any other is none when

    - one of its texts is one of the labels, unless its amounts tie with nothing and it
      has most of what a line needs; in the column of accounts such a text is an account unless the row has nothing else
      but amounts, or nothing but labels, also with names behind their colons, and no amount;
    - or it has nothing but amounts, and each equals the sum of its column, or of one side of it, since the last such
      row or from the top, over two lines or more: an amount like the one above it may be a line. Beside such amounts
      there may be a key of other rows, a text that begins with a label (Total P1), and any texts where both debit and
      credit have one: no line has both;
    - or it has texts and no amount.

    In the latter two a cell that cannot be read makes a line of its row.
    """
    labels, plain, positive = LABELS, sheet, None
    if mapping is not None:
        labels, plain = LABELS | _folded_labels(mapping.skip), _with_plain_amounts(sheet, mapping)
        positive = None if mapping.signed is None else Side.DEBIT if mapping.signed == SIGNED[0] else Side.CREDIT
    rows = list(_rows_without_account(plain, form, labels))
    if not rows:
        return sheet, []
    sums = _sums_above(plain, rows, positive)
    is_aside = {row.position: row.is_no_line(sums.get(row.position, ())) for row in rows}
    problems = [_warning(sheet, block, sums) for block in _blocks(row for row in rows if is_aside[row.position])]
    problems += [_left_over(sheet, row, sums) for row in rows if not is_aside[row.position] and row.is_one_amount]
    if not any(is_aside.values()):
        return sheet, problems
    kept, aside = ([is_aside.get(place, False) is it for place in range(len(sheet.rows))] for it in (False, True))
    return replace(_those(sheet, kept), set_aside=_those(sheet, aside)), problems


def _with_plain_amounts(sheet: FormSheet, mapping: SheetMapping) -> FormSheet:
    def plain(text: CellText) -> CellText:
        if not isinstance(text, TypedText):
            return text
        return amount_in(text, mapping.numbers, mapping.negative_text) or text

    columns = dict(sheet.columns)
    for name in _AMOUNTS & columns.keys():
        columns[name] = list(map(plain, columns[name]))
    return replace(sheet, columns=columns)


def _those(sheet: FormSheet, is_among: Sequence[bool]) -> FormSheet:
    rows = tuple(compress(sheet.rows, is_among))
    columns = {name: list(compress(texts, is_among)) for name, texts in sheet.columns.items()}
    there = set(rows) if sheet.unusable else ()
    unusable = frozenset(cell for cell in sheet.unusable if cell[0] in there)
    return replace(sheet, rows=rows, columns=columns, unusable=unusable)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row without an account: its position, its amounts and its other texts by field. `has_unread_amount`: an amount
    has no text; `has_label`: one of its texts is a label; `names_total`: one begins with a label, and each other one
    does or is the key of other rows; `is_whole`: it lacks nothing but the account; `is_nearly_whole`: it has more than
    half of what a line needs beside account, amount and label; `has_key`: it has the key of other rows too."""

    position: int
    amounts: Mapping[str, str]
    texts: Mapping[str, str]
    has_unread_amount: bool
    has_other_unread: bool
    has_label: bool
    names_total: bool
    is_whole: bool
    is_nearly_whole: bool
    has_key: bool

    @property
    def has_amount(self) -> bool:
        return bool(self.amounts) or self.has_unread_amount

    def is_no_line(self, sums: Sequence[Sums]) -> bool:
        """True for a row that is no line, with the sums of the lines above it."""
        if self.is_whole:
            return False
        if self.has_label:
            return not (self.is_nearly_whole and self.amounts) or self.tie(sums) is not None
        if self.has_other_unread:
            return False
        if not self.has_amount:
            return True
        may_tie = not self.texts or self.names_total or self.has_both_sides
        return may_tie and self.tie([of for of in sums if of.lines > 1]) is not None

    @property
    def has_both_sides(self) -> bool:
        """True when debit and credit have amounts other than nought: no line has both."""
        sides = [self.amounts.get(name, "") for name in _SIDE_OF_FIELD]
        return all(_PLAIN_NUMBER.fullmatch(text) and Decimal(text) for text in sides)

    def tie(self, sums: Sequence[Sums]) -> str | None:
        """`tied` when each amount equals the sum of its column, `tied-side` when one equals that of a side only, None
        when one equals none."""
        if self.has_unread_amount or not self.amounts:
            return None
        kinds = {_kind_of_tie(name, text, sums) for name, text in self.amounts.items()}
        return None if None in kinds else "tied-side" if "tied-side" in kinds else "tied"

    @property
    def is_one_amount(self) -> bool:
        """True for amounts and at most one word beside them, which is no key: one problem says all."""
        if not self.amounts or self.has_unread_amount or self.has_other_unread or self.has_key:
            return False
        words = list(self.texts.values())
        return not words[1:] and all(sum(mark.isalpha() for mark in word) >= _FEWEST_LETTERS for word in words)


def _kind_of_tie(name: str, text: str, sums: Sequence[Sums]) -> str | None:
    if not _PLAIN_NUMBER.fullmatch(text):
        return None
    amount = _in_cents(Decimal(text))
    for side in (None, *Side):
        if any(_in_cents(of[name, side]) == amount for of in sums if (name, side) in of):
            return "tied" if side is None else "tied-side"
    return None


def _in_cents(amount: Decimal) -> Decimal:
    return round(amount, 2)


def _rows_without_account(sheet: FormSheet, form: Form, labels: Collection[str]) -> Iterator[_Row]:
    accounts = sheet.columns.get("account", [])
    keys = [column.name for column in form.every_column if column.kind is Kind.KEY]
    replaced = form.alternative.replaced if form.alternative is not None else ()
    needed = [column.name for column in form.required if column.name not in ("account", *replaced)]
    if not any(accounts):
        return
    times = {name: Counter(sheet.columns[name]) for name in keys if name in sheet.columns}
    in_place = {text for text in set(accounts) if text is not None and _is_signature(text, labels)}
    for position, account in enumerate(accounts):
        if account is not None and account not in in_place:
            continue
        row = sheet.rows[position]
        filled = {name: text for name, texts in sheet.columns.items() if (text := texts[position]) is not None}
        unread = {name for name in sheet.letters if (row, name) in sheet.unusable} if sheet.unusable else set()
        names = [name for name in sheet.columns if name in _AMOUNTS and name in filled]
        of_amounts = {name: filled.pop(name) for name in names if not _is_only_signature(filled[name], labels)}
        if "account" in unread or (account is not None and not _is_no_account(filled, of_amounts, unread, labels)):
            continue
        shared = {name for name, of_key in times.items() if name in filled and of_key[filled[name]] > 1}
        begun = {name for name, text in filled.items() if _begins_with_label(text, labels)}
        yield _Row(
            position=position,
            amounts=of_amounts,
            texts=filled,
            has_unread_amount=not unread.isdisjoint(_AMOUNTS),
            has_other_unread=not unread <= _AMOUNTS,
            has_label=bool(labelled := {name for name, text in filled.items() if is_label(text, labels)}),
            names_total=bool(begun) and all(name in begun or name in shared for name in filled),
            is_whole=bool(of_amounts) and all(name in filled for name in needed),
            is_nearly_whole=2 * len([name for name in needed if name in filled.keys() - labelled]) > len(needed),
            has_key=bool(shared),
        )


def _is_no_account(
    texts: Mapping[str, str], amounts: Collection[str], unread: Collection[str], labels: Collection[str]
) -> bool:
    """True when the label that stands as the account of a row is none."""
    if not is_label(texts["account"], labels) or len(texts) > 1:
        return not (amounts or unread) and all(_is_signature(text, labels) for text in texts.values())
    return _AMOUNTS.issuperset(unread)


def _sums_above(sheet: FormSheet, rows: Sequence[_Row], positive: Side | None) -> dict[int, tuple[Sums, Sums]]:
    """For each of the rows with an amount what the lines above it add up to: since the last such row that is no line,
    and from the top. Texts that are no number are left out, and rows that lack nothing but the account: of them no sum
    is asked."""
    asked = {row.position: row for row in rows if row.has_amount and (not row.is_whole or row.is_one_amount)}
    found: dict[int, tuple[Sums, Sums]] = {}
    columns = [(name, texts) for name, texts in sheet.columns.items() if name in _AMOUNTS]
    sides = sheet.columns.get("transaction")
    since, whole = Sums(), Sums()
    for position in range(max(asked, default=-1) + 1):
        if position in asked:
            found[position] = (_copied(since), _copied(whole))
            if asked[position].is_no_line(found[position]):
                since = Sums()
                continue
        if any(texts[position] is not None for _, texts in columns):
            since.lines, whole.lines = since.lines + 1, whole.lines + 1
        side = _SIDES.get(sides[position] or "") if sides is not None else None
        for name, texts in columns:
            text = texts[position]
            if text is not None and _PLAIN_NUMBER.fullmatch(text):
                amount = Decimal(text)
                added = {(name, None): amount, (name, _SIDE_OF_FIELD.get(name, side)): amount}
                if positive is not None and name == "amount":
                    added[name, positive if amount >= 0 else _OTHER[positive]] = abs(amount)
                for sums in (since, whole):
                    for key, one in added.items():
                        sums[key] = sums.get(key, Decimal(0)) + one
    return found


def _copied(sums: Sums) -> Sums:
    copy = Sums(sums)
    copy.lines = sums.lines
    return copy


def _blocks(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """The rows that stand below each other without another filled row between them."""
    block: list[_Row] = []
    for row in rows:
        if block and row.position != block[-1].position + 1:
            yield block
            block = []
        block.append(row)
    if block:
        yield block


def _warning(sheet: FormSheet, block: Sequence[_Row], sums: Mapping[int, Sequence[Sums]]) -> Problem:
    """What is told of rows that were set aside: those of which an amount ties with nothing before the others."""
    kinds = {row.position: _kind_of(row, sums.get(row.position, ())) for row in block}
    kind = min(kinds.values(), key=("untied", "unread", "tied-side", "tied", "text").index)
    of_kind = [row for row in block if kinds[row.position] == kind]
    texts = dict.fromkeys(text for row in block for text in (row.texts or row.amounts).values())
    named = [shortened(text, _LONGEST_TEXT) for text in texts]
    amounts = [text for row in of_kind for text in row.amounts.values()]
    facts = {
        "rows": spans(sheet.rows[row.position] for row in block),
        "texts": " · ".join([*named[:_MOST_TEXTS], *(["…"] if named[_MOST_TEXTS:] else [])]) or "–",
        "amounts": " · ".join(dict.fromkeys(amounts)),
        **_sum_facts(sums.get(of_kind[0].position, ())),
    }
    first = block[0]
    place = sheet.place(sheet.rows[first.position], next(iter({**first.texts, **first.amounts}), None))
    return Problem("set-aside-rows", place, None, None, None, f"set-aside-rows.{kind}", facts)


def _kind_of(row: _Row, sums: Sequence[Sums]) -> str:
    if not row.has_amount:
        return "text"
    if row.has_unread_amount or not all(map(_PLAIN_NUMBER.fullmatch, row.amounts.values())):
        return "unread"
    return row.tie(sums) or "untied"


def _sum_facts(sums: Sequence[Sums]) -> dict[str, str]:
    """Debits, credits and both of the lines since the last row of totals, or from the top if there are none since."""
    of_lines = next((of for of in sums if of), Sums())
    sides = {
        side: sum(
            (amount for (name, of), amount in of_lines.items() if of is side and name != "memoAmount"), Decimal(0)
        )
        for side in Side
    }
    names = {"debit": sides[Side.DEBIT], "credit": sides[Side.CREDIT], "total": sum(sides.values(), Decimal(0))}
    return {name: f"{amount:.2f}" for name, amount in names.items()}


def _left_over(sheet: FormSheet, row: _Row, sums: Mapping[int, Sequence[Sums]]) -> Problem:
    name, text = next(iter(row.amounts.items()))
    place = sheet.place(sheet.rows[row.position], name)
    return Problem("required", place, None, text, None, "required.total", _sum_facts(sums.get(row.position, ())))
