"""Which journals are twins, by values alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.model.journals import Journal, ShownLine, Side, content_of, shown_journal
from importer.model.postings import Appearance, State, StoredJournal
from importer.post.plan import lines_agree, pairs_of_lines, twins_of
from tests.post.journals import journal, line

LINES = st.lists(
    st.builds(
        ShownLine,
        account=st.sampled_from(("101110", "371110")),
        side=st.sampled_from(Side),
        amount=st.sampled_from((Decimal(1), Decimal(2), Decimal(3))),
        dimensions=st.just(()),
        reference=st.sampled_from(("A", "B", "C")),
        description=st.just(""),
        day=st.sampled_from((date(2018, 6, 1), date(2018, 6, 2), date(2018, 6, 3))),
    ),
    max_size=7,
)


def agrees(one: ShownLine, other: ShownLine) -> bool:
    same = (one.amount == other.amount, one.day == other.day, one.reference == other.reference)
    return (one.account, one.side) == (other.account, other.side) and sum(same) >= 2


def most_pairs(ours: Sequence[ShownLine], theirs: Sequence[ShownLine]) -> int:
    """By trying everything."""
    if not ours:
        return 0
    first, *rest = ours
    found = [
        1 + most_pairs(rest, [*theirs[:place], *theirs[place + 1 :]])
        for place, other in enumerate(theirs)
        if agrees(first, other)
    ]
    return max([most_pairs(rest, theirs), *found])


@given(LINES.filter(lambda lines: len(lines) < 6), LINES.filter(lambda lines: len(lines) < 6))
def test_lines_are_paired_one_to_one_as_often_as_possible(ours: list[ShownLine], theirs: list[ShownLine]) -> None:
    assert pairs_of_lines(ours, theirs, 99) == most_pairs(ours, theirs)


@given(LINES, LINES, st.integers(0, 7))
def test_pairs_are_the_same_both_ways_and_end_at_enough(
    ours: list[ShownLine], theirs: list[ShownLine], enough: int
) -> None:
    there, back = pairs_of_lines(ours, theirs, enough), pairs_of_lines(theirs, ours, enough)
    assert there == back == min(enough, pairs_of_lines(ours, theirs, 99))


@given(LINES, st.randoms())
def test_every_line_agrees_with_itself_in_any_order(lines: list[ShownLine], dice: object) -> None:
    mixed = list(lines)
    dice.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert pairs_of_lines(lines, mixed, 99) == len(lines)


@given(st.integers(1, 30), st.integers(0, 30))
def test_half_of_the_lines_is_enough(size: int, changed: int) -> None:
    """Lines that differ in amount and reference agree no more."""
    ours = Journal("J", "f", "s", tuple(line(row, Side.DEBIT, "1", reference=f"R{row}") for row in range(size)))
    others = [
        replace(one, amount=Decimal(9), reference="X") if row < changed else one for row, one in enumerate(ours.lines)
    ]
    theirs = replace(ours, lines=tuple(others))
    assert lines_agree(shown_journal(ours), shown_journal(theirs)) == (2 * (size - min(changed, size)) >= size)


def test_a_journal_of_very_many_lines_that_all_agree() -> None:
    lines = shown_journal(Journal("J", "f", "s", tuple(line(row, Side.DEBIT, "1") for row in range(5_000)))).lines
    assert pairs_of_lines(lines, lines[::-1], 5_000) == 5_000


# Whose twin

PLACE = Appearance("now", "june.xlsx", "/here/june.xlsx")


def candidate(one: Journal, id_: int = 1, place: Appearance = PLACE) -> StoredJournal:
    stands = one.key, place.file, one.sheet
    return StoredJournal(id_, State.PLANNED, content_of(one), "", None, place.run, *stands, appearances=(place,))


def earlier(one: Journal, *places: Appearance, id_: int = 100, state: State = State.POSTED) -> StoredJournal:
    number = "6994" if state is State.POSTED else ""
    stood = places[0].run, one.key, one.file, one.sheet
    return StoredJournal(id_, state, content_of(one), number, None, *stood, appearances=places)


def mended(one: Journal, **changes: object) -> Journal:
    return replace(one, lines=tuple(replace(each, **changes) for each in one.lines))  # type: ignore[arg-type]  # by name


ELSEWHERE = Appearance("before", "C:\\Ana\\JUNE.xlsx", "c:\\ana\\june.xlsx")
OTHER = Appearance("before", "other.xlsx", "/there/other.xlsx")
OF_CORRECTIONS = replace(OTHER, origin=Appearance("first", "", "/there/june.xlsx"))
OLD = journal()
NEW = mended(OLD, amount=Decimal(5))


@pytest.mark.parametrize("place", [PLACE, ELSEWHERE, OF_CORRECTIONS, replace(OTHER, file="june.xlsx", path="")])
def test_one_source_makes_twins(place: Appearance) -> None:
    assert twins_of([candidate(NEW)], [earlier(OLD, place)]).keys() == {1}
    corrected = replace(OTHER, run="now", origin=Appearance("x", "", "/there/JUNE.xlsx"))
    assert twins_of([candidate(NEW, place=corrected)], [earlier(OLD, place)]).keys() == {1}


@pytest.mark.parametrize("state", list(State))
def test_what_cannot_be_posted_has_no_twin(state: State) -> None:
    found = twins_of([candidate(NEW)], [earlier(OLD, PLACE, state=state)])
    assert bool(found) == (state in (State.POSTED, State.SENDING, State.UNKNOWN))


@pytest.mark.parametrize(
    "other",
    [
        mended(OLD, period="2018007"),
        replace(NEW, key="J2"),
        mended(NEW, reference="WEEK-2"),
        mended(OLD, transaction_date=date(2018, 6, 7), reference="WEEK-1"),
        mended(OLD, account="999999"),
    ],
)
def test_another_period_key_or_other_lines_are_another_journal(other: Journal) -> None:
    assert twins_of([candidate(other)], [earlier(OLD, PLACE)]) == {}


def test_an_earlier_one_that_stands_in_the_same_workbook_has_no_twin_there() -> None:
    both = [candidate(NEW), candidate(replace(OLD, sheet="May"), id_=100)]
    assert twins_of(both, [earlier(OLD, PLACE)]) == {}
    moved = replace(PLACE, file="copy/june.xlsx")
    assert twins_of([both[0], candidate(OLD, 100, moved)], [earlier(OLD, PLACE)]).keys() == {1}


def test_a_posted_one_is_named_before_one_in_doubt_and_the_youngest_of_several() -> None:
    ones = [
        earlier(OLD, PLACE, id_=1, state=State.POSTED),
        earlier(mended(OLD, description="x"), PLACE, id_=2),
        earlier(mended(OLD, description="y"), PLACE, id_=3, state=State.UNKNOWN),
    ]
    assert twins_of([candidate(NEW, id_=9)], ones)[9].id == 2


@pytest.mark.parametrize(("equal", "others", "is_copy"), [(0, 0, True), (1, 2, True), (1, 3, False), (0, 2, False)])
def test_a_renamed_copy_is_known_by_half_of_its_sheet(equal: int, others: int, is_copy: bool) -> None:
    known = [journal(f"K{number}") for number in range(equal)]
    fresh = [journal(f"N{number}") for number in range(others)]
    sheet = [candidate(NEW), *(candidate(one, place_of) for place_of, one in enumerate([*known, *fresh], start=200))]
    before = [earlier(OLD, OTHER), *(earlier(one, OTHER, id_=number) for number, one in enumerate(known, start=200))]
    assert bool(twins_of(sheet, before)) == is_copy


def test_a_renamed_copy_has_equal_dates() -> None:
    known = [journal(f"K{number}") for number in range(3)]
    sheet = [candidate(one, id_) for id_, one in enumerate(known, start=200)]
    before = [earlier(OLD, OTHER), *(earlier(one, OTHER, id_=id_) for id_, one in enumerate(known, start=200))]
    assert twins_of([candidate(NEW), *sheet], before).keys() == {1}
    later = mended(OLD, transaction_date=OLD.lines[0].transaction_date + timedelta(days=7))
    assert twins_of([candidate(later), *sheet], before) == {}


def test_what_was_posted_from_corrections_counts_for_the_run_they_correct() -> None:
    """Three were posted by the first run, one from its corrections; the copy has another name."""
    first = Appearance("first", "a.xlsx", "/there/a.xlsx")
    correction = Appearance("second", "a.corrections.xlsx", "/x/a.corrections.xlsx", Appearance("first", "", "a.xlsx"))
    known = [journal(f"K{number}") for number in range(3)]
    sheet = [candidate(NEW), *(candidate(one, id_) for id_, one in enumerate(known, start=200))]
    before = [earlier(OLD, correction), *(earlier(one, first, id_=id_) for id_, one in enumerate(known, start=200))]
    assert twins_of(sheet, before).keys() == {1}
    alone = [earlier(OLD, replace(correction, origin=None)), *before[1:]]
    assert twins_of(sheet, alone) == {}
