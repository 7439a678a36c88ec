"""Whose lists a workbook's drop-downs hold: told by the sheet of the lists, wherever and however it was saved."""

from collections.abc import Sequence
from datetime import UTC, datetime

from importer.model.sheets import ListsOrigin
from importer.read.cells import heading_of
from importer.read.values import Row
from importer.templates.lists import COMPANY_ID, COMPANY_NAME, LISTS_MARK, TAKEN_AT


def origin_in(rows: Sequence[Row]) -> ListsOrigin | None:
    """What the first rows of a sheet tell of a company's lists; None when the sheet holds none. A value that was
    spoilt by hand is None, and what cannot be told is not held against the workbook."""
    texts = [[heading_of(value) for value in row[:2]] for row in rows]
    if not texts or texts[0][:1] != [LISTS_MARK]:
        return None
    told = {row[0]: row[1] for row in texts if len(row) > 1}
    company = told.get(COMPANY_ID, "")
    return ListsOrigin(
        company_id=int(company) if company.isascii() and company.isdigit() else None,
        company_name=told.get(COMPANY_NAME, ""),
        taken_at=_instant(told.get(TAKEN_AT, "")),
    )


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
