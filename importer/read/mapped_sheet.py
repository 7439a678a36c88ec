"""A sheet with headings of its own, read as its mapping declares: the same columns of canonical texts as a form's, with
the cells of the person's own file as their places.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from importer.model.journals import Side
from importer.model.problems import Place, Problem, column_letters
from importer.model.workbook import CellText, FormSheet, MappingUse, SideTotals
from importer.read.cells import TypedText, text_of
from importer.read.declared_formats import (
    PERIOD,
    amount_in,
    day_in,
    exchanged_order,
    iso_day,
    multiplied,
    period_in,
    period_of_day,
    plain_number,
)
from importer.read.mapping_search import BESIDE, MappedLayout, MappingsAtHand
from importer.read.mappings import AMOUNT_FIELDS, DATE_FIELDS, NO_AMOUNT, OTHER_SIDE, SIDES, SIGNED, fold_value
from importer.read.text_above_headings import (
    CellsAbove,
    LabelledCell,
    fold_note,
    note_of_scale,
    notes_above,
    notes_in_currencies,
)
from importer.templates.forms import JOURNALS, Kind
from importer.xlsx.values import Merged, Row, UnusableCell

_MONTHS = 12
_SIDE_LETTERS = frozenset("DCAHS")


def mapped_sheet(
    sheet: FormSheet, found: MappedLayout, top: Sequence[Row], merged: Sequence[Merged], at_hand: MappingsAtHand
) -> tuple[FormSheet, list[Problem]]:
    """The sheet as the mapping declares it, of the texts of its columns (`sheet`) and its first rows, and its rows that
    are no lines or were left out likewise; and what contradicts the mapping in the others. A problem without a row is
    about the whole sheet."""
    aside, skipped = (
        None if one is None else _Application(one, found, top, merged, at_hand).result()[0]
        for one in (sheet.set_aside, sheet.skipped)
    )
    made, problems = _Application(sheet, found, top, merged, at_hand).result()
    return replace(made, set_aside=aside, skipped=skipped), problems


class _Application:
    def __init__(
        self,
        sheet: FormSheet,
        found: MappedLayout,
        top: Sequence[Row],
        merged: Sequence[Merged],
        at_hand: MappingsAtHand,
    ) -> None:
        self._sheet = sheet
        self._mapping = found.mapping
        self._found = found
        self._first_rows = top
        self._above_headings = CellsAbove(top[: found.layout.heading_rows[0] - 1], merged)
        self._at_hand = at_hand
        self._columns: dict[str, list[CellText]] = {name: list(texts) for name, texts in sheet.columns.items()}
        self._letters = dict(sheet.letters)
        self._unusable = set(sheet.unusable)
        self._moved: dict[tuple[int, str], str] = {}
        self._borrowed: dict[str, str] = {}
        self._cells: dict[str, str] = {}
        self._above: dict[str, str] = {}
        self._days: dict[str, Mapping[str, tuple[date | None, date | None]]] = {}
        self._problems: list[Problem] = []
        self._totals: tuple[SideTotals, ...] = ()

    def result(self) -> tuple[FormSheet, list[Problem]]:
        mapping = self._mapping
        self._join_keys()
        for name in AMOUNT_FIELDS:
            if name in self._columns:
                self._read_amounts(name)
        if mapping.dates is not None:
            for name in DATE_FIELDS:
                if name in self._columns:
                    self._read_dates(name)
        self._read_periods()
        self._read_sides()
        for name in mapping.values.keys() - {"transaction"}:
            for column in {name, self._found.beside.get(name, "")} & self._columns.keys():
                texts = self._columns[column]
                texts[:] = [text and mapping.code_of(name, text) for text in texts]
        self._fill()
        self._check_notes()
        before = self._side_totals()
        if mapping.signed is not None:
            self._split_signed(positive_is_debit=mapping.signed == SIGNED[0])
        elif mapping.negative == OTHER_SIDE:
            self._turn_negative()
        for name in self._columns.keys() & AMOUNT_FIELDS if mapping.scale != 1 else ():
            self._columns[name] = [multiplied(text, mapping.scale) for text in self._columns[name]]
        if mapping.signed is not None or mapping.negative == OTHER_SIDE or mapping.scale != 1:
            after = self._side_totals()
            self._totals = tuple(
                SideTotals(key, *before.get(key, (Decimal(0), Decimal(0))), *sums) for key, sums in after.items()
            )
        self._check_dates_against_periods()
        return self._made(), self._problems

    def _made(self) -> FormSheet:
        """The sheet without what is no field's."""
        names = [one.name for one in JOURNALS.every_column if one.name in self._columns]
        mapping = self._mapping
        use = MappingUse(
            *(mapping.name, mapping.sha256, dict(mapping.headings), dict(mapping.constants), dict(self._cells)),
            *(mapping.derive, self._totals, mapping.scale, mapping.values, mapping.formats),
        )
        return replace(
            self._sheet,
            columns={name: [text if text is None else str(text) for text in self._columns[name]] for name in names},
            letters={name: letters for name, letters in self._letters.items() if name in names},
            unusable=frozenset((row, name) for row, name in self._unusable if name in names),
            moved=self._moved,
            borrowed=self._borrowed,
            above=self._above,
            mapping=use,
        )

    def _complain(self, code: str, place: Place, value: str | None, wording: str, **facts: str) -> None:
        facts = {"mapping": self._mapping.name, **facts}
        self._problems.append(Problem(code, place, value=value, wording=wording, facts=facts))

    def _refuse(self, position: int, name: str, code: str, wording: str, **facts: str) -> None:
        """A cell that the mapping does not read: it has a problem of its own and no text."""
        row, text = self._sheet.rows[position], self._columns[name][position]
        self._complain(code, self._place(position, name), text, wording, **facts)
        self._columns[name][position] = None
        self._unusable.add((row, name))

    def _place(self, position: int | None, name: str) -> Place:
        row = None if position is None else self._sheet.rows[position]
        return Place(self._sheet.file, self._sheet.sheet, row, self._letters.get(name), name.removeprefix(BESIDE))

    def _join_keys(self) -> None:
        """The texts of several columns as one key: no two different rows of texts make the same one."""
        parts = self._found.parts
        if not parts:
            return
        rows = zip(*(self._columns[name] for name in parts), strict=True)
        self._columns["journal"] = [
            None if None in texts else " / ".join(text.replace("/", "//") for text in texts if text) for texts in rows
        ]
        self._letters["journal"] = self._letters[parts[0]]
        self._unusable |= {(row, "journal") for row, name in self._unusable if name in parts}

    def _typed(self, name: str) -> list[tuple[int, TypedText]]:
        """The texts of text cells of a column that are not read yet, by position."""
        texts = self._columns.get(name, ())
        return [(position, text) for position, text in enumerate(texts) if isinstance(text, TypedText)]

    def _read_amounts(self, name: str) -> None:
        is_blank_at_zero = JOURNALS.column(name).is_blank_at_zero
        for position, text in self._typed(name):
            if text == NO_AMOUNT and name in ("debit", "credit"):
                continue
            amount = amount_in(text, self._mapping.numbers, self._mapping.negative_text)
            if amount is None and self._mapping.numbers is not None:
                self._refuse(position, name, "not-a-number", "not-a-number.declared", format=self._mapping.numbers)
            elif amount is not None:
                self._columns[name][position] = None if is_blank_at_zero and not Decimal(amount) else amount

    def _read_dates(self, name: str) -> None:
        order, other = self._mapping.dates or "", exchanged_order(self._mapping.dates or "")
        texts = self._typed(name)
        days = {text: (day_in(text, order), day_in(text, other)) for text in {str(text) for _, text in texts}}
        self._days[name] = days
        failed = next((text for _, text in texts if days[text][0] is None and days[text][1] is not None), None)
        if failed is not None:
            facts = {"format": order, "other": other, "second": f"{days[failed][1]}"}
            self._complain("not-a-date", self._place(None, name), failed, "not-a-date.order", **facts)
        else:
            self._check_converted_dates(name, order, other, days)
        for position, text in texts:
            day = days[text][0]
            if day is not None:
                self._columns[name][position] = day.isoformat()
            elif failed is None:
                self._refuse(position, name, "not-a-date", "not-a-date.declared", format=order)

    def _read_periods(self) -> None:
        order = self._mapping.periods
        if order is None:
            return
        self._check_year()
        for position, text in self._typed("period"):
            if not PERIOD.fullmatch(text):
                period = period_in(text, order)
                if period is None:
                    self._refuse(position, "period", "bad-period", "bad-period.declared", format=order)
                else:
                    self._columns["period"][position] = period

    def _check_year(self) -> None:
        """The period of a month is its number only where the year begins in January."""
        if self._at_hand.first_month != 1:
            facts = {"month": str(self._at_hand.first_month)}
            self._complain("bad-period", self._place(None, "period"), None, "bad-period.year", **facts)

    def _check_converted_dates(
        self, name: str, order: str, other: str, days: Mapping[str, tuple[date | None, date | None]]
    ) -> None:
        """Excel reads texts of a file in its own order of day and month: what that order can read becomes a date cell,
        exchanged, and only days above 12 stay texts. A column that looks so is not read."""
        is_text_alone_late = other != order and all(first and not second for first, second in days.values())
        cells = {str(text) for text in self._columns[name] if text is not None and not isinstance(text, TypedText)}
        found = sorted(filter(None, map(iso_day, cells)))
        if not (days and is_text_alone_late and found) or any(day.day > _MONTHS for day in found):
            return
        first = next((day for day in found if day.day != day.month), None)
        if first is not None:
            second = first.replace(month=first.day, day=first.month)
            facts = {"format": order, "text": min(days), "second": f"{second}"}
            self._complain("not-a-date", self._place(None, name), f"{first}", "not-a-date.converted", **facts)

    def _check_dates_against_periods(self) -> None:
        """Where day and month of all declared texts could be exchanged, the periods must not fit the other order
        better."""
        name, periods, order = "transDateTime", self._columns.get("period"), self._mapping.dates
        texts, days = self._sheet.columns.get(name, ()), self._days.get(name, {})
        if order is None or periods is None or self._mapping.derive is not None:
            return
        typed = [(position, text) for position, text in enumerate(texts) if isinstance(text, TypedText)]
        if any(None in both for both in days.values()):
            return
        as_declared, exchanged = (
            sum(period_of_day(days[text][which]) == periods[position] for position, text in typed) for which in (0, 1)
        )
        if exchanged > as_declared:
            example = next(text for _, text in typed if days[text][0] != days[text][1])
            first, second = days[example]
            facts = {"format": order, "other": exchanged_order(order), "first": f"{first}", "second": f"{second}"}
            self._complain("not-a-date", self._place(None, name), example, "not-a-date.exchanged", **facts)

    def _read_sides(self) -> None:
        """The sides of a column, by the whole column's texts as they stand in the workbook."""
        if "transaction" not in self._mapping.headings:
            return
        texts = self._columns["transaction"]
        values = self._mapping.values.get("transaction", {})
        standing = {text for text in texts if text is not None}
        letters = {text.upper() for text in standing if fold_value(text) not in values}
        debit, credit = SIDES[self._mapping.sides or "D/C"]
        doubtful = sorted(letters & (_SIDE_LETTERS - {debit, credit}))
        is_undeclared = self._mapping.sides is None and letters & _SIDE_LETTERS and letters != {debit, credit}
        if doubtful or is_undeclared:
            facts = {"letters": ", ".join(sorted(letters)), "sides": self._mapping.sides or "–"}
            self._complain("bad-choice", self._place(None, "transaction"), None, "bad-choice.sides", **facts)
            return
        sides = {debit: Side.DEBIT.value, credit: Side.CREDIT.value}
        for position, text in enumerate(texts):
            if text is not None:
                letter = values.get(fold_value(text), text.upper())
                texts[position] = sides.get(letter, text)
                if letter not in sides:
                    self._refuse(position, "transaction", "bad-choice", "bad-choice", choices=f"{debit}, {credit}")

    def _fill(self) -> None:
        """The values that do not stand in the rows, and what stands beside them and says otherwise."""
        count = len(self._sheet.rows)
        for name, text in self._mapping.constants.items():
            column = JOURNALS.column(name)
            value = text_of(text, column.kind, column.choices)
            self._columns[name] = [value if isinstance(value, str) else None] * count
            for _, row, index in self._above_headings.labels_of(name):
                above = self._text_above(name, row, index)
                if isinstance(above, str) and above != value:
                    place, facts = self._place(None, name), {"heading": name, "constant": str(value)}
                    self._complain("uncertain-mapping", place, above, "uncertain-mapping.otherwise", **facts)
        for name, cell in self._mapping.cells.items():
            self._columns[name] = [self._labelled(name, cell)] * count
        if self._mapping.derive is not None:
            self._derive(self._mapping.derive)
        for name, pseudo in self._found.beside.items():
            for position, (beside, value) in enumerate(zip(self._columns[pseudo], self._columns[name], strict=True)):
                if beside is not None and value is not None and beside != value:
                    facts = {"heading": name, "constant": value}
                    place = self._place(position, pseudo)
                    self._complain("uncertain-mapping", place, beside, "uncertain-mapping.otherwise", **facts)

    def _check_notes(self) -> None:
        """No text above the headings may change the amounts but those that a person has declared to leave them, and
        those that say what the mapping's scale does. A scale that was declared for such a text stops a sheet without
        one. Where the currency itself is in doubt it is the one mistake."""
        if any(one.code == "uncertain-mapping" and one.place.field == "currency" for one in self._problems):
            return
        labels = (cell.label for cell in self._mapping.cells.values())
        known = set(map(fold_note, (*self._mapping.notes, *labels)))
        currencies = {text for text in self._columns.get("currency", ()) if text}
        scale, is_said, before = self._mapping.scale, False, len(self._problems)
        layout, sheet, merged = self._found.layout, self._sheet, self._above_headings.merged
        notes = list(notes_above(layout, self._first_rows, currencies, merged))
        for name in {"currency", self._found.beside.get("currency", "")} & sheet.columns.keys():
            notes += notes_in_currencies(layout, name, sheet.rows, sheet.columns[name])
        for note in notes:
            is_said = is_said or note.scale == scale
            is_known = fold_note(note.text) in known
            if scale != 1 and note.scale != 1:
                is_known = note.scale == scale and (is_known or not note.says_more) and not note.is_of_some
            if not is_known and (note.scale != 1 or note.cell not in self._above.values()):
                facts = {"cell": note.cell, "heading": next(iter(note.amounts))}
                self._complain("uncertain-mapping", self._sheet.place(), note.text, "uncertain-mapping.noted", **facts)
        of_scale = note_of_scale(self._mapping.notes, scale)
        if of_scale is not None and not is_said and len(self._problems) == before:
            facts = {"note": of_scale, "scale": str(scale)}
            self._complain("uncertain-mapping", self._sheet.place(), None, "uncertain-mapping.unscaled", **facts)

    def _labelled(self, name: str, cell: LabelledCell) -> CellText:
        places = self._above_headings.places(cell)
        sheet = self._place(None, name)
        facts = {"label": cell.label, "heading": name}
        if len(places) != 1:
            wording = "uncertain-mapping.labels" if places else "uncertain-mapping.label"
            self._complain("uncertain-mapping", sheet, None, wording, **facts)
            return None
        ((row, index),) = places
        address = f"{column_letters(index)}{row}"
        text = self._text_above(name, row, index)
        if not isinstance(text, str):
            shown, sheet = text.shown if text is not None else None, replace(sheet, above=address)
            self._complain("uncertain-mapping", sheet, shown, "uncertain-mapping.cell", cell=address, **facts)
            return None
        self._above[name] = address
        self._cells[name] = f"{text} ({address})"
        return text

    def _text_above(self, name: str, row: int, index: int) -> CellText | UnusableCell:
        """The canonical text of a cell above the headings as a field's, by what the mapping declares."""
        value, column, mapping = self._above_headings.value_at(row, index), JOURNALS.column(name), self._mapping
        text = text_of(value, column.kind, column.choices)
        if not isinstance(text, str):
            return text
        if isinstance(value, str) and column.kind is Kind.DATE and mapping.dates:
            day = day_in(text, mapping.dates)
            return UnusableCell("not-a-date.text", text) if day is None else day.isoformat()
        if isinstance(value, str) and name == "period" and mapping.periods:
            return text if PERIOD.fullmatch(text) else period_in(text, mapping.periods)
        return mapping.code_of(name, text)

    def _derive(self, source: str) -> None:
        self._check_year()
        days = self._columns[source]
        self._columns["period"] = periods = [None if day is None else period_of_day(iso_day(day)) for day in days]
        self._borrowed["period"] = source
        for position, (row, period) in enumerate(zip(self._sheet.rows, periods, strict=True)):
            if period is None:
                self._unusable.add((row, "period"))
            elif self._at_hand.last_period > _MONTHS and period.endswith(f"{_MONTHS:03d}"):
                place = replace(self._place(position, source), field="period")
                facts = {"period": period, "last": str(self._at_hand.last_period)}
                self._complain("bad-period", place, days[position], "bad-period.derived", **facts)
                periods[position] = None
                self._unusable.add((row, "period"))

    def _side_totals(self) -> dict[str, tuple[Decimal, Decimal]]:
        """The sums of debit and credit by currency; without sides those of positive and negative amounts."""
        sums: dict[str, tuple[Decimal, Decimal]] = {}
        columns, blank = self._columns, [None] * len(self._sheet.rows)
        currencies = columns.get("currency", blank)
        if "debit" in columns:
            pairs = list(zip(columns["debit"], columns["credit"], strict=True))
        elif "transaction" in columns:
            sided = zip(columns["transaction"], columns["amount"], strict=True)
            pairs = [(text, None) if side == Side.DEBIT else (None, text) for side, text in sided]
        else:
            pairs = [(None, text) if (plain_number(text) or 0) < 0 else (text, None) for text in columns["amount"]]
        for currency, (debit, credit) in zip(currencies, pairs, strict=True):
            known = sums.get(currency or "", (Decimal(0), Decimal(0)))
            sums[currency or ""] = (known[0] + (plain_number(debit) or 0), known[1] + (plain_number(credit) or 0))
        return sums

    def _split_signed(self, *, positive_is_debit: bool) -> None:
        """Side and amount of signed amounts."""
        sides: list[CellText] = [None] * len(self._sheet.rows)
        for position, text in enumerate(self._columns["amount"]):
            number = plain_number(text)
            if number is None:
                self._unusable.add((self._sheet.rows[position], "transaction"))
                continue
            is_debit = (number >= 0) is positive_is_debit
            sides[position] = Side.DEBIT.value if is_debit else Side.CREDIT.value
            self._columns["amount"][position] = str(text).removeprefix("-")
        self._columns["transaction"] = sides
        self._borrowed["transaction"] = "amount"

    def _turn_negative(self) -> None:
        """Negative amounts as positive ones of the other side."""
        sides = self._columns.get("transaction")
        if sides is not None:
            other = {Side.DEBIT.value: Side.CREDIT.value, Side.CREDIT.value: Side.DEBIT.value}
            for position, text in enumerate(self._columns["amount"]):
                side = sides[position]
                if (plain_number(text) or 0) < 0 and side in other:
                    sides[position] = other[side]
                    self._columns["amount"][position] = str(text).removeprefix("-")
            return
        for position, row in enumerate(self._sheet.rows):
            for name, opposite in (("debit", "credit"), ("credit", "debit")):
                text, beside = self._columns[name][position], self._columns[opposite][position]
                is_free = (beside is None or plain_number(beside) == 0) and (row, opposite) not in self._unusable
                if (plain_number(text) or 0) < 0 and is_free:
                    self._columns[name][position], self._columns[opposite][position] = None, str(text).removeprefix("-")
                    self._moved[row, opposite] = self._letters[name]
                    break
