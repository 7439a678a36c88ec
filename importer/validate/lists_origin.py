"""A workbook that holds the lists of a company, against the company that it is run for."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from importer.model.problems import Place, Problem
from importer.model.results import Company
from importer.model.workbook import Workbook

OLDEST = timedelta(days=31)
"""Lists that are older have missed a month's closing (`stale-lists`)."""


def origin_problems(
    workbook: Workbook, company: Company | None, now: datetime, *, any_company: bool = False
) -> Iterator[Problem]:
    """What the workbook's lists have against a run: they are another company's (`wrong-company`, an error that keeps
    the whole workbook from being posted, unless `any_company`), or older than a month (`stale-lists`, a warning).

    `company` None: nobody was asked, and only the age counts. `now` has a time zone. A workbook without lists has
    nothing to say.
    """
    origin, place = workbook.origin, Place(workbook.path)
    if origin is None:
        return
    is_other = company is not None and origin.company_id is not None and origin.company_id != company.id
    if company is not None and is_other and not any_company:
        facts = {
            "expected": str(origin.company_id),
            "expected_name": origin.company_name,
            "actual": str(company.id),
            "name": company.name,
        }
        yield Problem("wrong-company", place, wording="wrong-company.lists", facts=facts)
    if origin.taken_at is not None and now - origin.taken_at > OLDEST:
        yield Problem("stale-lists", place, wording="stale-lists")
