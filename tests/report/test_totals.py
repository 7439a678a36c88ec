"""The totals cover everything and add up, whatever the documents are."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from importer.model.results import Document, FileRead, SheetRead, Status
from importer.report.figures import amounts_by_period, homeless_rows
from importer.report.result_document import result_document
from importer.translations import Language
from tests.report.stories import FILE, SHEET, good_run, result, troubled_run

AMOUNTS = st.decimals(min_value=0, max_value=Decimal("999999999999.99"), places=2)


@st.composite
def many_documents(draw: st.DrawFn) -> list[Document]:
    """Documents in any states, currencies and periods, their rows apart from each other's."""
    documents = []
    row = 2
    for number in range(draw(st.integers(0, 12))):
        rows = draw(st.integers(0, 5))
        documents.append(
            Document(
                kind="journal",
                key=f"K{number}",
                file=FILE,
                sheet=SHEET,
                rows=tuple(range(row, row + rows)),
                status=draw(st.sampled_from(Status)),
                debit=draw(st.none() | AMOUNTS),
                credit=draw(st.none() | AMOUNTS),
                currency=draw(st.sampled_from(["MXN1", "USD1", None])),
                period=draw(st.sampled_from(["2018005", "2018006", None])),
            )
        )
        row += rows
    return documents


@given(many_documents())
def test_the_document_says_the_same_sums(documents: list[Document]) -> None:
    told = result_document(result(documents), Language.EN)
    totals, row_totals = told["totals"], told["row_totals"]
    assert isinstance(totals, dict)
    assert isinstance(row_totals, dict)
    assert totals["documents"] == sum(totals[status.value] for status in Status) == len(documents)
    assert homeless_rows(result(documents)) == 0
    assert totals["rows"] == sum(row_totals.values()) == sum(len(document.rows) for document in documents)


@given(many_documents())
def test_amounts_are_summed_exactly_and_currencies_stay_apart(documents: list[Document]) -> None:
    counted = (Status.POSTED, Status.ALREADY_POSTED, Status.READY)
    parts = amounts_by_period(documents)
    assert [part.currency for part in parts] == sorted(part.currency for part in parts)
    for currency in {part.currency for part in parts}:
        of_it = [part for part in parts if part.currency == currency]
        mine = [entry for entry in documents if entry.status in counted and (entry.currency or "") == currency]
        assert sum(part.documents for part in of_it) == len(mine)
        assert sum((part.debit for part in of_it), Decimal(0)) == sum(
            (one.debit or Decimal(0) for one in mine), Decimal(0)
        )
        assert sum((part.credit for part in of_it), Decimal(0)) == sum(
            (one.credit or Decimal(0) for one in mine), Decimal(0)
        )


def test_rows_that_became_no_document_are_not_swept_under() -> None:
    ended = good_run()
    ended = replace(ended, files=(FileRead(FILE, None, (SheetRead(SHEET, "journals", 140),)),))
    assert homeless_rows(ended) == 5
    assert homeless_rows(replace(troubled_run(), files=())) == 0


def test_refused_and_doubtful_amounts_are_not_in_the_ledgers_sums() -> None:
    (part,) = amounts_by_period(troubled_run().documents)
    assert (part.status, part.documents, part.debit) == (Status.POSTED, 10, Decimal("44172.00"))
