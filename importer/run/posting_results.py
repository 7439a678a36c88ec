"""What became of each journal, in the words of the result; works on the result alone, without the workbook. Also what a
service's complaint about a line is about: the column and what it says, where the words are known (J-10)."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from importer.errors import ImporterError
from importer.model.journals import DIMENSION_FIELDS, Journal, Line, Side
from importer.model.postings import State, StoredJournal
from importer.model.problems import Place, Problem
from importer.model.results import CellsOfRow, Document, Result, Status, names_among
from importer.post.matching import ADDED, LOST, Difference
from importer.post.posting_state import MOST_DOUBTS, Posting, is_collateral
from importer.printable import as_argument
from importer.run.results import TEXT_FIELDS, texts_of
from importer.translations import Language, say, sentence_of

MOST_NUMBERS = 5
"""So many journal numbers stand in a sentence."""


def after_posting(
    result: Result,
    postings: Sequence[Posting],
    language: Language,
    *,
    verifies: bool,
    unlooked: ImporterError | None = None,
) -> Result:
    """The result with where each journal went, what the service said of it, and what the ledger made of it. `unlooked`
    is why the last look at the ledger could not be had. Never raises: money may have moved."""
    documents = list(result.documents)
    problems = list(result.problems)
    cells = dict(result.cells)
    letters = {(file.path, sheet.name): sheet.letters for file in result.files for sheet in file.sheets}
    name_of = names_among(result.documents)
    for posting in postings:
        for copy, position in enumerate(posting.positions):
            document = documents[position]
            ended = _ended(document, posting)
            columns = letters.get((document.file, document.sheet), {})
            if ended.status is Status.NOT_SENT and posting.twin_of is not None and not posting.blocked:
                found = [_held(document, posting.twin_of, name_of(document))]
            else:
                found = (
                    list(_problems(document, ended, posting, language, result.run, columns, verifies=verifies))
                    if copy == 0
                    else []
                )
            documents[position] = _as_copy(ended) if copy else ended
            problems += found
            cells |= _cells_around(found, posting.entry.journal, document, columns)
    if unlooked is not None:
        facts = {"reason": sentence_of(unlooked, language)}
        problems.append(Problem("not-verified", Place(""), wording="not-verified.last-look", facts=facts))
    return replace(result, documents=tuple(documents), problems=tuple(problems), cells=cells)


def _as_copy(document: Document) -> Document:
    """The same journal in a second workbook of the upload was sent once, for the first one."""
    return document.ended(Status.ALREADY_POSTED) if document.status is Status.POSTED else document


def _ended(document: Document, posting: Posting) -> Document:
    return replace(
        document,
        status=_status(posting),
        journal_number=None if posting.state is State.DROPPED else posting.journal_number,
        voucher_number=posting.voucher_number,
        attempts=posting.attempts,
        recovered=posting.recovered,
        is_declined=posting.is_declined and _status(posting) is Status.NOT_SENT,
        verified=False if posting.twins or posting.is_gone or posting.is_not_shown else posting.verified,
    )


def _status(posting: Posting) -> Status:
    match posting.state:
        case State.POSTED | State.GONE:
            return Status.ALREADY_POSTED if posting.was_posted else Status.POSTED
        case State.REFUSED if posting.sent_this_run:
            return Status.REFUSED
        case State.UNKNOWN | State.SENDING:
            return Status.UNKNOWN
        case _:
            return Status.NOT_SENT


def _held(document: Document, twin: StoredJournal, name: str) -> Problem:
    """It is the twin of an earlier journal, and a person decides."""
    place = Place(document.file, document.sheet, min(document.rows))
    wording = "posted" if twin.journal_number else "unknown"
    facts = {"run": twin.run, "number": twin.journal_number, "file": document.file, "name": name}
    return Problem("corrected-before", place, document.key, wording=f"corrected-before.{wording}", facts=facts)


def _problems(
    document: Document,
    ended: Document,
    posting: Posting,
    language: Language,
    run: str,
    letters: Mapping[str, str],
    *,
    verifies: bool,
) -> Iterator[Problem]:
    place = Place(document.file, document.sheet, min(document.rows))

    def of_journal(code: str, wording: str = "", **facts: str) -> Problem:
        return Problem(code, place, document.key, wording=wording or code, facts=facts)

    number = posting.journal_number or ""
    if posting.state is State.DROPPED:
        yield of_journal("dropped", reason=posting.known.dropped_because)
    match ended.status:
        case Status.REFUSED:
            yield from _refusals(document, posting, language, letters)
        case Status.UNKNOWN:
            yield _doubt(document, place, posting, language, run)
        case Status.NOT_SENT if posting.hidden_by is not None:
            account, hidden_day = posting.hidden_by
            shown_day = "" if hidden_day is None else hidden_day.isoformat()
            yield of_journal("look-incomplete", account=account, day=shown_day)
        case Status.NOT_SENT if posting.awaits_approval is not None and posting.state is not State.DROPPED:
            wording, facts_of = posting.awaits_approval
            yield of_journal("needs-approval", wording, **facts_of)
        case Status.POSTED | Status.ALREADY_POSTED:
            yield from _in_ledger(document, ended, posting, of_journal, verifies=verifies)
    if posting.twins:
        both = (int(number or 0), *posting.twins)
        yield of_journal("posted-twice", number=number, numbers=_listed(posting.twins), reverse=str(max(both)))
    elif posting.equals:
        yield of_journal("look-alike", "look-alike.equal", number=number, numbers=_listed(posting.equals))
    if posting.matched_truncated:
        yield of_journal("look-alike", "look-alike.cut", number=number)
    if posting.is_off_by_a_day:
        day = of_journal("posted-differently", "posted-differently.day", number=number)
        yield replace(day, softened=True)
    if posting.look_alikes:
        yield of_journal("look-alike", "look-alike.texts", numbers=_listed(posting.look_alikes))
    elif posting.same_lines:
        yield of_journal("look-alike", "look-alike.line", numbers=_listed(posting.same_lines))


def _in_ledger(
    document: Document, ended: Document, posting: Posting, of_journal: Callable[..., Problem], *, verifies: bool
) -> Iterator[Problem]:
    """What the ledger makes of a journal that was posted."""
    number = posting.journal_number or ""
    if posting.is_gone:
        yield of_journal("gone", number=number)
    elif posting.is_not_shown:
        yield of_journal("not-shown", number=number)
    elif posting.differences:
        yield from _differences(document, posting)
    elif posting.is_unread or (
        ended.status is Status.POSTED and posting.verified is None and verifies and not posting.cuts
    ):
        yield of_journal("not-verified", "not-verified.unread", number=number)
    if posting.reused is not None:
        yield of_journal("number-reused", number=number, other=posting.reused.key)
    if posting.was_posted and posting.has_other_details:
        yield of_journal("other-details", number=number)
    if not posting.was_posted or posting.matched_truncated:
        for one in posting.cuts:
            wording = f"texts-cut.{'one' if one.count == 1 else 'many'}"
            facts = {"heading": one.field, "length": str(one.length), "count": str(one.count)}
            yield of_journal("texts-cut", wording, **facts)


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:MOST_NUMBERS]))
    return f"{shown}, …" if len(numbers) > MOST_NUMBERS else shown


def _doubt(document: Document, place: Place, posting: Posting, language: Language, run: str) -> Problem:
    facts = {"key": as_argument(document.key), "current": run}
    if posting.shown_once is not None:
        wording, facts["number"] = "once", str(posting.shown_once)
    elif posting.ambiguous_matches:
        wording, facts["numbers"] = (
            ("held" if posting.was_looked_for else "held-unseen"),
            _listed(posting.ambiguous_matches),
        )
    elif posting.unknown_sends >= MOST_DOUBTS:
        wording = "twice"
    elif posting.is_time_uncertain:
        wording = "clocks"
    elif posting.sent_this_run or posting.reason is not None:
        wording = "sent"
        facts["reason"] = (
            say(language, "reason.died") if posting.reason is None else sentence_of(posting.reason, language)
        )
    else:
        wording, facts["run"] = "earlier", posting.known.run
    return Problem("outcome-unknown", place, document.key, wording=f"outcome-unknown.{wording}", facts=facts)


def _refusals(
    document: Document, posting: Posting, language: Language, letters: Mapping[str, str]
) -> Iterator[Problem]:
    """Each entry of `linesError` at its row by the request's line number (J-09), and in its column where its words are
    known; the same words twice are one problem."""
    place = Place(document.file, document.sheet, min(document.rows))
    lines = posting.entry.journal.lines
    faults = list(dict.fromkeys(posting.faults))
    has_cause = any(not is_collateral(message) for _, message in faults)
    if not faults:
        answer = posting.known.answer if posting.reason is None else sentence_of(posting.reason, language)
        yield Problem(
            "refused-document", place, document.key, wording="refused-document.plain", facts={"answer": answer}
        )
    for line, message in faults:
        if line is None or not 1 <= line <= len(lines):
            wording = "refused-document.plain" if line is None else "refused-document.numbered"
            facts = {"answer": message, "line": str(line)}
            yield Problem("refused-document", place, document.key, wording=wording, facts=facts)
            continue
        where = replace(place, row=lines[line - 1].row)
        if has_cause and is_collateral(message):
            code = "refused-with-others"
            yield Problem(code, where, document.key, wording=code, facts={"answer": message})
        else:
            yield _refused_line(message, lines[line - 1], where, document.key, letters)


def _refused_line(message: str, line: Line, place: Place, key: str, letters: Mapping[str, str]) -> Problem:
    complaint = understood(message, line)
    if complaint is None:
        return Problem("refused-line", place, key, wording="refused-line", facts={"answer": message})
    name, field, value, facts = complaint
    where = replace(place, column=letters.get(field), field=field)
    wording = f"{EXPLAINED}.{name}"
    return Problem("refused-line", where, key, value or None, None, wording, {**facts, "answer": message})


def _differences(document: Document, posting: Posting) -> Iterator[Problem]:
    """Every difference at the row of its line; a line that only the ledger has at the journal's first row."""
    lines = posting.entry.journal.lines
    code = "changed-since" if posting.was_posted else "posted-differently"
    for one in posting.differences:
        row = min(document.rows) if one.line is None else lines[one.line - 1].row
        place = Place(document.file, document.sheet, row)
        wording = one.field if one.field in (ADDED, LOST) else "field"
        facts = {"number": posting.journal_number or "", "key": document.key, **_difference_facts(one)}
        yield Problem(code, place, document.key, wording=f"{code}.{wording}", facts=facts)


def _difference_facts(one: Difference) -> Mapping[str, str]:
    if one.field in (ADDED, LOST):
        return {"sent": one.sent, "found": one.found}
    return {"heading": one.field, "sent": one.sent or "–", "found": one.found or "–"}


def _cells_around(
    problems: Iterable[Problem], journal: Journal, document: Document, letters: Mapping[str, str]
) -> dict[tuple[str, str, int], CellsOfRow]:
    """The cells of each row that a problem is about, as they were read; `letters` are the sheet's columns by field."""
    rows = {problem.place.row for problem in problems}
    return {
        (document.file, document.sheet, line.row): _cells_of(line, document, letters)
        for line in journal.lines
        if line.row in rows
    }


def _cells_of(line: Line, document: Document, letters: Mapping[str, str]) -> CellsOfRow:
    texts = {"journal": document.key, **dict(zip(TEXT_FIELDS, texts_of(line), strict=True))}
    texts["debit" if line.side is Side.DEBIT else "credit"] = texts["amount"]
    ordered = sorted(letters.items(), key=lambda item: (len(item[1]), item[1]))
    return tuple((field, column, texts[field]) for field, column in ordered if texts.get(field))


NOT_VERIFIED = "not-verified"
VERDICT = "posted-differently"

_Home = tuple[str, str | None, str | None]


def with_earlier_verdicts(result: Result, before: Result) -> Result:
    """A resumed run's result, in which the journals that could not be read back this time stand as the reading before
    left them (`before`): identical, or different with what differs."""
    unseen = {_home(one) for one in result.problems if one.code == "not-shown"}
    documents = list(result.documents)
    kept: set[_Home] = set()
    for position, (now, then) in enumerate(zip(result.documents, before.documents, strict=True)):
        home = (now.file, now.sheet, now.key)
        if home not in unseen and _was_verified_only_before(now, then):
            documents[position] = replace(now, verified=then.verified)
            kept.add(home)
    problems = [one for one in result.problems if not (one.code == NOT_VERIFIED and _home(one) in kept)]
    return replace(result, documents=tuple(documents), problems=(*problems, *_verdicts(before, kept)))


def _was_verified_only_before(now: Document, then: Document) -> bool:
    is_same = now.status is Status.POSTED and now.journal_number == then.journal_number
    return is_same and now.verified is None and then.verified is not None


def _verdicts(before: Result, kept: set[_Home]) -> Iterator[Problem]:
    return (one for one in before.problems if one.code == VERDICT and _home(one) in kept)


def _home(problem: Problem) -> _Home:
    return problem.place.file, problem.place.sheet, problem.document


EXPLAINED = "refused-line-explained"
"""Below it, in the catalogues, stand the sentences of complaints that are understood."""


class Complaint(NamedTuple):
    """A complaint that is understood: `name` is its sentence below `EXPLAINED`, `field` the column's wire name, `value`
    what the line has there."""

    name: str
    field: str
    value: str
    facts: Mapping[str, str]


_DIMENSION = r"(?P<dimension>[^()]+?)(?: \((?P<number>\d\d)\))?"
_PATTERNS = {
    "missing-dimension": rf"Analysis code for {_DIMENSION} must be entered(?: for (?:account|journal type) \S+)?",
    "prohibited-dimension": rf"Analysis code for {_DIMENSION} is prohibited(?: for account \S+)?",
    "unknown-dimension": rf"Unknown analysis code (?P<value>.+) for {_DIMENSION}",
    "closed-dimension": rf"Posting is prohibited with analysis code (?P<value>.+) of {_DIMENSION}",
    "no-account": r"Account record not found",
    "unknown-account": r"Unknown account code (?P<value>\S+)",
    "suspended-account": r"Account (?P<value>\S+) is suspended",
    "closed-account": r"Account (?P<value>\S+) is closed",
    "unknown-journal-type": r"Unknown journal type (?P<value>\S+)",
    "unknown-currency": r"Unknown currency code (?P<value>\S+)",
    "closed-period": r"Period (?P<value>\d+) is not open for posting(?: \(.*\))?",
}
_KNOWN = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _PATTERNS.items()}

_NUMBERS = {name.lower(): place for place, name in enumerate(DIMENSION_FIELDS)} | {"resource": 0, "sdaorgid": 5}
"""The services' own names of the dimensions (D-01)."""


def understood(message: str, line: Line) -> Complaint | None:
    """What a complaint about a line says, None where its words are not known, or speak of a value that the line does
    not have: the contract's own example does."""
    for name, pattern in _KNOWN.items():
        if found := pattern.fullmatch(message.strip().removesuffix(".")):
            named = found.groupdict()
            column = _column(name, named, line)
            if column is None or named.get("value") not in (None, column[1]):
                return None
            facts = {"account": line.account, "type": line.journal_type, "value": column[1]}
            if "dimension" in named:
                facts["dimension"] = column[0]
            return Complaint(name, *column, facts)
    return None


def _column(name: str, named: Mapping[str, str | None], line: Line) -> tuple[str, str] | None:
    """The field that a complaint is about, and what the line has in it."""
    if name.endswith("account"):
        return "account", line.account
    if name.endswith("dimension"):
        place = _place(named)
        return None if place is None else (DIMENSION_FIELDS[place], line.dimensions[place])
    of_line = {
        "unknown-journal-type": ("journalType", line.journal_type),
        "unknown-currency": ("currency", line.currency),
    }
    return of_line.get(name, ("period", line.period))


def _place(named: Mapping[str, str | None]) -> int | None:
    """The dimension (from 0) by its number, which stands behind the name, or by its name; None when the two differ."""
    by_name = _NUMBERS.get((named["dimension"] or "").strip().lower())
    if named["number"] is None:
        return by_name
    place = int(named["number"]) - 1
    is_one = 0 <= place < len(DIMENSION_FIELDS) and by_name in (None, place)
    return place if is_one else None
