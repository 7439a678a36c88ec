"""What a workbook says of itself: whose lists it holds, and which run it corrects."""

from collections.abc import Sequence
from datetime import UTC, datetime

from importer.model.workbook import (
    CORRECTED_FILE,
    CORRECTED_FIRST,
    CORRECTED_RUN,
    CORRECTED_SHA256,
    CORRECTIONS_MARK,
    Corrects,
    ListsOrigin,
)
from importer.read.cells import heading_of
from importer.templates.forms import COMPANY_ID, COMPANY_NAME, LISTS_MARK, TAKEN_AT
from importer.xlsx.values import Row


def origin_in(rows: Sequence[Row]) -> ListsOrigin | None:
    """What the first rows of a sheet tell of a company's lists; None when the sheet holds none. A value that was
    changed by hand is None, and what cannot be told is not held against the workbook."""
    values = _values_under(LISTS_MARK, rows)
    if values is None:
        return None
    company = values.get(COMPANY_ID, "")
    return ListsOrigin(
        company_id=int(company) if company.isascii() and company.isdigit() else None,
        company_name=values.get(COMPANY_NAME, ""),
        taken_at=_instant(values.get(TAKEN_AT, "")),
    )


def corrects_in(rows: Sequence[Row]) -> Corrects | None:
    """What the first rows of a sheet tell of the run whose corrections the workbook is; None when they tell nothing."""
    values = _values_under(CORRECTIONS_MARK, rows)
    if values is None:
        return None
    labels = (CORRECTED_RUN, CORRECTED_FILE, CORRECTED_SHA256, CORRECTED_FIRST)
    return Corrects(*(values.get(label, "") for label in labels))


def _values_under(mark: str, rows: Sequence[Row]) -> dict[str, str] | None:
    """The values of the second column by the labels of the first, on a sheet that begins with the mark."""
    texts = [[heading_of(value) for value in row[:2]] for row in rows]
    if not texts or texts[0][:1] != [mark]:
        return None
    return {row[0]: row[1] for row in texts if len(row) > 1}


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
