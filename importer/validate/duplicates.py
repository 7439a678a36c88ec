"""Equal journals within one upload: in one workbook each is posted, told apart by its occurrence; in a second workbook
the same journal is posted once. Either way the later one is pointed at. A sheet that is a copy of another one is held
(importer/post/README.md, "Copied sheets")."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import combinations

from importer.model.journals import content_of
from importer.model.problems import Place, Problem, file_name, names_of
from importer.model.results import Document, names_among
from importer.model.workbook import Corrects
from importer.validate.journals import Draft

COPIED = "copied-sheet"

Look = tuple[int, Decimal | None, str | None, str | None]


def with_duplicates_marked(drafts: Sequence[Draft]) -> list[Draft]:
    """The same drafts; each one equal to an earlier one has the warning `duplicate-document`."""
    first: dict[str, Draft] = {}
    marked = []
    looks = [_look(draft.document) for draft in drafts]
    alike = Counter(looks)
    # Most are told apart before their accounts are gathered.
    closer = [(look, draft.accounts) if alike[look] > 1 else look for look, draft in zip(looks, drafts, strict=True)]
    times = Counter(closer)
    for draft, look in zip(drafts, closer, strict=True):
        if draft.is_to_post and times[look] > 1 and draft.journal is not None:
            earlier = first.setdefault(content_of(draft.journal), draft)
            if earlier is not draft:
                marked.append(draft.with_problems([_equal(draft, earlier)]))
                continue
        marked.append(draft)
    return marked


def _look(document: Document) -> Look:
    """What equal journals have in common, told at once; the exact content, which takes building the journal, is
    compared only where this and the accounts are equal."""
    return (len(document.rows), document.debit, document.currency, document.period)


def _equal(draft: Draft, earlier: Draft) -> Problem:
    document = draft.document
    place = Place(document.file, document.sheet, min(document.rows))
    facts = {"other": earlier.document.key, "row": str(min(earlier.document.rows)), "file": earlier.document.file}
    wording = "twice" if document.file == earlier.document.file else "copy"
    if wording == "twice" and document.sheet != earlier.document.sheet:
        wording, facts = "twice-elsewhere", facts | {"sheet": earlier.document.sheet}
    return Problem("duplicate-document", place, document.key, None, None, f"duplicate-document.{wording}", facts)


def with_copied_sheets_held(
    drafts: Sequence[Draft], released: Collection[str] = (), corrects: Mapping[str, Corrects] | None = None
) -> list[Draft]:
    """The same drafts; of sheets that are copies of each other (Excel's "Move or copy", hidden ones too) a journal that
    stands on both is sent from the first one, and of one that differs neither is sent. `released` are names (as
    `names_of` gives them) of journals that a person wants sent all the same; a name that several have releases none.

    A sheet is a copy when at least half of the smaller sheet's journals stand on the other with equal key and content.
    Of a sheet that was copied into another workbook only the journals that differ are held: an equal one is posted once
    in any case. `corrects` (by path) tells of corrections workbooks what they correct: two that correct one workbook,
    or such a one and that workbook, have the same journals, however few of them are equal.
    """
    found = _held_copies(drafts, corrects or {})
    names = {place: names_of(one.key, one.file, one.sheet) for place, one in _documents(drafts, found)}
    times = Counter(name for of_one in names.values() for name in of_one)
    held = list(drafts)
    for place, problem in found.items():
        name = next((name for name in released if name in names[place] and times[name] == 1), None)
        draft = drafts[place]
        held[place] = draft.with_problems([problem]) if name is None else replace(draft, released_as=name)
    return held


def _documents(drafts: Sequence[Draft], places: Collection[int]) -> Iterator[tuple[int, Document]]:
    return ((place, drafts[place].document) for place in places)


def _held_copies(drafts: Sequence[Draft], corrects: Mapping[str, Corrects]) -> dict[int, Problem]:
    """By the draft's place what keeps it from being sent as a copy."""
    sheets: dict[tuple[str, str], dict[str, int]] = {}
    for place, draft in enumerate(drafts):
        document = draft.document
        sheets.setdefault((document.file, document.sheet), {})[_key_on_sheet(draft)] = place
    held: dict[int, Problem] = {}
    content = cache(lambda place: _content(drafts[place]))
    name_of = names_among([draft.document for draft in drafts]) if len(sheets) > 1 else None
    for (this, ours), (other, theirs) in combinations(sheets.items(), 2):
        pairs = [(place, theirs[key]) for key, place in ours.items() if key in theirs]
        if pairs and name_of is not None and this[1] == other[1] and _are_of_one_source(this[0], other[0], corrects):
            for pair in pairs:
                if all(drafts[place].is_to_post for place in pair) and not _are_equal(drafts, pair, content):
                    for one, another in (pair, pair[::-1]):
                        held.setdefault(one, _copied(drafts[one], drafts[another], "corrected", name_of))
            continue
        if name_of is None or 2 * len(pairs) < min(len(ours), len(theirs)):
            continue
        equal = {pair for pair in pairs if _are_equal(drafts, pair, content)}
        if 2 * len(equal) < min(len(ours), len(theirs)) or not equal:
            continue
        is_one_workbook = this[0] == other[0]
        for first, second in pairs:
            if (first, second) not in equal:
                for one, another in ((first, second), (second, first)):
                    held.setdefault(one, _copied(drafts[one], drafts[another], "differs", name_of))
            elif is_one_workbook:
                held.setdefault(second, _copied(drafts[second], drafts[first], "equal", name_of))
    return {place: problem for place, problem in held.items() if drafts[place].is_to_post}


def _are_of_one_source(path: str, other: str, corrects: Mapping[str, Corrects]) -> bool:
    """Whether both workbooks correct one, or one of them the other."""
    ours, theirs = corrects.get(path), corrects.get(other)
    if ours is not None and theirs is not None and (ours.run, ours.file) == (theirs.run, theirs.file):
        return True
    of_ours = (ours.file, ours.first) if ours is not None else ()
    of_theirs = (theirs.file, theirs.first) if theirs is not None else ()
    return file_name(other) in of_ours or file_name(path) in of_theirs


def _key_on_sheet(draft: Draft) -> str:
    """A sheet without keys is one journal, named like the sheet: its copy has another name."""
    document = draft.document
    has_keys = any(draft.sheet.columns.get("journal") or ())
    return document.key if has_keys else ""


def _are_equal(drafts: Sequence[Draft], pair: tuple[int, int], content: Callable[[int], object]) -> bool:
    first, second = (drafts[place] for place in pair)
    if first.is_to_post != second.is_to_post or _look(first.document) != _look(second.document):
        return False
    return first.accounts == second.accounts and content(pair[0]) == content(pair[1])


def _content(draft: Draft) -> object:
    """What is equal for a journal and its copy: of one that is not to be posted the cells, of which some are wrong."""
    if draft.journal is not None:
        return content_of(draft.journal)
    if draft.group is None:
        return None
    pick = draft.group.pick
    return sorted((name, tuple(pick(cells))) for name, cells in draft.sheet.columns.items() if any(cells))


def _copied(draft: Draft, other: Draft, wording: str, name_of: Callable[[Document], str]) -> Problem:
    document, theirs = draft.document, other.document
    place = Place(document.file, document.sheet, min(document.rows))
    facts: Mapping[str, str] = {
        "sheet": document.sheet,
        "other": theirs.sheet,
        "file": document.file,
        "key": document.key,
        "name": name_of(document),
    }
    if document.file != theirs.file:
        wording, facts = f"{wording}-elsewhere", {**facts, "where": theirs.file}
    return Problem(COPIED, place, document.key, wording=f"{COPIED}.{wording}", facts=facts)
