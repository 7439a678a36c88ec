"""What of the ledger is ours, what looks like it, and how the rest differs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.model.dates import LedgerDay, Period
from importer.model.journals import ShownJournal, ShownLine, Side, content_of, shown_content, shown_journal
from importer.post import matching
from importer.post.matching import (
    ADDED,
    LOST,
    NO_CUTS,
    Cuts,
    CutTexts,
    Difference,
    LedgerJournal,
    Similarity,
    cut_texts,
    learned_cut,
    ledger_journals,
)
from importer.services.sunplusxtra.journals import LedgerLine
from tests.post.journals import journal, reordered

DAY = timedelta(days=1)
NO_CODES = ("",) * 10


def line(account: str = "101110", side: Side = Side.DEBIT, amount: str = "5.00", **more: object) -> ShownLine:
    given_ = {"dimensions": NO_CODES, "reference": "R-1", "description": "Ofrenda", "day": date(2018, 6, 30), **more}
    return ShownLine(account, side, Decimal(amount), **given_)  # type: ignore[arg-type]  # the tests' own members


def of(*lines: ShownLine, journal_type: str = "JV", period: str = "2018006", currency: str = "MXN1") -> ShownJournal:
    return ShownJournal(journal_type, period, currency, lines)


def similarity(ours: ShownJournal, theirs: ShownJournal, days_off: int = 1, cuts: Cuts = NO_CUTS) -> Similarity:
    return matching.similarity(ours, LedgerJournal(1, "", theirs, days_off), cuts)


def differences(ours: ShownJournal, theirs: ShownJournal, days_off: int = 1, cuts: Cuts = NO_CUTS) -> list[Difference]:
    return matching.differences(ours, LedgerJournal(1, "", theirs, days_off), cuts)


OURS = of(line(), line("201110", Side.CREDIT))


def changed(position: int, **more: object) -> ShownJournal:
    lines: Sequence[ShownLine] = OURS.lines
    return replace(
        OURS,
        lines=tuple(
            replace(one, **more) if place == position else one  # type: ignore[arg-type]  # the tests' own members
            for place, one in enumerate(lines)
        ),
    )


@pytest.mark.parametrize(
    ("theirs", "how"),
    [
        (OURS, Similarity.IDENTICAL),
        (replace(OURS, lines=OURS.lines[::-1]), Similarity.IDENTICAL),
        (changed(0, day=date(2018, 7, 1)), Similarity.OTHER_DAY),
        (changed(0, day=date(2018, 7, 2)), Similarity.SAME_LINE),
        (changed(0, description="otra"), Similarity.LOOKS_ALIKE),
        (changed(0, description=""), Similarity.LOOKS_ALIKE),
        (changed(0, reference=""), Similarity.LOOKS_ALIKE),
        (changed(0, dimensions=("1", *NO_CODES[1:])), Similarity.LOOKS_ALIKE),
        (replace(OURS, journal_type="PE"), Similarity.LOOKS_ALIKE),
        (replace(OURS, currency="USD"), Similarity.LOOKS_ALIKE),
        (replace(OURS, period="2018007"), Similarity.SAME_LINE),
        (replace(OURS, lines=OURS.lines + OURS.lines), Similarity.SAME_LINE),
        (changed(0, amount=Decimal("5.01")), Similarity.SAME_LINE),
        (of(line(reference="R-2"), line("201110", Side.CREDIT, "5.01")), Similarity.NONE),
    ],
)
def test_likeness_has_degrees(theirs: ShownJournal, how: Similarity) -> None:
    assert similarity(OURS, theirs) is how
    assert how.is_ours == (not differences(OURS, theirs) or how is Similarity.OTHER_DAY)


def test_a_no_break_space_of_either_side_is_a_plain_blank() -> None:
    def shown(number: int, side: Side) -> LedgerLine:
        texts = ("R\u00a01", "Ofrenda\u202fde junio", "MXN1")
        codes, day = ("A\u2007B", *NO_CODES[1:]), LedgerDay(1_530_316_800_000)
        return LedgerLine(
            1, number, "JV", "101110\u00a0NF", side, Decimal(5), codes, *texts, Period("2018006"), day, "V"
        )

    theirs = ledger_journals([shown(1, Side.DEBIT), shown(2, Side.CREDIT)], UTC)[1].journal
    plain = line("101110 NF", reference="R 1", description="Ofrenda de junio", dimensions=("A B", *NO_CODES[1:]))
    assert similarity(of(plain, replace(plain, side=Side.CREDIT)), theirs).is_ours
    one = journal()
    typed = replace(one, lines=tuple(replace(each, reference="R\u00a01", account="1\u202f2") for each in one.lines))
    retyped = replace(one, lines=tuple(replace(each, reference="R 1", account="1 2") for each in one.lines))
    assert content_of(typed) == content_of(retyped)


def test_a_text_cut_at_a_known_length_is_equal_and_a_text_left_out_is_not() -> None:
    long = of(line(reference="A" * 20), line("201110", Side.CREDIT, reference="A" * 20))
    cut = of(line(reference="A" * 15), line("201110", Side.CREDIT, reference="A" * 15))
    odd = of(line(reference="A" * 14), line("201110", Side.CREDIT, reference="A" * 14))
    assert similarity(long, cut) is Similarity.CUT and differences(long, cut) == []
    assert cut_texts(long, cut) == (CutTexts("treference", 15, 2),)
    assert similarity(long, odd) is Similarity.LOOKS_ALIKE
    assert [one.field for one in differences(long, odd)] == ["treference", "treference"]


def test_a_midnight_of_the_company_is_that_day_and_no_other() -> None:
    next_day = changed(0, day=date(2018, 7, 1))
    assert similarity(OURS, next_day, days_off=0) is Similarity.LOOKS_ALIKE
    assert [one.field for one in differences(OURS, next_day, days_off=0)] == ["transDateTime"]


def test_a_ledger_that_shows_whole_references_tells_those_apart_that_begin_alike() -> None:
    first, second = (
        of(line(reference=f"COLEGIATURA 2018 ALUMNO {number}"), line("201110", Side.CREDIT)) for number in "12"
    )
    assert similarity(first, second) is Similarity.LOOKS_ALIKE
    assert {one.field for one in differences(first, second)} == {"treference"}
    cut = of(line(reference="COLEGIATURA 2018 ALUMNO 1"[:15]), line("201110", Side.CREDIT))
    assert [similarity(one, cut) for one in (first, second)] == [Similarity.CUT] * 2
    assert cut_texts(first, first) == ()


def test_only_a_prefix_of_a_known_length_is_a_cut() -> None:
    ours = of(line(reference="EXAMPLE", description="LINE 1"), line("201110", Side.CREDIT))
    theirs = of(line(reference="E", description="L"), line("201110", Side.CREDIT))
    assert [one.field for one in differences(ours, theirs)] == ["treference", "description"]


def test_a_ledger_cuts_all_references_at_one_length() -> None:
    ours = of(line(reference="A" * 20), line("201110", Side.CREDIT, reference="B" * 20))
    theirs = of(line(reference="A" * 15), line("201110", Side.CREDIT, reference="B" * 20))
    assert not similarity(ours, theirs).is_ours
    assert [one.field for one in differences(ours, theirs)] == ["treference"]


def test_blanks_where_a_text_was_cut_are_padding() -> None:
    ours = of(line(reference="FACTURA 2018 06 JUNIO"), line("201110", Side.CREDIT))
    theirs = of(line(reference="FACTURA 2018 06"), line("201110", Side.CREDIT))
    assert ours.lines[0].reference[:15] == theirs.lines[0].reference
    assert similarity(ours, theirs) is Similarity.CUT


LONG = of(line(description="Ofrenda de la escuela sabática"), line("201110", Side.CREDIT, description="Corta"))


def cut_at(length: int, *, reference: str = "R-1") -> ShownJournal:
    """What a ledger that keeps so much of a description shows of LONG."""
    return of(*(replace(one, description=one.description[:length], reference=reference) for one in LONG.lines))


@pytest.mark.parametrize(
    ("theirs", "length"),
    [
        (cut_at(12), 12),
        (cut_at(8), 8),  # the character behind which it cuts is a blank
        (cut_at(5), None),
        (cut_at(12, reference="R-2"), None),
        (of(replace(LONG.lines[0], description=""), LONG.lines[1]), None),
        (of(replace(LONG.lines[0], description="Ofrenda de l"), replace(LONG.lines[1], description="Cort")), None),
        (of(*(replace(one, description=one.description[:12]) for one in LONG.lines), line("999999")), None),
    ],
)
def test_a_cut_is_learned_when_it_explains_every_difference(theirs: ShownJournal, length: int | None) -> None:
    found = learned_cut(LONG, theirs, [(one.line, one.field) for one in differences(LONG, theirs)])
    assert found == (None if length is None else CutTexts("description", length, 1))
    if length is not None:
        assert similarity(LONG, theirs, cuts={"description": length}) is Similarity.CUT
        assert differences(LONG, theirs, cuts={"description": length}) == []


def test_differences_name_line_field_and_both_values() -> None:
    theirs = changed(1, account="201111", dimensions=("", "", "10", *NO_CODES[3:]))
    assert differences(OURS, theirs) == [
        Difference(2, "account", "201110", "201111"),
        Difference(2, "fund", "", "10"),
    ]
    assert differences(OURS, replace(OURS, period="2018007")) == [Difference(None, "period", "2018006", "2018007")]


def test_lines_that_were_added_or_lost_are_told_as_such() -> None:
    suspense = line("999999", Side.CREDIT, "0.01", description="Suspense")
    (added,) = differences(OURS, replace(OURS, lines=(*OURS.lines, suspense)))
    assert (added.line, added.field, added.found) == (None, ADDED, "999999 C 0.01 Suspense")
    (lost,) = differences(OURS, replace(OURS, lines=OURS.lines[:1]))
    assert (lost.line, lost.field) == (2, LOST)


LINES = st.builds(
    line,
    account=st.sampled_from(["1", "2"]),
    side=st.sampled_from(list(Side)),
    amount=st.sampled_from(["1.00", "2.00"]),
    reference=st.sampled_from(["", "R", "R" * 16, "R" * 15]),
    description=st.sampled_from(["", "D"]),
    day=st.dates(date(2018, 6, 1), date(2018, 6, 3)),
)


@given(st.lists(LINES, min_size=1, max_size=5), st.randoms())
def test_the_order_of_lines_never_matters(lines: list[ShownLine], chance: object) -> None:
    mixed = list(lines)
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # random.Random
    assert similarity(of(*lines), of(*mixed)) is Similarity.IDENTICAL
    assert differences(of(*lines), of(*mixed)) == []


@st.composite
def ours_and_theirs(draw: st.DrawFn) -> tuple[ShownJournal, ShownJournal]:
    """Lines of two journals; theirs are mostly ours with something changed."""
    ours = draw(st.lists(LINES, min_size=1, max_size=4))
    theirs = [draw(st.one_of(st.just(one), LINES, st.builds(_ledgers, st.just(one), LENGTHS, DAYS))) for one in ours]
    more = draw(st.lists(LINES, max_size=1)) if draw(st.integers(0, 9)) == 0 else []
    return of(*ours), of(*draw(st.permutations(theirs + more)))


LENGTHS, DAYS = st.sampled_from([1, 14, 15, 16, 30]), st.integers(-2, 2)


def _ledgers(one: ShownLine, length: int, days: int) -> ShownLine:
    return replace(one, reference=one.reference[:length], day=one.day + days * DAY)


@given(ours_and_theirs())
def test_journals_are_ours_exactly_when_nothing_differs(journals: tuple[ShownJournal, ShownJournal]) -> None:
    for days_off in (0, 1):
        assert similarity(*journals, days_off).is_ours == (differences(*journals, days_off) == [])


def test_what_is_kept_of_a_journal_says_the_same_as_the_journal() -> None:
    for one in (journal(), reordered(journal())):
        assert similarity(shown_journal(one), shown_content(content_of(one))) is Similarity.IDENTICAL


def test_what_the_ledger_is_to_show_is_no_second_copy_of_the_lines() -> None:
    one = journal()
    for shown, line_ in zip(shown_journal(one).lines, one.lines, strict=True):
        assert shown.amount is line_.amount and shown.day is line_.transaction_date
        assert shown.account is line_.account and shown.reference is line_.reference
    first, second = shown_journal(one).lines
    assert first.dimensions is second.dimensions
