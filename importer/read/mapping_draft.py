"""A mapping on its way: what the headings and cells of a sheet say, what a person has decided, what is still open."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from importer.model.problems import column_letters
from importer.read.cells import BLANKS, INVISIBLE_BLANKS, heading_of, number_text
from importer.read.declared_formats import DATES, NEGATIVE_TEXTS, NUMBERS, PERIOD, PERIODS, amount_in, day_in, period_in
from importer.read.heading_meanings import Certainty, HeadingProposal, SheetProposal
from importer.read.headings import WORDS_OF_SIDES
from importer.read.mappings import (
    AMOUNT_FIELDS,
    DATE_FIELDS,
    EACH_SHEET,
    NEGATIVE,
    NO_AMOUNT,
    NO_CELLS,
    SIDES,
    SIGNED,
    SheetMapping,
    declared,
    fold_value,
    mapping_of,
    text_of_tree,
)
from importer.read.text_above_headings import (
    RIGHT,
    SCALES,
    CellsAbove,
    LabelledCell,
    fold_note,
    note_of_scale,
    scale_of_note,
)
from importer.templates.forms import JOURNALS, fold_heading
from importer.xlsx.values import CellValue, Merged, Row

_PAIRS = ("D/C", "D/H", "S/H")
_MOST_SAMPLES = 3
AS_IT_IS = "as it is"
"""The answer that a text above the headings does not change the amounts."""

_SOURCES = ("headings", "constants", "cells", "derive")
_FORMATS_OF = {
    "numbers": ("account", *AMOUNT_FIELDS),
    "negative_text": ("account", *AMOUNT_FIELDS),
    "negative": AMOUNT_FIELDS,
    "signed": AMOUNT_FIELDS,
    "dates": ("account", *DATE_FIELDS),
    "periods": ("account", "period"),
    "sides": ("transaction",),
}
"""What is declared of the columns of fields: another column may be written otherwise, and without accounts it is not
known which rows are read."""

_NOT_IN_NAMES = re.compile("[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Question:
    """What is not certain. `kind` is `heading` (which field is it; `subject` is the heading), `field` (where does a
    required field come from), `gone` (where does a field come from whose heading, in `samples`, is not there any more),
    `note` (does the text above the headings, `subject`, leave the amounts as they are, or what are they to be
    multiplied by), or a key of the mapping (how is it written); `options` are the possible answers, of a heading the
    likeliest first."""

    kind: str
    subject: str
    options: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()


@dataclass(slots=True)
class MappingDraft:
    """A mapping of a sheet by its first rows and the proposals for its headings. What is certain is taken, what is
    declared (`set_source`, `tree`) stands, the rest are `questions`. `base` is the mapping that was taken over, `gone`
    are the headings that it has, by field, and the sheet has not."""

    rows: Sequence[Row]
    proposal: SheetProposal
    merged: Sequence[Merged] = ()
    tree: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, HeadingProposal] = field(default_factory=dict)
    base: SheetMapping | None = None
    gone: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tree = {"headings": {}, "constants": {}, "cells": {}, "derive": {}, "values": {}, **self.tree}
        for one in self.proposal.headings:
            if one.certainty is Certainty.CERTAIN and one.field is not None:
                self.tree["headings"].setdefault(one.field, one.heading)
            elif one.field is not None or one.candidates:
                self.asked[one.heading] = one

    def take_over(self, mapping: SheetMapping) -> None:
        """Takes from a mapping of a sheet like this one what holds here too. The `questions` are then about what is
        other: new headings, fields whose headings or cells are gone, formats that do not read a text."""
        there = {fold_heading(one): one for one in self.heading_texts}
        self.base = mapping
        self.asked = {
            one.heading: one for one in self.proposal.headings if fold_heading(one.heading) not in mapping.heading_set
        }
        lost = [text for text in mapping.journal if fold_heading(text) not in there]
        self.gone = {"journal": ", ".join(lost)} if lost else {}
        self.gone |= {name: text for name, text in mapping.headings.items() if fold_heading(text) not in there}
        self.gone |= {name: str(cell) for name, cell in mapping.cells.items() if not self._above.places(cell)}
        tree = {"headings": {}, "constants": {}, "cells": {}, "derive": {}, "values": {}, **declared(mapping)}
        for key in ("headings", "cells"):
            tree[key] = {name: text for name, text in tree[key].items() if name not in self.gone}
        tree["headings"] = {name: there[fold_heading(text)] for name, text in tree["headings"].items()}
        if "journal" in self.gone:
            tree.pop("journal", None)
        if mapping.derive in self.gone:
            tree["derive"] = {}
        if note_of_scale(self.proposal.notes, mapping.scale) is None:
            tree.pop("scale", None)
        self.tree = tree
        replaced = self.gone.keys() & mapping.headings.keys()
        for key, fields in _FORMATS_OF.items():
            if replaced.intersection(fields):
                tree.pop(key, None)
        if "transaction" in replaced:
            tree["values"].pop("transaction", None)
        if "account" in replaced:  # without it the rows below are not known to be lines
            return
        amounts = [text for text in self._typed(AMOUNT_FIELDS) if text != NO_AMOUNT]
        if not _all_read(amounts, mapping.numbers, mapping.negative_text):
            tree.pop("numbers", None)
        order, periods = mapping.dates, mapping.periods
        if order is not None and not all(day_in(text, order) for text in self._typed(DATE_FIELDS)):
            tree.pop("dates", None)
        typed = [text for text in self._typed(("period",)) if not PERIOD.fullmatch(text)]
        if periods is not None and not all(period_in(text, periods) for text in typed):
            tree.pop("periods", None)

    def differences(self, mapping: SheetMapping) -> tuple[list[str], list[str]]:
        """The headings and the texts above them that a sheet has and a mapping has not, and those that the mapping
        has and the sheet has not."""
        there = set(map(fold_heading, self.heading_texts))
        new = [one for one in self.heading_texts if fold_heading(one) not in mapping.heading_set]
        old = (*mapping.headings.values(), *mapping.journal, *mapping.unread)
        gone = [one for one in old if fold_heading(one) not in there]
        draft = MappingDraft(self.rows, self.proposal, self.merged)
        draft.take_over(mapping)
        new += [one.subject for one in draft.questions() if one.kind == "note"]
        scaled = note_of_scale(mapping.notes, mapping.scale)
        if scaled is not None and note_of_scale(self.proposal.notes, mapping.scale) is None:
            gone.append(scaled)
        return new, list(dict.fromkeys(gone))

    @property
    def _above(self) -> CellsAbove:
        return CellsAbove(self.rows[: self.proposal.heading_rows[0] - 1], self.merged)

    @property
    def heading_texts(self) -> list[str]:
        """The sheet's headings from left to right."""
        return [one.heading for one in self.proposal.headings]

    def heading_named(self, text: str) -> str | None:
        """The sheet's heading that a person calls so, None without one."""
        return next((one for one in self.heading_texts if fold_heading(one) == fold_heading(text)), None)

    def set_source(self, name: str, source: str) -> None:
        """A field comes from a heading, `=TEXT` is the same for all rows, `right of …` and `below …` are cells above
        the headings, `month of …` derives the period. Raises KeyError for what is none of the sheet's headings."""
        for key in _SOURCES:
            self.tree[key].pop(name, None)
        if source.startswith("="):
            self.tree["constants"][name] = source[1:].strip()
        elif source.startswith(("right of ", "below ")):
            self.tree["cells"][name] = source
        elif source.startswith("month of "):
            self.tree["derive"][name] = source
        elif name == "journal" and source == EACH_SHEET:
            self.tree["journal"] = source
        else:
            heading = self.heading_named(source)
            if heading is None:
                raise KeyError(source)
            self.tree["headings"][name] = heading
            self.asked.pop(heading, None)

    def leave_out(self, heading: str) -> None:
        """Nobody reads that column, or asks for one that is gone."""
        self.asked.pop(heading, None)
        self.gone = {name: text for name, text in self.gone.items() if text != heading}

    def questions(self) -> Iterator[Question]:
        """What is still to be decided: headings first, then fields that come from nowhere, then how things are
        written."""
        headings = self.tree["headings"]
        taken = set(headings)
        lacking = [] if self.base is None else [*self.missing(), *self.gone]
        for one in self.asked.values():
            candidates = [name for name in (one.field, *one.candidates, *lacking) if name and name not in taken]
            if candidates or self.base is not None:
                yield Question("heading", one.heading, tuple(dict.fromkeys(candidates)), one.samples)
        for name in self.missing():
            yield Question("field", name, tuple(self.labelled(name)))
        there = {name for key in _SOURCES for name in self.tree[key]} | {"journal"} & self.tree.keys()
        for name, text in self.gone.items():
            if name not in there and name not in self.missing() and not self.asked:
                yield Question("gone", name, tuple(self.labelled(name)), (text,))
        noted, scaled = (
            set(map(fold_note, (*self.tree.get("notes", ()), *self._values_above()))),
            self.tree.get("scale"),
        )
        for text in self.proposal.notes:
            scale = scale_of_note(text)
            if fold_note(text) not in noted and (scale == 1 or scale != scaled):
                yield Question("note", text, (AS_IT_IS, *([str(scale)] if scale != 1 else [])))
        yield from self._of_amounts()
        yield from self._of_dates()
        yield from self._of_periods()
        yield from self._of_sides()

    def missing(self) -> list[str]:
        """The required fields that come from nowhere, as far as the headings that are asked about do not tell."""
        there = {name for key in _SOURCES for name in self.tree[key]}
        maybe = {one.field for one in self.asked.values()}
        lacked = [one.name for one in JOURNALS.required if one.name not in there | maybe]
        if {"debit", "credit"} & there:
            lacked = [name for name in lacked if name not in ("transaction", "amount")]
            lacked += [name for name in ("debit", "credit") if name not in there | maybe]
        elif "transaction" in lacked and ("amount" in there or "signed" in self.tree):
            lacked.remove("transaction")
        return lacked

    def labelled(self, name: str) -> Iterator[str]:
        """The cells above the headings that stand right of a label of the field."""
        for label, row, index in self._above.labels_of(name) if name not in NO_CELLS else ():
            if heading_of(self._above.value_at(row, index)):
                yield f"{RIGHT}{label}"

    def _values_above(self) -> Iterator[str]:
        """The texts above the headings that are fields' values, without those that speak of thousands or millions."""
        for cell in filter(None, map(LabelledCell.of, self.tree["cells"].values())):
            for row, index in self._above.places(cell):
                text = heading_of(self._above.value_at(row, index))
                if not any(note_of_scale([text], scale) for scale in SCALES.values()):
                    yield text

    def texts(self, heading: str) -> list[CellValue]:
        """The values below a heading, in rows with an account."""
        index = {one.heading: one.index for one in self.proposal.headings}
        account = index.get(self.tree["headings"].get("account", ""))
        below = self.rows[self.proposal.heading_rows[-1] :]
        lines = [row for row in below if account is None or _cell(row, account) not in (None, "")]
        return [value for row in lines if (value := _cell(row, index[heading])) not in (None, "")]

    def _typed(self, fields: Collection[str]) -> list[str]:
        """The distinct texts of text cells below the headings of some fields."""
        found = [self.texts(text) for name, text in self.tree["headings"].items() if name in fields]
        around = BLANKS + INVISIBLE_BLANKS
        return list(dict.fromkeys(one.strip(around) for values in found for one in values if isinstance(one, str)))

    def _of_amounts(self) -> Iterator[Question]:
        typed = [text for text in self._typed(AMOUNT_FIELDS) if text != NO_AMOUNT]
        shapes = [
            "-1.00",
            *(
                shape
                for shape in ("(1.00)", "1.00-")
                if any(re.fullmatch(NEGATIVE_TEXTS[shape], text) for text in typed)
            ),
        ]
        if len(shapes) > 1:
            self.tree.setdefault("negative_text", shapes)
        if "numbers" not in self.tree and typed and not _all_read(typed, None, shapes):
            fitting = tuple(shape for shape in NUMBERS if _all_read(typed, shape, shapes))
            if len(fitting) == 1:
                self.tree["numbers"] = fitting[0]
            else:
                yield Question("numbers", "", fitting or tuple(NUMBERS), tuple(typed[:_MOST_SAMPLES]))
        headings = self.tree["headings"]
        sided = {"transaction", "debit", "credit"} & {*headings, *self.tree["constants"]}
        maybe = {one.field for one in self.asked.values()}
        if "amount" in headings and not sided and "transaction" not in maybe and "signed" not in self.tree:
            yield Question("signed", headings["amount"], SIGNED, tuple(self._shown(headings["amount"])))
        elif sided and "negative" not in self.tree and self._has_negative(shapes):
            yield Question("negative", "", (NEGATIVE[1], NEGATIVE[0]))

    def _has_negative(self, shapes: Sequence[str]) -> bool:
        fields = ("amount", "debit", "credit")
        values = [one for name, text in self.tree["headings"].items() if name in fields for one in self.texts(text)]
        for value in values:
            text = amount_in(value, self.tree.get("numbers"), shapes) if isinstance(value, str) else None
            if (isinstance(value, int | float) and value < 0) or (text is not None and Decimal(text) < 0):
                return True
        return False

    def _of_dates(self) -> Iterator[Question]:
        typed = self._typed(DATE_FIELDS)
        if "dates" in self.tree or not typed or all(day_in(text, "y-m-d") for text in typed):
            return
        fitting = tuple(order for order in DATES if all(day_in(text, order) for text in typed))
        if len(fitting) == 1:
            self.tree["dates"] = fitting[0]
        else:
            yield Question("dates", "", fitting or ("d/m/y", "m/d/y", "y/m/d"), tuple(typed[:_MOST_SAMPLES]))

    def _of_periods(self) -> Iterator[Question]:
        typed = [text for text in self._typed(("period",)) if not PERIOD.fullmatch(text)]
        if typed and "periods" not in self.tree:
            fitting = tuple(order for order in PERIODS if all(period_in(text, order) for text in typed))
            if fitting:  # of others the rows tell what is wrong
                yield Question("periods", "", fitting, tuple(typed[:_MOST_SAMPLES]))

    def _of_sides(self) -> Iterator[Question]:
        if "transaction" not in self.tree["headings"] or "sides" in self.tree:
            return
        values = self.tree["values"].get("transaction", {})
        folded = {fold_value(text) for text in values}
        texts = [text for text in self._typed(("transaction",)) if fold_value(text) not in folded]
        words = {text: WORDS_OF_SIDES[word] for text in texts if (word := fold_heading(text)) in WORDS_OF_SIDES}
        if words:
            self.tree["values"]["transaction"] = {**values, **words}
        letters = {text.upper() for text in texts if text not in words}
        certain = next((pair for pair in _PAIRS if letters == set(SIDES[pair])), None)
        if certain is not None and certain != "D/C":
            self.tree["sides"] = certain
        elif letters and certain is None:
            fitting = tuple(pair for pair, both in SIDES.items() if letters <= set(both))
            yield Question(
                "sides", self.tree["headings"]["transaction"], fitting or tuple(SIDES), tuple(sorted(letters))
            )

    def _shown(self, heading: str) -> list[str]:
        values = [number_text(one) if isinstance(one, float) else str(one) for one in self.texts(heading)]
        return list(dict.fromkeys(values))[:_MOST_SAMPLES]

    def mapping(self, name: str) -> SheetMapping:
        """The mapping as it stands. Raises SetupError for what is none."""
        tree = {key: value for key, value in self.tree.items() if value}
        journal = tree.get("journal", [])
        read = {*self.tree["headings"].values(), *([journal] if isinstance(journal, str) else journal)}
        folded = set(map(fold_heading, read))
        if "scale" in tree:  # it holds where the workbook says so
            said = [one for one in self.proposal.notes if scale_of_note(one) == tree["scale"]]
            tree["notes"] = list(dict.fromkeys((*tree.get("notes", ()), *said)))
        tree["unread"] = list(dict.fromkeys(one for one in self.heading_texts if fold_heading(one) not in folded))
        return mapping_of(name, text_of_tree({key: value for key, value in tree.items() if value}), f"{name}.toml")

    @property
    def is_as_it_stands(self) -> bool:
        """True when the sheet is understood without any mapping."""
        is_open = any(True for _ in self.questions())  # looking for them declares what has one reading
        return (
            not is_open
            and self.base is None
            and not self.proposal.missing
            and not any(self.tree[key] for key in self.tree.keys() - {"headings"})
        )


def _cell(row: Row, index: int) -> CellValue:
    return row[index] if index < len(row) else None


def _all_read(typed: Sequence[str], numbers: str | None, shapes: Sequence[str]) -> bool:
    return all(amount_in(text, numbers, shapes) is not None and (numbers or "$" not in text) for text in typed)


def name_from(stem: str) -> str:
    """A name for the mapping of a file."""
    plain = fold_heading(stem.replace(" ", "-").replace("_", "-"))
    words = [fold_heading(part) for part in re.split(r"[\s_.-]+", stem)]
    name = _NOT_IN_NAMES.sub("-", "-".join(filter(None, words)) or plain).strip("-")[:40].strip("-")
    return name or "mapping"


def proposal_document(name: str, draft: MappingDraft) -> Mapping[str, object]:
    """What is proposed of a sheet, for scripts."""
    return {
        "name": name,
        "heading_rows": list(draft.proposal.heading_rows),
        "headings": [
            {
                "heading": one.heading,
                "column": column_letters(one.index),
                "field": one.field,
                "certainty": one.certainty.value,
                "candidates": list(one.candidates),
                "reason": one.reason,
                "samples": list(one.samples),
            }
            for one in draft.proposal.headings
        ],
        "from": None if draft.base is None else draft.base.name,
        "missing": draft.missing(),
        "questions": [
            {"kind": one.kind, "subject": one.subject, "options": list(one.options), "samples": list(one.samples)}
            for one in draft.questions()
        ],
        "mapping": {key: value for key, value in draft.tree.items() if value},
    }
