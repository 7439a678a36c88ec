"""What `importer map` asks: which field a heading is, where a field comes from, how it is written, and which codes
stand for values that the company does not know."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from importer.cli.language import words
from importer.cli.output import chosen, typed
from importer.errors import ImporterError
from importer.settings import Settings
from importer.translations import Language, has_text, say

if TYPE_CHECKING:
    from importer.read.mapping_draft import MappingDraft, Question
    from importer.read.mappings import SheetMapping

_WAYS = {
    "=": "constant",
    "right of": "right",
    "below": "below",
    "month of transDateTime": "month",
    "nowhere": "nowhere",
}
_UNKNOWN = frozenset("unknown-account unknown-dimension unknown-journal-type unknown-currency".split())

Unknown = tuple[str, str, str | None]
"""Field, value, and the nearest code of what the company's lists do not know."""


def held_against_company(
    file: Path, mapping: "SheetMapping", settings: Settings
) -> tuple[Sequence[Unknown], Sequence[str]]:
    """What the company's lists do not know of a file under a mapping, and the dimensions that its accounts require and
    no column has; nothing without a connection."""
    if not settings.is_connectable:
        return (), ()
    from importer.read.mapping_search import MappingsAtHand
    from importer.read.workbooks import read_workbook
    from importer.run.company import check_against_company, service
    from importer.run.drafts import drafts_in
    from importer.templates.forms import FORMS

    years = settings.last_period, settings.first_month
    workbook = read_workbook(file, FORMS, mappings=MappingsAtHand([mapping], mapping, {}, *years))
    try:
        with service(settings) as session:
            drafts, _ = check_against_company(drafts_in([workbook], settings), session, settings)
    except ImporterError:
        return (), ()
    found: dict[tuple[str, str], str | None] = {}
    required: dict[str, None] = {}
    for problem in (one for draft in drafts for one in draft.problems):
        field, value = problem.place.field, problem.value
        is_long = problem.code == "too-long" and field in ("journalType", "currency", "account")
        if field and value and (is_long or problem.code in _UNKNOWN):
            found.setdefault((field, value), problem.suggestion)
        elif field and problem.code == "missing-dimension":
            required.setdefault(field)
    lacking = [name for name in required if name not in {*mapping.headings, *mapping.constants, *mapping.cells}]
    return [(name, text, suggestion) for (name, text), suggestion in found.items()], lacking


def ask_open(draft: "MappingDraft", language: Language) -> None:
    """Asks in `language` until nothing is open, and tells the draft the answers; a question whose answer leaves it open
    is not asked again. Raises click.Abort as `typed` does."""
    skipped = set[tuple[str, str]]()
    while (one := next((one for one in draft.questions() if (one.subject, one.kind) not in skipped), None)) is not None:
        _ask(draft, one, language)
        if one in list(draft.questions()):
            skipped.add((one.subject, one.kind))


def _ask(draft: "MappingDraft", question: "Question", language: Language) -> None:
    from importer.report.sentences import column_label

    samples = ", ".join(question.samples)
    if question.kind == "field":
        label = column_label(question.subject, language)
        _ask_source(draft, question.subject, question.options, language, words("map-ask.field", field=label))
    elif question.kind == "gone":
        facts = {"field": column_label(question.subject, language), "heading": in_one_line(samples)}
        about = words("map-ask.gone", **facts)
        if not _ask_source(draft, question.subject, question.options, language, about, is_optional=True):
            draft.gone.pop(question.subject)
    elif question.kind == "heading":
        shown = [column_label(name, language) for name in question.options]
        facts = {"heading": in_one_line(question.subject), "samples": samples}
        position = _choose(words("map-ask.heading", **facts), [*shown, words("map-ask.not-read")], language)
        if position < len(shown):
            draft.set_source(question.options[position], question.subject)
        else:
            draft.leave_out(question.subject)
    elif question.kind == "note":
        scales = question.options[1:]
        shown = [words("map-ask.as-it-is"), *(words(f"map-ask.scale-{one}") for one in scales)]
        shown.append(words("map-ask.other-amounts"))
        position = _choose(words("map-ask.note", text=question.subject), shown, language)
        if position == 0:
            draft.tree.setdefault("notes", []).append(question.subject)
        elif position <= len(scales):
            draft.tree["scale"] = int(scales[position - 1])
    else:
        about = words(f"map-ask.{question.kind}", samples=samples, heading=in_one_line(question.subject))
        shown = [_option_words(one, language) for one in question.options]
        draft.tree[question.kind] = question.options[_choose(about, shown, language)]


def ask_required(draft: "MappingDraft", name: str, language: Language) -> None:
    """Asks where a dimension comes from that the company requires and no column has; it may come from nowhere."""
    from importer.report.sentences import column_label

    about = words("map-ask.required", field=column_label(name, language))
    _ask_source(draft, name, list(draft.labelled(name)), language, about, is_optional=True)


def _ask_source(
    draft: "MappingDraft",
    name: str,
    labelled: Sequence[str],
    language: Language,
    about: str,
    *,
    is_optional: bool = False,
) -> bool:
    """Where a field comes from: a column, one value for all rows, a cell beside a label, the date; False where it is
    optional and comes from nowhere."""
    from importer.read.mappings import NEVER_CONSTANT, NO_CELLS
    from importer.report.sentences import column_label

    headings = draft.heading_texts
    further = [
        *(("=",) if name not in NEVER_CONSTANT else ()),
        *(("right of", "below") if name not in NO_CELLS else ()),
        *(("month of transDateTime",) if name == "period" and "transDateTime" in draft.tree["headings"] else ()),
        *(("nowhere",) if is_optional else ()),
    ]
    cells = [words("map-ask.labelled", label=one.removeprefix("right of ")) for one in labelled]
    shown = [*cells, *map(in_one_line, headings), *(words(f"map-ask.{_WAYS[way]}") for way in further)]
    position = _choose(about, shown, language)
    source = [*labelled, *headings, *further][position]
    is_heading = len(labelled) <= position < len(labelled) + len(headings)
    if is_heading:  # whatever it looks like
        draft.tree["headings"][name] = source
        draft.leave_out(source)
        return True
    if source == "nowhere":
        return False
    if source == "=":
        source += _text(words("map-ask.which-value", field=column_label(name, language)))
    elif source in ("right of", "below"):
        source += " " + _text(words("map-ask.which-label"))
    draft.set_source(name, source)
    return True


def _choose(about: str, shown: Sequence[str], language: Language) -> int:
    """The position of the answer; the person types its number."""
    while (position := chosen(about, shown, language)) is None:
        pass
    return position


def _text(question: str) -> str:
    while not (answer := typed(question)):
        pass
    return answer


def ask_value(draft: "MappingDraft", name: str, text: str) -> bool:
    """Asks for the code that stands for a text of a field, or in place of an unknown code that does; False for none,
    which leaves it as it is."""
    if answer := typed(words("map-ask.code")):
        values = draft.tree["values"].setdefault(name, {})
        texts = [one for one, code in values.items() if code == text] or [text]
        values.update(dict.fromkeys(texts, answer))
    return bool(answer)


def in_one_line(heading: str) -> str:
    """A heading as it is shown; in a cell it may have several lines."""
    return " ".join(heading.split())


def _option_words(option: str, language: Language) -> str:
    """An option with what it means, where the catalogue has words for it."""
    key = f"map-option.{option.replace(' ', '-').replace('/', '-').lower()}"
    return f"{option}  ({say(language, key)})" if has_text(language, key) else option
