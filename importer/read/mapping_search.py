"""Which mapping reads a sheet, and its columns under that mapping: found again by the set of headings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from importer.model.problems import Place, Problem
from importer.read.headings import MOST_HEADINGS, Layout, field_named, headings_in, of_two_rows, possible_fields
from importer.read.mappings import AMOUNT_FIELDS, DATE_FIELDS, SheetMapping
from importer.templates.forms import JOURNALS, Column, Kind, fold_heading
from importer.xlsx.values import Row

_PART, BESIDE = "journal.", "beside."
"""Columns that are read but are no field's: parts of a journal's key, and what stands beside a constant."""

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class MappingsAtHand:
    """The mappings that a run may use: all of them, the one that a person has `named`, and the hashes of those that the
    profile has used, by name. `last_period` is the last one of a year, `first_month` the month of the first one,
    `encoding` that of texts (empty: not declared)."""

    all: Sequence[SheetMapping] = ()
    named: SheetMapping | None = None
    used: Mapping[str, str] = field(default_factory=dict)
    last_period: int = _MONTHS
    first_month: int = 1
    encoding: str = ""


NO_MAPPINGS = MappingsAtHand()


@dataclass(frozen=True, slots=True)
class MappedLayout:
    """The columns of a sheet under a mapping. `parts` are the columns that make a journal's key together, `beside`
    those that stand beside a value that is the same for all rows, by field."""

    mapping: SheetMapping
    layout: Layout
    parts: tuple[str, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict)

    @property
    def declares_journal(self) -> bool:
        """True when it is said which rows make a journal."""
        return "journal" in self.layout.columns or bool(self.parts) or self.mapping.is_each_sheet


def mapped_layouts(rows: Sequence[Row], at_hand: MappingsAtHand) -> list[MappedLayout]:
    """How the mappings at hand would read a sheet by its first rows: the named one wherever its headings stand in one
    row, without one each whose headings are those of a row and no others. Of several that fit, those that the profile
    has used."""
    chosen = [at_hand.named] if at_hand.named is not None else at_hand.all
    found = [
        one for mapping in chosen if (one := _first_layout(rows, mapping, is_exact=at_hand.named is None)) is not None
    ]
    used = [one for one in found if one.mapping.name in at_hand.used]
    return used if len(found) > 1 and used else found


def doubtful_mapping(
    rows: Sequence[Row], layout: Layout | None, mapped: Sequence[MappedLayout], at_hand: MappingsAtHand, place: Place
) -> Problem | None:
    """Why a sheet (`place`) cannot be read by a mapping, though it may have one: several fit, or the headings of one
    stand there beside others and are not the form's own. `layout` is how it would be read. None without a doubt, and
    where the mapping would read it in the same way."""
    sheet = place.sheet or ""
    if len(mapped) > 1:
        facts = {"mappings": ", ".join(one.mapping.name for one in mapped), "sheet": sheet}
        return Problem("uncertain-mapping", place, wording="uncertain-mapping.choice", facts=facts)
    if mapped:
        return None
    is_whole = layout is not None and layout.is_whole
    if layout is not None and is_whole:
        # The form's own headings, understood without synonyms: such a sheet is nobody's mapping.
        own = layout.form.headings()
        if all(own.get(fold_heading(layout.headings[index])) == name for name, index in layout.columns.items()):
            return None
    fitting = [
        one
        for mapping in at_hand.all
        if (one := _first_layout(rows, mapping, is_exact=False)) is not None
        and not (layout is not None and is_whole and _reads_the_same(one, layout))
    ]
    if not fitting:
        return None
    more, fewer, name = min((_more_and_fewer(one) for one in fitting), key=lambda one: len(one[0]) + len(one[1]))
    wording = "uncertain-mapping.changed" if more else "uncertain-mapping.fewer"
    facts = {"mapping": name, "headings": ", ".join(more or fewer), "sheet": sheet, "name": sheet}
    return Problem("uncertain-mapping", place, wording=wording, facts=facts)


def _more_and_fewer(found: MappedLayout) -> tuple[list[str], list[str], str]:
    """The headings that a sheet has and its mapping does not know, those that the mapping leaves unread and the sheet
    has not, and the mapping's name."""
    mapping, headings = found.mapping, found.layout.headings.values()
    there = set(map(fold_heading, headings))
    more = [one for one in headings if fold_heading(one) not in mapping.heading_set]
    return more, [one for one in mapping.unread if fold_heading(one) not in there], mapping.name


def nearest_mappings(headings: Iterable[str], mappings: Sequence[SheetMapping]) -> list[SheetMapping]:
    """The mappings of which most headings stand among those of a sheet: more than half of those each reads, and as many
    as of any other one."""
    folded = set(map(fold_heading, headings))
    near = [
        (len(one.read_headings & folded) / len(one.read_headings), -len(one.heading_set ^ folded)) for one in mappings
    ]
    best = max(near, default=(0.0, 0))
    return [mapping for mapping, one in zip(mappings, near, strict=True) if one == best and best[0] > 0.5]


def near_mapping_problem(rows: Sequence[Row], at_hand: MappingsAtHand, place: Place) -> Problem | None:
    """The warning that a sheet (`place`) that is not read has most headings of a mapping; None where no row has."""
    for number, headings in headings_in(rows, MOST_HEADINGS):
        for mapping in nearest_mappings(headings.values(), at_hand.all)[:1]:
            folded = set(map(fold_heading, headings.values()))
            lacking = [one for one in mapping.headings.values() if fold_heading(one) not in folded]
            facts = {"name": place.sheet or "", "row": str(number), "mapping": mapping.name}
            facts["gone"] = ", ".join(dict.fromkeys(lacking)) or "–"
            return Problem("no-form-found", place, wording="no-form-found.mapped", facts=facts, softened=True)
    return None


def _reads_the_same(nearly: MappedLayout, layout: Layout) -> bool:
    """True when a mapping says nothing but which column is which, as the headings do without it."""
    bare = replace(nearly.mapping, name="", sha256="", headings={}, journal=(), skip=(), unread=())
    is_plain = bare == SheetMapping("", "", {}) and len(nearly.mapping.journal) <= 1
    return is_plain and nearly.layout.row == layout.row and nearly.layout.columns.items() <= layout.columns.items()


def _first_layout(rows: Sequence[Row], mapping: SheetMapping, *, is_exact: bool) -> MappedLayout | None:
    in_rows = dict(headings_in(rows))
    for number, upper in in_rows.items():
        both = of_two_rows(upper, in_rows.get(number + 1, {}))
        for last, headings in ((number, upper), (number + 1, both)):
            folded = {fold_heading(heading) for heading in headings.values()}
            if folded == mapping.heading_set or (not is_exact and folded >= mapping.read_headings):
                found = _layout(last, headings, mapping)
                return replace(found, layout=replace(found.layout, is_in_two_rows=last != number))
    return None


def _layout(number: int, headings: Mapping[int, str], mapping: SheetMapping) -> MappedLayout:
    places: dict[str, list[int]] = {}
    for index, heading in headings.items():
        places.setdefault(fold_heading(heading), []).append(index)
    columns = {name: places[fold_heading(heading)][0] for name, heading in mapping.headings.items()}
    parts, further = [], list[Column]()
    if len(mapping.journal) == 1:
        columns["journal"] = places[fold_heading(mapping.journal[0])][0]
    for part, heading in enumerate(mapping.journal if len(mapping.journal) > 1 else ()):
        index = places[fold_heading(heading)][0]
        name = next((one for one, at in columns.items() if at == index), f"{_PART}{part}")
        if name not in columns:
            columns[name] = index
            further.append(Column(name, Kind.KEY))
        parts.append(name)
    read = {index for name in mapping.read_headings for index in places[name]}
    beside = _beside(headings, mapping, read)
    for name, (pseudo, index) in beside.items():
        columns[pseudo] = index
        further.append(replace(JOURNALS.column(name), name=pseudo, required=False))
    repeated = tuple(
        (heading, places[fold_heading(heading)][0], second)
        for heading in dict.fromkeys((*mapping.headings.values(), *mapping.journal))
        for second in places[fold_heading(heading)][1:]
    )
    unread = {fold_heading(heading) for heading in mapping.unread}
    others = {index: text for index, text in headings.items() if index not in read}
    silent = frozenset(index for index, text in others.items() if fold_heading(text) in unread)
    unknown = {index: text for index, text in others.items() if index not in silent | set(columns.values())}
    # A column need not stand on the sheet when its values come from elsewhere.
    elsewhere = _elsewhere(mapping) | ({"transaction"} if mapping.signed else set())
    columns_of = (replace(one, required=False) if one.name in elsewhere else one for one in JOURNALS.columns)
    form = replace(JOURNALS, columns=(*columns_of, *further))
    typed = frozenset((*DATE_FIELDS, *AMOUNT_FIELDS, "period"))
    layout = Layout(form, number, columns, repeated, unknown, silent, headings=headings, typed=typed)
    return MappedLayout(mapping, layout, tuple(parts), {name: pseudo for name, (pseudo, _) in beside.items()})


def _elsewhere(mapping: SheetMapping) -> set[str]:
    """The fields whose values are the same for all rows, stand above the headings or are derived."""
    return {*mapping.constants, *mapping.cells, *(["period"] if mapping.derive else [])}


def _beside(headings: Mapping[int, str], mapping: SheetMapping, read: set[int]) -> dict[str, tuple[str, int]]:
    """The columns that nobody reads although their headings name, or may name, a field whose values come from
    elsewhere. A heading of several meanings that a person has declared as not read is none of them."""
    elsewhere = _elsewhere(mapping)
    unread = set(map(fold_heading, mapping.unread))
    found: dict[str, tuple[str, int]] = {}
    for index, heading in headings.items():
        named = field_named(heading)
        several = () if fold_heading(heading) in unread else possible_fields(heading)
        for name in several if named is None else (named,):
            if index not in read and name in elsewhere:
                found.setdefault(name, (f"{BESIDE}{name}", index))
    return found
