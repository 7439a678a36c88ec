"""What reports must say where a ledger, a store or a service does what no program can prevent: a double or a loss is
reported by whoever could see it, with exit code 4."""

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence, Set
from dataclasses import dataclass, field

from importer.model.problems import Problem
from importer.model.results import Document, Status
from tests.schedules.checking import CLAIMING, DIFFERS, Wanted
from tests.schedules.conditions import BLINDING, Condition
from tests.schedules.ledger import Booked
from tests.schedules.persons import Ended
from tests.schedules.service import Service

A_PERSON_MUST_LOOK = 4
SHOWN_OTHERWISE = frozenset({"posted-differently", "texts-cut", "changed-since", "not-verified", "not-shown"})
SEEN_AS_POSTED = (Status.POSTED, Status.ALREADY_POSTED)


@dataclass
class Reports:
    """Every report of a schedule, and what is wrong with it. `lag` is by how many seconds reads may be old."""

    service: Service
    wanted: Wanted
    conditions: Set[Condition]
    lag: float
    ended: list[Ended] = field(default_factory=list)

    def add(self, ended: Ended) -> Iterator[str]:
        """Takes in a report, and gives what it does not say."""
        self.ended.append(ended)
        yield from self._exit_codes(ended)
        yield from self._losses(ended)
        yield from self._doubles(ended)
        yield from self._false_alarms(ended)

    def unreported_doubles(self, allowed: bool) -> Iterator[str]:
        """At the end: every journal that is in the ledger too often, and nobody has said so who could see it."""
        for key, found in self._too_many().items():
            numbers = [one.number for one in found]
            if not allowed:
                yield f"posted {len(found)} times, wanted {self.wanted.times[key]} times: {numbers}"
            elif not any(self._reports_double(one, key, found) for one in self.ended):
                for one in self.ended:
                    if self._must_report(one, key, found):
                        yield f"{one.process.name} could see {numbers}, and nobody has said that they are equal"

    def needless_holds(self, ended: Ended, hidden: Set[str]) -> Iterator[str]:
        """Only the journals that one of the hidden accounts could hide are not sent."""
        for document, journal in ended.pairs:
            is_held = any(problem.code == "look-incomplete" for problem in problems_of(document, ended))
            if is_held and not hidden & {line.account for line in journal.lines}:
                yield f"{document.key} is held back, and no journal that is not shown could be it"

    def _exit_codes(self, ended: Ended) -> Iterator[str]:
        codes = {problem.code for problem in ended.result.problems} & DIFFERS
        is_by_a_day = all(problem.softened for problem in ended.result.problems if problem.code in codes)
        if codes and not is_by_a_day and ended.result.exit_code != A_PERSON_MUST_LOOK:
            yield f"{ended.process.name} says {sorted(codes)} and ends with {ended.result.exit_code}"

    def _losses(self, ended: Ended) -> Iterator[str]:
        """A journal that is called posted is in the ledger as it was sent, or the report says what became of it."""
        numbers: Counter[int] = Counter()
        is_cut_reported = any(problem.code == "texts-cut" for problem in ended.result.problems)
        for document, journal in ended.pairs:
            if document.status not in SEEN_AS_POSTED:
                continue
            number, key = int(document.journal_number or 0), self.wanted.content_of(journal)
            codes = {problem.code for problem in problems_of(document, ended)}
            if not codes & DIFFERS:
                numbers[number] += 1
            ever = [one for one in self.service.ledger.history if one.number == number and one.content == key]
            if not ever or min(one.at for one in ever) > self.service.world.now:
                yield f"{document.key} is reported as {number}, and never was there"
            if not self._has_read_back(ended):
                continue
            found = self.service.ledger.booked.get(number)
            is_there = found is not None and found.content == key and not found.is_altered
            if not is_there and not codes & DIFFERS and self._was_there_to_see(ended):
                yield f"{document.key} is reported as {number}, is not there, and nobody says so"
            is_otherwise = is_there and found is not None and not found.is_as_sent
            if is_otherwise and document.status is Status.POSTED and not (codes & SHOWN_OTHERWISE or is_cut_reported):
                yield f"{document.key} is reported as {number}, is altered there, and nobody says so"
        yield from (f"two journals are reported as {number}" for number, times in numbers.items() if times > 1)

    def _has_ended_well(self, ended: Ended) -> bool:
        """Whether the attempt read the ledger after sending, and no read failed: one whose last look could not be had
        says so, which is all that can be asked of it."""
        if any(problem.wording == "not-verified.last-look" for problem in ended.result.problems):
            return False
        posting_options = ended.attempt.posting_options
        is_whole = (
            ended.stop is None and posting_options.check_ledger and posting_options.verify and not ended.process.presses
        )
        return is_whole and not self.service.weather.failed_reads

    def _has_read_back(self, ended: Ended) -> bool:
        """Whether nothing kept it from seeing what is there, besides."""
        return self._has_ended_well(ended) and not self.conditions & BLINDING

    def _was_there_to_see(self, ended: Ended) -> bool:
        return self.service.ledger.changed_at + self.lag <= ended.process.began

    def _doubles(self, ended: Ended) -> Iterator[str]:
        for key, found in self._too_many().items():
            if self._must_report(ended, key, found) and not self._reports_double(ended, key, found):
                yield f"{ended.process.name} could see {[one.number for one in found]} and does not say so"

    def _must_report(self, ended: Ended, key: Hashable, found: Sequence[Booked]) -> bool:
        """What it could not see it has posted blindly: posted means seen."""
        if self.conditions & BLINDING and self._has_ended_well(ended):
            superfluous = sorted(found, key=lambda one: one.at)[self.wanted.times[key] :]
            return any(one.sender == ended.process.name and self._was_answered(one) for one in superfluous)
        return self._could_see(ended, key, found) or self._could_see_later(ended, key, found)

    def _could_see(self, ended: Ended, key: Hashable, found: Sequence[Booked]) -> bool:
        """Whether the attempt posted such a journal and all of them were shown when the last answer had come."""
        if not self._has_read_back(ended):
            return False
        until = self.service.last_post.get(ended.process.name, 0.0) - self.lag
        is_own = any(one.sender == ended.process.name for one in found)
        shown = [one for one in found if self.service.ledger.booked.get(one.number) is one]
        return is_own and sum(one.at <= until for one in shown) > self.wanted.times[key]

    def _could_see_later(self, ended: Ended, key: Hashable, found: Sequence[Booked]) -> bool:
        """Whether the attempt looked at the ledger when all of them were shown, and one that its store sent without an
        answer is among them: what settled that doubt was another one. A store that was put back knows of no doubt."""
        is_forgotten = Condition.STORE_RESTORED in self.conditions
        if is_forgotten or not self._has_read_back(ended) or not self._was_there_to_see(ended):
            return False
        store = {one.process.name for one in self.ended if one.store == ended.store} - {ended.process.name}
        is_own = any(one.sender in store and not self._was_answered(one) for one in found)
        of_journal = [document for document, journal in ended.pairs if self.wanted.content_of(journal) == key]
        is_posted = bool(of_journal) and all(document.status is Status.ALREADY_POSTED for document in of_journal)
        ledger = self.service.ledger
        shown = [one for one in found if ledger.booked.get(one.number) is one and ledger.shows(one.number)]
        is_double = sum(one.at + self.lag <= ended.process.began for one in shown) > self.wanted.times[key]
        return is_own and is_posted and is_double

    def _was_answered(self, one: Booked) -> bool:
        return one.number in self.service.answered

    def _reports_double(self, ended: Ended, key: Hashable, found: Sequence[Booked]) -> bool:
        """Whether a report says that a person must look at such a journal, at a time when it could know."""
        second = sorted(one.at for one in found)[self.wanted.times[key]]
        is_in_time = self.service.world.now >= second or any(one.sender == ended.process.name for one in found)
        return (
            is_in_time
            and ended.result.exit_code == A_PERSON_MUST_LOOK
            and any(
                document.status is Status.UNKNOWN
                or {problem.code for problem in problems_of(document, ended)} & DIFFERS
                for document, journal in ended.pairs
                if self.wanted.content_of(journal) == key
            )
        )

    def _false_alarms(self, ended: Ended) -> Iterator[str]:
        """`posted-twice` names two numbers at least, and all of them are, or were, such a journal."""
        ever = {(one.number, one.content) for one in self.service.ledger.history}
        for document, journal in ended.pairs:
            for problem in problems_of(document, ended):
                if problem.code == "posted-twice":
                    numbers = numbers_in(problem)
                    if len(numbers) < 2 or any((one, self.wanted.content_of(journal)) not in ever for one in numbers):
                        yield f"{ended.process.name} says that {document.key} is posted twice: {sorted(numbers)}"

    def _too_many(self) -> dict[Hashable, list[Booked]]:
        """Our journals of each content that the ledger has too often now."""
        ours, found = [*self.service.ledger.booked.values(), *self._known_in_another_book()], {}
        for key, times in self.wanted.times.items():
            equal = [one for one in ours if one.is_ours and one.content == key and not one.is_altered]
            if len(equal) > times:
                found[key] = equal
        return found

    def _known_in_another_book(self) -> Iterator[Booked]:
        """Those whose number was given to another one, and that a store knows: of others nothing is left to be seen."""
        if not self.service.ledger.replaced:
            return
        stores = {ended.store for ended in self.ended}
        kept = [one for store in stores for one in self.wanted.kept(store, self.service.installation)]
        known = {(one.number, one.content) for one in kept if one.state in CLAIMING}
        yield from (one for one in self.service.ledger.replaced if (one.number, one.content) in known)


def problems_of(document: Document, ended: Ended) -> list[Problem]:
    """What a report says of one journal."""
    own = (document.file, document.key)
    return [one for one in ended.result.problems if (one.place.file, one.document) == own]


def numbers_in(problem: Problem) -> set[int]:
    """The journal numbers that a problem names."""
    return {int(number) for fact in problem.facts.values() for number in re.findall(r"\d{4,}", str(fact))}
