"""Did you mean: unknown codes get the nearest one of the company's lists as their suggestion."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from importer.errors import AnswerUnclear, NotSent, ServiceFailure
from importer.model.journals import DIMENSION_FIELDS
from importer.model.problems import Problem
from importer.services.session import Session
from importer.services.sunplusxtra.accounts import Account, AccountStatus, list_accounts
from importer.services.sunplusxtra.dimensions import AnalysisCode
from importer.validate.nearest import Nearest

PLAIN, CLOSE = ".plain", ".close"
"""The wordings of an unknown code without and with a suggestion."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What the company has that may be posted to: accounts, codes by dimension (1 to 10), journal types, currencies."""

    accounts: Nearest = field(default_factory=lambda: Nearest({}))
    codes: Mapping[int, Nearest] = field(default_factory=dict)
    journal_types: Nearest = field(default_factory=lambda: Nearest({}))
    currencies: Nearest = field(default_factory=lambda: Nearest({}))

    def suggesting(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """The same problems; those of unknown codes with the nearest one, where one is close."""
        for problem in problems:
            code = self._nearest(problem) if problem.wording.endswith(PLAIN) else None
            if code is None:
                yield problem
            else:
                wording = problem.wording.removesuffix(PLAIN) + CLOSE
                yield replace(problem, suggestion=code, wording=wording)

    def _nearest(self, problem: Problem) -> str | None:
        match problem.code:
            case "unknown-account":
                return self.accounts.to(problem.value or "")
            case "unknown-journal-type":
                return self.journal_types.to(problem.value or "")
            case "unknown-currency":
                return self.currencies.to(problem.value or "")
            case "unknown-dimension":
                number = DIMENSION_FIELDS.index(problem.facts["dimension"]) + 1
                return self.codes[number].to(problem.value or "") if number in self.codes else None
            case _:
                return None


def meant_of(
    accounts: Iterable[Account],
    codes: Mapping[int, Mapping[str, AnalysisCode]],
    journal_types: Mapping[str, str] | None,
    currencies: Iterable[str] = (),
) -> Meant:
    """What may be meant, of these lists: what is closed or not to be posted to is never suggested."""
    return Meant(
        accounts=Nearest({one.code: one.name for one in accounts if one.status == AccountStatus.OPEN}),
        codes={
            number: Nearest({one.code: one.name for one in listed.values() if not one.prohibits_posting})
            for number, listed in codes.items()
        },
        journal_types=Nearest(journal_types or {}),
        currencies=Nearest(dict.fromkeys(currencies, "")),
    )


def accounts_to_suggest(session: Session, unknown: Iterable[str]) -> list[Account]:
    """The whole chart of accounts when there are unknown ones: a slip in the first digits has no other way to be found.
    None of them when the service does not give it: a suggestion is nothing that a run may fail for."""
    if not any(True for _ in unknown):
        return []
    try:
        return list_accounts(session)
    except (ServiceFailure, AnswerUnclear, NotSent):
        return []
