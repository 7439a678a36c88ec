"""Asking the service for lists, side by side; what cannot be had is noted."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from importer.errors import AnswerUnclear, ImporterError, NotSent, ServiceFailure

Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A list that could not be had: `wording` below `list.` says which, `reason` why (None: it is empty)."""

    wording: str
    facts: Mapping[str, str]
    reason: ImporterError | None


class Asker:
    """Asks side by side; a question that fails is noted once and answered with None. So is an empty list where the
    company must have something: nothing can be checked against it."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self.unavailable: list[Unavailable] = []
        self._out_of_reach: dict[str, ImporterError] = {}

    def ask(
        self, wording: str, question: Callable[[], Given], *, may_be_empty: bool = False, **facts: str
    ) -> Callable[[], Given | None]:
        """Begins to ask and gives the way to the answer, which waits for it. It raises only what ends the session."""
        under_way = self._pool.submit(self._asked, wording, question)

        def answer() -> Given | None:
            try:
                given = under_way.result()
            except (ServiceFailure, AnswerUnclear, NotSent) as error:
                self._note(Unavailable(wording, facts, error))
                return None
            if given or may_be_empty:
                return given
            self._note(Unavailable(wording, facts, None))
            return None

        return answer

    def _asked(self, wording: str, question: Callable[[], Given]) -> Given:
        """Where one question of a kind got no answer after all its tries, the others would only wait as long again."""
        if wording in self._out_of_reach:
            raise self._out_of_reach[wording]
        try:
            return question()
        except (AnswerUnclear, NotSent) as error:
            self._out_of_reach[wording] = error
            raise

    def _note(self, unavailable: Unavailable) -> None:
        known = {(one.wording, tuple(one.facts.items())) for one in self.unavailable}
        if (unavailable.wording, tuple(unavailable.facts.items())) not in known:
            self.unavailable.append(unavailable)
