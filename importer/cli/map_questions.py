"""What `importer map` asks on a terminal: which field a heading is, where a field comes from, how it is written."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from importer.cli.language import words
from importer.cli.output import chosen, typed
from importer.translations import Language, has_text, say

if TYPE_CHECKING:
    from importer.read.mapping_draft import MappingDraft, Question

_WAYS = {"=": "constant", "right of": "right", "below": "below", "month of transDateTime": "month"}


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
        _ask_source(draft, question.subject, question.options, language)
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


def _ask_source(draft: "MappingDraft", name: str, labelled: Sequence[str], language: Language) -> None:
    """Where a required field comes from: a column, one value for all rows, a cell beside a label, the date."""
    from importer.read.mappings import NEVER_CONSTANT, NO_CELLS
    from importer.report.sentences import column_label

    label = column_label(name, language)
    headings = draft.heading_texts
    further = [
        *(("=",) if name not in NEVER_CONSTANT else ()),
        *(("right of", "below") if name not in NO_CELLS else ()),
        *(("month of transDateTime",) if name == "period" and "transDateTime" in draft.tree["headings"] else ()),
    ]
    cells = [words("map-ask.labelled", label=one.removeprefix("right of ")) for one in labelled]
    shown = [*cells, *map(in_one_line, headings), *(words(f"map-ask.{_WAYS[way]}") for way in further)]
    source = [*labelled, *headings, *further][_choose(words("map-ask.field", field=label), shown, language)]
    if source == "=":
        source += _text(words("map-ask.which-value", field=label))
    elif source in ("right of", "below"):
        source += " " + _text(words("map-ask.which-label"))
    if source in headings:  # whatever it looks like
        draft.tree["headings"][name] = source
        draft.leave_out(source)
    else:
        draft.set_source(name, source)


def _choose(about: str, shown: Sequence[str], language: Language) -> int:
    """The position of the answer; the person types its number."""
    while (position := chosen(about, shown, language)) is None:
        pass
    return position


def _text(question: str) -> str:
    while not (answer := typed(question)):
        pass
    return answer


def ask_value(draft: "MappingDraft", name: str, text: str) -> None:
    """Asks for the code that stands for a text of a field; none leaves it as it is."""
    if answer := typed(words("map-ask.code")):
        draft.tree["values"].setdefault(name, {})[text] = answer


def in_one_line(heading: str) -> str:
    """A heading as it is shown; in a cell it may have several lines."""
    return " ".join(heading.split())


def _option_words(option: str, language: Language) -> str:
    """An option with what it means, where the catalogue has words for it."""
    key = f"map-option.{option.replace(' ', '-').replace('/', '-').lower()}"
    return f"{option}  ({say(language, key)})" if has_text(language, key) else option
