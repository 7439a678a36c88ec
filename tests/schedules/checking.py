"""The checker: what the stores and the reports say, held against the ledger as it is and as it will be."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from importer.model.journals import Journal, content_of
from importer.model.results import Status
from importer.services.sunplusxtra.journals import journal_payload
from tests.postgres import rows_in
from tests.schedules.ledger import content
from tests.schedules.persons import Ended
from tests.schedules.service import NEVER_TAKEN, Service

MOST_SENDINGS = 2
IN_DOUBT = ("sending", "unknown")
CLAIMING = ("posted", "gone")
DIFFERS = frozenset({"not-shown", "gone", "changed-since", "number-reused", "posted-twice", "posted-differently"})
"""Problem codes of journals that the ledger does not hold as posted: each makes the exit code 4."""


@dataclass(frozen=True)
class Kept:
    """A journal as a store has it; `content` as the ledger's."""

    store: str
    state: str
    number: int | None
    unknown_sends: int
    content: Hashable


def wire_content(journal: Journal) -> Hashable:
    """A journal's content, told by the request that posts it: independent of the program's own notion of equality."""
    return content(request_lines(journal))


def request_lines(journal: Journal) -> list[dict[str, Any]]:
    """The lines of the request that posts a journal."""
    body = msgspec.json.decode(msgspec.json.encode(journal_payload(journal.lines)))
    lines: list[dict[str, Any]] = body["requestPolicyDetails"]
    return lines


class Wanted:
    """The journals that people want in the ledger, by content. `never_taken` are those that its rules refuse; those of
    `was_refused` a store has called refused at some moment, so that they were sent anew."""

    def __init__(self, workbooks: Sequence[Sequence[Journal]]) -> None:
        self.times: Counter[Hashable] = Counter()
        self._contents: dict[str, Hashable] = {}
        self.never_taken: set[Hashable] = set()
        self.was_refused: set[Hashable] = set()
        for journals in workbooks:
            self.times |= Counter(map(self.content_of, journals))

    def content_of(self, journal: Journal) -> Hashable:
        """A journal's content as the ledger's."""
        text = content_of(journal)
        if text not in self._contents:
            self._contents[text] = wire_content(journal)
            if journal.lines[0].reference.startswith(NEVER_TAKEN):
                self.never_taken.add(self._contents[text])
        return self._contents[text]

    def kept(self, store: str, installation: str = "") -> list[Kept]:
        """What a store holds of one ledger's journals."""
        rows = rows_in(
            store,
            "SELECT state, journal_number, doubts - (SELECT COUNT(*) FROM decisions WHERE journal = journals.id"
            " AND decision = 'send'), content FROM journals WHERE installation = ?",
            (installation,),
        )
        return [
            Kept(store, state, None if number is None else int(number), unknown_sends, self._contents[text])
            for state, number, unknown_sends, text in rows
        ]


def ledger_faults(
    service: Service, wanted: Wanted, stores: Sequence[str], *, allows_doubles: bool, may_forget: bool
) -> Iterator[str]:
    """What must be true at every moment, also of journals that land later. `may_forget`: a store was put back."""
    kept = [one for store in stores for one in wanted.kept(store, service.installation)]
    claimed: defaultdict[Hashable, set[int]] = defaultdict(set)
    in_doubt: Counter[Hashable] = Counter()
    for one in kept:
        in_doubt[one.content] += one.state in IN_DOUBT
        if one.state == "refused":
            wanted.was_refused.add(one.content)
        if one.unknown_sends > MOST_SENDINGS:
            yield f"a journal has been in doubt {one.unknown_sends} times"
        if one.state in CLAIMING:
            claimed[one.content].add(one.number or 0)
            was_there = any(
                ever.number == one.number and ever.content == one.content and ever.at <= service.world.now
                for ever in service.ledger.history
                if not ever.is_altered
            )
            if not was_there:
                yield f"a journal is called posted as {one.number}, and is not there"
    ours = Counter(one.content for one in service.ledger.booked.values() if one.is_ours)
    for key, times in ours.items():
        numbers = [n for n, one in service.ledger.booked.items() if one.is_ours and one.content == key]
        if times > wanted.times[key] and not allows_doubles:
            yield f"posted {times} times, wanted {wanted.times[key]} times: {numbers}"
        if times > len(claimed[key]) + in_doubt[key] and not (allows_doubles or may_forget):
            yield f"in the ledger, and nobody knows or doubts it: {numbers}, known {claimed[key]}"
    yield from service.malformed


def report_faults(ended: Ended, wanted: Wanted, service: Service) -> Iterator[str]:
    """What a report must say."""
    rows_in_doubt = {problem.document for problem in ended.result.problems if problem.code == "outcome-unknown"}
    gone = {problem.document for problem in ended.result.problems if problem.code in DIFFERS}
    numbers: set[int] = set()
    for document, journal in ended.pairs:
        number = int(document.journal_number or 0)
        match document.status:
            case Status.POSTED | Status.ALREADY_POSTED:
                found = service.ledger.booked.get(number)
                if found is None or found.content != wanted.content_of(journal) or found.at > service.world.now:
                    yield f"{document.key} is reported as {number}, and is not there"
                if document.key in gone:
                    continue
                if number in numbers:
                    yield f"{document.key} is reported as {number}, and so is another one"
                numbers.add(number)
            case Status.UNKNOWN if document.key not in rows_in_doubt:
                yield f"{document.key} is unknown, and nobody says so"
            case Status.READY:
                yield f"{document.key} is still ready at the end"


def concealments(ended: Ended, wanted: Wanted, service: Service) -> Iterator[str]:
    """What somebody who posts alone is not told: each journal that is in the ledger, or will be, must be reported as
    posted or as unknown."""
    told = (Status.POSTED, Status.ALREADY_POSTED, Status.UNKNOWN)
    reported = Counter(wanted.content_of(journal) for document, journal in ended.pairs if document.status in told)
    ours = Counter(one.content for one in service.ledger.booked.values() if one.is_ours)
    for key, times in ours.items():
        if times > reported[key]:
            yield f"in the ledger {times} times, reported {reported[key]} times"


def final_faults(service: Service, wanted: Wanted, stores: Sequence[str], *, was_looked_for: bool) -> Iterator[str]:
    """What must be true when all faults have stopped and people have finished: everything is posted or refused. Without
    looks before sending (`was_looked_for`) a journal may stay unknown that people have seen in the ledger."""
    complete = set() if was_looked_for else {key for key, lacking in missing(service, wanted).items() if lacking <= 0}
    left = altered(service) | complete
    for store in stores:
        kept = wanted.kept(store, service.installation)
        for key, times in wanted.times.items():
            states = Counter(one.state for one in kept if one.content == key)
            # What the ledger never takes is posted only when somebody else has posted the very same.
            is_over = states["posted"] + states["refused"] * (key in wanted.never_taken)
            if is_over + states["unknown"] * (key in left) != times:
                yield f"in the end {dict(states)}, wanted {times} times"
    for key, times in service.doubtful.items():
        if key not in wanted.was_refused and times > MOST_SENDINGS * wanted.times[key] * len(stores):
            yield f"sent in doubt {times} times, wanted {wanted.times[key]} times"
    yield from imbalances(service)


def altered(service: Service) -> set[Hashable]:
    """The contents that the ledger has, under other texts: they stay unknown, since a person must look."""
    return {one.content for one in service.ledger.booked.values() if one.is_altered}


def missing(service: Service, wanted: Wanted) -> Counter[Hashable]:
    """How often the ledger still lacks each content."""
    known = [*service.ledger.booked.values(), *service.ledger.replaced]
    booked = Counter(one.content for one in known if one.is_ours)
    return Counter({key: times - booked[key] for key, times in wanted.times.items()})


def sent_after_a_good_answer(service: Service, wanted: Wanted, senders: Mapping[str, str]) -> Iterator[str]:
    """Nothing that got a good answer is sent again by itself. `senders` has the store of each process that came to its
    end, without those in which a person said so."""
    accepted: defaultdict[str, Counter[Hashable]] = defaultdict(Counter)
    for process, store in senders.items():
        accepted[store] += service.accepted[process]
    for store, contents in accepted.items():
        for key, times in contents.items():
            if times > wanted.times[key]:
                yield f"got {times} good answers, wanted {wanted.times[key]} ({store})"


def left_behind(ended: Ended, wanted: Wanted, service: Service) -> Iterator[str]:
    """At the end, where a store's last report is all that people know: nothing is left without a reason. A ledger that
    does not show any more what was posted last is one: a person must look."""
    if ended.stop is not None:
        if ended.stop.key == "ledger-behind" and not service.ledger.shows(int(str(ended.stop.facts["number"]))):
            return
        if ended.stop.key == "older-unseen" and not service.ledger.shows(int(str(ended.stop.facts["older"]))):
            return
        yield f"the last run stops: {ended.stop!r}"
    of_journal = {(problem.place.file, problem.document) for problem in ended.result.problems}
    for document, journal in ended.pairs:
        if wanted.content_of(journal) in wanted.never_taken:
            continue
        if document.status is Status.NOT_SENT and (document.file, document.key) not in of_journal:
            yield f"{document.key} is not sent in the end, and nobody says why"


def imbalances(service: Service) -> Iterator[str]:
    """Debits equal credits in all that is ours."""
    sides: Mapping[str, int] = {"D": -1, "C": 1}
    ours = [one for one in service.ledger.booked.values() if one.is_ours]
    total = sum(Decimal(line["amount"]) * sides[line["transaction"]] for one in ours for line in one.lines)
    if total:
        yield f"debits and credits differ by {total}"
