"""Suggestions: the nearest code of a company's list, only when it is close and no other is."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar

from importer.errors import AnswerUnclear, NotSent, ServiceFailure
from importer.model.journals import DIMENSION_FIELDS
from importer.model.problems import Problem
from importer.services.session import Session
from importer.services.sunplusxtra.accounts import Account, AccountStatus, list_accounts
from importer.services.sunplusxtra.records import AnalysisCode
from importer.templates.forms import fold_heading

SHORTEST_TRANSPOSED = 2
SHORTEST_MISTYPED = 4
"""In a shorter code one wrong character is too much of it."""

LETTERS_OF_CURRENCY = 3
LONGEST_LOOKED_AT = 120
FEWEST_LETTERS = 4
CLOSE_NAME = 88.0
CLEAR_LEAD = 5.0
"""In the hundredths of rapidfuzz' ratio: how like a name must be, and by how much more than the next one's."""

_Key = TypeVar("_Key", str, int)


class CodeIndex:
    """A list of codes (code to name), asked many times; each code is worked out once.

    The order of the answers: equal but for case, blanks and dashes; for leading zeros; two neighbours swapped; one
    character too many, too few or wrong; the name (exact, then close) in place of the code, or beside it. The first
    kind that fits anything decides: where it fits several codes nothing is said.
    """

    def __init__(self, candidates: Mapping[str, str]) -> None:
        self._candidates = candidates
        self._known: dict[str, str | None] = {}

    def to(self, code: str) -> str | None:
        """The code that an unknown one certainly stands for, None when none is close or several are."""
        if code not in self._known:
            self._known[code] = self._found(code[:LONGEST_LOOKED_AT])
        return self._known[code]

    def beginning_with(self, code: str) -> str | None:
        """The only code that is a currency's three letters and more: MXN1 of MXN."""
        longer = [one for one in self._candidates if one.startswith(code)]
        return _only(longer) if len(code) == LETTERS_OF_CURRENCY and code.isalpha() else None

    def _found(self, code: str) -> str | None:
        folded = fold_heading(code)
        if not folded:
            return None
        for codes in (self._by_fold.get(folded), self._by_digits.get(_without_zeros(folded))):
            if codes:
                return _only(codes)
        mistyped = self._mistyped(folded)
        return _only(mistyped) if mistyped else self._by_name(code, folded)

    @cached_property
    def _by_fold(self) -> dict[str, list[str]]:
        return _grouped((fold_heading(code), code) for code in self._candidates)

    @cached_property
    def _by_digits(self) -> dict[str, list[str]]:
        return _grouped((_without_zeros(fold), code) for fold, codes in self._by_fold.items() for code in codes)

    @cached_property
    def _by_length(self) -> dict[int, list[str]]:
        return _grouped((len(fold), fold) for fold in self._by_fold)

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        named = ((fold_heading(name), code) for code, name in self._candidates.items() if name)
        beside = ((fold_heading(code + name), code) for code, name in self._candidates.items() if name)
        return _grouped([*named, *beside])

    @cached_property
    def _name_words(self) -> dict[str, list[str]]:
        return _grouped((_words(name), code) for code, name in self._candidates.items() if name)

    def _mistyped(self, folded: str) -> list[str]:
        """The codes one slip away (optimal string alignment); a swap of neighbours before any other slip, since it is
        the commonest one in numbers."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        length = len(folded)
        if length < SHORTEST_TRANSPOSED:
            return []
        near = [fold for size in (length - 1, length, length + 1) for fold in self._by_length.get(size, ())]
        slips = [fold for fold, _, _ in process.extract(folded, near, scorer=OSA.distance, score_cutoff=1, limit=None)]
        swapped = [fold for fold in slips if sorted(fold) == sorted(folded)]
        if not swapped and length < SHORTEST_MISTYPED:
            return []
        return [code for fold in swapped or slips for code in self._by_fold[fold]]

    def _by_name(self, text: str, folded: str) -> str | None:
        if sum(mark.isalpha() for mark in folded) < FEWEST_LETTERS:
            return None
        exact = self._names.get(folded)
        if exact:
            return _only(exact)
        from rapidfuzz import fuzz, process

        best = process.extract(
            _words(text), list(self._name_words), scorer=fuzz.token_sort_ratio, score_cutoff=CLOSE_NAME, limit=2
        )
        if not best or (len(best) > 1 and best[0][1] - best[1][1] < CLEAR_LEAD):
            return None
        return _only(self._name_words[best[0][0]])


def _grouped(pairs: Iterable[tuple[_Key, str]]) -> dict[_Key, list[str]]:
    groups: dict[_Key, list[str]] = {}
    for key, code in pairs:
        of_key = groups.setdefault(key, [])
        if code not in of_key:
            of_key.append(code)
    return groups


def _only(codes: list[str]) -> str | None:
    return codes[0] if len(codes) == 1 else None


def _without_zeros(folded: str) -> str:
    return folded.lstrip("0") or "0"


def _words(text: str) -> str:
    return " ".join(fold_heading(word) for word in re.split(r"[\W_]+", text) if word)


PLAIN, CLOSE = ".plain", ".close"
"""The wordings of an unknown code without and with a suggestion."""


class Suggester:
    """What may be meant by unknown codes, of what the company has: accounts, codes by dimension (1 to 10), journal
    types, currencies. What is closed or not to be posted to is never suggested."""

    def __init__(
        self,
        accounts: Iterable[Account] = (),
        codes: Mapping[int, Mapping[str, AnalysisCode]] = MappingProxyType({}),
        journal_types: Mapping[str, str] | None = None,
        currencies: Iterable[str] = (),
    ) -> None:
        self._accounts = CodeIndex({one.code: one.name for one in accounts if one.status == AccountStatus.OPEN})
        self._codes = {
            number: CodeIndex({one.code: one.name for one in listed.values() if not one.prohibits_posting})
            for number, listed in codes.items()
        }
        self._journal_types = CodeIndex(journal_types or {})
        self._currencies = CodeIndex(dict.fromkeys(currencies, ""))

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
                return self._accounts.to(problem.value or "")
            case "unknown-journal-type":
                return self._journal_types.to(problem.value or "")
            case "unknown-currency":
                return self._currencies.to(problem.value or "") or self._currencies.beginning_with(problem.value or "")
            case "unknown-dimension":
                number = DIMENSION_FIELDS.index(problem.facts["dimension"]) + 1
                return self._codes[number].to(problem.value or "") if number in self._codes else None
            case _:
                return None


def accounts_to_suggest(session: Session) -> list[Account]:
    """The whole chart of accounts, for unknown ones: a slip in the first digits has no other way to be found. None of
    them when the service does not give it: a suggestion is nothing that a run may fail for."""
    try:
        return list_accounts(session)
    except (ServiceFailure, AnswerUnclear, NotSent):
        return []
