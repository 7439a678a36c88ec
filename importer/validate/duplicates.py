"""Equal journals within one upload: in one workbook each is posted, told apart by its occurrence; in a second workbook
the same journal is posted once. Either way the later one is pointed at."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from importer.model.fingerprints import content_of
from importer.model.places import Place
from importer.model.problems import Problem
from importer.model.results import Document
from importer.validate.journals import Draft

Look = tuple[int, Decimal | None, str | None, str | None]


def with_duplicates_marked(drafts: Sequence[Draft]) -> list[Draft]:
    """The same drafts; each one equal to an earlier one has the warning `duplicate-document`."""
    first: dict[str, Draft] = {}
    marked = []
    looks = [(_look(draft.document), draft.accounts) for draft in drafts]
    times = Counter(looks)
    for draft, look in zip(drafts, looks, strict=True):
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
